#include "engine/node/catalog.h"
#include "engine/session/connect.h"
#include "engine/trace/trace.h"
#include "tests/app/node/real_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// Every protocol of the catalog as real processes, whatever it does: started, watched, asked,
/// killed under load and started again, ended.
namespace lightcone::node_program {
namespace {

using namespace std::chrono_literals;
using test::RealCluster;
using trace::Kind;

class EveryProtocol : public ::testing::TestWithParam<const node::Protocol*>
{
protected:
    void SetUp() override
    {
        cluster.emplace(0, "--no-tls --protocol " + card().id);
        cluster->startAll();
        auto plan = session::readConnectPlan(cluster->path("cluster/operator/cluster.toml"));
        ASSERT_TRUE(plan) << plan.error().text();
        plan->patience = 30s;
        auto connected = session::connect(*plan, {});
        ASSERT_TRUE(connected) << connected.error().text() << cluster->said();
        watched = std::move(*connected);
        for (const auto& request : card().requests) {
            if (!request.sample.empty()) {
                samples.push_back(request.sample);
            }
        }
    }

    [[nodiscard]] static const node::Card& card() { return GetParam()->card(); }
    [[nodiscard]] std::uint32_t nodes() const
    {
        return static_cast<std::uint32_t>(cluster->addresses.size());
    }

    static bool eventually(const std::function<bool()>& holds)
    {
        return live::testing::eventually(holds, 60s);
    }

    /// Until so many more events were seen, or nothing happens any more.
    void observe(std::uint64_t events) const
    {
        const auto wanted = watched->snapshot().branch().events + events;
        live::testing::eventually([&] { return watched->snapshot().branch().events >= wanted; },
                                  100ms);
    }

    /// What is not judged any more is not broken either.
    void expectNothingBroken() const
    {
        for (const auto& check : watched->snapshot().checks) {
            EXPECT_FALSE(check.brokenAt) << check.card.name << ": " << check.how;
            EXPECT_TRUE(check.card.needsWholeRun || !check.notJudgedFrom)
                << check.card.name << ": " << check.notJudged;
        }
    }

    [[nodiscard]] bool allAreSeen() const
    {
        const auto snapshot = watched->snapshot();
        return std::ranges::all_of(snapshot.nodes, [](const session::LiveNode& node) {
            return node.state == session::LiveNode::State::Connected;
        });
    }

    /// How many events of that kind there are.
    [[nodiscard]] std::uint64_t count(Kind kind) const
    {
        const auto snapshot = watched->snapshot();
        const auto& branch = snapshot.branch();
        std::uint64_t found = 0;
        trace::forEach(*branch.trace, EventId(1), EventId(branch.events),
                       [&](EventId, const trace::Event& event) { found += event.kind == kind; });
        return found;
    }

    /// The next sample that fits a cluster of this size.
    void ask()
    {
        while (!samples.empty()) {
            const auto place = m_turn++ % samples.size();
            if (watched->act("request " + samples[place],
                             EventId(watched->snapshot().branch().events))) {
                return;
            }
            samples.erase(samples.begin() + static_cast<std::ptrdiff_t>(place));
        }
        FAIL() << "none of its samples can be asked";
    }

    std::optional<RealCluster> cluster;
    std::unique_ptr<session::Session> watched;
    std::vector<std::string> samples;

private:
    std::size_t m_turn = 0;
};

INSTANTIATE_TEST_SUITE_P(Catalog, EveryProtocol,
                         ::testing::ValuesIn(node::catalog().begin(), node::catalog().end()),
                         [](const auto& each) { return each.param->card().id; });

TEST_P(EveryProtocol, RunsLiveAndComesThroughKills)
{
    ASSERT_TRUE(eventually([&] { return allAreSeen(); })) << cluster->said();
    ASSERT_FALSE(samples.empty()) << "a protocol that nobody can ask anything";
    ask();
    ASSERT_TRUE(eventually([&] { return count(Kind::Reply) > 0; }))
        << watched->snapshot().problem << cluster->said();
    expectNothingBroken();
    Dice dice(1);
    constexpr int kills = 8;
    for (int i = 0; i < kills && !HasFailure(); ++i) {
        for (int several = 0; several < 3; ++several) {
            ask();
        }
        observe(dice.below(60));
        const auto victim = 1 + static_cast<std::uint32_t>(dice.below(nodes()));
        cluster->kill(victim);
        ask();
        observe(dice.below(100));
        cluster->start(victim);
    }
    // What a node answered just before it was killed it may not have told: not every answer is
    // seen.
    const auto before = count(Kind::Reply);
    ask();
    ASSERT_TRUE(eventually([&] { return count(Kind::Reply) > before; }))
        << "it does not get on\n"
        << watched->snapshot().problem << cluster->said();
    ASSERT_TRUE(eventually([&] {
        return allAreSeen() && count(Kind::Restart) > 0 && count(Kind::Crash) > 0;
    })) << cluster->said();
    for (std::uint32_t node = 1; node <= nodes(); ++node) {
        ASSERT_TRUE(eventually([&] { return cluster->serves(node); })) << cluster->said();
        cluster->node(node).send(SIGTERM);
    }
    for (std::uint32_t node = 1; node <= nodes(); ++node) {
        const auto status = cluster->node(node).wait();
        EXPECT_TRUE(status && WIFEXITED(*status) && WEXITSTATUS(*status) == 0) << cluster->said();
    }
    expectNothingBroken();
}

} // namespace
} // namespace lightcone::node_program
