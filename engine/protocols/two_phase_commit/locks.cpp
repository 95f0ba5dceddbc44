#include "engine/protocols/two_phase_commit/locks.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::two_phase_commit {
namespace {

LockWish wishOf(const Lock& lock)
{
    return {lock.transaction, lock.age, lock.key, lock.exclusive};
}

/// Of two transactions the one with the lower age is older; of one that was restarted the number
/// tells its lives apart.
std::pair<TransactionId, TransactionId> seniority(TransactionId age, TransactionId transaction)
{
    return {age, transaction};
}

bool conflicts(const Lock& other, const LockWish& wish)
{
    return other.key == wish.key && other.transaction != wish.transaction
        && (other.exclusive || wish.exclusive);
}

} // namespace

/// Of two waiters, which one a free lock is offered to: under wait-die the youngest, for whom the
/// others may wait; else who came first.
bool Locks::isAhead(const Lock& other, const Lock& waiter) const
{
    return m_deadlocks == Deadlocks::Timeout
        ? &other < &waiter
        : seniority(other.age, other.transaction) > seniority(waiter.age, waiter.transaction);
}

Grant Locks::request(const LockWish& wish, Instant now) const
{
    auto& list = *m_list;
    const auto own = [&](const Lock& lock) {
        return lock.transaction == wish.transaction && lock.key == wish.key;
    };
    const auto held = std::find_if(list.begin(), list.end(),
                                   [&](const Lock& lock) { return own(lock) && !lock.waits; });
    if (held != list.end() && (held->exclusive || !wish.exclusive)) {
        return Grant::Granted;
    }
    if (std::any_of(list.begin(), list.end(),
                    [&](const Lock& lock) { return own(lock) && lock.waits; })) {
        return Grant::Waits;
    }
    const bool upgrade = held != list.end();
    bool free = true;
    bool mayWait = true;
    for (const auto& other : list) {
        // Who holds a shared lock and wants it for itself goes before all who wait.
        if (!conflicts(other, wish) || (upgrade && other.waits)) {
            continue;
        }
        free = false;
        mayWait = mayWait
            && (m_deadlocks == Deadlocks::Timeout
                || seniority(wish.age, wish.transaction) < seniority(other.age, other.transaction));
    }
    if (!free && !mayWait) {
        return Grant::Dies;
    }
    if (free && upgrade) {
        held->exclusive = true;
        held->since = now;
        return Grant::Granted;
    }
    list.push_back({wish.transaction, wish.key, wish.exclusive, !free, wish.age, now});
    return free ? Grant::Granted : Grant::Waits;
}

std::vector<TransactionId> Locks::release(TransactionId transaction, Instant now) const
{
    auto& list = *m_list;
    std::vector<std::string> keys;
    for (const auto& lock : list) {
        if (lock.transaction == transaction
            && std::find(keys.begin(), keys.end(), lock.key) == keys.end()) {
            keys.push_back(lock.key);
        }
    }
    std::erase_if(list, [&](const Lock& lock) { return lock.transaction == transaction; });
    std::vector<TransactionId> granted;
    for (const auto& key : keys) {
        for (const auto next : grantNext(key, now)) {
            if (std::find(granted.begin(), granted.end(), next) == granted.end()) {
                granted.push_back(next);
            }
        }
    }
    return granted;
}

std::vector<TransactionId> Locks::grantNext(const std::string& key, Instant now) const
{
    auto& list = *m_list;
    std::vector<TransactionId> granted;
    while (true) {
        auto next = list.end();
        for (auto lock = list.begin(); lock != list.end(); ++lock) {
            if (lock->key != key || !lock->waits) {
                continue;
            }
            const bool upgrades = std::any_of(list.begin(), list.end(), [&](const Lock& other) {
                return !other.waits && other.key == key && other.transaction == lock->transaction;
            });
            if (upgrades) {
                next = lock;
                break;
            }
            next = next == list.end() || isAhead(*lock, *next) ? lock : next;
        }
        if (next == list.end() || std::any_of(list.begin(), list.end(), [&](const Lock& other) {
                return !other.waits && conflicts(other, wishOf(*next));
            })) {
            return granted;
        }
        granted.push_back(next->transaction);
        const auto transaction = next->transaction;
        std::erase_if(list, [&](const Lock& other) { // the shared one that it has outgrown
            return !other.waits && other.key == key && other.transaction == transaction;
        });
        const auto winner = std::find_if(list.begin(), list.end(), [&](const Lock& other) {
            return other.waits && other.key == key && other.transaction == transaction;
        });
        winner->waits = false;
        winner->since = now;
    }
}

std::vector<TransactionId> Locks::obstacles(TransactionId transaction) const
{
    std::vector<TransactionId> found;
    for (const auto& lock : *m_list) {
        if (lock.transaction != transaction || !lock.waits) {
            continue;
        }
        for (const auto& other : *m_list) {
            if (conflicts(other, wishOf(lock)) && (!other.waits || isAhead(other, lock))
                && std::find(found.begin(), found.end(), other.transaction) == found.end()) {
                found.push_back(other.transaction);
            }
        }
    }
    return found;
}

} // namespace lightcone::protocols::two_phase_commit
