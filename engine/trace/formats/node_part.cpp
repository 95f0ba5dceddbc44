#include "engine/trace/formats/node_part.h"

#include "engine/trace/formats/event_block.h"

#include <bit>
#include <cmath>

namespace lightcone::trace::formats {

namespace {

Instant instantOf(const Trace& trace, EventId id)
{
    return id && id.value <= trace.size() ? trace[id].at : Instant{};
}

/// Instants of a file may be anything: sums wrap instead of being undefined.
Instant add(Instant instant, std::int64_t nanoseconds)
{
    const auto sum = static_cast<std::uint64_t>(instant.time_since_epoch().count())
        + static_cast<std::uint64_t>(nanoseconds);
    return Instant(Duration(static_cast<std::int64_t>(sum)));
}

/// How far a clock of that rate has drifted since the run began. An offset is kept without it, so
/// that it is right between two steps too.
std::int64_t drifted(double rate, Instant now)
{
    const auto nanoseconds = (rate - 1.0) * static_cast<double>(now.time_since_epoch().count());
    constexpr double most = 9e18;
    return std::abs(nanoseconds) < most ? std::llround(nanoseconds) : 0;
}

} // namespace

void encodeNode(const NodeState& node, Instant now, const Trace& trace, std::uint64_t shapeCode,
                BytesView state, Bytes& out)
{
    ByteWriter writer(out);
    writer.byte(static_cast<std::uint8_t>(node.life));
    writer.varint(node.timers.size());
    for (const auto& timer : node.timers) {
        writer.text(timer.name);
        writer.varint(timer.about);
        writer.varint(timer.cause.value);
        writer.zigzag((timer.armed - instantOf(trace, timer.cause)).count());
        writer.zigzag((timer.due - timer.armed).count());
    }
    writer.varint(node.unsyncedWrites);
    writer.zigzag(node.clockOffset.count() - drifted(node.clockRate, now));
    writer.fixed64(std::bit_cast<std::uint64_t>(node.clockRate));
    writer.text(node.disk);
    writer.varint(shapeCode);
    writer.raw(state);
}

ReadNode decodeNode(ByteReader& reader, Instant now, const Trace& trace,
                    const std::vector<describe::ShapePtr>& shapes)
{
    ReadNode read;
    auto& node = read.node;
    const auto life = reader.byte();
    if (life > static_cast<std::uint8_t>(Life::Crashed)) {
        reader.fail();
    }
    node.life = static_cast<Life>(life);
    for (auto timers = reader.count(5); timers > 0 && reader.ok(); --timers) {
        ArmedTimer timer;
        timer.name = reader.text();
        timer.about = reader.varint();
        timer.cause = EventId(reader.varint());
        timer.armed = add(instantOf(trace, timer.cause), reader.zigzag());
        timer.due = add(timer.armed, reader.zigzag());
        node.timers.push_back(std::move(timer));
    }
    node.unsyncedWrites = reader.varint();
    const Instant offset{Duration(reader.zigzag())};
    node.clockRate = std::bit_cast<double>(reader.fixed64());
    node.clockOffset = add(offset, drifted(node.clockRate, now)).time_since_epoch();
    node.disk = reader.text();
    const auto shape = reader.varint();
    if (shape > shapes.size()) {
        reader.fail();
    }
    if (reader.ok() && shape != 0) {
        read.shape = shapes[static_cast<std::size_t>(shape - 1)];
        read.state = reader.raw(reader.left());
    }
    return read;
}

void encodeLinks(const std::vector<LinkState>& links, Bytes& out)
{
    ByteWriter writer(out);
    for (const auto& link : links) {
        writer.varint(nodeCode(link.from));
        writer.varint(nodeCode(link.to));
        writer.byte(link.cut ? 1 : 0);
        writer.text(link.model);
    }
}

std::vector<LinkState> decodeLinks(ByteReader& reader)
{
    std::vector<LinkState> links;
    while (reader.ok() && !reader.atEnd()) {
        LinkState link;
        link.from = nodeFromCode(reader);
        link.to = nodeFromCode(reader);
        link.cut = reader.byte() != 0;
        link.model = reader.text();
        links.push_back(std::move(link));
    }
    return links;
}

void encodeRules(const std::vector<std::string>& rules, Bytes& out)
{
    ByteWriter writer(out);
    for (const auto& rule : rules) {
        writer.text(rule);
    }
}

std::vector<std::string> decodeRules(ByteReader& reader)
{
    std::vector<std::string> rules;
    while (reader.ok() && !reader.atEnd()) {
        rules.emplace_back(reader.text());
    }
    return rules;
}

} // namespace lightcone::trace::formats
