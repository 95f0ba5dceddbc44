#include "engine/describe/text.h"
#include "engine/trace/formats/lightcone_file.h"
#include "engine/trace/hash.h"
#include "tests/support/synthetic_run.h"
#include "tests/support/trace_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace lightcone::trace::formats {
namespace {

using testing::HasSubstr;

/// A run of the made-up cluster, saved while it goes on, with the truth kept at some events.
struct Recording
{
    explicit Recording(const synthetic::Plan& plan, std::uint64_t events, std::uint64_t every = 1)
        : run(plan)
        , writer(out, *run.trace)
    {
        for (const auto& [node, member] : run.members()) {
            tell({}, node);
        }
        run.afterEvent = [this, every](EventId id, NodeId node) {
            tell(id, node);
            if (id.value % every == 0) {
                truth[id] = run.state();
                truth[id].rules = rulesAt(id);
            }
            if (id.value % 3000 == 0) {
                writer.advance(id);
            }
        };
        run.until(events);
        last = EventId(run.trace->size());
        EXPECT_TRUE(writer.finish(last));
        bytes = out.str();
    }

    static std::vector<std::string> rulesAt(EventId id)
    {
        return {"hold Vote from n" + std::to_string(id.value / 100 % 5)};
    }

    void tell(EventId id, NodeId node)
    {
        auto& states = writer.states();
        if (!isClient(node) && node) {
            const auto state = run.nodeState(node);
            const bool started = state.state.exists();
            states.node(id, state, started ? state.state.shape() : nullptr,
                        started ? describe::toBytes(run.members().at(node).state) : Bytes{});
        }
        if (const auto flight = run.flights().find(id); flight != run.flights().end()) {
            states.flight(id, id, flight->second.due, flight->second.held);
        }
        states.links(id, run.links());
        states.rules(id, rulesAt(id));
    }

