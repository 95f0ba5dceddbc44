#include "engine/check/linearizability.h"
#include "engine/live/clocks.h"
#include "engine/live/load.h"
#include "engine/node/catalog.h"
#include "engine/session/load_history.h"
#include "engine/session/workload.h"
#include "tests/app/node/asked_cluster.h"
#include "tests/app/node/real_cluster.h"
#include "tests/support/seeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <vector>

/// What a client was told is there, whatever happens to the processes and the disks.
namespace lightcone::node_program {
namespace {

using namespace std::chrono_literals;
using live::testing::runUntil;
using test::RealCluster;
using ::testing::HasSubstr;

/// A load on a real cluster whose history is judged at the end, while a test does to the cluster
/// what it wants.
class UnderLoad : public ::testing::Test
{
protected:
    static live::ClientPlan clientPlan(const RealCluster& cluster)
    {
        live::ClientPlan plan;
        plan.addresses = cluster.addresses;
        plan.findProtocol = [](std::string_view id) { return node::findProtocol(id); };
        // A client that gives up leaves an operation that may happen at any time: few do.
        plan.settings.patience = 20s;
        plan.settings.timeout = 300ms;
        plan.settings.mostBackOff = 40ms;
        return plan;
    }

    void start(const std::string& options = "--no-tls")
    {
        cluster.emplace(3, options);
        cluster->startAll();
        client = test::letIn(io, clientPlan(*cluster));
        ASSERT_TRUE(client) << cluster->said();
        live::LoadPlan load;
        load.clients = 6;
        load.lasts = 1h; // until it is stopped
        load.workload = workload("put:4 get:3 delete:1 cas:2", 8, "mixed");
        mixed = prepared(load);
        mixed->onBegun = [this](const live::LoadOperation& each) { history.begun(each); };
        mixed->onEnded = [this](const live::LoadOperation& each) { history.ended(each); };
        // And a key for each write, so that every one of them can be looked for.
        load.clients = 2;
        load.workload = workload("put", std::uint64_t{1} << 50, "once");
        once = prepared(load);
        once->onEnded = [this](const live::LoadOperation& each) {
            if (each.answered.answer == node::Answer::Done) {
                const auto put = each.body->describe().held();
                acknowledged[put.find("key")->asText()] = put.find("value")->asText();
                lastBy = each.answered.by;
            }
        };
        mixed->start([this](const live::LoadResult&) { ++over; });
        once->start([this](const live::LoadResult&) { ++over; });
        goOn(20);
    }

    /// So many more operations are done.
    void goOn(std::uint64_t operations)
    {
        const auto wanted = done() + operations;
        ASSERT_TRUE(runUntil(
            io, [&] { return done() >= wanted; }, 20s))
            << "the cluster does not get on: " << done() << " of " << wanted << "\n"
            << cluster->said();
    }

    /// Ends the load; all that was acknowledged must be there, and the history make sense. However
    /// few the kills, and slow the machine, there is something to judge.
    void judge()
    {
        ASSERT_TRUE(runUntil(
            io, [&] { return acknowledged.size() > 20 && mixed->result().done > 100; }, 60s))
            << acknowledged.size() << " and " << mixed->result().done << "\n"
            << cluster->said();
        mixed->stop();
        once->stop();
        ASSERT_TRUE(runUntil(
            io, [&] { return over == 2; }, 30s))
            << cluster->said();
        for (const auto& [key, value] : acknowledged) {
            ASSERT_EQ(valueOf(key), value) << key << " was acknowledged\n" << cluster->said();
        }
        const auto begun = std::chrono::steady_clock::now();
        checking::Patience patience;
        patience.stop = [&] { return std::chrono::steady_clock::now() - begun > 20s; };
        const auto judgement = checking::judge(history.history(), checking::Model::Kv, patience);
        ASSERT_TRUE(judgement) << judgement.error().text();
        ASSERT_NE(judgement->finding, checking::Finding::GaveUp);
        const auto* worst = judgement->worst(history.history());
        if (worst != nullptr) {
            FAIL() << checking::sentence(history.history(), *worst) << "\n" << cluster->said();
        }
        EXPECT_GT(history.history().operations().size(), 100U);
    }

    /// Reads what the load writes from that node and no other, as part of the history; whether it
    /// answered.
    bool readFrom(NodeId node, std::uint64_t key)
    {
        live::LoadOperation read;
        read.client = 1000; // none of the load's
        read.number = ++reads;
        read.body = get("mixed" + std::to_string(key));
        read.begun = live::steadyNow();
        history.begun(read);
        // The answer may come when nobody waits any more.
        const auto answered = std::make_shared<std::optional<live::Answered>>();
        client->submit(
            client->addClient(), read.body,
            [answered](const live::Answered& given) { *answered = given; }, node);
        runUntil(
            io, [&] { return answered->has_value(); }, 200ms);
        read.ended = live::steadyNow();
        read.answered = answered->value_or(live::Answered{});
        history.ended(read);
        return read.answered.answer == node::Answer::Done;
    }

    [[nodiscard]] std::uint64_t done() const { return mixed->result().done + once->result().done; }

