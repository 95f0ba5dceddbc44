#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/describe/facet.h"
#include "engine/protocols/saga/script.h"

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// The parts that a node's state is made of.
namespace lightcone::protocols::saga {

using SagaId = std::uint64_t; ///< from 1; those of one origin grow by the number of origins
using SagaSet = boost::container::flat_set<SagaId>;
using NodeSet = boost::container::flat_set<NodeId>;
using Values = std::map<std::string, std::string, std::less<>>; ///< numbers, and names of numbers
using Data = std::map<std::string, Amount, std::less<>>;

using describe::EnumeratorTone;
using describe::Facet;
using describe::FieldFacet;
using describe::Tag;
using describe::Tone;

/// What a node is doing.
enum class Role : std::uint8_t {
    Idle, ///< no saga is under way here
    Running, ///< an orchestrator or an origin whose saga goes forward
    Compensating, ///< whose saga is being undone
    Holding, ///< a service with changes that may still be undone
    Retrying, ///< a service that tries something again by itself
    Parked, ///< a compensation keeps failing, and waits for a person
};
BOOST_DESCRIBE_ENUM(Role, Idle, Running, Compensating, Holding, Retrying, Parked)
constexpr auto tones(Tag<Role>)
{
    return std::array{
        EnumeratorTone{"Idle", Tone::Calm},         EnumeratorTone{"Running", Tone::Strong},
        EnumeratorTone{"Compensating", Tone::Busy}, EnumeratorTone{"Holding", Tone::Busy},
        EnumeratorTone{"Retrying", Tone::Busy},     EnumeratorTone{"Parked", Tone::Bad}};
}

enum class SagaState : std::uint8_t { Running, Compensating, Parked, Completed, Compensated };
BOOST_DESCRIBE_ENUM(SagaState, Running, Compensating, Parked, Completed, Compensated)
constexpr auto tones(Tag<SagaState>)
{
    return std::array{EnumeratorTone{"Running", Tone::Strong},
                      EnumeratorTone{"Compensating", Tone::Busy},
                      EnumeratorTone{"Parked", Tone::Bad}, EnumeratorTone{"Completed", Tone::Good},
                      EnumeratorTone{"Compensated", Tone::Calm}};
}

enum class StepState : std::uint8_t {
    Ahead,
    Asked, ///< its action is under way
    Done,
    Refused, ///< it was not done and will not be
    Undoing, ///< its compensation is under way, or its withdrawal
    Undone,
    Parked,
};
BOOST_DESCRIBE_ENUM(StepState, Ahead, Asked, Done, Refused, Undoing, Undone, Parked)
constexpr auto tones(Tag<StepState>)
{
    return std::array{EnumeratorTone{"Ahead", Tone::Neutral},  EnumeratorTone{"Asked", Tone::Busy},
                      EnumeratorTone{"Done", Tone::Good},      EnumeratorTone{"Refused", Tone::Bad},
                      EnumeratorTone{"Undoing", Tone::Strong}, EnumeratorTone{"Undone", Tone::Calm},
                      EnumeratorTone{"Parked", Tone::Bad}};
}

/// One step as a strip of progress shows it.
struct StepMark
{
    StepState state = StepState::Ahead;
    std::string step{};
    friend bool operator==(const StepMark&, const StepMark&) = default;
};
BOOST_DESCRIBE_STRUCT(StepMark, (), (state, step))

/// A saga as its orchestrator knows it, or, choreographed, as the service of its first step does.
struct Run
{
    SagaId saga = 0;
    std::string type{}; ///< its name in the script
    SagaState state = SagaState::Running;
    std::vector<StepMark> steps{};
    std::uint32_t at = 0; ///< the step that is being done or undone
    RequestId request{}; ///< who is told how it ended
    Values values{}; ///< what it was given, and what its steps have read
    std::string reason{}; ///< why it is undone or parked
    bool byHand = false; ///< a person has undone the parked step
    bool settled = false; ///< all services know that its changes stay
    std::uint32_t tries = 0; ///< of this step so far
    std::uint32_t failedTry = 0; ///< the newest that is known to have failed
    std::uint32_t failures = 0; ///< of this compensation since somebody last looked after it
    NodeSet unsettled{}; ///< services that are still to be told

