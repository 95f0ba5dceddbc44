#pragma once

#include "engine/protocols/raft/messages.h"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <optional>

namespace lightcone::protocols::raft {

/// What survives a crash: figure 2's persistent state, and the snapshot with what has arrived of
/// the next one.
struct Durable
{
    Term term = 0;
    NodeId votedFor{};
    Entries log{};
    Index logStart = 1; ///< the index of the log's first entry
    Term discardedTerm = 0; ///< of the entry before that
    SnapshotPtr snapshot{};
    std::optional<PartialSnapshot> receiving{};

    [[nodiscard]] Index lastIndex() const { return logStart - 1 + log.size(); }

    void apply(const Write& write);
};
BOOST_DESCRIBE_STRUCT(Durable, (),
                      (term, votedFor, log, logStart, discardedTerm, snapshot, receiving))
constexpr auto facets(Tag<Durable>)
{
    return std::array{FieldFacet{"term", Facet::Epoch},
                      FieldFacet{"votedFor", Facet::Peer},
                      FieldFacet{"log", Facet::Log},
                      FieldFacet{"logStart", Facet::LogStart},
                      FieldFacet{"discardedTerm", Facet::Detail},
                      FieldFacet{"snapshot", Facet::Detail},
                      FieldFacet{"receiving", Facet::Detail}};
}

/// What a log becomes when a snapshot up to lastIndex takes the place of its beginning: entries
/// that follow an entry with the snapshot's index and term stay, others go (figure 5.3, rules 6 and
/// 7).
struct LogPlace
{
    Entries& log;
    Index& logStart;
    Term& discardedTerm;
};
void replaceBeginning(LogPlace place, Index lastIndex, Term lastTerm);

/// The place of the first entry of that term or a later one; size() when there is none. Terms do
/// not decrease along a log.
std::size_t firstFrom(const Entries& log, Term term);

/// Forgets the entries up to an index.
void discardUpTo(LogPlace place, Index index);

} // namespace lightcone::protocols::raft
