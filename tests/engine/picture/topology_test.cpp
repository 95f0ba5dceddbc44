#include "engine/describe/described.h"
#include "engine/picture/topology.h"
#include "tests/engine/picture/cluster.h"
#include "tests/support/spreader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace lightcone::picture {

namespace {

using namespace std::chrono_literals;
using sample::FixedMeasure;

TopologyOptions sized(double width, double height)
{
    TopologyOptions options;
    options.width = width;
    options.height = height;
    options.now = Instant(437ms);
    return options;
}

struct Pane
{
    double width;
    double height;
};

class Sizes : public testing::TestWithParam<std::tuple<node::Layout, Pane>>
{
};

TEST_P(Sizes, ThreeToFiftyCardsNeitherOverlapNorLeaveThePicture)
{
    const auto [layoutKind, pane] = GetParam();
    for (std::uint32_t count = 3; count <= 50; ++count) {
        auto about = sample::about(count);
        about.card.layout = layoutKind;
        for (auto& member : about.members) {
            member.tier = member.id.value % 3;
        }
        const auto options = sized(pane.width, pane.height);
        const auto layout = placeNodes(about, sample::cluster(count), options);
        ASSERT_EQ(layout.nodes.size(), count);
        for (const auto& [node, rect] : layout.nodes) {
            EXPECT_GE(rect.x, 0) << count;
            EXPECT_GE(rect.y, 0) << count;
            EXPECT_LE(rect.x + rect.width, pane.width) << count;
            EXPECT_LE(rect.y + rect.height, pane.height) << count;
            for (const auto& [other, otherRect] : layout.nodes) {
                EXPECT_FALSE(node < other && rect.overlaps(otherRect))
                    << node.value << " on " << other.value << " of " << count;
            }
        }
    }
}
INSTANTIATE_TEST_SUITE_P(All, Sizes,
                         testing::Combine(testing::Values(node::Layout::Ring, node::Layout::Tiers),
                                          testing::Values(Pane{1280, 800}, Pane{2560, 1440},
                                                          Pane{880, 340})));

TEST(Topology, FewNodesGetLargeCardsAndManySmallOnes)
{
    const auto sizeOf = [](std::uint32_t count) {
        return placeNodes(sample::about(count), sample::cluster(count), sized(1090, 420)).size;
    };
    EXPECT_EQ(sizeOf(5), CardSize::Large);
    EXPECT_EQ(sizeOf(15), CardSize::Medium);
    EXPECT_EQ(sizeOf(40), CardSize::Small);
}

TEST(Topology, AFullTierStandsInTwoColumnsRatherThanInCardsThatSayNothing)
{
    auto about = sample::about(6);
    for (auto& member : about.members) {
        member.tier = member.id == NodeId(1) ? 0 : 1;
    }
    EXPECT_EQ(placeNodes(about, sample::cluster(6), sized(800, 300)).size, CardSize::Medium);
    // And a row of tiers turns.
    for (auto& member : about.members) {
        member.tier = 6 - member.id.value;
    }
    const auto row = placeNodes(about, sample::cluster(6), sized(700, 300));
    EXPECT_EQ(row.size, CardSize::Medium);
    EXPECT_LT(row.nodes.at(NodeId(6)).x, row.nodes.at(NodeId(5)).x);
    EXPECT_LT(row.nodes.at(NodeId(6)).y, row.nodes.at(NodeId(1)).y);
}

bool hasText(const Drawing& drawing, const std::string& wanted, NodeId node = {})
{
    return std::ranges::any_of(drawing.items, [&](const Item& item) {
        const auto* text = std::get_if<TextItem>(&item.shape);
        return text != nullptr && text->text == wanted && (!node || item.subject.node == node);
    });
}

TEST(Topology, ACardSaysNameRoleEpochAndLog)
{
    const auto drawing =
        topology(sample::about(5), sample::cluster(), nullptr, sized(1000, 420), FixedMeasure());
    EXPECT_TRUE(hasText(drawing, "n4", NodeId(4)));
    EXPECT_TRUE(hasText(drawing, "candidate", NodeId(4)));
    EXPECT_TRUE(hasText(drawing, "T3", NodeId(4)));
    EXPECT_TRUE(hasText(drawing, "T2", NodeId(2)));
    EXPECT_TRUE(hasText(drawing, "x=1", NodeId(5)));
    EXPECT_TRUE(hasText(drawing, "crashed", NodeId(1)));
    EXPECT_FALSE(hasText(drawing, "follower", NodeId(1)));
}

enum class Progress { Ahead, Asked, Done, Undone };
BOOST_DESCRIBE_ENUM(Progress, Ahead, Asked, Done, Undone)
constexpr auto tones(describe::Tag<Progress>)
{
    using describe::EnumeratorTone;
    using describe::Tone;
    return std::array{EnumeratorTone{"Asked", Tone::Busy}, EnumeratorTone{"Done", Tone::Good},
                      EnumeratorTone{"Undone", Tone::Calm}};
}
struct NamedStep
{
    Progress state = Progress::Ahead;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(NamedStep, (), (state, name))
struct Sequence
{
    std::vector<NamedStep> steps;
    std::string alarm;
    std::set<NodeId> waitingFor;
};
BOOST_DESCRIBE_STRUCT(Sequence, (), (steps, alarm, waitingFor))
constexpr auto facets(describe::Tag<Sequence>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"steps", Facet::Progress}, FieldFacet{"alarm", Facet::Badge},
                      FieldFacet{"waitingFor", Facet::WaitingFor}};
}

