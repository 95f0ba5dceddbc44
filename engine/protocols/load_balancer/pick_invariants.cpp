#include "engine/protocols/load_balancer/ledger.h"

#include <algorithm>
#include <cmath>
#include <deque>

// What always holds of a balancer's picks: whom it asks, how often, and how carefully.
namespace lightcone::protocols::load_balancer {
namespace {

bool isUp(Standing standing)
{
    return standing == Standing::Up || standing == Standing::SlowStart;
}

/// By what the balancer knew before the step, and by what its disk says operators wanted.
class OnlyBackendsThatAreUp
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Tier::Balancers)) {
            return std::nullopt;
        }
        auto& before = m_standings[step.node()];
        if (step.restarted()) {
            before.clear();
        }
        Verdict verdict;
        step.forEachSent<Forward>([&](NodeId to, const Forward&) {
            const auto known = before.find(to);
            if (isDrained(step, to)) {
                verdict = fmt::format("{} sends a request to {}, which was drained", step.name(),
                                      step.nameOf(to));
            } else if (known != before.end() && !isUp(known->second)) {
                verdict = fmt::format("{} sends a request to {}, which it takes for {}",
                                      step.name(), step.nameOf(to),
                                      known->second == Standing::Down ? "down" : "ejected");
            }
        });
        for (const auto& [backend, upstream] : step.machine().backends()) {
            before[backend] = upstream.standing;
        }
        return verdict;
    }

private:
    static bool isDrained(const Step& step, NodeId backend)
    {
        const auto& machine = step.machine().configuration();
        const auto& disk = step.disk().configuration;
        const auto& drained = disk.version < machine.version ? machine.drained : disk.drained;
        return drained.contains(backend);
    }

    PerNode<PerNode<Standing>> m_standings;
};

/// The backends that a balancer chooses from, as its last step left them.
struct Choices
{
    std::vector<std::pair<NodeId, std::uint32_t>> weights{};
    bool steady = false; ///< none is in slow start

    static Choices of(const LoadBalancer& machine)
    {
        Choices choices;
        choices.steady = true;
        for (const auto& [backend, upstream] : machine.backends()) {
            const auto weight = machine.weightOf(backend);
            const auto most = machine.parameters().maxInFlight;
            if (weight > 0 && isUp(upstream.standing) && upstream.inFlight < most) {
                choices.weights.emplace_back(backend, weight);
                choices.steady = choices.steady && !upstream.startedSlowlyAt;
            }
        }
        return choices;
    }

    [[nodiscard]] std::uint64_t total() const
    {
        std::uint64_t sum = 0;
        for (const auto& [backend, weight] : weights) {
            sum += weight;
        }
        return sum;
    }

    friend bool operator==(const Choices&, const Choices&) = default;
};

/// Counts first attempts for as long as the choice stays the same.
class SharesFollowWeights
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Tier::Balancers) || !applies(step.machine().parameters())) {
            return std::nullopt;
        }
        auto& seen = m_balancers[step.node()];
        Verdict verdict;
        step.forEachSent<Forward>([&](NodeId to, const Forward& forward) {
            // A further attempt leaves out where the request has failed.
            if (forward.attempt > 1 || !seen.choices.steady) {
                seen.picked.clear();
                seen.picks = 0;
                return;
            }
            ++seen.picks;
            ++seen.picked[to];
            verdict = judge(step, seen);
        });
        auto choices = Choices::of(step.machine());
        if (step.restarted() || !(choices == seen.choices)
            || seen.version != step.machine().configuration().version) {
            seen = {std::move(choices), step.machine().configuration().version, 0, {}};
        }
        return verdict;
    }

