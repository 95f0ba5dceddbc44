#include "engine/describe/described.h"
#include "engine/measure/gauges.h"
#include "engine/measure/standing.h"
#include "engine/node/catalog.h"
#include "tests/engine/measure/hand_made.h"
#include "tests/support/spreader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace lightcone::measure {

struct Queue
{
    std::uint64_t depth = 0;
    std::vector<std::uint64_t> waiting{};
};
BOOST_DESCRIBE_STRUCT(Queue, (), (depth, waiting))

struct Machine
{
    std::uint64_t plain = 3;
    std::uint64_t term = 0;
    std::vector<std::uint64_t> log{};
    std::uint64_t committed = 0;
    Queue queue{};
    std::optional<Duration> behind{};
    std::uint64_t hidden = 0;
    std::map<std::string, std::string> locks{};
    std::uint64_t retries = 0;
};
BOOST_DESCRIBE_STRUCT(Machine, (),
                      (plain, term, log, committed, queue, behind, hidden, locks, retries))

constexpr auto facets(describe::Tag<Queue>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"depth", Facet::Level},
                      describe::FieldFacet{"waiting", Facet::Level}};
}

constexpr auto facets(describe::Tag<Machine>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"term", Facet::Epoch},
                      describe::FieldFacet{"log", Facet::Log},
                      describe::FieldFacet{"committed", Facet::Committed},
                      describe::FieldFacet{"behind", Facet::Level},
                      describe::FieldFacet{"hidden", Facet::Detail},
                      describe::FieldFacet{"locks", Facet::Badge},
                      describe::FieldFacet{"retries", Facet::Badge}};
}

namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;

/// n1 commits an entry at each event, n2 every second one; n2 crashes at event 40.
class FakeStates final : public trace::StateSource
{
public:
    [[nodiscard]] trace::ClusterState at(EventId event) const override
    {
        asked.push_back(event);
        trace::ClusterState state;
        state.event = event;
        for (const auto id : {n1, n2}) {
            Machine machine;
            machine.committed = id == n1 ? event.value : event.value / 2;
            machine.term = 7;
            machine.queue.depth = 2 * id.value;
            machine.queue.waiting = {1, 2, 3};
            machine.locks = {{"x", "t1"}};
            machine.retries = event.value;
            if (id == n2) {
                machine.behind = 5ms;
            }
            trace::NodeState node{id};
            node.life = id == n2 && event.value >= 40 ? trace::Life::Crashed : trace::Life::Up;
            node.state = describe::toValue(machine);
            state.nodes.push_back(std::move(node));
        }
        return state;
    }

    mutable std::vector<EventId> asked;
};

std::vector<std::string> textsOf(const std::vector<Gauge>& gauges)
{
    std::vector<std::string> texts;
    for (const auto& gauge : gauges) {
        texts.push_back(gauge.path
                        + (gauge.of == Gauge::Of::Lag         ? " lag"
                               : gauge.of == Gauge::Of::Size  ? " size"
                               : gauge.of == Gauge::Of::Share ? " share"
                                                              : "")
                        + (gauge.time ? " time" : ""));
    }
    return texts;
}

TEST(Gauges, AreTheNumbersThatAFacetGivesAMeaning)
{
    EXPECT_THAT(textsOf(gaugesOf(describe::shapeOf<Machine>())),
                ElementsAre("term", "log size", "committed", "committed lag", "queue.depth",
                            "queue.waiting size", "behind time", "locks size", "retries"));
    EXPECT_TRUE(gaugesOf(nullptr).empty());
}

class ReadingsTest : public testing::Test
{
protected:
    ReadingsTest()
    {
        trace::About about = made.trace()->about();
        about.card.state = describe::shapeOf<Machine>();
        wholeTrace = std::make_shared<trace::Trace>(about);
        for (std::uint64_t i = 1; i <= 64; ++i) {
            trace::Event event{{}, Instant(Duration(1'000'000 * i)), n1, {}, trace::Kind::Note};
            wholeTrace->record(EventId(i), std::move(event));
        }
        knownStates = std::make_shared<FakeStates>();
    }

    [[nodiscard]] std::size_t placeOf(const Readings& readings, const std::string& text) const
    {
        const auto texts = textsOf(readings.gauges());
        return static_cast<std::size_t>(std::ranges::find(texts, text) - texts.begin());
    }

