#include "engine/describe/text.h"
#include "engine/protocols/replication/replication.h"

#include <algorithm>

// Leases, views, and what a node is in them.
namespace lightcone::protocols::replication {
namespace {

std::string textOf(const std::vector<NodeId>& nodes)
{
    std::string text;
    for (const auto node : nodes) {
        text += fmt::format("{}n{}", text.empty() ? "" : " ", node.value);
    }
    return text;
}

std::string_view wordOf(Role role)
{
    switch (role) {
    case Role::Primary:
        return "is the primary";
    case Role::Backup:
        return "is a backup";
    case Role::Head:
        return "is the head";
    case Role::Middle:
        return "is in the middle";
    case Role::Tail:
        return "is the tail";
    case Role::Joining:
        return "is not in the view";
    case Role::Fenced:
        return "has no lease and must not serve";
    case Role::Monitor:
    case Role::Replica:
        break;
    }
    return "is there";
}

} // namespace

bool Replication::mayServe(const Moment& moment) const
{
    return makes(Mistake::NoFencing) || (m_leaseUntil && moment.now < *m_leaseUntil);
}

bool Replication::serves(const Moment& moment) const
{
    const bool first = front() == self();
    const bool last = back() == self();
    if (!mayServe(moment) || !(first || (isChain() && last))) {
        return false;
    }
    return isChain() && !last ? true : m_confirmed && m_commit >= m_readyAt;
}

Role Replication::roleNow(const Moment& moment) const
{
    if (!isMember(self())) {
        return Role::Joining;
    }
    const bool first = front() == self();
    if (isChain() && !first && back() != self()) {
        return Role::Middle;
    }
    if (!isChain() && !first) {
        return Role::Backup;
    }
    if (!mayServe(moment)) {
        return Role::Fenced;
    }
    return !isChain() ? Role::Primary : first ? Role::Head : Role::Tail;
}

void Replication::updateRole(const Moment& moment, Out& out)
{
    const auto role = roleNow(moment);
    if (role != m_role) {
        m_role = role;
        out.note("{}, view {}: {}", wordOf(role), m_epoch, textOf(m_members));
    }
}

void Replication::heartbeat(const Moment& moment, Out& out)
{
    out.send(monitor(),
             Alive{m_epoch, moment.now, last(), epochAt(last()), serves(moment), m_lost});
    advance(moment, out);
    admitWhoCaughtUp(moment, out);
    shipToAll(moment, out);
    // Who hears nothing cannot know how far it is behind: at least since then.
    const auto unheard = moment.now - m_freshAsOf;
    if (front() == self()) {
        m_lagEntries = 0;
        m_lagTime = {};
    } else if (unheard > parameters().suspectAfter) {
        m_lagTime = unheard;
    }
    updateRole(moment, out);
    out.arm(Timer::Heartbeat, parameters().heartbeat);
}

void Replication::onMessage(const Moment& moment, NodeId from, const Lease& lease, Out& out)
{
    if (from != monitor() || lease.view.epoch < std::max(m_epoch, m_promised)) {
        return;
    }
    if (lease.view.epoch > m_epoch) {
        takeView(moment, lease.view, out);
    }
    if (lease.at && isMember(self())) {
        const auto until = *lease.at + parameters().lease;
        if (!m_leaseUntil || *m_leaseUntil < until) {
            m_leaseUntil = until;
        }
        if (*m_leaseUntil > moment.now) {
            out.arm(Timer::Lease, *m_leaseUntil - moment.now);
        }
    }
    updateRole(moment, out);
    advance(moment, out);
}

void Replication::takeView(const Moment& moment, const View& view, Out& out)
{
    const auto oldFront = front();
    const auto oldBack = back();
    m_epoch = view.epoch;
    m_members = view.members;
    m_promised = std::max(m_promised, m_epoch);
    out.write(TakeView{view});
    // Who was asked to be let in in an older view is in this one, or will never be by that asking.
    m_admitting.clear();
    m_confirmed = !predecessor();
    m_followers.clear();
    for (const auto follower : followersNow()) {
        m_followers[follower].next = last() + 1;
    }
    const bool newFront = front() == self() && oldFront != self();
    const bool newBack = isChain() && back() == self() && oldBack != self();
    if (newFront || newBack) {
        takeOver(moment, out);
    }
    if (front() != self()) {
        m_writes.clear(); // Their clients ask again, and elsewhere.
    }
    m_role = roleNow(moment);
    out.note("{}, view {}: {}", wordOf(m_role), m_epoch, textOf(m_members));
    advance(moment, out);
    shipToAll(moment, out);
}

/// What the one before may have acknowledged is in this log, and must be done before a read is
/// answered.
void Replication::takeOver(const Moment&, Out& out)
{
    m_readyAt = last();
    m_lagEntries = 0;
    m_lagTime = {};
    out.note("takes over in view {} with writes up to {}, {} of them done", m_epoch, last(),
             m_commit);
}

void Replication::onMessage(const Moment&, NodeId from, const Seal& seal, Out& out)
{
    if (from != monitor() || seal.epoch < m_promised || seal.epoch <= m_epoch) {
        return;
    }
    if (seal.epoch > m_promised) {
        m_promised = seal.epoch;
        out.write(Promise{seal.epoch});
        out.note("takes nothing more from views before {}", seal.epoch);
    }
    out.send(from, Sealed{seal.epoch, Token{epochAt(last()), last()}});
}

void Replication::onMessage(const Moment& moment, NodeId from, const Outdated& outdated, Out& out)
{
    if (outdated.epoch <= m_epoch || makes(Mistake::NoFencing) || !mayServe(moment)) {
        return;
    }
    m_leaseUntil.reset();
    out.note("hears from n{} that view {} is on its way, and stops serving", from.value,
             outdated.epoch);
    updateRole(moment, out);
}

/// Before the monitor is asked to let a node in, no write is acknowledged without it any more: the
/// monitor may decide at once, and make it the next primary or tail before this node hears of it.
void Replication::admitWhoCaughtUp(const Moment& moment, Out& out)
{
    const bool admits = isChain() ? back() == self() : front() == self();
    if (!admits || !isMember(self()) || !mayServe(moment)) {
        return;
    }
    for (const auto& [node, follower] : m_followers) {
        if (isMember(node)) {
            continue;
        }
        const bool async = !isChain() && parameters().acknowledge == Acknowledge::Async;
        const auto needed = async ? last() - std::min<Index>(last(), parameters().maxBatch)
                                  : std::max(m_commit, m_readyAt);
        const bool heard =
            follower.heardAt && moment.now - *follower.heardAt < parameters().suspectAfter;
        const bool caughtUp = heard && follower.match >= needed && (m_commit >= m_readyAt || async);
        const bool alone = !isChain() || m_admitting.empty();
        if (caughtUp && alone && m_admitting.insert(node).second) {
            out.write(Require{m_epoch, node});
            out.note("n{} has caught up: asks to let it in", node.value);
        }
        if (m_admitting.contains(node)) {
            out.send(monitor(), Admit{m_epoch, node});
        }
    }
}

} // namespace lightcone::protocols::replication
