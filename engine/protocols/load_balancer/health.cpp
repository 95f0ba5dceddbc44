#include "engine/protocols/load_balancer/load_balancer.h"

#include <algorithm>

// Whom a balancer trusts with requests: health checks, ejection, slow start, latency.
namespace lightcone::protocols::load_balancer {
namespace {

/// An ejection lasts longer each time, up to so many times as long.
constexpr std::uint32_t mostEjections = 5;

bool isFailure(Outcome outcome)
{
    // A full queue says that there is too much to do, not that anything is wrong.
    return outcome == Outcome::Failed || outcome == Outcome::TimedOut;
}

} // namespace

void LoadBalancer::probe(const Moment& moment, Out& out)
{
    endSlowStarts(moment);
    for (const auto backend : m_plan->backends) {
        if (m_round > 0 && m_backends[backend].probe != m_round) {
            judgeProbe(moment, backend, false, out);
        }
    }
    ++m_round;
    out.broadcast(m_plan->backends, Probe{m_round});
    tellPeers(out);
    out.arm(Timer::Probe, parameters().probeEvery);
}

void LoadBalancer::onMessage(const Moment& moment, NodeId from, const ProbeAnswer& answer, Out& out)
{
    auto& upstream = m_backends[from];
    if (answer.round != m_round || upstream.probe == m_round) {
        return; // Too late, or twice.
    }
    upstream.probe = m_round;
    heed(moment, from, answer.report, out);
    judgeProbe(moment, from, answer.passed, out);
}

void LoadBalancer::judgeProbe(const Moment& moment, NodeId backend, bool passed, Out& out)
{
    auto& upstream = m_backends[backend];
    if (parameters().unhealthyAfter == 0) {
        return;
    }
    if (passed) {
        upstream.probesFailed = 0;
        ++upstream.probesPassed;
        upstream.down = upstream.down && upstream.probesPassed < parameters().healthyAfter;
    } else {
        upstream.probesPassed = 0;
        ++upstream.probesFailed;
        upstream.down = upstream.down || upstream.probesFailed >= parameters().unhealthyAfter;
    }
    changeStanding(moment, backend, out);
}

/// What a backend says of itself. One that has booted again is cold, whether or not it was missed.
void LoadBalancer::heed(const Moment& moment, NodeId backend, const Report& report, Out& out)
{
    auto& upstream = m_backends[backend];
    const auto before = upstream.report.boot;
    if (report.boot < before) {
        return; // Of an earlier life.
    }
    upstream.report = report;
    upstream.report.utilisation =
        report.utilisation >= 0 && report.utilisation <= 1 ? report.utilisation : 1;
    upstream.sinceReport = 0;
    if (before != 0 && report.boot > before && admits(backend)) {
        out.note("hears that {} has booted again", m_plan->nameOf(backend));
        startSlowly(moment, upstream);
    }
}

void LoadBalancer::judgeOutcome(const Moment& moment, NodeId backend, Outcome outcome,
                                Duration took, Out& out)
{
    auto& upstream = m_backends[backend];
    measure(moment, upstream, outcome, std::max(took, Duration::zero()));
    if (upstream.ejected) {
        return; // Of requests from before.
    }
    if (outcome == Outcome::Served) {
        upstream.failuresInRow = 0;
    } else if (isFailure(outcome)) {
        ++upstream.failuresInRow;
        considerEjection(moment, backend, out);
    }
}

/// Finagle's peak EWMA: a rise counts at once, a fall little by little. A failure counts as no
/// answer would have.
void LoadBalancer::measure(const Moment& moment, Upstream& upstream, Outcome outcome, Duration took)
{
    if (outcome != Outcome::Served && !makes(Mistake::FailuresLookIdle)) {
        took = std::max(took, parameters().upstreamTimeout);
    }
    const auto kept = fading(upstream, moment.now);
    const auto mean = static_cast<double>(upstream.latency.count()) * kept
        + static_cast<double>(took.count()) * (1 - kept);
    upstream.latency = std::max(took, Duration(static_cast<std::int64_t>(mean)));
    upstream.latencyAt = moment.now;
}

void LoadBalancer::considerEjection(const Moment& moment, NodeId backend, Out& out)
{
    auto& upstream = m_backends[backend];
    const auto after = parameters().ejectAfter;
    const auto ejected = std::count_if(m_backends.begin(), m_backends.end(),
                                       [](const auto& each) { return each.second.ejected; });
    if (after == 0 || upstream.failuresInRow < after
        || static_cast<std::size_t>(ejected) >= mostEjected()
        || makes(Mistake::ShallowHealthChecks)) {
        return;
    }
    upstream.ejected = true;
    ++m_ejections;
    upstream.ejections = std::min(upstream.ejections + 1, mostEjections);
    out.note("ejects {} after {} failures in a row", m_plan->nameOf(backend),
             upstream.failuresInRow);
    out.arm(Timer::Readmit, parameters().ejectFor * upstream.ejections, backend.value);
    changeStanding(moment, backend, out);
}

std::size_t LoadBalancer::mostEjected() const
{
    return static_cast<std::size_t>(parameters().mostEjected
                                    * static_cast<double>(m_plan->backends.size()));
}

void LoadBalancer::readmit(const Moment& moment, NodeId backend, Out& out)
{
    m_backends[backend].ejected = false;
    changeStanding(moment, backend, out);
}

/// After anything that its standing depends on.
void LoadBalancer::changeStanding(const Moment& moment, NodeId backend, Out& out)
{
    auto& upstream = m_backends[backend];
    const auto before = upstream.standing;
    const bool was = before == Standing::Up || before == Standing::SlowStart;
    if (m_configuration.drained.contains(backend)) {
        upstream.standing = Standing::Drained;
    } else if (upstream.down) {
        upstream.standing = Standing::Down;
    } else if (upstream.ejected) {
        upstream.standing = Standing::Ejected;
    } else if (!was) {
        upstream.standing = Standing::Up;
        startSlowly(moment, upstream);
    }
    if (upstream.standing == before) {
        return;
    }
    m_turn.current.clear(); // Else it would make up for turns of another set of backends.
    const auto name = m_plan->nameOf(backend);
    switch (upstream.standing) {
    case Standing::Up:
    case Standing::SlowStart:
        out.note("sends requests to {} again", name);
        break;
    case Standing::Down:
        out.note("takes {} for down", name);
        break;
    case Standing::Drained:
        out.note("drains {}", name);
        break;
    case Standing::Ejected:
        break; // said already
    }
    if (!admits(backend)) {
        upstream.startedSlowlyAt.reset();
    }
}

void LoadBalancer::startSlowly(const Moment& moment, Upstream& upstream) const
{
    upstream.failuresInRow = 0;
    if (parameters().slowStart > Duration::zero() && !makes(Mistake::NoSlowStart)) {
        upstream.standing = Standing::SlowStart;
        upstream.startedSlowlyAt = moment.now;
    }
}

void LoadBalancer::endSlowStarts(const Moment& moment)
{
    for (auto& [backend, upstream] : m_backends) {
        if (upstream.startedSlowlyAt && rampOf(upstream, moment.now) >= 1) {
            upstream.startedSlowlyAt.reset();
            upstream.standing = Standing::Up;
            m_turn.current.clear();
        }
    }
}

/// From 0 to 1 while it is in slow start.
double LoadBalancer::rampOf(const Upstream& upstream, Instant now) const
{
    if (!upstream.startedSlowlyAt) {
        return 1;
    }
    const auto gone = static_cast<double>((now - *upstream.startedSlowlyAt).count());
    return std::clamp(gone / static_cast<double>(parameters().slowStart.count()), 0.0, 1.0);
}

/// How much of what was measured still counts, from 1 to 0.
double LoadBalancer::fading(const Upstream& upstream, Instant now) const
{
    const auto gone =
        static_cast<double>(std::max((now - upstream.latencyAt).count(), std::int64_t{0}));
    return portableExp(-gone / static_cast<double>(parameters().latencyMemory.count()));
}

Duration LoadBalancer::decayed(const Upstream& upstream, Instant now) const
{
    return Duration(static_cast<std::int64_t>(static_cast<double>(upstream.latency.count())
                                              * fading(upstream, now)));
}

} // namespace lightcone::protocols::load_balancer
