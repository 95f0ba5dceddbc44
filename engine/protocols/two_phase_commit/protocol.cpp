#include "engine/protocols/two_phase_commit/two_phase_commit.h"

namespace lightcone::protocols::two_phase_commit {

const node::Protocol& protocol();

const node::Protocol& protocol()
{
    static const node::Hosted<TwoPhaseCommit> hosted;
    return hosted;
}

} // namespace lightcone::protocols::two_phase_commit

namespace lightcone::node {
template class TypedPayload<protocols::two_phase_commit::Message>;
template class TypedPayload<protocols::two_phase_commit::Request>;
template class TypedPayload<protocols::two_phase_commit::Reply>;
template class TypedPayload<protocols::two_phase_commit::Record>;
} // namespace lightcone::node