/// The rectangles of n5's strip: how wide each frame is and how much of it is filled.
std::vector<std::pair<double, double>> stripOf(const Drawing& drawing)
{
    std::vector<std::pair<double, double>> strip;
    double filled = 0;
    for (const auto& item : drawing.items) {
        const auto* rect = std::get_if<RectItem>(&item.shape);
        if (rect == nullptr || item.subject.node != NodeId(5) || rect->rect.height != 18) {
            continue;
        }
        if (rect->filled) {
            filled = rect->rect.width;
        } else {
            strip.emplace_back(rect->rect.width, std::exchange(filled, 0));
        }
    }
    return strip;
}

TEST(Topology, StepsAreAStripThatFillsAndUnwinds)
{
    auto state = sample::cluster();
    state.nodes[4].state = describe::toValue(Sequence{{{Progress::Done, "seat"},
                                                       {Progress::Undone, "room"},
                                                       {Progress::Asked, "pay"},
                                                       {Progress::Ahead, "mail"}},
                                                      "parked",
                                                      {NodeId(2)}});
    const auto drawing =
        topology(sample::about(5), state, nullptr, sized(1000, 420), FixedMeasure());
    const auto strip = stripOf(drawing);
    ASSERT_EQ(strip.size(), 4U);
    EXPECT_EQ(strip[0].second, strip[0].first) << "done: full";
    EXPECT_EQ(strip[1].second, 0) << "undone: a frame";
    EXPECT_EQ(strip[2].second, strip[2].first / 2) << "under way: half";
    EXPECT_EQ(strip[3].second, 0) << "ahead";
    EXPECT_TRUE(hasText(drawing, "seat", NodeId(5)));
    const bool alarm = std::ranges::any_of(drawing.items, [](const Item& item) {
        const auto* text = std::get_if<TextItem>(&item.shape);
        return text != nullptr && item.subject.node == NodeId(5)
            && text->text.starts_with("parked");
    });
    EXPECT_TRUE(alarm) << "a badge is not hidden by the strip";
}

enum class Stage { Work, Vote };
BOOST_DESCRIBE_ENUM(Stage, Work, Vote)
struct Milestone
{
    Stage stage = Stage::Work;
    Progress state = Progress::Ahead;
};
BOOST_DESCRIBE_STRUCT(Milestone, (), (stage, state))
struct Protocol
{
    std::vector<Milestone> steps;
};
BOOST_DESCRIBE_STRUCT(Protocol, (), (steps))
constexpr auto facets(describe::Tag<Protocol>)
{
    return std::array{describe::FieldFacet{"steps", describe::Facet::Progress}};
}

