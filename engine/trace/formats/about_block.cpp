#include "engine/trace/formats/about_block.h"

namespace lightcone::trace::formats {

namespace {

/// Every part of the block carries its number and size, so that a reader can skip what it does not
/// know. Numbers are never used again for something else.
enum class Part : std::uint8_t {
    Shapes = 1,
    Id,
    Title,
    Family,
    Summary,
    Source,
    Role,
    Layout,
    Parameter,
    Request,
    Invariant,
    Mistake,
    Timer,
    State,
    Message,
    RequestShape,
    Reply,
    Write,
    Member,
    Client,
    Parameters,
    Seed,
    Scenario,
    Origin,
};

class AboutWriter
{
public:
    explicit AboutWriter(describe::ShapeTable& shapes)
        : m_shapes(&shapes)
    {
    }

    void text(Part part, BytesView bytes)
    {
        ByteWriter writer(written);
        writer.varint(static_cast<std::uint64_t>(part));
        writer.text(bytes);
    }

    /// A part of several fields.
    template <class Fill>
    void record(Part part, Fill fill)
    {
        Bytes fields;
        ByteWriter writer(fields);
        fill(writer);
        text(part, fields);
    }

    void shape(Part part, const describe::ShapePtr& shape)
    {
        if (shape) {
            record(part, [&](ByteWriter& writer) { writer.varint(m_shapes->add(shape)); });
        }
    }

    /// 0, or the type's number plus one and the value's bytes to the end of the part.
    void value(ByteWriter& writer, const describe::Value& value)
    {
        writer.varint(value.exists() ? m_shapes->add(value.shape()) + 1 : 0);
        if (value.exists()) {
            Bytes bytes;
            describe::encode(value, bytes);
            writer.raw(bytes);
        }
    }

    Bytes written;

private:
    describe::ShapeTable* m_shapes;
};

void writeCard(AboutWriter& out, const node::Card& card)
{
    out.text(Part::Id, card.id);
    out.text(Part::Title, card.title);
    out.text(Part::Family, card.family);
    out.text(Part::Summary, card.summary);
    for (const auto& source : card.sources) {
        out.text(Part::Source, source);
    }
    const auto texts = [](std::initializer_list<BytesView> all) {
        return [all](ByteWriter& writer) {
            for (const auto each : all) {
                writer.text(each);
            }
        };
    };
    for (const auto& role : card.roles) {
        out.record(Part::Role, texts({role.name, role.text}));
    }
    out.record(Part::Layout,
               [&](ByteWriter& writer) { writer.byte(static_cast<std::uint8_t>(card.layout)); });
    for (const auto& parameter : card.parameters) {
        out.record(Part::Parameter, [&](ByteWriter& writer) {
            writer.text(parameter.name);
            writer.text(parameter.text);
            out.value(writer, parameter.byDefault);
        });
    }
    for (const auto& request : card.requests) {
        out.record(Part::Request, [&](ByteWriter& writer) {
            writer.text(request.name);
            writer.text(request.text);
            writer.text(request.sample);
            writer.byte(request.readOnly ? 1 : 0);
            out.value(writer, request.byDefault);
        });
    }
    for (const auto& invariant : card.invariants) {
        out.record(Part::Invariant, texts({invariant.name, invariant.text, invariant.source}));
    }
    for (const auto& mistake : card.mistakes) {
        out.record(Part::Mistake, texts({mistake.name, mistake.text, mistake.caughtBy}));
    }
    for (const auto& timer : card.timers) {
        out.text(Part::Timer, timer);
    }
    out.shape(Part::State, card.state);
    out.shape(Part::Message, card.message);
    out.shape(Part::RequestShape, card.request);
    out.shape(Part::Reply, card.reply);
    out.shape(Part::Write, card.write);
}

void writeRun(AboutWriter& out, const About& about)
{
    for (const auto& member : about.members) {
        out.record(Part::Member, [&](ByteWriter& writer) {
            writer.varint(member.id.value);
            writer.text(member.name);
            writer.text(member.role);
            writer.varint(member.tier);
            writer.byte(
                static_cast<std::uint8_t>((member.takesRequests ? 1 : 0) | (member.spare ? 2 : 0)));
        });
    }
    for (const auto& client : about.clients) {
        out.text(Part::Client, client);
    }
    out.record(Part::Parameters, [&](ByteWriter& writer) { out.value(writer, about.parameters); });
    out.record(Part::Seed, [&](ByteWriter& writer) { writer.fixed64(about.seed); });
    out.text(Part::Scenario, about.scenario);
    out.text(Part::Origin, about.origin);
}

class AboutReader
{
public:
    ReadAbout whole;

