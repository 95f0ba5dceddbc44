#include "engine/trace/formats/event_block.h"

#include <limits>

namespace lightcone::trace::formats {

namespace {

constexpr std::uint64_t asCause = 1;
constexpr std::uint64_t fresh = 2;
constexpr std::uint64_t farther = 3;
constexpr auto lastKind = static_cast<std::uint8_t>(Kind::Gap);

} // namespace

NodeId nodeFromCode(ByteReader& reader)
{
    const auto code = reader.varint();
    const auto number = (code >> 1) + ((code & 1) != 0 ? firstClient : 0);
    const bool fits = (code & 1) != 0 ? number <= std::numeric_limits<std::uint32_t>::max()
                                      : number < firstClient;
    if (!fits) {
        reader.fail();
        return {};
    }
    return NodeId(static_cast<std::uint32_t>(number));
}

EventEncoder::EventEncoder(const Trace& trace, describe::ShapeTable& shapes)
    : m_trace(&trace)
    , m_shapes(&shapes)
{
    for (auto& bytes : m_columns) {
        m_writers.emplace_back(bytes);
    }
}

void EventEncoder::addRequest(const Event& event)
{
    auto& requests = column(Column::Request);
    if (!event.request) {
        requests.varint(0);
    } else if (event.cause && (*m_trace)[event.cause].request == event.request) {
        requests.varint(asCause);
    } else {
        requests.varint(nodeCode(event.request.client) + fresh);
        column(Column::Sequence).varint(event.request.sequence);
    }
}

void EventEncoder::addPayload(const Event& event)
{
    auto& payloads = column(Column::Payload);
    if (!event.payload) {
        payloads.varint(0);
        return;
    }
    if (event.cause && (*m_trace)[event.cause].payload == event.payload) {
        payloads.varint(asCause);
        return;
    }
    const auto [known, isNew] = m_known.emplace(event.payload.get(), m_known.size());
    if (!isNew) {
        payloads.varint(farther + m_known.size() - 1 - known->second);
        return;
    }
    payloads.varint(fresh);
    const auto before = m_payloads.size();
    event.payload->encode(m_payloads);
    column(Column::Shape).varint(m_shapes->add(event.payload->shape()));
    column(Column::PayloadTag).varint(event.payload->tag());
    column(Column::Size).varint(m_payloads.size() - before);
}

void EventEncoder::add(EventId id, const Event& event)
{
    if (m_count == 0) {
        m_first = id;
    }
    ++m_count;
    column(Column::Kind).byte(static_cast<std::uint8_t>(event.kind));
    column(Column::Detail).byte(event.detail);
    column(Column::At).zigzag((event.at - m_last).count());
    m_last = event.at;
    column(Column::Cause).varint(event.cause ? id.value - event.cause.value : 0);
    column(Column::Node).varint(nodeCode(event.node));
    column(Column::Peer).varint(nodeCode(event.peer));
    column(Column::Tag).varint(event.tag);
    addRequest(event);
    addPayload(event);
}

Bytes EventEncoder::columns() const
{
    Bytes out;
    ByteWriter writer(out);
    for (const auto& bytes : m_columns) {
        writer.text(bytes);
    }
    return out;
}

void EventEncoder::clear()
{
    for (auto& bytes : m_columns) {
        bytes.clear();
    }
    m_payloads.clear();
    m_known.clear();
    m_count = 0;
    m_last = {};
}

namespace {

class EventDecoder
{
public:
    EventDecoder(const BlockHeader& header, const EventContext& context, const Trace& trace)
        : m_header(header)
        , m_context(&context)
        , m_trace(&trace)
    {
        m_columns.reserve(columnCount);
    }

    bool open(BytesView raw)
    {
        ByteReader reader(raw);
        for (std::size_t i = 0; i < columnCount; ++i) {
            m_columns.emplace_back(reader.text());
        }
        // Later versions may append columns; each event takes a byte of each of the first ones.
        return reader.ok() && m_header.count <= column(Column::Kind).left() && openPayloads();
    }

    bool decode(std::vector<Event>& events)
    {
        events.reserve(m_header.count);
        for (std::uint32_t i = 0; i < m_header.count; ++i) {
            Event event;
            if (!decodeOne(EventId(m_header.first.value + i), events, event)) {
                return false;
            }
            events.push_back(std::move(event));
        }
        for (const auto& each : m_columns) {
            if (!each.ok()) {
                return false;
            }
        }
        return true;
    }

private:
    ByteReader& column(Column which) { return m_columns[static_cast<std::size_t>(which)]; }

