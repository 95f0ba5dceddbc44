#pragma once

#include "engine/protocols/paxos/messages.h"

#include <boost/describe/class.hpp>

namespace lightcone::protocols::paxos {

/// Proposals by slot, those up to logStart forgotten. A disk's log and a node's change by the same
/// rules.
struct LogPlace
{
    Slots& log;
    Slot& logStart;

    [[nodiscard]] Slot last() const { return logStart - 1 + log.size(); }
    [[nodiscard]] const Entry* at(Slot slot) const
    {
        return slot >= logStart && slot <= last() ? &log[slot - logStart] : nullptr;
    }

    /// Replaces what stands there; nothing where it was discarded. Slots between become gaps.
    void put(Slot slot, const Entry& entry) const;

    /// What is known to be chosen there. Where the same value stands already it keeps its ballot,
    /// if that is the higher one: it was a vote.
    void putChosen(Slot slot, const Entry& entry) const;

    void discardUpTo(Slot slot) const;
};

/// What survives a crash. An acceptor remembers the proposals that it has accepted and the highest
/// number that it has promised, "even if it fails and then restarts" (Paxos Made Simple §2.2), a
/// proposer its newest number (§2.5), a learner its ledger.
struct Durable
{
    Ballot ballot = 0;
    Slots log{};
    Slot logStart = 1; ///< the slot of the log's first entry
    Slot chosen = 0; ///< at least up to here what the log and the snapshot hold was chosen
    SnapshotPtr snapshot{};

    [[nodiscard]] Slot last() const { return logStart - 1 + log.size(); }
    [[nodiscard]] const Entry* at(Slot slot) const
    {
        return slot >= logStart && slot <= last() ? &log[slot - logStart] : nullptr;
    }

    void apply(const Write& write);
};
BOOST_DESCRIBE_STRUCT(Durable, (), (ballot, log, logStart, chosen, snapshot))
constexpr auto facets(Tag<Durable>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}, FieldFacet{"log", Facet::Log},
                      FieldFacet{"logStart", Facet::LogStart},
                      FieldFacet{"chosen", Facet::Committed},
                      FieldFacet{"snapshot", Facet::Detail}};
}

} // namespace lightcone::protocols::paxos
