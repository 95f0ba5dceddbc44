#include "engine/trace/causality.h"
#include "tests/support/synthetic_run.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>
#include <vector>

namespace lightcone::trace {
namespace {

/// Happened-before by its definition: the transitive closure of "caused" and "next on the same
/// node", written down whole.
class BruteForce
{
public:
    explicit BruteForce(const Trace& trace)
        : m_trace(&trace)
        , m_past(trace.size() + 1, std::vector<bool>(trace.size() + 1))
    {
        std::map<NodeId, EventId> newest;
        forEach(trace, EventId(1), EventId(trace.size()), [&](EventId id, const Event& event) {
            add(id, event.cause);
            if (isLocal(event)) {
                add(id, newest[event.node]);
                newest[event.node] = id;
            }
        });
    }

    [[nodiscard]] bool before(EventId id, EventId later) const
    {
        return m_past[later.value][id.value];
    }

    [[nodiscard]] std::vector<std::pair<NodeId, std::uint32_t>> clock(EventId id) const
    {
        std::map<NodeId, std::uint32_t> counts;
        forEach(*m_trace, EventId(1), id, [&](EventId other, const Event& event) {
            if (isLocal(event) && (other == id || before(other, id))) {
                ++counts[event.node];
            }
        });
        return {counts.begin(), counts.end()};
    }

private:
    void add(EventId id, EventId earlier)
    {
        if (!earlier) {
            return;
        }
        auto& past = m_past[id.value];
        const auto& more = m_past[earlier.value];
        past[earlier.value] = true;
        for (std::uint64_t i = 1; i < earlier.value; ++i) {
            past[i] = past[i] || more[i];
        }
    }

    const Trace* m_trace;
    std::vector<std::vector<bool>> m_past;
};

/// Events of all kinds with causes anywhere: what no protocol would do.
TracePtr wildTrace(std::uint64_t seed, std::uint64_t events, std::uint32_t nodes)
{
    auto trace = std::make_shared<Trace>(synthetic::aboutOf({}));
    Dice dice(seed);
    for (std::uint64_t i = 1; i <= events; ++i) {
        Event event;
        event.kind = static_cast<Kind>(dice.below(static_cast<std::uint64_t>(Kind::Gap) + 1));
        const auto node = static_cast<std::uint32_t>(dice.below(nodes + 1));
        event.node = dice.chance(0.2) ? clientId(node + 1) : NodeId(node);
        if (i > 1 && dice.chance(0.6)) {
            const auto reach = dice.chance(0.9) ? std::min<std::uint64_t>(i - 1, 40) : i - 1;
            event.cause = EventId(i - 1 - dice.below(reach));
        }
        trace->record(EventId(i), event);
    }
    return trace;
}

void expectExact(const TracePtr& trace, std::uint64_t every)
{
    const BruteForce truth(*trace);
    Causality causality(trace);
    const EventId end(trace->size());
    Dice dice(4);
    forEach(*trace, EventId(1), end, [&](EventId id, const Event& event) {
        if (event.cause) {
            ASSERT_GT(causality.lamport(id), causality.lamport(event.cause));
        }
        if (id.value % every != 0) {
            return;
        }
        ASSERT_EQ(causality.vectorClock(id), truth.clock(id)) << id.value;
        const auto past = causality.past(id);
        const auto future = causality.future(id, end);
        const auto concurrent = causality.concurrent(id, EventId(1), end);
        for (std::uint64_t i = 1; i <= end.value; ++i) {
            const EventId other(i);
            ASSERT_EQ(past.contains(other), truth.before(other, id))
                << i << " past of " << id.value;
            ASSERT_EQ(future.contains(other), truth.before(id, other))
                << i << " future of " << id.value;
            ASSERT_EQ(concurrent.contains(other),
                      id != other && !truth.before(other, id) && !truth.before(id, other));
            if (truth.before(id, other)) {
                ASSERT_LT(causality.lamport(id), causality.lamport(other));
            }
        }
        EXPECT_EQ(past.count() + future.count() + concurrent.count() + 1, end.value);
        for (int i = 0; i < 20; ++i) {
            const EventId other(1 + dice.below(end.value));
            const auto expected = id == other ? Order::Same
                : truth.before(id, other)     ? Order::Before
                : truth.before(other, id)     ? Order::After
                                              : Order::Concurrent;
            ASSERT_EQ(causality.order(id, other), expected) << id.value << " " << other.value;
        }
    });
}

TEST(Causality, IsExactOnARunWithDropsDuplicatesCrashesAndClients)
{
    expectExact(synthetic::makeTrace({.seed = 11, .loss = 0.1, .duplicates = 0.15, .faults = 0.02},
                                     3 * Causality::stride + 500),
                97);
}

TEST(Causality, IsExactOnWildTraces)
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        expectExact(wildTrace(seed, 600, 4), 7);
    }
    expectExact(wildTrace(9, 2 * Causality::stride + 300, 7), 131);
}

