#include "engine/protocols/load_balancer/load_balancer.h"

#include <algorithm>
#include <iterator>

// What a client's library does: it tries, tries again within a budget, hedges, and reports.
namespace lightcone::protocols::load_balancer {
namespace {

constexpr std::size_t endedKept = 128;
constexpr std::uint64_t attemptBits = 8;

/// In thousandths of an attempt.
std::uint64_t paidInBy(const Parameters& parameters)
{
    return static_cast<std::uint64_t>(1000 * parameters.retryBudget);
}

std::uint64_t fullBudget(const Parameters& parameters)
{
    return 1000ULL * parameters.retryReserve;
}

std::uint64_t aboutOf(std::uint64_t serial, std::uint32_t attempt)
{
    return serial << attemptBits | attempt;
}

} // namespace

void LoadBalancer::startAgent()
{
    m_role = Role::Agent;
    m_tokens = fullBudget(parameters());
}

void LoadBalancer::request(const Moment& moment, RequestId id, const Fetch& fetch, Out& out)
{
    if (tier() != Tier::Agents) {
        out.redirect(id, m_plan->homeOf(id.client));
        return;
    }
    const bool underWay = std::any_of(m_open.begin(), m_open.end(),
                                      [&](const auto& each) { return each.second.request == id; });
    if (underWay || answerAgain(id, out) || redirectHome(id, out)) {
        return; // A retry of what is under way waits for the same answer.
    }
    const auto serial = ++m_serial;
    m_open[serial] = {id, fetch.key, moment.now, 0, 0, {}, {}};
    // Finagle's retry budget: each request pays in, each retry takes out a whole one.
    m_tokens = std::min<std::uint64_t>(m_tokens + paidInBy(parameters()), fullBudget(parameters()));
    out.arm(Timer::Deadline, parameters().deadline, serial);
    attempt(moment, serial, out);
}

/// A client belongs to one agent. Whoever was sent there and comes back found it silent.
bool LoadBalancer::redirectHome(RequestId id, Out& out)
{
    const auto home = m_plan->homeOf(id.client);
    if (home == self() || !m_strays.insert(id.client).second) {
        return false;
    }
    out.redirect(id, home);
    return true;
}

bool LoadBalancer::answerAgain(RequestId id, Out& out)
{
    const auto known = std::find_if(m_ended.begin(), m_ended.end(),
                                    [&](const Ended& each) { return each.request == id; });
    if (known == m_ended.end()) {
        return false;
    }
    if (known->backend) {
        out.reply(id, Fetched{known->backend, known->attempts});
    } else {
        out.refuse(id, "it was reported as failed already");
    }
    return true;
}

void LoadBalancer::attempt(const Moment& moment, std::uint64_t serial, Out& out)
{
    auto& open = m_open.at(serial);
    const auto balancer = pickBalancer(moment, open);
    const auto number = ++open.attempts;
    open.underWay.push_back({number, balancer});
    m_lastBalancer = balancer;
    out.send(balancer, Ask{open.request, number, open.key, open.avoid});
    out.arm(Timer::Attempt, parameters().timeout, aboutOf(serial, number));
    if (number == 1 && parameters().hedgeAfter > Duration::zero()) {
        out.arm(Timer::Hedge, parameters().hedgeAfter, serial);
    }
}

/// The next in turn of those that answer, near ones first where distance counts.
NodeId LoadBalancer::pickBalancer(const Moment& moment, const Open& open)
{
    const auto isSilent = [&](NodeId balancer) {
        const auto since = m_silent.find(balancer);
        return since != m_silent.end() && moment.now >= since->second
            && moment.now < since->second + parameters().deadline;
    };
    const auto isAsked = [&](NodeId balancer) {
        return std::any_of(open.underWay.begin(), open.underWay.end(),
                           [&](const Attempt& each) { return each.balancer == balancer; });
    };
    auto nodes = m_plan->balancers;
    const auto keep = [&](auto keeps) {
        std::vector<NodeId> kept;
        std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(kept), keeps);
        nodes = kept.empty() ? nodes : kept;
    };
    keep([&](NodeId each) { return !isSilent(each); });
    keep([&](NodeId each) { return !isAsked(each); });
    if (parameters().strategy == Strategy::Geography) {
        for (const auto region : m_plan->nearestTo(m_plan->regionOf(self()))) {
            const auto isThere = [&](NodeId each) { return m_plan->regionOf(each) == region; };
            if (std::any_of(nodes.begin(), nodes.end(), isThere)) {
                keep(isThere);
                break;
            }
        }
    }
    const auto next = std::find_if(nodes.begin(), nodes.end(),
                                   [&](NodeId each) { return each > m_lastBalancer; });
    return next == nodes.end() ? nodes.front() : *next;
}

