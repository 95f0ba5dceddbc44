#include "engine/picture/drawing.h"

#include <gtest/gtest.h>

namespace lightcone::picture {
namespace {

Subject node(std::uint32_t number)
{
    return {Subject::Kind::Node, {}, NodeId(number)};
}

TEST(Hit, TheTopmostAreaThatContainsThePoint)
{
    Drawing drawing;
    drawing.add(RectItem{{0, 0, 100, 100}}, node(1));
    drawing.add(RectItem{{50, 50, 100, 100}}, node(2));
    EXPECT_EQ(drawing.hit({60, 60}).node, NodeId(2));
    EXPECT_EQ(drawing.hit({20, 20}).node, NodeId(1));
    EXPECT_EQ(drawing.hit({300, 20}).kind, Subject::Kind::None);
}

TEST(Hit, ALineIsHitWithinTheSlackAndTheNearestWins)
{
    Drawing drawing;
    drawing.add(LineItem{{0, 0}, {100, 0}}, node(1));
    drawing.add(LineItem{{0, 5}, {100, 5}}, node(2));
    EXPECT_EQ(drawing.hit({50, 1}, 4).node, NodeId(1));
    EXPECT_EQ(drawing.hit({50, 4}, 4).node, NodeId(2));
    EXPECT_EQ(drawing.hit({50, 40}, 4).kind, Subject::Kind::None);
    EXPECT_EQ(drawing.hit({-3, 0}, 4).node, NodeId(1)) << "just beyond its end";
    EXPECT_EQ(drawing.hit({-9, 0}, 4).kind, Subject::Kind::None);
}

TEST(Hit, APathIsHitAlongAllItsSides)
{
    Drawing drawing;
    PathItem path;
    path.points = {{0, 0}, {100, 0}, {100, 100}};
    path.closed = true;
    drawing.add(path, node(1));
    EXPECT_EQ(drawing.hit({100, 50}, 3).node, NodeId(1));
    EXPECT_EQ(drawing.hit({50, 50}, 3).node, NodeId(1)) << "the side that closes it";
    EXPECT_EQ(drawing.hit({20, 80}, 3).kind, Subject::Kind::None);
}

TEST(Hit, WhatLiesAboveAndBesideIsMeantBeforeWhatLiesBelow)
{
    Drawing drawing;
    drawing.add(RectItem{{0, 0, 100, 100}}, node(1));
    drawing.add(EllipseItem{{50, 50}, 3, 3}, node(2));
    EXPECT_EQ(drawing.hit({55, 50}, 4).node, NodeId(2));
    EXPECT_EQ(drawing.hit({70, 50}, 4).node, NodeId(1));
}

TEST(Hit, WhatStandsForNothingIsLookedThrough)
{
    Drawing drawing;
    drawing.add(RectItem{{0, 0, 100, 100}}, node(1));
    drawing.add(RectItem{{0, 0, 100, 100}});
    drawing.add(TextItem{{10, 20}, "text"});
    EXPECT_EQ(drawing.hit({12, 18}).node, NodeId(1));
}

TEST(Inks, NeighbouringEpochsDiffer)
{
    for (std::uint64_t epoch = 0; epoch < 9; ++epoch) {
        EXPECT_NE(epochInk(epoch), epochInk(epoch + 1));
    }
    EXPECT_EQ(epochInk(1), epochInk(5));
}

} // namespace
} // namespace lightcone::picture
