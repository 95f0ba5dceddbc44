#include "engine/protocols/saga/saga.h"

namespace lightcone::protocols::saga {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<Saga> hosted;
    return hosted;
}

} // namespace lightcone::protocols::saga

namespace lightcone::node {
template class TypedPayload<protocols::saga::Message>;
template class TypedPayload<protocols::saga::Request>;
template class TypedPayload<protocols::saga::Reply>;
template class TypedPayload<protocols::saga::Write>;
} // namespace lightcone::node
