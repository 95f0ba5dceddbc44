#pragma once

#include <cstdint>
#include <string_view>

namespace lightcone::describe {

/// What a field means, beyond its type: enough for a view to show a protocol it has never heard of.
/// A facet carries meaning only; colours, icons and words belong to views.
enum class Facet : std::uint8_t {
    None,
    Role, ///< an enum: what the node is just now (leader, coordinator, …)
    Epoch, ///< a number that only grows and orders authority: term, ballot, view, epoch
    Peer, ///< the node that this one follows, voted for or depends on
    Votes, ///< a set of nodes that agreed, to be seen against Quorum
    Quorum, ///< how many of them are needed
    Log, ///< a list of entries, in order
    LogStart, ///< the index of the first entry that Log still has
    Committed, ///< the index up to which the log is agreed
    Applied, ///< the index up to which it was executed
    Level, ///< a gauge: queue length, lag, load
    Badge, ///< a short mark for the node's card, shown when it is not empty, false or zero
    Progress, ///< a list of named steps that fills and unwinds
    WaitingFor, ///< nodes that this one cannot go on without
    Key, ///< in a command: what it is about
    Content, ///< in a command: the value that it carries
    Detail, ///< left out of brief texts
    KeySpace, ///< a list of parts that together are all keys, each with its owner (Peer), perhaps
              ///< where it is going (WaitingFor) and how much of the whole it is (Level)
    Share, ///< in a map by node: what part of all falls on that node, from 0 to 1
    Store, ///< a map by key: the data that the node keeps
    Order, ///< a list of nodes in the order in which they stand behind each other
};

/// How an enumerator feels. A theme turns it into a colour and a shape.
enum class Tone : std::uint8_t { Neutral, Calm, Strong, Busy, Good, Bad };

std::string_view toText(Facet);
std::string_view toText(Tone);

/// One row of the table beside a described struct: constexpr auto facets(Tag<Vote>) returns an
/// array of these.
struct FieldFacet
{
    std::string_view field;
    Facet facet;
};

/// One row of the table beside a described enum: constexpr auto tones(Tag<Role>) returns an array
/// of these.
struct EnumeratorTone
{
    std::string_view enumerator;
    Tone tone;
};

/// Carries a type to facets(), tones() and their kin, which are found in that type's own namespace.
template <class T>
struct Tag
{
};

} // namespace lightcone::describe
