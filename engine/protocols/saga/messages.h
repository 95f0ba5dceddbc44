#pragma once

#include "engine/protocols/saga/state.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the nodes of a saga say to each other and to clients, and what they write.
namespace lightcone::protocols::saga {

/// Orchestrated: do this step. Every saga below `below` is over everywhere.
struct Execute
{
    SagaId saga = 0;
    std::string step{};
    std::string type{};
    std::uint32_t tryNumber = 1;
    Values values{};
    SagaId below = 0;
};
BOOST_DESCRIBE_STRUCT(Execute, (), (saga, step, type, tryNumber, values, below))

/// Orchestrated: undo this step, or make sure that it never runs. byHand: a person has undone it,
/// so its compensation does not run.
struct Compensate
{
    SagaId saga = 0;
    std::string step{};
    std::string type{};
    std::uint32_t tryNumber = 1;
    Values values{};
    bool byHand = false;
    SagaId below = 0;
};
BOOST_DESCRIBE_STRUCT(Compensate, (), (saga, step, type, tryNumber, values, byHand, below))

/// Make sure that this step never runs, unless it has run already. Choreographed this says whoever
/// has waited long enough for the step behind its own.
struct Withdraw
{
    SagaId saga = 0;
    std::string step{};
    std::string type{};
    Values values{};
    SagaId below = 0;
    std::uint64_t post = 0;
};
BOOST_DESCRIBE_STRUCT(Withdraw, (), (saga, step, type, values, below, post))

/// The step is done. Choreographed this is the event that sets off the next one.
struct Done
{
    SagaId saga = 0;
    std::string step{};
    std::string type{};
    Values values{};
    SagaId below = 0;
    std::uint64_t post = 0; ///< choreographed: what Heard answers
};
BOOST_DESCRIBE_STRUCT(Done, (), (saga, step, type, values, below, post))

enum class Verdict : std::uint8_t {
    Declined, ///< for good
    Failed, ///< this time
    Busy, ///< another saga holds a semantic lock
};
BOOST_DESCRIBE_ENUM(Verdict, Declined, Failed, Busy)

/// The step was not done. Choreographed it will not be, and whoever comes before undoes its own.
struct Failed
{
    SagaId saga = 0;
    std::string step{};
    std::string type{};
    Verdict verdict = Verdict::Failed;
    std::string reason{};
    std::uint32_t tryNumber = 1;
    SagaId below = 0;
    std::uint64_t post = 0;
};
BOOST_DESCRIBE_STRUCT(Failed, (), (saga, step, type, verdict, reason, tryNumber, below, post))

/// The step is undone, or never ran and never will.
struct Undone
{
    SagaId saga = 0;
    std::string step{};
    std::string type{};
    bool ran = true;
    SagaId below = 0;
    std::uint64_t post = 0;
};
BOOST_DESCRIBE_STRUCT(Undone, (), (saga, step, type, ran, below, post))

/// The compensation did not succeed this time.
struct CompensationFailed
{
    SagaId saga = 0;
    std::string step{};
    std::string reason{};
    std::uint32_t tryNumber = 1;
};
BOOST_DESCRIBE_STRUCT(CompensationFailed, (), (saga, step, reason, tryNumber))

/// The saga is past its point of no return: what it has changed stays.
struct Confirm
{
    SagaId saga = 0;
    SagaId below = 0;
    std::uint64_t post = 0;
};
BOOST_DESCRIBE_STRUCT(Confirm, (), (saga, below, post))

struct Confirmed
{
    SagaId saga = 0;
};
BOOST_DESCRIBE_STRUCT(Confirmed, (), (saga))

/// Choreographed: the last step is done, says its service to the first one's.
struct Over
{
    SagaId saga = 0;
    std::uint64_t post = 0;
};
BOOST_DESCRIBE_STRUCT(Over, (), (saga, post))

/// Choreographed: the event was heard, and what it asked for is on disk.
struct Heard
{
    SagaId saga = 0;
    std::uint64_t post = 0;
};
BOOST_DESCRIBE_STRUCT(Heard, (), (saga, post))

using Message = std::variant<Execute, Compensate, Withdraw, Done, Failed, Undone,
                             CompensationFailed, Confirm, Confirmed, Over, Heard>;

/// Choreographed: an event in the outbox, told again and again until it was heard.
using Event = std::variant<Withdraw, Done, Failed, Undone, Confirm, Over>;
struct Post
{
    std::uint64_t number = 0;
    NodeId to{};
    Event event{};
    std::uint32_t tries = 0;
};
BOOST_DESCRIBE_STRUCT(Post, (), (number, to, event, tries))

/// Begins a saga of that name with these arguments. Without a name it is the first of the script.
struct Start
{
    std::string saga{};
    Values arguments{};
};
BOOST_DESCRIBE_STRUCT(Start, (), (saga, arguments))

/// Reads one number of a service, whatever is under way with it.
struct Get
{
    std::string key{};
};
BOOST_DESCRIBE_STRUCT(Get, (), (key))

/// Undoes a saga that has not passed its point of no return.
struct Cancel
{
    SagaId saga = 0;
};
BOOST_DESCRIBE_STRUCT(Cancel, (), (saga))

/// A person has mended what kept a parked compensation from succeeding: it is tried again.
struct Resume
{
    SagaId saga = 0;
};
BOOST_DESCRIBE_STRUCT(Resume, (), (saga))

/// A person has undone a parked step by hand: the saga goes on behind it.
struct Settle
{
    SagaId saga = 0;
};
BOOST_DESCRIBE_STRUCT(Settle, (), (saga))

/// What the node that is asked knows of a saga.
struct Status
{
    SagaId saga = 0;
};
BOOST_DESCRIBE_STRUCT(Status, (), (saga))

using Request = std::variant<Start, Get, Cancel, Resume, Settle, Status>;

/// How a saga ended, or where it is parked.
struct Ended
{
    SagaState state = SagaState::Completed;
    SagaId saga = 0;
    std::optional<std::string> reason{}; ///< why it is undone or parked
};
BOOST_DESCRIBE_STRUCT(Ended, (), (state, saga, reason))

struct Number
{
    Amount value = 0;
    bool pending = false; ///< a saga has changed it and may still undo that
};
BOOST_DESCRIBE_STRUCT(Number, (), (value, pending))

/// What one node knows of a saga; none where it knows nothing of the whole.
struct Known
{
    std::optional<SagaState> state{};
    SagaId saga = 0;
    std::vector<StepMark> steps{};
};
BOOST_DESCRIBE_STRUCT(Known, (), (state, saga, steps))

struct Accepted
{
    SagaId saga = 0;
};
BOOST_DESCRIBE_STRUCT(Accepted, (), (saga))

using Reply = std::variant<Ended, Number, Known, Accepted>;

// The saga log: what an orchestrator writes, and the service of a choreographed saga's first step.

struct SagaBegins
{
    Run run{};
};
BOOST_DESCRIBE_STRUCT(SagaBegins, (), (run))

struct StepLogged
{
    SagaId saga = 0;
    std::uint32_t step = 0;
    StepState state = StepState::Done;
    Values values{}; ///< what it has read
};
BOOST_DESCRIBE_STRUCT(StepLogged, (), (saga, step, state, values))

/// The saga is undone from the step before `end` on. unsure: that one may or may not have run.
struct SagaTurns
{
    SagaId saga = 0;
    std::uint32_t end = 0;
    bool unsure = false;
    std::string reason{};
};
BOOST_DESCRIBE_STRUCT(SagaTurns, (), (saga, end, unsure, reason))

struct SagaParks
{
    SagaId saga = 0;
    std::uint32_t step = 0;
    std::uint32_t tries = 0;
    std::string reason{};
};
BOOST_DESCRIBE_STRUCT(SagaParks, (), (saga, step, tries, reason))

struct SagaResumes
{
    SagaId saga = 0;
    bool byHand = false;
};
BOOST_DESCRIBE_STRUCT(SagaResumes, (), (saga, byHand))

struct SagaEnds
{
    SagaId saga = 0;
    SagaState state = SagaState::Completed;
    std::string reason{};
};
BOOST_DESCRIBE_STRUCT(SagaEnds, (), (saga, state, reason))

struct SagaSettled
{
    SagaId saga = 0;
};
BOOST_DESCRIBE_STRUCT(SagaSettled, (), (saga))

// What a service writes.

enum class Effect : std::uint8_t {
    None, ///< nothing but that it is remembered
    Action,
    Undo,
    ByHand, ///< a person has undone the action
};
BOOST_DESCRIBE_ENUM(Effect, None, Action, Undo, ByHand)

/// One local transaction: what became of a step, the numbers that it changed, and the events that
/// others are to be told of (Microservices Patterns §3.3.7: the transactional outbox).
struct Commit
{
    Effect effect = Effect::None;
    Entry entry{};
    std::vector<Change> changes{};
    std::vector<Post> posts{};
    std::uint32_t origin = 0; ///< the place of the saga's origin among them
    std::uint32_t origins = 1;
    SagaId below = 0; ///< sagas of that origin that are over everywhere
};
BOOST_DESCRIBE_STRUCT(Commit, (), (effect, entry, changes, posts, origin, origins, below))

/// The changes of a saga stay.
struct Settles
{
    SagaId saga = 0;
};
BOOST_DESCRIBE_STRUCT(Settles, (), (saga))

/// Choreographed: events that are told, and others that need not be told any more.
struct Posts
{
    std::vector<Post> added{};
    std::vector<std::uint64_t> heard{};
};
BOOST_DESCRIBE_STRUCT(Posts, (), (added, heard))

using Write = std::variant<SagaBegins, StepLogged, SagaTurns, SagaParks, SagaResumes, SagaEnds,
                           SagaSettled, Commit, Settles, Posts>;

constexpr Tone tone(Tag<Execute>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Compensate>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Withdraw>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Done>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Failed>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Undone>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<CompensationFailed>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Confirm>)
{
    return Tone::Neutral;
}
constexpr Tone tone(Tag<Confirmed>)
{
    return Tone::Neutral;
}
constexpr Tone tone(Tag<Over>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Heard>)
{
    return Tone::Neutral;
}

constexpr auto facets(Tag<Execute>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch},    FieldFacet{"step", Facet::Content},
                      FieldFacet{"type", Facet::Detail},   FieldFacet{"tryNumber", Facet::Detail},
                      FieldFacet{"values", Facet::Detail}, FieldFacet{"below", Facet::Detail}};
}
constexpr auto facets(Tag<Compensate>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch},    FieldFacet{"step", Facet::Content},
                      FieldFacet{"type", Facet::Detail},   FieldFacet{"tryNumber", Facet::Detail},
                      FieldFacet{"values", Facet::Detail}, FieldFacet{"below", Facet::Detail}};
}
constexpr auto facets(Tag<Withdraw>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch},   FieldFacet{"step", Facet::Content},
                      FieldFacet{"type", Facet::Detail},  FieldFacet{"values", Facet::Detail},
                      FieldFacet{"below", Facet::Detail}, FieldFacet{"post", Facet::Detail}};
}
constexpr auto facets(Tag<Done>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch},   FieldFacet{"step", Facet::Content},
                      FieldFacet{"type", Facet::Detail},  FieldFacet{"values", Facet::Detail},
                      FieldFacet{"below", Facet::Detail}, FieldFacet{"post", Facet::Detail}};
}
constexpr auto facets(Tag<Failed>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch},   FieldFacet{"step", Facet::Content},
                      FieldFacet{"type", Facet::Detail},  FieldFacet{"tryNumber", Facet::Detail},
                      FieldFacet{"below", Facet::Detail}, FieldFacet{"post", Facet::Detail}};
}
constexpr auto facets(Tag<Undone>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch},   FieldFacet{"step", Facet::Content},
                      FieldFacet{"type", Facet::Detail},  FieldFacet{"ran", Facet::Detail},
                      FieldFacet{"below", Facet::Detail}, FieldFacet{"post", Facet::Detail}};
}
constexpr auto facets(Tag<CompensationFailed>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch}, FieldFacet{"step", Facet::Content},
                      FieldFacet{"tryNumber", Facet::Detail}};
}
constexpr auto facets(Tag<Confirm>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch}, FieldFacet{"below", Facet::Detail},
                      FieldFacet{"post", Facet::Detail}};
}
constexpr auto facets(Tag<Confirmed>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch}};
}
constexpr auto facets(Tag<Over>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch}, FieldFacet{"post", Facet::Detail}};
}
constexpr auto facets(Tag<Heard>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch}, FieldFacet{"post", Facet::Detail}};
}
constexpr auto facets(Tag<Get>)
{
    return std::array{FieldFacet{"key", Facet::Key}};
}

} // namespace lightcone::protocols::saga
