#pragma once

#include "engine/protocols/paxos/parameters.h"

#include <vector>

namespace lightcone::protocols::paxos {

/// Which sets of acceptors are enough. Safety needs that every quorum of phase 1 shares an acceptor
/// with every quorum of phase 2, and nothing else (Howard, Malkhi, Spiegelman 2016, §3).
class Quorums
{
public:
    Quorums() = default;
    Quorums(const Parameters&, const NodeSet& acceptors);

    [[nodiscard]] bool isPhase1(const NodeSet& nodes) const;
    [[nodiscard]] bool isPhase2(const NodeSet& nodes) const;

    /// How many acceptors a quorum has at least.
    [[nodiscard]] std::uint32_t phase1Size() const { return m_phase1; }
    [[nodiscard]] std::uint32_t phase2Size() const { return m_phase2; }

private:
    [[nodiscard]] std::uint32_t count(const NodeSet& nodes) const;

    /// The most nodes of one row (or column) of the grid.
    [[nodiscard]] std::uint32_t mostInRow(const NodeSet& nodes) const;
    [[nodiscard]] std::uint32_t mostInColumn(const NodeSet& nodes) const;

    std::vector<NodeId> m_acceptors; ///< row by row where they stand in a grid
    std::uint32_t m_columns = 0; ///< 0: no grid
    std::uint32_t m_phase1 = 1;
    std::uint32_t m_phase2 = 1;
};

/// Who does what, from the parameters.
struct Plan
{
    std::vector<NodeId> proposers; ///< in the order of their ballots
    NodeSet acceptors;
    NodeSet learners;
    Quorums quorums;

    /// The parameters are valid ones.
    explicit Plan(const Parameters&);

    [[nodiscard]] bool proposes(NodeId node) const;
};

} // namespace lightcone::protocols::paxos
