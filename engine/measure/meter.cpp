#include "engine/measure/meter.h"

#include "engine/describe/naming.h"
#include "engine/trace/formats/wording.h"

#include <algorithm>
#include <map>

namespace lightcone::measure {

using trace::Event;
using trace::Kind;

namespace {

bool isFault(Kind kind)
{
    switch (kind) {
    case Kind::Crash:
    case Kind::Restart:
    case Kind::Pause:
    case Kind::Resume:
    case Kind::Cut:
    case Kind::Heal:
    case Kind::Rule:
    case Kind::Link:
    case Kind::Clock:
    case Kind::Disk:
    case Kind::Violation:
        return true;
    default:
        return false;
    }
}

std::string textOf(const Event& event)
{
    const auto* text = node::payloadIf<node::Text>(event.payload.get());
    if (text != nullptr) {
        return text->text;
    }
    const auto described = event.payload ? event.payload->describe() : describe::Value{};
    const auto* found = described.exists() ? described.find("text") : nullptr;
    return found != nullptr && found->kind() == describe::ShapeKind::Text ? found->asText()
                                                                          : std::string();
}

std::string requestName(const trace::About& about, std::uint16_t kind)
{
    const auto& shape = about.card.request;
    if (!shape || shape->kind != describe::ShapeKind::Variant || kind >= shape->fields.size()) {
        return shape ? describe::enumeratorName(shape->name) : "request";
    }
    return describe::enumeratorName(shape->fields[kind].name);
}

} // namespace

Meter::Meter(trace::TracePtr trace, Duration patience)
    : m_trace(std::move(trace))
    , m_operations(m_trace, patience)
{
}

void Meter::grow(EventId last)
{
    if (last <= m_size) {
        return;
    }
    if (!m_size) {
        m_traffic = Traffic((*m_trace)[EventId(1)].at);
    }
    trace::forEach(*m_trace, EventId(m_size.value + 1), last, [&](EventId id, const Event& event) {
        m_operations.add(id, event);
        m_traffic.add(event);
        if (isFault(event.kind)) {
            mark(id, event);
        }
    });
    m_size = last;
    m_now = (*m_trace)[last].at;
}

/// One mark for all that an act does.
void Meter::mark(EventId id, const Event& event)
{
    const auto* act = event.cause ? &(*m_trace)[event.cause] : nullptr;
    if (act != nullptr && act->kind == Kind::Act) {
        if (m_markedAct != event.cause) {
            m_markedAct = event.cause;
            m_marks.push_back({event.cause, act->at, textOf(*act)});
        }
        return;
    }
    auto text = event.kind == Kind::Violation
        ? textOf(event)
        : trace::formats::kindName(event.kind) + " " + m_trace->about().nameOf(event.node);
    m_marks.push_back({id, event.at, std::move(text)});
}

double Totals::throughput() const
{
    const auto seconds = std::chrono::duration<double>(time).count();
    return seconds > 0 ? static_cast<double>(done) / seconds : 0;
}

double Totals::errors() const
{
    const auto ended = done + refused + unknown;
    return ended > 0 ? static_cast<double>(refused + unknown) / static_cast<double>(ended) : 0;
}

std::uint64_t Totals::answeredBy(NodeId node) const
{
    const auto found = std::ranges::find(answers, node, &std::pair<NodeId, std::uint64_t>::first);
    return found == answers.end() ? 0 : found->second;
}

namespace {

void countOperations(const Meter& meter, Totals& totals)
{
    const auto& operations = meter.operations();
    std::map<std::uint16_t, KindTotals> kinds;
    std::map<NodeId, std::uint64_t> answers;
    std::uint64_t hops = 0;
    std::uint64_t answered = 0;
    std::uint64_t tries = 0;
    for (const auto& operation : operations.ended()) {
        auto& kind = kinds[operation.kind];
        ++kind.asked;
        tries += operation.tries > 1 ? operation.tries - 1U : 0;
        hops += operation.hops;
        answered += operation.hops > 0 ? 1 : 0;
        if (operation.done()) {
            ++kind.done;
            ++totals.done;
            kind.latency.record(operation.latency());
            ++answers[operation.by];
        } else {
            ++(operation.answer == node::Answer::Unknown ? totals.unknown : totals.refused);
        }
    }
    for (auto& [tag, kind] : kinds) {
        kind.name = requestName(meter.trace()->about(), tag);
        totals.latency.merge(kind.latency);
        totals.kinds.push_back(std::move(kind));
    }
    totals.answers.assign(answers.begin(), answers.end());
    totals.wanted = operations.wanted().size();
    totals.open = operations.open();
    totals.retries = tries;
    totals.roundTrips =
        answered > 0 ? static_cast<double>(hops) / 2 / static_cast<double>(answered) : 0;
    totals.patience = operations.patience();
    totals.unavailable = operations.unavailable(meter.now());
    for (const auto& stretch : totals.unavailable) {
        totals.unavailableTime += stretch.to - stretch.from;
    }
}

} // namespace

Totals totalsOf(const Meter& meter)
{
    Totals totals;
    totals.events = meter.size().value;
    if (totals.events > 0) {
        totals.time = meter.now() - (*meter.trace())[EventId(1)].at;
    }
    countOperations(meter, totals);
    const auto& traffic = meter.traffic();
    totals.messageKinds = traffic.kinds();
    std::ranges::stable_sort(totals.messageKinds, [](const auto& a, const auto& b) {
        return a.channel != b.channel ? a.channel < b.channel : a.sent.total > b.sent.total;
    });
    totals.nodes = traffic.nodes();
    totals.dropped = traffic.dropped();
    for (const auto& kind : totals.messageKinds) {
        totals.messages += kind.sent.total;
        totals.bytes += kind.bytes.total;
    }
    for (const auto& node : totals.nodes) {
        totals.forced += node.forced.total;
        totals.lazy += node.lazy;
        totals.syncs += node.syncs;
    }
    return totals;
}

} // namespace lightcone::measure
