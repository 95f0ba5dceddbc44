#include "engine/protocols/partitioning/partitioning.h"

namespace lightcone::protocols::partitioning {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<Partitioning> hosted;
    return hosted;
}

} // namespace lightcone::protocols::partitioning

namespace lightcone::node {
template class TypedPayload<protocols::partitioning::Message>;
template class TypedPayload<protocols::partitioning::Request>;
template class TypedPayload<protocols::partitioning::Reply>;
template class TypedPayload<protocols::partitioning::Write>;
} // namespace lightcone::node
