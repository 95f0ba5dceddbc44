#include "tests/support/ring.h"

namespace lightcone::test {

std::optional<std::string> Ring::DurableBeforePassed::observe(const node::Observation& seen) const
{
    for (std::uint32_t i = 0; i < nodes; ++i) {
        const auto& here = seen.nodes[i];
        const auto& before = seen.nodes[(i + nodes - 1) % nodes];
        if (here.node == nullptr) {
            continue;
        }
        const auto round = node::machineOf<Ring>(*here.node).round();
        const auto durable = node::durableOf<Ring>(*before.disk).round;
        if (durable + 1 < round) {
            return "node " + std::to_string(here.id.value) + " is at round " + std::to_string(round)
                + ", the one before it has only " + std::to_string(durable) + " on its disk";
        }
    }
    return std::nullopt;
}

const node::Protocol& ringProtocol()
{
    static const node::Hosted<Ring> protocol;
    return protocol;
}

node::SetupPtr ringSetup(const RingParameters& parameters)
{
    return ringProtocol().setup(describe::toValue(parameters)).value();
}

node::PayloadPtr ringRequest(Ring::Request request)
{
    return node::makePayload<Ring::Request>(std::move(request));
}

} // namespace lightcone::test

namespace lightcone::node {
template class TypedPayload<test::Ring::Message>;
template class TypedPayload<test::Ring::Request>;
template class TypedPayload<test::Ring::Reply>;
template class TypedPayload<test::Ring::Write>;
} // namespace lightcone::node
