#include "engine/protocols/load_balancer/load_balancer.h"

namespace lightcone::protocols::load_balancer {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<LoadBalancer> hosted;
    return hosted;
}

} // namespace lightcone::protocols::load_balancer
