#include "engine/protocols/load_balancer/choice.h"

#include "engine/core/check.h"

#include <algorithm>
#include <cmath>

namespace lightcone::protocols::load_balancer {
namespace {

using CandidateView = std::span<const Candidate>;

double weighted(const Candidate& candidate)
{
    return candidate.cost / candidate.weight;
}

std::uint64_t totalWeight(CandidateView candidates)
{
    std::uint64_t total = 0;
    for (const auto& each : candidates) {
        total += each.weight;
    }
    return total;
}

NodeId nextInTurn(CandidateView candidates, Turn& turn)
{
    const auto next = std::find_if(candidates.begin(), candidates.end(),
                                   [&](const auto& each) { return each.backend > turn.last; });
    turn.last = next == candidates.end() ? candidates.front().backend : next->backend;
    return turn.last;
}

NodeId byWeight(CandidateView candidates, Dice& dice)
{
    auto left = dice.below(totalWeight(candidates));
    for (const auto& each : candidates) {
        if (left < each.weight) {
            return each.backend;
        }
        left -= each.weight;
    }
    checkFailed("a point within the weights", BOOST_CURRENT_LOCATION);
}

/// Ties are broken at random: always the first would give it more than its share.
NodeId leastLoaded(CandidateView candidates, Dice& dice)
{
    std::uint64_t ties = 1;
    const auto* best = &candidates.front();
    for (const auto& each : candidates.subspan(1)) {
        if (weighted(each) < weighted(*best)) {
            best = &each;
            ties = 1;
        } else if (weighted(each) == weighted(*best) && dice.below(++ties) == 0) {
            best = &each;
        }
    }
    return best->backend;
}

NodeId betterOfTwo(CandidateView candidates, Dice& dice)
{
    if (candidates.size() == 1) {
        return candidates.front().backend;
    }
    const auto first = dice.below(candidates.size());
    auto second = dice.below(candidates.size() - 1);
    second += second >= first ? 1 : 0;
    return weighted(candidates[second]) < weighted(candidates[first]) ? candidates[second].backend
                                                                      : candidates[first].backend;
}

const Candidate* find(CandidateView candidates, NodeId backend)
{
    const auto found = std::find_if(candidates.begin(), candidates.end(),
                                    [&](const auto& each) { return each.backend == backend; });
    return found == candidates.end() ? nullptr : &*found;
}

} // namespace

NodeId chooseSmoothly(std::span<const Candidate> candidates, Turn& turn)
{
    check(!candidates.empty(), "a backend to choose");
    const auto* best = &candidates.front();
    for (const auto& each : candidates) {
        turn.current[each.backend] += each.weight;
        if (turn.current[each.backend] > turn.current[best->backend]) {
            best = &each;
        }
    }
    turn.current[best->backend] -= static_cast<std::int64_t>(totalWeight(candidates));
    return best->backend;
}

std::uint64_t boundOf(const Candidate& candidate, std::span<const Candidate> candidates,
                      double boundFactor)
{
    std::uint64_t open = 1;
    for (const auto& each : candidates) {
        open += each.load;
    }
    const auto share =
        static_cast<double>(candidate.weight) / static_cast<double>(totalWeight(candidates));
    return static_cast<std::uint64_t>(std::ceil(boundFactor * share * static_cast<double>(open)));
}

NodeId choose(Algorithm algorithm, std::span<const Candidate> candidates, std::string_view key,
              Turn& turn, const Tables& tables, double boundFactor, Dice& dice)
{
    check(!candidates.empty(), "a backend to choose");
    switch (algorithm) {
    case Algorithm::Random:
        return candidates[dice.below(candidates.size())].backend;
    case Algorithm::RoundRobin:
        return nextInTurn(candidates, turn);
    case Algorithm::WeightedRandom:
        return byWeight(candidates, dice);
    case Algorithm::SmoothWeighted:
        return chooseSmoothly(candidates, turn);
    case Algorithm::LeastConnections:
        return leastLoaded(candidates, dice);
    case Algorithm::TwoChoices:
        return betterOfTwo(candidates, dice);
    case Algorithm::BoundedHash: {
        const auto chosen = tables.ring->find(hashOfKey(key), [&](NodeId backend) {
            const auto* candidate = find(candidates, backend);
            return candidate != nullptr
                && candidate->load < boundOf(*candidate, candidates, boundFactor);
        });
        check(static_cast<bool>(chosen), "a backend below the bound: their sum is above the load");
        return chosen;
    }
    case Algorithm::Maglev: {
        const auto chosen = tables.maglev->find(
            hashOfKey(key), [&](NodeId backend) { return find(candidates, backend) != nullptr; });
        return chosen ? chosen : candidates.front().backend;
    }
    }
    checkFailed("a known algorithm", BOOST_CURRENT_LOCATION);
}

} // namespace lightcone::protocols::load_balancer
