#pragma once

#include "engine/kv/entries.h"
#include "engine/protocols/two_phase_commit/messages.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

/// The write-ahead log as records, and what it adds up to. Which of them are forced is the
/// variant's to say (R*, §2, PA and PC).
namespace lightcone::protocols::two_phase_commit {

/// A participant's boot: which life it is, and at the very first what it holds.
struct StartRecord
{
    std::uint64_t boot = 0;
    Values values{};
};
BOOST_DESCRIBE_STRUCT(StartRecord, (), (boot, values))

/// A coordinator will use no number beyond this one without another such record, so that it never
/// uses one twice.
struct NumbersRecord
{
    TransactionId upTo = 0;
};
BOOST_DESCRIBE_STRUCT(NumbersRecord, (), (upTo))

/// A participant is able to commit and to abort: what it would change.
struct PrepareRecord
{
    TransactionId transaction = 0;
    NodeSet participants{};
    Values writes{};
};
BOOST_DESCRIBE_STRUCT(PrepareRecord, (), (transaction, participants, writes))

struct CommitRecord
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(CommitRecord, (), (transaction))

struct AbortRecord
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(AbortRecord, (), (transaction))

/// What an operator decided for this participant.
struct HeuristicRecord
{
    TransactionId transaction = 0;
    Outcome outcome = Outcome::Aborted;
};
BOOST_DESCRIBE_STRUCT(HeuristicRecord, (), (transaction, outcome))

/// Decisions of that coordinator's transactions below are no longer needed here.
struct ForgetRecord
{
    NodeId coordinator{};
    TransactionId below = 0;
    std::uint32_t coordinators = 1; ///< how many there are: a number says whose it is
};
BOOST_DESCRIBE_STRUCT(ForgetRecord, (), (coordinator, below, coordinators))

/// A coordinator is about to ask for votes (R*, PC: the collecting record; Bernstein et al.,
/// §7.5: start-3PC).
struct CollectingRecord
{
    TransactionId transaction = 0;
    NodeSet participants{};
    RequestId request{};
    Values values{};
};
BOOST_DESCRIBE_STRUCT(CollectingRecord, (), (transaction, participants, request, values))

/// A coordinator's commit or abort record: who must acknowledge it (nobody: it is forgotten at
/// once), and what the client is answered.
struct DecisionRecord
{
    TransactionId transaction = 0;
    Outcome outcome = Outcome::Aborted;
    NodeSet participants{};
    RequestId request{};
    Values values{};
};
BOOST_DESCRIBE_STRUCT(DecisionRecord, (), (transaction, outcome, participants, request, values))

/// Everybody knows: the coordinator may forget.
struct EndRecord
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(EndRecord, (), (transaction))

using Record =
    std::variant<StartRecord, NumbersRecord, PrepareRecord, CommitRecord, AbortRecord,
                 HeuristicRecord, ForgetRecord, CollectingRecord, DecisionRecord, EndRecord>;

/// A participant's part of a transaction that it has voted yes for.
struct PreparedPart
{
    NodeSet participants{};
    Values writes{};
};
BOOST_DESCRIBE_STRUCT(PreparedPart, (), (participants, writes))

/// What a coordinator knows of a transaction that not everybody has heard the end of.
struct Pact
{
    std::optional<Outcome> outcome{}; ///< none: it was collecting votes
    NodeSet participants{};
    RequestId request{};
    Values values{};
};
BOOST_DESCRIBE_STRUCT(Pact, (), (outcome, participants, request, values))

/// The newest of a client's transactions, and how it ended. Only that it was committed survives a
/// crash.
struct Session
{
    std::uint32_t sequence = 0;
    TransactionId transaction = 0;
    std::optional<Outcome> outcome{};
    Reason reason = Reason::None;
    Values values{};
};
BOOST_DESCRIBE_STRUCT(Session, (), (sequence, transaction, outcome, reason, values))

/// What survives a crash: the log, folded.
struct Durable
{
    std::uint64_t boot = 0;
    TransactionId numbers = 0; ///< a coordinator may have used those up to here
    kv::Entries store{};
    PerTransaction<PreparedPart> prepared{};
    PerTransaction<Outcome> heuristics{}; ///< decided by an operator, the decision not known yet
    PerTransaction<Outcome> outcomes{}; ///< decisions
    PerTransaction<Outcome> damages{}; ///< what an operator had decided against the decision
    PerNode<TransactionId> below{}; ///< by coordinator: outcomes before it are forgotten
    PerTransaction<Pact> pacts{};
    PerNode<Session> sessions{};

    void apply(const Record& record);
};
BOOST_DESCRIBE_STRUCT(Durable, (),
                      (boot, numbers, store, prepared, heuristics, outcomes, damages, below, pacts,
                       sessions))

/// Carries out a part's writes.
void install(const Values& writes, kv::Entries& store);

constexpr auto facets(Tag<StartRecord>)
{
    return std::array{FieldFacet{"boot", Facet::Detail}};
}
constexpr auto facets(Tag<PrepareRecord>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch},
                      FieldFacet{"participants", Facet::Detail}};
}
constexpr auto facets(Tag<CommitRecord>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<AbortRecord>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<HeuristicRecord>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<CollectingRecord>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}, FieldFacet{"request", Facet::Detail},
                      FieldFacet{"values", Facet::Detail}};
}
constexpr auto facets(Tag<DecisionRecord>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}, FieldFacet{"request", Facet::Detail},
                      FieldFacet{"values", Facet::Detail}};
}
constexpr auto facets(Tag<EndRecord>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}

} // namespace lightcone::protocols::two_phase_commit
