#pragma once

#include "engine/core/ids.h"
#include "engine/kv/entries.h"
#include "engine/kv/operation.h"

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>
#include <boost/describe/class.hpp>

#include <cstdint>
#include <string_view>

namespace lightcone::kv {

/// What the store remembers of one client: its newest operation and what came of it.
struct Session
{
    std::uint32_t sequence = 0;
    std::uint64_t lastUse = 0; ///< grows by one with each operation of any client
    Result result;
    friend bool operator==(const Session&, const Session&) = default;
};
BOOST_DESCRIBE_STRUCT(Session, (), (sequence, lastUse, result))

/// Keys and values, and the clients' sessions that make each operation count once. Deterministic:
/// the same operations in the same order give the same store and the same results on every replica.
class Store
{
public:
    static constexpr std::uint32_t defaultMostSessions = 1024;

    Store() = default;

    /// With `mostSessions` sessions open, that of a new client drops the one used longest ago.
    explicit Store(std::uint32_t mostSessions);

    /// Executes the operation, every time.
    Result apply(const Operation&);

    /// Executes an operation of a client once (Raft dissertation §6.3): a repeat is answered from
    /// the session. A client has at most one operation outstanding and numbers them upwards, so the
    /// newest result is all that a session keeps; an older number than the newest is Stale. Without
    /// a client the operation is executed every time.
    Result apply(RequestId, const Operation&);

    /// What apply(Get{key}) gives, without a session: reads that do not go through a log.
    [[nodiscard]] Result get(std::string_view key) const;

    /// Whether this very operation of the client was already executed.
    [[nodiscard]] bool hasExecuted(RequestId) const;

    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    [[nodiscard]] std::size_t sessions() const { return m_sessions.size(); }
    [[nodiscard]] const Entries& entries() const { return m_entries; }

    friend bool operator==(const Store&, const Store&) = default;

private:
    Result put(const Put&);
    Result remove(const Delete&);
    Result compareAndSwap(const Cas&);
    void dropOldestSession();

    Entries m_entries;
    boost::container::flat_map<NodeId, Session> m_sessions;
    // Whoever was dropped stays known, at four bytes a client: its retry must not count as a new
    // client's operation.
    boost::container::flat_set<NodeId> m_expired;
    std::uint64_t m_uses = 0;
    std::uint32_t m_mostSessions = defaultMostSessions;

    BOOST_DESCRIBE_CLASS(Store, (), (), (),
                         (m_entries, m_sessions, m_expired, m_uses, m_mostSessions))
};

constexpr auto facets(describe::Tag<Store>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"sessions", Facet::Detail}, FieldFacet{"expired", Facet::Detail},
                      FieldFacet{"uses", Facet::Detail}, FieldFacet{"mostSessions", Facet::Detail}};
}

} // namespace lightcone::kv
