#include "engine/trace/formats/state_block.h"

#include "engine/core/check.h"
#include "engine/trace/formats/event_block.h"
#include "engine/trace/formats/node_part.h"
#include "engine/trace/formats/patch.h"

#include <algorithm>

namespace lightcone::trace::formats {

void Course::pass(EventId id, const Event& event)
{
    switch (event.kind) {
    case Kind::Send:
    case Kind::Duplicate:
        flights.emplace(id, FlightNote{});
        break;
    case Kind::Deliver:
    case Kind::Drop:
        flights.erase(event.cause);
        break;
    default:
        break;
    }
    if (isStep(event)) {
        steps[event.node] = id;
    }
}

StateEncoder::StateEncoder(const Trace& trace, describe::ShapeTable& shapes)
    : m_trace(&trace)
    , m_shapes(&shapes)
{
    writeKeyframe();
}

void StateEncoder::writeKeyframe()
{
    ByteWriter writer(m_block);
    writer.varint(m_parts.size());
    for (const auto& part : m_parts) {
        const auto step = m_course.steps[part.node];
        writer.varint(nodeCode(part.node));
        writer.varint(step ? m_first.value - step.value : 0);
        writer.text(part.bytes);
    }
    writer.text(m_links);
    writer.text(m_rules);
    writer.varint(m_course.flights.size());
    for (const auto& [message, note] : m_course.flights) {
        writer.varint(m_first.value - message.value);
        writer.byte(static_cast<std::uint8_t>((note.held ? 1 : 0) | (note.due ? 2 : 0)));
        if (note.due) {
            writer.zigzag((*note.due - (*m_trace)[message].at).count());
        }
    }
}

void StateEncoder::begin(EventId id)
{
    check(id >= m_newest && id.value + 1 >= m_first.value && id.value <= m_trace->size(),
          "states told in the order of events");
    m_told = true;
    while (id.value >= m_first.value + mostEvents) {
        cut(EventId(m_first.value + mostEvents - 1));
    }
    if (m_copied > mostCopied && id > m_newest && id > m_first) {
        cut(EventId(id.value - 1));
    }
}

void StateEncoder::cut(EventId last)
{
    m_ready.push_back({m_first, last, std::move(m_block)});
    m_block.clear();
    forEach(*m_trace, m_first, last,
            [this](EventId id, const Event& event) { m_course.pass(id, event); });
    for (const auto& [message, note] : m_notes) {
        const auto found = m_course.flights.find(message);
        if (found != m_course.flights.end()) {
            found->second = note;
        }
    }
    m_notes.clear();
    m_first = EventId(last.value + 1);
    m_newest = last;
    m_copied = 0;
    writeKeyframe();
}

void StateEncoder::finish(EventId last)
{
    while (m_told && m_first.value + mostEvents <= last.value) {
        cut(EventId(m_first.value + mostEvents - 1));
    }
    if (m_told && m_first <= last) {
        cut(last);
    }
}

std::vector<StateEncoder::Segment> StateEncoder::takeReady()
{
    return std::exchange(m_ready, {});
}

void StateEncoder::beginChange(EventId id, std::uint64_t what)
{
    const auto base = std::max(m_newest.value, m_first.value - 1);
    ByteWriter writer(m_block);
    writer.varint(id.value - base);
    writer.varint(what);
    m_newest = id;
}

void StateEncoder::change(EventId id, Change what, Bytes& known, BytesView now)
{
    if (known == now) {
        return;
    }
    beginChange(id, static_cast<std::uint64_t>(what));
    makePatch(known, now, m_block);
    m_copied += now.size();
    known = now;
}

void StateEncoder::node(EventId id, const NodeState& node, const describe::ShapePtr& shape,
                        BytesView state)
{
    begin(id);
    m_scratch.clear();
    const auto now = id ? (*m_trace)[id].at : Instant{};
    encodeNode(node, now, *m_trace, shape ? m_shapes->add(shape) + 1 : 0, state, m_scratch);
    const auto known = std::find_if(m_parts.begin(), m_parts.end(),
                                    [&](const Part& part) { return part.node == node.id; });
    if (known == m_parts.end()) {
        beginChange(id, static_cast<std::uint64_t>(Change::NewNode));
        ByteWriter writer(m_block);
        writer.varint(nodeCode(node.id));
        writer.text(m_scratch);
        m_parts.push_back({node.id, m_scratch});
        return;
    }
    const auto place = static_cast<std::uint64_t>(known - m_parts.begin());
    change(id, static_cast<Change>(static_cast<std::uint64_t>(Change::FirstNode) + place),
           known->bytes, m_scratch);
}

void StateEncoder::flight(EventId id, EventId message, Instant due, bool held)
{
    begin(id);
    check(message && message <= id, "a message that was sent");
    const FlightNote note{due, held};
    const auto told = m_notes.find(message);
    const auto old = m_course.flights.find(message);
    const bool same = told != m_notes.end() ? told->second == note
                                            : old != m_course.flights.end() && old->second == note;
    if (same) {
        return;
    }
    m_notes[message] = note;
    beginChange(id, static_cast<std::uint64_t>(Change::Flight));
    ByteWriter writer(m_block);
    writer.varint(id.value - message.value);
    writer.byte(held ? 1 : 0);
    writer.zigzag((due - (*m_trace)[message].at).count());
}

void StateEncoder::links(EventId id, const std::vector<LinkState>& links)
{
    begin(id);
    m_scratch.clear();
    encodeLinks(links, m_scratch);
    change(id, Change::Links, m_links, m_scratch);
}

void StateEncoder::rules(EventId id, const std::vector<std::string>& rules)
{
    begin(id);
    m_scratch.clear();
    encodeRules(rules, m_scratch);
    change(id, Change::Rules, m_rules, m_scratch);
}

} // namespace lightcone::trace::formats
