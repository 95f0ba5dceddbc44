#include "engine/protocols/replication/replication.h"

#include <algorithm>

// The monitor: the master of van Renesse and Schneider (2004, §3), who "detects failures, informs
// each server in the chain of its new predecessor or successor, and informs clients". One change
// at a time, each under a number of its own, and nobody is put out before its lease is over.
namespace lightcone::protocols::replication {
namespace {

Duration times(Duration duration, double factor)
{
    return Duration(static_cast<std::int64_t>(static_cast<double>(duration.count()) * factor));
}

} // namespace

void Replication::startMonitor(const Moment& moment, Out& out)
{
    m_role = Role::Monitor;
    m_watch.emplace();
    m_watch->upAt = moment.now;
    for (const auto replica : allReplicas()) {
        // It may have given a lease just before it crashed.
        m_watch->leasedAt[replica] = moment.now;
    }
    if (m_promised > m_epoch) {
        // A change was under way, and backups may have sealed their logs for it.
        decide(moment, View{nextEpoch(), m_members}, out);
    }
    out.arm(Timer::Watch, parameters().heartbeat);
}

Epoch Replication::nextEpoch() const
{
    return std::max(m_epoch, m_promised) + 1;
}

bool Replication::isGone(const Moment& moment, NodeId node) const
{
    const auto lease = makes(Mistake::NoFencing)
        ? Duration{}
        : times(parameters().lease, parameters().leaseDriftBound);
    const auto leased = m_watch->leasedAt.find(node);
    return leased == m_watch->leasedAt.end()
        || moment.now - leased->second > std::max(parameters().suspectAfter, lease);
}

void Replication::onMessage(const Moment& moment, NodeId from, const Alive& alive, Out& out)
{
    if (!m_watch) {
        return;
    }
    auto& report = m_watch->reports[from];
    report.epoch = alive.epoch;
    report.last = alive.last;
    report.lastEpoch = alive.lastEpoch;
    report.heardAt = moment.now;
    for (const auto& [epoch, range] : alive.lost) {
        addLost(m_watch->lost, epoch, range);
    }
    if (const auto lost = countOf(m_watch->lost); lost != m_watch->lostEntries) {
        m_watch->lostEntries = lost;
        out.note("{} acknowledged writes are known to be lost", lost);
    }
    const auto& sealing = m_watch->sealing;
    const bool leased = isMember(from) && (!sealing || sealing->asked.contains(from));
    if (leased) {
        m_watch->leasedAt[from] = moment.now;
    }
    out.send(from, Lease{view(), leased ? std::optional(alive.at) : std::nullopt});
    measureService(moment, from, alive, out);
}

/// The service is there while the primary, or head and tail, say that they serve.
void Replication::measureService(const Moment& moment, NodeId from, const Alive& alive, Out& out)
{
    auto& watch = *m_watch;
    if (alive.serves && alive.epoch == m_epoch) {
        watch.reports[from].servedAt = moment.now;
    } else if (from == front() || (isChain() && from == back())) {
        watch.reports[from].servedAt.reset();
    }
    // Known to have been there until the first of those who are needed last said so.
    std::optional<Instant> until;
    for (const auto node : {front(), isChain() ? back() : front()}) {
        const auto report = watch.reports.find(node);
        if (report == watch.reports.end() || !report->second.servedAt) {
            return;
        }
        until = std::min(until.value_or(*report->second.servedAt), *report->second.servedAt);
    }
    if (*until <= watch.upAt) {
        return;
    }
    const auto gap = *until - watch.upAt;
    watch.upAt = *until;
    if (gap > parameters().suspectAfter) {
        watch.unavailable += gap;
        watch.recovery = gap;
        out.note("the service is back in view {} after {}", m_epoch, toText(gap));
    }
}

void Replication::onMessage(const Moment& moment, NodeId from, const Admit& admit, Out& out)
{
    const bool may = m_watch && !m_watch->sealing && admit.epoch == m_epoch
        && from == (isChain() ? back() : front()) && !isMember(admit.node)
        && admit.node.value <= parameters().nodes;
    if (!may) {
        return;
    }
    // A new view in either case: who asked stops waiting for a node that is gone again.
    auto next = View{nextEpoch(), m_members};
    const auto report = m_watch->reports.find(admit.node);
    if (report != m_watch->reports.end()
        && moment.now - report->second.heardAt < parameters().suspectAfter) {
        next.members.push_back(admit.node);
    }
    decide(moment, std::move(next), out);
}

void Replication::decide(const Moment& moment, View next, Out& out)
{
    auto& watch = *m_watch;
    for (const auto node : next.members) {
        if (!isMember(node)) {
            watch.leasedAt[node] = moment.now;
        }
    }
    watch.failovers += next.front() == front() ? 0 : 1;
    m_epoch = next.epoch;
    m_promised = std::max(m_promised, m_epoch);
    m_members = std::move(next.members);
    watch.sealing.reset();
    out.write(TakeView{view()});
    std::string names;
    for (const auto node : m_members) {
        names += fmt::format(" n{}", node.value);
    }
    out.note("decides on view {}:{}", m_epoch, names);
    out.broadcast(allReplicas(), Lease{view(), std::nullopt});
}

void Replication::look(const Moment& moment, Out& out)
{
    out.arm(Timer::Watch, parameters().heartbeat);
    if (m_watch->sealing) {
        if (moment.now >= m_watch->sealing->deadline) {
            finishSealing(moment, out);
        }
        return;
    }
    std::vector<NodeId> there;
    for (const auto node : m_members) {
        if (!isGone(moment, node)) {
            there.push_back(node);
        }
    }
    if (there.empty() || there.size() == m_members.size()) {
        return; // Whoever comes back of those who are all gone has what was acknowledged.
    }
    if (!isChain() && there.front() != front()) {
        out.note("has not heard n{} for too long: looks for another primary", front().value);
        beginSealing(moment, NodeSet(there.begin(), there.end()), out);
    } else {
        decide(moment, View{nextEpoch(), std::move(there)}, out);
    }
}

/// Backups stop listening to the old primary before the new one is chosen, so that where their
/// logs end is known and stays so.
void Replication::beginSealing(const Moment& moment, const NodeSet& candidates, Out& out)
{
    Sealing sealing;
    sealing.epoch = nextEpoch();
    sealing.asked = candidates;
    sealing.deadline = moment.now + parameters().suspectAfter;
    m_promised = sealing.epoch;
    out.write(Promise{sealing.epoch});
    out.broadcast(candidates, Seal{sealing.epoch});
    m_watch->sealing = std::move(sealing);
}

void Replication::onMessage(const Moment& moment, NodeId from, const Sealed& sealed, Out& out)
{
    if (!m_watch || !m_watch->sealing || m_watch->sealing->epoch != sealed.epoch
        || !m_watch->sealing->asked.contains(from)) {
        return;
    }
    auto& sealing = *m_watch->sealing;
    sealing.answers[from] = sealed.last;
    if (sealing.answers.size() == sealing.asked.size()) {
        finishSealing(moment, out);
    }
}

/// The backup that lacks least takes over.
void Replication::finishSealing(const Moment& moment, Out& out)
{
    const auto sealing = *m_watch->sealing;
    if (sealing.answers.empty()) {
        decide(moment, View{nextEpoch(), m_members}, out);
        return;
    }
    const auto shorter = [](const auto& a, const auto& b) { return a.second < b.second; };
    const auto& answers = sealing.answers;
    const auto chosen = makes(Mistake::PromotesLaggard)
        ? std::min_element(answers.begin(), answers.end(), shorter)
        : std::max_element(answers.begin(), answers.end(), shorter);
    View next{sealing.epoch, {chosen->first}};
    for (const auto node : m_members) {
        if (node != chosen->first && sealing.asked.contains(node)) {
            next.members.push_back(node);
        }
    }
    m_watch->candidates = answers;
    const auto known = m_watch->reports.find(front());
    const auto had = known == m_watch->reports.end() ? 0 : known->second.last;
    out.note("n{} takes over with writes up to {}; n{} had told of {}", chosen->first.value,
             chosen->second.index, front().value, had);
    decide(moment, std::move(next), out);
}

} // namespace lightcone::protocols::replication
