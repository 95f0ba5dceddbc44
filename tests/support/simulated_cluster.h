#pragma once

#include "engine/node/catalog.h"
#include "engine/node/hosted.h"
#include "tests/support/invariant_run.h"

#include <optional>
#include <utility>

namespace lightcone::test {

/// A simulated cluster of a protocol, asked and looked at in its own types.
template <class P>
class SimulatedCluster : public InvariantRun
{
public:
    using Request = typename P::Request;
    using InvariantRun::InvariantRun;

    [[nodiscard]] const P& at(std::uint32_t number) const
    {
        return node::machineOf<P>(*world().sights()[number - 1].node);
    }

    /// The client asks; only that node when one is given.
    void ask(Request request, std::uint32_t only = 0, std::uint32_t client = 1)
    {
        act(sim::Request{clientId(client), node::makePayload<Request>(std::move(request)),
                         NodeId(only)});
    }

    template <class T>
    std::optional<T> answeredWith(std::uint32_t client = 1)
    {
        const auto ended = answered(client);
        const auto* body = node::payloadIf<typename P::Reply>(ended.body.get());
        const auto* held = body != nullptr ? std::get_if<T>(body) : nullptr;
        return held != nullptr ? std::optional(*held) : std::nullopt;
    }
};

} // namespace lightcone::test
