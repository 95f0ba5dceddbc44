#include "engine/protocols/load_balancer/load_balancer.h"
#include "engine/protocols/load_balancer/service.h"

#include <algorithm>

// A backend: a queue, so many requests at once, and time that they take.
namespace lightcone::protocols::load_balancer {
namespace {

/// Over how long a time utilisation is reckoned.
constexpr Duration meteredOver = std::chrono::seconds(1);

} // namespace

void LoadBalancer::startBackend(const Moment&, const Durable& disk, Out& out)
{
    m_role = Role::Backend;
    m_meteredAt = m_startedAt;
    m_boot = disk.boot + 1;
    out.write(Booted{m_boot});
    if (parameters().warmUp > Duration::zero()) {
        m_role = Role::Warming;
        out.arm(Timer::Warm, parameters().warmUp);
    }
}

void LoadBalancer::onMessage(const Moment& moment, NodeId from, const Forward& forward, Out& out)
{
    const Job job{forward.ticket, from, moment.now};
    const auto isIt = [&](const Job& each) {
        return each.ticket == job.ticket && each.balancer == from;
    };
    if (std::any_of(m_waiting.begin(), m_waiting.end(), isIt)
        || std::any_of(m_running.begin(), m_running.end(),
                       [&](const auto& each) { return isIt(each.second); })) {
        return; // The network has made two of it.
    }
    if (moment.dice.chance(m_failing)) {
        ++m_failed;
        respond(job, Outcome::Failed, out);
    } else if (m_running.size() < parameters().concurrency) {
        serve(moment, job, out);
    } else if (m_waiting.size() < parameters().queueLimit) {
        m_waiting.push_back(job);
    } else {
        ++m_failed;
        respond(job, Outcome::Overloaded, out);
    }
}

void LoadBalancer::serve(const Moment& moment, const Job& job, Out& out)
{
    const auto serial = ++m_serial;
    m_running[serial] = job;
    const auto usual = static_cast<double>(drawService(parameters(), moment.dice).count());
    constexpr double most = 1e17; // three years
    const auto whole = std::min(usual * m_slow * coldness(moment.now), most);
    out.arm(Timer::Service, Duration(static_cast<std::int64_t>(whole)), serial);
}

void LoadBalancer::onServed(const Moment& moment, std::uint64_t serial, Out& out)
{
    const auto job = m_running.at(serial);
    m_running.erase(serial);
    if (!m_waiting.empty()) {
        const auto next = m_waiting.front();
        m_waiting.pop_front();
        serve(moment, next, out);
    }
    ++m_served;
    respond(job, Outcome::Served, out);
}

/// What is being served is served to its end: nobody can take it back.
void LoadBalancer::onMessage(const Moment&, NodeId from, const Withdraw& withdraw, Out&)
{
    std::erase_if(m_waiting, [&](const Job& each) {
        return each.ticket == withdraw.ticket && each.balancer == from;
    });
}

/// The check goes the way that requests go: it fails as they fail.
void LoadBalancer::onMessage(const Moment& moment, NodeId from, const Probe& probe, Out& out)
{
    const bool passes = makes(Mistake::ShallowHealthChecks) || !moment.dice.chance(m_failing);
    out.send(from, ProbeAnswer{probe.round, passes, reportNow()});
}

void LoadBalancer::respond(const Job& job, Outcome outcome, Out& out)
{
    out.send(job.balancer, Response{job.ticket, outcome, reportNow()});
}

/// How many times as long a request takes because caches are empty: from coldTimes down to 1.
double LoadBalancer::coldness(Instant now) const
{
    const auto whole = static_cast<double>(parameters().warmUp.count());
    const auto gone = static_cast<double>((now - m_startedAt).count());
    const auto left = whole > 0 ? std::clamp(1 - gone / whole, 0.0, 1.0) : 0.0;
    return 1 + (parameters().coldTimes - 1) * left;
}

Report LoadBalancer::reportNow() const
{
    return {static_cast<std::uint32_t>(m_waiting.size()),
            static_cast<std::uint32_t>(m_running.size()), m_utilisation, m_boot};
}

/// Moves utilisation towards how busy it has been since it was last asked.
void LoadBalancer::meter(Instant now)
{
    const auto gone = std::max((now - m_meteredAt).count(), std::int64_t{0});
    const auto fading =
        portableExp(-static_cast<double>(gone) / static_cast<double>(meteredOver.count()));
    const auto busy = static_cast<double>(m_running.size()) / parameters().concurrency;
    m_utilisation = m_utilisation * fading + busy * (1 - fading);
    m_meteredAt = now;
}

} // namespace lightcone::protocols::load_balancer
