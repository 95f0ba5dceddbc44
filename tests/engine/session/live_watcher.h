#pragma once

#include "engine/live/control_port.h"
#include "engine/session/live_ear.h"
#include "engine/session/live_merge.h"
#include "engine/session/live_world.h"
#include "engine/trace/trace.h"
#include "tests/engine/session/live_cluster.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::session {

/// An explorer that watches a LiveCluster through its nodes' control ports, without sockets.
class LiveWatcher
{
public:
    LiveWatcher(LiveCluster& cluster, const PlanPtr& plan, live::From first)
        : world(plan)
        , trace(std::make_shared<trace::Trace>(plan->about))
        , m_cluster(&cluster)
        , m_merge(idsOf(*plan), cluster.now)
    {
        for (const auto& each : cluster.nodes) {
            m_talks.push_back(std::make_unique<Talk>(*each));
            m_talks.back()->ear.emplace(plan->setup->members[m_talks.size() - 1].id, m_merge,
                                        first);
        }
    }

    /// Tells the explorer all that is new, as far as it is connected.
    void poll()
    {
        for (auto& talk : m_talks) {
            listen(*talk);
        }
        while (auto input = m_merge.next(world, m_cluster->now)) {
            take(std::move(*input));
        }
    }

    void take(LiveInput input)
    {
        world.take(input, trace.get());
        inputs.push_back(std::move(input));
    }

    void setConnected(std::size_t place, bool connected) { m_talks[place]->wanted = connected; }
    [[nodiscard]] bool connected(std::size_t place) const { return m_talks[place]->wanted; }
    void act(Acted acted) { m_merge.add(std::move(acted)); }
    [[nodiscard]] std::size_t waiting() const { return m_merge.waiting(); }

    LiveWorld world;
    std::shared_ptr<trace::Trace> trace;
    std::vector<LiveInput> inputs;

private:
    class Port final : public live::Watched
    {
    public:
        explicit Port(ClusterNode& node)
            : m_node(&node)
        {
        }
        [[nodiscard]] const live::Feed& feed() const override { return *m_node->feed(); }
        live::HybridTime tick() override { return m_node->beat(); }
        [[nodiscard]] std::int64_t wall() const override { return m_node->beat().physical; }
        [[nodiscard]] Bytes parameters() const override { return {}; }
        [[nodiscard]] std::string configuration() const override { return {}; }
        [[nodiscard]] bool allowsFaults() const override { return false; }
        Result<void> disturb(const live::Disturbance&, const std::string&,
                             const std::string&) override
        {
            return {};
        }
        Result<void> submit(RequestId, BytesView, Answered) override { return {}; }

    private:
        ClusterNode* m_node;
    };

    class Wire final : public live::Connection
    {
    public:
        [[nodiscard]] const live::Visitor& visitor() const override { return m_visitor; }
        bool send(live::FrameKind, BytesView body) override
        {
            words.push_back(live::readWord(body).value());
            return true;
        }
        bool send(live::FrameKind kind, BytesView header, BytesView rest) override
        {
            return send(kind, Bytes(header) + Bytes(rest));
        }
        [[nodiscard]] std::size_t queued() const override { return 0; }
        void close(std::string) override { closed = true; }
        void wake() override { }

        std::vector<live::Word> words;
        bool closed = false;

    private:
        live::Visitor m_visitor;
    };

    struct Talk
    {
        explicit Talk(ClusterNode& node)
            : node(&node)
        {
        }
        ClusterNode* node;
        std::optional<LiveEar> ear;
        bool wanted = true;
        std::uint64_t incarnation = 0;
        std::unique_ptr<Port> port;
        std::unique_ptr<live::ControlPort> control;
        std::shared_ptr<Wire> wire;
        live::ReceiverPtr receiver;
    };

    static std::vector<NodeId> idsOf(const Plan& plan)
    {
        std::vector<NodeId> ids;
        for (const auto& member : plan.setup->members) {
            ids.push_back(member.id);
        }
        return ids;
    }

    void listen(Talk& talk)
    {
        const auto now = m_cluster->now;
        const bool same =
            talk.wire && talk.node->up() && talk.node->incarnation() == talk.incarnation;
        if (talk.wire && (!talk.wanted || !same)) {
            talk.control.reset();
            talk.wire.reset();
            talk.ear->end("the connection broke", now);
            if (!talk.node->up()) {
                talk.ear->gone("", now);
            }
        }
        if (!talk.wire && talk.wanted && talk.node->up()) {
            talk.incarnation = talk.node->incarnation();
            talk.port = std::make_unique<Port>(*talk.node);
            talk.control = std::make_unique<live::ControlPort>(*talk.port);
            talk.wire = std::make_shared<Wire>();
            talk.receiver = talk.control->enter(talk.wire);
            const auto watch = talk.ear->begin(now);
            (void)talk.receiver->onFrame(live::FrameKind::Control, live::toBody(live::Wish(watch)));
        }
        if (!talk.wire) {
            return;
        }
        talk.control->flush(std::chrono::duration_cast<std::chrono::milliseconds>(now));
        for (auto& word : std::exchange(talk.wire->words, {})) {
            const auto heard = talk.ear->hear(word, now, now.count());
            ASSERT_TRUE(heard) << heard.error().text();
        }
    }

    LiveCluster* m_cluster;
    LiveMerge m_merge;
    std::vector<std::unique_ptr<Talk>> m_talks;
};

} // namespace lightcone::session
