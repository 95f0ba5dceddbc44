#include "engine/describe/text.h"
#include "engine/node/catalog.h"
#include "engine/query/cluster.h"
#include "engine/trace/formats/wording.h"
#include "tests/resources/lessons.h"
#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace lightcone::session {
namespace {

class Lesson : public testing::TestWithParam<std::string>
{
};

INSTANTIATE_TEST_SUITE_P(Shipped, Lesson, testing::ValuesIn(lessonNames()),
                         [](const auto& each) { return testName(each.param); });

TEST_P(Lesson, PassesAndReachesItsLastLine)
{
    const auto recording = performLesson(GetParam());
    for (const auto& failure : recording.run->failures()) {
        ADD_FAILURE() << GetParam() << ".scenario:" << failure.line << ": " << failure.text;
    }
    const auto& lines = recording.run->lines();
    EXPECT_FALSE(lines.empty());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        EXPECT_NE(lines[i].is, LineState::Is::Ahead)
            << "never reached: " << recording.run->plan().lines[i].text;
    }
}

TEST_P(Lesson, TellsAsksOrChecksSomething)
{
    const auto recording = performLesson(GetParam());
    const auto& plan = recording.run->plan();
    EXPECT_FALSE(plan.scenario.title.empty());
    EXPECT_FALSE(plan.scenario.summary.empty());
    const auto count = [&](auto is) { return std::ranges::count_if(plan.scenario.lines, is); };
    const auto says =
        count([](const Line& line) { return std::holds_alternative<Say>(line.doing); });
    const auto checks = count([](const Line& line) {
        const auto* until = std::get_if<Until>(&line.doing);
        return std::holds_alternative<Expect>(line.doing) || (until != nullptr && until->within);
    });
    EXPECT_GE(says, 3);
    EXPECT_GE(checks, 3);
    EXPECT_LE(recording.trace->size(), 20'000U) << "too long to follow";
}

/// What the trace holds at one look: all but the traffic of packets, timers and disks.
bool belongsToTheStory(const trace::Event& event)
{
    using trace::Kind;
    switch (event.kind) {
    case Kind::Send:
    case Kind::Deliver:
    case Kind::Timer:
    case Kind::Write:
    case Kind::Sync:
        return false;
    default:
        return true;
    }
}

/// "#45 168.39 ms n5 votes for n1 in term 1 because #32"
std::string lineOf(const trace::Trace& trace, const trace::formats::Wording& wording, EventId id)
{
    const auto& event = trace[id];
    auto line =
        fmt::format("#{} {} {}{}", id.value, toText(event.at),
                    event.node ? wording.name(event.node) + " " : "", wording.sentence(event));
    return event.cause ? line + fmt::format(" because #{}", event.cause.value) : line;
}

/// "n4 leader, term 2, log from 1 [T1 noOp, T1 put x=1] committed 2": the fields with these
/// meanings, whatever a protocol calls them.
std::string endOf(const query::Cluster& cluster, const node::Card& card, std::size_t node)
{
    const auto fieldOf = [&](describe::Facet facet) {
        const auto index = card.state->fieldWith(facet);
        return index ? card.state->fields[*index].name : std::string();
    };
    const auto brief = [&](describe::Facet facet) {
        const auto& value = cluster.field(node, fieldOf(facet));
        return value.exists() ? describe::brief(value) : std::string("none");
    };
    std::string log;
    if (const auto& entries = cluster.field(node, fieldOf(describe::Facet::Log));
        entries.exists()) {
        for (const auto& entry : entries.children()) {
            log += (log.empty() ? "" : ", ") + describe::brief(entry);
        }
    }
    using describe::Facet;
    if (card.state->fieldWith(Facet::Progress)) {
        return fmt::format("n{} {}, {} {}, steps {}", cluster.id(node).value, brief(Facet::Role),
                           fieldOf(Facet::Epoch), brief(Facet::Epoch), brief(Facet::Progress));
    }
    return fmt::format("n{} {}, {} {}, log from {} [{}] committed {}", cluster.id(node).value,
                       brief(Facet::Role), fieldOf(Facet::Epoch), brief(Facet::Epoch),
                       brief(Facet::LogStart), log, brief(Facet::Committed));
}

/// The lesson's text, and below it what came of it.
std::string printed(const Recording& recording)
{
    const auto& run = *recording.run;
    auto text = run.plan().scenario.text + "----\n";
    const auto& trace = *recording.trace;
    const trace::formats::Wording wording(trace.about());
    for (std::uint64_t number = 1; number <= trace.size(); ++number) {
        if (belongsToTheStory(trace[EventId(number)])) {
            text += lineOf(trace, wording, EventId(number)) + "\n";
        }
    }
    for (std::size_t node = 0; node < run.cluster().size(); ++node) {
        text += endOf(run.cluster(), run.plan().protocol->card(), node) + "\n";
    }
    for (const auto& failure : run.failures()) {
        text += "failed: " + failure.text + "\n";
    }
    return text;
}

struct Golden
{
    std::string lesson;
    std::string mistake{};
};

std::string goldenName(const Golden& golden)
{
    return testName(golden.lesson) + (golden.mistake.empty() ? "" : "_" + golden.mistake);
}

/// A run is kept by its file in tests/data/lessons: an empty one is filled by LIGHTCONE_REWRITE.
std::vector<Golden> goldenLessons()
{
    std::vector<Golden> kept;
    const auto keep = [&](const Golden& golden) {
        const auto file = "tests/data/lessons/" + goldenName(golden) + ".txt";
        if (std::filesystem::exists(std::filesystem::path(LIGHTCONE_SOURCE_DIR) / file)) {
            kept.push_back(golden);
        }
    };
    for (const auto& entry : library(scenarioFolder())) {
        const auto lesson = lessonName(entry);
        keep({lesson});
        for (const auto& mistake : node::findProtocol(entry.protocol)->card().mistakes) {
            keep({lesson, mistake.name});
        }
    }
    return kept;
}

class GoldenLesson : public testing::TestWithParam<Golden>
{
};

INSTANTIATE_TEST_SUITE_P(Shipped, GoldenLesson, testing::ValuesIn(goldenLessons()),
                         [](const auto& each) { return goldenName(each.param); });

TEST(GoldenLessons, AreEachALesson)
{
    const std::filesystem::path folder(LIGHTCONE_SOURCE_DIR "/tests/data/lessons");
    const auto files = std::distance(std::filesystem::directory_iterator(folder), {});
    EXPECT_EQ(goldenLessons().size(), static_cast<std::size_t>(files))
        << "a file in tests/data/lessons belongs to no lesson and no mistake";
    for (const auto* protocol : node::catalog()) {
        EXPECT_TRUE(std::ranges::any_of(goldenLessons(),
                                        [&](const Golden& golden) {
                                            return golden.lesson.starts_with(protocol->card().id
                                                                             + "/");
                                        }))
            << "no lesson of " << protocol->card().id << " is kept";
    }
}

TEST_P(GoldenLesson, RunsAsPrinted)
{
    std::vector<Setting> overrides;
    if (!GetParam().mistake.empty()) {
        overrides.push_back({"mistake", GetParam().mistake, {0, 0}, {0, 0}});
    }
    expectGolden(printed(performLesson(GetParam().lesson, overrides)),
                 "lessons/" + goldenName(GetParam()) + ".txt");
}

// A second run in one process may differ from the first where something is remembered outside.
TEST(Lessons, AreTheSameEachTime)
{
    for (const auto& name : lessonNames()) {
        const auto once = trace::traceHash(*performLesson(name).trace);
        EXPECT_EQ(trace::traceHash(*performLesson(name).trace), once) << name;
    }
}

/// Which lesson shows what a mistake does.
const std::map<std::string, std::string>& lessonsOfMistakes()
{
    static const std::map<std::string, std::string> lessons{
        {"load_balancer/unlimitedRetries", "load_balancer/a_retry_storm"},
        {"load_balancer/failuresLookIdle", "load_balancer/the_black_hole"},
        {"load_balancer/noSlowStart", "load_balancer/slow_start"},
        {"load_balancer/weightsOneByOne", "load_balancer/new_weights"},
        {"load_balancer/shallowHealthChecks", "load_balancer/healthy_but_useless"},
        {"load_balancer/forgetsDraining", "load_balancer/draining"},
        {"raft/commitOldTermByCounting", "raft/figure_8"},
        {"raft/forgetsVote", "raft/a_vote_is_kept"},
        {"raft/readsFromDeposedLeader", "raft/read_index"},
        {"raft/unsafeMembershipChange", "raft/two_majorities"},
        {"raft/acknowledgesBeforeDurable", "raft/acknowledged_means_durable"},
        {"raft/noConsistencyCheck", "raft/figure_7"},
        {"raft/countsUnwritten", "raft/written_in_parallel"},
        {"paxos/forgetsPromise", "paxos/a_promise_is_kept"},
        {"paxos/ignoresAccepted", "paxos/a_value_outlives_its_proposer"},
        {"paxos/sharedBallots", "paxos/duelling_proposers"},
        {"paxos/disjointQuorums", "paxos/flexible_quorums"},
        {"paxos/skipsOpenSlots", "paxos/open_slots"},
        {"paxos/acceptsBeforeDurable", "paxos/accepted_means_durable"},
        {"paxos/staleReads", "paxos/a_lease_read"},
        {"two_phase_commit/votesBeforeForced", "two_phase_commit/a_yes_is_forced"},
        {"two_phase_commit/tellsBeforeLogging", "two_phase_commit/the_decision_is_logged"},
        {"two_phase_commit/abortsAloneAfterYes", "two_phase_commit/in_doubt"},
        {"two_phase_commit/forgetsTooEarly", "two_phase_commit/forgetting"},
        {"two_phase_commit/releasesAtPrepare", "two_phase_commit/locks_until_the_end"},
        {"partitioning/noVersionCheck", "partitioning/a_stale_map"},
        {"partitioning/oldOwnerServes", "partitioning/a_handover"},
        {"partitioning/moduloSoldAsCheap", "partitioning/a_fourth_node_modulo"},
        {"saga/noSagaLog", "saga/the_orchestrator_crashes"},
        {"saga/forwardCompensation", "saga/the_card_is_declined"},
        {"saga/notIdempotent", "saga/asked_twice"},
        {"saga/compensatesUnrun", "saga/the_card_is_declined"},
        {"saga/noTombstone", "saga/a_late_request"},
        {"saga/compensatesAfterPivot", "saga/past_the_pivot"},
        {"saga/answersBeforeDurable", "saga/done_means_durable"},
        {"saga/readsPastLocks", "saga/a_semantic_lock"},
        {"replication/noFencing", "replication/split_brain"},
        {"replication/acknowledgesOnReceipt", "replication/on_receipt_or_on_disk"},
        {"replication/promotesLaggard", "replication/who_takes_over"},
        {"replication/weakQuorums", "replication/quorums_that_meet"},
        {"replication/trustsClocks", "replication/a_clock_eats_a_write"},
    };
    return lessons;
}

TEST(Lessons, ShowEveryKnownMistakeByTheInvariantThatCatchesIt)
{
    for (const auto* protocol : node::catalog()) {
        const auto& card = protocol->card();
        for (const auto& mistake : card.mistakes) {
            const auto lesson = lessonsOfMistakes().find(card.id + "/" + mistake.name);
            if (lesson == lessonsOfMistakes().end()) {
                ADD_FAILURE() << "no lesson shows " << mistake.name << " of " << card.id;
                continue;
            }
            EXPECT_TRUE(performLesson(lesson->second).run->failures().empty())
                << lesson->second << " fails without the mistake";
            const auto run =
                performLesson(lesson->second, {{"mistake", mistake.name, {0, 0}, {0, 0}}}).run;
            const auto failures = run->failures();
            EXPECT_TRUE(std::ranges::any_of(failures,
                                            [&](const Failure& each) {
                                                return each.text.starts_with("'" + mistake.caughtBy
                                                                             + "' was broken: ");
                                            }))
                << lesson->second << " does not name '" << mistake.caughtBy << "' with "
                << mistake.name;
        }
    }
}

} // namespace
} // namespace lightcone::session
