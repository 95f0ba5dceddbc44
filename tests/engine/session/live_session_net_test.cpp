#include "engine/describe/text.h"
#include "engine/session/connect.h"
#include "engine/session/recorded_session.h"
#include "engine/session/recording.h"
#include "engine/trace/trace.h"
#include "tests/engine/live/loopback.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fmt/format.h>
#include <future>
#include <set>
#include <string>
#include <thread>

namespace lightcone::session {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using trace::Kind;

/// Real nodes on loopback, on a thread of their own.
class Nodes
{
public:
    explicit Nodes(live::testing::Loopback::Plan plan)
        : cluster(m_io, std::move(plan))
        , m_thread([this] { m_io.run(); })
    {
    }

    /// On the nodes' thread.
    template <class Work>
    auto run(Work work)
    {
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto result = task.get_future();
        boost::asio::post(m_io, [&] { task(); });
        return result.get();
    }

    ~Nodes()
    {
        run([&] {
            cluster.daemons.clear();
            return 0;
        });
        m_guard.reset();
        m_io.stop();
        m_thread.join();
    }

    [[nodiscard]] ConnectPlan plan()
    {
        ConnectPlan plan;
        plan.addresses = {cluster.members.front().control};
        return plan;
    }

private:
    boost::asio::io_context m_io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_guard{
        m_io.get_executor()};

public:
    live::testing::Loopback cluster;

private:
    std::thread m_thread;
};

bool eventually(const std::function<bool()>& holds)
{
    return live::testing::eventually(holds, milliseconds(60'000));
}

std::uint64_t countOf(const Session& session, const std::function<bool(const trace::Event&)>& is)
{
    const auto snapshot = session.snapshot();
    const auto& branch = snapshot.branch();
    std::uint64_t count = 0;
    for (std::uint64_t number = 1; number <= branch.events; ++number) {
        count += is((*branch.trace)[EventId(number)]) ? 1 : 0;
    }
    return count;
}

/// Of the clients that did something, as people read them.
std::set<std::string> clientsIn(const trace::Trace& trace)
{
    std::set<std::string> names;
    for (std::uint64_t number = 1; number <= trace.size(); ++number) {
        if (const auto node = trace[EventId(number)].node; isClient(node)) {
            names.insert(trace.about().nameOf(node));
        }
    }
    return names;
}

bool saw(const Session& session, const std::function<bool(const trace::Event&)>& is)
{
    return countOf(session, is) != 0;
}

StatePtr stateAt(Session& session, EventId event)
{
    std::promise<StatePtr> promise;
    session.stateAt(BranchId(1), event,
                    [&](StatePtr state) { promise.set_value(std::move(state)); });
    return promise.get_future().get();
}

std::size_t leadersIn(const trace::ClusterState& state)
{
    return static_cast<std::size_t>(std::ranges::count_if(state.nodes, [](const auto& node) {
        const auto* role = node.state.exists() ? node.state.find("role") : nullptr;
        return role != nullptr && describe::toText(*role) == "leader";
    }));
}

/// For the message of a test that failed.
std::string nodesOf(const Session& session)
{
    std::string text;
    for (const auto& node : session.snapshot().nodes) {
        text +=
            node.name + " " + std::to_string(static_cast<int>(node.state)) + " " + node.why + "\n";
    }
    return text;
}

std::size_t connected(const Session& session)
{
    const auto snapshot = session.snapshot();
    return static_cast<std::size_t>(
        std::ranges::count(snapshot.nodes, LiveNode::State::Connected, &LiveNode::state));
}

live::testing::Loopback::Plan three(bool allowFaults = true)
{
    return {"raft", {{"nodes", "3"}}, allowFaults};
}

TEST(LiveSession, WatchesAnElectionAndARequest)
{
    Nodes nodes(three());
    auto session = connect(nodes.plan(), {});
    ASSERT_TRUE(session) << session.error().text();
    auto& run = **session;
    ASSERT_TRUE(eventually([&] { return connected(run) == 3; }));
    ASSERT_TRUE(
        eventually([&] { return nodes.run([&] { return nodes.cluster.leaders().size() == 1; }); }));
    ASSERT_TRUE(run.act("request put x 1", EventId(run.snapshot().branch().events)));
    ASSERT_TRUE(eventually([&] {
        return saw(run, [](const auto& event) { return event.kind == Kind::Reply; });
    })) << run.snapshot().problem;
    EXPECT_EQ(run.snapshot().problem, "");

    run.pause();
    ASSERT_TRUE(eventually([&] { return !run.snapshot().running; }));
    const auto snapshot = run.snapshot();
    const auto state = stateAt(run, EventId(snapshot.branch().events));
    ASSERT_TRUE(state);
    EXPECT_EQ(leadersIn(*state), 1u);
    // The act is what the request goes back to.
    const auto& trace = *snapshot.branch().trace;
    for (std::uint64_t number = 1; number <= snapshot.branch().events; ++number) {
        const auto& event = trace[EventId(number)];
        if (event.kind == Kind::Request) {
            ASSERT_TRUE(event.cause);
            EXPECT_EQ(trace[event.cause].kind, Kind::Act);
        }
    }
    for (const auto& check : snapshot.checks) {
        EXPECT_FALSE(check.brokenAt) << check.card.name << ": " << check.how;
    }
}

TEST(LiveSession, SeesACrashAndFindsTheNodeAgain)
{
    Nodes nodes(three());
    auto session = connect(nodes.plan(), {});
    ASSERT_TRUE(session) << session.error().text();
    auto& run = **session;
    // Connected is not seen yet: of a node that goes before it has told anything nothing is known.
    ASSERT_TRUE(eventually([&] {
        return connected(run) == 3 && saw(run, [](const auto& event) {
                   return event.kind == Kind::Start && event.node == NodeId(2);
               });
    }));
    nodes.run([&] {
        nodes.cluster.stop(NodeId(2));
        return 0;
    });
    ASSERT_TRUE(eventually([&] {
        return saw(run, [](const auto& event) {
            return event.kind == Kind::Crash && event.node == NodeId(2);
        });
    })) << nodesOf(run);
    ASSERT_TRUE(eventually([&] { return run.snapshot().nodes[1].state == LiveNode::State::Ended; }))
        << nodesOf(run);
    EXPECT_THAT(run.whyNot("restart n2").value_or(""), HasSubstr("somebody else runs"));
    nodes.run([&] {
        nodes.cluster.start(NodeId(2));
        return 0;
    });
    ASSERT_TRUE(eventually([&] {
        return connected(run) == 3 && saw(run, [](const auto& event) {
                   return event.kind == Kind::Restart && event.node == NodeId(2);
               });
    }));
}

TEST(LiveSession, CutsTheLeaderOffAndHealsByTheSameLines)
{
    Nodes nodes(three());
    auto session = connect(nodes.plan(), {});
    ASSERT_TRUE(session) << session.error().text();
    auto& run = **session;
    ASSERT_TRUE(eventually([&] { return connected(run) == 3; }));
    ASSERT_TRUE(eventually([&] { return !run.whyNot("isolate leader"); }))
        << run.whyNot("isolate leader").value_or("") << "\n"
        << nodesOf(run);
    ASSERT_TRUE(run.act("isolate leader", EventId(run.snapshot().branch().events)));
    ASSERT_TRUE(eventually([&] {
        return countOf(run, [](const auto& event) { return event.kind == Kind::Cut; }) == 2;
    })) << run.snapshot().problem;
    ASSERT_TRUE(eventually(
        [&] { return saw(run, [](const auto& event) { return event.kind == Kind::Drop; }); }));
    EXPECT_EQ(countOf(run, [](const auto& event) { return event.kind == Kind::Act; }), 1u)
        << "three nodes were told of one deed";
    ASSERT_TRUE(run.act("heal", EventId(run.snapshot().branch().events)));
    ASSERT_TRUE(eventually([&] {
        return countOf(run, [](const auto& event) { return event.kind == Kind::Heal; }) == 2;
    })) << run.snapshot().problem;
}

TEST(LiveSession, SaysWhyAFaultCannotBe)
{
    Nodes nodes(three(false));
    auto session = connect(nodes.plan(), {});
    ASSERT_TRUE(session) << session.error().text();
    auto& run = **session;
    ASSERT_TRUE(eventually([&] { return connected(run) == 3; }));
    ASSERT_TRUE(eventually([&] {
        return run.whyNot("crash n1").value_or("").find("allow_faults") != std::string::npos;
    })) << run.whyNot("crash n1").value_or("");
    EXPECT_THAT(run.whyNot("disk n1 forgets=3").value_or(""), HasSubstr("forget"));
    EXPECT_THAT(run.whyNot("fire n1 election").value_or(""), HasSubstr("cannot be picked"));
    EXPECT_FALSE(run.whyNot("request put x 1"));
    ASSERT_TRUE(run.act("crash n1", EventId(run.snapshot().branch().events)));
    ASSERT_TRUE(eventually([&] { return !run.snapshot().problem.empty(); }));
    EXPECT_THAT(run.snapshot().problem, HasSubstr("allow_faults"));
}

TEST(LiveSession, PausedItShowsWhatWasAndSteps)
{
    Nodes nodes(three());
    auto session = connect(nodes.plan(), {});
    ASSERT_TRUE(session) << session.error().text();
    auto& run = **session;
    ASSERT_TRUE(eventually([&] { return connected(run) == 3; }));
    run.pause();
    ASSERT_TRUE(eventually([&] { return !run.snapshot().running; }));
    const auto before = run.snapshot().branch().events;
    ASSERT_TRUE(eventually([&] { return run.snapshot().branch().trace->size() > before + 10; }));
    EXPECT_EQ(run.snapshot().branch().events, before);
    run.step(1);
    ASSERT_TRUE(eventually(
        [&] { return run.snapshot().branch().events > before && !run.snapshot().running; }));
    EXPECT_LT(run.snapshot().branch().events, run.snapshot().branch().trace->size());
    ASSERT_TRUE(run.runUntil("kind == timer"));
    ASSERT_TRUE(eventually([&] {
        return run.snapshot().doing.find("kind == timer") != std::string::npos;
    })) << run.snapshot().doing;
    run.play({});
    ASSERT_TRUE(eventually([&] {
        const auto snapshot = run.snapshot();
        return snapshot.running && snapshot.branch().events + 50 > snapshot.branch().trace->size();
    }));
}

TEST(LiveSession, CanBeSavedAndOpened)
{
    Nodes nodes(three());
    auto session = connect(nodes.plan(), {});
    ASSERT_TRUE(session) << session.error().text();
    auto& run = **session;
    ASSERT_TRUE(eventually([&] { return connected(run) == 3; }));
    ASSERT_TRUE(eventually([&] { return run.snapshot().branch().events > 100; }));
    // Its client's number is drawn, and large.
    ASSERT_TRUE(run.act("request put x 1", EventId(run.snapshot().branch().events)));
    ASSERT_TRUE(eventually([&] {
        return saw(run, [](const auto& event) { return event.kind == Kind::Reply; });
    })) << run.snapshot().problem;
    run.pause();
    ASSERT_TRUE(eventually([&] { return !run.snapshot().running; }));
    const live::testing::TemporaryDirectory directory;
    const auto path = (directory.path / "run.lightcone").string();
    const auto saved = run.save(path, {});
    ASSERT_TRUE(saved) << saved.error().text();
    const auto opened = openRecording(path);
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_FALSE(opened->damage) << *opened->damage;
    const auto events = run.snapshot().branch().events;
    EXPECT_EQ(opened->trace->size(), events);
    EXPECT_EQ(clientsIn(*run.snapshot().branch().trace), std::set<std::string>{"c1"});
    EXPECT_EQ(clientsIn(*opened->trace), std::set<std::string>{"c1"});
    for (const auto event : {EventId(1), EventId(events / 2), EventId(events)}) {
        const auto truth = stateAt(run, event);
        const auto read = opened->states->at(event);
        ASSERT_TRUE(truth);
        for (const auto& member : nodes.cluster.setup->members) {
            EXPECT_EQ(read.node(member.id)->state, truth->node(member.id)->state) << event.value;
        }
    }
    EXPECT_FALSE(run.asScenario());
}

TEST(LiveSession, WhatWasDoneToLinksAndDisksStaysInASimulation)
{
    Nodes nodes(three());
    auto session = connect(nodes.plan(), {});
    ASSERT_TRUE(session) << session.error().text();
    auto& run = **session;
    ASSERT_TRUE(eventually([&] { return connected(run) == 3; }));
    for (const auto* line : {"cut n1 -> n2", "cut n2 n3", "link n1 n3 latency=30ms",
                             "disk n2 slow=4ms", "rule drop RequestVote from n3"}) {
        ASSERT_TRUE(run.act(line, EventId(run.snapshot().branch().events))) << line;
    }
    const auto told = [&](Kind kind) {
        return countOf(run, [kind](const auto& event) { return event.kind == kind; });
    };
    ASSERT_TRUE(eventually([&] {
        return told(Kind::Cut) == 2 && told(Kind::Link) == 1 && told(Kind::Disk) == 1
            && told(Kind::Rule) == 1;
    })) << run.snapshot().problem
        << fmt::format(" {} cuts, {} links, {} disks, {} rules", told(Kind::Cut), told(Kind::Link),
                       told(Kind::Disk), told(Kind::Rule));
    run.fork(EventId(run.snapshot().branch().events), "what if");
    ASSERT_TRUE(eventually([&] { return run.snapshot().branches.size() == 2; }))
        << run.snapshot().problem;
    const auto snapshot = run.snapshot();
    const auto& branch = snapshot.branch();
    ASSERT_TRUE(branch.whatIf);
    std::promise<StatePtr> promise;
    run.stateAt(branch.id, EventId(branch.events),
                [&](StatePtr state) { promise.set_value(std::move(state)); });
    const auto state = promise.get_future().get();
    ASSERT_TRUE(state);
    std::vector<std::string> links;
    for (const auto& link : state->links) {
        links.push_back(fmt::format("{}>{}{} {}", link.from.value, link.to.value,
                                    link.cut ? " cut" : "", link.model));
    }
    EXPECT_THAT(links,
                UnorderedElementsAre("1>2 cut ", "2>3 cut ", "3>2 cut ", "1>3 latency 30ms",
                                     "3>1 latency 30ms"));
    EXPECT_EQ(state->node(NodeId(2))->disk, "slow 4ms");
    EXPECT_EQ(state->rules.size(), 1U);
}

TEST(LiveSession, GoesOnAsASimulation)
{
    Nodes nodes(three());
    auto session = connect(nodes.plan(), {});
    ASSERT_TRUE(session) << session.error().text();
    auto& run = **session;
    ASSERT_TRUE(eventually([&] { return connected(run) == 3; }));
    ASSERT_TRUE(eventually([&] { return !run.whyNot("isolate leader"); }));
    ASSERT_TRUE(run.act("request put x 1", EventId(run.snapshot().branch().events)));
    ASSERT_TRUE(eventually([&] {
        return saw(run, [](const auto& event) { return event.kind == Kind::Reply; });
    })) << run.snapshot().problem;
    const EventId at(run.snapshot().branch().events);
    run.fork(at, "what if");
    ASSERT_TRUE(eventually([&] { return run.snapshot().branches.size() == 2; }))
        << run.snapshot().problem;
    auto snapshot = run.snapshot();
    EXPECT_TRUE(snapshot.branch().whatIf);
    EXPECT_EQ(snapshot.branch().parent, BranchId(1));
    EXPECT_EQ(snapshot.branch().name, "what if");
    EXPECT_FALSE(snapshot.branches[0].whatIf);
    const auto begun = snapshot.branch().forkedAt;
    ASSERT_TRUE(run.act("request put x 2 from c2", EventId(snapshot.branch().events)));
    ASSERT_TRUE(run.act("crash leader", EventId(run.snapshot().branch().events)));
    run.runFor(std::chrono::seconds(2));
    ASSERT_TRUE(eventually([&] {
        snapshot = run.snapshot();
        return !snapshot.running && snapshot.branch().events > begun.value + 50;
    })) << snapshot.problem;
    EXPECT_TRUE(run.canUndo());
    const auto id = snapshot.current;
    const auto state = [&](EventId event) {
        std::promise<StatePtr> promise;
        run.stateAt(id, event, [&](StatePtr found) { promise.set_value(std::move(found)); });
        return promise.get_future().get();
    };
    const auto end = state(EventId(snapshot.branch().events));
    ASSERT_TRUE(end);
    EXPECT_EQ(leadersIn(*end), 2u) << "the crashed one, as it was, and a new one";
    EXPECT_TRUE(state(EventId(begun.value / 2))) << "what was live can still be looked at";
    const live::testing::TemporaryDirectory directory;
    const auto path = (directory.path / "what_if.lightcone").string();
    const auto saved = run.save(path, {});
    ASSERT_TRUE(saved) << saved.error().text();
    const auto opened = openRecording(path);
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->trace->size(), snapshot.branch().events);
    const std::set<std::string> both{"c1", "c2"};
    EXPECT_EQ(clientsIn(*snapshot.branch().trace), both) << "a simulation counts on";
    EXPECT_EQ(clientsIn(*opened->trace), both);
    EXPECT_FALSE(run.asScenario());
    EXPECT_EQ(nodes.run([&] { return nodes.cluster.daemons.size(); }), 3u) << "it was not real";
    run.switchTo(BranchId(1));
    EXPECT_FALSE(run.snapshot().branch().whatIf);
    run.remove(id);
    EXPECT_EQ(run.snapshot().branches.size(), 1u);
}

TEST(LiveSession, WhatIsNotJudgedIsNotInASimulationOfItNorInItsFile)
{
    Nodes nodes({"paxos", {{"nodes", "3"}}, true});
    auto session = connect(nodes.plan(), {});
    ASSERT_TRUE(session) << session.error().text();
    auto& run = **session;
    const auto validity = [](const Snapshot& snapshot) {
        return *std::ranges::find_if(
            snapshot.checks, [](const Check& each) { return each.card.name == "validity"; });
    };
    ASSERT_TRUE(eventually([&] { return connected(run) == 3; }));
    nodes.run([&] {
        nodes.cluster.stop(NodeId(2));
        return 0;
    });
    ASSERT_TRUE(eventually([&] { return connected(run) == 2; })) << nodesOf(run);
    nodes.run([&] {
        nodes.cluster.start(NodeId(2));
        return 0;
    });
    ASSERT_TRUE(eventually([&] { return bool(validity(run.snapshot()).notJudgedFrom); }));
    ASSERT_TRUE(eventually([&] { return connected(run) == 3; }));
    const auto live = validity(run.snapshot());
    EXPECT_FALSE(live.brokenAt);
    EXPECT_THAT(live.notJudged, HasSubstr("n2 was"));

    run.fork(EventId(run.snapshot().branch().events), "what if");
    ASSERT_TRUE(eventually([&] { return run.snapshot().branches.size() == 2; }))
        << run.snapshot().problem;
    ASSERT_TRUE(run.act("request put x 1", EventId(run.snapshot().branch().events)));
    run.runFor(std::chrono::seconds(2));
    ASSERT_TRUE(eventually([&] {
        return !run.snapshot().running
            && saw(run, [](const auto& event) { return event.kind == Kind::Reply; });
    })) << run.snapshot().problem;
    const auto simulated = run.snapshot();
    EXPECT_TRUE(simulated.branch().whatIf);
    EXPECT_EQ(validity(simulated).notJudged, live.notJudged);
    EXPECT_EQ(validity(simulated).notJudgedFrom, live.notJudgedFrom);
    for (const auto& check : simulated.checks) {
        EXPECT_FALSE(check.brokenAt) << check.card.name << ": " << check.how;
    }

    const live::testing::TemporaryDirectory directory;
    const auto path = (directory.path / "run.lightcone").string();
    ASSERT_TRUE(run.save(path, {}));
    auto recording = openRecording(path);
    ASSERT_TRUE(recording) << recording.error().text();
    const RecordedSession opened(std::move(*recording));
    EXPECT_EQ(validity(opened.snapshot()).notJudged, live.notJudged);
    EXPECT_EQ(validity(opened.snapshot()).notJudgedFrom, live.notJudgedFrom);
}

TEST(LiveSession, DoesNotWaitForNodesThatWillNotHaveIt)
{
    Nodes nodes(three());
    auto plan = nodes.plan();
    plan.cluster = "elsewhere";
    plan.patience = std::chrono::hours(24);
    const auto session = connect(plan, {});
    ASSERT_FALSE(session);
    EXPECT_THAT(session.error().message, HasSubstr("elsewhere"));
}

TEST(LiveSession, SaysWhyItCannotConnect)
{
    ConnectPlan plan;
    EXPECT_THAT(connect(plan, {}).error().message, HasSubstr("expected the address"));
    plan.addresses = {"127.0.0.1:1"};
    plan.patience = milliseconds(100);
    EXPECT_THAT(connect(plan, {}).error().message, HasSubstr("127.0.0.1:1: "));
    plan.addresses = {"nonsense"};
    EXPECT_FALSE(connect(plan, {}));
    EXPECT_NE(wrongAddress("nonsense"), "");
    EXPECT_EQ(wrongAddress("127.0.0.1:7201"), "");
}

} // namespace
} // namespace lightcone::session
