#include "engine/sim/chaos.h"

#include "engine/core/check.h"

#include <algorithm>

namespace lightcone::sim {

namespace {

/// The members to which that act can be done.
template <class Act>
std::vector<NodeId> those(const World& world)
{
    std::vector<NodeId> nodes;
    for (const auto& member : world.setup()->members) {
        if (!world.whyNot(Act{member.id})) {
            nodes.push_back(member.id);
        }
    }
    return nodes;
}

} // namespace

Chaos::Chaos(const ChaosSettings& settings, Dice dice, Instant begin)
    : m_settings(settings)
    , m_dice(dice)
    , m_due(begin + m_dice.exponential(settings.gap))
{
}

Action Chaos::strike(const World& world)
{
    std::vector<Choice> choices;
    offerLives(world, choices);
    offerLinks(world, choices);
    offerNetwork(choices);
    offerMachines(world, choices);
    m_due += m_dice.exponential(m_settings.gap);
    std::uint64_t weights = 0;
    for (const auto& choice : choices) {
        weights += choice.weight;
    }
    auto left = m_dice.below(weights);
    for (const auto& choice : choices) {
        if (left < choice.weight) {
            return choice.action;
        }
        left -= choice.weight;
    }
    checkFailed("a choice within the weights", BOOST_CURRENT_LOCATION);
}

std::vector<Action> Chaos::healing(const World& world)
{
    std::vector<Action> acts{HealAll{}, ResetNetwork{}, ClearRules{}};
    for (const auto& member : world.setup()->members) {
        acts.emplace_back(SetDisk{member.id, {}});
        acts.emplace_back(SetClock{member.id, Duration::zero(), 1.0});
    }
    for (const auto node : those<Resume>(world)) {
        acts.emplace_back(Resume{node});
    }
    for (const auto node : those<Restart>(world)) {
        acts.emplace_back(Restart{node});
    }
    return acts;
}

void Chaos::offerLives(const World& world, std::vector<Choice>& choices)
{
    const auto offer = [&]<class Act>(Act, std::uint32_t weight) {
        const auto nodes = those<Act>(world);
        if (!nodes.empty()) {
            choices.push_back({weight, Act{nodes[m_dice.below(nodes.size())]}});
        }
    };
    if (m_settings.crashes) {
        offer(Crash{}, 4);
    }
    if (m_settings.pauses) {
        offer(Pause{}, 2);
    }
    offer(Restart{}, 8);
    offer(Resume{}, 6);
}

void Chaos::offerLinks(const World& world, std::vector<Choice>& choices)
{
    const auto from = anyMember(world);
    const auto to = anyMember(world);
    const auto direction = m_dice.chance(0.5) ? trace::Direction::OneWay : trace::Direction::Both;
    if (m_settings.cuts && from != to) {
        choices.push_back({4, Cut{from, to, direction}});
        choices.push_back({1, Isolate{from}});
        choices.push_back({2, Heal{from, to, direction}});
        choices.push_back({2, Rejoin{from}});
    }
    if (m_settings.partitions) {
        choices.push_back({2, Partition{anyGroups(world)}});
    }
    choices.push_back({4, HealAll{}});
}

void Chaos::offerNetwork(std::vector<Choice>& choices)
{
    LinkChange change;
    if (m_settings.losses && m_dice.chance(0.5)) {
        change.loss = m_dice.unit() * m_settings.mostLoss;
    }
    if (m_settings.duplicates && m_dice.chance(0.5)) {
        change.duplicate = m_dice.unit() * m_settings.mostDuplicate;
    }
    if (m_settings.reorders && m_dice.chance(0.5)) {
        change.reorder = m_dice.unit() * m_settings.mostReorder;
        change.reorderBy = m_dice.between(Duration::zero(), m_settings.mostLatency);
    }
    if (m_settings.latencies && m_dice.chance(0.5)) {
        const auto high = m_dice.between(Duration::zero(), m_settings.mostLatency);
        const auto low = m_dice.between(Duration::zero(), high);
        change.latency = m_dice.chance(0.5) ? LatencyModel::uniform(low, high)
                                            : LatencyModel::longTailed(low, 1);
    }
    if (!change.empty()) {
        choices.push_back({3, ChangeNetwork{change}});
    }
    choices.push_back({2, ResetNetwork{}});
}

void Chaos::offerMachines(const World& world, std::vector<Choice>& choices)
{
    const auto node = anyMember(world);
    if (m_settings.clocks) {
        const auto rate = 1 + (2 * m_dice.unit() - 1) * m_settings.mostDrift;
        choices.push_back(
            {1, SetClock{node, m_dice.between(-m_settings.mostSkew, m_settings.mostSkew), rate}});
    }
    if (m_settings.slowDisks) {
        const auto factor = 1 + m_dice.unit() * (m_settings.mostSlow - 1);
        choices.push_back({1, SetDisk{node, {DiskKind::Slow, factor, {}, 1}}});
    }
    if (m_settings.fullDisks) {
        choices.push_back({1, SetDisk{node, {DiskKind::Full, 1, {}, 1}}});
    }
    if (m_settings.forgetfulDisks) {
        const auto writes = static_cast<std::uint32_t>(1 + m_dice.below(5));
        choices.push_back({1, SetDisk{node, {DiskKind::Forgetful, 1, {}, writes}}});
    }
    choices.push_back({3, SetDisk{node, {}}});
}

NodeId Chaos::anyMember(const World& world)
{
    const auto& members = world.setup()->members;
    return members[m_dice.below(members.size())].id;
}

std::vector<std::vector<NodeId>> Chaos::anyGroups(const World& world)
{
    std::vector<std::vector<NodeId>> groups(2 + m_dice.below(2));
    for (const auto& member : world.setup()->members) {
        groups[m_dice.below(groups.size())].push_back(member.id);
    }
    for (const auto client : world.clients()) {
        if (m_dice.chance(0.5)) {
            groups[m_dice.below(groups.size())].push_back(client);
        }
    }
    std::erase_if(groups, [](const auto& group) { return group.empty(); });
    return groups;
}

} // namespace lightcone::sim
