#pragma once

#include "engine/protocols/two_phase_commit/transaction.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <variant>

/// What coordinators, participants and clients say to each other. The names are those of R* (Mohan,
/// Lindsay, Obermarck 1986) and of Bernstein, Hadzilacos, Goodman 1987, chapter 7.
namespace lightcone::protocols::two_phase_commit {

/// Do this as a part of the transaction, and keep its locks.
struct Work
{
    TransactionId transaction = 0;
    TransactionId age = 0; ///< its first number: of two transactions the lower one is the older
    std::uint32_t step = 0; ///< of the transaction, from 1
    std::uint64_t boot = 0; ///< in which life of the participant the work began; 0: any
    TransactionId oldest = 0; ///< what is below is over and forgotten, as far as it is the sender's
    Operations operations{};
};
BOOST_DESCRIBE_STRUCT(Work, (), (transaction, age, step, boot, oldest, operations))

struct Worked
{
    TransactionId transaction = 0;
    std::uint32_t step = 0;
    std::uint64_t boot = 0;
    Values values{}; ///< what was read
};
BOOST_DESCRIBE_STRUCT(Worked, (), (transaction, step, boot, values))

/// The participant has given the transaction up.
struct WorkFailed
{
    TransactionId transaction = 0;
    Reason reason = Reason::None;
};
BOOST_DESCRIBE_STRUCT(WorkFailed, (), (transaction, reason))

/// VOTE-REQ of Bernstein et al.
struct Prepare
{
    TransactionId transaction = 0;
    std::uint64_t boot = 0; ///< the life of the participant that has done the work
    NodeSet participants{}; ///< those that will have to hear the decision
    TransactionId oldest = 0;
};
BOOST_DESCRIBE_STRUCT(Prepare, (), (transaction, boot, participants, oldest))

struct VoteYes
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(VoteYes, (), (transaction))

struct VoteNo
{
    TransactionId transaction = 0;
    std::string why{};
};
BOOST_DESCRIBE_STRUCT(VoteNo, (), (transaction, why))

/// Has changed nothing and takes no part in what follows (R*, PA).
struct VoteReadOnly
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(VoteReadOnly, (), (transaction))

/// Everybody has voted yes (Skeen 1981; Bernstein et al., §7.5).
struct PreCommit
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(PreCommit, (), (transaction))

struct PreCommitted
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(PreCommitted, (), (transaction))

struct Commit
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(Commit, (), (transaction))

struct Abort
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(Abort, (), (transaction))

/// The decision is on the participant's disk.
struct Ack
{
    TransactionId transaction = 0;
    bool damaged = false; ///< an operator had decided otherwise there
};
BOOST_DESCRIBE_STRUCT(Ack, (), (transaction, damaged))

/// DECISION-REQ of Bernstein et al.: how did it end?
struct AskDecision
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(AskDecision, (), (transaction))

/// Whoever was asked does not know either.
struct Uncertain
{
    TransactionId transaction = 0;
};
BOOST_DESCRIBE_STRUCT(Uncertain, (), (transaction))

/// STATE-REQ of the termination protocol (Bernstein et al., §7.5).
struct AskState
{
    TransactionId transaction = 0;
    std::uint64_t round = 0; ///< the asker's
    bool recovered = false; ///< the asker has crashed since it voted, and only decides with all
};
BOOST_DESCRIBE_STRUCT(AskState, (), (transaction, round, recovered))

/// What a process of a three-phase commit knows. Who has crashed since it voted no longer counts as
/// operational: it has forgotten whether it could commit.
enum class Standing : std::uint8_t { Unknown, Uncertain, Committable, Recovered };
BOOST_DESCRIBE_ENUM(Standing, Unknown, Uncertain, Committable, Recovered)

struct StateReport
{
    TransactionId transaction = 0;
    std::uint64_t round = 0;
    Standing standing = Standing::Unknown;
};
BOOST_DESCRIBE_STRUCT(StateReport, (), (transaction, round, standing))

using Message =
    std::variant<Work, Worked, WorkFailed, Prepare, VoteYes, VoteNo, VoteReadOnly, PreCommit,
                 PreCommitted, Commit, Abort, Ack, AskDecision, Uncertain, AskState, StateReport>;

/// Several reads and writes as one.
struct Transact
{
    Operations operations{};
};
BOOST_DESCRIBE_STRUCT(Transact, (), (operations))

/// Takes from one number and adds to another, or does neither.
struct Transfer
{
    std::string from{};
    std::string to{};
    std::uint64_t amount = 1;
};
BOOST_DESCRIBE_STRUCT(Transfer, (), (from, to, amount))

/// An operator decides for a participant that is in doubt, without knowing the decision.
struct Heuristic
{
    TransactionId transaction = 0; ///< 0: whichever is in doubt there
    Outcome outcome = Outcome::Aborted;
};
BOOST_DESCRIBE_STRUCT(Heuristic, (), (transaction, outcome))

using Request = std::variant<Transact, Transfer, Read, Write, Heuristic>;

struct Committed
{
    TransactionId transaction = 0;
    Values values{}; ///< what was read; keys that are not there are left out
};
BOOST_DESCRIBE_STRUCT(Committed, (), (transaction, values))

struct Aborted
{
    TransactionId transaction = 0;
    Reason reason = Reason::None;
};
BOOST_DESCRIBE_STRUCT(Aborted, (), (transaction, reason))

/// What the operator decided is done.
struct Resolved
{
    TransactionId transaction = 0;
    Outcome outcome = Outcome::Aborted;
};
BOOST_DESCRIBE_STRUCT(Resolved, (), (transaction, outcome))

using Reply = std::variant<Committed, Aborted, Resolved>;

using describe::Facet;
using describe::FieldFacet;
using describe::Tag;
using describe::Tone;

constexpr Tone tone(Tag<Work>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Worked>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<WorkFailed>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Prepare>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<VoteYes>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<VoteNo>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<VoteReadOnly>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<PreCommit>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<PreCommitted>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<Commit>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Abort>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Ack>)
{
    return Tone::Neutral;
}
constexpr Tone tone(Tag<AskDecision>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Uncertain>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<AskState>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<StateReport>)
{
    return Tone::Calm;
}

constexpr auto facets(Tag<Work>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}, FieldFacet{"age", Facet::Detail},
                      FieldFacet{"step", Facet::Detail}, FieldFacet{"boot", Facet::Detail},
                      FieldFacet{"oldest", Facet::Detail}};
}
constexpr auto facets(Tag<Worked>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}, FieldFacet{"step", Facet::Detail},
                      FieldFacet{"boot", Facet::Detail}};
}
constexpr auto facets(Tag<WorkFailed>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<Prepare>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}, FieldFacet{"boot", Facet::Detail},
                      FieldFacet{"participants", Facet::Detail},
                      FieldFacet{"oldest", Facet::Detail}};
}
constexpr auto facets(Tag<VoteYes>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<VoteNo>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<VoteReadOnly>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<PreCommit>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<PreCommitted>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<Commit>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<Abort>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<Ack>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<AskDecision>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<Uncertain>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<AskState>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}, FieldFacet{"round", Facet::Detail}};
}
constexpr auto facets(Tag<StateReport>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}, FieldFacet{"round", Facet::Detail}};
}
constexpr auto facets(Tag<Transfer>)
{
    return std::array{FieldFacet{"from", Facet::Key}, FieldFacet{"to", Facet::Key},
                      FieldFacet{"amount", Facet::Content}};
}
constexpr auto facets(Tag<Committed>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<Aborted>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}
constexpr auto facets(Tag<Resolved>)
{
    return std::array{FieldFacet{"transaction", Facet::Epoch}};
}

} // namespace lightcone::protocols::two_phase_commit