    HandMade made;
    std::shared_ptr<trace::Trace> wholeTrace;
    std::shared_ptr<FakeStates> knownStates;
    const std::function<bool()> goOn = [] { return false; };
};

TEST_F(ReadingsTest, AreOfTheEndOfEachBucketAndOfMembersThatAreUp)
{
    Readings readings(wholeTrace, knownStates);
    const Cut cut{24, 0, 5}; // 16.8 ms: the last of them lies beyond the run
    ASSERT_TRUE(readings.read(cut, EventId(64), goOn));
    const auto committed = readings.linesOf(placeOf(readings, "committed"), cut, EventId(64));
    ASSERT_EQ(committed.size(), 2U);
    EXPECT_EQ(committed[0].name, "n1");
    EXPECT_THAT(std::vector(committed[0].values.begin(), committed[0].values.begin() + 4),
                ElementsAre(16, 33, 50, 64));
    EXPECT_TRUE(std::isnan(committed[0].values[4]));
    EXPECT_EQ(committed[1].values[0], 8);
    EXPECT_TRUE(std::isnan(committed[1].values[3])) << "crashed";
    const auto lag = readings.linesOf(placeOf(readings, "committed lag"), cut, EventId(64));
    EXPECT_EQ(lag[0].values[1], 0);
    EXPECT_EQ(lag[1].values[1], 17);
    EXPECT_EQ(readings.linesOf(placeOf(readings, "locks size"), cut, EventId(64))[0].values[0], 1);
    EXPECT_EQ(readings.linesOf(placeOf(readings, "behind time"), cut, EventId(64))[1].values[0],
              5e6);
    EXPECT_TRUE(std::isnan(
        readings.linesOf(placeOf(readings, "behind time"), cut, EventId(64))[0].values[0]));
}

/// Beside them somebody of another kind, who commits nothing, and one more that is only behind.
class StatesWithAMonitor final : public trace::StateSource
{
public:
    [[nodiscard]] trace::ClusterState at(EventId event) const override
    {
        auto state = FakeStates().at(event);
        for (const auto id : {NodeId(3), NodeId(4)}) {
            trace::NodeState node{id};
            node.life = trace::Life::Up;
            node.state = describe::toValue(Machine());
            state.nodes.push_back(std::move(node));
        }
        return state;
    }
};

TEST_F(ReadingsTest, WhoHasNoLogIsNotBehind)
{
    auto about = wholeTrace->about();
    about.members.push_back({NodeId(3), "n3", ""});
    about.members.push_back({NodeId(4), "monitor", "monitor"});
    const auto trace = std::make_shared<trace::Trace>(about);
    trace->record(EventId(1), {{}, Instant(1ms), n1, {}, trace::Kind::Note});
    trace->record(EventId(2), {{}, Instant(2ms), n1, {}, trace::Kind::Note});
    Readings readings(trace, std::make_shared<StatesWithAMonitor>());
    const Cut cut{22, 0, 1};
    ASSERT_TRUE(readings.read(cut, EventId(2), goOn));
    const auto lag = readings.linesOf(placeOf(readings, "committed lag"), cut, EventId(2));
    EXPECT_EQ(lag[1].values[0], 1);
    EXPECT_EQ(lag[2].values[0], 2) << "one of them that got nothing is behind";
    EXPECT_TRUE(std::isnan(lag[3].values[0])) << "a monitor keeps no data";
    const auto committed = readings.linesOf(placeOf(readings, "committed"), cut, EventId(2));
    EXPECT_EQ(committed[3].values[0], 0) << "what its state says is not hidden";
}

TEST_F(ReadingsTest, AStateIsFoundOnce)
{
    Readings readings(wholeTrace, knownStates);
    const Cut cut{20, 0, 64};
    ASSERT_TRUE(readings.read(cut, EventId(64), goOn));
    const auto asked = knownStates->asked.size();
    EXPECT_LE(asked, 64U);
    ASSERT_TRUE(readings.read(cut, EventId(64), goOn));
    ASSERT_TRUE(readings.read({21, 0, 32}, EventId(64), goOn));
    EXPECT_EQ(knownStates->asked.size(), asked);
}

