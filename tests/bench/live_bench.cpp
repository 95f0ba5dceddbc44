// A Raft of three real nodes on loopback beside etcd, in the same run, on the same disk, with fsync
// on, the same clients in a closed loop and the same values; then how long both are without a
// leader when theirs is killed, and what it costs the nodes to be watched. etcd is asked through
// gRPC with a client that decodes nothing, at its leader, so that it forwards nothing.
//
//     bench_live [--clients 1,16,64,256] [--seconds 5] [--value-size 100] [--kills 10]
//                [--watched 3] [--only lightcone|etcd] [--set KEY=VALUE] [--tls]
//
// Everything is in TMPDIR, which should be on the disk that nodes use. Prints Markdown.

#include "engine/core/dice.h"
#include "engine/core/histogram.h"
#include "engine/live/client.h"
#include "engine/live/clocks.h"
#include "engine/live/load.h"
#include "engine/live/tls.h"
#include "engine/node/catalog.h"
#include "engine/session/workload.h"
#include "tests/app/node/real_cluster.h"
#include "tests/bench/etcd_client.h"
#include "tests/bench/listeners.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/program_options.hpp>

#include <fmt/format.h>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace lightcone::bench {
namespace {

using namespace std::chrono_literals;
using live::steadyNow;
using live::testing::runUntil;

// The same for both. etcd counts in heartbeats and wants five of them in its election time-out; of
// a time-out of T it draws one of T / heartbeat to 2 T / heartbeat - 1 heartbeats.
constexpr auto electionTimeout = 150ms;
constexpr auto heartbeat = 30ms;
constexpr auto longestTimeout = 2 * electionTimeout - heartbeat;
constexpr std::uint64_t keys = 1000;

struct Plan
{
    std::vector<std::uint32_t> clients;
    Duration lasts{};
    std::size_t valueBytes = 0;
    int kills = 0;
    int watched = 0; ///< pairs of runs
    std::string only;
    std::string parameters; ///< more words for `lightcone-node init`
    bool tls = false;

    [[nodiscard]] bool asks(const std::string& which) const
    {
        return only.empty() || only == which;
    }
};

struct Measured
{
    double perSecond = 0;
    Histogram latency{};
};

/// Three etcd members.
class Etcd
{
public:
    Etcd()
    {
        const auto base = test::freePorts(3);
        std::string all;
        for (std::uint32_t i = 0; i < 3; ++i) {
            m_clients.push_back({"127.0.0.1", static_cast<std::uint16_t>(base + 1 + i)});
            m_peers.push_back({"127.0.0.1", static_cast<std::uint16_t>(base + 101 + i)});
            all += fmt::format("{}e{}=http://{}", i == 0 ? "" : ",", i, m_peers[i].text());
        }
        m_all = all;
        m_processes.resize(3);
        for (std::uint32_t i = 0; i < 3; ++i) {
            start(i);
        }
    }

    void start(std::uint32_t i)
    {
        const auto client = "http://" + m_clients[i].text();
        const auto peer = "http://" + m_peers[i].text();
        m_processes[i] = std::make_unique<test::Process>(
            std::vector<std::string>{"/usr/bin/etcd",
                                     "--name",
                                     fmt::format("e{}", i),
                                     "--data-dir",
                                     (m_directory.path / fmt::format("e{}", i)).string(),
                                     "--listen-client-urls",
                                     client,
                                     "--advertise-client-urls",
                                     client,
                                     "--listen-peer-urls",
                                     peer,
                                     "--initial-advertise-peer-urls",
                                     peer,
                                     "--initial-cluster",
                                     m_all,
                                     "--initial-cluster-state",
                                     "new",
                                     "--heartbeat-interval",
                                     std::to_string(heartbeat.count()),
                                     "--election-timeout",
                                     std::to_string(electionTimeout.count()),
                                     "--logger",
                                     "zap",
                                     "--log-level",
                                     "error"},
            (m_directory.path / "log").string());
    }

    void kill(std::uint32_t i)
    {
        m_processes[i]->send(SIGKILL);
        m_processes[i]->wait();
    }

    [[nodiscard]] const std::vector<live::Address>& addresses() const { return m_clients; }

