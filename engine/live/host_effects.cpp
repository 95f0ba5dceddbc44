#include "engine/live/clocks.h"
#include "engine/live/host.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

/// What a step did, done: writes and timers, then what it says, when it may leave.
namespace lightcone::live {

namespace {

// What operators hold back and delay does not fill the memory.
constexpr std::size_t mostDetained = 100'000;

} // namespace

void Host::perform(std::uint64_t step)
{
    const auto now = steadyNow();
    // First what changes the node's own surroundings: a message that dies on its way out is told to
    // the tape, and there the step is over.
    for (const auto& effect : m_effects) {
        if (const auto* arm = std::get_if<node::Arm>(&effect)) {
            m_alarms.arm(arm->timer, now + m_local.real(arm->after));
        } else if (const auto* disarm = std::get_if<node::Disarm>(&effect)) {
            m_alarms.disarm(disarm->timer);
        } else if (const auto* write = std::get_if<node::Write>(&effect)) {
            m_committer->write(write->record, write->sync);
            m_unsynced.push_back({write->sync, write->record});
        }
    }
    wakeAt();
    const auto barrier = m_committer->forced();
    std::uint32_t index = 0;
    // The steps that a full queue causes are others: the effects stay as they are until here.
    for (auto& effect : m_effects) {
        if (auto* send = std::get_if<node::Send>(&effect)) {
            say({barrier, {step, index++, {}}, send->to, std::move(send->message), {}, {}},
                send->leaves);
        } else if (auto* reply = std::get_if<node::Reply>(&effect)) {
            say({barrier, {}, {}, std::move(reply->body), reply->request, reply->answer},
                reply->leaves);
        }
    }
}

/// The durability rule: nothing leaves before what it may depend on is on disk.
void Host::say(Outgoing outgoing, node::Leaves leaves)
{
    const bool isFree = m_outbox.empty() && m_committer->synced() >= outgoing.barrier;
    if (isFree || leaves == node::Leaves::AtOnce) {
        leave(std::move(outgoing));
    } else {
        m_outbox.push_back(std::move(outgoing));
    }
}

void Host::flushOutbox()
{
    const auto durable = m_committer->synced();
    while (!m_outbox.empty() && m_outbox.front().barrier <= durable) {
        auto outgoing = std::move(m_outbox.front());
        m_outbox.pop_front();
        leave(std::move(outgoing));
    }
}

void Host::leave(Outgoing outgoing)
{
    if (!outgoing.to) {
        answer(outgoing);
        return;
    }
    if (m_faults.none() || outgoing.to == m_plan.self) {
        transmit(outgoing);
        return;
    }
    const auto fate = m_faults.fateOf(outgoing.to, outgoing.payload->name());
    if (fate.dies) {
        dropped(outgoing, *fate.dies);
    } else if (fate.heldBy || fate.delay > Duration::zero()) {
        detain(std::move(outgoing), fate);
    } else {
        transmit(outgoing);
        if (fate.twice) {
            transmit(outgoing);
        }
    }
}

void Host::detain(Outgoing outgoing, const Fate& fate)
{
    if (m_held.size() + m_delayed.size() >= mostDetained) {
        dropped(outgoing, trace::DropReason::Rule);
        return;
    }
    if (fate.heldBy) {
        m_held.push_back({std::move(outgoing), *fate.heldBy});
        return;
    }
    auto& last = m_lastArrival[outgoing.to];
    last = std::max(last, steadyNow() + fate.delay);
    m_delayed.emplace(last, std::move(outgoing));
    wakeAt();
}

/// Rules went: what they held goes on its way.
void Host::release(const std::vector<std::uint64_t>& rules)
{
    std::vector<Detained> kept;
    std::vector<Detained> freed;
    for (auto& each : m_held) {
        const bool free = std::find(rules.begin(), rules.end(), each.heldBy) != rules.end();
        (free ? freed : kept).push_back(std::move(each));
    }
    m_held = std::move(kept);
    for (const auto& each : freed) {
        transmit(each.outgoing);
    }
}

void Host::transmit(const Outgoing& outgoing)
{
    auto header = outgoing.header;
    header.time = m_clock.last();
    if (outgoing.to == m_plan.self) {
        Bytes body;
        outgoing.payload->encode(body);
        boost::asio::post(m_executor,
                          [weak = std::weak_ptr(m_self), header, body = std::move(body)] {
                              if (const auto self = weak.lock()) {
                                  (*self)->deliverToSelf(header, body);
                              }
                          });
    } else if (!m_outlet->send(outgoing.to, header, outgoing.payload)) {
        dropped(outgoing, trace::DropReason::Down);
    }
}

void Host::dropped(const Outgoing& outgoing, trace::DropReason reason)
{
    if (!m_over) {
        append(Dropped{{m_plan.self, incarnation(), outgoing.header.step, outgoing.header.index},
                       outgoing.to,
                       reason},
               tick());
    }
}

void Host::answer(const Outgoing& outgoing)
{
    const auto once = m_answered.find(outgoing.request);
    if (once != m_answered.end()) {
        const auto answered = std::move(once->second);
        m_answered.erase(once);
        Bytes body;
        outgoing.payload->encode(body);
        answered(outgoing.answer, std::move(body));
        return;
    }
    const auto found = m_askers.find(outgoing.request.client);
    if (found == m_askers.end()) {
        return;
    }
    if (const auto asker = found->second.lock()) {
        asker->onAnswer(outgoing.request, outgoing.answer, outgoing.payload);
    } else {
        m_askers.erase(found);
    }
}

void Host::deliverToSelf(const MessageHeader& header, const Bytes& body)
{
    if (m_paused) {
        m_toSelf.push_back({header, body});
        return;
    }
    // It was encoded here, so that it can be read here.
    (void)deliver(m_plan.self, incarnation(), header, body);
}

} // namespace lightcone::live
