#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include <utility>

// What a node does first, when it boots: R*, §2.2, the recovery process.
namespace lightcone::protocols::two_phase_commit {

/// A decision that not everybody has acknowledged is told again. Votes that were being collected:
/// presumed commit aborts, since nothing was decided; in a three-phase commit the participants may
/// have decided meanwhile, so it asks.
void TwoPhaseCommit::recoverCoordinator(const Moment& moment, const Durable& disk, Out& out)
{
    constexpr TransactionId block = 100;
    m_newest = disk.numbers;
    m_numbers = disk.numbers + block * parameters().coordinators;
    out.write(NumbersRecord{m_numbers});
    m_sessions = disk.sessions;
    for (const auto& [id, pact] : disk.pacts) {
        auto& transaction = m_transactions[id];
        transaction.request = pact.request;
        transaction.age = id;
        transaction.restarts = parameters().restarts; // What it was to do is not known any more.
        transaction.values = pact.values;
        for (const auto node : pact.participants) {
            auto& part = transaction.parts[node];
            part.writes = true;
            part.vote = pact.outcome == Outcome::Committed ? Ballot::Yes : Ballot::None;
        }
        const auto phase = !pact.outcome          ? Phase::Recovering
            : *pact.outcome == Outcome::Committed ? Phase::Committing
                                                  : Phase::Aborting;
        enter(moment, transaction, phase);
    }
    for (const auto& [id, pact] : disk.pacts) {
        if (!pact.outcome && is(Variant::PresumedCommit)) {
            abort(moment, id, Reason::Recovered, out);
            continue;
        }
        if (pact.outcome) {
            out.note("has decided on transaction {}, and tells it again", id);
        } else {
            out.note("does not know how transaction {} ended, and asks", id);
        }
        retry(moment, id, out);
    }
}

/// R*, §2.2: for each transaction in the prepared state it asks the coordinator, again and again.
/// It holds the locks of what it would write; those of what it has read are needed no longer, since
/// the transaction takes no more locks anywhere.
void TwoPhaseCommit::recoverParticipant(const Moment& moment, const Durable& disk, Out& out)
{
    m_boot = disk.boot + 1;
    m_store = disk.store;
    m_outcomes = disk.outcomes;
    m_damages = disk.damages;
    m_below = disk.below;
    StartRecord start{m_boot, {}};
    if (disk.boot == 0) {
        start.values = m_placement->initial(self());
        install(start.values, m_store);
    }
    out.write(std::move(start));
    for (const auto& [id, part] : disk.prepared) {
        auto& branch = m_branches[id];
        branch.phase = Phase::InDoubt;
        branch.since = moment.now;
        branch.age = id;
        branch.worked = true;
        branch.recovered = true;
        branch.writes = part.writes;
        branch.participants = part.participants;
        for (const auto& [key, value] : part.writes) {
            locking().request({id, id, key, true}, moment.now);
        }
    }
    for (const auto& [id, guess] : disk.heuristics) {
        auto& branch = m_branches[id];
        branch.phase = Phase::Idle;
        branch.since = moment.now;
        branch.recovered = true;
        branch.participants = {self()};
        branch.heuristic = guess;
    }
    for (const auto& [id, branch] : PerTransaction<Branch>(m_branches)) {
        if (!makes(Mistake::AbortsAloneAfterYes)) {
            inquire(moment, id, out);
        } else {
            out.arm(Timer::Inquiry, patienceOf(branch), id);
        }
    }
}

} // namespace lightcone::protocols::two_phase_commit
