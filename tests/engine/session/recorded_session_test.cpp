#include "engine/session/open.h"
#include "engine/session/recorded_session.h"
#include "engine/trace/formats/lightcone_file.h"
#include "engine/trace/hash.h"
#include "tests/engine/session/ring_plan.h"
#include "tests/engine/session/watched.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace lightcone::session {
namespace {

using std::chrono::milliseconds;

/// A file that is gone when the test is.
class TemporaryFile
{
public:
    explicit TemporaryFile(const std::string& name)
        : m_path(std::filesystem::path(testing::TempDir()) / name)
    {
    }
    ~TemporaryFile() { std::filesystem::remove(m_path); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] std::string path() const { return m_path.string(); }

private:
    std::filesystem::path m_path;
};

/// A session that ran, was interfered with, and was saved.
Snapshot saveSession(const std::string& path)
{
    Watched watched(std::make_unique<SimulatedSession>(
        ringPlan("# A ring\ncluster ring seed=4\nsay \"Go.\"\nrun 300ms\nexpect n1.round > 0\n")));
    watched.session->play(unbounded);
    watched.until([](const Snapshot& each) { return !each.running && each.branch().events > 50; });
    EXPECT_TRUE(watched.act("crash n2"));
    watched.session->runFor(milliseconds(100));
    const auto end = watched.rest();
    const auto saved = watched.session->save(path, {});
    EXPECT_TRUE(saved) << saved.error().text();
    return end;
}

std::unique_ptr<RecordedSession> reopen(const std::string& path)
{
    static const std::array<const node::Protocol*, 1> known{&test::ringProtocol()};
    auto recording = openRecording(path);
    if (!recording) {
        throw std::runtime_error(recording.error().text());
    }
    return std::make_unique<RecordedSession>(std::move(*recording), known);
}

TEST(RecordedSession, ShowsWhatWasSaved)
{
    const TemporaryFile file("shows.lightcone");
    const auto before = saveSession(file.path());
    Watched watched(reopen(file.path()));
    const auto snapshot = watched.session->snapshot();
    EXPECT_EQ(snapshot.source, Source::Recorded);
    EXPECT_TRUE(snapshot.finished);
    EXPECT_EQ(snapshot.branch().events, before.branch().events);
    EXPECT_EQ(trace::traceHash(*snapshot.branch().trace), trace::traceHash(*before.branch().trace));
    ASSERT_EQ(snapshot.lessons.size(), 2U);
    EXPECT_EQ(snapshot.lessons[0].text, "Go.");
    EXPECT_EQ(snapshot.lessons[1].state, Lesson::State::Held);
    EXPECT_EQ(snapshot.checks.size(), 1U);
    EXPECT_GT(snapshot.branch().trace->lanes().size(), 0U);
    const auto state = watched.state(EventId(snapshot.branch().events));
    ASSERT_NE(state, nullptr);
    EXPECT_EQ(state->node(NodeId(2))->life, trace::Life::Crashed);
}

TEST(RecordedSession, TellsWhatWasNotJudgedAndSinceWhen)
{
    const TemporaryFile file("not_judged.lightcone");
    auto about = ringPlan("cluster ring\n")->about;
    about.scenario.clear();
    trace::Trace live(about);
    const auto tell = [&](std::uint16_t place, const std::string& why) {
        trace::Event event;
        event.kind = trace::Kind::Note;
        event.detail = trace::notJudged;
        event.tag = place;
        event.payload = node::makePayload(node::Text{why});
        live.record(EventId(live.size() + 1), event);
    };
    trace::Event note;
    note.node = NodeId(1);
    note.payload = node::makePayload(node::Text{"is no verdict"});
    live.record(EventId(1), note);
    tell(0, "n2 was killed");
    tell(0, "n3 was killed");
    tell(7, "no such invariant");
    ASSERT_TRUE(trace::formats::saveLightcone(file.path(), live, EventId(live.size()), {}));
    const auto snapshot = reopen(file.path())->snapshot();
    ASSERT_EQ(snapshot.checks.size(), 1U);
    EXPECT_FALSE(snapshot.checks[0].brokenAt);
    EXPECT_EQ(snapshot.checks[0].notJudgedFrom, EventId(2));
    EXPECT_EQ(snapshot.checks[0].notJudged, "n2 was killed");
}

TEST(RecordedSession, GoesOnAsASimulationOnABranchOfItsOwn)
{
    const TemporaryFile file("goes_on.lightcone");
    const auto before = saveSession(file.path());
    Watched watched(reopen(file.path()));
    const auto end = watched.session->snapshot().branch().events;
    EXPECT_EQ(watched.session->whyNot("crash n1"), std::nullopt);
    EXPECT_FALSE(watched.session->act("carsh n1", EventId(end)));
    ASSERT_TRUE(watched.session->act("restart n2", EventId(end)));
    const auto after =
        watched.until([](const Snapshot& each) { return each.branches.size() == 2; });
    EXPECT_EQ(after.problem, "");
    EXPECT_TRUE(after.branch().whatIf);
    EXPECT_FALSE(after.branches.front().whatIf);
    EXPECT_EQ(after.branches.front().events, end);
    EXPECT_EQ(trace::traceHash(*after.branches.front().trace),
              trace::traceHash(*before.branch().trace));
    EXPECT_EQ(after.branch().forkedAt, EventId(end));
    watched.session->runFor(milliseconds(200));
    EXPECT_GT(watched.rest().branch().events, end + 2);
    // What came of it replays as well.
    const auto scenario = watched.session->asScenario();
    ASSERT_TRUE(scenario);
    EXPECT_EQ(trace::traceHash(*performed(ringPlan(*scenario)).trace),
              trace::traceHash(*watched.rest().branch().trace));
}

TEST(RecordedSession, SaysWhyItCannotGoOn)
{
    const TemporaryFile file("cannot.lightcone");
    saveSession(file.path());
    auto recording = openRecording(file.path());
    ASSERT_TRUE(recording);
    // This build's own protocols do not hold the ring.
    Watched watched(std::make_unique<RecordedSession>(std::move(*recording)));
    const auto reason = watched.session->whyNot("crash n1");
    ASSERT_TRUE(reason);
    EXPECT_NE(reason->find("'ring' is no protocol"), std::string::npos) << *reason;
    watched.session->play(unbounded);
    const auto told = watched.until([](const Snapshot& each) { return !each.problem.empty(); });
    EXPECT_EQ(told.problem, *reason);
    EXPECT_EQ(told.branches.size(), 1U);
}

TEST(RecordedSession, DoesNotGoOnFromARunThatThisBuildDoesNotRepeat)
{
    const auto plan = ringPlan("cluster ring seed=4\nrun 100ms\n");
    const auto done = performed(plan);
    auto about = plan->about;
    about.scenario = "cluster ring seed=5\nrun 100ms\n";
    auto other = std::make_shared<trace::Trace>(about);
    for (std::uint64_t number = 1; number <= done.trace->size(); ++number) {
        other->record(EventId(number), (*done.trace)[EventId(number)]);
    }
    static const std::array<const node::Protocol*, 1> known{&test::ringProtocol()};
    Recording recording;
    recording.trace = other;
    Watched watched(std::make_unique<RecordedSession>(std::move(recording), known));
    watched.session->play(unbounded);
    const auto told = watched.until([](const Snapshot& each) { return !each.problem.empty(); });
    EXPECT_NE(told.problem.find("does not repeat the recorded run"), std::string::npos);
}

TEST(OpenFile, TellsScenariosFromRecordedRuns)
{
    const TemporaryFile run("tells.lightcone");
    saveSession(run.path());
    const auto recorded = openFile(run.path());
    ASSERT_TRUE(recorded) << recorded.error().text();
    EXPECT_EQ((*recorded)->snapshot().source, Source::Recorded);

    const TemporaryFile scenario("tells.scenario");
    std::ofstream(scenario.path()) << "cluster raft nodes=3\nrun 1s\n";
    const auto simulated = openFile(scenario.path());
    ASSERT_TRUE(simulated) << simulated.error().text();
    EXPECT_EQ((*simulated)->snapshot().source, Source::Simulated);

    std::ofstream(scenario.path()) << "cluster raft nodes=3\ncrahs n1\n";
    EXPECT_EQ(openFile(scenario.path()).error().text(),
              scenario.path() + ":2:1: 'crahs' is no verb: did you mean 'crash'?");
    std::ofstream(run.path()) << "not a run";
    EXPECT_FALSE(openFile(run.path()));
    EXPECT_FALSE(openFile("/nowhere/at_all.scenario"));
}

} // namespace
} // namespace lightcone::session
