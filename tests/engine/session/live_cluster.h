#pragma once

#include "engine/core/dice.h"
#include "engine/core/hash.h"
#include "engine/describe/described.h"
#include "engine/live/feed.h"
#include "engine/live/hybrid_clock.h"
#include "engine/node/protocol.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

/// A cluster of nodes that are hosted as real ones are, but in one process and in a time that is
/// only counted: what a test of watching them needs.
namespace lightcone::session {

class LiveCluster;

/// Hosts one node: a step's entry is appended before the step is made, what is sent waits for the
/// disk.
class ClusterNode
{
public:
    ClusterNode(LiveCluster& cluster, NodeId id, Duration skew, Dice dice)
        : m_cluster(&cluster)
        , m_id(id)
        , m_skew(skew)
        , m_random(dice)
    {
    }

    void boot(bool again);
    void crash();
    void setPaused(bool paused);
    void receive(const live::MessageName&, const live::HybridTime&, const Bytes& body);
    void ask(RequestId, const Bytes& body);
    void tick();
    void disturbed(const std::string& line);

    [[nodiscard]] bool up() const { return m_node != nullptr; }
    [[nodiscard]] bool paused() const { return m_paused; }
    [[nodiscard]] const live::Feed* feed() const { return m_feed.get(); }
    [[nodiscard]] live::HybridTime beat() { return m_clock.tick(wall()); }
    [[nodiscard]] std::uint64_t incarnation() const { return m_incarnation; }

    /// Of state and durable disk, as LiveWorld::fingerprint() makes it.
    [[nodiscard]] std::uint64_t fingerprint() const
    {
        Hasher hasher;
        Bytes bytes;
        if (m_node) {
            m_node->encode(bytes);
        }
        hasher.add(bytes);
        bytes.clear();
        m_disk->encode(bytes);
        hasher.add(bytes);
        return hasher.value();
    }

private:
    struct Out
    {
        std::uint64_t barrier = 0;
        live::MessageName name{};
        node::Send send{};
    };

    [[nodiscard]] std::int64_t wall() const;
    [[nodiscard]] Instant own() const;
    live::Standing stand() const;
    void append(live::Happening what)
    {
        m_feed->append(std::move(what), m_clock.tick(wall()), own());
    }
    template <class Handler>
    void step(Handler handler);
    void leave(const Out& out);
    void sync();

    LiveCluster* m_cluster;
    NodeId m_id;
    Duration m_skew;
    Dice m_random;
    std::uint64_t m_incarnation = 0;
    live::HybridClock m_clock;
    std::unique_ptr<live::Feed> m_feed;
    std::unique_ptr<node::Node> m_node;
    std::unique_ptr<node::Disk> m_disk;
    Dice m_dice;
    std::map<node::TimerId, Duration> m_alarms; ///< when they run out
    std::deque<live::Standing::Waiting> m_writes;
    std::uint64_t m_synced = 0;
    std::uint64_t m_forced = 0;
    std::optional<Duration> m_syncDue;
    std::deque<Out> m_outbox;
    bool m_paused = false;
    std::vector<std::function<void()>> m_waiting; ///< for the end of a pause
};

class LiveCluster
{
public:
    LiveCluster(const node::Protocol& protocol, node::SetupPtr setup, std::uint64_t seed,
                live::FeedLimits limits = {})
        : protocol(&protocol)
        , setup(std::move(setup))
        , random(seed)
        , limits(limits)
    {
        for (const auto& member : this->setup->members) {
            const auto skew = Duration(random.between(-5'000'000'000, 5'000'000'000));
            nodes.push_back(std::make_unique<ClusterNode>(*this, member.id, skew,
                                                          random.fork(member.id.value)));
        }
    }

    ClusterNode& node(NodeId id) { return *nodes[id.value - 1]; }

    /// Everything that happens in that time.
    void pass(Duration time)
    {
        const auto end = now + time;
        while (now < end) {
            now += std::chrono::microseconds(250);
            while (!m_mail.empty() && m_mail.begin()->first <= now) {
                auto work = std::move(m_mail.begin()->second);
                m_mail.erase(m_mail.begin());
                work();
            }
            for (auto& each : nodes) {
                each->tick();
            }
        }
    }

