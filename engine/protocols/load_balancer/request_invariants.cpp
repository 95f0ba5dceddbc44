#include "engine/protocols/load_balancer/ledger.h"

#include <algorithm>
#include <fmt/ranges.h>

// What always holds of requests: that they are answered once, within limits and budgets, and that
// all balancers mean the same by a version.
namespace lightcone::protocols::load_balancer {
namespace {

std::string textOf(RequestId request)
{
    return fmt::format("request {} of c{}", request.sequence, request.client.value - firstClient);
}

/// An open request is closed by one answer and nothing else; an answer closes one, or repeats what
/// was answered before.
class AnsweredOnce
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Tier::Agents)) {
            return std::nullopt;
        }
        auto& known = m_agents[step.node()];
        if (step.restarted()) {
            known = {};
        }
        Verdict verdict;
        boost::container::flat_set<RequestId> answered;
        step.forEachAnswer([&](RequestId request, node::Answer answer, const Reply* body) {
            const bool ofFetch = answer == node::Answer::Refused
                || (body != nullptr && std::holds_alternative<Fetched>(*body));
            if (!ofFetch || verdict) {
                return;
            }
            const bool done = answer == node::Answer::Done;
            if (!answered.insert(request).second) {
                verdict = fmt::format("{} answers {} twice", step.name(), textOf(request));
            } else if (!known.open.contains(request)) {
                verdict = judgeRepetition(step, known, request, done);
            } else {
                known.ended[request] = done;
            }
        });
        boost::container::flat_set<RequestId> open;
        for (const auto& [serial, each] : step.machine().open()) {
            open.insert(open.end(), each.request);
        }
        for (const auto request : known.open) {
            if (!verdict && !open.contains(request) && !answered.contains(request)) {
                verdict = fmt::format("{} has forgotten {} without an answer", step.name(),
                                      textOf(request));
            }
        }
        known.open = std::move(open);
        forgetOld(step, known);
        return verdict;
    }

private:
    struct Agent
    {
        boost::container::flat_set<RequestId> open{};
        boost::container::flat_map<RequestId, bool> ended{};
    };

    static Verdict judgeRepetition(const Step& step, const Agent& known, RequestId request,
                                   bool done)
    {
        const auto before = known.ended.find(request);
        const bool meantForOthers = before == known.ended.end() && !done;
        if (meantForOthers || (before != known.ended.end() && before->second == done)) {
            return std::nullopt; // An operator's request to the wrong node is refused too.
        }
        return before == known.ended.end()
            ? fmt::format("{} answers {}, which is not open", step.name(), textOf(request))
            : fmt::format("{} answers {} again, and otherwise than before", step.name(),
                          textOf(request));
    }

    /// As much as the agent itself remembers.
    static void forgetOld(const Step& step, Agent& known)
    {
        const auto& kept = step.machine().ended();
        if (known.ended.size() <= 2 * kept.size() + 1) {
            return;
        }
        boost::container::flat_map<RequestId, bool> ended;
        for (const auto& each : kept) {
            ended[each.request] = static_cast<bool>(each.backend);
        }
        known.ended = std::move(ended);
    }

    PerNode<Agent> m_agents;
};

/// Counts what an agent sends beyond the first attempts.
class RetriesWithinBudget
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Tier::Agents)) {
            return std::nullopt;
        }
        auto& sent = m_agents[step.node()];
        if (step.restarted()) {
            sent = {};
        }
        step.forEachSent<Ask>(
            [&](NodeId, const Ask& ask) { ++(ask.attempt == 1 ? sent.first : sent.further); });
        const auto& parameters = step.machine().parameters();
        const auto paid = static_cast<std::uint64_t>(1000 * parameters.retryBudget) * sent.first;
        const auto allowed = parameters.retryReserve + paid / 1000;
        if (sent.further <= allowed) {
            return std::nullopt;
        }
        return fmt::format("{} has made {} further attempts at {} requests; its budget is {}",
                           step.name(), sent.further, sent.first, allowed);
    }

private:
    struct Sent
    {
        std::uint64_t first = 0;
        std::uint64_t further = 0;
    };
    PerNode<Sent> m_agents;
};

