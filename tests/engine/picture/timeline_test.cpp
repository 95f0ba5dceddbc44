#include "engine/picture/minimap.h"
#include "engine/picture/timeline.h"
#include "engine/trace/causality.h"
#include "engine/trace/clock_walk.h"
#include "tests/engine/picture/sample.h"

#include <gtest/gtest.h>

#include <set>

namespace lightcone::picture {
namespace {

using namespace std::chrono_literals;
using sample::FixedMeasure;

/// Five nodes and a client; a run as long as asked for, taken in once.
struct Story
{
    explicit Story(std::uint64_t events, std::uint32_t nodes = 5)
        : trace(sample::longRun(nodes, events))
        , index(trace)
    {
        index.grow();
        options.lanes = allLanes(index);
        options.showCursor = false;
        scale.width = 1600;
        scale.height = 600;
    }

    [[nodiscard]] Instant end() const { return (*trace)[EventId(index.size())].at; }
    [[nodiscard]] Drawing draw(Instant from, Instant to) const
    {
        return timeline(index, scale.fitted(from, to), options, measure);
    }

    std::shared_ptr<trace::Trace> trace;
    TimelineIndex index;
    TimelineOptions options;
    Scale scale;
    FixedMeasure measure;
};

const Story& million()
{
    static const Story run(1'000'000);
    return run;
}

template <class Shape>
std::size_t count(const Drawing& drawing, Subject::Kind kind)
{
    return static_cast<std::size_t>(std::ranges::count_if(drawing.items, [&](const Item& item) {
        return item.subject.kind == kind && std::holds_alternative<Shape>(item.shape);
    }));
}

TEST(TimelineIndex, FindsTheFirstEventAtOrAfterAnyInstant)
{
    const auto trace = sample::longRun(3, 3000);
    TimelineIndex index(trace);
    EXPECT_EQ(index.firstAtOrAfter(Instant{}), EventId(1));
    index.grow();
    const auto end = (*trace)[EventId(trace->size())].at - Instant{};
    std::uint64_t expected = 1;
    for (auto at = Instant{} - end / 10; at < Instant{} + end + end / 10; at += end / 5000) {
        while (expected <= trace->size() && (*trace)[EventId(expected)].at < at) {
            ++expected;
        }
        ASSERT_EQ(index.firstAtOrAfter(at), EventId(expected));
    }
}

TEST(Timeline, EachMessageInViewIsOneArrowFromLaneToLane)
{
    const Story run(3000);
    const Instant from(100ms);
    const Instant to(150ms);
    const auto scale = run.scale.fitted(from, to);
    const auto drawing = timeline(run.index, scale, run.options, run.measure);
    std::set<std::uint64_t> expected;
    for (std::uint64_t i = 1; i <= run.index.size(); ++i) {
        const auto& event = (*run.trace)[EventId(i)];
        const auto ended = run.index.index().endOf(EventId(i));
        if (event.kind == trace::Kind::Send && event.at <= scale.last()
            && (!ended || (*run.trace)[ended].at >= scale.first)) {
            expected.insert(i);
        }
    }
    std::set<std::uint64_t> drawn;
    for (const auto& item : drawing.items) {
        if (item.subject.kind == Subject::Kind::Message
            && std::holds_alternative<LineItem>(item.shape)) {
            drawn.insert(item.subject.event.value);
        }
    }
    EXPECT_GT(expected.size(), 30U);
    for (const auto send : drawn) {
        EXPECT_TRUE(expected.contains(send)) << send;
    }
    for (const auto send : expected) {
        const auto ended = run.index.index().endOf(EventId(send));
        // What died at once far to the left has a stub that is not in view.
        if (ended && (*run.trace)[ended].kind == trace::Kind::Deliver) {
            EXPECT_TRUE(drawn.contains(send)) << send;
        }
    }
}

TEST(Timeline, AnArrowsEndsStandAtItsInstants)
{
    const Story run(3000);
    const auto scale = run.scale.fitted(Instant(100ms), Instant(150ms));
    const auto drawing = timeline(run.index, scale, run.options, run.measure);
    std::size_t looked = 0;
    for (const auto& item : drawing.items) {
        const auto* line = std::get_if<LineItem>(&item.shape);
        if (item.subject.kind != Subject::Kind::Message || line == nullptr || !line->arrow
            || line->from.x <= scale.gutter) {
            continue;
        }
        const auto end = run.index.index().endOf(item.subject.event);
        EXPECT_NEAR(line->from.x, scale.x((*run.trace)[item.subject.event].at), 0.01);
        EXPECT_NEAR(line->to.x, scale.x((*run.trace)[end].at), 0.01);
        ++looked;
    }
    EXPECT_GT(looked, 20U);
}

TEST(Timeline, DeadMessagesEndInACross)
{
    const Story run(3000);
    const auto drawing = run.draw(Instant(100ms), Instant(400ms));
    std::size_t drops = 0;
    for (std::uint64_t i = 1; i <= run.index.size(); ++i) {
        const auto& event = (*run.trace)[EventId(i)];
        drops += event.kind == trace::Kind::Drop && event.at >= Instant(100ms)
                && event.at <= Instant(400ms)
            ? 1
            : 0;
    }
    std::size_t crosses = 0;
    for (const auto& item : drawing.items) {
        const auto* mark = std::get_if<MarkItem>(&item.shape);
        crosses += mark != nullptr && mark->mark == Mark::Death ? 1 : 0;
    }
    EXPECT_GT(drops, 5U);
    EXPECT_GE(crosses, drops);
}

TEST(Timeline, CrashesAreMarkedAndNamed)
{
    const Story run(3000);
    const auto drawing = run.draw(Instant(200ms), Instant(300ms));
    bool marked = false;
    bool named = false;
    for (const auto& item : drawing.items) {
        const auto* mark = std::get_if<MarkItem>(&item.shape);
        marked = marked || (mark != nullptr && mark->mark == Mark::Crash);
        const auto* text = std::get_if<TextItem>(&item.shape);
        named = named || (text != nullptr && text->text == "n1 crashed");
    }
    EXPECT_TRUE(marked);
    EXPECT_TRUE(named);
}

TEST(Timeline, LanesAreTintedByEpochFromTheEventOn)
{
    const Story run(3000);
    const auto scale = run.scale.fitted(Instant(200ms), Instant(300ms));
    const auto drawing = timeline(run.index, scale, run.options, run.measure);
    const auto lanes = run.index.lanes().at(NodeId(2));
    const auto leads = std::ranges::find_if(
        lanes, [](const trace::LaneChange& change) { return change.epoch == 2; });
    ASSERT_NE(leads, lanes.end());
    const double x = scale.x((*run.trace)[leads->event].at);
    bool begins = false;
    bool ends = false;
    for (const auto& item : drawing.items) {
        const auto* rect = std::get_if<RectItem>(&item.shape);
        if (item.subject.kind == Subject::Kind::Lane && item.subject.node == NodeId(2)
            && rect != nullptr) {
            begins = begins || (rect->fill.ink == epochInk(2) && std::abs(rect->rect.x - x) < 0.01);
            ends = ends
                || (rect->fill.ink == epochInk(1)
                    && std::abs(rect->rect.x + rect->rect.width - x) < 0.01);
        }
    }
    EXPECT_TRUE(begins);
    EXPECT_TRUE(ends);
}

TEST(Timeline, OperationsAreBarsFromRequestToReply)
{
    const Story run(3000);
    const auto scale = run.scale.fitted(Instant(100ms), Instant(150ms));
    const auto drawing = timeline(run.index, scale, run.options, run.measure);
    const auto& operation = run.index.operations().at(clientId(1))[11];
    const double from = scale.x((*run.trace)[operation.request].at);
    const double to = scale.x((*run.trace)[operation.reply].at);
    bool found = false;
    for (const auto& item : drawing.items) {
        const auto* rect = std::get_if<RectItem>(&item.shape);
        found = found
            || (item.subject.kind == Subject::Kind::Operation && rect != nullptr
                && std::abs(rect->rect.x - from) < 0.01
                && std::abs(rect->rect.width - (to - from)) < 0.01);
    }
    EXPECT_TRUE(found);
}

std::vector<const RectItem*> barsOf(const Drawing& drawing, EventId request)
{
    std::vector<const RectItem*> bars;
    for (const auto& item : drawing.items) {
        if (item.subject.kind == Subject::Kind::Operation && item.subject.event == request
            && std::holds_alternative<RectItem>(item.shape)) {
            bars.push_back(&std::get<RectItem>(item.shape));
        }
    }
    return bars;
}

TEST(Timeline, OperationsCarryTheMomentAtWhichTheyTookEffect)
{
    const Story run(3000);
    const auto& operations = run.index.operations().at(clientId(1));
    const auto& placed = operations[11];
    const auto& impossible = operations[12];
    const auto at = (*run.trace)[placed.request].at + 1ms;
    auto judged = std::make_shared<Linearization>();
    judged->points.push_back({placed.request, at});
    judged->impossible.push_back({impossible.request, impossible.reply});
    auto options = run.options;
    options.linearization = judged;
    const auto scale = run.scale.fitted(Instant(100ms), Instant(150ms));
    const auto drawing = timeline(run.index, scale, options, run.measure);
    const auto bars = barsOf(drawing, placed.request);
    ASSERT_EQ(bars.size(), 1U);
    EXPECT_NE(bars[0]->fill.ink, Ink::Bad);
    int pins = 0;
    for (const auto& item : drawing.items) {
        const auto* line = std::get_if<LineItem>(&item.shape);
        if (item.subject.kind == Subject::Kind::Operation && line != nullptr) {
            ++pins;
            EXPECT_EQ(item.subject.event, placed.request);
            EXPECT_NEAR(line->from.x, scale.x(at), 0.01);
            EXPECT_LE(line->from.y, bars[0]->rect.y);
            EXPECT_GE(line->to.y, bars[0]->rect.y + bars[0]->rect.height - 0.01);
        }
    }
    EXPECT_EQ(pins, 1);
    const auto red = barsOf(drawing, impossible.request);
    ASSERT_EQ(red.size(), 1U);
    EXPECT_EQ(red[0]->fill.ink, Ink::Bad);
}

TEST(Timeline, ThePinOfAnOperationDoesNotStrikeThroughItsWords)
{
    const Story run(3000);
    const auto& placed = run.index.operations().at(clientId(1))[11];
    const auto begin = (*run.trace)[placed.request].at;
    const auto length = (*run.trace)[placed.reply].at - begin;
    int words = 0;
    int pins = 0;
    for (int share = 0; share <= 20; ++share) {
        auto judged = std::make_shared<Linearization>();
        judged->points.push_back({placed.request, begin + length * share / 20});
        auto options = run.options;
        options.linearization = judged;
        const auto scale = run.scale.fitted(begin - 2ms, begin + length + 2ms);
        const auto drawing = timeline(run.index, scale, options, run.measure);
        const TextItem* text = nullptr;
        const LineItem* pin = nullptr;
        for (const auto& item : drawing.items) {
            if (item.subject.kind != Subject::Kind::Operation
                || item.subject.event != placed.request) {
                continue;
            }
            text = std::holds_alternative<TextItem>(item.shape) ? &std::get<TextItem>(item.shape)
                                                                : text;
            pin = std::holds_alternative<LineItem>(item.shape) ? &std::get<LineItem>(item.shape)
                                                               : pin;
        }
        ASSERT_NE(text, nullptr) << share;
        ++words;
        if (pin != nullptr) {
            ++pins;
            const auto right = text->at.x + run.measure.width(text->text, Typeface::Data, 10.5);
            EXPECT_TRUE(pin->from.x < text->at.x || pin->from.x > right) << share;
        }
    }
    EXPECT_EQ(words, 21);
    EXPECT_GT(pins, 15) << "the words make room for the pin";
}

TEST(Timeline, AnImpossibleOperationIsRedInABundleToo)
{
    const auto& run = million();
    const auto& operations = run.index.operations().at(clientId(1));
    const auto& impossible = operations[operations.size() / 2];
    auto judged = std::make_shared<Linearization>();
    judged->impossible.push_back({impossible.request, impossible.reply});
    auto options = run.options;
    options.linearization = judged;
    for (const auto length : {run.end() - Instant{}, Duration(2s)}) {
        const auto from = (*run.trace)[impossible.request].at - length / 2;
        const auto scale = run.scale.fitted(from, from + length);
        const auto drawing = timeline(run.index, scale, options, run.measure);
        int red = 0;
        for (const auto& item : drawing.items) {
            const auto* bar = std::get_if<RectItem>(&item.shape);
            if (bar != nullptr && item.subject.node == clientId(1) && bar->fill.ink == Ink::Bad) {
                ++red;
                EXPECT_GE(bar->rect.x + bar->rect.width,
                          scale.x((*run.trace)[impossible.request].at) - 1);
                EXPECT_LE(bar->rect.x, scale.x((*run.trace)[impossible.request].at) + 1);
            }
        }
        EXPECT_EQ(red, 1);
    }
}

TEST(Cone, ThePastIsWhatAnEventKnewOf)
{
    const Story run(3000);
    const auto reply = run.index.operations().at(clientId(1))[11].reply;
    const auto cone = Cone::of(run.index, reply);
    const auto past = cone.past();
    trace::Causality causality(run.trace);
    const auto before = causality.past(reply);
    for (std::uint64_t i = 1; i <= run.index.size(); ++i) {
        const auto node = (*run.trace)[EventId(i)].node;
        if (trace::isLocal((*run.trace)[EventId(i)])) {
            ASSERT_EQ(past.contains(node, EventId(i)),
                      EventId(i) == reply || before.contains(EventId(i)))
                << i;
        }
    }
}

class Zoom : public testing::TestWithParam<double>
{
};

TEST_P(Zoom, OfAMillionEventsAtMostSomeThousandThingsAreDrawn)
{
    const auto& run = million();
    const auto whole = run.end() - Instant{};
    const auto length =
        Duration(static_cast<std::int64_t>(static_cast<double>(whole.count()) * GetParam()));
    const Instant from = Instant{} + (whole - length) / 2;
    const auto drawing = run.draw(from, from + length);
    EXPECT_LT(drawing.items.size(), 9000U);
    EXPECT_GT(drawing.items.size(), 50U);
}
INSTANTIATE_TEST_SUITE_P(Levels, Zoom, testing::Values(1.0, 0.1, 0.01, 0.001, 0.0001));

TEST(Timeline, NothingIsLeftOutOfBundles)
{
    const auto& run = million();
    const auto drawing = run.draw(Instant{}, run.end());
    std::uint64_t bundled = 0;
    for (const auto& item : drawing.items) {
        if (item.subject.kind == Subject::Kind::Bundle && item.subject.peer
            && !isClient(item.subject.node) && item.subject.peer != item.subject.node
            && std::holds_alternative<RectItem>(item.shape)) {
            bundled += item.subject.count;
        }
    }
    std::uint64_t messages = 0;
    for (const auto& [route, list] : run.index.routes()) {
        messages += list.size();
    }
    EXPECT_EQ(bundled, messages);
}

TEST(Timeline, DensityCountsEveryEventOfALane)
{
    const auto& run = million();
    const auto drawing = run.draw(Instant{}, run.end());
    std::map<NodeId, std::uint64_t> counted;
    for (const auto& item : drawing.items) {
        if (item.subject.kind == Subject::Kind::Bundle && item.subject.peer == item.subject.node
            && item.subject.node && std::holds_alternative<RectItem>(item.shape)
            && std::get<RectItem>(item.shape).fill.ink == Ink::Text) {
            counted[item.subject.node] += item.subject.count;
        }
    }
    for (std::uint32_t node = 1; node <= 5; ++node) {
        EXPECT_EQ(counted[NodeId(node)], run.index.index().countOf(NodeId(node)));
    }
}

TEST(Timeline, LabelsDoNotLieOnEachOther)
{
    const auto& run = million();
    for (const auto to : {Instant(300ms), Instant(2s), Instant(20s), run.end()}) {
        const auto drawing = run.draw(Instant{}, to);
        std::vector<Rect> labels;
        for (const auto& item : drawing.items) {
            const auto* text = std::get_if<TextItem>(&item.shape);
            const bool bar = item.subject.kind == Subject::Kind::Operation;
            if (text == nullptr || text->align != Align::Left || text->at.x < run.scale.gutter
                || bar) {
                continue;
            }
            const double width = run.measure.width(text->text, text->face, text->size);
            const Rect rect{text->at.x, text->at.y - text->size * 0.8, width, text->size};
            EXPECT_LE(rect.x + rect.width, run.scale.width);
            for (const auto& other : labels) {
                EXPECT_FALSE(rect.overlaps(other)) << text->text;
            }
            labels.push_back(rect);
        }
    }
}

TEST(Timeline, FiftyLanesFitOrScroll)
{
    const Story run(5000, 50);
    EXPECT_EQ(run.options.lanes.size(), 51U);
    const auto places = placeLanes(51, 600);
    EXPECT_GE(places.spacing, 15);
    EXPECT_GT(places.mostScroll, 0);
    auto scrolled = run.options;
    scrolled.scroll = places.mostScroll;
    const auto drawing =
        timeline(run.index, run.scale.fitted(Instant{}, run.end()), scrolled, run.measure);
    bool last = false;
    for (const auto& item : drawing.items) {
        const auto* text = std::get_if<TextItem>(&item.shape);
        last = last || (text != nullptr && text->text == "c1" && text->at.y < 600);
    }
    EXPECT_TRUE(last);
}

TEST(Scale, ZoomingKeepsTheInstantUnderThePointer)
{
    Scale scale;
    for (const double factor : {0.5, 2.0, 0.01, 30.0}) {
        const auto zoomed = scale.zoomed(333, factor);
        EXPECT_NEAR(static_cast<double>((zoomed.at(333) - scale.at(333)).count()), 0, 2);
    }
    EXPECT_EQ(scale.zoomed(10, 1e-30).nanosecondsPerPixel, Scale::finest);
    EXPECT_EQ(scale.zoomed(10, 1e30).nanosecondsPerPixel, Scale::coarsest);
}

TEST(Timeline, AnEmptyTraceIsARulerOnly)
{
    const auto trace = std::make_shared<trace::Trace>(sample::about(3));
    TimelineIndex index(trace);
    index.grow();
    TimelineOptions options;
    options.lanes = allLanes(index);
    const auto drawing = timeline(index, Scale{}, options, FixedMeasure());
    EXPECT_GT(drawing.items.size(), 3U);
    EXPECT_EQ(count<LineItem>(drawing, Subject::Kind::Message), 0U);
}

TEST(Cone, IsWhatCausalitySays)
{
    const Story run(4000);
    trace::Causality causality(run.trace);
    for (const std::uint64_t apex : {1U, 41U, 777U, 2501U, 3998U}) {
        const auto cone = Cone::of(run.index, EventId(apex));
        const auto past = causality.past(EventId(apex));
        const auto future = causality.future(EventId(apex), EventId(run.index.size()));
        for (std::uint64_t i = 1; i <= run.index.size(); ++i) {
            const EventId id(i);
            const auto node = (*run.trace)[id].node;
            // The death of a message is no node's own: it goes with its cause.
            if (i == apex || (*run.trace)[id].kind == trace::Kind::Drop) {
                continue;
            }
            EXPECT_EQ(cone.inPast(node, id), past.contains(id)) << apex << " and " << i;
            EXPECT_EQ(cone.inFuture(node, id), future.contains(id)) << apex << " and " << i;
        }
    }
}

TEST(Timeline, TheConeLightsItsEventsAndDimsTheRest)
{
    Story run(3000);
    run.options.selected = EventId(200);
    run.options.lightCone = true;
    run.options.cone = Cone::of(run.index, EventId(200));
    const auto at = (*run.trace)[EventId(200)].at;
    const auto drawing = run.draw(at - 20ms, at + 20ms);
    std::size_t dimmed = 0;
    for (const auto& item : drawing.items) {
        if (item.subject.kind == Subject::Kind::Event && item.subject.event) {
            EXPECT_EQ(item.dimmed, !run.options.cone.contains(*run.trace, item.subject.event));
        }
        dimmed += item.dimmed ? 1 : 0;
    }
    EXPECT_GT(dimmed, 0U);
}

TEST(Timeline, TheSelectedNoteIsWrittenOnce)
{
    Story run(200, 3);
    trace::Event note{EventId(1), run.end(), NodeId(1), {}, trace::Kind::Note};
    note.payload = node::makePayload(node::Text{"votes for n2"});
    const EventId id(run.trace->size() + 1);
    run.trace->record(id, note);
    run.index.grow();
    for (const auto selected : {EventId{}, id}) {
        run.options.selected = selected;
        const auto drawing = run.draw(run.end() - 20ms, run.end() + 20ms);
        EXPECT_EQ(std::ranges::count_if(drawing.items,
                                        [](const Item& item) {
                                            const auto* text = std::get_if<TextItem>(&item.shape);
                                            return text != nullptr
                                                && text->text.find("votes for n2")
                                                != std::string::npos;
                                        }),
                  1);
    }
}

TEST(TimelineIndex, GrowsWithTheTrace)
{
    const Story whole(3000);
    auto part = whole.trace->fork(EventId(1000), "branch");
    TimelineIndex index(part);
    index.grow();
    EXPECT_EQ(index.size(), 1000U);
    for (std::uint64_t i = 1001; i <= whole.index.size(); ++i) {
        part->record(EventId(i), (*whole.trace)[EventId(i)]);
        if (i % 97 == 0) {
            index.grow();
        }
    }
    index.grow();
    EXPECT_EQ(index.routes(), whole.index.routes());
    EXPECT_EQ(index.notes(), whole.index.notes());
    EXPECT_EQ(index.landmarks(), whole.index.landmarks());
    for (const std::uint64_t at : {1U, 500U, 1700U, 2900U}) {
        EXPECT_EQ(index.underWayAt(EventId(at)), whole.index.underWayAt(EventId(at)));
    }
}

TEST(TimelineIndex, KnowsWhatIsUnderWay)
{
    const Story run(3000);
    for (const std::uint64_t at : {2U, 600U, 601U, 1500U, 2999U}) {
        std::vector<EventId> expected;
        for (std::uint64_t i = 1; i < at; ++i) {
            const auto& event = (*run.trace)[EventId(i)];
            const bool message = event.kind == trace::Kind::Send;
            const bool request = event.kind == trace::Kind::Request;
            if (!message && !request) {
                continue;
            }
            const auto end =
                message ? run.index.index().endOf(EventId(i)) : run.index.replyOf(EventId(i));
            if (!end || end.value >= at) {
                expected.emplace_back(i);
            }
        }
        EXPECT_EQ(run.index.underWayAt(EventId(at)), expected) << at;
    }
}

TEST(Minimap, ShowsTheViewAndTheFaults)
{
    const auto& run = million();
    const MinimapScale scale{1000, 30, run.end()};
    const auto drawing = minimap(run.index, scale, Instant(1s), Instant(9s), Instant(5s));
    EXPECT_LT(drawing.items.size(), 600U);
    const auto& view = std::get<RectItem>(drawing.items.back().shape);
    EXPECT_NEAR(view.rect.x, scale.x(Instant(1s)), 0.01);
    EXPECT_NEAR(view.rect.x + view.rect.width, std::max(scale.x(Instant(9s)), view.rect.x + 6),
                0.01);
    EXPECT_NEAR(static_cast<double>((scale.at(scale.x(Instant(7s))) - Instant(7s)).count()), 0, 2);
}

TEST(Branches, EachLeavesItsParentWhereItWasForked)
{
    const std::vector<BranchLine> lines{{1, 0, "main", Instant{}, Instant(100ms), false},
                                        {2, 1, "what if", Instant(40ms), Instant(90ms), true}};
    const auto drawing =
        branches(lines, 1000, 78, Instant(60ms), "Branches", sample::FixedMeasure());
    EXPECT_EQ(drawing.height, branchesHeight(2));
    EXPECT_EQ(branchesHeight(1), 0);
    for (const auto& item : drawing.items) {
        if (const auto* path = std::get_if<PathItem>(&item.shape)) {
            EXPECT_EQ(item.subject.count, 2U);
            EXPECT_LT(path->points.front().y, path->points.back().y);
        }
    }
    EXPECT_EQ(drawing.hit({500, drawing.height - 12}, 2).count, 2U);
}

} // namespace
} // namespace lightcone::picture
