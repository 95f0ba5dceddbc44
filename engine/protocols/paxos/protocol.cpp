#include "engine/protocols/paxos/paxos.h"

namespace lightcone::protocols::paxos {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<Paxos> hosted;
    return hosted;
}

} // namespace lightcone::protocols::paxos

namespace lightcone::node {
template class TypedPayload<protocols::paxos::Message>;
template class TypedPayload<protocols::paxos::Request>;
template class TypedPayload<protocols::paxos::Reply>;
template class TypedPayload<protocols::paxos::Write>;
} // namespace lightcone::node