class InFlightWithinLimits
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (step.isOf(Tier::Balancers)) {
            return judgeBalancer(step);
        }
        if (!step.isOf(Tier::Backends)) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        const auto& parameters = machine.parameters();
        if (machine.running().size() > parameters.concurrency) {
            return fmt::format("{} works on {} requests at once; its limit is {}", step.name(),
                               machine.running().size(), parameters.concurrency);
        }
        if (machine.waiting().size() > parameters.queueLimit) {
            return fmt::format("{} requests wait at {}; its limit is {}", machine.waiting().size(),
                               step.name(), parameters.queueLimit);
        }
        return std::nullopt;
    }

private:
    static Verdict judgeBalancer(const Step& step)
    {
        const auto& machine = step.machine();
        PerNode<std::uint32_t> open;
        for (const auto& [ticket, errand] : machine.errands()) {
            ++open[errand.backend];
        }
        for (const auto& [backend, count] : open) {
            if (count > machine.parameters().maxInFlight) {
                return fmt::format("{} has {} requests open at {}; its limit is {}", step.name(),
                                   count, step.nameOf(backend), machine.parameters().maxInFlight);
            }
        }
        Verdict verdict;
        step.forEachSent<Forward>([&](NodeId to, const Forward& forward) {
            if (!machine.errands().contains(forward.ticket)) {
                verdict = fmt::format("{} sends a request to {} and does not count it", step.name(),
                                      step.nameOf(to));
            }
        });
        return verdict;
    }
};

/// What a crash would take back was no version yet: nothing has left that rests on it.
class OneVersionOneSetOfWeights
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Tier::Balancers)) {
            return std::nullopt;
        }
        const auto& now = step.machine().configuration();
        const auto& disk = step.disk().configuration;
        auto& seen = m_seen[step.node()];
        const bool settled = now.version == 0 || disk.version == now.version;
        const bool isSame = seen.version == now.version && seen.weights == now.weights;
        if (isSame && (seen.settled || !settled)) {
            return std::nullopt; // Looked at already.
        }
        Verdict verdict;
        const auto known = m_versions.find(now.version);
        if (known != m_versions.end() && known->second != now.weights) {
            verdict = sentence(step, now, known->second);
        } else if (!isSame && seen.version == now.version && !step.restarted()) {
            verdict = sentence(step, now, seen.weights);
        }
        seen = {now.version, now.weights, settled};
        if (settled) {
            m_versions.emplace(now.version, now.weights);
        }
        return verdict;
    }

private:
    struct Seen
    {
        std::uint64_t version = ~std::uint64_t{0};
        std::vector<std::uint32_t> weights{};
        bool settled = false;
    };

    static std::string sentence(const Step& step, const Configuration& now,
                                const std::vector<std::uint32_t>& before)
    {
        return fmt::format("{} works with the weights {} as version {}, which was {}", step.name(),
                           textOf(now.weights), now.version, textOf(before));
    }
    static std::string textOf(const std::vector<std::uint32_t>& weights)
    {
        return fmt::format("{}", fmt::join(weights, " "));
    }

    PerNode<Seen> m_seen;
    boost::container::flat_map<std::uint64_t, std::vector<std::uint32_t>> m_versions;
};

} // namespace

void addRequestInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<AnsweredOnce>(
        list, "answered once",
        "Every request that an agent has taken is answered once, or reported as failed.",
        "Site Reliability Engineering, chapter 22");
    addInvariant<RetriesWithinBudget>(
        list, "retries within the budget",
        "An agent makes no more further attempts than its requests have paid for.",
        "Site Reliability Engineering, chapter 21; Bronson et al., HotOS 2021");
    addInvariant<InFlightWithinLimits>(
        list, "in flight within limits",
        "No more requests are in flight to a backend, in service or in its queue than the limits "
        "say.",
        "Site Reliability Engineering, chapter 21");
    addInvariant<OneVersionOneSetOfWeights>(
        list, "one version, one set of weights",
        "A version stands for the same weights at all times and on all balancers.",
        "Eisenbud et al. 2016, section 3.2");
}

} // namespace lightcone::protocols::load_balancer
