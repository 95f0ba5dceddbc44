#include "engine/protocols/replication/replication.h"

namespace lightcone::protocols::replication {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<Replication> hosted;
    return hosted;
}

} // namespace lightcone::protocols::replication

namespace lightcone::node {
template class TypedPayload<protocols::replication::Message>;
template class TypedPayload<protocols::replication::Request>;
template class TypedPayload<protocols::replication::Reply>;
template class TypedPayload<protocols::replication::Write>;
} // namespace lightcone::node
