#include "engine/protocols/load_balancer/load_balancer.h"

#include <algorithm>

namespace lightcone::protocols::load_balancer {
namespace {

/// Which tier says something to which.
struct Way
{
    Tier from;
    Tier to;
};

Way wayOf(const Message& message)
{
    struct Ways
    {
        Way operator()(const Ask&) const { return {Tier::Agents, Tier::Balancers}; }
        Way operator()(const Cancel&) const { return {Tier::Agents, Tier::Balancers}; }
        Way operator()(const Relay&) const { return {Tier::Balancers, Tier::Agents}; }
        Way operator()(const Forward&) const { return {Tier::Balancers, Tier::Backends}; }
        Way operator()(const Withdraw&) const { return {Tier::Balancers, Tier::Backends}; }
        Way operator()(const Probe&) const { return {Tier::Balancers, Tier::Backends}; }
        Way operator()(const Response&) const { return {Tier::Backends, Tier::Balancers}; }
        Way operator()(const ProbeAnswer&) const { return {Tier::Backends, Tier::Balancers}; }
        Way operator()(const Configure&) const { return {Tier::Balancers, Tier::Balancers}; }
        Way operator()(const Configured&) const { return {Tier::Balancers, Tier::Balancers}; }
    };
    return std::visit(Ways(), message);
}

} // namespace

LoadBalancer::LoadBalancer(node::Seat<LoadBalancer> seat)
    : m_seat(std::move(seat))
    , m_plan(std::make_shared<const Plan>(m_seat.parameters()))
{
}

void LoadBalancer::onStart(const Moment& moment, const Durable& disk, Out& out)
{
    m_asOf = moment.now;
    m_startedAt = moment.now;
    switch (tier()) {
    case Tier::Agents:
        startAgent();
        break;
    case Tier::Balancers:
        startBalancer(moment, disk, out);
        break;
    case Tier::Backends:
        startBackend(moment, disk, out);
        break;
    }
}

void LoadBalancer::onMessage(const Moment& moment, NodeId from, const Message& message, Out& out)
{
    m_asOf = moment.now;
    const auto way = wayOf(message);
    const bool isMember = from && from.value <= m_seat.members().size();
    if (!isMember || m_plan->tierOf(from) != way.from || tier() != way.to) {
        return; // No node of this protocol says so.
    }
    if (tier() == Tier::Backends) {
        meter(moment.now);
    }
    std::visit([&](const auto& held) { onMessage(moment, from, held, out); }, message);
    countQueue();
}

void LoadBalancer::onTimer(const Moment& moment, Timer timer, std::uint64_t about, Out& out)
{
    m_asOf = moment.now;
    switch (timer) {
    case Timer::Attempt:
        onAttemptTimeout(moment, about, out);
        break;
    case Timer::Retry:
        ++m_retries;
        attempt(moment, about, out);
        break;
    case Timer::Hedge:
        hedge(moment, about, out);
        break;
    case Timer::Deadline:
        report(about, "its deadline has passed", out);
        break;
    case Timer::Upstream:
        onUpstreamTimeout(moment, about, out);
        break;
    case Timer::Penalty:
        --m_backends[NodeId(static_cast<std::uint32_t>(about >> 32))].penalties;
        break;
    case Timer::Probe:
        probe(moment, out);
        break;
    case Timer::Readmit:
        readmit(moment, NodeId(static_cast<std::uint32_t>(about)), out);
        break;
    case Timer::Weigh:
        weighNext(moment, out);
        break;
    case Timer::Service:
        meter(moment.now);
        onServed(moment, about, out);
        break;
    case Timer::Warm:
        break; // Its role changes, below.
    }
    countQueue();
}

void LoadBalancer::onRequest(const Moment& moment, RequestId id, const Request& held, Out& out)
{
    m_asOf = moment.now;
    std::visit([&](const auto& each) { request(moment, id, each, out); }, held);
    countQueue();
}

void LoadBalancer::countQueue()
{
    const auto& p = parameters();
    switch (tier()) {
    case Tier::Agents:
        m_queue = m_open.size();
        break;
    case Tier::Balancers:
        m_queue = m_errands.size();
        break;
    case Tier::Backends:
        m_queue = m_waiting.size() + m_running.size();
        m_role = m_waiting.size() >= p.queueLimit && m_running.size() >= p.concurrency ? Role::Full
            : m_slow > 1 || m_failing > 0 ? Role::Degraded
            : coldness(m_asOf) > 1        ? Role::Warming
                                          : Role::Backend;
        break;
    }
}

} // namespace lightcone::protocols::load_balancer
