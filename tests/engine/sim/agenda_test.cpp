#include "engine/core/dice.h"
#include "engine/sim/agenda.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <tuple>

namespace lightcone::sim {
namespace {

using namespace std::chrono_literals;

TEST(Agenda, goesByInstantThenByInsertion)
{
    Agenda agenda;
    std::multiset<std::tuple<Instant, std::uint64_t>> expected;
    Dice dice(2);
    std::uint64_t order = 0;
    for (int round = 0; round < 20000; ++round) {
        if (expected.empty() || dice.chance(0.55)) {
            const Instant at(Duration(dice.between(0, 50)));
            agenda.push({at, ++order});
            expected.emplace(at, order);
        } else {
            ASSERT_EQ(std::tuple(agenda.top().at, agenda.top().order), *expected.begin());
            agenda.pop();
            expected.erase(expected.begin());
        }
        ASSERT_EQ(agenda.empty(), expected.empty());
    }
}

/// Alarms that are moved, called off and set again, against a model that does it at once.
TEST(Agenda, alarmsThatAreMovedRingWhenAndInTheOrderTheyWould)
{
    constexpr std::uint32_t count = 7;
    Agenda agenda;
    std::vector<Alarm> alarms(count);
    std::vector<std::optional<std::tuple<Instant, std::uint64_t>>> model(count);
    Dice dice(3);
    std::uint64_t order = 0;
    Instant now{};
    int rung = 0;
    for (int round = 0; round < 50000; ++round) {
        const auto which = static_cast<std::uint32_t>(dice.below(count));
        const auto chance = dice.below(10);
        if (chance < 6) {
            const auto due = now + Duration(dice.between(0, 30));
            agenda.set(alarms[which], {due, ++order, which, DueKind::Timer});
            model[which] = {due, order};
        } else if (chance < 7) {
            alarms[which].disarm();
            model[which].reset();
        } else {
            while (!agenda.empty() && !agenda.confirmTop(alarms[agenda.top().where])) { }
            std::optional<std::tuple<Instant, std::uint64_t>> first;
            for (const auto& each : model) {
                first = each && (!first || *each < *first) ? each : first;
            }
            ASSERT_EQ(agenda.empty(), !first);
            if (first) {
                const auto top = agenda.top();
                ASSERT_EQ(std::tuple(top.at, top.order), *first);
                agenda.pop();
                alarms[top.where].lineOrder = 0;
                alarms[top.where].disarm();
                model[top.where].reset();
                now = top.at;
                ++rung;
            }
        }
    }
    EXPECT_GT(rung, 1000);
}

} // namespace
} // namespace lightcone::sim