    boost::asio::io_context io;
    std::optional<RealCluster> cluster;
    std::unique_ptr<live::ClusterClient> client;
    std::unique_ptr<live::Load> mixed;
    std::unique_ptr<live::Load> once;
    session::LoadHistory history;
    std::map<std::string, std::string> acknowledged;
    NodeId lastBy{};
    int over = 0;
    std::uint64_t reads = 0;

private:
    [[nodiscard]] node::WorkloadPtr workload(const std::string& mix, std::uint64_t keys,
                                             const std::string& prefix) const
    {
        node::WorkloadPlan plan;
        plan.mix = *session::parseMix(mix, client->protocol(), describe::plainNames());
        plan.keys = keys;
        plan.keyPrefix = prefix;
        plan.length = 100;
        return *node::Workload::make(client->protocol(), plan);
    }

    std::unique_ptr<live::Load> prepared(const live::LoadPlan& plan)
    {
        auto load = live::Load::prepare(io.get_executor(), *client, plan);
        EXPECT_TRUE(load) << load.error().text();
        return std::move(*load);
    }

    node::PayloadPtr get(const std::string& key)
    {
        const auto& protocol = client->protocol();
        return *protocol.payload(node::PayloadRole::Request,
                                 *describe::parse(protocol.card().request, "get " + key));
    }

    std::string valueOf(const std::string& key)
    {
        const auto& protocol = client->protocol();
        const auto body = protocol.payload(node::PayloadRole::Request,
                                           *describe::parse(protocol.card().request, "get " + key));
        std::optional<std::string> value;
        if (!m_reader) {
            m_reader = client->addClient();
        }
        client->submit(*m_reader, get(key), [&](const live::Answered& answered) {
            value = "nothing";
            if (answered.body) {
                const auto described = answered.body->describe();
                if (const auto* text = described.held().find("value");
                    text != nullptr && !text->isEmptyOptional()) {
                    value = text->held().asText();
                }
            }
        });
        runUntil(io, [&] { return value.has_value(); });
        return value.value_or("no answer");
    }

