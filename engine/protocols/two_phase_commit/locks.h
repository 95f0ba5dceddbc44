#pragma once

#include "engine/protocols/two_phase_commit/parameters.h"
#include "engine/protocols/two_phase_commit/state.h"

#include <string>
#include <vector>

namespace lightcone::protocols::two_phase_commit {

/// Who asks for what.
struct LockWish
{
    TransactionId transaction = 0;
    TransactionId age = 0;
    std::string key{};
    bool exclusive = false;
};

enum class Grant : std::uint8_t { Granted, Waits, Dies };

/// The lock table of a participant: shared and exclusive locks on keys, and who waits for them.
/// A waiter only ever waits for younger ones under wait-die, so that no circle can come to be; with
/// time-outs who came first goes first.
class Locks
{
public:
    /// `list` is the node's own, so that it is shown and saved with the rest of the state.
    Locks(std::vector<Lock>& list, Deadlocks deadlocks)
        : m_list(&list)
        , m_deadlocks(deadlocks)
    {
    }

    /// Asked again while it waits it still waits, and once it holds the lock it is granted.
    Grant request(const LockWish& wish, Instant now) const;

    /// All of one transaction's; those that waited for them may have been granted meanwhile, and
    /// are given back in the order of the grants.
    std::vector<TransactionId> release(TransactionId transaction, Instant now) const;

    /// Whom this one waits for.
    [[nodiscard]] std::vector<TransactionId> obstacles(TransactionId transaction) const;

private:
    [[nodiscard]] bool isAhead(const Lock& other, const Lock& waiter) const;
    std::vector<TransactionId> grantNext(const std::string& key, Instant now) const;

    std::vector<Lock>* m_list;
    Deadlocks m_deadlocks;
};

} // namespace lightcone::protocols::two_phase_commit
