#include "engine/picture/timeline.h"
#include "tests/engine/picture/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace lightcone::picture {
namespace {

using namespace std::chrono_literals;
using sample::FixedMeasure;
using testing::HasSubstr;

/// So many clients ask n1 again and again, each for as long as `takes`.
struct Crowd
{
    Crowd(std::uint32_t clients, int rounds, Duration takes)
        : author(2)
    {
        std::multimap<Duration, std::pair<NodeId, bool>> plan; ///< true: the answer
        for (std::uint32_t i = 1; i <= clients; ++i) {
            for (int round = 0; round < rounds; ++round) {
                const auto at = 10ms * round + 20us * i;
                plan.emplace(at, std::pair(clientId(i), false));
                plan.emplace(at + takes, std::pair(clientId(i), true));
            }
        }
        author.put(0ns, NodeId(1), trace::Kind::Start);
        author.put(0ns, NodeId(2), trace::Kind::Start);
        const auto body = node::makePayload(sample::Request(sample::Put{"x", 7}));
        std::map<NodeId, EventId> asked;
        for (const auto& [at, what] : plan) {
            const auto& [client, answer] = what;
            if (answer) {
                author.put(at, client, trace::Kind::Reply, asked[client], NodeId(1), 0, body);
                continue;
            }
            asked[client] = author.put(at, client, trace::Kind::Request, {}, NodeId(1), 0, body);
            const auto sent =
                author.put(at, client, trace::Kind::Send, asked[client], NodeId(1), 0, body);
            author.put(at, NodeId(1), trace::Kind::Deliver, sent, client, 0, body);
        }
        index = std::make_unique<TimelineIndex>(author.trace());
        index->grow();
        options.lanes = allLanes(*index);
        options.showCursor = false;
        scale.width = 1200;
        scale.height = 500;
        scale.gutter = gutterFor(*index, options, measure);
    }

    [[nodiscard]] Drawing draw(Duration from, Duration to)
    {
        scale = scale.fitted(Instant(from), Instant(to));
        return timeline(*index, scale, options, measure);
    }

    sample::Author author;
    std::unique_ptr<TimelineIndex> index;
    TimelineOptions options;
    Scale scale;
    FixedMeasure measure;
};

std::set<std::string> textsOf(const Drawing& drawing)
{
    std::set<std::string> texts;
    for (const auto& item : drawing.items) {
        if (const auto* text = std::get_if<TextItem>(&item.shape)) {
            texts.insert(text->text);
        }
    }
    return texts;
}

/// Operations that bars stand for, each bar within the lanes' room.
std::uint64_t operationsIn(const Drawing& drawing, const Crowd& crowd, NodeId lane)
{
    const auto places = placeLanes(crowd.options.lanes.size(), crowd.scale.height);
    const auto place = std::ranges::find(crowd.options.lanes, lane) - crowd.options.lanes.begin();
    const double y = places.y(static_cast<std::size_t>(place), 0);
    std::uint64_t count = 0;
    for (const auto& item : drawing.items) {
        const auto* bar = std::get_if<RectItem>(&item.shape);
        const bool one = item.subject.kind == Subject::Kind::Operation;
        const bool several = item.subject.kind == Subject::Kind::Bundle
            && crowd.author.trace()->operator[](item.subject.event).kind == trace::Kind::Request;
        if (bar == nullptr || (!one && !several)) {
            continue;
        }
        EXPECT_LE(std::abs(bar->rect.centre().y - y), places.spacing / 2);
        count += several ? item.subject.count : 1;
    }
    return count;
}

TEST(TimelineClients, AFewHaveALaneEach)
{
    const Crowd crowd(12, 1, 5ms);
    EXPECT_EQ(crowd.options.lanes.size(), 14U);
    EXPECT_EQ(std::ranges::count(crowd.options.lanes, clientsLane), 0);
}

TEST(TimelineClients, ManyShareOne)
{
    Crowd crowd(300, 3, 5ms);
    ASSERT_EQ(crowd.options.lanes, (std::vector{NodeId(1), NodeId(2), clientsLane}));
    const auto drawing = crowd.draw(0ms, 40ms);
    EXPECT_THAT(textsOf(drawing), testing::Contains(HasSubstr("300 clients")));
    EXPECT_THAT(textsOf(drawing), testing::Not(testing::Contains("c17")));
    EXPECT_EQ(operationsIn(drawing, crowd, clientsLane), 900U) << "nothing is left out";
    std::uint64_t messages = 0;
    for (const auto& item : drawing.items) {
        const bool arrow = std::holds_alternative<LineItem>(item.shape);
        messages += arrow && item.subject.kind == Subject::Kind::Bundle ? item.subject.count
            : arrow && item.subject.kind == Subject::Kind::Message      ? 1
                                                                        : 0;
    }
    EXPECT_EQ(messages, 900U);
}

TEST(TimelineClients, WhatReachesIntoViewIsSeenToo)
{
    Crowd crowd(300, 1, 50ms);
    const auto drawing = crowd.draw(20ms, 30ms);
    EXPECT_EQ(operationsIn(drawing, crowd, clientsLane), 300U) << "all began before";
}

TEST(TimelineClients, HoweverManyAreCounted)
{
    Crowd crowd(300, 200, 5ms);
    const auto drawing = crowd.draw(0ms, 2100ms);
    EXPECT_EQ(operationsIn(drawing, crowd, clientsLane), 60'000U);
    EXPECT_LT(drawing.items.size(), 6000U) << "the cost follows the picture's size";
}

TEST(TimelineClients, StandApartWhenAskedFor)
{
    Crowd crowd(30, 2, 5ms);
    crowd.options.lanes = allLanes(*crowd.index, Clients::Apart);
    ASSERT_EQ(crowd.options.lanes.size(), 33U);
    EXPECT_EQ(crowd.options.lanes[2], clientsLane) << "what makes them one again";
    EXPECT_EQ(crowd.options.lanes[3], clientId(1));
    const auto drawing = crowd.draw(0ms, 30ms);
    EXPECT_THAT(textsOf(drawing), testing::Contains("c7"));
    std::set<NodeId> asking;
    for (const auto& item : drawing.items) {
        if (item.subject.kind == Subject::Kind::Operation) {
            asking.insert(item.subject.node);
        }
    }
    EXPECT_FALSE(asking.contains(clientsLane));
    EXPECT_GT(asking.size(), 10U);
}

TEST(TimelineClients, ASelectedClientsEventIsOnTheSharedLane)
{
    Crowd crowd(40, 1, 5ms);
    crowd.options.selected = EventId(20);
    crowd.options.selectedNode = (*crowd.author.trace())[EventId(20)].node;
    crowd.options.cursor = (*crowd.author.trace())[EventId(20)].at;
    crowd.scale = crowd.scale.fitted(Instant{}, Instant(10ms));
    const auto drawing =
        timelineCursor(*crowd.author.trace(), crowd.index->size(), crowd.scale, crowd.options);
    EXPECT_TRUE(std::ranges::any_of(drawing.items, [](const Item& item) {
        return std::holds_alternative<EllipseItem>(item.shape);
    }));
}

} // namespace
} // namespace lightcone::picture
