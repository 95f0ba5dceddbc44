#include "engine/protocols/load_balancer/load_balancer.h"

#include <algorithm>

// A balancer passes attempts on to backends and their outcomes back.
namespace lightcone::protocols::load_balancer {
namespace {

/// Tickets begin with the number of the balancer's life: an answer to an earlier one is told apart.
constexpr std::uint64_t bootBits = 32;

} // namespace

void LoadBalancer::startBalancer(const Moment& moment, const Durable& disk, Out& out)
{
    m_role = Role::Balancer;
    m_boot = disk.boot + 1;
    out.write(Booted{m_boot});
    m_configuration = disk.configuration;
    if (m_configuration.version == 0) {
        m_configuration.weights = m_plan->weights;
    }
    if (makes(Mistake::ForgetsDraining)) {
        m_configuration.drained.clear();
    }
    for (const auto backend : m_plan->backends) {
        auto& upstream = m_backends[backend];
        upstream.standing =
            m_configuration.drained.contains(backend) ? Standing::Drained : Standing::Up;
    }
    // Two balancers that probe at the same instants would see the same.
    out.arm(Timer::Probe, moment.dice.between(Duration::zero(), parameters().probeEvery));
}

void LoadBalancer::onMessage(const Moment& moment, NodeId from, const Ask& ask, Out& out)
{
    const bool known = std::any_of(m_errands.begin(), m_errands.end(), [&](const auto& each) {
        const auto& errand = each.second;
        return errand.request == ask.request && errand.attempt == ask.attempt
            && errand.agent == from;
    });
    if (known) {
        return; // The network has made two of it.
    }
    endSlowStarts(moment);
    const auto backend = pick(moment, from, ask);
    if (!backend) {
        ++m_failed;
        out.send(from, Relay{ask.request, ask.attempt, Outcome::Unavailable, NodeId{}});
        return;
    }
    const Ticket ticket = m_boot << bootBits | ++m_serial;
    m_errands[ticket] = {from, ask.request, ask.attempt, backend, moment.now};
    ++m_backends[backend].inFlight;
    ++m_backends[backend].sinceReport;
    countPick(backend);
    out.send(backend, Forward{ticket, ask.key, ask.attempt});
    out.arm(Timer::Upstream, parameters().upstreamTimeout, ticket);
}

void LoadBalancer::onMessage(const Moment& moment, NodeId from, const Response& response, Out& out)
{
    if (parameters().reports == Reports::Responses) {
        heed(moment, from, response.report, out);
    }
    const auto errand = m_errands.find(response.ticket);
    if (errand != m_errands.end()) {
        settle(moment, errand, response.outcome, out);
    }
}

void LoadBalancer::onUpstreamTimeout(const Moment& moment, Ticket ticket, Out& out)
{
    const auto errand = m_errands.find(ticket);
    if (parameters().cancels) {
        out.send(errand->second.backend, Withdraw{ticket});
    }
    settle(moment, errand, Outcome::TimedOut, out);
}

void LoadBalancer::settle(const Moment& moment, Errands::const_iterator place, Outcome outcome,
                          Out& out)
{
    const auto [ticket, errand] = *place;
    m_errands.erase(place);
    out.disarm(Timer::Upstream, ticket);
    --m_backends[errand.backend].inFlight;
    ++(outcome == Outcome::Served ? m_served : m_failed);
    out.send(errand.agent, Relay{errand.request, errand.attempt, outcome, errand.backend});
    if (outcome != Outcome::Served) {
        penalise(moment, errand, ticket, out);
    }
    judgeOutcome(moment, errand.backend, outcome, moment.now - errand.sentAt, out);
}

/// A failure counts as an open request for as long as no answer would have: else a backend that
/// fails at once looks idle, and gets everything.
void LoadBalancer::penalise(const Moment& moment, const Errand& errand, Ticket ticket, Out& out)
{
    const auto rest = errand.sentAt + parameters().upstreamTimeout - moment.now;
    if (rest <= Duration::zero() || makes(Mistake::FailuresLookIdle)) {
        return;
    }
    ++m_backends[errand.backend].penalties;
    const auto about = std::uint64_t{errand.backend.value} << 32 | (ticket & 0xFFFFFFFFU);
    out.arm(Timer::Penalty, std::min(rest, parameters().upstreamTimeout), about);
}

/// Nobody knows how it would have ended, but it has taken that long.
void LoadBalancer::onMessage(const Moment& moment, NodeId from, const Cancel& cancel, Out& out)
{
    const auto place = std::find_if(m_errands.begin(), m_errands.end(), [&](const auto& each) {
        const auto& errand = each.second;
        return errand.agent == from && errand.request == cancel.request
            && errand.attempt == cancel.attempt;
    });
    if (place == m_errands.end()) {
        return;
    }
    const auto [ticket, errand] = *place;
    m_errands.erase(place);
    out.disarm(Timer::Upstream, ticket);
    auto& upstream = m_backends[errand.backend];
    --upstream.inFlight;
    const auto took = moment.now - errand.sentAt;
    if (took > decayed(upstream, moment.now)) {
        measure(moment, upstream, Outcome::Served, took);
    }
    out.send(errand.backend, Withdraw{ticket});
}

} // namespace lightcone::protocols::load_balancer