    std::ostringstream out;
    synthetic::Run run;
    LightconeWriter writer;
    std::map<EventId, ClusterState> truth;
    EventId last;
    Bytes bytes;
};

Opened openBytes(const Bytes& bytes)
{
    auto opened = readLightcone(bytes, "run.lightcone");
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
}

std::string errorOf(const Bytes& bytes)
{
    const auto opened = readLightcone(bytes, "run.lightcone");
    return opened ? "opened" : opened.error().text();
}

TEST(LightconeFile, GivesBackEveryEvent)
{
    const auto trace = synthetic::makeTrace({.seed = 4, .loss = 0.1, .duplicates = 0.1}, 50000);
    std::ostringstream out;
    ASSERT_TRUE(saveLightcone(out, *trace, EventId(trace->size())));
    const auto opened = openBytes(out.str());
    EXPECT_EQ(opened.damage, std::nullopt);
    EXPECT_EQ(opened.states, nullptr);
    EXPECT_EQ(opened.trace->lanes().size(), 0U);
    expectSameEvents(*opened.trace, *trace, trace->size());
    EXPECT_EQ(opened.hash, traceHash(*trace));
    EXPECT_EQ(traceHash(*opened.trace), traceHash(*trace));
    std::ostringstream again;
    ASSERT_TRUE(saveLightcone(again, *opened.trace, EventId(trace->size())));
    EXPECT_EQ(again.str(), out.str());
}

/// A run in which each of so many clients is noted once; their numbers are anything.
Bytes ofClients(std::uint32_t count)
{
    Trace trace(About{});
    for (std::uint32_t i = 0; i < count; ++i) {
        Event event;
        event.kind = Kind::Note;
        event.node = NodeId(0xFFFFFFFF - 977 * i);
        trace.record(EventId(i + 1), event);
    }
    std::ostringstream out;
    LightconeWriter writer(out, trace);
    EXPECT_TRUE(writer.finish(EventId(count)));
    return out.str();
}

TEST(LightconeFile, HoldsClientsThatDrewTheirNumbers)
{
    const auto opened = openBytes(ofClients(300));
    EXPECT_FALSE(opened.damage) << *opened.damage;
    ASSERT_EQ(opened.trace->size(), 300U);
    EXPECT_EQ((*opened.trace)[EventId(1)].node, NodeId(0xFFFFFFFF));
    EXPECT_EQ((*opened.trace)[EventId(300)].node, NodeId(0xFFFFFFFF - 977 * 299));
    EXPECT_EQ(opened.trace->about().nameOf(NodeId(0xFFFFFFFF)), "c1");
    EXPECT_EQ(opened.trace->about().nameOf(NodeId(0xFFFFFFFF - 977 * 299)), "c300");
}

TEST(LightconeFile, DoesNotBelieveInMoreClientsThanCanBe)
{
    const auto opened = openBytes(ofClients(80'000));
    ASSERT_TRUE(opened.damage);
    EXPECT_LE(opened.trace->size(), 65'536U);
    EXPECT_GT(opened.trace->size(), 40'000U);
}

TEST(LightconeFile, SavesABeginningAndNothingAtAll)
{
    const auto trace = synthetic::makeTrace({}, 500);
    for (const std::uint64_t last : {0, 1, 317}) {
        std::ostringstream out;
        ASSERT_TRUE(saveLightcone(out, *trace, EventId(last)));
        const auto opened = openBytes(out.str());
        EXPECT_EQ(opened.damage, std::nullopt);
        expectSameEvents(*opened.trace, *trace, last);
    }
}

TEST(LightconeFile, SaysWhatTheRunIsWithoutKnowingItsProtocol)
{
    const auto trace = synthetic::makeTrace({.seed = 77}, 100);
    std::ostringstream out;
    ASSERT_TRUE(saveLightcone(out, *trace, EventId(100)));
    const auto opened = openBytes(out.str());
    const auto& about = opened.trace->about();
    const auto& truth = trace->about();
    EXPECT_EQ(about.card.id, "synthetic");
    EXPECT_EQ(about.card.title, truth.card.title);
    EXPECT_EQ(about.card.family, truth.card.family);
    EXPECT_EQ(about.card.summary, truth.card.summary);
    EXPECT_EQ(about.card.sources, truth.card.sources);
    ASSERT_EQ(about.card.roles.size(), 2U);
    EXPECT_EQ(about.card.roles[1].text, "leads");
    EXPECT_EQ(about.card.layout, truth.card.layout);
    ASSERT_EQ(about.card.parameters.size(), 1U);
    EXPECT_EQ(about.card.parameters[0].byDefault, truth.card.parameters[0].byDefault);
    ASSERT_EQ(about.card.requests.size(), 1U);
    EXPECT_EQ(about.card.requests[0].sample, "put x 1");
    EXPECT_EQ(about.card.requests[0].byDefault, truth.card.requests[0].byDefault);
    EXPECT_EQ(about.card.invariants.at(0).source, "nobody 2024");
    EXPECT_EQ(about.card.mistakes.at(0).caughtBy, "order");
    EXPECT_EQ(about.card.timers, truth.card.timers);
    for (const auto shape : {&node::Card::state, &node::Card::message, &node::Card::request,
                             &node::Card::reply, &node::Card::write}) {
        EXPECT_EQ(describe::fingerprint(*(about.card.*shape)),
                  describe::fingerprint(*(truth.card.*shape)));
    }
    ASSERT_EQ(about.members.size(), 5U);
    EXPECT_EQ(about.members[0].role, "first");
    EXPECT_EQ(about.members[4].tier, 2U);
    EXPECT_TRUE(about.members[4].takesRequests);
    EXPECT_FALSE(about.members[4].spare);
    EXPECT_EQ(about.clients, truth.clients);
    EXPECT_EQ(about.parameters, truth.parameters);
    EXPECT_EQ(about.seed, 77U);
    EXPECT_EQ(about.scenario, truth.scenario);
    EXPECT_EQ(about.origin, "simulated");
}

TEST(LightconeFile, KnowsTheStateAtEveryEvent)
{
    const Recording recording({.seed = 5, .faults = 0.02}, 9000);
    const auto opened = openBytes(recording.bytes);
    ASSERT_NE(opened.states, nullptr);
    Dice dice(1);
    for (int i = 0; i < 300; ++i) {
        const EventId id(1 + dice.below(recording.last.value));
        expectSameState(opened.states->at(id), recording.truth.at(id));
    }
    for (std::uint64_t i = 4000; i < 4400; ++i) {
        expectSameState(opened.states->at(EventId(i)), recording.truth.at(EventId(i)));
    }
    const auto before = opened.states->at(EventId{});
    ASSERT_EQ(before.nodes.size(), 5U);
    EXPECT_EQ(before.nodes[0].life, Life::NotStarted);
    EXPECT_FALSE(before.nodes[0].state.exists());
}

TEST(LightconeFile, KnowsTheStatesOfALongRunAcrossBlocks)
{
    const Recording recording({.seed = 6, .faults = 0.01}, 60000, 499);
    const auto opened = openBytes(recording.bytes);
    for (const auto& [id, truth] : recording.truth) {
        expectSameState(opened.states->at(id), truth);
    }
    for (auto each = recording.truth.rbegin(); each != recording.truth.rend(); ++each) {
        expectSameState(opened.states->at(each->first), each->second);
    }
}

TEST(LightconeFile, AnOpenedFileSavesItsStatesAgain)
{
    const Recording recording({.seed = 7, .faults = 0.02}, 40000, 333);
    const auto opened = openBytes(recording.bytes);
    std::ostringstream out;
    SaveOptions options;
    options.states = opened.states.get();
    ASSERT_TRUE(saveLightcone(out, *opened.trace, recording.last, options));
    const auto again = openBytes(out.str());
    EXPECT_EQ(again.damage, std::nullopt);
    for (const auto& [id, truth] : recording.truth) {
        expectSameState(again.states->at(id), truth);
    }
}

/// Tells states as a source does that knows no better way than one after the other.
class Remembered final : public StateSource
{
public:
    explicit Remembered(const std::map<EventId, ClusterState>& states)
        : m_states(&states)
    {
    }
    [[nodiscard]] ClusterState at(EventId id) const override
    {
        const auto found = m_states->find(id);
        return found != m_states->end() ? found->second : ClusterState{};
    }

private:
    const std::map<EventId, ClusterState>* m_states;
};

TEST(LightconeFile, SavesFromAnySourceOfStates)
{
    const Recording recording({.seed = 8, .faults = 0.02}, 3000);
    const Remembered source(recording.truth);
    std::ostringstream out;
    SaveOptions options;
    options.states = &source;
    ASSERT_TRUE(saveLightcone(out, *recording.run.trace, recording.last, options));
    const auto opened = openBytes(out.str());
    for (const auto& [id, truth] : recording.truth) {
        expectSameState(opened.states->at(id), truth);
    }
}

TEST(LightconeFile, AFlightThatNobodyToldAboutArrivesWhenTheTraceSays)
{
    const auto trace = synthetic::makeTrace({.seed = 9, .loss = 0}, 400);
    std::ostringstream out;
    LightconeWriter writer(out, *trace);
    NodeState node;
    node.id = NodeId(1);
    writer.states().node(EventId{}, node, nullptr, {});
    ASSERT_TRUE(writer.finish(EventId(trace->size())));
    const auto opened = openBytes(out.str());
    const auto state = opened.states->at(EventId(200));
    ASSERT_FALSE(state.flights.empty());
    unsigned arrived = 0;
    for (const auto& flight : state.flights) {
        forEach(*trace, flight.message, EventId(trace->size()), [&](EventId, const Event& event) {
            if (event.kind == Kind::Deliver && event.cause == flight.message) {
                ++arrived;
                EXPECT_EQ(flight.due, event.at);
            }
        });
    }
    EXPECT_GT(arrived, 0U);
}

TEST(LightconeFile, ADriftingClockDriftsBetweenSteps)
{
    Trace trace(synthetic::aboutOf({}));
    for (std::uint64_t i = 1; i <= 3; ++i) {
        Event event;
        event.at = Instant(Duration(1'000'000'000 * static_cast<std::int64_t>(i)));
        trace.record(EventId(i), event);
    }
    std::ostringstream out;
    LightconeWriter writer(out, trace);
    NodeState node;
    node.id = NodeId(1);
    node.clockRate = 1.001;
    node.clockOffset = Duration(5'000'000);
    node.disk = "slow";
    writer.states().node(EventId(1), node, nullptr, {});
    ASSERT_TRUE(writer.finish(EventId(3)));
    const auto opened = openBytes(out.str());
    const auto at = [&](std::uint64_t id) { return opened.states->at(EventId(id)).nodes.at(0); };
    EXPECT_EQ(at(1).clockOffset, Duration(5'000'000));
    EXPECT_EQ(at(3).clockOffset, Duration(7'000'000));
    EXPECT_EQ(at(3).clockRate, 1.001);
    EXPECT_EQ(at(3).disk, "slow");
}

TEST(LightconeFile, KeepsTheLanes)
{
    const auto trace = synthetic::makeTrace({}, 1000)->fork(EventId(1000), "a test");
    auto& lanes = trace->lanes();
    lanes.append({EventId(3), NodeId(1), Life::Up, describe::Tone::Calm, 0, 0});
    lanes.append({EventId(30), NodeId(2), Life::Up, describe::Tone::Strong, 1, 7});
    lanes.append({EventId(990), NodeId(2), Life::Crashed, describe::Tone::Bad, 2, 9});
    std::ostringstream out;
    ASSERT_TRUE(saveLightcone(out, *trace, EventId(500)));
    const auto opened = openBytes(out.str());
    const auto& read = opened.trace->lanes();
    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read[1].event, EventId(30));
    EXPECT_EQ(read[1].node, NodeId(2));
    EXPECT_TRUE(read[1].looksLike(lanes[1]));
}

TEST(LightconeFile, APayloadOutlivesItsTrace)
{
    const auto trace = synthetic::makeTrace({}, 300);
    std::ostringstream out;
    ASSERT_TRUE(saveLightcone(out, *trace, EventId(300)));
    node::PayloadPtr kept;
    std::string expected;
    {
        const auto opened = openBytes(out.str());
        for (std::uint64_t i = 1; i <= 300 && !kept; ++i) {
            kept = (*opened.trace)[EventId(i)].payload;
        }
        ASSERT_NE(kept, nullptr);
        expected = describe::toText(kept->describe());
    }
    EXPECT_EQ(describe::toText(kept->describe()), expected);
}

TEST(LightconeFile, PayloadsAreReadOnManyThreads)
{
    const auto trace = synthetic::makeTrace({}, 20000);
    std::ostringstream out;
    ASSERT_TRUE(saveLightcone(out, *trace, EventId(trace->size())));
    const auto opened = openBytes(out.str());
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] { EXPECT_EQ(traceHash(*opened.trace), opened.hash); });
    }
    for (auto& reader : readers) {
        reader.join();
    }
}

TEST(LightconeFile, CutAnywhereItOpensUpToThere)
{
    const Recording recording({.seed = 10}, 40000, 1000);
    const auto whole = openBytes(recording.bytes);
    std::uint64_t most = 0;
    const auto step = recording.bytes.size() / 60;
    for (std::size_t size = 17; size < recording.bytes.size() - 16; size += step) {
        const auto cut = readLightcone(recording.bytes.substr(0, size), "cut.lightcone");
        if (!cut) {
            EXPECT_THAT(cut.error().text(), HasSubstr("nothing can be read")) << size;
            EXPECT_EQ(most, 0U);
            continue;
        }
        ASSERT_TRUE(cut->damage) << size;
        const auto events = cut->trace->size();
        EXPECT_GE(events, most);
        most = events;
        expectSameEvents(*cut->trace, *recording.run.trace, events);
        if (cut->states) {
            for (const auto& [id, truth] : recording.truth) {
                const auto state = cut->states->at(std::min(id, EventId(events)));
                EXPECT_EQ(state.event, std::min(id, EventId(events)));
            }
        }
    }
    EXPECT_GT(most, 30000U);
}

TEST(LightconeFile, SaysInOneSentenceWhatACutTook)
{
    const Recording recording({.seed = 10}, 40000, 1000);
    const auto cut = openBytes(recording.bytes.substr(0, recording.bytes.size() - 20));
    EXPECT_EQ(cut.trace->size(), recording.last.value);
    ASSERT_TRUE(cut.damage);
    EXPECT_THAT(*cut.damage,
                testing::MatchesRegex("The file ends too early, in the part that begins at byte "
                                      "[0-9,]+: what came after event 40,00[0-9] is lost."));
    const auto half = openBytes(recording.bytes.substr(0, recording.bytes.size() / 2));
    ASSERT_TRUE(half.damage);
    EXPECT_THAT(*half.damage, HasSubstr("what came after event 16,384 is lost."));
}

TEST(LightconeFile, AFlippedBitAnywhereIsNoticedAndNeverBelieved)
{
    const Recording recording({.seed = 11}, 20000, 5000);
    Dice dice(3);
    unsigned shorter = 0;
    for (int i = 0; i < 250; ++i) {
        auto bytes = recording.bytes;
        const auto place = i < 60 ? static_cast<std::size_t>(i) : dice.below(bytes.size());
        bytes[place] = static_cast<char>(bytes[place] ^ (1 << dice.below(8)));
        const auto opened = readLightcone(bytes, "flipped.lightcone");
        if (!opened) {
            EXPECT_THAT(opened.error().text(), testing::StartsWith("flipped.lightcone: "));
            continue;
        }
        const bool trailer = place >= bytes.size() - 16;
        EXPECT_EQ(opened->damage.has_value(), !trailer) << "byte " << place;
        expectSameEvents(*opened->trace, *recording.run.trace, opened->trace->size());
        shorter += opened->trace->size() < recording.last.value ? 1 : 0;
        if (opened->states) {
            for (const auto& [id, truth] : recording.truth) {
                if (id.value <= opened->trace->size()) {
                    const auto state = opened->states->at(id);
                    ASSERT_EQ(state.nodes.size(), 5U);
                    EXPECT_EQ(state.nodes[1].life, truth.nodes[1].life);
                    if (state.nodes[1].state.exists()) {
                        expectSameState(state, truth);
                    }
                }
            }
        }
    }
    EXPECT_GT(shorter, 50U);
}

TEST(LightconeFile, SaysWhichEventsAFlippedBitTook)
{
    const auto trace = synthetic::makeTrace({.seed = 11}, 40000);
    std::ostringstream out;
    ASSERT_TRUE(saveLightcone(out, *trace, EventId(40000)));
    auto bytes = out.str();
    const auto second = bytes.find("LCbk", bytes.size() * 2 / 5);
    bytes[second + 100] = static_cast<char>(bytes[second + 100] ^ 1);
    const auto opened = openBytes(bytes);
    ASSERT_TRUE(opened.damage);
    EXPECT_THAT(
        *opened.damage,
        testing::MatchesRegex("The file is damaged in the part that begins at byte [0-9,]+: "
                              "events (16,385|32,769) to 40,000 are lost."));
}

TEST(LightconeFile, LosingStatesKeepsEventsAndSaysWhichStates)
{
    const Recording recording({.seed = 12}, 40000, 1000);
    auto bytes = recording.bytes;
    std::size_t place = 0;
    for (place = bytes.find("LCbk"); bytes[place + 4] != 5; place = bytes.find("LCbk", place + 1)) {
    }
    bytes[place + 90] = static_cast<char>(bytes[place + 90] ^ 4);
    const auto opened = openBytes(bytes);
    EXPECT_EQ(opened.trace->size(), recording.last.value);
    ASSERT_TRUE(opened.damage);
    EXPECT_THAT(*opened.damage, HasSubstr("the nodes' states at events 1 to 16,384 are lost."));
    const auto lost = opened.states->at(EventId(9000));
    EXPECT_EQ(lost.nodes[2].life, recording.truth.at(EventId(9000)).nodes[2].life);
    EXPECT_FALSE(lost.nodes[2].state.exists());
    EXPECT_EQ(lost.flights.size(), recording.truth.at(EventId(9000)).flights.size());
    expectSameState(opened.states->at(EventId(20000)), recording.truth.at(EventId(20000)));
}

TEST(LightconeFile, RefusesWhatIsNoneWithAReason)
{
    EXPECT_EQ(errorOf(""),
              "run.lightcone: is no Lightcone file: it does not begin with the mark of one");
    EXPECT_EQ(errorOf("cluster raft nodes=5"),
              "run.lightcone: is no Lightcone file: it does not begin with the mark of one");
    const auto trace = synthetic::makeTrace({}, 10);
    std::ostringstream out;
    ASSERT_TRUE(saveLightcone(out, *trace, EventId(10)));
    const auto whole = out.str();
    EXPECT_EQ(errorOf(whole.substr(0, 5)),
              "run.lightcone: ends at byte 5, within its first 16: nothing can be read");
    EXPECT_EQ(errorOf(whole.substr(0, 30)),
              "run.lightcone: is damaged at byte 16, where it says what "
              "it is a run of: nothing can be read");
    auto other = whole;
    other[9] = 1;
    EXPECT_EQ(errorOf(other),
              "run.lightcone: is damaged at byte 8, in its version: nothing can be read");
    EXPECT_EQ(openLightcone("/does/not/exist.lightcone").error().text(),
              "/does/not/exist.lightcone: does not exist");
    EXPECT_EQ(openLightcone("/").error().text(), "/: is not a file");
}

class TemporaryFolder
{
public:
    TemporaryFolder()
        : path(std::filesystem::temp_directory_path()
               / ("lightcone_file_test_" + std::to_string(::getpid())))
    {
        std::filesystem::create_directories(path);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

TEST(LightconeFile, SavesToAFileAndGlancesAtIt)
{
    const TemporaryFolder folder;
    const auto path = (folder.path / "run.lightcone").string();
    const auto trace = synthetic::makeTrace({.seed = 21}, 5000);
    double progress = 0;
    SaveOptions options;
    options.watch.report = [&](double done) {
        EXPECT_GE(done, progress);
        progress = done;
    };
    ASSERT_TRUE(saveLightcone(path, *trace, EventId(4000), options));
    EXPECT_EQ(progress, 1.0);
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
    const auto glance = glanceAt(path);
    ASSERT_TRUE(glance) << glance.error().text();
    EXPECT_EQ(glance->events, 4000U);
    EXPECT_EQ(glance->about.seed, 21U);
    const auto opened = openLightcone(path);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->trace->size(), 4000U);

    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
    EXPECT_EQ(glanceAt(path)->events, std::nullopt);
    std::filesystem::resize_file(path, 40);
    EXPECT_THAT(glanceAt(path).error().text(), HasSubstr("nothing can be read"));
    std::filesystem::resize_file(path, 0);
    EXPECT_THAT(glanceAt(path).error().text(), HasSubstr("is no Lightcone file"));
}

TEST(LightconeFile, ACancelledSaveLeavesWhatWasThere)
{
    const TemporaryFolder folder;
    const auto path = (folder.path / "run.lightcone").string();
    const auto trace = synthetic::makeTrace({}, 1000);
    ASSERT_TRUE(saveLightcone(path, *trace, EventId(100)));
    SaveOptions options;
    options.watch.cancelled = [] { return true; };
    const auto saved = saveLightcone(path, *trace, EventId(1000), options);
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().text(), path + ": saving was cancelled");
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
    EXPECT_EQ(openLightcone(path)->trace->size(), 100U);
    EXPECT_EQ(saveLightcone("/does/not/exist/run.lightcone", *trace, EventId(1)).error().text(),
              "/does/not/exist/run.lightcone: cannot be written here");
    Watch watch;
    watch.cancelled = [] { return true; };
    EXPECT_EQ(openLightcone(path, watch).error().text(), path + ": was not opened: cancelled");
}

} // namespace
} // namespace lightcone::trace::formats
