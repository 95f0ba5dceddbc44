#include "engine/protocols/load_balancer/load_balancer.h"

#include <algorithm>
#include <cmath>

// What operators change while it runs, and how all balancers come to know.
namespace lightcone::protocols::load_balancer {
namespace {

/// By the mistake, so long passes between the weights of two backends.
constexpr Duration betweenWeights = std::chrono::milliseconds(50);

} // namespace

bool LoadBalancer::isFor(Tier wanted, RequestId id, Out& out) const
{
    if (tier() == wanted) {
        return true;
    }
    out.refuse(id,
               wanted == Tier::Balancers ? "expected a balancer to be asked, as in 'to lb1'"
                                         : "expected a backend to be asked, as in 'to b1'");
    return false;
}

bool LoadBalancer::isBackend(NodeId node, RequestId id, Out& out) const
{
    const auto& backends = m_plan->backends;
    if (std::find(backends.begin(), backends.end(), node) != backends.end()) {
        return true;
    }
    out.refuse(id, "expected a backend such as b1");
    return false;
}

void LoadBalancer::request(const Moment& moment, RequestId id, const Weigh& weigh, Out& out)
{
    if (!isFor(Tier::Balancers, id, out)) {
        return;
    }
    if (const auto valid = validateWeights(weigh.weights, m_plan->backends.size()); !valid) {
        out.refuse(id, valid.error().message);
        return;
    }
    auto changed = m_configuration;
    changed.version = nextVersion();
    if (makes(Mistake::WeightsOneByOne)) {
        m_weightsToCome = weigh.weights;
        m_configuration.version = changed.version;
        weighNext(moment, out);
    } else {
        changed.weights = weigh.weights;
        change(moment, std::move(changed), out);
    }
    out.reply(id, Configured{m_configuration.version});
}

void LoadBalancer::weighNext(const Moment& moment, Out& out)
{
    const auto place = m_configuration.weights.size() - m_weightsToCome.size();
    auto changed = m_configuration;
    changed.weights[place] = m_weightsToCome.front();
    m_weightsToCome.erase(m_weightsToCome.begin());
    change(moment, std::move(changed), out);
    if (!m_weightsToCome.empty()) {
        out.arm(Timer::Weigh, betweenWeights);
    }
}

void LoadBalancer::request(const Moment& moment, RequestId id, const Drain& drain, Out& out)
{
    if (!isFor(Tier::Balancers, id, out) || !isBackend(drain.backend, id, out)) {
        return;
    }
    auto changed = m_configuration;
    if (changed.drained.insert(drain.backend).second) {
        changed.version = nextVersion();
        change(moment, std::move(changed), out);
    }
    out.reply(id, Configured{m_configuration.version});
}

void LoadBalancer::request(const Moment& moment, RequestId id, const Undrain& undrain, Out& out)
{
    if (!isFor(Tier::Balancers, id, out) || !isBackend(undrain.backend, id, out)) {
        return;
    }
    auto changed = m_configuration;
    if (changed.drained.erase(undrain.backend) > 0) {
        changed.version = nextVersion();
        change(moment, std::move(changed), out);
    }
    out.reply(id, Configured{m_configuration.version});
}

/// All of it at once, and to disk before anybody hears of it.
void LoadBalancer::change(const Moment& moment, Configuration configuration, Out& out)
{
    m_configuration = std::move(configuration);
    m_turn = {};
    out.write(m_configuration);
    out.note("works by version {}", m_configuration.version);
    for (const auto backend : m_plan->backends) {
        changeStanding(moment, backend, out);
    }
    tellPeers(out);
}

/// No two balancers ever use the same number.
std::uint64_t LoadBalancer::nextVersion() const
{
    const auto count = m_plan->balancers.size();
    const auto own = m_plan->placeOf(self()) + 1;
    const auto rounds =
        m_configuration.version < own ? 0 : (m_configuration.version - own) / count + 1;
    return rounds * count + own;
}

/// Again with each round of probes, until they say that they have it.
void LoadBalancer::tellPeers(Out& out)
{
    if (m_configuration.version == 0) {
        return;
    }
    for (const auto peer : m_plan->balancers) {
        if (peer != self() && m_known[peer] < m_configuration.version) {
            out.send(peer, Configure{m_configuration});
        }
    }
}

void LoadBalancer::onMessage(const Moment& moment, NodeId from, const Configure& told, Out& out)
{
    const auto& backends = m_plan->backends;
    const auto& drained = told.configuration.drained;
    if (!validateWeights(told.configuration.weights, backends.size())
        || !std::includes(backends.begin(), backends.end(), drained.begin(), drained.end())) {
        return; // No balancer of this plan says so.
    }
    if (told.configuration.version > m_configuration.version) {
        m_weightsToCome.clear();
        out.disarm(Timer::Weigh);
        m_known[from] = told.configuration.version;
        change(moment, told.configuration, out);
    }
    out.send(from, Configured{told.configuration.version});
}

void LoadBalancer::onMessage(const Moment&, NodeId from, const Configured& known, Out&)
{
    m_known[from] = std::max(m_known[from], known.version);
}

void LoadBalancer::request(const Moment&, RequestId id, const Slow& slow, Out& out)
{
    if (!isFor(Tier::Backends, id, out)) {
        return;
    }
    if (!(slow.times >= 1 && slow.times <= 10'000)) {
        out.refuse(id, "expected from 1 to 10000 times as long");
        return;
    }
    m_slow = slow.times;
    out.note("takes {} as usual",
             m_slow == 1 ? "as long" : fmt::format("{} times as long", m_slow));
    out.reply(id, Condition{m_slow, m_failing});
}

void LoadBalancer::request(const Moment&, RequestId id, const Fail& failing, Out& out)
{
    if (!isFor(Tier::Backends, id, out)) {
        return;
    }
    if (!(failing.share >= 0 && failing.share <= 1)) {
        out.refuse(id, "expected a share from 0 to 1");
        return;
    }
    m_failing = failing.share;
    out.note("fails {} of 100 requests", std::round(100 * m_failing));
    out.reply(id, Condition{m_slow, m_failing});
}

} // namespace lightcone::protocols::load_balancer
