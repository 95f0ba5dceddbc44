#include "engine/protocols/two_phase_commit/ledger.h"

namespace lightcone::protocols::two_phase_commit {

std::vector<std::unique_ptr<node::Invariant>> TwoPhaseCommit::invariants(const node::SetupPtr&)
{
    std::vector<std::unique_ptr<node::Invariant>> list;
    addCommitmentInvariants(list);
    addDurabilityInvariants(list);
    addIsolationInvariants(list);
    return list;
}

} // namespace lightcone::protocols::two_phase_commit
