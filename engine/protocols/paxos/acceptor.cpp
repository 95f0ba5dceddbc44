#include "engine/protocols/paxos/paxos.h"

#include <algorithm>
#include <utility>

// What an acceptor promises and accepts: §2.2, phases 1 (b) and 2 (b).
namespace lightcone::protocols::paxos {

/// §2.2: "If an acceptor receives a prepare request with number n greater than that of any prepare
/// request to which it has already responded, then it responds to the request with a promise".
void Paxos::onMessage(const Moment& moment, NodeId from, const Prepare& message, Out& out)
{
    if (!accepts()) {
        return;
    }
    if (message.ballot < m_ballot) {
        out.send(from, Nack{message.ballot, m_ballot});
        return;
    }
    if (keepsFaith(moment, from)) {
        return; // A leader's lease relies on this silence.
    }
    if (message.ballot > m_ballot) {
        if (proposesNow()) {
            out.note("gives up ballot {}: promises {} to n{}", m_ballot, message.ballot,
                     from.value);
        }
        yield(moment, message.ballot, out);
        armElection(moment, out);
    }
    // §2.5: "An acceptor records its intended response in stable storage before actually sending
    // the response." A repeated request is answered again, as the first answer may be lost.
    if (!makes(Mistake::ForgetsPromise)) {
        out.write(Pledge{message.ballot});
    }
    auto first = std::max(message.from, m_logStart);
    if (m_chosenIndex >= first + parameters().maxBatch) {
        first =
            m_chosenIndex + 1; // Too much for an answer: whoever lacks all that learns it first.
    }
    auto entries =
        first <= lastSlot() ? m_log.slice(first - m_logStart, lastSlot() + 1 - first) : Slots();
    out.note("promises ballot {}", message.ballot);
    out.send(from, Promise{message.ballot, first, std::move(entries), m_chosenIndex});
}

/// §2.2: "If an acceptor receives an accept request for a proposal numbered n, it accepts the
/// proposal unless it has already responded to a prepare request having a number greater than n."
void Paxos::onMessage(const Moment& moment, NodeId from, const Accept& message, Out& out)
{
    // A node so far behind learns before it votes; a log never grows by more gaps than that.
    constexpr Slot mostGaps = 100'000;
    if (message.entries.empty() || message.first > lastSlot() + mostGaps) {
        return;
    }
    if (message.ballot < m_ballot) {
        out.send(from, Nack{message.ballot, m_ballot});
        return;
    }
    if (message.ballot > m_ballot) {
        yield(moment, message.ballot, out);
    }
    if (!makes(Mistake::SharedBallots) || !proposesNow()) {
        followLeader(moment, from, out);
    }
    accept(message.first, message.entries, out);
    const auto last = message.first + message.entries.size() - 1;
    Accepted answer{message.ballot, message.first, last, {}};
    if (parameters().learning == Learning::Everyone) {
        answer.entries = message.entries;
        auto learners = m_plan->learners;
        learners.insert(from);
        learners.erase(self());
        out.broadcast(learners, answer);
        if (learns()) {
            count(moment, self(), answer, out);
        }
    } else {
        out.send(from, std::move(answer));
    }
    learnUpTo(moment, from, message.chosen, out);
    if (isSingle()) {
        armCatchUp(out);
    }
}

void Paxos::accept(Slot first, const Slots& entries, Out& out)
{
    for (std::size_t i = 0; i < entries.size(); ++i) {
        place().put(first + i, entries[i]);
    }
    out.write(Vote{first, entries, m_chosenIndex}, syncOfVotes());
}

node::Sync Paxos::syncOfVotes() const
{
    // A proposer that does not accept keeps its proposals as what it may have to teach.
    const bool waits = accepts() && !makes(Mistake::AcceptsBeforeDurable);
    return waits ? node::Sync::Forced : node::Sync::Lazy;
}

/// Whether a leader counts on this acceptor not to promise anything to others just now.
bool Paxos::keepsFaith(const Moment& moment, NodeId proposer) const
{
    return parameters().reads == ReadMode::Lease && m_heardLeaderAt && proposer != m_leader
        && moment.now >= *m_heardLeaderAt
        && moment.now < *m_heardLeaderAt + parameters().electionTimeoutLow;
}

} // namespace lightcone::protocols::paxos
