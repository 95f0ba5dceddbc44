#include "engine/protocols/replication/ledger.h"

#include <algorithm>
#include <deque>
#include <utility>

// What reads must see.
namespace lightcone::protocols::replication {
namespace {

/// The writes go through one log, so that reads which see all that was acknowledged before them
/// make the store linearizable.
class FreshReads
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        const bool chain = step.isOf(Strategy::Chain);
        const bool sync = step.isOf(Strategy::PrimaryBackup)
            && step.parameters().acknowledge == Acknowledge::Sync
            && step.parameters().reads == Reads::Single;
        if ((!chain && !sync) || step.machine().isMonitor()) {
            return std::nullopt;
        }
        const auto news = m_acknowledgements.observe(step);
        // Of a read that waits at the first look nobody knows what was acknowledged when it came.
        const bool isNew = !std::exchange(m_looked[step.place()], true);
        const auto newest = isNew ? Token{} : m_newest;
        Verdict verdict;
        for (const auto& read : news.reads) {
            const auto began = m_began.find(read);
            const auto needed = began == m_began.end() ? newest : began->second;
            const auto& machine = step.machine();
            if (!verdict && (machine.applied() < needed.index || !machine.holds(needed))) {
                verdict = fmt::format("{} answers a read of c{} from the state after write {}, but "
                                      "write {} of view {} was acknowledged before it was asked",
                                      nameOf(step.node()), read.client.value - firstClient,
                                      machine.applied(), needed.index, needed.epoch);
            }
            m_began.erase(read);
        }
        for (const auto& write : news.settled) {
            m_newest = std::max(m_newest, write.place);
        }
        for (const auto& [client, read] : step.machine().pendingReads()) {
            if (m_began.size() < mostPending) {
                m_began.emplace(read.request, isNew ? newest : m_newest);
            }
        }
        return verdict;
    }

private:
    static constexpr std::size_t mostPending = 4096;

    Acknowledgements m_acknowledgements;
    std::map<std::size_t, bool> m_looked; ///< at the node in that place
    Token m_newest;
    std::map<RequestId, Token> m_began; ///< what was acknowledged when a waiting read began
};

/// A backup that answers a session has what the session relies on.
class SessionGuarantees
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Strategy::PrimaryBackup) || step.machine().pastReads().empty()
            || step.machine().view().front() == step.node()) {
            return std::nullopt; // The primary answers from all that there is.
        }
        const auto& machine = step.machine();
        Verdict verdict;
        step.forEachDone([&](RequestId request, const Reply& reply) {
            const auto* sight = std::get_if<Sight>(&reply);
            const auto& read = machine.pastReads().back();
            if (sight == nullptr || sight->sessionLost || verdict
                || read.client != request.client) {
                return;
            }
            for (const auto& [token, what] :
                 {std::pair(read.written, "written"), std::pair(read.seen, "read")}) {
                if (token.index > read.applied || !machine.holds(token)) {
                    verdict = fmt::format("{} answers c{} from the state after write {}, although "
                                          "the session has {} number {} of view {}",
                                          nameOf(step.node()), request.client.value - firstClient,
                                          read.applied, what, token.index, token.epoch);
                }
            }
        });
        return verdict;
    }
};

/// Drift makes the bound a little longer than it is by the backup's own clock.
class BoundedStaleness
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Strategy::PrimaryBackup) || step.machine().isMonitor()
            || step.parameters().maxStaleness == Duration{}) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        const auto news = m_acknowledgements.observe(step);
        const auto view = machine.view();
        if (view.front() == step.node() && view.epoch > m_epoch) {
            // What the new primary has not got is lost, and nobody can be late with it.
            m_epoch = view.epoch;
            std::erase_if(m_writes, [&](const auto& each) { return !machine.holds(each.place); });
        }
        Verdict verdict;
        if (view.front() != step.node() && !news.reads.empty()) {
            const auto bound = static_cast<double>(step.parameters().maxStaleness.count())
                * step.parameters().leaseDriftBound;
            for (const auto& write : m_writes) {
                const auto age = static_cast<double>(Duration(step.at() - write.at).count());
                if (write.place.index > machine.applied() && age > bound && !verdict) {
                    verdict = fmt::format("{} answers a read without write {}, which was "
                                          "acknowledged {} before",
                                          nameOf(step.node()), write.place.index,
                                          toText(Duration(step.at() - write.at)));
                }
            }
        }
        m_writes.insert(m_writes.end(), news.settled.begin(), news.settled.end());
        while (m_writes.size() > mostWrites) {
            m_writes.pop_front();
        }
        return verdict;
    }

private:
    static constexpr std::size_t mostWrites = 1024;

    Acknowledgements m_acknowledgements;
    std::deque<Acknowledgements::Write> m_writes;
    Epoch m_epoch = 0;
};

} // namespace

void addReadInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<FreshReads>(
        list, "reads are fresh",
        "With sync and in a chain a read sees every write acknowledged before it was asked: the "
        "store is linearizable.",
        "van Renesse and Schneider 2004, section 2; Terrace and Freedman 2009, section 2.4");
    addInvariant<SessionGuarantees>(
        list, "session guarantees",
        "A backup answers a session only from a state with the writes that it has made and seen.",
        "Terry et al. 1994, section 3");
    addInvariant<BoundedStaleness>(
        list, "bounded staleness",
        "A backup's answer lacks no write that was acknowledged longer ago than the bound.",
        "Alonso, Barbara and Garcia-Molina 1990");
}

} // namespace lightcone::protocols::replication