private:
    struct Balancer
    {
        Choices choices{};
        std::uint64_t version = 0;
        std::uint64_t picks = 0;
        PerNode<std::uint64_t> picked{};
    };

    static bool applies(const Parameters& parameters)
    {
        switch (parameters.algorithm) {
        case Algorithm::Random:
        case Algorithm::RoundRobin:
        case Algorithm::WeightedRandom:
        case Algorithm::SmoothWeighted:
            return parameters.strategy == Strategy::None;
        default:
            return false;
        }
    }

    static Verdict judge(const Step& step, Balancer& seen)
    {
        const auto algorithm = step.machine().parameters().algorithm;
        const bool weighs =
            algorithm == Algorithm::WeightedRandom || algorithm == Algorithm::SmoothWeighted;
        const auto count = static_cast<double>(seen.choices.weights.size());
        const auto total = static_cast<double>(seen.choices.total());
        const auto picks = static_cast<double>(seen.picks);
        for (const auto& [backend, weight] : seen.choices.weights) {
            const auto share = weighs ? weight / total : 1 / count;
            const auto got = static_cast<double>(seen.picked[backend]);
            if (std::abs(got - picks * share) > allowance(algorithm, picks, share, count)) {
                return fmt::format("{} has sent {} of {} requests to {}, whose share is {:.3f}",
                                   step.name(), got, picks, step.nameOf(backend), share);
            }
        }
        return std::nullopt;
    }

    /// Of chance six standard deviations, and a few more at the beginning.
    static double allowance(Algorithm algorithm, double picks, double share, double count)
    {
        switch (algorithm) {
        case Algorithm::RoundRobin:
            return 0.999; // whole turns and a begun one
        case Algorithm::SmoothWeighted:
            return 2 + count;
        default:
            return 8 + 6 * std::sqrt(picks * share * (1 - share));
        }
    }

    PerNode<Balancer> m_balancers;
};

/// With least connections: of any `window` requests a backend that has done nothing but fail does
/// not get most, as long as two others can be asked.
class FailuresAttractNoLoad
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Tier::Balancers) || !applies(step.machine().parameters())) {
            return std::nullopt;
        }
        auto& seen = m_balancers[step.node()];
        step.forEachSent<Relay>([&](NodeId, const Relay& relay) {
            if (relay.backend) {
                auto& failures = seen.failures[relay.backend];
                failures = relay.outcome == Outcome::Served ? 0 : failures + 1;
            }
        });
        Verdict verdict;
        step.forEachSent<Forward>([&](NodeId to, const Forward&) {
            seen.picked.push_back(to);
            if (seen.picked.size() > window) {
                seen.picked.pop_front();
            }
            verdict = judge(step, seen, to);
        });
        auto choices = Choices::of(step.machine());
        if (step.restarted() || !(choices == seen.choices) || !choices.steady) {
            seen = {std::move(choices), {}, {}};
        }
        return verdict;
    }

private:
    static constexpr std::size_t window = 64;
    static constexpr std::ptrdiff_t most = 48;
    static constexpr std::uint64_t nothingBut = 16; ///< failures in a row

    struct Balancer
    {
        Choices choices{};
        std::deque<NodeId> picked{};
        PerNode<std::uint64_t> failures{}; ///< in a row
    };

    static bool applies(const Parameters& parameters)
    {
        return parameters.algorithm == Algorithm::LeastConnections
            && parameters.strategy == Strategy::None;
    }

    static Verdict judge(const Step& step, Balancer& seen, NodeId backend)
    {
        const auto& weights = seen.choices.weights;
        const auto own = std::find_if(weights.begin(), weights.end(),
                                      [&](const auto& each) { return each.first == backend; });
        if (seen.picked.size() < window || seen.failures[backend] < nothingBut
            || own == weights.end() || 3ULL * own->second > seen.choices.total()) {
            return std::nullopt;
        }
        const auto got = std::count(seen.picked.begin(), seen.picked.end(), backend);
        if (got <= most) {
            return std::nullopt;
        }
        return fmt::format("{} has sent {} of the last {} requests to {}, which has failed {} in a "
                           "row",
                           step.name(), got, window, step.nameOf(backend), seen.failures[backend]);
    }

    PerNode<Balancer> m_balancers;
};

/// Reckons by itself since when a backend is back, by the balancer's clock.
class SlowStart
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Tier::Balancers)) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        auto& seen = m_balancers[step.node()];
        if (step.restarted()) {
            seen = {};
        }
        Verdict verdict;
        step.forEachSent<Forward>(
            [&](NodeId to, const Forward&) { verdict = judge(step, seen, to); });
        for (const auto& [backend, upstream] : machine.backends()) {
            auto& known = seen[backend];
            const bool up = isUp(upstream.standing);
            if (known.seen && up && !known.up) {
                known.since = machine.asOf();
            }
            if (!up || (known.since && rampOf(machine, *known.since) >= 1)) {
                known.since.reset();
            }
            known.up = up;
            known.seen = true;
        }
        return verdict;
    }