TEST(Topology, AStepMayBeNamedByAnEnumeratorToo)
{
    auto state = sample::cluster();
    state.nodes[4].state =
        describe::toValue(Protocol{{{Stage::Work, Progress::Done}, {Stage::Vote, {}}}});
    const auto drawing =
        topology(sample::about(5), state, nullptr, sized(1000, 420), FixedMeasure());
    EXPECT_TRUE(hasText(drawing, "work", NodeId(5)));
    EXPECT_TRUE(hasText(drawing, "vote", NodeId(5)));
    const auto strip = stripOf(drawing);
    ASSERT_EQ(strip.size(), 2U);
    EXPECT_EQ(strip[0].second, strip[0].first) << "done: full";
    EXPECT_EQ(strip[1].second, 0) << "ahead";
}

struct Link
{
    std::uint64_t epoch = 0;
    std::vector<NodeId> behindEachOther{};
    std::vector<std::uint64_t> log{};
    std::map<std::string, std::uint64_t> keys{};
    std::uint64_t split = 0;
    std::uint64_t quiet = 0;
};
BOOST_DESCRIBE_STRUCT(Link, (), (epoch, behindEachOther, log, keys, split, quiet))
constexpr auto facets(describe::Tag<Link>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{
        FieldFacet{"epoch", Facet::Epoch}, FieldFacet{"behindEachOther", Facet::Order},
        FieldFacet{"log", Facet::Log},     FieldFacet{"keys", Facet::Level},
        FieldFacet{"split", Facet::Badge}, FieldFacet{"quiet", Facet::Badge}};
}

TEST(Topology, AChainStandsInTheOrderOfItsNewestView)
{
    auto about = sample::about(5);
    for (std::uint32_t i = 0; i < 5; ++i) {
        about.members[i].tier = i;
    }
    about.members[4].role = "monitor";
    auto state = sample::cluster();
    for (auto& node : state.nodes) {
        node.state = describe::toValue(Link{1, {NodeId(1), NodeId(2), NodeId(3), NodeId(4)}});
    }
    const auto placesOf = [&] {
        const auto layout = placeNodes(about, state, sized(1200, 420));
        std::vector<std::pair<double, std::uint32_t>> places;
        for (const auto& [node, rect] : layout.nodes) {
            places.emplace_back(rect.x, node.value);
        }
        std::ranges::sort(places);
        std::vector<std::uint32_t> order;
        std::ranges::transform(places, std::back_inserter(order),
                               &decltype(places)::value_type::second);
        return order;
    };
    EXPECT_EQ(placesOf(), (std::vector<std::uint32_t>{1, 2, 3, 4, 5}));
    state.nodes[3].state = describe::toValue(Link{2, {NodeId(3), NodeId(4), NodeId(1)}});
    EXPECT_EQ(placesOf(), (std::vector<std::uint32_t>{3, 4, 1, 2, 5}))
        << "who is not in the view stands behind it, the monitor where it stood";
    state.links.clear();
    state.flights.clear();
    const auto drawing = topology(about, state, nullptr, sized(1200, 420), FixedMeasure());
    std::set<std::pair<std::uint32_t, std::uint32_t>> links;
    for (const auto& item : drawing.items) {
        if (item.subject.kind == Subject::Kind::Link) {
            links.emplace(item.subject.node.value, item.subject.peer.value);
        }
    }
    EXPECT_EQ(links,
              (std::set<std::pair<std::uint32_t, std::uint32_t>>{{1, 2}, {1, 4}, {2, 5}, {3, 4}}));
}

TEST(Topology, WhereTheLogIsEmptyACardCountsWhatThereIs)
{
    auto state = sample::cluster();
    Link link{1, {}};
    link.keys = {{"x", 1}, {"y", 2}};
    link.split = 1;
    state.nodes[4].state = describe::toValue(link);
    EXPECT_TRUE(
        hasText(topology(sample::about(5), state, nullptr, sized(1200, 420), FixedMeasure()),
                "keys 2 · split 1", NodeId(5)));
    link.log = {7};
    state.nodes[4].state = describe::toValue(link);
    EXPECT_FALSE(
        hasText(topology(sample::about(5), state, nullptr, sized(1200, 420), FixedMeasure()),
                "keys 2 · split 1", NodeId(5)));
}

