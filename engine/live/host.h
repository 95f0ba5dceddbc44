#pragma once

#include "engine/core/error.h"
#include "engine/live/alarms.h"
#include "engine/live/committer.h"
#include "engine/live/disturbance.h"
#include "engine/live/faults.h"
#include "engine/live/feed.h"
#include "engine/live/hybrid_clock.h"
#include "engine/live/log.h"
#include "engine/live/messages.h"
#include "engine/node/node.h"
#include "engine/node/protocol.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace lightcone::live {

/// Where a node's messages go: links to its peers.
class Outlet
{
public:
    Outlet() = default;
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;
    virtual ~Outlet() = default;

    /// False when nobody is there or too much waits already: then the message has died.
    virtual bool send(NodeId to, const MessageHeader&, const node::PayloadPtr&) = 0;
};

/// Who asked something and waits for the answer.
class Asker
{
public:
    Asker() = default;
    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;
    virtual ~Asker() = default;

    virtual void onAnswer(RequestId, node::Answer, const node::PayloadPtr& body) = 0;
};

struct HostPlan
{
    const node::Protocol* protocol = nullptr;
    node::SetupPtr setup{};
    NodeId self{};
    std::uint64_t seed = 0; ///< of the node's dice in this boot
    FeedLimits feed{};
    Duration quickCommit = live::quickCommit; ///< see Committer
};

/// Runs one node of a protocol for real: timers on this machine's clock, messages of peers,
/// requests of clients, writes on a disk. It keeps the durability rule, tells the feed, and lets
/// itself be disturbed. Everything happens on the executor, which is one thread.
class Host
{
public:
    Host(const boost::asio::any_io_executor&, HostPlan, std::unique_ptr<Storage>, Outlet&, Log);
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host();

    /// Called at most once, when the node cannot go on: the disk refused. Nothing leaves any more.
    std::function<void(const Error&)> onFailed;

    /// What an operator's crash does; the process does not outlive it.
    std::function<void()> onCrash;

    /// Called when messages and requests are wanted again, after a pause.
    std::function<void()> onResumed;

    /// Boots the node from what is on its disk.
    void start();

    /// The last entry of the tape; then nothing happens any more.
    void stop(const std::string& why);

    /// Whether the state machine stands still: then deliver() and ask() are not to be called.
    [[nodiscard]] bool paused() const { return m_paused; }

    /// A message came. The error: it is no message of this protocol.
    Result<void> deliver(NodeId from, std::uint64_t incarnation, const MessageHeader&,
                         BytesView body);

    /// A client asked. The error: it is no request of this protocol.
    Result<void> ask(RequestId, BytesView body, const std::shared_ptr<Asker>&);

    /// The same for somebody who may also ask while the node is paused: it waits then.
    Result<void> askAnytime(RequestId, BytesView body,
                            std::function<void(node::Answer, Bytes body)> answered);

    /// A connection to a peer came or went.
    void contact(NodeId peer, bool up, const std::string& why);

    Result<void> disturb(const Disturbance&, const std::string& by, const std::string& line);

    [[nodiscard]] const Feed& feed() const { return m_feed; }
    [[nodiscard]] const node::Node& node() const { return *m_node; } ///< after start()
    [[nodiscard]] std::uint64_t incarnation() const { return m_feed.incarnation(); }
    HybridTime tick();

private:
    struct Outgoing
    {
        std::uint64_t barrier = 0; ///< the write that must be durable before
        MessageHeader header{};
        NodeId to{}; ///< of a message; none: it is a reply
        node::PayloadPtr payload{};
        RequestId request{};
        node::Answer answer = node::Answer::Done;
    };

    /// A message that somebody has delayed or holds back.
    struct Detained
    {
        Outgoing outgoing;
        std::uint64_t heldBy = 0;
    };

    struct Parked
    {
        RequestId request;
        node::PayloadPtr body;
    };

    struct ToSelf
    {
        MessageHeader header;
        Bytes body;
    };

    [[nodiscard]] Standing standing() const;
    std::uint64_t append(Happening, HybridTime);
    template <class Handler>
    void step(Happening, HybridTime, Handler);
    void perform(std::uint64_t step);
    void say(Outgoing, node::Leaves);
    void leave(Outgoing);
    void transmit(const Outgoing&);
    void answer(const Outgoing&);
    void dropped(const Outgoing&, trace::DropReason);
    void detain(Outgoing, const Fate&);
    void deliverToSelf(const MessageHeader&, const Bytes& body);
    void release(const std::vector<std::uint64_t>& rules);
    void onSynced(std::uint64_t upTo);
    void onDiskFailed(const Error&);
    void flushOutbox();
    void request(RequestId, const node::PayloadPtr&);
    void wakeAt();
    void onWake();
    void resume();
    void forgetAskers();

    using Tell = std::function<void()>;
    Result<void> apply(const CrashNode&, const Tell&);
    Result<void> apply(const PauseNode&, const Tell&);
    Result<void> apply(const ResumeNode&, const Tell&);
    Result<void> apply(const SetClock&, const Tell&);
    Result<void> apply(const SetDisk&, const Tell&);
    Result<void> apply(const RemoveRule&, const Tell&);

    /// What is about links has no consequence until the next message leaves.
    template <class OnLinks>
    Result<void> apply(const OnLinks& what, const Tell& tell)
    {
        auto done = m_faults.apply(what);
        if (done) {
            tell();
        }
        return done;
    }
    [[nodiscard]] Result<void> here(NodeId) const;

    HostPlan m_plan;
    boost::asio::any_io_executor m_executor;
    Outlet* m_outlet;
    Log m_log;
    HybridClock m_clock;
    SkewedClock m_local;
    Dice m_dice;
    Faults m_faults;
    std::unique_ptr<node::Node> m_node;
    std::unique_ptr<Committer> m_committer;
    Feed m_feed;
    node::Effects m_effects;
    Alarms m_alarms;
    std::deque<Standing::Waiting> m_unsynced;
    std::deque<Outgoing> m_outbox;
    std::multimap<Instant, Outgoing> m_delayed;
    std::map<NodeId, Instant> m_lastArrival; ///< of delayed messages: order on a link is kept
    std::vector<Detained> m_held;
    std::unordered_map<NodeId, std::weak_ptr<Asker>> m_askers;
    std::size_t m_askersChecked = 0;
    std::map<RequestId, std::function<void(node::Answer, Bytes)>> m_answered;
    std::deque<RequestId> m_asked; ///< those of m_answered, the oldest first, and some more
    std::deque<Parked> m_parked;
    std::deque<ToSelf> m_toSelf; ///< while paused
    boost::asio::steady_timer m_timer;
    std::optional<Instant> m_timerAt;
    std::uint64_t m_syncedWhilePaused = 0;
    bool m_paused = false;
    bool m_over = false;
    std::shared_ptr<Host*> m_self; ///< for what comes late: empty when the host is gone
};

} // namespace lightcone::live
