#include "engine/live/faults.h"

#include <algorithm>
#include <utility>

namespace lightcone::live {

Faults::Faults(NodeId self, std::vector<NodeId> members, std::uint64_t seed)
    : m_self(self)
    , m_members(std::move(members))
    , m_dice(seed)
{
}

Result<void> Faults::known(NodeId node) const
{
    if (std::find(m_members.begin(), m_members.end(), node) == m_members.end()) {
        return fail("node " + std::to_string(node.value) + " is no member of this cluster");
    }
    return {};
}

Result<void> Faults::known(NodeId from, NodeId to) const
{
    for (const auto node : {from, to}) {
        if (auto there = known(node); !there) {
            return there;
        }
    }
    if (from == to) {
        return fail("a link has two different ends");
    }
    return {};
}

void Faults::setCut(NodeId from, NodeId to, bool cut)
{
    const auto set = [cut](std::set<NodeId>& where, NodeId node) {
        if (cut) {
            where.insert(node);
        } else {
            where.erase(node);
        }
    };
    if (from == m_self) {
        set(m_mute, to);
    }
    if (to == m_self) {
        set(m_deaf, from);
    }
}

Result<void> Faults::apply(const CutLink& cut)
{
    if (auto both = known(cut.from, cut.to); !both) {
        return both;
    }
    setCut(cut.from, cut.to, true);
    if (!cut.oneWay) {
        setCut(cut.to, cut.from, true);
    }
    return {};
}

Result<void> Faults::apply(const HealLink& heal)
{
    if (auto both = known(heal.from, heal.to); !both) {
        return both;
    }
    setCut(heal.from, heal.to, false);
    if (!heal.oneWay) {
        setCut(heal.to, heal.from, false);
    }
    return {};
}

Result<void> Faults::apply(const PartitionNodes& partition)
{
    // Those that are not named are group 0.
    std::map<NodeId, std::size_t> groups;
    for (std::size_t i = 0; i < partition.groups.size(); ++i) {
        for (const auto node : partition.groups[i]) {
            if (auto there = known(node); !there) {
                return there;
            }
            if (!groups.emplace(node, i + 1).second) {
                return fail("node " + std::to_string(node.value) + " is in two groups");
            }
        }
    }
    for (const auto other : m_members) {
        if (other != m_self) {
            const bool apart = groups[other] != groups[m_self];
            setCut(m_self, other, apart);
            setCut(other, m_self, apart);
        }
    }
    return {};
}

Result<void> Faults::apply(const IsolateNode& isolate)
{
    if (auto there = known(isolate.node); !there) {
        return there;
    }
    for (const auto other : m_members) {
        if (other != isolate.node) {
            setCut(isolate.node, other, true);
            setCut(other, isolate.node, true);
        }
    }
    return {};
}

Result<void> Faults::apply(const HealAll& heal)
{
    if (!heal.node || heal.node == m_self) {
        m_mute.clear();
        m_deaf.clear();
        return {};
    }
    if (auto there = known(heal.node); !there) {
        return there;
    }
    setCut(m_self, heal.node, false);
    setCut(heal.node, m_self, false);
    return {};
}

Result<void> Faults::apply(const ChangeLink& change)
{
    if (change.from || change.to) {
        if (auto both = known(change.from, change.to); !both) {
            return both;
        }
    }
    if (!(change.loss >= 0 && change.loss <= 1) || change.latency < Duration::zero()
        || change.jitter < Duration::zero()) {
        return fail(
            "expected a loss from 0 to 1, and a latency and a jitter that are not negative");
    }
    const auto set = [&](NodeId to) {
        if (change.reset) {
            m_links.erase(to);
        } else {
            m_links[to] = change;
        }
    };
    if (!change.from) {
        for (const auto other : m_members) {
            if (other != m_self) {
                set(other);
            }
        }
    } else if (change.from == m_self) {
        set(change.to);
    } else if (change.to == m_self && !change.oneWay) {
        set(change.from);
    }
    return {};
}

Result<void> Faults::apply(const AddRule& rule)
{
    constexpr std::size_t mostRules = 1000;
    for (const auto node : {rule.from, rule.to}) {
        if (node) {
            if (auto there = known(node); !there) {
                return there;
            }
        }
    }
    if (!(rule.chance >= 0 && rule.chance <= 1) || rule.by < Duration::zero()) {
        return fail("expected a chance from 0 to 1 and a delay that is not negative");
    }
    if (m_rules.size() >= mostRules) {
        return fail("there are " + std::to_string(mostRules) + " rules already");
    }
    ++m_ruleIds;
    Rule added{m_ruleIds, 0, rule};
    if (added.rule.name.empty()) {
        added.rule.name = std::to_string(m_ruleIds);
    }
    if (std::any_of(m_rules.begin(), m_rules.end(),
                    [&](const Rule& each) { return each.rule.name == added.rule.name; })) {
        return fail("there is a rule '" + added.rule.name + "' already");
    }
    m_rules.push_back(std::move(added));
    return {};
}

Result<std::vector<std::uint64_t>> Faults::apply(const RemoveRule& remove)
{
    std::vector<std::uint64_t> gone;
    for (const auto& each : m_rules) {
        if (remove.name.empty() || each.rule.name == remove.name) {
            gone.push_back(each.id);
        }
    }
    if (gone.empty() && !remove.name.empty()) {
        return fail("there is no rule '" + remove.name + "'");
    }
    std::erase_if(m_rules, [&](const Rule& each) {
        return std::find(gone.begin(), gone.end(), each.id) != gone.end();
    });
    return gone;
}

Fate Faults::fateByRule(NodeId to, std::string_view type, bool& decided)
{
    for (auto& [id, count, rule] : m_rules) {
        const bool matches = (rule.type.empty() || rule.type == type)
            && (!rule.from || rule.from == m_self) && (!rule.to || rule.to == to)
            && (rule.times == 0 || count < rule.times);
        if (!matches || !m_dice.chance(rule.chance)) {
            continue;
        }
        ++count;
        decided = true;
        switch (rule.verb) {
        case RuleVerb::Hold:
            return {{}, id, {}, false};
        case RuleVerb::Drop:
            return {trace::DropReason::Rule, {}, {}, false};
        case RuleVerb::Delay:
            return {{}, {}, rule.by, false};
        case RuleVerb::Duplicate:
            return {{}, {}, {}, true};
        }
    }
    return {};
}

Fate Faults::fateOf(NodeId to, std::string_view type)
{
    if (m_mute.contains(to)) {
        return {trace::DropReason::Cut, {}, {}, false};
    }
    bool decided = false;
    auto fate = fateByRule(to, type, decided);
    const auto link = m_links.find(to);
    if (link != m_links.end() && !fate.dies && !fate.heldBy) {
        const auto& change = link->second;
        if (!decided && m_dice.chance(change.loss)) {
            return {trace::DropReason::Loss, {}, {}, false};
        }
        fate.delay += change.latency
            + (change.jitter > Duration::zero() ? m_dice.between(Duration::zero(), change.jitter)
                                                : Duration::zero());
    }
    return fate;
}

} // namespace lightcone::live