TEST(Topology, ManyStepsStayWithinTheirCard)
{
    auto state = sample::cluster();
    Sequence many;
    for (int i = 0; i < 40; ++i) {
        many.steps.push_back({Progress::Done, "a step with a long name"});
    }
    state.nodes[4].state = describe::toValue(many);
    const auto options = sized(1000, 420);
    const auto layout = placeNodes(sample::about(5), state, options);
    const auto card = layout.nodes.at(NodeId(5));
    const auto drawing = topology(sample::about(5), state, nullptr, options, FixedMeasure());
    EXPECT_GT(stripOf(drawing).size(), 5U);
    for (const auto& item : drawing.items) {
        const auto* rect = std::get_if<RectItem>(&item.shape);
        if (rect != nullptr && item.subject.node == NodeId(5) && rect->rect.height == 18) {
            EXPECT_GE(rect->rect.x, card.x);
            EXPECT_LE(rect->rect.x + rect->rect.width, card.x + card.width);
        }
    }
}

TEST(Topology, LowCardsInColumnsStayWideAndNameTheirSteps)
{
    auto about = sample::about(5);
    about.card.layout = node::Layout::Tiers;
    for (auto& member : about.members) {
        member.tier = member.id == NodeId(1) ? 0 : 1;
    }
    auto state = sample::cluster();
    state.nodes[4].state = describe::toValue(Sequence{{{Progress::Done, "seat"}}, {}, {}});
    const auto options = sized(900, 300);
    const auto layout = placeNodes(about, state, options);
    EXPECT_EQ(layout.size, CardSize::Medium);
    EXPECT_EQ(layout.nodes.at(NodeId(5)).width, 178) << "as wide as a large one";
    EXPECT_TRUE(hasText(topology(about, state, nullptr, options, FixedMeasure()), "seat"));

    const auto narrow = placeNodes(about, state, sized(360, 300));
    EXPECT_EQ(narrow.size, CardSize::Medium);
    EXPECT_EQ(narrow.nodes.at(NodeId(5)).width, 124) << "and where that has no room, narrow";
}

struct Keeper
{
    std::map<std::string, std::uint64_t> balances;
    std::string alarm;
};
BOOST_DESCRIBE_STRUCT(Keeper, (), (balances, alarm))
constexpr auto facets(describe::Tag<Keeper>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"balances", Facet::Store}, FieldFacet{"alarm", Facet::Badge}};
}

TEST(Topology, ACardSaysWhatItsNodeKeepsUnlessSomethingIsUrgent)
{
    const auto drawn = [](const Keeper& keeper) {
        auto state = sample::cluster();
        state.nodes[4].state = describe::toValue(keeper);
        return topology(sample::about(5), state, nullptr, sized(1000, 420), FixedMeasure());
    };
    const Keeper calm{{{"a", 90}, {"b", 110}}, ""};
    EXPECT_TRUE(hasText(drawn(calm), "a=90  b=110", NodeId(5)));
    const auto alarmed = drawn({calm.balances, "parked"});
    EXPECT_TRUE(hasText(alarmed, "parked", NodeId(5)));
    EXPECT_FALSE(hasText(alarmed, "a=90  b=110", NodeId(5)));
}

TEST(Topology, AChainIsRatherNarrowThanTurned)
{
    auto about = sample::about(4);
    for (std::uint32_t i = 0; i < 4; ++i) {
        about.members[i].tier = i;
    }
    const auto layout = placeNodes(about, sample::cluster(4), sized(640, 200));
    EXPECT_EQ(layout.size, CardSize::Medium);
    for (const auto& [node, rect] : layout.nodes) {
        EXPECT_EQ(rect.y, layout.nodes.at(NodeId(1)).y) << node.value;
    }
}

