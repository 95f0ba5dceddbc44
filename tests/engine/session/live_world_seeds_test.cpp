#include "engine/node/catalog.h"
#include "engine/session/binding.h"
#include "engine/session/plan.h"
#include "engine/trace/formats/event_line.h"
#include "engine/trace/hash.h"
#include "tests/engine/session/live_watcher.h"
#include "tests/support/seeds.h"

#include <fmt/format.h>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::session {
namespace {

using std::chrono::milliseconds;

/// Random schedules, clocks that differ by seconds, crashes, pauses, and an explorer that loses
/// nodes and finds them again.
class WatchedSeed
{
public:
    WatchedSeed(std::string_view protocol, std::vector<std::string> requests, std::uint64_t seed)
        : m_dice(seed)
        , m_plan(prepare(parseScenario(fmt::format("cluster {}\n", protocol)).value()).value())
        , m_cluster(*m_plan->protocol, m_plan->setup, m_dice.next(),
                    m_dice.chance(0.5) ? live::FeedLimits{} : live::FeedLimits{20'000, 2000, 5000})
        , m_watcher(m_cluster, m_plan, m_dice.chance(0.5) ? live::From::Now : live::From::Oldest)
        , m_requests(std::move(requests))
    {
        m_cluster.loss = m_dice.chance(0.3) ? 0.05 : 0;
    }

    std::optional<std::string> run()
    {
        for (auto& node : m_cluster.nodes) {
            node->boot(false);
        }
        m_cluster.pass(Duration(m_dice.between(0, 500'000'000)));
        for (int i = 0; i < 250; ++i) {
            disturb();
            m_cluster.pass(milliseconds(10));
            m_watcher.poll();
            if (i == 100) {
                m_middle.emplace(m_watcher.world);
                m_taken = m_watcher.inputs.size();
            }
            if (auto wrong = compare(false)) {
                return wrong;
            }
        }
        settle();
        if (auto wrong = compare(true)) {
            return wrong;
        }
        if (auto wrong = judgeTrace()) {
            return wrong;
        }
        return repeat();
    }

    [[nodiscard]] std::uint64_t events() const { return m_watcher.trace->size(); }

private:
    void disturb()
    {
        const auto place = m_dice.below(m_cluster.nodes.size());
        auto& node = *m_cluster.nodes[place];
        if (m_dice.chance(0.02)) {
            if (node.up()) {
                node.crash();
            } else {
                node.boot(true);
            }
        }
        if (m_dice.chance(0.02)) {
            node.setPaused(!node.paused());
        }
        if (m_dice.chance(0.03)) {
            m_watcher.setConnected(place, !m_watcher.connected(place));
        }
        if (m_dice.chance(0.3)) {
            Bytes body;
            const auto words = fmt::format(
                fmt::runtime(m_requests[m_dice.below(m_requests.size())]), m_sequence % 50);
            requestOf(Piece{words}, *m_plan).value()->encode(body);
            // A client has one operation under way: there are many, who ask in turn.
            constexpr std::uint32_t clients = 100;
            ++m_sequence;
            node.ask({clientId(1 + m_sequence % clients), 1 + m_sequence / clients}, body);
        }
    }

    void settle()
    {
        for (std::size_t i = 0; i < m_cluster.nodes.size(); ++i) {
            m_cluster.nodes[i]->setPaused(false);
            if (!m_cluster.nodes[i]->up()) {
                m_cluster.nodes[i]->boot(true);
            }
            m_watcher.setConnected(i, true);
        }
        for (int i = 0; i < 200; ++i) {
            m_cluster.pass(milliseconds(10));
            m_watcher.poll();
        }
    }

    /// What is repeated is what really is, wherever both have come equally far.
    std::optional<std::string> compare(bool atEnd)
    {
        for (std::size_t i = 0; i < m_cluster.nodes.size(); ++i) {
            auto& node = *m_cluster.nodes[i];
            const auto id = m_plan->setup->members[i].id;
            const auto& world = m_watcher.world;
            const bool level = node.up() && world.follows(id)
                && world.incarnation(id) == node.incarnation()
                && world.entry(id) == node.feed()->last();
            if (level && world.fingerprint(id) != node.fingerprint()) {
                return fmt::format("n{} is not what is repeated, after entry {}", i + 1,
                                   world.entry(id));
            }
            m_compared += level ? 1 : 0;
        }
        if (!atEnd) {
            return std::nullopt;
        }
        // At the end a node may be a few entries ahead, but not unknown.
        for (const auto& member : m_plan->setup->members) {
            if (!m_watcher.world.follows(member.id)) {
                return member.name + " is not followed at the end";
            }
        }
        return m_compared == 0 ? std::optional<std::string>("nothing was ever compared")
                               : std::nullopt;
    }

    std::optional<std::string> judgeTrace()
    {
        const auto& trace = *m_watcher.trace;
        Instant before{};
        std::set<EventId> arrived;
        for (std::uint64_t number = 1; number <= trace.size(); ++number) {
            const auto& event = trace[EventId(number)];
            const auto where = fmt::format("event {}: ", number);
            if (event.at < before) {
                return where + "time goes back";
            }
            before = event.at;
            if (event.kind == trace::Kind::Violation) {
                return where + "an invariant is said to be broken: "
                    + node::payloadAs<node::Text>(*event.payload).text + tailOf(EventId(number));
            }
            if (event.kind != trace::Kind::Deliver && event.kind != trace::Kind::Drop) {
                continue;
            }
            if (!event.cause) {
                return where + "what arrives was never sent";
            }
            const auto& send = trace[event.cause];
            const bool there = event.kind == trace::Kind::Deliver;
            if (send.kind != trace::Kind::Send || send.node != (there ? event.peer : event.node)
                || send.peer != (there ? event.node : event.peer)
                || send.payload->tag() != event.payload->tag()) {
                return where + "it is not the message that its cause sent";
            }
            if (!arrived.insert(event.cause).second) {
                return where + "the message had its end already";
            }
        }
        return std::nullopt;
    }

    /// The events that led there, a line each.
    [[nodiscard]] std::string tailOf(EventId end) const
    {
        constexpr std::uint64_t most = 60;
        const auto& trace = *m_watcher.trace;
        const trace::formats::Wording wording(trace.about());
        std::string text;
        for (auto id = end.value > most ? end.value - most : 1; id <= end.value; ++id) {
            text += "\n  " + trace::formats::eventLine(trace, EventId(id), wording);
        }
        return text;
    }

    /// The same inputs from a copy give the same events.
    std::optional<std::string> repeat()
    {
        auto again = m_watcher.trace->fork(m_middle->last(), "again");
        for (auto i = m_taken; i < m_watcher.inputs.size(); ++i) {
            m_middle->take(m_watcher.inputs[i], again.get());
        }
        return trace::traceHash(*again) == trace::traceHash(*m_watcher.trace)
            ? std::nullopt
            : std::optional<std::string>("a copy that goes on makes other events");
    }

    Dice m_dice;
    PlanPtr m_plan;
    LiveCluster m_cluster;
    LiveWatcher m_watcher;
    std::vector<std::string> m_requests; ///< {}: a number
    std::uint32_t m_sequence = 0;
    std::uint64_t m_compared = 0;
    std::optional<LiveWorld> m_middle;
    std::size_t m_taken = 0;
};

void runWatched(std::string_view protocol, const std::vector<std::string>& requests,
                std::uint64_t count)
{
    std::uint64_t first = 1;
    auto last = test::scaledSeeds(count);
    if (const auto* only = std::getenv("LIGHTCONE_SEED")) {
        first = last = std::strtoull(only, nullptr, 10);
    }
    for (auto seed = first; seed <= last; ++seed) {
        WatchedSeed watched(protocol, requests, seed);
        if (const auto wrong = watched.run()) {
            FAIL() << "seed " << seed << ": " << *wrong
                   << "\n  replay it with: " << test::replayCommand(seed);
        }
        ASSERT_GT(watched.events(), 30u);
    }
}

TEST(LiveWorldSeeds, WhatIsRepeatedIsWhatHappened)
{
    runWatched("raft nodes=3", {"put x {}"}, 150);
}

TEST(LiveWorldSeeds, WhatDoesNotWaitForTheDiskToo)
{
    runWatched("raft nodes=3 grouped=true", {"put x {}"}, 100);
}

struct Other
{
    std::string name;
    std::string plan;
    std::vector<std::string> requests;
    std::uint64_t seeds = 40;
};

/// No invariant seems broken to an explorer that sees little of a run, whatever the protocol.
class OtherProtocols : public testing::TestWithParam<Other>
{
};

const std::vector<std::string> writesAndReads{"put x {}", "put y {}", "get x"};
const std::vector<std::string> transfers{"transfer a b {}", "transfer b a {}", "read a"};

INSTANTIATE_TEST_SUITE_P(
    All, OtherProtocols,
    testing::Values(Other{"raftReads", "raft nodes=3", writesAndReads},
                    Other{"paxos", "paxos nodes=3", writesAndReads},
                    Other{"backups", "replication nodes=3", writesAndReads},
                    Other{"chain", "replication nodes=4 strategy=chain", writesAndReads, 320},
                    Other{"quorum", "replication nodes=3 strategy=quorum", writesAndReads},
                    Other{"partitioning", "partitioning", {"put k{} 1", "get k{}", "move 1 s2"}},
                    Other{"presumedAbort", "two_phase_commit", transfers, 200},
                    Other{"presumedCommit", "two_phase_commit variant=presumedCommit", transfers},
                    Other{"presumedNothing", "two_phase_commit variant=presumedNothing", transfers},
                    Other{"threePhase", "two_phase_commit variant=threePhase", transfers},
                    Other{"saga", "saga", {"start trip {{price=120}}", "start trip"}},
                    Other{"choreography", "saga mode=choreographed", {"start trip {{price=120}}"}},
                    Other{"balancer", "load_balancer", {"fetch k{}"}}),
    [](const auto& each) { return each.param.name; });

TEST_P(OtherProtocols, BreakNothingHoweverLittleIsSeen)
{
    runWatched(GetParam().plan, GetParam().requests, GetParam().seeds);
}

TEST(LiveWorldSeeds, FiveNodesToo)
{
    runWatched("raft nodes=5", {"put y {}"}, 60);
}

} // namespace
} // namespace lightcone::session
