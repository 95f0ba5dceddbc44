#include "engine/core/dice.h"
#include "engine/trace/index.h"
#include "tests/support/synthetic_run.h"

#include <gtest/gtest.h>

#include <thread>

namespace lightcone::trace {
namespace {

std::vector<EventId> eventsOf(const Trace& trace, NodeId node)
{
    std::vector<EventId> found;
    forEach(trace, EventId(1), EventId(trace.size()), [&](EventId id, const Event& event) {
        if (event.node == node) {
            found.push_back(id);
        }
    });
    return found;
}

std::vector<std::uint32_t> countDensity(const Trace& trace, NodeId node, unsigned k,
                                        std::int64_t first, std::size_t buckets)
{
    std::vector<std::uint32_t> counts(buckets);
    forEach(trace, EventId(1), EventId(trace.size()), [&](EventId, const Event& event) {
        const auto place = (event.at.time_since_epoch().count() >> k) - first;
        if (event.node == node && place >= 0 && place < static_cast<std::int64_t>(buckets)) {
            ++counts[static_cast<std::size_t>(place)];
        }
    });
    return counts;
}

TEST(Index, KnowsTheEventsOfEachNodeInOrder)
{
    const auto trace = synthetic::makeTrace({.seed = 3}, 9000);
    Index index(trace);
    index.grow();
    EXPECT_EQ(index.size(), trace->size());
    const auto nodes = index.nodes();
    EXPECT_EQ(nodes.size(), 5U + 2U + 1U);
    EXPECT_EQ(nodes.front(), NodeId{});
    std::uint64_t all = 0;
    for (const auto node : nodes) {
        const auto events = eventsOf(*trace, node);
        ASSERT_EQ(index.countOf(node), events.size());
        all += events.size();
        for (std::size_t i = 0; i < events.size(); ++i) {
            ASSERT_EQ(index.eventOf(node, i), events[i]);
            ASSERT_EQ(index.positionOf(node, events[i]), i);
            ASSERT_EQ(index.nextOf(node, events[i]),
                      i + 1 < events.size() ? events[i + 1] : EventId{});
            ASSERT_EQ(index.previousOf(node, events[i]), i > 0 ? events[i - 1] : EventId{});
        }
        EXPECT_EQ(index.nextOf(node, EventId{}), events.front());
        EXPECT_EQ(index.previousOf(node, EventId(trace->size() + 1)), events.back());
    }
    EXPECT_EQ(all, trace->size());
    EXPECT_EQ(index.countOf(NodeId(77)), 0U);
    EXPECT_EQ(index.nextOf(NodeId(77), EventId(1)), EventId{});
}

TEST(Index, TellsManyPositionsAsItTellsEachOfThem)
{
    const auto trace = synthetic::makeTrace({.seed = 4}, 9000);
    Index index(trace);
    index.grow();
    Dice dice(4);
    for (const auto node : index.nodes()) {
        std::vector<EventId> sorted;
        for (std::uint64_t number = 0; number <= trace->size() + 1;
             number += dice.below(dice.chance(0.1) ? 2000 : 9)) {
            sorted.emplace_back(number);
        }
        const auto positions = index.positionsOf(node, sorted);
        ASSERT_EQ(positions.size(), sorted.size());
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            ASSERT_EQ(positions[i], index.positionOf(node, sorted[i])) << sorted[i].value;
        }
    }
    EXPECT_EQ(index.positionsOf(NodeId(77), std::vector{EventId(1)}),
              std::vector<std::uint64_t>{0});
}

TEST(Index, KnowsEffectsAndBothEndsOfMessages)
{
    const auto trace = synthetic::makeTrace({.seed = 5, .loss = 0.2, .duplicates = 0.2}, 6000);
    Index index(trace);
    index.grow();
    std::map<EventId, std::vector<EventId>> effects;
    std::map<EventId, EventId> ends;
    unsigned copies = 0;
    forEach(*trace, EventId(1), EventId(trace->size()), [&](EventId id, const Event& event) {
        if (event.cause) {
            effects[event.cause].push_back(id);
        }
        if (event.kind == Kind::Deliver || event.kind == Kind::Drop) {
            ends[event.cause] = id;
            const bool copied = (*trace)[event.cause].kind == Kind::Duplicate;
            copies += copied ? 1 : 0;
            EXPECT_EQ(index.sendOf(id), copied ? (*trace)[event.cause].cause : event.cause);
        }
    });
    EXPECT_GT(copies, 50U);
    forEach(*trace, EventId(1), EventId(trace->size()), [&](EventId id, const Event& event) {
        ASSERT_EQ(index.effectsOf(id), effects[id]);
        if (event.kind == Kind::Send || event.kind == Kind::Duplicate) {
            ASSERT_EQ(index.endOf(id), ends[id]);
        }
        if (event.kind == Kind::Send) {
            ASSERT_EQ(index.sendOf(id), id);
        }
        if (event.kind == Kind::Timer) {
            ASSERT_EQ(index.sendOf(id), EventId{});
        }
    });
    EXPECT_TRUE(index.effectsOf({}).empty());
    EXPECT_TRUE(index.effectsOf(EventId(trace->size() + 1)).empty());
}

TEST(Index, CountsEventsPerBucketAtEveryZoom)
{
    const auto trace = synthetic::makeTrace({.seed = 8}, 40000);
    Index index(trace);
    index.grow();
    const auto end = (*trace)[EventId(trace->size())].at.time_since_epoch().count();
    for (const NodeId node : {NodeId(1), NodeId(4), clientId(1), NodeId{}, NodeId(99)}) {
        for (unsigned k = 4; k <= 45; ++k) {
            const auto last = end >> k;
            for (const std::int64_t first :
                 {std::int64_t{-3}, std::int64_t{0}, last / 3, last - 2, last + 5}) {
                std::vector<std::uint32_t> counts(700, 9);
                index.density(node, k, first, counts);
                ASSERT_EQ(counts, countDensity(*trace, node, k, first, counts.size()))
                    << "k " << k << " first " << first << " node " << node.value;
            }
        }
    }
}

TEST(Index, AnswersWhileTheTraceGrows)
{
    synthetic::Run run({.seed = 2});
    Index index(run.trace);
    constexpr std::uint64_t goal = 12000;
    std::atomic<int> looking{0};
    const auto look = [&](NodeId node) {
        std::uint64_t seen = 0;
        ++looking;
        while (seen < goal) {
            const auto size = index.size();
            ASSERT_LE(size, run.trace->size());
            seen = std::max(seen, size);
            std::uint64_t last = 0;
            for (auto id = index.nextOf(node, {}); id && id.value <= size;
                 id = index.nextOf(node, id)) {
                ASSERT_GT(id.value, last);
                ASSERT_EQ((*run.trace)[id].node, node);
                last = id.value;
            }
            for (std::uint64_t id = 1; id <= size; id += 7) {
                for (const auto effect : index.effectsOf(EventId(id))) {
                    ASSERT_EQ((*run.trace)[effect].cause, EventId(id));
                }
            }
            const auto before = index.countOf(node);
            std::array<std::uint32_t, 1> all{};
            index.density(node, 50, 0, all);
            ASSERT_GE(all[0], before);
            ASSERT_LE(all[0], index.countOf(node));
        }
    };
    std::vector<std::thread> readers;
    for (const NodeId node : {NodeId(1), NodeId(2), clientId(1)}) {
        readers.emplace_back(look, node);
    }
    while (looking < 3) {
        std::this_thread::yield();
    }
    for (std::uint64_t size = 50; size <= goal; size += 50) {
        run.until(size);
        index.grow();
    }
    for (auto& reader : readers) {
        reader.join();
    }
    EXPECT_EQ(index.size(), run.trace->size());
}

} // namespace
} // namespace lightcone::trace
