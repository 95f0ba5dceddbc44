#include "engine/measure/operations.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace lightcone::measure {

using trace::Event;
using trace::Kind;

Operations::Operations(trace::TracePtr trace, Duration patience)
    : m_trace(std::move(trace))
    , m_patience(patience)
{
}

void Operations::add(EventId id, const Event& event)
{
    if (!isClient(event.node)) {
        return;
    }
    switch (event.kind) {
    case Kind::Note:
        if (event.detail == trace::waitsInLine) {
            want(event.at);
        }
        break;
    case Kind::Request:
        request(id, event);
        break;
    case Kind::Send:
        ++m_tries;
        if (const auto open = m_open.find(event.request); open != m_open.end()) {
            ++open->second.operation.tries;
        }
        break;
    case Kind::Deliver:
        if (const auto open = m_open.find(event.request); open != m_open.end()) {
            open->second.answer = id;
        }
        break;
    case Kind::Reply:
        reply(id, event);
        break;
    default:
        break;
    }
}

void Operations::request(EventId id, const Event& event)
{
    Open open;
    open.operation.request = id;
    open.operation.kind = event.tag;
    open.operation.wanted = event.at;
    const auto* cause = event.cause ? &(*m_trace)[event.cause] : nullptr;
    if (cause != nullptr && cause->kind == Kind::Note && cause->detail == trace::waitsInLine) {
        open.operation.wanted = cause->at;
    } else {
        want(event.at);
    }
    m_begun.push_back(event.at);
    m_open[event.request] = open;
}

void Operations::reply(EventId id, const Event& event)
{
    const auto found = m_open.find(event.request);
    if (found == m_open.end()) {
        return; // its beginning was lost
    }
    auto operation = found->second.operation;
    operation.ended = event.at;
    operation.reply = id;
    operation.by = event.peer;
    operation.answer = static_cast<node::Answer>(event.detail);
    if (operation.answer != node::Answer::Unknown) {
        operation.hops = hopsOf(found->second.answer, operation.request);
    }
    m_open.erase(found);
    m_ended.push_back(operation);
    if (operation.done()) {
        served(event.at);
    } else {
        failed(event.at);
    }
}

/// Goes back from the answer along the causes as far as the request, and counts the messages.
std::uint16_t Operations::hopsOf(EventId answer, EventId request) const
{
    std::uint16_t hops = 0;
    for (auto id = answer; id > request; id = (*m_trace)[id].cause) {
        const bool sent = (*m_trace)[id].kind == Kind::Send;
        hops += sent && hops < std::numeric_limits<std::uint16_t>::max() ? 1 : 0;
    }
    return hops;
}

void Operations::want(Instant at)
{
    m_wanted.push_back(at);
    // Nobody has wanted anything for a while: that was no time without an answer.
    if (m_gaveUp && at - *m_gaveUp > m_patience) {
        if (*m_gaveUp - *m_unserved > m_patience) {
            m_stretches.push_back({*m_unserved, *m_gaveUp});
        }
        m_unserved.reset();
    }
    m_gaveUp.reset();
    if (!m_unserved) {
        m_unserved = at;
    }
}

void Operations::served(Instant at)
{
    if (m_unserved && at - *m_unserved > m_patience) {
        m_stretches.push_back({*m_unserved, at});
    }
    m_gaveUp.reset();
    m_unserved = open() > 0 ? std::optional(at) : std::nullopt;
}

void Operations::failed(Instant at)
{
    if (open() == 0) {
        m_gaveUp = at;
    }
}

std::vector<Stretch> Operations::unavailable(Instant now) const
{
    auto all = m_stretches;
    if (m_unserved) {
        const auto to = m_gaveUp.value_or(now);
        if (to - *m_unserved > m_patience) {
            all.push_back({*m_unserved, to});
        }
    }
    return all;
}

} // namespace lightcone::measure