TEST(Causality, WalksTheClocksOfAStretch)
{
    const auto trace =
        synthetic::makeTrace({.seed = 12, .loss = 0.1, .duplicates = 0.15}, 2 * Causality::stride);
    Causality causality(trace);
    EventId next(Causality::stride - 50);
    causality.walk(next, EventId(Causality::stride + 400), [&](EventId id, const auto& clock) {
        ASSERT_EQ(id, next);
        next.value++;
        Causality other(trace);
        ASSERT_EQ(clock, other.vectorClock(id)) << id.value;
    });
    EXPECT_EQ(next.value, Causality::stride + 401);
}

TEST(Causality, WhatTheNetworkDoesIsNotTheSendersDoing)
{
    const auto trace = std::make_shared<Trace>(synthetic::aboutOf({}));
    const auto add = [&](Kind kind, NodeId node, NodeId peer, EventId cause) {
        Event event;
        event.kind = kind;
        event.node = node;
        event.peer = peer;
        event.cause = cause;
        trace->record(EventId(trace->size() + 1), event);
        return EventId(trace->size());
    };
    const NodeId a(1);
    const NodeId b(2);
    const auto start = add(Kind::Start, a, {}, {});
    add(Kind::Start, b, {}, {});
    const auto send = add(Kind::Send, a, b, start);
    const auto drop = add(Kind::Drop, a, b, send);
    const auto next = add(Kind::Send, a, b, start);
    const auto got = add(Kind::Deliver, b, a, next);
    Causality causality(trace);
    EXPECT_EQ(causality.order(send, got), Order::Before);
    EXPECT_EQ(causality.order(drop, next), Order::Concurrent);
    EXPECT_EQ(causality.order(got, drop), Order::Concurrent);
    const std::vector<std::pair<NodeId, std::uint32_t>> atDrop{{a, 2}};
    EXPECT_EQ(causality.vectorClock(drop), atDrop);
    const std::vector<std::pair<NodeId, std::uint32_t>> atGot{{a, 3}, {b, 2}};
    EXPECT_EQ(causality.vectorClock(got), atGot);
}

TEST(Causality, GrowsWithTheTraceAndAnswersManyThreads)
{
    synthetic::Run run({.seed = 6});
    run.until(100);
    Causality causality(run.trace);
    std::vector<std::thread> askers;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        askers.emplace_back([&, i] {
            Dice dice(i);
            for (int turn = 0; turn < 40; ++turn) {
                const EventId id(1 + dice.below(run.trace->size()));
                const auto clock = causality.vectorClock(id);
                std::uint64_t known = 0;
                for (const auto& [node, count] : clock) {
                    known += count;
                }
                std::uint64_t local = isLocal((*run.trace)[id]) ? 1 : 0;
                const auto past = causality.past(id);
                for (std::uint64_t other = 1; other < id.value; ++other) {
                    const bool counts = isLocal((*run.trace)[EventId(other)]);
                    local += counts && past.contains(EventId(other)) ? 1 : 0;
                }
                ASSERT_EQ(known, local);
            }
        });
    }
    run.until(8000);
    for (auto& asker : askers) {
        asker.join();
    }
    causality.grow();
    EXPECT_GT(causality.lamport(EventId(run.trace->size())), 100U);
}

} // namespace
} // namespace lightcone::trace
