#include "engine/protocols/raft/quorum.h"
#include "engine/protocols/raft/raft.h"

#include <algorithm>

// Linearizable reads without a log entry: §6.4.
namespace lightcone::protocols::raft {

void Raft::read(const Moment& moment, RequestId id, const kv::Get& get, Out& out)
{
    if (makes(Mistake::ReadsFromDeposedLeader)) {
        out.reply(id, m_store.get(get.key));
        return;
    }
    if (parameters().readMode == ReadMode::Log) {
        propose(moment, id, get, out);
        return;
    }
    // §6.4 step 1: until an entry of its term is committed a leader does not know how far earlier
    // leaders have committed; all that it holds covers that.
    const auto readIndex = hasCommittedInTerm() ? m_commitIndex : lastIndex();
    if (holdsLease(moment) && readIndex <= m_lastApplied) {
        out.reply(id, m_store.get(get.key), leavesOfAnswers());
        return;
    }
    confirmRounds(moment, out);
    // A round that began before this read came proves nothing for it.
    const bool idle = m_confirmedRound == m_round;
    m_reads.push_back({id, get.key, readIndex, m_round + 1});
    if (idle) {
        beginRound(moment);
        sendHeartbeats(out);
        confirmRounds(moment, out);
    }
}

void Raft::beginRound(const Moment& moment)
{
    constexpr std::size_t mostRounds = 32;
    if (m_rounds.size() == mostRounds) {
        m_rounds.erase(m_rounds.begin());
    }
    m_rounds.push_back({++m_round, moment.now});
}

void Raft::confirmRounds(const Moment& moment, Out& out)
{
    const auto confirmed = agreed(configuration(), [this](NodeId node) {
        const auto found = m_progress.find(node);
        return node == self() ? m_round : found == m_progress.end() ? 0 : found->second.round;
    });
    if (confirmed <= m_confirmedRound) {
        return;
    }
    m_confirmedRound = confirmed;
    auto round = m_rounds.begin();
    while (round != m_rounds.end() && round->number <= confirmed) {
        // §6.4.1: "it would extend its lease to start + election timeout / clock drift bound, since
        // the followers shouldn't time out before then."
        const auto timeout = static_cast<double>(parameters().electionTimeoutLow.count());
        const auto length = timeout / parameters().leaseDriftBound;
        m_leaseUntil = round->begun + Duration(static_cast<Duration::rep>(length));
        ++round;
    }
    m_rounds.erase(m_rounds.begin(), round);
    serveReads(out);
    if (!m_reads.empty() && m_confirmedRound == m_round) {
        beginRound(moment);
        sendHeartbeats(out);
    }
}

void Raft::serveReads(Out& out)
{
    const auto waits = std::find_if(m_reads.begin(), m_reads.end(), [this](const auto& read) {
        return read.round > m_confirmedRound || read.readIndex > m_lastApplied;
    });
    for (auto read = m_reads.begin(); read != waits; ++read) {
        out.reply(read->request, m_store.get(read->key), leavesOfAnswers());
    }
    m_reads.erase(m_reads.begin(), waits);
}

bool Raft::holdsLease(const Moment& moment) const
{
    // Whoever was told to campaign is voted for although a leader is there (§4.2.3), and the
    // message may arrive late: no lease in this term any more.
    return parameters().readMode == ReadMode::Lease && !m_handsOver && moment.now < m_leaseUntil;
}

} // namespace lightcone::protocols::raft