    std::shared_ptr<EtcdConnection> connect(boost::asio::io_context& io, std::uint32_t i)
    {
        auto connection = std::make_shared<EtcdConnection>(io);
        try {
            connection->open(m_clients[i]);
        } catch (const std::exception&) {
            return nullptr;
        }
        return connection;
    }

    /// Who leads, as soon as somebody does and says so.
    std::uint32_t leader(boost::asio::io_context& io)
    {
        std::optional<std::uint32_t> found;
        runUntil(
            io,
            [&] {
                for (std::uint32_t i = 0; i < 3 && !found; ++i) {
                    const auto connection = connect(io, i);
                    if (!connection) {
                        continue;
                    }
                    bool answered = false;
                    connection->call("/etcdserverpb.Maintenance/Status", {}, [&](BytesView reply) {
                        answered = true;
                        if (EtcdConnection::leads(reply)) {
                            found = i;
                        }
                    });
                    runUntil(
                        io, [&] { return answered; }, 500ms);
                    connection->close();
                }
                return found.has_value();
            },
            20s);
        if (!found) {
            throw std::runtime_error("etcd finds no leader; is etcd installed?");
        }
        return *found;
    }

private:
    live::testing::TemporaryDirectory m_directory;
    std::vector<live::Address> m_clients;
    std::vector<live::Address> m_peers;
    std::string m_all;
    std::vector<std::unique_ptr<test::Process>> m_processes;
};

std::string valueOf(std::uint64_t number, std::size_t bytes)
{
    auto value = std::to_string(number);
    return value.size() < bytes ? std::string(bytes - value.size(), 'v') + value : value;
}

/// Clients that put again as soon as they were answered.
class EtcdLoad
{
public:
    EtcdLoad(boost::asio::io_context& io, Etcd& etcd, const Plan& plan, std::uint32_t clients)
        : m_io(io)
        , m_plan(plan)
        , m_dice(1)
    {
        const auto leader = etcd.leader(io);
        // As etcd's own benchmark does: several clients share a connection.
        constexpr std::uint32_t clientsEach = 8;
        for (std::uint32_t i = 0; i < (clients + clientsEach - 1) / clientsEach; ++i) {
            m_connections.push_back(etcd.connect(io, leader));
        }
        m_begin = steadyNow() + 1s; // warming up
        m_end = m_begin + plan.lasts;
        for (std::uint32_t i = 0; i < clients; ++i) {
            ++m_open;
            put(i % m_connections.size());
        }
        io.restart();
        io.run_for(60s);
    }
    EtcdLoad(const EtcdLoad&) = delete;
    EtcdLoad& operator=(const EtcdLoad&) = delete;
    ~EtcdLoad()
    {
        for (const auto& connection : m_connections) {
            connection->close();
        }
    }

    [[nodiscard]] Measured measured() const
    {
        return {static_cast<double>(m_latency.count())
                    / std::chrono::duration<double>(m_plan.lasts).count(),
                m_latency};
    }

private:
    void put(std::size_t connection)
    {
        const auto begun = steadyNow();
        if (begun >= m_end) {
            if (--m_open == 0) {
                m_io.stop();
            }
            return;
        }
        const auto message = EtcdConnection::put("key" + std::to_string(m_dice.below(keys)),
                                                 valueOf(++m_number, m_plan.valueBytes));
        m_connections[connection]->call("/etcdserverpb.KV/Put", message,
                                        [this, begun, connection](BytesView reply) {
                                            const auto now = steadyNow();
                                            if (reply.empty()) {
                                                throw std::runtime_error("etcd refused a put");
                                            }
                                            if (begun >= m_begin && now <= m_end) {
                                                m_latency.record(now - begun);
                                            }
                                            put(connection);
                                        });
    }