TEST_F(ReadingsTest, StoppedEarlyItHasTheCoarsePicture)
{
    Readings readings(wholeTrace, knownStates);
    const Cut cut{20, 0, 64};
    int left = 5;
    EXPECT_FALSE(readings.read(cut, EventId(64), [&] { return --left == 0; }));
    const auto lines = readings.linesOf(placeOf(readings, "committed"), cut, EventId(64));
    const auto known =
        std::ranges::count_if(lines[0].values, [](double each) { return !std::isnan(each); });
    EXPECT_EQ(known, 5);
    EXPECT_FALSE(std::isnan(lines[0].values[47])) << "far apart";
}

TEST_F(ReadingsTest, WithoutStatesNothingIsSaid)
{
    Readings readings(wholeTrace, nullptr);
    EXPECT_TRUE(readings.read({20, 0, 8}, EventId(64), goOn));
    EXPECT_TRUE(std::isnan(readings.linesOf(0, {20, 0, 8}, EventId(64))[0].values[0]));
}

TEST_F(ReadingsTest, WhatStoodInListsIsAddedUpOverTime)
{
    const auto standings = ofStates(*wholeTrace, *knownStates, EventId(64)).standings;
    ASSERT_EQ(standings.size(), 1U) << "a queue is no badge, a log neither";
    EXPECT_EQ(standings[0].path, "locks");
    EXPECT_EQ(standings[0].time, 63ms + 39ms) << "one at n1 to the end, one at n2 until it crashes";
    EXPECT_EQ(ofStates(*wholeTrace, *knownStates, EventId(10)).standings[0].time, 2 * 9ms);
    EXPECT_EQ(ofStates(*wholeTrace, *knownStates, {}).standings[0].time, 0ms);
}

TEST_F(ReadingsTest, TheMostThatALevelWasIsKnownAndAtWhom)
{
    const auto levels = ofStates(*wholeTrace, *knownStates, EventId(64)).levels;
    EXPECT_THAT(levels,
                ElementsAre(Highest{"queue.depth", false, 4, n2},
                            Highest{"queue.waiting", false, 3, n1},
                            Highest{"behind", true, 5e6, n2}, Highest{"retries", false, 64, n1}))
        << "what n2 was before it crashed counts";
    EXPECT_EQ(ofStates(*wholeTrace, *knownStates, {}).levels[0].node, NodeId());
}

/// n1 gives n2 more and more.
class SpreadingStates final : public trace::StateSource
{
public:
    [[nodiscard]] trace::ClusterState at(EventId event) const override
    {
        trace::ClusterState state;
        trace::NodeState node{n1};
        node.life = trace::Life::Up;
        node.state =
            describe::toValue(test::Spreader{{{n2, {static_cast<double>(event.value) / 64}}}});
        state.nodes.push_back(std::move(node));
        return state;
    }
};

TEST_F(ReadingsTest, AShareIsOfTheNodeThatItFallsOn)
{
    auto about = wholeTrace->about();
    about.card.state = describe::shapeOf<test::Spreader>();
    const auto trace = std::make_shared<trace::Trace>(about);
    trace::forEach(*wholeTrace, EventId(1), EventId(64),
                   [&](EventId id, const trace::Event& event) { trace->record(id, event); });
    Readings readings(trace, std::make_shared<SpreadingStates>());
    ASSERT_THAT(textsOf(readings.gauges()), ElementsAre("parts.part share"));
    const Cut cut{20, 0, 32};
    ASSERT_TRUE(readings.read(cut, EventId(64), goOn));
    const auto lines = readings.linesOf(0, cut, EventId(64));
    EXPECT_TRUE(std::ranges::all_of(lines[0].values, [](double each) { return std::isnan(each); }))
        << "nothing is said of who gives";
    EXPECT_EQ(lines[1].values[7], 8.0 / 64);
    EXPECT_EQ(lines[1].values[31], 33.0 / 64);
}

TEST(Gauges, WhatProtocolsMeasureCanBeCharted)
{
    const auto of = [](std::string_view protocol) {
        return textsOf(gaugesOf(node::findProtocol(protocol)->card().state));
    };
    EXPECT_THAT(of("replication"),
                IsSupersetOf({"lagEntries", "lagTime time", "staleReads", "worstStaleness time",
                              "watch.failovers", "watch.recovery time", "watch.unavailable time",
                              "watch.lostEntries"}));
    EXPECT_THAT(of("load_balancer"),
                IsSupersetOf({"queue", "utilisation", "backends.share share"}));
}

} // namespace
} // namespace lightcone::measure
