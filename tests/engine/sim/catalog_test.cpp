#include "engine/core/check.h"
#include "engine/describe/naming.h"
#include "engine/describe/text.h"
#include "engine/node/catalog.h"
#include "engine/sim/chaos.h"
#include "engine/trace/hash.h"
#include "engine/trace/trace.h"
#include "tests/support/keyframes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

/// What every protocol of the house must bear: to be run twice, copied and gone back to.
namespace lightcone::sim {
namespace {

using namespace std::chrono_literals;
using trace::Trace;

constexpr Instant at(Duration time)
{
    return Instant(time);
}

node::SetupPtr defaultSetup(const node::Protocol& protocol)
{
    auto shape = std::make_shared<describe::Shape>();
    shape->kind = describe::ShapeKind::Record;
    shape->name = "Parameters";
    describe::Value::List values;
    for (const auto& parameter : protocol.card().parameters) {
        shape->fields.push_back({parameter.name, parameter.byDefault.shape()});
        values.push_back(parameter.byDefault);
    }
    return protocol.setup(describe::Value::list(shape, std::move(values))).value();
}

/// The sample requests of the card, as people are shown them: with the names of the plan's nodes.
std::vector<node::PayloadPtr> samples(const World& world)
{
    const auto& protocol = world.protocol();
    const auto about = world.about();
    const auto names = about.names();
    std::vector<node::PayloadPtr> bodies;
    const auto& shape = protocol.card().request;
    for (const auto& request : protocol.card().requests) {
        const auto space = request.sample.find(' ');
        const auto words =
            space == std::string::npos ? std::string{} : request.sample.substr(space + 1);
        auto fields = describe::parseFields(request.byDefault, words, names);
        if (!fields) {
            // About a node that this plan does not have.
            fields = describe::parseFields(request.byDefault, words);
        }
        check(fields.has_value(), "a sample that can be read");
        for (std::size_t i = 0; i < shape->fields.size(); ++i) {
            if (describe::enumeratorName(shape->fields[i].name) == request.name) {
                bodies.push_back(protocol
                                     .payload(node::PayloadRole::Request,
                                              describe::Value::alternative(shape, i, *fields))
                                     .value());
            }
        }
    }
    return bodies;
}

struct Driver
{
    explicit Driver(const node::Protocol& protocol)
        : world(protocol, defaultSetup(protocol), settings())
        , frames(world, 700, 16)
        , chaos({}, Dice(11), {})
    {
    }

    static Settings settings()
    {
        Settings settings;
        settings.seed = 5;
        settings.clients = 4;
        return settings;
    }

    void begin(trace::Sink* sink)
    {
        const Load load{world.clients(), samples(world), 20ms, {}};
        ASSERT_TRUE(frames.apply(world, load, "load", sink));
    }

    void until(Duration time, trace::Sink* sink)
    {
        while (world.instant() < at(time)) {
            const auto due = world.nextDue();
            const auto strikes = std::min(chaos.due(), at(time));
            if (due && *due <= strikes) {
                world.step(sink);
                frames.passed(world);
            } else if (world.waitUntil(strikes); strikes == chaos.due()) {
                ASSERT_TRUE(frames.apply(world, chaos.strike(world), "chaos", sink));
            }
        }
    }

    World world;
    test::Keyframes frames;
    Chaos chaos;
};

Bytes imprint(const World& world)
{
    Bytes bytes;
    for (const auto& sight : world.sights()) {
        if (sight.node != nullptr) {
            sight.node->encode(bytes);
        }
        sight.disk->encode(bytes);
    }
    return bytes;
}

class Catalog : public testing::TestWithParam<const node::Protocol*>
{
};

TEST_P(Catalog, theSameSeedGivesTheSameTrace)
{
    Driver first(*GetParam());
    Trace once(first.world.about());
    first.begin(&once);
    first.until(4s, &once);
    Driver second(*GetParam());
    Trace again(second.world.about());
    second.begin(&again);
    second.until(4s, &again);
    EXPECT_EQ(trace::traceHash(once), trace::traceHash(again));
    EXPECT_GT(once.size(), 500U);
}

TEST_P(Catalog, copiesGoOnAlikeAndDoNotDisturbEachOther)
{
    Driver original(*GetParam());
    original.begin(nullptr);
    original.until(2s, nullptr);
    const auto snapshot = original;
    const auto before = imprint(snapshot.world);
    auto branch = original;
    ASSERT_TRUE(branch.world.apply(HealAll{}, "heal", nullptr));
    branch.until(3s, nullptr);
    auto copy = original;
    copy.until(4s, nullptr);
    original.until(4s, nullptr);
    EXPECT_GT(original.world.last().value, snapshot.world.last().value + 50);
    EXPECT_EQ(original.world.last(), copy.world.last());
    EXPECT_EQ(imprint(original.world), imprint(copy.world));
    EXPECT_EQ(imprint(snapshot.world), before);
    auto late = snapshot;
    late.until(4s, nullptr);
    EXPECT_EQ(imprint(late.world), imprint(original.world));
}

TEST_P(Catalog, canBeGoneBackToAtAnyEvent)
{
    Driver run(*GetParam());
    run.begin(nullptr);
    std::map<EventId, Bytes> imprints;
    for (int i = 1; i <= 40; ++i) {
        run.until(i * 100ms, nullptr);
        imprints[run.world.last()] = imprint(run.world);
    }
    for (const auto& [event, bytes] : imprints) {
        EXPECT_EQ(imprint(run.frames.at(event)), bytes) << "#" << event.value;
    }
}

std::vector<const node::Protocol*> protocols()
{
    const auto all = node::catalog();
    return {all.begin(), all.end()};
}

INSTANTIATE_TEST_SUITE_P(All, Catalog, testing::ValuesIn(protocols()),
                         [](const auto& info) { return info.param->card().id; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Catalog);

} // namespace
} // namespace lightcone::sim