    boost::asio::io_context& m_io;
    Plan m_plan;
    Dice m_dice;
    std::vector<std::shared_ptr<EtcdConnection>> m_connections;
    Histogram m_latency;
    Instant m_begin{};
    Instant m_end{};
    std::uint64_t m_number = 0;
    std::uint32_t m_open = 0;
};

/// Three nodes of ours.
class Lightcone
{
public:
    explicit Lightcone(const Plan& plan)
        : m_cluster(3, options(plan))
    {
        m_cluster.startAll();
        m_client.addresses = m_cluster.addresses;
        m_client.findProtocol = [](std::string_view id) { return node::findProtocol(id); };
        m_client.settings.patience = 20s;
        m_client.settings.mostBackOff = 20ms;
        m_client.settings.backOff = 5ms;
        if (plan.tls) {
            const auto file =
                live::readClusterFile(m_cluster.path("cluster/client/cluster.toml")).value();
            m_client.tls = live::openTls(file.tls).value();
        }
        boost::asio::io_context io(1);
        open(io); // they have their ports before anybody looks for free ones
    }

    std::unique_ptr<live::ClusterClient> open(boost::asio::io_context& io)
    {
        std::unique_ptr<live::ClusterClient> client;
        std::optional<bool> opened;
        const bool isOpen = runUntil(
            io,
            [&] {
                if (!client || opened == false) {
                    opened.reset();
                    client = std::make_unique<live::ClusterClient>(io.get_executor(), m_client);
                    client->open([&](const Result<void>& done) { opened = done.has_value(); });
                }
                return opened.value_or(false);
            },
            20s);
        if (!isOpen) {
            throw std::runtime_error("the nodes do not let us in:\n" + m_cluster.said());
        }
        return client;
    }

    live::LoadResult load(boost::asio::io_context& io, const live::LoadPlan& plan)
    {
        const auto client = open(io);
        const auto load = live::Load::prepare(io.get_executor(), *client, plan).value();
        std::optional<live::LoadResult> result;
        load->start([&](const live::LoadResult& whole) {
            result = whole;
            io.stop();
        });
        io.restart();
        io.run_for(120s);
        return result.value();
    }

    test::RealCluster& cluster() { return m_cluster; }

private:
    static std::string options(const Plan& plan)
    {
        return fmt::format("{} --set electionTimeoutLow={}ms --set electionTimeoutHigh={}ms --set "
                           "heartbeat={}ms {}",
                           plan.tls ? "" : "--no-tls", electionTimeout.count(),
                           longestTimeout.count(), heartbeat.count(), plan.parameters);
    }

