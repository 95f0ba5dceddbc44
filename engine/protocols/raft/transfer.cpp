#include "engine/protocols/raft/raft.h"

// Leadership transfer: §3.10.
namespace lightcone::protocols::raft {

void Raft::beginTransfer(const Moment& moment, RequestId id, NodeId to, Out& out)
{
    if (to == self()) {
        out.reply(id, LeadershipTransferred{to});
    } else if (!configuration().voters.contains(to)) {
        out.refuse(id, fmt::format("n{} does not vote", to.value));
    } else if (m_change) {
        out.refuse(id, "a change of members is under way");
    } else if (m_transfer && m_transfer->to != to) {
        out.refuse(id, fmt::format("leadership is being handed to n{}", m_transfer->to.value));
    } else if (m_transfer) {
        m_transfer->request = id;
    } else {
        out.note("hands leadership to n{}", to.value);
        m_transfer = Transfer{id, to, false};
        // §3.10: "If leadership transfer does not complete after about an election timeout, the
        // prior leader aborts the transfer and resumes accepting client requests."
        out.arm(Timer::Transfer, parameters().electionTimeoutHigh);
        m_leaseUntil = moment.now;
        continueTransfer(out);
    }
}

void Raft::continueTransfer(Out& out)
{
    if (!m_transfer || m_transfer->told) {
        return;
    }
    const auto match = m_matchIndex.find(m_transfer->to);
    if (match != m_matchIndex.end() && match->second == lastIndex()) {
        m_transfer->told = true;
        m_handsOver = true;
        out.send(m_transfer->to, TimeoutNow{m_term});
    }
}

void Raft::answerTransfer(Out& out)
{
    if (!m_transfer) {
        return;
    }
    if (m_leader == m_transfer->to) {
        out.reply(m_transfer->request, LeadershipTransferred{m_leader});
    } else {
        out.refuse(m_transfer->request, fmt::format("n{} leads instead", m_leader.value));
    }
    m_transfer.reset();
    out.disarm(Timer::Transfer);
}

void Raft::endTransfer(Out& out)
{
    if (!m_transfer) {
        return;
    }
    if (isLeader()) {
        out.note("takes leadership back: n{} did not take over", m_transfer->to.value);
    }
    if (!m_transfer->told) {
        out.refuse(m_transfer->request,
                   fmt::format("n{} did not catch up in time", m_transfer->to.value));
    }
    // Once told it may still take over; what comes of it stays unknown.
    m_transfer.reset();
}

void Raft::onMessage(const Moment& moment, NodeId from, const TimeoutNow& message, Out& out)
{
    if (message.term > m_term) {
        becomeFollower(moment, message.term, from, out);
    }
    if (message.term == m_term && !isLeader() && mayCampaign()) {
        out.note("n{} asks it to take over", from.value);
        becomeCandidate(moment, true, out);
    }
}

} // namespace lightcone::protocols::raft
