#include "engine/node/client.h"

#include "engine/core/check.h"
#include "engine/describe/text.h"
#include "engine/node/protocol.h"

#include <algorithm>

namespace lightcone::node {

Client::Client(NodeId self, std::vector<NodeId> servers, ClientSettings settings,
               const Protocol& protocol)
    : m_self(self)
    , m_servers(std::move(servers))
    , m_settings(settings)
    , m_protocol(&protocol)
{
    check(!m_servers.empty(), "a client has somebody to ask");
    m_believed = m_servers.front();
}

RequestId Client::submit(Instant now, PayloadPtr body, NodeId only, EventId origin,
                         Effects& effects)
{
    m_queue.push_back({++m_sequence, std::move(body), only, origin});
    const auto request = idOf(m_queue.back());
    if (!m_current) {
        beginNext(now, effects);
    }
    return request;
}

void Client::onReply(Instant now, NodeId from, RequestId request, Answer answer,
                     const PayloadPtr& body, Effects& effects)
{
    if (current() != request) {
        return; // the answer to an earlier try of something that has ended
    }
    switch (answer) {
    case Answer::Done:
        m_believed = isServer(from) ? from : m_believed;
        m_session = m_protocol->remember(std::move(m_session), *m_current->operation.body, *body);
        finish(now, answer, from, body, effects);
        return;
    case Answer::Redirected:
        redirected(now, from, body, effects);
        return;
    case Answer::Refused:
        if (!m_settings.retryRefused || m_current->operation.only) {
            finish(now, answer, from, body, effects);
        } else {
            m_believed = serverAfter(from);
            pauseBeforeNext(now);
        }
        return;
    case Answer::Unknown:
        finish(now, answer, from, body, effects);
        return;
    }
}

void Client::redirected(Instant now, NodeId from, const PayloadPtr& body, Effects& effects)
{
    if (m_current->operation.only) {
        finish(now, Answer::Redirected, from, body, effects);
        return;
    }
    const auto* hint = payloadIf<Redirect>(body.get());
    const auto to = hint != nullptr ? hint->to : NodeId{};
    // Nodes that send each other's clients in a circle must not keep one running for ever.
    const bool circling = ++m_current->redirects > m_servers.size();
    if (to == from || !isServer(to) || circling) {
        m_believed = serverAfter(from);
        pauseBeforeNext(now);
        return;
    }
    m_believed = to;
    ask(now, to, effects);
}

void Client::onUnreachable(Instant now, NodeId to, RequestId request, Effects& effects)
{
    const bool waits = current() == request && m_current->wait == Wait::Answer;
    if (waits && m_current->asked == to) {
        giveUpOnAnswer(now, effects);
    }
}

void Client::giveUpOnAnswer(Instant now, Effects& effects)
{
    const auto& current = *m_current;
    effects.emplace_back(TimedOut{idOf(current.operation), current.asked, now - current.askedAt});
    if (!current.operation.only) {
        m_believed = serverAfter(current.asked);
    }
    pauseBeforeNext(now);
}

void Client::onDue(Instant now, Effects& effects)
{
    check(m_current && m_due, "a client that wanted to be woken");
    auto& current = *m_current;
    if (current.wait == Wait::Answer) {
        giveUpOnAnswer(now, effects);
    }
    if (now >= deadline()) {
        finish(now, Answer::Unknown, {}, {}, effects);
    } else if (*m_due <= now) {
        ask(now, current.operation.only ? current.operation.only : m_believed, effects);
    }
}

std::optional<RequestId> Client::current() const
{
    return m_current ? std::optional(idOf(m_current->operation)) : std::nullopt;
}

ClientState Client::state() const
{
    ClientState state;
    state.believes = m_believed;
    state.queued = m_queue.size();
    state.begun = m_sequence - static_cast<std::uint32_t>(m_queue.size());
    if (m_session) {
        state.session = describe::toText(m_session->describe());
    }
    if (m_current) {
        const bool waits = m_current->wait == Wait::Answer;
        state.phase = waits ? ClientPhase::Waiting : ClientPhase::Pausing;
        state.operation = m_current->operation.body->name();
        state.asks = m_current->asked;
        state.tries = m_current->tries;
    }
    return state;
}

void Client::beginNext(Instant now, Effects& effects)
{
    if (m_queue.empty()) {
        return;
    }
    m_current = Current{};
    m_current->operation = std::move(m_queue.front());
    m_queue.pop_front();
    m_current->begun = now;
    auto& operation = m_current->operation;
    operation.body = m_protocol->recall(m_session, std::move(operation.body));
    const auto to = operation.only ? operation.only : m_believed;
    effects.emplace_back(Begin{idOf(operation), to, operation.body, operation.origin});
    ask(now, to, effects);
}

void Client::ask(Instant now, NodeId to, Effects& effects)
{
    auto& current = *m_current;
    current.asked = to;
    current.askedAt = now;
    current.wait = Wait::Answer;
    ++current.tries;
    m_due = std::min(now + m_settings.timeout, deadline());
    effects.emplace_back(Transmit{idOf(current.operation), to, current.operation.body});
}

void Client::pauseBeforeNext(Instant now)
{
    auto& current = *m_current;
    current.pause = current.pause == Duration::zero()
        ? m_settings.backOff
        : std::min(2 * current.pause, m_settings.mostBackOff);
    current.wait = Wait::Pause;
    current.redirects = 0;
    m_due = std::min(now + current.pause, deadline());
}

void Client::finish(Instant now, Answer answer, NodeId by, PayloadPtr body, Effects& effects)
{
    effects.emplace_back(Finish{idOf(m_current->operation), answer, by, std::move(body)});
    m_current.reset();
    m_due.reset();
    beginNext(now, effects);
}

bool Client::isServer(NodeId id) const
{
    return std::find(m_servers.begin(), m_servers.end(), id) != m_servers.end();
}

NodeId Client::serverAfter(NodeId id) const
{
    const auto found = std::find(m_servers.begin(), m_servers.end(), id);
    const auto next = found == m_servers.end() ? found : found + 1;
    return next == m_servers.end() ? m_servers.front() : *next;
}

RequestId Client::idOf(const Operation& operation) const
{
    return {m_self, operation.sequence};
}

} // namespace lightcone::node