    void send(NodeId to, const live::MessageName& name, const live::HybridTime& time, Bytes body)
    {
        if (random.chance(loss)) {
            return;
        }
        const auto link = std::pair(name.from, to);
        auto& last = m_links[link];
        const Duration wait =
            name.from == to ? Duration{} : Duration(random.between(100'000, 3'000'000));
        last = std::max(now + wait, last);
        m_mail.emplace(last, [this, to, name, time, body = std::move(body)] {
            node(to).receive(name, time, body);
        });
    }

    const node::Protocol* protocol;
    node::SetupPtr setup;
    Dice random;
    live::FeedLimits limits;
    Duration now{};
    double loss = 0;
    std::vector<std::unique_ptr<ClusterNode>> nodes;

private:
    std::multimap<Duration, std::function<void()>> m_mail;
    std::map<std::pair<NodeId, NodeId>, Duration> m_links;
};

inline std::int64_t ClusterNode::wall() const
{
    return 1'700'000'000'000'000'000 + (m_cluster->now + m_skew).count();
}

inline Instant ClusterNode::own() const
{
    return Instant(m_cluster->now);
}

inline live::Standing ClusterNode::stand() const
{
    live::Standing standing;
    standing.node = m_node ? std::shared_ptr<const node::Node>(m_node->clone()) : nullptr;
    standing.disk = m_disk->clone();
    standing.dice = m_dice;
    for (const auto& [id, due] : m_alarms) {
        standing.alarms.push_back({id.kind, id.about, due - m_cluster->now});
    }
    standing.synced = m_synced;
    standing.waiting = {m_writes.begin(), m_writes.end()};
    standing.paused = m_paused;
    return standing;
}

inline void ClusterNode::boot(bool again)
{
    if (!m_disk) {
        m_disk = m_cluster->protocol->makeDisk();
    }
    m_dice = Dice(m_random.next());
    m_synced = 0;
    m_forced = 0;
    m_feed = std::make_unique<live::Feed>(
        ++m_incarnation, [this] { return stand(); }, m_cluster->limits);
    Bytes disk;
    m_disk->encode(disk);
    append(live::Booted{again, std::move(disk)});
    m_node = m_cluster->protocol->makeNode(m_id, m_cluster->setup);
    step([&](const node::Moment& moment, node::Effects& effects) {
        m_node->onStart(moment, *m_disk, effects);
    });
}

inline void ClusterNode::crash()
{
    m_node.reset();
    m_feed.reset();
    m_alarms.clear();
    m_writes.clear();
    m_outbox.clear();
    m_syncDue.reset();
    m_waiting.clear();
    m_paused = false;
}

inline void ClusterNode::setPaused(bool paused)
{
    if (!up() || paused == m_paused) {
        return;
    }
    append(live::Turned{paused ? live::Pulse::Paused : live::Pulse::Resumed, {}});
    m_paused = paused;
    if (!paused) {
        for (const auto& work : std::exchange(m_waiting, {})) {
            work();
        }
    }
}

inline void ClusterNode::receive(const live::MessageName& name, const live::HybridTime& time,
                                 const Bytes& body)
{
    if (!up()) {
        return;
    }
    if (m_paused) {
        m_waiting.emplace_back([this, name, time, body] { receive(name, time, body); });
        return;
    }
    const auto message =
        m_cluster->protocol->payload(node::PayloadRole::Message, BytesView(body)).value();
    m_feed->append(live::Delivered{name, body}, m_clock.merge(wall(), time), own());
    step([&](const node::Moment& moment, node::Effects& effects) {
        m_node->onMessage(moment, name.from, *message, effects);
    });
}

inline void ClusterNode::ask(RequestId request, const Bytes& body)
{
    if (!up() || m_paused) {
        return;
    }
    const auto payload =
        m_cluster->protocol->payload(node::PayloadRole::Request, BytesView(body)).value();
    append(live::Asked{request, body});
    step([&](const node::Moment& moment, node::Effects& effects) {
        m_node->onRequest(moment, request, *payload, effects);
    });
}

inline void ClusterNode::disturbed(const std::string& line)
{
    if (up()) {
        append(live::Disturbed{"ann", line});
    }
}

inline void ClusterNode::tick()
{
    if (!up()) {
        return;
    }
    if (m_syncDue && *m_syncDue <= m_cluster->now) {
        sync();
    }
    while (!m_paused) {
        const auto due =
            std::ranges::min_element(m_alarms, {}, [](const auto& each) { return each.second; });
        if (due == m_alarms.end() || due->second > m_cluster->now) {
            return;
        }
        const auto timer = due->first;
        m_alarms.erase(due);
        append(live::Fired{timer.kind, timer.about});
        step([&](const node::Moment& moment, node::Effects& effects) {
            m_node->onTimer(moment, timer, effects);
        });
    }
}

template <class Handler>
void ClusterNode::step(Handler handler)
{
    node::Effects effects;
    handler(node::Moment{own(), m_dice}, effects);
    const auto entry = m_feed->last();
    for (const auto& effect : effects) {
        if (const auto* write = std::get_if<node::Write>(&effect)) {
            m_writes.push_back({write->sync, write->record});
            if (write->sync == node::Sync::Forced) {
                m_forced = m_synced + m_writes.size();
            }
            if (!m_syncDue) {
                m_syncDue = m_cluster->now + Duration(m_random.between(200'000, 4'000'000));
            }
        }
    }
    std::uint32_t index = 0;
    for (const auto& effect : effects) {
        if (const auto* send = std::get_if<node::Send>(&effect)) {
            const Out out{m_forced, {m_id, m_incarnation, entry, index++}, *send};
            const bool isFree = m_outbox.empty() && out.barrier <= m_synced;
            if (isFree || send->leaves == node::Leaves::AtOnce) {
                leave(out);
            } else {
                m_outbox.push_back(out);
            }
        } else if (const auto* arm = std::get_if<node::Arm>(&effect)) {
            m_alarms[arm->timer] = m_cluster->now + std::max(arm->after, Duration::zero());
        } else if (const auto* disarm = std::get_if<node::Disarm>(&effect)) {
            m_alarms.erase(disarm->timer);
        }
    }
}

inline void ClusterNode::leave(const Out& out)
{
    Bytes body;
    out.send.message->encode(body);
    m_cluster->send(out.send.to, out.name, m_clock.tick(wall()), std::move(body));
}

inline void ClusterNode::sync()
{
    m_syncDue.reset();
    // Not always all that was written: a sync covers what was queued when it began.
    const auto count =
        m_writes.size() < 2 || m_random.chance(0.5) ? m_writes.size() : m_writes.size() - 1;
    for (std::size_t i = 0; i < count; ++i) {
        m_disk->apply(*m_writes.front().record);
        m_writes.pop_front();
        ++m_synced;
    }
    append(live::Synced{m_synced});
    if (!m_writes.empty()) {
        m_syncDue = m_cluster->now + Duration(m_random.between(200'000, 4'000'000));
    }
    while (!m_outbox.empty() && m_outbox.front().barrier <= m_synced) {
        const auto out = m_outbox.front();
        m_outbox.pop_front();
        leave(out);
    }
}

} // namespace lightcone::session