    [[nodiscard]] bool open() const
    {
        return state != SagaState::Completed && state != SagaState::Compensated;
    }
};
BOOST_DESCRIBE_STRUCT(Run, (),
                      (saga, type, state, steps, at, request, values, reason, byHand, settled,
                       tries, failedTry, failures, unsettled))
constexpr auto facets(Tag<Run>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch},     FieldFacet{"steps", Facet::Progress},
                      FieldFacet{"request", Facet::Detail}, FieldFacet{"values", Facet::Detail},
                      FieldFacet{"tries", Facet::Detail},   FieldFacet{"failures", Facet::Detail},
                      FieldFacet{"settled", Facet::Detail}, FieldFacet{"failedTry", Facet::Detail},
                      FieldFacet{"byHand", Facet::Detail},  FieldFacet{"unsettled", Facet::Detail}};
}

/// What a step has seen or left of one number.
struct Touch
{
    std::string key;
    std::uint64_t version = 0; ///< of the number, after what was done
    Amount value = 0;
    bool changed = false;
    bool seen = false; ///< the saga knows this value: it has read it, or overwrote it
    SagaId dirty = 0; ///< a saga whose change was read here before it was settled
    friend bool operator==(const Touch&, const Touch&) = default;
};
BOOST_DESCRIBE_STRUCT(Touch, (), (key, version, value, changed, seen, dirty))

/// A line of a version file.
struct Mark
{
    SagaId saga = 0;
    std::uint32_t step = 0;
    bool overwrites = false; ///< else it adds
    Amount amount = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
};
BOOST_DESCRIBE_STRUCT(Mark, (), (saga, step, overwrites, amount))

/// What a service keeps of one of its numbers, beside the number.
struct Record
{
    std::uint64_t version = 0; ///< grows with each change
    SagaId writer = 0; ///< who changed it last
    SagaSet pending{}; ///< sagas whose changes of it may still be undone
    Amount base = 0; ///< before the lines of the file
    std::vector<Mark> file{}; ///< of countermeasure versionFile, by saga and step
    friend bool operator==(const Record&, const Record&) = default;
};
BOOST_DESCRIBE_STRUCT(Record, (), (version, writer, pending, base, file))
using Records = std::map<std::string, Record, std::less<>>;

/// A number as a local transaction leaves it.
struct Change
{
    std::string key;
    Amount value = 0;
    Record record{};
};
BOOST_DESCRIBE_STRUCT(Change, (), (key, value, record))
constexpr auto facets(Tag<Change>)
{
    return std::array{FieldFacet{"key", Facet::Key}, FieldFacet{"value", Facet::Content},
                      FieldFacet{"record", Facet::Detail}};
}

enum class EntryState : std::uint8_t {
    Done,
    Refused, ///< it was declined
    Undone,
    Withdrawn, ///< a tombstone: it was undone before it ran, and never will run
    Parked, ///< choreographed: its compensation keeps failing
};
BOOST_DESCRIBE_ENUM(EntryState, Done, Refused, Undone, Withdrawn, Parked)

/// What a service remembers of one step of one saga, so that whoever asks twice is answered twice
/// and served once.
struct Entry
{
    SagaId saga = 0;
    std::uint32_t step = 0;
    EntryState state = EntryState::Done;
    std::string type{};
    std::string reason{};
    Values values{}; ///< what the action was given and has read
    std::vector<Touch> touches{};
    std::uint32_t tries = 0; ///< of a parked compensation
};
BOOST_DESCRIBE_STRUCT(Entry, (), (saga, step, state, type, reason, values, touches, tries))
constexpr auto facets(Tag<Entry>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch}, FieldFacet{"type", Facet::Detail},
                      FieldFacet{"values", Facet::Detail}, FieldFacet{"touches", Facet::Detail},
                      FieldFacet{"tries", Facet::Detail}};
}

/// Choreographed: something that a service is trying to do and has not done yet. Whoever asked for
/// it asks again until it is done, so that a crash may forget it.
struct Attempt
{
    SagaId saga = 0;
    std::uint32_t step = 0;
    bool undo = false;
    std::string type{};
    Values values{};
    std::uint32_t tries = 0;
    std::uint32_t failures = 0;
    NodeId from{}; ///< who is told that it was heard; none: our own saga, or a person
    std::uint64_t post = 0;
};
BOOST_DESCRIBE_STRUCT(Attempt, (), (saga, step, undo, type, values, tries, failures, from, post))
constexpr auto facets(Tag<Attempt>)
{
    return std::array{FieldFacet{"saga", Facet::Epoch}, FieldFacet{"values", Facet::Detail},
                      FieldFacet{"type", Facet::Detail}};
}

} // namespace lightcone::protocols::saga
