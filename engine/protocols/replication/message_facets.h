#pragma once

#include "engine/protocols/replication/messages.h"

/// How messages feel, and what their fields mean.
namespace lightcone::protocols::replication {

using describe::Facet;
using describe::FieldFacet;
using describe::Tag;
using describe::Tone;

constexpr Tone tone(Tag<Alive>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<Lease>)
{
    return Tone::Neutral;
}
constexpr Tone tone(Tag<Admit>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Seal>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Sealed>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Ship>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Ack>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Missing>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Piece>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Outdated>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<AskTail>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<TailSays>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<StoreVersions>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Stored>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Fetch>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<Fetched>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<HandOff>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<HandedOff>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Compare>)
{
    return Tone::Neutral;
}
constexpr Tone tone(Tag<Exchange>)
{
    return Tone::Busy;
}

constexpr auto facets(Tag<Alive>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}, FieldFacet{"at", Facet::Detail},
                      FieldFacet{"lastEpoch", Facet::Detail}, FieldFacet{"lost", Facet::Detail}};
}
constexpr auto facets(Tag<Lease>)
{
    return std::array{FieldFacet{"at", Facet::Detail}};
}
constexpr auto facets(Tag<Admit>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}};
}
constexpr auto facets(Tag<Seal>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}};
}
constexpr auto facets(Tag<Sealed>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}};
}
constexpr auto facets(Tag<Ship>)
{
    return std::array{FieldFacet{"view", Facet::Detail}, FieldFacet{"afterEpoch", Facet::Detail},
                      FieldFacet{"last", Facet::Detail}, FieldFacet{"commit", Facet::Committed},
                      FieldFacet{"at", Facet::Detail},   FieldFacet{"echo", Facet::Detail}};
}
constexpr auto facets(Tag<Ack>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}, FieldFacet{"commit", Facet::Committed},
                      FieldFacet{"at", Facet::Detail}};
}
constexpr auto facets(Tag<Missing>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}, FieldFacet{"before", Facet::Detail},
                      FieldFacet{"snapshot", Facet::Detail}, FieldFacet{"offset", Facet::Detail},
                      FieldFacet{"at", Facet::Detail}};
}
constexpr auto facets(Tag<Piece>)
{
    return std::array{FieldFacet{"view", Facet::Detail}, FieldFacet{"starts", Facet::Detail},
                      FieldFacet{"data", Facet::Detail}};
}
constexpr auto facets(Tag<Outdated>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}};
}
constexpr auto facets(Tag<AskTail>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}};
}
constexpr auto facets(Tag<TailSays>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}, FieldFacet{"commit", Facet::Committed}};
}
constexpr auto facets(Tag<StoreVersions>)
{
    return std::array{FieldFacet{"operation", Facet::Detail}, FieldFacet{"key", Facet::Key}};
}
constexpr auto facets(Tag<Stored>)
{
    return std::array{FieldFacet{"operation", Facet::Detail}};
}
constexpr auto facets(Tag<Fetch>)
{
    return std::array{FieldFacet{"operation", Facet::Detail}, FieldFacet{"key", Facet::Key}};
}
constexpr auto facets(Tag<Fetched>)
{
    return std::array{FieldFacet{"operation", Facet::Detail}};
}
constexpr auto facets(Tag<HandOff>)
{
    return std::array{FieldFacet{"key", Facet::Key}};
}
constexpr auto facets(Tag<HandedOff>)
{
    return std::array{FieldFacet{"key", Facet::Key}, FieldFacet{"received", Facet::Detail}};
}
constexpr auto facets(Tag<Compare>)
{
    return std::array{FieldFacet{"hash", Facet::Detail}};
}
constexpr auto facets(Tag<GetAfter>)
{
    return std::array{FieldFacet{"key", Facet::Key}, FieldFacet{"written", Facet::Detail},
                      FieldFacet{"seen", Facet::Detail}};
}
constexpr auto facets(Tag<PutOver>)
{
    return std::array{FieldFacet{"key", Facet::Key}, FieldFacet{"value", Facet::Content},
                      FieldFacet{"context", Facet::Detail}};
}
constexpr auto facets(Tag<DeleteOver>)
{
    return std::array{FieldFacet{"key", Facet::Key}, FieldFacet{"context", Facet::Detail}};
}
constexpr auto facets(Tag<Sight>)
{
    return std::array{FieldFacet{"token", Facet::Detail}, FieldFacet{"behind", Facet::Detail}};
}
constexpr auto facets(Tag<Found>)
{
    return std::array{FieldFacet{"context", Facet::Detail}, FieldFacet{"written", Facet::Detail}};
}
constexpr auto facets(Tag<Promise>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}};
}
constexpr auto facets(Tag<Require>)
{
    return std::array{FieldFacet{"epoch", Facet::Epoch}};
}

} // namespace lightcone::protocols::replication
