#include "engine/picture/key_space.h"
#include "tests/engine/picture/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace lightcone::picture::sample {

struct Part
{
    std::string begin;
    NodeId owner;
    NodeId movesTo;
    double size = 0;
};
BOOST_DESCRIBE_STRUCT(Part, (), (begin, owner, movesTo, size))

constexpr auto facets(describe::Tag<Part>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"owner", Facet::Peer},
                      describe::FieldFacet{"movesTo", Facet::WaitingFor},
                      describe::FieldFacet{"size", Facet::Level}};
}

struct Book
{
    std::vector<Part> parts;
};
BOOST_DESCRIBE_STRUCT(Book, (), (parts))

constexpr auto facets(describe::Tag<Book>)
{
    return std::array{describe::FieldFacet{"parts", describe::Facet::KeySpace}};
}

/// A state that knows a key space, one record deeper.
struct Knowing
{
    std::uint64_t version = 0;
    Book book{};
};
BOOST_DESCRIBE_STRUCT(Knowing, (), (version, book))

constexpr auto facets(describe::Tag<Knowing>)
{
    return std::array{describe::FieldFacet{"version", describe::Facet::Epoch}};
}

} // namespace lightcone::picture::sample

namespace lightcone::picture {
namespace {

using sample::FixedMeasure;
using sample::Part;
using Parts = std::vector<Part>;

const Parts measured{
    {"0", NodeId(2), {}, 1}, {"4", NodeId(3), NodeId(4), 2}, {"c", NodeId(2), {}, 1}};
const Parts alike{{"", NodeId(2), {}, 0}, {"g", NodeId(3), NodeId(4), 0}, {"n", NodeId(2), {}, 0}};

trace::ClusterState knowing(const Parts& parts, std::uint32_t nodes = 5)
{
    auto state = sample::cluster(nodes);
    state.nodes[0].state = describe::toValue(sample::Knowing{7, {parts}});
    return state;
}

TopologyOptions pane(double width, double height)
{
    TopologyOptions options;
    options.width = width;
    options.height = height;
    return options;
}

TEST(KeySpace, IsWhatTheNodeWithTheHighestEpochKnows)
{
    auto state = knowing(measured);
    state.nodes[1].state = describe::toValue(sample::Knowing{9, {alike}});
    state.nodes[2].state = describe::toValue(sample::Knowing{11, {}});
    const auto space = keySpaceOf(state);
    ASSERT_TRUE(space);
    EXPECT_FALSE(space->ring);
    EXPECT_EQ(space->parts[1].label, "g");
    EXPECT_FALSE(keySpaceOf(sample::cluster(5)));
}

TEST(KeySpace, PartsThatSayHowMuchTheyAreLieOnACircle)
{
    const auto space = keySpaceOf(knowing(measured));
    ASSERT_TRUE(space && space->ring);
    ASSERT_EQ(space->parts.size(), 3U);
    EXPECT_DOUBLE_EQ(space->parts[1].from, 0.25);
    EXPECT_DOUBLE_EQ(space->parts[1].to, 0.75);
    EXPECT_EQ(space->parts[1].movesTo, NodeId(4));
    EXPECT_DOUBLE_EQ(space->shareOf(NodeId(2)), 0.5);
    EXPECT_EQ(space->owners(), (std::vector{NodeId(2), NodeId(3), NodeId(4)}));
}

TEST(KeySpace, PartsWithoutAMeasureAreAlikeInARow)
{
    const auto space = keySpaceOf(knowing(alike));
    ASSERT_TRUE(space);
    EXPECT_NEAR(space->parts[1].from, 1.0 / 3, 1e-12);
    EXPECT_NEAR(space->parts[2].to, 1, 1e-12);
}

template <class T>
std::vector<Item> itemsOf(const Drawing& drawing, Ink ink)
{
    std::vector<Item> items;
    for (const auto& item : drawing.items) {
        const auto* shape = std::get_if<T>(&item.shape);
        if constexpr (std::is_same_v<T, ArcItem>) {
            if (shape != nullptr && shape->stroke.ink == ink) {
                items.push_back(item);
            }
        } else {
            if (shape != nullptr && shape->fill.ink == ink) {
                items.push_back(item);
            }
        }
    }
    return items;
}

TEST(KeySpace, ARingIsColouredByOwnerAndShowsWhatMoves)
{
    const auto about = sample::about(5);
    const auto drawing =
        topology(about, knowing(measured), nullptr, pane(1000, 420), FixedMeasure());
    const auto mine = itemsOf<ArcItem>(drawing, ownerInk(about, NodeId(2)));
    ASSERT_EQ(mine.size(), 2U);
    EXPECT_EQ(mine[0].subject.node, NodeId(2)) << "pointing at a part points at its owner";
    EXPECT_DOUBLE_EQ(std::get<ArcItem>(mine[0].shape).sweep, 90);
    const auto moving = itemsOf<ArcItem>(drawing, ownerInk(about, NodeId(4)));
    ASSERT_EQ(moving.size(), 1U);
    EXPECT_DOUBLE_EQ(std::get<ArcItem>(moving[0].shape).from, 90);
    EXPECT_DOUBLE_EQ(std::get<ArcItem>(moving[0].shape).sweep, 180);
    const bool named = std::ranges::any_of(drawing.items, [](const Item& item) {
        const auto* text = std::get_if<TextItem>(&item.shape);
        return text != nullptr && text->text == "n2  50 %";
    });
    EXPECT_TRUE(named) << "never by colour alone";
}

TEST(KeySpace, ABarSaysWhereItsPartsBeginAndWhoOwnsThem)
{
    const auto about = sample::about(5);
    const auto drawing = topology(about, knowing(alike), nullptr, pane(1000, 420), FixedMeasure());
    for (const auto* wanted : {"g", "n", "n3 → n4"}) {
        EXPECT_TRUE(std::ranges::any_of(drawing.items, [&](const Item& item) {
            const auto* text = std::get_if<TextItem>(&item.shape);
            return text != nullptr && text->text == wanted;
        })) << wanted;
    }
    EXPECT_GE(itemsOf<RectItem>(drawing, ownerInk(about, NodeId(3))).size(), 1U);
}

TEST(KeySpace, LeavesTheCardsTheirRoom)
{
    for (const auto& parts : {measured, alike}) {
        for (const std::uint32_t nodes : {5U, 9U, 20U}) {
            for (const auto& options : {pane(1090, 420), pane(1280, 800), pane(880, 340)}) {
                const auto layout =
                    placeNodes(sample::about(nodes), knowing(parts, nodes), options);
                EXPECT_GT(layout.keySpace.width, 0);
                for (const auto& [node, rect] : layout.nodes) {
                    EXPECT_FALSE(rect.overlaps(layout.keySpace)) << node.value << " of " << nodes;
                }
            }
        }
    }
}

TEST(KeySpace, InAnAreaTooSmallItIsLeftOut)
{
    Rect area{0, 0, 100, 80};
    EXPECT_EQ(takeKeySpace(area, *keySpaceOf(knowing(measured))).width, 0);
    EXPECT_EQ(area.height, 80);
}

TEST(KeySpace, OwnersAreMarkedOnTheirCards)
{
    const auto about = sample::about(5);
    const auto state = knowing(alike);
    const auto layout = placeNodes(about, state, pane(1000, 420));
    Drawing drawing;
    const auto options = pane(1000, 420);
    const FixedMeasure measure;
    markOwners(drawing, CardContext{about, state, options, measure}, *keySpaceOf(state), layout);
    ASSERT_EQ(drawing.items.size(), 3U);
    const auto& stripe = std::get<RectItem>(drawing.items[0].shape);
    EXPECT_TRUE(layout.find(NodeId(2))->contains(stripe.rect.centre()));
}

TEST(KeySpace, OwnersOfOneKindDifferInColour)
{
    const auto about = sample::about(8);
    std::vector<Ink> inks;
    for (const auto& member : about.members) {
        inks.push_back(ownerInk(about, member.id));
    }
    std::ranges::sort(inks);
    EXPECT_EQ(std::ranges::adjacent_find(inks), inks.end());
    EXPECT_EQ(ownerInk(about, NodeId(99)), Ink::Faint);
}

} // namespace
} // namespace lightcone::picture
