#include "engine/sim/network.h"

#include "engine/core/check.h"

#include <algorithm>

namespace lightcone::sim {

Network::Network(std::uint32_t places, const LinkModel& plan, const Dice& root)
    : m_places(places)
    , m_plan(plan)
    , m_models{plan}
{
    m_links.reserve(std::size_t{places} * places);
    for (std::uint64_t i = 0; i < std::uint64_t{places} * places; ++i) {
        m_links.push_back({root.fork(i + 1)});
    }
}

void Network::changeAll(const LinkChange& change)
{
    m_change = change.over(m_change);
    refresh();
}

void Network::change(Place from, Place to, const LinkChange& change)
{
    auto& mine = m_changes[{from, to}];
    mine = change.over(mine);
    refresh();
}

void Network::reset(Place from, Place to)
{
    m_changes.erase({from, to});
    refresh();
}

void Network::resetAll()
{
    m_change = {};
    m_changes.clear();
    refresh();
}

bool Network::isChanged() const
{
    return !m_change.empty() || !m_changes.empty();
}

bool Network::isChanged(Place from, Place to) const
{
    return link(from, to).model != 0;
}

void Network::inherit(const Network& other)
{
    const auto places = std::min(m_places, other.m_places);
    m_change = other.m_change;
    for (const auto& [ends, change] : other.m_changes) {
        if (ends.first < places && ends.second < places) {
            m_changes[ends] = change;
        }
    }
    for (Place from = 0; from < places; ++from) {
        for (Place to = 0; to < places; ++to) {
            link(from, to).cut = other.link(from, to).cut;
        }
    }
    m_rules = other.m_rules;
    m_ruleIds = other.m_ruleIds;
    refresh();
}

void Network::refresh()
{
    const auto all = m_change.appliedTo(m_plan);
    m_models.assign(1, all);
    for (auto& link : m_links) {
        link.model = 0;
    }
    for (const auto& [ends, change] : m_changes) {
        link(ends.first, ends.second).model = static_cast<std::uint32_t>(m_models.size());
        m_models.push_back(change.appliedTo(all));
    }
}

Instant Network::arrival(Place from, Place to, Instant now)
{
    if (from == to) {
        return now;
    }
    auto& way = link(from, to);
    const auto& how = m_models[way.model];
    const bool free = way.dice.chance(how.reorder);
    auto at = now + how.latency.draw(way.dice);
    if (free) {
        return at + way.dice.between(Duration::zero(), how.reorderBy);
    }
    at = std::max(at, way.lastArrival);
    way.lastArrival = at;
    return at;
}

Duration Network::drawLatency(Place from, Place to)
{
    auto& way = link(from, to);
    return m_models[way.model].latency.draw(way.dice);
}

std::uint32_t Network::addRule(const Rule& rule)
{
    m_rules.push_back({++m_ruleIds, 0, rule});
    return m_ruleIds;
}

Network::ActiveRule Network::removeRule(std::size_t index)
{
    check(index < m_rules.size(), "a rule that there is");
    auto removed = m_rules[index];
    m_rules.erase(m_rules.begin() + static_cast<std::ptrdiff_t>(index));
    return removed;
}

const Network::ActiveRule* Network::judge(const Packet& packet, NodeId from, NodeId to)
{
    for (auto& active : m_rules) {
        const auto& rule = active.rule;
        const bool matches = (!rule.from || *rule.from == from) && (!rule.to || *rule.to == to)
            && (rule.message.empty() || rule.message == packet.payload->name())
            && (rule.limit == 0 || active.decided < rule.limit);
        if (matches && link(packet.from, packet.to).dice.chance(rule.chance)) {
            ++active.decided;
            return &active;
        }
    }
    return nullptr;
}

} // namespace lightcone::sim
