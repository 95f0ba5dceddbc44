#pragma once

#include "engine/protocols/two_phase_commit/parameters.h"
#include "engine/protocols/two_phase_commit/transaction.h"

#include <string>
#include <string_view>
#include <vector>

namespace lightcone::protocols::two_phase_commit {

/// Who is who, and which participant owns a key. Coordinators come first, then participants.
class Placement
{
public:
    /// The error names the word of `data` that makes no sense.
    static Result<Placement> of(const Parameters&);

    [[nodiscard]] bool isCoordinator(NodeId node) const { return node.value <= m_coordinators; }
    [[nodiscard]] NodeId ownerOf(std::string_view key) const;

    /// Whose transaction it is.
    [[nodiscard]] NodeId coordinatorOf(TransactionId transaction) const
    {
        return NodeId(static_cast<std::uint32_t>((transaction - 1) % m_coordinators) + 1);
    }
    /// The next number of that coordinator beyond one.
    [[nodiscard]] TransactionId nextId(NodeId coordinator, TransactionId after) const;

    /// Who does this client's transactions: retries must come to the one that knows them.
    [[nodiscard]] NodeId homeOf(NodeId client) const;

    /// "tm1", "p2"
    [[nodiscard]] std::string nameOf(NodeId node) const;

    /// What that participant holds at its very first boot.
    [[nodiscard]] Values initial(NodeId participant) const;

private:
    struct Placed
    {
        NodeId owner{};
        std::optional<std::string> value{};
    };

    [[nodiscard]] std::optional<NodeId> participantNamed(std::string_view name) const;
    Result<void> place(std::string_view line);

    std::uint32_t m_coordinators = 1;
    std::uint32_t m_participants = 1;
    std::map<std::string, Placed, std::less<>> m_placed;
};

} // namespace lightcone::protocols::two_phase_commit