TEST(Topology, WhatIsUrgentTakesTwoLinesRatherThanBeCutOff)
{
    auto state = sample::cluster();
    Sequence waiting{{}, "in doubt since 40 ms", {NodeId(2)}};
    state.nodes[4].state = describe::toValue(waiting);
    const auto drawing =
        topology(sample::about(5), state, nullptr, sized(1000, 420), FixedMeasure());
    EXPECT_TRUE(hasText(drawing, "in doubt since 40 ms", NodeId(5)));
    EXPECT_TRUE(hasText(drawing, "waits for n2", NodeId(5)));
}

TEST(Topology, ALongLogShowsItsEndAndHowMuchIsHidden)
{
    auto state = sample::cluster();
    state.nodes[4].state = sample::stateOf(sample::Role::Follower, 3, 40, 39);
    const auto drawing =
        topology(sample::about(5), state, nullptr, sized(1000, 420), FixedMeasure());
    EXPECT_TRUE(hasText(drawing, "y=40", NodeId(5)));
    EXPECT_FALSE(hasText(drawing, "x=1", NodeId(5)));
    const bool more = std::ranges::any_of(drawing.items, [](const Item& item) {
        const auto* text = std::get_if<TextItem>(&item.shape);
        return text != nullptr && item.subject.node == NodeId(5) && text->text.starts_with("+3");
    });
    EXPECT_TRUE(more);
}

TEST(Topology, TextsStayWithinTheirCards)
{
    const FixedMeasure measure;
    for (const std::uint32_t count : {5U, 15U, 40U}) {
        const auto about = sample::about(count);
        const auto state = sample::cluster(count);
        const auto options = sized(1090, 420);
        const auto layout = placeNodes(about, state, options);
        const auto drawing = topology(about, state, nullptr, options, measure);
        for (const auto& item : drawing.items) {
            const auto* text = std::get_if<TextItem>(&item.shape);
            if (text == nullptr || item.subject.kind != Subject::Kind::Node) {
                continue;
            }
            const auto& card = layout.nodes.at(item.subject.node);
            const double width = measure.width(text->text, text->face, text->size);
            const double left = text->align == Align::Centre ? text->at.x - width / 2 : text->at.x;
            EXPECT_GE(left, card.x) << text->text;
            EXPECT_LE(left + width, card.x + card.width) << text->text;
        }
    }
}

TEST(Topology, AMessageIsWhereItIsThen)
{
    const auto about = sample::about(5);
    auto state = sample::cluster();
    state.links.clear();
    state.flights = {state.flights[1]};
    const auto& flight = state.flights[0];
    auto options = sized(1000, 420);
    const auto pillAt = [&](Instant now) {
        options.now = now;
        for (const auto& item : topology(about, state, nullptr, options, FixedMeasure()).items) {
            const auto* rect = std::get_if<RectItem>(&item.shape);
            if (item.subject.kind == Subject::Kind::Flight && rect != nullptr) {
                return rect->rect.centre();
            }
        }
        return Point{};
    };
    const auto layout = placeNodes(about, state, options);
    const auto from = layout.nodes.at(flight.from).centre();
    const auto to = layout.nodes.at(flight.to).centre();
    const auto start = pillAt(flight.sent);
    const auto middle = pillAt(flight.sent + (flight.due - flight.sent) / 2);
    const auto end = pillAt(flight.due);
    const auto away = [](Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); };
    EXPECT_LT(away(start, from), away(middle, from));
    EXPECT_LT(away(middle, from), away(end, from));
    EXPECT_LT(away(end, to), away(middle, to));
    EXPECT_NEAR(away(pillAt(flight.due + 5ms), end), 0, 0.01) << "it waits at the door";
}

TEST(Topology, PillsDoNotHideEachOther)
{
    const auto drawing =
        topology(sample::about(5), sample::cluster(), nullptr, sized(1000, 420), FixedMeasure());
    std::vector<Rect> pills;
    for (const auto& item : drawing.items) {
        const auto* rect = std::get_if<RectItem>(&item.shape);
        if (item.subject.kind == Subject::Kind::Flight && rect != nullptr) {
            for (const auto& other : pills) {
                EXPECT_FALSE(rect->rect.overlaps(other));
            }
            pills.push_back(rect->rect);
        }
    }
    EXPECT_EQ(pills.size(), 3U);
}

