#include "engine/measure/gauges.h"
#include "engine/session/binding.h"
#include "engine/session/live_course.h"
#include "engine/session/plan.h"
#include "tests/engine/session/live_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace lightcone::session {
namespace {

using std::chrono::milliseconds;

/// Three hosted nodes of Raft, asked now and then, as whoever watches them hears of it.
class LiveCourseTest : public testing::Test
{
protected:
    void SetUp() override
    {
        for (auto& node : liveCluster.nodes) {
            node->boot(false);
        }
        std::uint32_t sequence = 0;
        for (int i = 0; i < 1200; ++i) {
            liveCluster.pass(milliseconds(10));
            if (i > 50 && i % 2 == 0) {
                Bytes body;
                requestOf(Piece{"put x 1"}, *ringPlan).value()->encode(body);
                liveCluster.nodes[i % 3]->ask({clientId(1), ++sequence}, body);
            }
            liveWatcher.poll();
        }
        for (const auto& input : liveWatcher.inputs) {
            course.take(input);
        }
    }

    [[nodiscard]] static std::vector<describe::Value> statesOf(const trace::ClusterState& state)
    {
        std::vector<describe::Value> values;
        for (const auto& node : state.nodes) {
            values.push_back(node.state);
        }
        return values;
    }

    PlanPtr ringPlan = prepare(parseScenario("cluster raft nodes=3\n").value()).value();
    LiveCluster liveCluster{*ringPlan->protocol, ringPlan->setup, 7};
    LiveWatcher liveWatcher{liveCluster, ringPlan, live::From::Oldest};
    LiveCourse course{ringPlan};
};

TEST_F(LiveCourseTest, StatesThatAreVisitedAreThoseOfEachEventAlone)
{
    const LiveStates states(course.view());
    const auto last = course.world().last();
    ASSERT_GT(last.value, 3000U) << "beyond the first moment that is kept";
    std::vector<EventId> events;
    for (std::uint64_t number = 1; number <= last.value; number += 97) {
        events.emplace_back(number);
    }
    events.push_back(last);
    std::size_t seen = 0;
    states.visit(events, [&](EventId event, const trace::ClusterState& state) {
        EXPECT_EQ(event, events[seen]);
        EXPECT_EQ(statesOf(state), statesOf(states.at(event))) << event.value;
        EXPECT_EQ(state.event, event);
        return ++seen < events.size() - 1;
    });
    EXPECT_EQ(seen, events.size() - 1) << "until the visitor has seen enough";
}

TEST_F(LiveCourseTest, GaugesFollowTheRun)
{
    const auto view = course.view();
    measure::Readings readings(view.trace, std::make_shared<LiveStates>(view));
    const auto gauge = std::ranges::find_if(readings.gauges(), [](const measure::Gauge& each) {
        return each.path == "commitIndex" && each.of == measure::Gauge::Of::Value;
    });
    ASSERT_NE(gauge, readings.gauges().end());
    const auto place = static_cast<std::size_t>(gauge - readings.gauges().begin());
    const auto last = course.world().last();
    const auto cut =
        measure::Cut::of({(*view.trace)[EventId(1)].at, (*view.trace)[last].at + Duration(1)}, 32);
    ASSERT_TRUE(readings.read(cut, last, [] { return false; }));
    const auto lines = readings.linesOf(place, cut, last);
    ASSERT_EQ(lines.size(), 3U);
    const auto state = course.world().state();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::vector<double> known;
        std::ranges::copy_if(lines[i].values, std::back_inserter(known),
                             [](double value) { return !std::isnan(value); });
        ASSERT_GT(known.size(), 10U);
        EXPECT_TRUE(std::ranges::is_sorted(known)) << lines[i].name;
        EXPECT_GT(known.back(), known.front() + 20) << lines[i].name;
        const auto* node = state.node(ringPlan->setup->members[i].id);
        EXPECT_EQ(known.back(), node->state.find("commitIndex")->asReal()) << lines[i].name;
    }
}

} // namespace
} // namespace lightcone::session
