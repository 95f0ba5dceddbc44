#pragma once

#include "engine/sim/lines.h"
#include "engine/sim/world.h"
#include "engine/trace/trace.h"
#include "tests/support/ring.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace lightcone::sim {

using namespace std::chrono_literals;

constexpr NodeId n1(1);
constexpr NodeId n2(2);
constexpr NodeId n3(3);
constexpr NodeId c1 = clientId(1);

constexpr Instant at(Duration time)
{
    return Instant(time);
}

/// Everything takes as long each time, so that a test can say when things happen.
inline Settings plainSettings()
{
    Settings settings;
    settings.latency = LatencyModel::constant(1ms);
    settings.sync = LatencyModel::constant(100us);
    return settings;
}

/// A token ring with its trace.
struct RingRun
{
    explicit RingRun(const Settings& settings = plainSettings(),
                     const test::RingParameters& parameters = {})
        : world(test::ringProtocol(), test::ringSetup(parameters), settings)
        , trace(world.about())
    {
    }

    /// The acts' error fails the test.
    EventId act(const Action& action)
    {
        const auto before = world.last();
        const describe::NodeNames names{[this](NodeId id) { return world.nameOf(id); }, nullptr};
        const auto done =
            world.apply(action, toLine(action, names, world.protocol().card().timers), &trace);
        EXPECT_TRUE(done) << done.error().message;
        return EventId(before.value + 1);
    }

    void until(Duration time) { world.advanceTo(at(time), &trace); }

    using Wanted = std::function<bool(const trace::Event&)>;

    /// Numbers of the events that are wanted, after the given one.
    [[nodiscard]] std::vector<EventId> all(const Wanted& wanted, EventId after = {}) const
    {
        std::vector<EventId> found;
        for (auto number = after.value + 1; number <= trace.size(); ++number) {
            if (wanted(trace[EventId(number)])) {
                found.emplace_back(number);
            }
        }
        return found;
    }

    [[nodiscard]] std::vector<EventId> all(trace::Kind kind, EventId after = {}) const
    {
        return all([&](const trace::Event& event) { return event.kind == kind; }, after);
    }

    [[nodiscard]] std::vector<EventId> all(trace::Kind kind, NodeId node, EventId after = {}) const
    {
        return all([&](const trace::Event& e) { return e.kind == kind && e.node == node; }, after);
    }

    /// Steps until an event of that kind is there, and returns the first.
    EventId untilNext(trace::Kind kind, NodeId node)
    {
        const auto before = world.last();
        while (all(kind, node, before).empty()) {
            if (!world.step(&trace)) {
                ADD_FAILURE() << "nothing is left to happen";
                return {};
            }
        }
        return all(kind, node, before).front();
    }

    [[nodiscard]] const test::Ring& machine(NodeId id) const
    {
        return node::machineOf<test::Ring>(*world.sights()[id.value - 1].node);
    }

    [[nodiscard]] const test::RingDurable& durable(NodeId id) const
    {
        return node::durableOf<test::Ring>(*world.sights()[id.value - 1].disk);
    }

    World world;
    trace::Trace trace;
};

template <class E>
E detailOf(const trace::Event& event)
{
    return static_cast<E>(event.detail);
}

} // namespace lightcone::sim
