#include "engine/protocols/raft/raft.h"

namespace lightcone::protocols::raft {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<Raft> hosted;
    return hosted;
}

} // namespace lightcone::protocols::raft
