#include "engine/protocols/paxos/plan.h"

#include "engine/core/check.h"

#include <algorithm>

namespace lightcone::protocols::paxos {

Quorums::Quorums(const Parameters& parameters, const NodeSet& acceptors)
    : m_acceptors(acceptors.begin(), acceptors.end())
{
    const auto all = static_cast<std::uint32_t>(m_acceptors.size());
    const bool disjoint = parameters.mistake == Mistake::DisjointQuorums;
    if (parameters.quorums == QuorumKind::Grid) {
        m_columns = parameters.columns;
        m_phase1 = m_columns;
        m_phase2 = all / m_columns;
        if (disjoint && m_phase1 > 1) {
            --m_phase1; // A row but one misses the column of that one.
        }
        return;
    }
    m_phase1 = parameters.q1;
    m_phase2 = parameters.q2;
    if (m_phase1 == 0 && m_phase2 == 0) {
        m_phase1 = m_phase2 = all / 2 + 1;
    } else if (m_phase1 == 0) {
        m_phase1 = all + 1 - m_phase2;
    } else if (m_phase2 == 0) {
        m_phase2 = all + 1 - m_phase1;
    }
    if (disjoint) {
        m_phase1 = std::max(1U, std::min(m_phase1, all - m_phase2));
    }
}

bool Quorums::isPhase1(const NodeSet& nodes) const
{
    return (m_columns == 0 ? count(nodes) : mostInRow(nodes)) >= m_phase1;
}

bool Quorums::isPhase2(const NodeSet& nodes) const
{
    return (m_columns == 0 ? count(nodes) : mostInColumn(nodes)) >= m_phase2;
}

std::uint32_t Quorums::count(const NodeSet& nodes) const
{
    return static_cast<std::uint32_t>(
        std::count_if(m_acceptors.begin(), m_acceptors.end(),
                      [&](NodeId acceptor) { return nodes.contains(acceptor); }));
}

std::uint32_t Quorums::mostInRow(const NodeSet& nodes) const
{
    std::uint32_t most = 0;
    for (std::size_t row = 0; row < m_acceptors.size(); row += m_columns) {
        std::uint32_t there = 0;
        for (std::size_t column = 0; column < m_columns; ++column) {
            there += nodes.contains(m_acceptors[row + column]) ? 1 : 0;
        }
        most = std::max(most, there);
    }
    return most;
}

std::uint32_t Quorums::mostInColumn(const NodeSet& nodes) const
{
    std::uint32_t most = 0;
    for (std::size_t column = 0; column < m_columns; ++column) {
        std::uint32_t there = 0;
        for (std::size_t row = 0; row < m_acceptors.size(); row += m_columns) {
            there += nodes.contains(m_acceptors[row + column]) ? 1 : 0;
        }
        most = std::max(most, there);
    }
    return most;
}

Plan::Plan(const Parameters& parameters)
{
    const auto proposing = parseNodes("proposers", parameters.proposers, parameters.nodes);
    const auto accepting = parseNodes("acceptors", parameters.acceptors, parameters.nodes);
    const auto learning = parseNodes("learners", parameters.learners, parameters.nodes);
    check(proposing && accepting && learning, "the roles were validated with the parameters");
    proposers.assign(proposing->begin(), proposing->end());
    acceptors = *accepting;
    if (parameters.mode == Mode::Multi) {
        // Whoever keeps a log keeps the state that it leads to: only so can the log be shortened.
        for (std::uint32_t number = 1; number <= parameters.nodes; ++number) {
            learners.insert(NodeId(number));
        }
    } else {
        learners = *learning;
        // Somebody has to tell the client.
        learners.insert(proposers.begin(), proposers.end());
    }
    quorums = Quorums(parameters, acceptors);
}

bool Plan::proposes(NodeId node) const
{
    return std::find(proposers.begin(), proposers.end(), node) != proposers.end();
}

} // namespace lightcone::protocols::paxos