    test::RealCluster m_cluster;
    live::ClientPlan m_client;
};

live::LoadPlan loadOf(const Plan& plan, std::uint32_t clients)
{
    live::LoadPlan load;
    load.clients = clients;
    load.warmUp = 1s;
    load.lasts = plan.lasts;
    const auto& raft = *node::findProtocol("raft");
    node::WorkloadPlan workload;
    workload.mix = session::parseMix("put", raft, describe::plainNames()).value();
    workload.keys = keys;
    workload.length = plan.valueBytes;
    load.workload = node::Workload::make(raft, std::move(workload)).value();
    return load;
}

std::string milliseconds(Duration duration)
{
    return fmt::format("{:.2f} ms", std::chrono::duration<double, std::milli>(duration).count());
}

void printRow(std::uint32_t clients, const std::string& who, const Measured& measured)
{
    std::cout << fmt::format("| {} | {} | {:.0f} | {} | {} | {} |\n", clients, who,
                             measured.perSecond, milliseconds(measured.latency.quantile(0.5)),
                             milliseconds(measured.latency.quantile(0.99)),
                             milliseconds(measured.latency.most()))
              << std::flush;
}

/// One after the other, each alone on the machine: idle members cost processor time too.
void measureThroughput(const Plan& plan)
{
    std::map<std::uint32_t, double> ours;
    std::cout << fmt::format("Puts of {} bytes, {} each:\n\n"
                             "| clients | | a second | median | 99 % | most |\n"
                             "|---|---|---|---|---|---|\n",
                             plan.valueBytes, toText(plan.lasts));
    if (plan.asks("lightcone")) {
        Lightcone cluster(plan);
        for (const auto clients : plan.clients) {
            boost::asio::io_context io(1);
            const auto result = cluster.load(io, loadOf(plan, clients));
            ours[clients] = result.perSecond();
            printRow(clients, "Lightcone", {result.perSecond(), result.latency});
        }
    }
    if (plan.asks("etcd")) {
        Etcd etcd;
        for (const auto clients : plan.clients) {
            boost::asio::io_context io(1);
            const auto measured = EtcdLoad(io, etcd, plan, clients).measured();
            printRow(clients, "etcd", measured);
            if (ours[clients] > 0) {
                std::cout << fmt::format("| {} | ratio | {:.1f} | | | |\n", clients,
                                         ours[clients] / measured.perSecond);
            }
        }
    }
}

/// The same load alone and with an explorer that listens to all three nodes, in turn.
void measureWatching(const Plan& plan)
{
    constexpr std::uint32_t clients = 64;
    Lightcone cluster(plan);
    const auto& controls = cluster.cluster().controls;
    const auto token =
        live::readClusterFile(cluster.cluster().path("cluster/operator/cluster.toml"))
            .value()
            .token;
    std::cout << fmt::format("\nWith an explorer, {} clients, {} each:\n\n"
                             "| alone | watched | of that | entries told a second |\n"
                             "|---|---|---|---|\n",
                             clients, toText(plan.lasts));
    const auto load = loadOf(plan, clients);
    std::vector<double> shares;
    for (int i = 0; i < plan.watched; ++i) {
        boost::asio::io_context io(1);
        const auto alone = cluster.load(io, load).perSecond();
        const Listeners listeners(controls, token);
        runUntil(
            io, [&] { return listeners.areOpen(); }, 10s);
        const auto before = listeners.entries();
        const auto watched = cluster.load(io, load).perSecond();
        const auto told = static_cast<double>(listeners.entries() - before)
            / std::chrono::duration<double>(load.lasts + load.warmUp).count();
        shares.push_back(watched / alone);
        std::cout << fmt::format(
            "| {:.0f} | {:.0f} | {:.0f} % | {:.0f}{} |\n", alone, watched, 100 * shares.back(),
            told,
            listeners.whyClosed().empty() ? "" : ", and was cut off: " + listeners.whyClosed())
                  << std::flush;
    }
    std::sort(shares.begin(), shares.end());
    std::cout << fmt::format("\nThe median is {:.0f} %.\n", 100 * shares[shares.size() / 2]);
}

/// From the kill to the end of the first put that began after it. Puts begin every few
/// milliseconds, whatever becomes of those before.
constexpr auto probeEvery = 5ms;

Duration ourGap(Lightcone& ours)
{
    boost::asio::io_context io(1);
    const auto client = ours.open(io);
    const auto body = [&] {
        const auto& protocol = client->protocol();
        return protocol
            .payload(node::PayloadRole::Request,
                     describe::parse(protocol.card().request, "put x 1").value())
            .value();
    }();
    std::optional<NodeId> leader;
    std::vector<std::size_t> idle;
    const auto ask = [&](const live::ClusterClient::OnAnswered& onAnswered) {
        if (idle.empty()) {
            idle.push_back(client->addClient());
        }
        const auto place = idle.back();
        idle.pop_back();
        client->submit(place, body, [&idle, place, onAnswered](const live::Answered& answered) {
            idle.push_back(place);
            onAnswered(answered);
        });
    };
    ask([&](const live::Answered& answered) { leader = answered.by; });
    runUntil(io, [&] { return leader.has_value(); });
    const auto victim = leader.value().value;
    const auto killed = steadyNow();
    ours.cluster().kill(victim);
    std::optional<Instant> first;
    auto next = killed;
    runUntil(io, [&] {
        if (steadyNow() >= next) {
            next += probeEvery;
            ask([&](const live::Answered& answered) {
                if (!first && answered.answer == node::Answer::Done) {
                    first = steadyNow();
                }
            });
        }
        io.restart();
        io.run_one_for(1ms);
        return first.has_value();
    });
    ours.cluster().start(victim);
    const auto gap = first.value() - killed;
    // All three are back before the next one.
    bool back = false;
    ask([&](const live::Answered&) { back = true; });
    runUntil(io, [&] { return back; });
    runUntil(
        io, [] { return false; }, 1s);
    return gap;
}

Duration etcdGap(Etcd& etcd)
{
    boost::asio::io_context io(1);
    const auto leader = etcd.leader(io);
    std::vector<std::shared_ptr<EtcdConnection>> others;
    for (std::uint32_t i = 0; i < 3; ++i) {
        if (i != leader) {
            others.push_back(etcd.connect(io, i));
        }
    }
    const auto killed = steadyNow();
    etcd.kill(leader);
    std::optional<Instant> first;
    auto next = killed;
    runUntil(io, [&] {
        if (steadyNow() >= next) {
            next += probeEvery;
            for (const auto& connection : others) {
                connection->call("/etcdserverpb.KV/Put", EtcdConnection::put("x", "1"),
                                 [&](BytesView reply) {
                                     if (!first && !reply.empty()) {
                                         first = steadyNow();
                                     }
                                 });
            }
        }
        io.restart();
        io.run_one_for(1ms);
        return first.has_value();
    });
    const auto gap = first.value() - killed;
    for (const auto& connection : others) {
        connection->close();
    }
    etcd.start(leader);
    const auto isBack = [&] {
        const auto connection = etcd.connect(io, leader);
        if (connection) {
            connection->close();
        }
        return connection != nullptr;
    };
    runUntil(io, isBack);
    runUntil(
        io, [] { return false; }, 1s);
    return gap;
}

template <class Kill>
void measureGaps(const std::string& who, int kills, Kill kill)
{
    Histogram gaps;
    for (int i = 0; i < kills; ++i) {
        gaps.record(kill());
    }
    std::cout << fmt::format("| {} | {} | {} | {} |\n", who, milliseconds(gaps.least()),
                             milliseconds(gaps.quantile(0.5)), milliseconds(gaps.most()))
              << std::flush;
}

void measureFailover(const Plan& plan)
{
    std::cout << fmt::format("\nWithout a leader after `kill -9` of it, election time-outs {} to "
                             "{} ms, {} kills:\n\n| | least | median | most |\n|---|---|---|---|\n",
                             electionTimeout.count(), longestTimeout.count(), plan.kills);
    if (plan.asks("lightcone")) {
        Lightcone ours(plan);
        measureGaps("Lightcone", plan.kills, [&] { return ourGap(ours); });
    }
    if (plan.asks("etcd")) {
        Etcd etcd;
        measureGaps("etcd", plan.kills, [&] { return etcdGap(etcd); });
    }
}

int run(int argc, char** argv)
{
    namespace options = boost::program_options;
    options::options_description known("bench_live");
    known.add_options()("help", "show this and end")(
        "clients", options::value<std::string>()->default_value("1,16,64,256"))(
        "seconds", options::value<double>()->default_value(5))(
        "value-size", options::value<std::size_t>()->default_value(100))(
        "kills", options::value<int>()->default_value(10))("watched",
                                                           options::value<int>()->default_value(3))(
        "only", options::value<std::string>()->default_value(""))(
        "set", options::value<std::vector<std::string>>(),
        "KEY=VALUE: a parameter of our Raft")("tls", "ours with TLS");
    options::variables_map given;
    options::store(options::parse_command_line(argc, argv, known), given);
    if (given.count("help") != 0) {
        std::cout << known;
        return 0;
    }
    Plan plan;
    std::istringstream clients(given["clients"].as<std::string>());
    for (std::string each; std::getline(clients, each, ',');) {
        plan.clients.push_back(static_cast<std::uint32_t>(std::stoul(each)));
    }
    plan.lasts = Duration(static_cast<Duration::rep>(given["seconds"].as<double>() * 1e9));
    plan.valueBytes = given["value-size"].as<std::size_t>();
    plan.kills = given["kills"].as<int>();
    plan.watched = given["watched"].as<int>();
    plan.only = given["only"].as<std::string>();
    plan.tls = given.count("tls") != 0;
    if (given.count("set") != 0) {
        for (const auto& each : given["set"].as<std::vector<std::string>>()) {
            plan.parameters += " --set " + each;
        }
    }
    if (!plan.clients.empty() && plan.lasts > Duration::zero()) {
        measureThroughput(plan);
    }
    if (plan.kills > 0) {
        measureFailover(plan);
    }
    if (plan.watched > 0 && plan.asks("lightcone") && !plan.tls) {
        measureWatching(plan);
    }
    return 0;
}

} // namespace
} // namespace lightcone::bench

int main(int argc, char** argv)
{
    try {
        return lightcone::bench::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "bench_live: " << error.what() << '\n';
        return 1;
    }
}
