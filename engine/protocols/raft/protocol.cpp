#include "engine/protocols/raft/raft.h"

namespace lightcone::protocols::raft {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<Raft> hosted;
    return hosted;
}

} // namespace lightcone::protocols::raft

namespace lightcone::node {
template class TypedPayload<protocols::raft::Message>;
template class TypedPayload<protocols::raft::Request>;
template class TypedPayload<protocols::raft::Reply>;
template class TypedPayload<protocols::raft::Write>;
} // namespace lightcone::node
