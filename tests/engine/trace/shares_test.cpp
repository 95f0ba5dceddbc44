#include "engine/describe/described.h"
#include "engine/trace/shares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>

namespace lightcone::trace {

struct Portion
{
    std::uint64_t open = 0;
    double part = 0;
};
BOOST_DESCRIBE_STRUCT(Portion, (), (open, part))

struct Spreader
{
    std::uint64_t term = 0;
    std::map<NodeId, Portion> parts{};
};
BOOST_DESCRIBE_STRUCT(Spreader, (), (term, parts))

struct Worker
{
    std::map<NodeId, std::uint64_t> seen{};
};
BOOST_DESCRIBE_STRUCT(Worker, (), (seen))

constexpr auto facets(describe::Tag<Portion>)
{
    return std::array{describe::FieldFacet{"part", describe::Facet::Share}};
}

namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pair;

template <class T>
NodeState nodeWith(std::uint32_t number, const T& state, Life life = Life::Up)
{
    NodeState node{NodeId(number)};
    node.life = life;
    node.state = describe::toValue(state);
    return node;
}

Spreader spreader(double third, double fourth)
{
    return {1, {{NodeId(3), {0, third}}, {NodeId(4), {0, fourth}}}};
}

TEST(Shares, AreFoundByTheirFacet)
{
    EXPECT_EQ(shareIn(describe::shapeOf<Spreader>()), "parts.part");
    EXPECT_EQ(shareIn(describe::shapeOf<Worker>()), "");
    EXPECT_EQ(shareIn(describe::shapeOf<std::uint64_t>()), "");
    EXPECT_EQ(shareIn(nullptr), "");
}

TEST(Shares, AreTheMeanOfThoseWhoGive)
{
    ClusterState state;
    state.nodes = {nodeWith(1, spreader(0.2, 0.8)), nodeWith(2, spreader(0.6, 0.4)),
                   nodeWith(3, Worker{{{NodeId(1), 7}}}), NodeState{NodeId(4)}};
    EXPECT_THAT(sharesOf(state),
                ElementsAre(Pair(NodeId(3), DoubleNear(0.4, 1e-9)),
                            Pair(NodeId(4), DoubleNear(0.6, 1e-9))));
}

TEST(Shares, AreNotToldByWhoIsDownOrHasGivenNothing)
{
    ClusterState state;
    state.nodes = {nodeWith(1, spreader(0.2, 0.8)), nodeWith(2, spreader(0, 0)),
                   nodeWith(5, spreader(1, 0), Life::Crashed)};
    EXPECT_THAT(sharesOf(state), ElementsAre(Pair(NodeId(3), 0.2), Pair(NodeId(4), 0.8)));
    state.nodes.front().life = Life::Crashed;
    EXPECT_TRUE(sharesOf(state).empty());
}

} // namespace
} // namespace lightcone::trace
