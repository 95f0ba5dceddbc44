#include "engine/protocols/partitioning/keyspace.h"

#include "engine/core/check.h"
#include "engine/core/hash.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace lightcone::protocols::partitioning {

Span Span::with(const Span& other) const
{
    Span both{std::max(begin, other.begin), end};
    if (end.empty() || (!other.end.empty() && other.end < end)) {
        both.end = other.end;
    }
    return both;
}

Spans without(const Spans& spans, const Span& taken)
{
    Spans left;
    for (const auto& span : spans) {
        if (!span.overlaps(taken)) {
            left.push_back(span);
            continue;
        }
        if (span.begin < taken.begin) {
            left.push_back({span.begin, taken.begin});
        }
        if (!taken.end.empty() && (span.end.empty() || taken.end < span.end)) {
            left.push_back({taken.end, span.end});
        }
    }
    return left;
}

const Place* find(const Places& places, std::string_view point)
{
    const auto after =
        std::upper_bound(places.begin(), places.end(), point,
                         [](std::string_view at, const Place& place) { return at < place.begin; });
    if (after == places.begin()) {
        return nullptr;
    }
    const auto& place = *std::prev(after);
    return place.span().contains(point) ? &place : nullptr;
}

bool learn(Places& places, const Place& fresh)
{
    const auto same = std::lower_bound(
        places.begin(), places.end(), fresh.begin,
        [](const Place& place, const Point& begin) { return place.begin < begin; });
    if (same != places.end() && same->begin == fresh.begin && same->end == fresh.end) {
        const bool newer = same->epoch < fresh.epoch;
        if (newer || (same->epoch == fresh.epoch && same->shard == fresh.shard)) {
            *same = fresh;
        }
        return newer;
    }
    Places next;
    Spans rest{fresh.span()};
    for (const auto& place : places) {
        if (!place.span().overlaps(fresh.span())) {
            next.push_back(place);
        } else if (place.epoch >= fresh.epoch) {
            next.push_back(place);
            rest = without(rest, place.span());
        } else {
            for (const auto& left : without({place.span()}, fresh.span())) {
                next.push_back(place);
                next.back().begin = left.begin;
                next.back().end = left.end;
            }
        }
    }
    for (const auto& span : rest) {
        next.push_back(fresh);
        next.back().begin = span.begin;
        next.back().end = span.end;
    }
    std::sort(next.begin(), next.end(),
              [](const Place& a, const Place& b) { return a.begin < b.begin; });
    places = std::move(next);
    return !rest.empty();
}

std::string_view rowOf(std::string_view key)
{
    return key.substr(0, key.find('.'));
}

std::string_view columnOf(std::string_view key)
{
    const auto dot = key.find('.');
    return dot == std::string_view::npos ? std::string_view() : key.substr(dot + 1);
}

std::uint32_t hashOf(std::string_view text)
{
    Hasher hasher;
    hasher.add(text);
    return static_cast<std::uint32_t>(hasher.value() >> 32);
}

Point hashPoint(std::uint32_t hash)
{
    return fmt::format("{:08x}", hash);
}

double shareOf(const Span& span)
{
    constexpr std::uint64_t circle = std::uint64_t{1} << 32;
    const auto numberOf = [](const Point& point, std::uint64_t otherwise) {
        std::uint64_t number = otherwise;
        std::from_chars(point.data(), point.data() + point.size(), number, 16);
        return number;
    };
    const auto end = span.end.empty() ? circle : numberOf(span.end, circle);
    return static_cast<double>(end - numberOf(span.begin, 0)) / static_cast<double>(circle);
}

std::string textOf(const Span& span)
{
    return fmt::format("[{}, {})", span.begin, span.end);
}

} // namespace lightcone::protocols::partitioning
