#include "engine/protocols/paxos/paxos.h"

namespace lightcone::protocols::paxos {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<Paxos> hosted;
    return hosted;
}

} // namespace lightcone::protocols::paxos
