#include "engine/protocols/load_balancer/load_balancer.h"

namespace lightcone::protocols::load_balancer {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<LoadBalancer> hosted;
    return hosted;
}

} // namespace lightcone::protocols::load_balancer

namespace lightcone::node {
template class TypedPayload<protocols::load_balancer::Message>;
template class TypedPayload<protocols::load_balancer::Request>;
template class TypedPayload<protocols::load_balancer::Reply>;
template class TypedPayload<protocols::load_balancer::Write>;
} // namespace lightcone::node