TEST(Topology, NoTailCrossesAPill)
{
    const auto drawing =
        topology(sample::about(5), sample::cluster(), nullptr, sized(1000, 420), FixedMeasure());
    std::size_t lastTail = 0;
    std::size_t firstText = drawing.items.size();
    for (std::size_t i = 0; i < drawing.items.size(); ++i) {
        const auto& item = drawing.items[i];
        if (item.subject.kind != Subject::Kind::Flight) {
            continue;
        }
        if (std::holds_alternative<LineItem>(item.shape)) {
            lastTail = i;
        } else if (std::holds_alternative<TextItem>(item.shape)) {
            firstText = std::min(firstText, i);
        }
    }
    ASSERT_GT(lastTail, 0U);
    EXPECT_LT(lastTail, firstText);
}

TEST(Topology, AMessageWithoutRoomIsADot)
{
    auto state = sample::cluster();
    const auto copied = state.flights.front();
    for (std::uint64_t i = 0; i < 12; ++i) {
        state.flights.push_back(copied);
        state.flights.back().message = EventId(20 + i);
    }
    const auto pane = sized(640, 200);
    const auto layout = placeNodes(sample::about(5), state, pane);
    ASSERT_EQ(layout.size, CardSize::Medium);
    const auto drawing = topology(sample::about(5), state, nullptr, pane, FixedMeasure());
    std::vector<Rect> taken;
    for (const auto& [node, card] : layout.nodes) {
        taken.push_back(card.grown(-3)); // at the door it touches the border
    }
    std::size_t dots = 0;
    for (const auto& item : drawing.items) {
        if (item.subject.kind != Subject::Kind::Flight) {
            continue;
        }
        dots += std::holds_alternative<EllipseItem>(item.shape) ? 1 : 0;
        if (const auto* rect = std::get_if<RectItem>(&item.shape)) {
            for (const auto& other : taken) {
                EXPECT_FALSE(rect->rect.overlaps(other));
            }
            taken.push_back(rect->rect);
        }
    }
    EXPECT_GT(taken.size(), layout.nodes.size()) << "where there is room it says what it is";
    EXPECT_GT(dots, 0U);
    EXPECT_EQ(dots + taken.size() - layout.nodes.size(), state.flights.size());
}

TEST(Topology, OfWhatDiedOnOneWayTheNewestHasWords)
{
    sample::Author author(5);
    const auto payload = node::makePayload(sample::Message(sample::Ask{3}));
    for (int i = 0; i < 6; ++i) {
        const auto at = 400ms + i * 3ms;
        const auto send = author.put(at, NodeId(4), trace::Kind::Send, {}, NodeId(2), 0, payload);
        author.put(at + 1ms, NodeId(4), trace::Kind::Drop, send, NodeId(2), 1, payload);
    }
    auto state = sample::cluster();
    state.event = EventId(12);
    auto options = sized(1000, 420);
    options.falling = 100ms;
    options.now = Instant(420ms);
    std::size_t words = 0;
    std::size_t dots = 0;
    for (const auto& item :
         topology(sample::about(5), state, author.trace().get(), options, FixedMeasure()).items) {
        if (item.subject.kind == Subject::Kind::Message) {
            words += std::holds_alternative<TextItem>(item.shape) ? 1 : 0;
            dots += std::holds_alternative<EllipseItem>(item.shape) ? 1 : 0;
        }
    }
    EXPECT_EQ(words, 1U);
    EXPECT_EQ(dots, 5U);
}

TEST(Topology, CutsAreDashedWithScissorsAndOneWayOnesHaveArrows)
{
    const auto drawing =
        topology(sample::about(5), sample::cluster(), nullptr, sized(1000, 420), FixedMeasure());
    int scissors = 0;
    int arrows = 0;
    for (const auto& item : drawing.items) {
        if (item.subject.kind != Subject::Kind::Link) {
            continue;
        }
        const auto* mark = std::get_if<MarkItem>(&item.shape);
        scissors += mark != nullptr && mark->mark == Mark::Cut ? 1 : 0;
        const auto* line = std::get_if<LineItem>(&item.shape);
        arrows += line != nullptr && line->arrow ? 1 : 0;
        if (line != nullptr && line->stroke.ink == Ink::Bad) {
            EXPECT_EQ(line->stroke.dash, Dash::Dashed);
        }
    }
    EXPECT_EQ(scissors, 2);
    EXPECT_EQ(arrows, 2) << "one that is cut, one that still carries";
}

