#include "engine/protocols/partitioning/ledger.h"

#include <algorithm>

namespace lightcone::protocols::partitioning {
namespace {

constexpr std::size_t mostValues = 512; ///< remembered of a key

} // namespace

std::string Step::name(NodeId node) const
{
    const auto& parameters = machine().parameters();
    const auto map = mapId(parameters);
    if (node < map) {
        return fmt::format("r{}", node.value);
    }
    return node == map ? std::string("map") : fmt::format("s{}", node.value - map.value);
}

std::uint64_t KeyHistory::add(Value value)
{
    m_values.push_back(std::move(value));
    if (m_values.size() > mostValues) {
        const auto half = m_values.size() / 2;
        m_values.erase(m_values.begin(), m_values.begin() + static_cast<std::ptrdiff_t>(half));
        m_forgotten += half;
    }
    return m_forgotten + m_values.size();
}

bool KeyHistory::allows(const Value& value, std::uint64_t since) const
{
    if (since == 0 && !value) {
        return true; // Before the first write.
    }
    if (since != 0 && since <= m_forgotten) {
        return true; // Too long ago to be judged.
    }
    const auto first = since == 0 ? 0 : since - 1 - m_forgotten;
    const auto begin = m_values.begin() + static_cast<std::ptrdiff_t>(first);
    return std::find(begin, m_values.end(), value) != m_values.end();
}

std::string KeyHistory::expected(std::uint64_t since) const
{
    if (since == 0 || since <= m_forgotten) {
        return "nothing";
    }
    return m_values[since - 1 - m_forgotten].value_or("nothing");
}

void KeyHistory::beginAgain(Value value)
{
    acknowledge(add(std::move(value)));
}

std::vector<std::unique_ptr<node::Invariant>> Partitioning::invariants(const node::SetupPtr&)
{
    std::vector<std::unique_ptr<node::Invariant>> list;
    addDataInvariants(list);
    addOwnershipInvariants(list);
    return list;
}

} // namespace lightcone::protocols::partitioning
