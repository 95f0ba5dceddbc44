#include "engine/protocols/raft/quorum.h"
#include "engine/protocols/raft/raft.h"

// Leader election: §3.4 with the restriction of §3.6.1, disruptive servers (§4.2.3) and the
// pre-vote (§9.6).
namespace lightcone::protocols::raft {

void Raft::becomeFollower(const Moment& moment, Term term, NodeId leader, Out& out, NodeId vote)
{
    const bool wasLeader = isLeader();
    if (wasLeader) {
        out.note("steps down as leader of term {}", m_term);
        redirectWaiting(leader, out);
        writeOwn(out); // Whatever a follower holds is on its way to its disk.
        m_gathers = false;
        m_nextIndex.clear();
        m_matchIndex.clear();
        m_progress.clear();
        m_rounds.clear();
        m_change.reset();
        m_leaseUntil = Instant{};
        out.disarm(Timer::Heartbeat);
    }
    if (term != m_term) {
        m_term = term;
        m_votedFor = vote;
        writeHardState(out);
    }
    m_role = idleRole();
    m_leader = leader;
    m_votes.clear();
    if (wasLeader) {
        armElection(moment, out);
    }
}

void Raft::becomePreCandidate(const Moment& moment, Out& out)
{
    m_role = Role::PreCandidate;
    m_leader = NodeId{};
    m_votes = {self()};
    out.note("asks whether it could win term {}", m_term + 1);
    armElection(moment, out);
    out.broadcast(otherVoters(), RequestPreVote{m_term + 1, lastIndex(), lastTerm()});
    countVotes(moment, out);
}

void Raft::becomeCandidate(const Moment& moment, bool transfer, Out& out)
{
    // §3.4: "To begin an election, a follower increments its current term and transitions to
    // candidate state. It then votes for itself and issues RequestVote RPCs in parallel to each of
    // the other servers in the cluster."
    m_role = Role::Candidate;
    m_leader = NodeId{};
    ++m_term;
    m_votedFor = self();
    m_votes = {self()};
    writeHardState(out);
    out.note("becomes candidate of term {}", m_term);
    armElection(moment, out);
    out.broadcast(otherVoters(), RequestVote{m_term, lastIndex(), lastTerm(), transfer});
    countVotes(moment, out);
}

void Raft::becomeLeader(const Moment& moment, Out& out)
{
    m_role = Role::Leader;
    m_leader = self();
    out.note("becomes leader of term {}", m_term);
    out.disarm(Timer::Election);
    out.arm(Timer::Heartbeat, parameters().heartbeat);
    m_round = 0;
    m_confirmedRound = 0;
    m_leaseUntil = Instant{};
    m_handsOver = false;
    m_written = lastIndex();
    refreshPeers(moment);
    if (configuration().joint()) {
        // §4.3: whoever leads next brings a begun change to its end.
        m_change = MemberChange{{}, configuration().voters, {}};
    }
    beginRound(moment);
    // §6.4: "Raft handles this by having each leader commit a blank no-op entry into the log at the
    // start of its term."
    appendOwn(moment, Entry{m_term, {}, NoOp{}}, out);
    broadcastEntries(out);
    advanceCommit(moment, out);
}

void Raft::beginElection(const Moment& moment, Out& out)
{
    if (!mayCampaign()) {
        return;
    }
    if (parameters().preVote) {
        becomePreCandidate(moment, out);
    } else {
        becomeCandidate(moment, false, out);
    }
}

void Raft::countVotes(const Moment& moment, Out& out)
{
    if (!isMajority(configuration(), m_votes)) {
        return;
    }
    if (m_role == Role::PreCandidate) {
        becomeCandidate(moment, false, out);
    } else {
        becomeLeader(moment, out);
    }
}

void Raft::onMessage(const Moment& moment, NodeId from, const RequestPreVote& message, Out& out)
{
    // §9.6: a server would vote if the candidate's log is good enough and it "has not received
    // heartbeats from a valid leader for at least a baseline election timeout".
    const bool granted = message.term > m_term && !hearsLeader(moment)
        && isUpToDate(message.lastLogTerm, message.lastLogIndex);
    out.send(from, PreVote{granted ? message.term : m_term, granted});
}

void Raft::onMessage(const Moment& moment, NodeId from, const PreVote& message, Out& out)
{
    if (!message.granted) {
        if (message.term > m_term) {
            becomeFollower(moment, message.term, NodeId{}, out);
        }
        return;
    }
    if (m_role == Role::PreCandidate && message.term == m_term + 1) {
        m_votes.insert(from);
        countVotes(moment, out);
    }
}

void Raft::onMessage(const Moment& moment, NodeId from, const RequestVote& message, Out& out)
{
    const bool upToDate = isUpToDate(message.lastLogTerm, message.lastLogIndex);
    bool granted = false;
    if (message.term > m_term) {
        if (hearsLeader(moment) && !message.transfer) {
            // §4.2.3: "if a server receives a RequestVote request within the minimum election
            // timeout of hearing from a current leader, it does not update its term or grant its
            // vote."
            out.note("ignores n{}: {}", from.value,
                     isLeader() ? "it leads itself" : "it has just heard from a leader");
            return;
        }
        granted = upToDate;
        becomeFollower(moment, message.term, NodeId{}, out, granted ? from : NodeId{});
    } else if (message.term == m_term && (!m_votedFor || m_votedFor == from)) {
        granted = upToDate && !isLeader();
        if (granted && !m_votedFor) {
            m_votedFor = from;
            writeHardState(out);
        }
    }
    if (granted) {
        out.note("votes for n{} in term {}", from.value, m_term);
        armElection(moment, out);
    } else if (message.term == m_term && !upToDate) {
        out.note("rejects n{}: its log is older (last term {}, index {})", from.value,
                 message.lastLogTerm, message.lastLogIndex);
    } else if (message.term == m_term && m_votedFor) {
        out.note("rejects n{}: has voted for n{} in term {}", from.value, m_votedFor.value, m_term);
    }
    out.send(from, Vote{m_term, granted});
}

void Raft::onMessage(const Moment& moment, NodeId from, const Vote& message, Out& out)
{
    if (message.term > m_term) {
        becomeFollower(moment, message.term, NodeId{}, out);
    } else if (message.term == m_term && message.granted && m_role == Role::Candidate) {
        m_votes.insert(from);
        countVotes(moment, out);
    }
}

void Raft::armElection(const Moment& moment, Out& out)
{
    if (mayCampaign()) {
        // §3.4: "election timeouts are chosen randomly from a fixed interval".
        out.arm(
            Timer::Election,
            moment.dice.between(parameters().electionTimeoutLow, parameters().electionTimeoutHigh));
    } else {
        out.disarm(Timer::Election);
    }
}

void Raft::writeHardState(Out& out)
{
    out.write(SetHardState{m_term, makes(Mistake::ForgetsVote) ? NodeId{} : m_votedFor});
}

bool Raft::hearsLeader(const Moment& moment) const
{
    if (!parameters().checkQuorum) {
        return false;
    }
    // A clock that was set back knows nothing of how long ago that was.
    return isLeader()
        || (m_heardLeaderAt && moment.now >= *m_heardLeaderAt
            && moment.now < *m_heardLeaderAt + parameters().electionTimeoutLow);
}

bool Raft::isUpToDate(Term lastLogTerm, Index lastLogIndex) const
{
    // §3.6.1: "If the logs have last entries with different terms, then the log with the later term
    // is more up-to-date. If the logs end with the same term, then whichever log is longer is more
    // up-to-date."
    return lastLogTerm != lastTerm() ? lastLogTerm > lastTerm() : lastLogIndex >= lastIndex();
}

bool Raft::mayCampaign() const
{
    // §4.2.2: a server that its latest configuration leaves out is still needed for elections until
    // that configuration is committed.
    for (auto placed = m_configurations.rbegin(); placed != m_configurations.rend(); ++placed) {
        if (placed->configuration.votes(self())) {
            return true;
        }
        if (placed->index <= m_commitIndex) {
            return false;
        }
    }
    return false;
}

Role Raft::idleRole() const
{
    return mayCampaign() ? Role::Follower : Role::Learner;
}

} // namespace lightcone::protocols::raft