    std::optional<std::size_t> m_reader;
};

using KillTest = UnderLoad;

/// -1 where it did not end by itself.
int exitOf(test::Process& process)
{
    const auto status = process.wait();
    return status && WIFEXITED(*status) ? WEXITSTATUS(*status) : -1;
}

struct Killed
{
    std::string name;
    std::string options; ///< quick, so that many kills fit into a short time
    std::uint64_t kills = 50;
};

class EveryKill : public UnderLoad, public ::testing::WithParamInterface<Killed>
{
};

INSTANTIATE_TEST_SUITE_P(
    All, EveryKill,
    ::testing::Values(Killed{"raft",
                             "--protocol raft --set electionTimeoutLow=60ms "
                             "--set electionTimeoutHigh=120ms --set heartbeat=15ms"},
                      Killed{"paxos",
                             "--protocol paxos --set electionTimeoutLow=60ms "
                             "--set electionTimeoutHigh=120ms --set heartbeat=15ms"},
                      // A machine that is busy must not look as if nodes had failed: a view that
                      // has shrunk to one node cannot do without it.
                      Killed{"backups",
                             "--protocol replication --set suspectAfter=1s --set lease=800ms "
                             "--set snapshotThreshold=200",
                             6},
                      Killed{"chain",
                             "--protocol replication --set suspectAfter=1s --set lease=800ms "
                             "--set strategy=chain",
                             6}),
    [](const auto& each) { return each.param.name; });

/// LIGHTCONE_SEEDS=10 kills ten times as often.
TEST_P(EveryKill, LosesNothingThatWasAcknowledged)
{
    ASSERT_NO_FATAL_FAILURE(start("--no-tls " + GetParam().options));
    const auto kills = test::scaledSeeds(GetParam().kills);
    const auto* seed = std::getenv("LIGHTCONE_SEED");
    Dice dice(seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1);
    std::uint64_t killed = 0;
    std::uint64_t leadersKilled = 0;
    while ((killed < kills || leadersKilled == 0) && !HasFatalFailure()) {
        std::set<std::uint32_t> victims;
        const auto chance = dice.unit();
        const std::size_t count = chance < 0.6 ? 1 : chance < 0.8 ? 2 : 3;
        while (victims.size() < count) {
            victims.insert(1 + static_cast<std::uint32_t>(dice.below(3)));
        }
        for (const auto victim : victims) {
            leadersKilled += lastBy == NodeId(victim) ? 1 : 0;
            cluster->kill(victim);
            history.mark(live::steadyNow(), "kill n" + std::to_string(victim));
            ++killed;
        }
        if (count == 1 && dice.chance(0.5)) {
            goOn(1 + dice.below(50)); // two of three get on
        }
        for (const auto victim : victims) {
            cluster->start(victim);
        }
        goOn(1 + dice.below(100));
    }
    judge();
    for (std::uint32_t node = 1; node <= cluster->addresses.size(); ++node) {
        EXPECT_TRUE(runUntil(
            io, [&] { return cluster->serves(node); }, 30s))
            << cluster->said();
        cluster->node(node).send(SIGTERM);
    }
    for (std::uint32_t node = 1; node <= cluster->addresses.size(); ++node) {
        EXPECT_EQ(exitOf(cluster->node(node)), 0) << cluster->said();
    }
}

/// Shards of a partitioned store move while routers, the map service and storage nodes are killed.
TEST_F(KillTest, ShardsThatMoveLoseNothingToKills)
{
    ASSERT_NO_FATAL_FAILURE(
        start("--no-tls --protocol partitioning --set spares=0 --set tokens=2 --set chunk=2"));
    const auto members = static_cast<std::uint32_t>(cluster->addresses.size());
    ASSERT_EQ(members, 6U); // two routers, the map service, three storage nodes
    const auto kills = test::scaledSeeds(12);
    Dice dice(5);
    for (std::uint64_t killed = 0; killed < kills && !HasFatalFailure();) {
        const auto& protocol = client->protocol();
        const auto order = fmt::format("move {} n{}", 1 + dice.below(6), 4 + dice.below(3));
        const auto parsed = describe::parse(protocol.card().request, order);
        ASSERT_TRUE(parsed) << parsed.error().text();
        // Whether it is answered does not matter: it is decided, or not, or later.
        client->submit(client->addClient(), *protocol.payload(node::PayloadRole::Request, *parsed),
                       [](const live::Answered&) {});
        goOn(1 + dice.below(20));
        std::set<std::uint32_t> victims;
        const std::size_t count = dice.chance(0.7) ? 1 : 2;
        while (victims.size() < count) {
            victims.insert(1 + static_cast<std::uint32_t>(dice.below(members)));
        }
        for (const auto victim : victims) {
            cluster->kill(victim);
            history.mark(live::steadyNow(), fmt::format("kill member {}", victim));
            ++killed;
        }
        for (const auto victim : victims) {
            cluster->start(victim);
        }
        goOn(1 + dice.below(60));
    }
    judge();
}

/// The file system lets a node's files grow no more: the node stops with a sentence, the others go
/// on, and what it had acknowledged is there when it is back.
TEST_F(KillTest, AFullDiskStopsANodeAndLosesNothing)
{
    ASSERT_NO_FATAL_FAILURE(start());
    const auto victim = lastBy.value; // who leads
    rlimit limit{};
    ASSERT_EQ(::prlimit(cluster->node(victim).id(), RLIMIT_FSIZE, nullptr, &limit), 0);
    limit.rlim_cur = 4096; // less than a segment holds already
    ASSERT_EQ(::prlimit(cluster->node(victim).id(), RLIMIT_FSIZE, &limit, nullptr), 0);
    ASSERT_TRUE(runUntil(io, [&] { return cluster->node(victim).poll().has_value(); }))
        << cluster->said();
    EXPECT_EQ(exitOf(cluster->node(victim)), 1);
    EXPECT_THAT(cluster->node(victim).output(), HasSubstr("File too large"));
    goOn(50);
    cluster->start(victim);
    goOn(50);
    judge();
}

TEST_F(KillTest, ACutByTheControlPortIsACut)
{
    ASSERT_NO_FATAL_FAILURE(start("--no-tls --allow-faults"));
    const auto token = [&] {
        return live::readClusterFile(cluster->path("cluster/operator/cluster.toml")).value().token;
    }();
    Dice dice(3);
    for (int round = 0; round < 4 && !HasFatalFailure(); ++round) {
        const auto leader = lastBy;
        const auto& control = cluster->controls[leader.value - 1];
        ASSERT_EQ(test::disturb(io, control, token, live::IsolateNode{leader},
                                fmt::format("isolate n{}", leader.value)),
                  "");
        ASSERT_TRUE(runUntil(io, [&] { return lastBy != leader; })) << "nobody else took over\n"
                                                                    << cluster->said();
        goOn(1 + dice.below(50));
        for (std::uint64_t key = 1; key <= 4; ++key) {
            EXPECT_FALSE(readFrom(leader, key)) << "who is cut off cannot know";
        }
        ASSERT_EQ(test::disturb(io, control, token, live::HealAll{}, "heal"), "");
        goOn(1 + dice.below(50));
    }
    judge();
}

/// A node whose clock is set back, by a minute and more than once, keeps its promises.
TEST_F(KillTest, AClockThatIsSetBackBreaksNothing)
{
    ASSERT_NO_FATAL_FAILURE(start("--no-tls --allow-faults"));
    const auto token =
        live::readClusterFile(cluster->path("cluster/operator/cluster.toml")).value().token;
    for (int round = 1; round <= 4 && !HasFatalFailure(); ++round) {
        const auto victim =
            round % 2 == 0 ? 1 + static_cast<std::uint32_t>(round % 3) : lastBy.value;
        ASSERT_EQ(test::disturb(io, cluster->controls[victim - 1], token,
                                live::SetClock{NodeId(victim), -round * 60s, 1.0},
                                fmt::format("skew n{} offset=-{}s", victim, round * 60)),
                  "");
        goOn(100);
    }
    judge();
}

} // namespace
} // namespace lightcone::node_program
