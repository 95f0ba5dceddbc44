#include "engine/protocols/two_phase_commit/two_phase_commit.h"

namespace lightcone::protocols::two_phase_commit {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<TwoPhaseCommit> hosted;
    return hosted;
}

} // namespace lightcone::protocols::two_phase_commit