    bool openPayloads()
    {
        std::vector<PayloadEntry> entries;
        std::uint64_t offset = 0;
        const std::uint64_t raw =
            m_context->payloads != nullptr ? m_context->payloads->header.raw : 0;
        auto& shapes = column(Column::Shape);
        entries.reserve(shapes.left());
        while (!shapes.atEnd()) {
            PayloadEntry entry;
            const auto shape = shapes.varint();
            const auto tag = column(Column::PayloadTag).varint();
            entry.size = column(Column::Size).varint();
            entry.offset = offset;
            if (!shapes.ok() || shape >= m_context->shapes->size() || entry.size > raw - offset) {
                return false;
            }
            const auto& described = *(*m_context->shapes)[shape];
            const auto tags = described.kind == describe::ShapeKind::Variant
                ? described.fields.size()
                : std::size_t{1};
            if (tag >= tags || tag > std::numeric_limits<std::uint16_t>::max()) {
                return false;
            }
            entry.shape = static_cast<std::uint32_t>(shape);
            entry.tag = static_cast<std::uint16_t>(tag);
            offset += entry.size;
            entries.push_back(entry);
        }
        if (offset != raw) {
            return false;
        }
        m_pool.reset(new PayloadPool(m_context->file, m_context->payloads, m_context->shapes,
                                     std::move(entries)));
        return true;
    }

    const Event* causeOf(const Event& event, const std::vector<Event>& events) const
    {
        if (!event.cause) {
            return nullptr;
        }
        return event.cause < m_header.first ? &(*m_trace)[event.cause]
                                            : &events[event.cause.value - m_header.first.value];
    }

    NodeId node(Column which)
    {
        auto& reader = column(which);
        const auto found = nodeFromCode(reader);
        if (found && !m_context->knownNode(found)) {
            reader.fail();
        }
        return found;
    }

    bool decodeOne(EventId id, const std::vector<Event>& events, Event& event)
    {
        const auto kind = column(Column::Kind).byte();
        const auto ago = column(Column::Cause).varint();
        const auto tag = column(Column::Tag).varint();
        if (kind > lastKind || ago >= id.value || tag > std::numeric_limits<std::uint16_t>::max()) {
            return false;
        }
        event.kind = static_cast<Kind>(kind);
        event.detail = column(Column::Detail).byte();
        m_at += static_cast<std::uint64_t>(column(Column::At).zigzag());
        event.at = Instant(Duration(static_cast<std::int64_t>(m_at)));
        event.cause = ago != 0 ? EventId(id.value - ago) : EventId{};
        event.node = node(Column::Node);
        event.peer = node(Column::Peer);
        event.tag = static_cast<std::uint16_t>(tag);
        const auto* cause = causeOf(event, events);
        return decodeRequest(event, cause) && decodePayload(event, cause);
    }

    bool decodeRequest(Event& event, const Event* cause)
    {
        auto& reader = column(Column::Request);
        const auto code = reader.varint();
        if (code == 0 || code == asCause) {
            event.request = code == asCause && cause != nullptr ? cause->request : RequestId{};
            return code == 0 || cause != nullptr;
        }
        const auto client = (code - fresh) >> 1;
        const auto sequence = column(Column::Sequence).varint();
        const auto number = client + (((code - fresh) & 1) != 0 ? firstClient : 0);
        if (number > std::numeric_limits<std::uint32_t>::max()
            || sequence > std::numeric_limits<std::uint32_t>::max()) {
            return false;
        }
        event.request = {NodeId(static_cast<std::uint32_t>(number)),
                         static_cast<std::uint32_t>(sequence)};
        return true;
    }

    bool decodePayload(Event& event, const Event* cause)
    {
        const auto code = column(Column::Payload).varint();
        switch (code) {
        case 0:
            return true;
        case asCause:
            if (cause == nullptr) {
                return false;
            }
            event.payload = cause->payload;
            return true;
        case fresh:
            if (m_payloads.size() >= m_pool->size()) {
                return false;
            }
            m_payloads.push_back(m_pool->payload(m_payloads.size()));
            event.payload = m_payloads.back();
            return true;
        default:
            if (code - farther >= m_payloads.size()) {
                return false;
            }
            event.payload = m_payloads[m_payloads.size() - 1 - (code - farther)];
            return true;
        }
    }

    BlockHeader m_header;
    const EventContext* m_context;
    const Trace* m_trace;
    std::vector<ByteReader> m_columns;
    PoolPtr m_pool;
    std::vector<node::PayloadPtr> m_payloads;
    std::uint64_t m_at = 0;
};

} // namespace

bool decodeEvents(const BlockHeader& header, BytesView raw, const EventContext& context,
                  Trace& trace)
{
    EventDecoder decoder(header, context, trace);
    std::vector<Event> events;
    if (!decoder.open(raw) || !decoder.decode(events)) {
        return false;
    }
    auto id = header.first;
    for (auto& event : events) {
        trace.record(id, std::move(event));
        ++id.value;
    }
    return true;
}

} // namespace lightcone::trace::formats
