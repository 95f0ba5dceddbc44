#include "engine/node/catalog.h"
#include "engine/session/binding.h"
#include "engine/session/plan.h"
#include "engine/trace/hash.h"
#include "tests/engine/session/live_watcher.h"
#include "tests/support/seeds.h"

#include <fmt/format.h>
#include <map>
#include <set>

namespace lightcone::session {
namespace {

using std::chrono::milliseconds;

/// Random schedules, clocks that differ by seconds, crashes, pauses, and an explorer that loses
/// nodes and finds them again.
class WatchedSeed
{
public:
    WatchedSeed(std::string_view protocol, std::string_view request, std::uint64_t seed)
        : m_dice(seed)
        , m_plan(prepare(parseScenario(fmt::format("cluster {}\n", protocol)).value()).value())
        , m_cluster(*m_plan->protocol, m_plan->setup, m_dice.next(),
                    m_dice.chance(0.5) ? live::FeedLimits{} : live::FeedLimits{20'000, 2000, 5000})
        , m_watcher(m_cluster, m_plan, m_dice.chance(0.5) ? live::From::Now : live::From::Oldest)
        , m_request(request)
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
            const auto words = fmt::format("{} {}", m_request, m_sequence);
            requestOf(Piece{words}, *m_plan).value()->encode(body);
            node.ask({clientId(static_cast<std::uint32_t>(m_dice.between(1, 3))), ++m_sequence},
                     body);
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
                    + node::payloadAs<node::Text>(*event.payload).text;
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
    std::string m_request;
    std::uint32_t m_sequence = 0;
    std::uint64_t m_compared = 0;
    std::optional<LiveWorld> m_middle;
    std::size_t m_taken = 0;
};

void runWatched(std::string_view protocol, std::string_view request, std::uint64_t count)
{
    std::uint64_t first = 1;
    auto last = test::scaledSeeds(count);
    if (const auto* only = std::getenv("LIGHTCONE_SEED")) {
        first = last = std::strtoull(only, nullptr, 10);
    }
    for (auto seed = first; seed <= last; ++seed) {
        WatchedSeed watched(protocol, request, seed);
        if (const auto wrong = watched.run()) {
            FAIL() << "seed " << seed << ": " << *wrong
                   << "\n  replay it with: " << test::replayCommand(seed);
        }
        ASSERT_GT(watched.events(), 100u);
    }
}

TEST(LiveWorldSeeds, WhatIsRepeatedIsWhatHappened)
{
    runWatched("raft nodes=3", "put x", 150);
}

TEST(LiveWorldSeeds, WhatDoesNotWaitForTheDiskToo)
{
    runWatched("raft nodes=3 grouped=true", "put x", 100);
}

TEST(LiveWorldSeeds, FiveNodesToo)
{
    runWatched("raft nodes=5", "put y", 60);
}

} // namespace
} // namespace lightcone::session
