#pragma once

#include "engine/protocols/replication/message_facets.h"

#include <boost/describe/class.hpp>

namespace lightcone::protocols::replication {

/// A log of which the entries before logStart were forgotten. A disk's and a node's change by the
/// same rules.
struct LogPlace
{
    Log& log;
    Index& logStart;

    [[nodiscard]] Index last() const { return logStart - 1 + log.size(); }

    /// Cuts the log there, and adds the entries.
    void append(Index first, const Log& entries) const;
    void cut(Index first) const;
    void forgetUpTo(Index index) const;

    /// Nothing is left but the knowledge that entries up to there are in a snapshot.
    void restartAfter(Index index) const;
};

/// What survives a crash: a log with its snapshot and the view that the node last took part in, or
/// a quorum store's versions and hints; of the monitor, its decisions.
struct Durable
{
    View view{}; ///< epoch 0: the first one, which is the plan's
    Epoch promised = 0; ///< nothing from views before that one
    Log log{};
    Index logStart = 1;
    SnapshotPtr snapshot{};
    NodeSet required{}; ///< who was being let in, in this view
    LostRanges lost{};
    Versions versions{};
    Hints hints{};
    std::map<std::string, std::uint64_t> issued{};

    [[nodiscard]] Index last() const { return logStart - 1 + log.size(); }
    [[nodiscard]] const Entry* at(Index index) const
    {
        return index >= logStart && index <= last() ? &log[index - logStart] : nullptr;
    }

    void apply(const Write& write);
};
BOOST_DESCRIBE_STRUCT(Durable, (),
                      (view, promised, log, logStart, snapshot, required, lost, versions, hints,
                       issued))
constexpr auto facets(Tag<Durable>)
{
    return std::array{FieldFacet{"promised", Facet::Epoch}, FieldFacet{"log", Facet::Log},
                      FieldFacet{"logStart", Facet::LogStart},
                      FieldFacet{"snapshot", Facet::Detail}};
}

} // namespace lightcone::protocols::replication
