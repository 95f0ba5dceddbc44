#include "engine/protocols/paxos/paxos.h"

#include <algorithm>
#include <utility>

// What clients ask.
namespace lightcone::protocols::paxos {

bool Paxos::isOfMode(Mode mode, RequestId id, Out& out) const
{
    if (parameters().mode == mode) {
        return true;
    }
    out.refuse(id,
               mode == Mode::Single
                   ? "this cluster keeps a log of commands (mode=multi): expected put, get, "
                     "delete, cas or campaign"
                   : "this cluster agrees on a single value (mode=single): expected propose or "
                     "inquire");
    return false;
}

bool Paxos::leads(const Moment& moment, RequestId id, Out& out) const
{
    if (!isOfMode(Mode::Multi, id, out)) {
        return false;
    }
    if (m_role == Role::Leader) {
        return true;
    }
    const bool recent = m_heardLeaderAt && m_leader != self()
        && moment.now <= *m_heardLeaderAt + 2 * parameters().electionTimeoutHigh;
    out.redirect(id, recent ? m_leader : NodeId{});
    return false;
}

void Paxos::want(const Moment& moment, RequestId id, Command command, Out& out)
{
    const bool known = std::any_of(m_wants.begin(), m_wants.end(),
                                   [&](const Want& want) { return want.request == id; });
    if (!known) { // A retry of what is under way waits for the same answer.
        m_wants.push_back({id, std::move(command), 0});
        proposeWants(moment, out);
    }
}

void Paxos::request(const Moment& moment, RequestId id, const kv::Put& put, Out& out)
{
    if (leads(moment, id, out)) {
        want(moment, id, put, out);
    }
}

void Paxos::request(const Moment& moment, RequestId id, const kv::Get& get, Out& out)
{
    if (!leads(moment, id, out)) {
        return;
    }
    if (makes(Mistake::StaleReads) || holdsLease(moment)) {
        out.reply(id, m_store.get(get.key));
    } else {
        want(moment, id, get, out);
    }
}

void Paxos::request(const Moment& moment, RequestId id, const kv::Delete& removal, Out& out)
{
    if (leads(moment, id, out)) {
        want(moment, id, removal, out);
    }
}

void Paxos::request(const Moment& moment, RequestId id, const kv::Cas& swap, Out& out)
{
    if (leads(moment, id, out)) {
        want(moment, id, swap, out);
    }
}

void Paxos::request(const Moment& moment, RequestId id, const Propose& proposal, Out& out)
{
    wantDecree(moment, id, Decree{proposal.value}, out);
}

void Paxos::request(const Moment& moment, RequestId id, const Inquire&, Out& out)
{
    wantDecree(moment, id, Gap{}, out);
}

void Paxos::wantDecree(const Moment& moment, RequestId id, Command command, Out& out)
{
    if (!isOfMode(Mode::Single, id, out)) {
        return;
    }
    if (!m_plan->proposes(self())) {
        out.redirect(id, NodeId{});
        return;
    }
    const bool known = std::any_of(m_wants.begin(), m_wants.end(),
                                   [&](const Want& want) { return want.request == id; });
    const bool first = m_wants.empty();
    if (!known) {
        m_wants.push_back({id, std::move(command), 0});
    }
    if (m_chosenIndex > 0) {
        answerDecision(out);
    } else if (first && !proposesNow()) {
        beginBallot(moment, out);
    }
}

void Paxos::request(const Moment& moment, RequestId id, const Campaign&, Out& out)
{
    if (!isOfMode(Mode::Multi, id, out)) {
        return;
    }
    if (m_role == Role::Leader) {
        out.refuse(id, "leads already");
    } else if (!m_plan->proposes(self())) {
        out.refuse(id, "is no proposer, so it cannot lead");
    } else if (keepsFaith(moment, self())) {
        out.refuse(id, "its leader may hold a lease that relies on it");
    } else {
        out.reply(id, CampaignBegun{nextBallot(m_ballot)});
        beginBallot(moment, out);
    }
}

void Paxos::redirectWants(NodeId leader, Out& out)
{
    for (const auto& want : m_wants) {
        out.redirect(want.request, leader);
    }
    m_wants.clear();
}

} // namespace lightcone::protocols::paxos
