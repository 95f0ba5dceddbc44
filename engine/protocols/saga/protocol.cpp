#include "engine/protocols/saga/saga.h"

namespace lightcone::protocols::saga {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<Saga> hosted;
    return hosted;
}

} // namespace lightcone::protocols::saga
