#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace lightcone::picture {

/// Where clients' operations took effect, as far as that was judged: what a timeline draws on their
/// bars.
struct Linearization
{
    struct Point
    {
        EventId request;
        Instant at; ///< between request and reply
    };
    /// An operation that no order of all of them explains.
    struct Impossible
    {
        EventId request;
        EventId reply;
    };

    std::vector<Point> points{}; ///< by request
    std::vector<Impossible> impossible{}; ///< by request

    [[nodiscard]] std::optional<Instant> pointOf(EventId request) const
    {
        const auto found = std::ranges::lower_bound(points, request, {}, &Point::request);
        const bool known = found != points.end() && found->request == request;
        return known ? std::optional(found->at) : std::nullopt;
    }

    /// The first impossible one whose request is within first … last; nullptr where there is none.
    [[nodiscard]] const Impossible* impossibleIn(EventId first, EventId last) const
    {
        const auto found = std::ranges::lower_bound(impossible, first, {}, &Impossible::request);
        return found != impossible.end() && found->request <= last ? &*found : nullptr;
    }

    /// The impossible one that this event begins or ends; nullptr for others.
    [[nodiscard]] const Impossible* impossibleAt(EventId event) const
    {
        const auto found = std::ranges::find_if(impossible, [&](const Impossible& each) {
            return each.request == event || each.reply == event;
        });
        return found != impossible.end() ? &*found : nullptr;
    }
};

} // namespace lightcone::picture
