#include "engine/live/host.h"

#include "engine/live/clocks.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

/// How a node boots, makes steps and ends. What its steps say leaves in host_effects.cpp; how it is
/// disturbed is in host_faults.cpp.
namespace lightcone::live {

namespace {

std::vector<NodeId> membersOf(const node::Setup& setup)
{
    std::vector<NodeId> members;
    for (const auto& member : setup.members) {
        members.push_back(member.id);
    }
    return members;
}

constexpr std::uint64_t faultsPurpose = 1;
constexpr std::size_t mostParked = 1024;
constexpr std::size_t mostAnswered = 4096;

} // namespace

Host::Host(const boost::asio::any_io_executor& executor, HostPlan plan,
           std::unique_ptr<Storage> storage, Outlet& outlet, Log log)
    : m_plan(std::move(plan))
    , m_executor(executor)
    , m_outlet(&outlet)
    , m_log(std::move(log))
    , m_dice(m_plan.seed)
    , m_faults(m_plan.self, membersOf(*m_plan.setup), m_dice.fork(faultsPurpose).next())
    , m_feed(
          storage->incarnation(), [this] { return standing(); }, m_plan.feed)
    , m_timer(executor)
    , m_self(std::make_shared<Host*>(this))
{
    m_committer = std::make_unique<Committer>(
        std::move(storage), executor, [this](std::uint64_t upTo) { onSynced(upTo); },
        [this](const Error& error) { onDiskFailed(error); }, m_plan.quickCommit);
}

Host::~Host() = default;

Standing Host::standing() const
{
    Standing now;
    now.node = m_node ? m_node->clone() : nullptr;
    now.disk = m_committer->disk().clone();
    now.dice = m_dice;
    now.alarms = m_alarms.left(steadyNow());
    for (auto& alarm : now.alarms) {
        alarm.left = m_local.passed(alarm.left);
    }
    now.synced = m_committer->synced();
    now.waiting.assign(m_unsynced.begin(), m_unsynced.end());
    now.paused = m_paused;
    return now;
}

HybridTime Host::tick()
{
    return m_clock.tick(wallNow());
}

std::uint64_t Host::append(Happening what, HybridTime time)
{
    return m_feed.append(std::move(what), time, m_local.local(steadyNow()));
}

/// The tape first, then the step, then its effects.
template <class Handler>
void Host::step(Happening what, HybridTime time, Handler handler)
{
    const auto now = m_local.local(steadyNow());
    const auto entry = m_feed.append(std::move(what), time, now);
    m_effects.clear();
    handler(*m_node, node::Moment{now, m_dice}, m_effects);
    perform(entry);
}

void Host::start()
{
    Booted booted{incarnation() > 1, {}};
    m_committer->disk().encode(booted.disk);
    auto fresh = m_plan.protocol->makeNode(m_plan.self, m_plan.setup);
    const auto disk = m_committer->disk().clone();
    const auto now = m_local.local(steadyNow());
    const auto entry = m_feed.append(std::move(booted), tick(), now);
    m_node = std::move(fresh);
    m_effects.clear();
    m_node->onStart(node::Moment{now, m_dice}, *disk, m_effects);
    perform(entry);
}

void Host::stop(const std::string& why)
{
    if (!m_over) {
        append(Turned{Pulse::Stopping, why}, tick());
        m_over = true;
        m_timer.cancel();
    }
}

Result<void> Host::deliver(NodeId from, std::uint64_t incarnation, const MessageHeader& header,
                           BytesView body)
{
    if (m_over) {
        return {};
    }
    auto message = m_plan.protocol->payload(node::PayloadRole::Message, body);
    if (!message) {
        return fail("expected a message of " + m_plan.protocol->card().id + ": "
                    + message.error().message);
    }
    const auto time = m_clock.merge(wallNow(), header.time);
    const MessageName name{from, incarnation, header.step, header.index};
    if (m_faults.isDeaf(from)) {
        append(Dropped{name, m_plan.self, trace::DropReason::Cut}, time);
        return {};
    }
    step(Delivered{name, Bytes(body)}, time,
         [&](node::Node& node, const node::Moment& moment, node::Effects& effects) {
             node.onMessage(moment, from, **message, effects);
         });
    return {};
}

Result<void> Host::ask(RequestId id, BytesView body, const std::shared_ptr<Asker>& asker)
{
    auto payload = m_plan.protocol->payload(node::PayloadRole::Request, body);
    if (!payload) {
        return fail("expected a request of " + m_plan.protocol->card().id + ": "
                    + payload.error().message);
    }
    m_askers[id.client] = asker;
    forgetAskers();
    request(id, *payload);
    return {};
}

Result<void> Host::askAnytime(RequestId id, BytesView body,
                              std::function<void(node::Answer, Bytes body)> answered)
{
    auto payload = m_plan.protocol->payload(node::PayloadRole::Request, body);
    if (!payload) {
        return fail("expected a request of " + m_plan.protocol->card().id + ": "
                    + payload.error().message);
    }
    if (m_parked.size() >= mostParked) {
        return fail("the node is paused, and " + std::to_string(mostParked)
                    + " requests wait already");
    }
    // A protocol need not answer: who waits longest is forgotten first.
    m_answered[id] = std::move(answered);
    m_asked.push_back(id);
    while (!m_asked.empty()
           && (m_answered.size() > mostAnswered || m_answered.count(m_asked.front()) == 0)) {
        m_answered.erase(m_asked.front());
        m_asked.pop_front();
    }
    if (m_paused) {
        m_parked.push_back({id, *payload});
    } else {
        request(id, *payload);
    }
    return {};
}

void Host::request(RequestId id, const node::PayloadPtr& body)
{
    if (m_over) {
        return;
    }
    Asked asked{id, {}};
    body->encode(asked.body);
    step(std::move(asked), tick(),
         [&](node::Node& node, const node::Moment& moment, node::Effects& effects) {
             node.onRequest(moment, id, *body, effects);
         });
}

/// Clients come and go; those that went are looked for when as many again have come.
void Host::forgetAskers()
{
    constexpr std::size_t least = 4096;
    if (m_askers.size() > std::max(least, 2 * m_askersChecked)) {
        std::erase_if(m_askers, [](const auto& each) { return each.second.expired(); });
        m_askersChecked = m_askers.size();
    }
}

void Host::contact(NodeId peer, bool up, const std::string& why)
{
    if (!m_over) {
        append(Contact{peer, up, why}, tick());
    }
}

void Host::onSynced(std::uint64_t upTo)
{
    if (m_over) {
        return;
    }
    if (m_paused) {
        // A process that stands still does not hear its disk either.
        m_syncedWhilePaused = upTo;
        return;
    }
    const auto before = m_committer->written() - m_unsynced.size();
    const auto count = std::min<std::uint64_t>(upTo - before, m_unsynced.size());
    m_unsynced.erase(m_unsynced.begin(), m_unsynced.begin() + static_cast<std::ptrdiff_t>(count));
    append(Synced{upTo}, tick());
    flushOutbox();
}

void Host::onDiskFailed(const Error& error)
{
    if (m_over) {
        return;
    }
    // What waited for the disk must never leave.
    m_outbox.clear();
    stop(error.text());
    if (onFailed) {
        onFailed(error);
    }
}

void Host::wakeAt()
{
    auto due = m_alarms.due();
    if (!m_delayed.empty() && (!due || m_delayed.begin()->first < *due)) {
        due = m_delayed.begin()->first;
    }
    // A timer that waits for something earlier is left alone: it comes, looks, and waits again.
    if (!due || m_over || m_paused || (m_timerAt && *m_timerAt <= *due)) {
        return;
    }
    m_timerAt = due;
    m_timer.expires_after(*due - steadyNow());
    m_timer.async_wait([weak = std::weak_ptr(m_self)](const boost::system::error_code& cancelled) {
        const auto self = weak.lock();
        if (!cancelled && self) {
            (*self)->m_timerAt.reset();
            (*self)->onWake();
        }
    });
}

void Host::onWake()
{
    const auto now = steadyNow();
    // What is armed for at once from here on waits for the next time, so that others get a turn.
    while (!m_over && !m_paused) {
        const auto due = m_alarms.due();
        const bool delayedFirst = !m_delayed.empty() && m_delayed.begin()->first <= now
            && (!due || m_delayed.begin()->first <= *due);
        if (delayedFirst) {
            const auto outgoing = std::move(m_delayed.begin()->second);
            m_delayed.erase(m_delayed.begin());
            transmit(outgoing);
            continue;
        }
        const auto timer = m_alarms.take(now);
        if (!timer) {
            break;
        }
        step(Fired{timer->kind, timer->about}, tick(),
             [&](node::Node& node, const node::Moment& moment, node::Effects& effects) {
                 node.onTimer(moment, *timer, effects);
             });
    }
    wakeAt();
}

} // namespace lightcone::live
