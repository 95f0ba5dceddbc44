#include "tests/engine/protocols/load_balancer/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;

template <class Change>
std::string errorOf(Change change)
{
    Parameters parameters;
    change(parameters);
    const auto setup = loadBalancerProtocol().setup(describe::toValue(parameters));
    return setup ? "fine" : setup.error().message;
}

TEST(LoadBalancerParameters, TheDefaultsAreFine)
{
    EXPECT_EQ(errorOf([](auto&) {}), "fine");
}

TEST(LoadBalancerParameters, EachErrorSaysWhatWasExpected)
{
    EXPECT_EQ(errorOf([](auto& p) { p.backends = 0; }),
              "backends: expected a number from 1 to 200, found 0");
    EXPECT_EQ(errorOf([](auto& p) { p.weights = "5 1 1"; }),
              "weights: expected a weight for each of the 4 backends, found 3");
    EXPECT_EQ(errorOf([](auto& p) { p.weights = "5 1 x 1"; }),
              "weights: expected whole numbers such as \"5 1 1\", found 'x'");
    EXPECT_EQ(errorOf([](auto& p) { p.weights = "0 0 0 0"; }),
              "weights: expected weights from 0 to 1000, one of them above 0, found 0 as the "
              "highest");
    EXPECT_EQ(errorOf([](auto& p) { p.regions = "eu us"; }),
              "regions: expected a region for each of the 4 backends, found 2");
    EXPECT_EQ(errorOf([](auto& p) { p.strategy = Strategy::Geography; }),
              "regions: expected a region for each backend with strategy=geography, as in \"eu eu "
              "us us\"");
    EXPECT_EQ(errorOf([](auto& p) { p.distances = "eu us"; }),
              "distances: expected two regions and how far they are from each other, as in \"eu us "
              "40ms, us ap 60ms\"");
    EXPECT_EQ(errorOf([](auto& p) {
                  p.regions = "eu eu us us";
                  p.distances = "eu us 40ms, eu ap 90ms";
              }),
              "distances: 'ap' is no region of a backend");
    EXPECT_EQ(errorOf([](auto& p) { p.upstreamTimeout = 300ms; }),
              "upstreamTimeout: expected less than timeout (300 ms), or agents give up a balancer "
              "for its backend's silence, found 300 ms");
    EXPECT_EQ(errorOf([](auto& p) { p.tableSize = 2040; }),
              "tableSize: expected a prime number not below the number of backends, found 2040");
    EXPECT_EQ(errorOf([](auto& p) {
                  p.backends = 7;
                  p.tableSize = 5;
              }),
              "tableSize: expected a prime number not below the number of backends, found 5");
    EXPECT_EQ(errorOf([](auto& p) { p.deadline = 1ms; }),
              "deadline: expected a duration from 300 ms to 86400 s, found 1 ms");
    EXPECT_EQ(errorOf([](auto& p) { p.boundFactor = 1; }),
              "boundFactor: expected a number from 1.01 to 1000, found 1");
}

TEST(LoadBalancerParameters, MembersStandInTiers)
{
    Parameters parameters;
    parameters.agents = 2;
    parameters.balancers = 2;
    parameters.backends = 3;
    const auto members = setupOf(parameters)->members;
    ASSERT_EQ(members.size(), 7U);
    const std::vector<std::string> names{"a1", "a2", "lb1", "lb2", "b1", "b2", "b3"};
    const std::vector<std::uint32_t> tiers{0, 0, 1, 1, 2, 2, 2};
    for (std::size_t i = 0; i < members.size(); ++i) {
        EXPECT_EQ(members[i].id, NodeId(static_cast<std::uint32_t>(i + 1)));
        EXPECT_EQ(members[i].name, names[i]);
        EXPECT_EQ(members[i].tier, tiers[i]);
    }
    EXPECT_EQ(loadBalancerProtocol().card().layout, node::Layout::Tiers);
}

TEST(LoadBalancerPlan, RegionsAreOrderedByDistance)
{
    Parameters parameters;
    parameters.agents = 4;
    parameters.regions = "eu us us ap";
    parameters.distances = "eu us 40ms, us ap 60ms, eu ap 90ms";
    const Plan plan(parameters);
    EXPECT_THAT(plan.regions, testing::ElementsAre("eu", "us", "ap"));
    EXPECT_THAT(plan.nearestTo(0), testing::ElementsAre(0, 1, 2));
    EXPECT_THAT(plan.nearestTo(1), testing::ElementsAre(1, 0, 2));
    EXPECT_THAT(plan.nearestTo(2), testing::ElementsAre(2, 1, 0));
    EXPECT_EQ(plan.regionOf(plan.backends[2]), 1U);
    EXPECT_EQ(plan.regionOf(plan.agents[3]), 0U) << "dealt out in turn";
    EXPECT_EQ(plan.homeOf(clientId(6)), plan.agents[1]);
}

// Every field of the state has a value that is read back as it was, whatever the node plays.
TEST(LoadBalancerState, GoesToAValueAndBack)
{
    Cluster cluster(plain());
    cluster.fetchFor(std::chrono::milliseconds(300), std::chrono::milliseconds(4));
    for (const auto& sight : cluster.world().sights()) {
        const auto state = sight.node->describe();
        const auto again =
            loadBalancerProtocol().restoreNode(sight.id, cluster.world().setup(), state);
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ((*again)->describe(), state);
    }
    EXPECT_EQ(cluster.problem(), "");
    EXPECT_GT(cluster.at(cluster.agent()).served(), 40U);
}

} // namespace
} // namespace lightcone::protocols::load_balancer
