#pragma once

#include "engine/core/time.h"
#include "engine/protocols/two_phase_commit/durable.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The parts that a node's state is made of.
namespace lightcone::protocols::two_phase_commit {

/// What a node is doing: of several transactions, with the one that matters most.
enum class Phase : std::uint8_t {
    Idle,
    Working, ///< reads and writes, holds locks; may still abort alone
    Blocked, ///< participant: waits for a lock
    Collecting, ///< coordinator: has asked for votes
    InDoubt, ///< participant: has voted yes and knows no decision; holds its locks
    PreCommitting, ///< coordinator of a three-phase commit: all voted yes, tells it
    PreCommitted, ///< participant: knows that all voted yes
    Terminating, ///< participant: decides instead of the coordinator
    Recovering, ///< coordinator: has forgotten in a crash how it ended, and asks
    Committing, ///< coordinator: has decided, not everybody has acknowledged
    Aborting,
};
BOOST_DESCRIBE_ENUM(Phase, Idle, Working, Blocked, Collecting, InDoubt, PreCommitting, PreCommitted,
                    Terminating, Recovering, Committing, Aborting)

/// Where a coordinator's newest transaction has come to.
enum class Stage : std::uint8_t { Work, Vote, Decide, Acknowledge };
BOOST_DESCRIBE_ENUM(Stage, Work, Vote, Decide, Acknowledge)

enum class Mark : std::uint8_t { Ahead, Now, Done, Undone };
BOOST_DESCRIBE_ENUM(Mark, Ahead, Now, Done, Undone)

struct Milestone
{
    Stage stage = Stage::Work;
    Mark mark = Mark::Ahead;
};
BOOST_DESCRIBE_STRUCT(Milestone, (), (stage, mark))

/// A lock that somebody holds or waits for.
struct Lock
{
    TransactionId transaction = 0;
    std::string key{};
    bool exclusive = false;
    bool waits = false;
    TransactionId age = 0;
    Instant since{};
};
BOOST_DESCRIBE_STRUCT(Lock, (), (transaction, key, exclusive, waits, age, since))

/// A participant's part of a transaction.
struct Branch
{
    TransactionId age = 0;
    Phase phase = Phase::Working;
    Instant since{}; ///< of the phase
    std::uint32_t step = 0; ///< the newest that was asked for
    bool worked = false; ///< that step is done
    Operations pending{}; ///< of that step, while it waits for locks
    Values answer{}; ///< what that step has read
    boost::container::flat_set<std::string> reads{};
    Values writes{}; ///< what it would change
    boost::container::flat_set<std::string> taken{}; ///< numbers that must not fall below 0
    std::string objection{}; ///< why it has to vote no, whatever else follows
    NodeSet participants{}; ///< once it was asked to prepare
    bool recovered = false; ///< has crashed since it voted
    std::optional<Outcome> heuristic{}; ///< an operator decided; still asks for the decision
};
BOOST_DESCRIBE_STRUCT(Branch, (),
                      (age, phase, since, step, worked, pending, answer, reads, writes, taken,
                       objection, participants, recovered, heuristic))

/// What a coordinator knows of one participant's part.
struct Part
{
    std::uint64_t boot = 0; ///< in which life it works; 0: it has not answered yet
    bool writes = false;
    Ballot vote = Ballot::None;
    bool ready = false; ///< has acknowledged PreCommit
    bool acknowledged = false; ///< has the decision on its disk, or need not hear it
};
BOOST_DESCRIBE_STRUCT(Part, (), (boot, writes, vote, ready, acknowledged))

/// A transaction as its coordinator sees it.
struct Transaction
{
    RequestId request{};
    TransactionId age = 0;
    std::uint32_t restarts = 0;
    Operations operations{};
    std::uint32_t step = 0;
    std::uint32_t done = 0; ///< operations of the steps before this one
    Phase phase = Phase::Working;
    Instant since{};
    PerNode<Part> parts{};
    Values values{}; ///< what was read
    Reason reason = Reason::None;
};
BOOST_DESCRIBE_STRUCT(Transaction, (),
                      (request, age, restarts, operations, step, done, phase, since, parts, values,
                       reason))

/// A transaction that died and will be tried again.
struct Rerun
{
    RequestId request{};
    TransactionId age = 0;
    std::uint32_t restarts = 0;
    Operations operations{};
    Reason reason = Reason::None;
};
BOOST_DESCRIBE_STRUCT(Rerun, (), (request, age, restarts, operations, reason))

/// The termination protocol of a three-phase commit, as its elected coordinator goes through it.
struct Termination
{
    std::uint64_t round = 0;
    PerNode<Standing> reports{};
    bool preCommits = false; ///< has told those that could not commit yet, and waits for them
};
BOOST_DESCRIBE_STRUCT(Termination, (), (round, reports, preCommits))

constexpr auto tones(Tag<Phase>)
{
    using describe::EnumeratorTone;
    return std::array{
        EnumeratorTone{"Idle", Tone::Calm},         EnumeratorTone{"Working", Tone::Busy},
        EnumeratorTone{"Blocked", Tone::Busy},      EnumeratorTone{"Collecting", Tone::Strong},
        EnumeratorTone{"InDoubt", Tone::Bad},       EnumeratorTone{"PreCommitting", Tone::Strong},
        EnumeratorTone{"PreCommitted", Tone::Busy}, EnumeratorTone{"Terminating", Tone::Strong},
        EnumeratorTone{"Recovering", Tone::Bad},    EnumeratorTone{"Committing", Tone::Good},
        EnumeratorTone{"Aborting", Tone::Neutral}};
}

constexpr auto tones(Tag<Mark>)
{
    using describe::EnumeratorTone;
    return std::array{EnumeratorTone{"Now", Tone::Busy}, EnumeratorTone{"Done", Tone::Good},
                      EnumeratorTone{"Undone", Tone::Bad}};
}

constexpr auto facets(Tag<Lock>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}, FieldFacet{"key", Facet::Key},
                      FieldFacet{"age", Facet::Detail}, FieldFacet{"since", Facet::Detail}};
}

} // namespace lightcone::protocols::two_phase_commit
