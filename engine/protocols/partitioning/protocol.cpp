#include "engine/protocols/partitioning/partitioning.h"

namespace lightcone::protocols::partitioning {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<Partitioning> hosted;
    return hosted;
}

} // namespace lightcone::protocols::partitioning