    /// False when the part is damaged.
    bool take(std::uint64_t part, BytesView bytes)
    {
        ByteReader reader(bytes);
        takeText(part, bytes);
        takeCard(part, reader);
        takeRun(part, reader);
        return reader.ok() && m_ok;
    }

private:
    void takeText(std::uint64_t part, BytesView bytes)
    {
        auto& card = whole.about.card;
        switch (static_cast<Part>(part)) {
        case Part::Shapes: {
            auto shapes = describe::ShapeTable::decode(bytes);
            m_ok = m_ok && shapes.has_value();
            if (shapes) {
                whole.shapes = std::move(*shapes);
            }
            break;
        }
        case Part::Id:
            card.id = bytes;
            break;
        case Part::Title:
            card.title = bytes;
            break;
        case Part::Family:
            card.family = bytes;
            break;
        case Part::Summary:
            card.summary = bytes;
            break;
        case Part::Source:
            card.sources.emplace_back(bytes);
            break;
        case Part::Timer:
            card.timers.emplace_back(bytes);
            break;
        case Part::Client:
            whole.about.clients.emplace_back(bytes);
            break;
        case Part::Scenario:
            whole.about.scenario = bytes;
            break;
        case Part::Origin:
            whole.about.origin = bytes;
            break;
        default:
            break;
        }
    }

    void takeCard(std::uint64_t part, ByteReader& reader)
    {
        auto& card = whole.about.card;
        const auto text = [&] { return std::string(reader.text()); };
        switch (static_cast<Part>(part)) {
        case Part::Role: {
            auto name = text();
            card.roles.push_back({std::move(name), text()});
            break;
        }
        case Part::Layout: {
            const auto layout = reader.byte();
            const auto last = static_cast<std::uint8_t>(node::Layout::Tiers);
            card.layout = layout <= last ? static_cast<node::Layout>(layout) : node::Layout::Ring;
            break;
        }
        case Part::Parameter: {
            node::ParameterCard parameter;
            parameter.name = text();
            parameter.text = text();
            parameter.byDefault = value(reader);
            card.parameters.push_back(std::move(parameter));
            break;
        }
        case Part::Request: {
            node::RequestCard request;
            request.name = text();
            request.text = text();
            request.sample = text();
            request.readOnly = (reader.byte() & 1) != 0;
            request.byDefault = value(reader);
            card.requests.push_back(std::move(request));
            break;
        }
        case Part::Invariant: {
            node::InvariantCard invariant;
            invariant.name = text();
            invariant.text = text();
            invariant.source = text();
            card.invariants.push_back(std::move(invariant));
            break;
        }
        case Part::Mistake: {
            node::MistakeCard mistake;
            mistake.name = text();
            mistake.text = text();
            mistake.caughtBy = text();
            card.mistakes.push_back(std::move(mistake));
            break;
        }
        case Part::State:
            card.state = shape(reader);
            break;
        case Part::Message:
            card.message = shape(reader);
            break;
        case Part::RequestShape:
            card.request = shape(reader);
            break;
        case Part::Reply:
            card.reply = shape(reader);
            break;
        case Part::Write:
            card.write = shape(reader);
            break;
        default:
            break;
        }
    }

    void takeRun(std::uint64_t part, ByteReader& reader)
    {
        auto& about = whole.about;
        switch (static_cast<Part>(part)) {
        case Part::Member: {
            node::Member member;
            const auto id = reader.varint();
            member.name = reader.text();
            member.role = reader.text();
            member.tier = static_cast<std::uint32_t>(reader.varint());
            const auto flags = reader.byte();
            member.takesRequests = (flags & 1) != 0;
            member.spare = (flags & 2) != 0;
            member.id = NodeId(static_cast<std::uint32_t>(id));
            if (id == 0 || id >= firstClient) {
                reader.fail();
            }
            about.members.push_back(std::move(member));
            break;
        }
        case Part::Parameters:
            about.parameters = value(reader);
            break;
        case Part::Seed:
            about.seed = reader.fixed64();
            break;
        default:
            break;
        }
    }

    describe::ShapePtr shape(ByteReader& reader)
    {
        auto found = whole.shapes.at(reader.varint());
        if (!found) {
            reader.fail();
        }
        return found;
    }

    describe::Value value(ByteReader& reader)
    {
        const auto number = reader.varint();
        if (number == 0 || !reader.ok()) {
            return {};
        }
        const auto found = whole.shapes.at(number - 1);
        if (!found) {
            reader.fail();
            return {};
        }
        return describe::decodeValue(found, reader);
    }

    bool m_ok = true;
};

} // namespace

Bytes encodeAbout(const About& about, describe::ShapeTable& shapes)
{
    AboutWriter parts(shapes);
    writeCard(parts, about.card);
    writeRun(parts, about);
    AboutWriter out(shapes);
    out.text(Part::Shapes, shapes.encode());
    return out.written + parts.written;
}

std::optional<ReadAbout> decodeAbout(BytesView bytes)
{
    AboutReader about;
    ByteReader reader(bytes);
    while (reader.ok() && !reader.atEnd()) {
        const auto part = reader.varint();
        const auto content = reader.text();
        if (!reader.ok() || !about.take(part, content)) {
            return std::nullopt;
        }
    }
    return std::move(about.whole);
}

} // namespace lightcone::trace::formats
