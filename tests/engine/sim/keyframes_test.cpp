#include "engine/sim/chaos.h"
#include "tests/engine/sim/ring_run.h"
#include "tests/support/keyframes.h"

namespace lightcone::sim {
namespace {

using trace::Kind;

/// Fingerprints of a whole world: of its members, and of what is under way.
std::string worldImprint(const World& world)
{
    Bytes bytes;
    for (const auto& sight : world.sights()) {
        if (sight.node != nullptr) {
            sight.node->encode(bytes);
        }
        sight.disk->encode(bytes);
    }
    auto text = std::to_string(world.last().value) + "\n";
    for (const auto& item : world.pending()) {
        text += std::to_string(static_cast<int>(item.what)) + " "
            + std::to_string(item.due.time_since_epoch().count()) + " "
            + std::to_string(item.node.value) + " " + std::to_string(item.message.value) + "\n";
    }
    return text + std::string(bytes);
}

/// A run under load and chaos, with what its world was after each step and act.
struct Recorded
{
    explicit Recorded(Duration time, std::uint64_t every = 500, std::size_t most = 8)
        : world(test::ringProtocol(), test::ringSetup({5}), settings())
        , frames(world, every, most)
    {
        note();
        Load load{world.clients(), {test::ringRequest(test::Add{1})}, 10ms, {}};
        act(load);
        Chaos chaos({}, Dice(3), {});
        while (world.instant() < at(time)) {
            const auto due = world.nextDue();
            if (due && *due <= chaos.due()) {
                world.step(nullptr);
                frames.passed(world);
                note();
            } else {
                world.waitUntil(chaos.due());
                act(chaos.strike(world));
            }
        }
    }

    static Settings settings()
    {
        Settings settings;
        settings.clients = 2;
        return settings;
    }
    void act(const Action& action)
    {
        const auto done = frames.apply(world, action, "line", nullptr);
        EXPECT_TRUE(done);
        note();
    }
    void note() { imprints[world.last()] = worldImprint(world); }

    World world;
    test::Keyframes frames;
    std::map<EventId, std::string> imprints;
};

TEST(Keyframes, leadBackToEveryEvent)
{
    const Recorded run(8s);
    ASSERT_GT(run.world.last().value, 4000U);
    EXPECT_LE(run.frames.frames(), 8U);
    EXPECT_GT(run.frames.interventions().size(), 10U);
    Dice dice(9);
    for (int i = 0; i < 300; ++i) {
        const EventId event(dice.below(run.world.last().value + 1));
        // The step or act that made this event made all up to the next one noted.
        EXPECT_EQ(worldImprint(run.frames.at(event)), run.imprints.lower_bound(event)->second);
    }
}

TEST(Keyframes, lieFartherApartAsTheRunGrows)
{
    Recorded run(2s, 100, 6);
    EXPECT_GE(run.frames.frames(), 3U);
    EXPECT_LE(run.frames.frames(), 6U);
    EXPECT_EQ(worldImprint(run.frames.at(run.world.last())), worldImprint(run.world));
    EXPECT_EQ(run.frames.at({}).last(), EventId{});
}

TEST(Keyframes, aStateLeavesOutWhatWasSentLater)
{
    RingRun run;
    test::Keyframes frames(run.world);
    Rule twice;
    twice.action = RuleAction::Duplicate;
    ASSERT_TRUE(frames.apply(run.world, AddRule{twice}, "rule", &run.trace));
    run.until(100ms);
    const auto send = run.all(Kind::Send).front();
    const auto state = frames.stateAt(send);
    EXPECT_EQ(state.event, send);
    ASSERT_EQ(state.flights.size(), 1U);
    EXPECT_EQ(state.flights.front().message, send);
    EXPECT_EQ(frames.stateAt(EventId(send.value + 1)).flights.size(), 2U);
}

TEST(Keyframes, aBranchKnowsTheWayToWhereItLeft)
{
    Recorded run(2s);
    const EventId middle(run.world.last().value / 2);
    auto branch = run.frames.upTo(middle);
    auto world = branch.at(middle);
    EXPECT_EQ(worldImprint(world), worldImprint(run.frames.at(middle)));
    ASSERT_TRUE(branch.apply(world, HealAll{}, "heal", nullptr));
    for (int i = 0; i < 2000; ++i) {
        world.step(nullptr);
        branch.passed(world);
    }
    EXPECT_EQ(worldImprint(branch.at(world.last())), worldImprint(world));
    EXPECT_EQ(worldImprint(branch.at(middle)), worldImprint(run.frames.at(middle)));
    EXPECT_EQ(worldImprint(run.frames.at(run.world.last())), worldImprint(run.world));
}

} // namespace
} // namespace lightcone::sim