void LoadBalancer::onMessage(const Moment& moment, NodeId from, const Relay& relay, Out& out)
{
    m_silent.erase(from);
    const auto found = std::find_if(m_open.begin(), m_open.end(), [&](const auto& each) {
        return each.second.request == relay.request;
    });
    if (found == m_open.end()) {
        return;
    }
    const auto serial = found->first;
    auto& open = found->second;
    const auto attempt =
        std::find_if(open.underWay.begin(), open.underWay.end(), [&](const Attempt& each) {
            return each.number == relay.attempt && each.balancer == from;
        });
    if (attempt == open.underWay.end()) {
        return; // It was given up.
    }
    out.disarm(Timer::Attempt, aboutOf(serial, attempt->number));
    open.underWay.erase(attempt);
    if (relay.outcome == Outcome::Served) {
        finish(serial, relay.backend, out);
        return;
    }
    if (relay.backend) {
        open.avoid.insert(relay.backend);
    }
    switch (relay.outcome) {
    case Outcome::Overloaded:
        attemptFailed(moment, serial, "the backend is overloaded", out);
        break;
    case Outcome::TimedOut:
        attemptFailed(moment, serial, "the backend did not answer", out);
        break;
    case Outcome::Unavailable:
        attemptFailed(moment, serial, "the balancer has no backend for it", out);
        break;
    default:
        attemptFailed(moment, serial, "the backend failed", out);
        break;
    }
}

void LoadBalancer::attemptFailed(const Moment& moment, std::uint64_t serial, std::string_view why,
                                 Out& out)
{
    auto& open = m_open.at(serial);
    ++open.failures;
    if (!open.underWay.empty()) {
        return; // Another attempt runs beside it.
    }
    if (open.attempts >= parameters().attempts) {
        report(serial, why, out);
    } else if (!takeToken()) {
        out.note("has no retry left in its budget");
        report(serial, why, out);
    } else {
        out.disarm(Timer::Hedge, serial);
        out.arm(Timer::Retry, pauseBefore(open.failures, moment.dice), serial);
    }
}

void LoadBalancer::onAttemptTimeout(const Moment& moment, std::uint64_t about, Out& out)
{
    const auto serial = about >> attemptBits;
    const auto number = static_cast<std::uint32_t>(about & ((1U << attemptBits) - 1));
    auto& open = m_open.at(serial);
    const auto attempt = std::find_if(open.underWay.begin(), open.underWay.end(),
                                      [&](const Attempt& each) { return each.number == number; });
    const auto balancer = attempt->balancer;
    open.underWay.erase(attempt);
    m_silent[balancer] = moment.now;
    if (parameters().cancels) {
        out.send(balancer, Cancel{open.request, number});
    }
    attemptFailed(moment, serial, "no answer came in time", out);
}

/// Dean and Barroso, The Tail at Scale (2013): a second attempt once the first is outstanding for
/// longer than most take; the first answer counts.
void LoadBalancer::hedge(const Moment& moment, std::uint64_t serial, Out& out)
{
    const auto& open = m_open.at(serial);
    if (open.underWay.size() == 1 && open.attempts < parameters().attempts && takeToken()) {
        ++m_hedges;
        attempt(moment, serial, out);
    }
}

bool LoadBalancer::takeToken()
{
    if (makes(Mistake::UnlimitedRetries)) {
        return true;
    }
    if (m_tokens < 1000) {
        return false;
    }
    m_tokens -= 1000;
    return true;
}

/// Exponential back-off with full jitter.
Duration LoadBalancer::pauseBefore(std::uint32_t retry, Dice& dice) const
{
    auto most = parameters().backOff;
    for (std::uint32_t i = 1; i < retry && most < parameters().mostBackOff; ++i) {
        most = std::min(2 * most, parameters().mostBackOff);
    }
    return dice.between(Duration::zero(), most);
}

void LoadBalancer::finish(std::uint64_t serial, NodeId backend, Out& out)
{
    const auto open = std::move(m_open.at(serial));
    m_open.erase(serial);
    for (const auto& attempt : open.underWay) {
        out.disarm(Timer::Attempt, aboutOf(serial, attempt.number));
        if (parameters().cancels) {
            out.send(attempt.balancer, Cancel{open.request, attempt.number});
        }
    }
    out.disarm(Timer::Retry, serial);
    out.disarm(Timer::Hedge, serial);
    out.disarm(Timer::Deadline, serial);
    m_ended.push_back({open.request, backend, open.attempts});
    if (m_ended.size() > endedKept) {
        m_ended.pop_front();
    }
    if (backend) {
        ++m_served;
        out.reply(open.request, Fetched{backend, open.attempts});
    } else {
        ++m_failed;
    }
}

void LoadBalancer::report(std::uint64_t serial, std::string_view why, Out& out)
{
    const auto& open = m_open.at(serial);
    out.refuse(open.request,
               fmt::format("failed after {} attempt{}: {}", open.attempts,
                           open.attempts == 1 ? "" : "s", why));
    finish(serial, NodeId{}, out);
}

} // namespace lightcone::protocols::load_balancer