TEST(Topology, AMessageThatDiedFallsForAWhile)
{
    sample::Author author(5);
    const auto payload = node::makePayload(sample::Message(sample::Ask{3}));
    const auto send = author.put(400ms, NodeId(4), trace::Kind::Send, {}, NodeId(2), 0, payload);
    author.put(410ms, NodeId(4), trace::Kind::Drop, send, NodeId(2), 1, payload);
    auto state = sample::cluster();
    state.event = EventId(2);
    auto options = sized(1000, 420);
    options.falling = 20ms;
    const auto yAt = [&](Instant now) {
        options.now = now;
        for (const auto& item :
             topology(sample::about(5), state, author.trace().get(), options, FixedMeasure())
                 .items) {
            const auto* rect = std::get_if<RectItem>(&item.shape);
            if (item.subject.kind == Subject::Kind::Message && rect != nullptr) {
                return rect->rect.y;
            }
        }
        return -1.0;
    };
    const double first = yAt(Instant(411ms));
    const double later = yAt(Instant(425ms));
    EXPECT_GT(first, 0);
    EXPECT_GT(later, first);
    EXPECT_EQ(yAt(Instant(440ms)), -1.0) << "it is gone";
}

TEST(Topology, ManyClientsShareOneCard)
{
    auto state = sample::cluster();
    for (std::uint32_t i = 1; i <= 60; ++i) {
        trace::NodeState client;
        client.id = clientId(i);
        state.nodes.push_back(client);
    }
    const auto drawing =
        topology(sample::about(5), state, nullptr, sized(1000, 420), FixedMeasure());
    EXPECT_TRUE(hasText(drawing, "60 clients"));
}

TEST(Topology, ACardSaysWhatPartFallsOnItsNode)
{
    auto state = sample::cluster();
    state.nodes[4].state =
        describe::toValue(test::Spreader{{{NodeId(2), {0.126}}, {NodeId(3), {0.874}}}});
    for (const auto& pane : {sized(1000, 420), sized(360, 240)}) {
        const auto layout = placeNodes(sample::about(5), state, pane);
        const auto drawing = topology(sample::about(5), state, nullptr, pane, FixedMeasure());
        for (const auto& [number, text] : {std::pair(2U, "13%"), std::pair(3U, "87%")}) {
            const auto& card = layout.nodes.at(NodeId(number));
            const TextItem* share = nullptr;
            const TextItem* epoch = nullptr;
            for (const auto& item : drawing.items) {
                const auto* words = std::get_if<TextItem>(&item.shape);
                if (words != nullptr && item.subject.node == NodeId(number)) {
                    share = words->text == text ? words : share;
                    epoch = words->text == (number == 2 ? "T2" : "T3") ? words : epoch;
                }
            }
            ASSERT_NE(share, nullptr) << text;
            ASSERT_NE(epoch, nullptr);
            EXPECT_GT(share->at.x, card.x);
            EXPECT_LT(share->at.x + 15, epoch->at.x) << "beside the epoch, not on it";
        }
        EXPECT_FALSE(hasText(drawing, "0%")) << "of the others nothing is said";
    }
}

TEST(Topology, CardsCanBePutAnywhereInThePicture)
{
    auto options = sized(1000, 420);
    options.positions = {{NodeId(2), {0.25, 0.5}}, {NodeId(3), {0.0, 0.0}}};
    const auto layout = placeNodes(sample::about(5), sample::cluster(), options);
    EXPECT_NEAR(layout.nodes.at(NodeId(2)).centre().x, 250, 1);
    EXPECT_NEAR(layout.nodes.at(NodeId(2)).centre().y, 210, 1);
    EXPECT_GE(layout.nodes.at(NodeId(3)).x, 0) << "no card leaves the picture";
}

} // namespace
} // namespace lightcone::picture