private:
    struct Known
    {
        bool seen = false;
        bool up = false;
        std::optional<Instant> since{};
    };

    static double rampOf(const LoadBalancer& machine, Instant since)
    {
        const auto whole = static_cast<double>(machine.parameters().slowStart.count());
        const auto gone = static_cast<double>((machine.asOf() - since).count());
        return whole <= 0 ? 1 : std::clamp(gone / whole, 0.0, 1.0);
    }

    static Verdict judge(const Step& step, PerNode<Known>& seen, NodeId backend)
    {
        const auto& machine = step.machine();
        const auto since = seen[backend].since;
        if (!since) {
            return std::nullopt;
        }
        const auto ramp = rampOf(machine, *since);
        const auto most = static_cast<std::uint32_t>(ramp * machine.parameters().maxInFlight);
        const auto open =
            std::count_if(machine.errands().begin(), machine.errands().end(),
                          [&](const auto& each) { return each.second.backend == backend; });
        if (open <= std::max(1U, most)) {
            return std::nullopt;
        }
        return fmt::format("{} has {} requests open at {}, which is back since {}; {} are right by "
                           "now",
                           step.name(), open, step.nameOf(backend), toText(machine.asOf() - *since),
                           std::max(1U, most));
    }

    PerNode<PerNode<Known>> m_balancers;
};

/// Counts failures in a row by what the balancer tells agents.
class FailingBackendsAreEjected
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        const auto after = step.isOf(Tier::Balancers) ? step.machine().parameters().ejectAfter : 0;
        if (after == 0) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        auto& seen = m_balancers[step.node()];
        if (step.restarted()) {
            seen = {};
        }
        for (const auto& [backend, upstream] : machine.backends()) {
            auto& known = seen[backend];
            const bool isBack = isUp(upstream.standing) && !known.up;
            if (isBack || upstream.report.boot != known.boot) {
                known.failures = 0;
            }
            known.up = isUp(upstream.standing);
            known.boot = upstream.report.boot;
        }
        Verdict verdict;
        step.forEachSent<Relay>([&](NodeId, const Relay& relay) {
            if (relay.backend) {
                verdict = judge(step, seen[relay.backend], relay, after);
            }
        });
        for (const auto& [backend, upstream] : machine.backends()) {
            seen[backend].ejected = upstream.ejected;
        }
        return verdict;
    }

private:
    struct Known
    {
        bool up = false;
        bool ejected = false;
        std::uint64_t boot = 0;
        std::uint32_t failures = 0;
    };

    static Verdict judge(const Step& step, Known& known, const Relay& relay, std::uint32_t after)
    {
        if (known.ejected || relay.outcome == Outcome::Overloaded) {
            return std::nullopt;
        }
        known.failures = relay.outcome == Outcome::Served ? 0 : known.failures + 1;
        const auto& machine = step.machine();
        const auto& backends = machine.backends();
        const auto ejected = std::count_if(backends.begin(), backends.end(),
                                           [](const auto& each) { return each.second.ejected; });
        const bool full = static_cast<std::size_t>(ejected) >= machine.mostEjected();
        if (known.failures < after || full || backends.at(relay.backend).ejected) {
            return std::nullopt;
        }
        return fmt::format("{} still trusts {}, which has failed {} requests in a row", step.name(),
                           step.nameOf(relay.backend), known.failures);
    }

    PerNode<PerNode<Known>> m_balancers;
};

} // namespace

void addPickInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<OnlyBackendsThatAreUp>(
        list, "only backends that are up",
        "No request goes to a backend that is ejected, down or drained.",
        "Site Reliability Engineering, chapter 20");
    addInvariant<SharesFollowWeights>(
        list, "shares follow weights",
        "Algorithms that go by weight or turn give each backend its share, within what chance "
        "allows.",
        "Katevenis, Sidiropoulos, Courcoubetis 1991; nginx 1.3.1, upstream round robin");
    addInvariant<FailuresAttractNoLoad>(
        list, "failures attract no load",
        "With least connections a backend that does nothing but fail does not get most requests.",
        "Site Reliability Engineering, chapter 20, Least-Loaded Round Robin");
    addInvariant<SlowStart>(
        list, "slow start",
        "A backend that is back gets no more requests at once than the ramp allows by now.",
        "HAProxy Configuration Manual, slowstart");
    addInvariant<FailingBackendsAreEjected>(
        list, "failing backends are ejected",
        "A backend that fails so many requests in a row is ejected, unless too many are already.",
        "Envoy documentation, outlier detection");
}

std::vector<std::unique_ptr<node::Invariant>> LoadBalancer::invariants(const node::SetupPtr&)
{
    std::vector<std::unique_ptr<node::Invariant>> list;
    addRequestInvariants(list);
    addPickInvariants(list);
    return list;
}

} // namespace lightcone::protocols::load_balancer
