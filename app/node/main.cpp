#include "app/node/init.h"
#include "app/node/logging.h"
#include "app/node/settings.h"
#include "engine/live/cluster_file.h"
#include "engine/live/daemon.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/program_options.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

namespace lightcone::node_program {
namespace {

namespace options = boost::program_options;

constexpr int fine = 0;
constexpr int failed = 1; ///< the node could not go on
constexpr int wrong = 2; ///< wrong usage or configuration

constexpr auto software = "lightcone " LIGHTCONE_VERSION;

int complain(const Error& error)
{
    std::cerr << "lightcone-node: " << error.text() << '\n';
    return wrong;
}

using Words = std::vector<std::string>;

Words listOf(const options::variables_map& given, const std::string& name)
{
    return given.count(name) != 0 ? given[name].as<Words>() : Words{};
}

/// "key=value"
Result<std::pair<std::string, std::string>> pairOf(const std::string& text, std::string_view what)
{
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
        return fail("expected " + std::string(what) + ", found '" + text + "'");
    }
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

auto text(const char* shown)
{
    return options::value<std::string>()->value_name(shown);
}

auto texts(const char* shown)
{
    return options::value<Words>()->value_name(shown);
}

options::options_description nodeOptions()
{
    options::options_description all("Options");
    auto add = all.add_options();
    add("config,c", text("FILE"), "read the node's file; flags count more");
    add("protocol", text("NAME"), "what it runs: raft, …");
    add("set", texts("KEY=VALUE"), "a parameter of the protocol");
    add("cluster", text("NAME"), "the cluster's name");
    add("id", text("NAME"), "which member it is: n1");
    add("member", texts("NAME=HOST:PORT[,HOST:PORT]"),
        "where a member's peer port is, and its control port; once for each");
    add("peer", text("HOST:PORT"), "where to listen for peers and clients");
    add("control", text("HOST:PORT"), "where to listen for explorers");
    add("data", text("DIR"), "where its data is");
    add("authority", text("FILE"), "TLS: the authority's certificate, PEM");
    add("certificate", text("FILE"), "TLS: the node's certificate, PEM");
    add("key", text("FILE"), "TLS: the key to it, PEM");
    add("token-file", text("FILE"), "without TLS, on loopback: what explorers must know");
    add("allow-faults", "let operators crash, pause and disturb this node");
    add("log-level", text("LEVEL"), "debug, info, warning or error");
    add("log-format", text("FORMAT"), "text or json, on stderr");
    add("help,h", "show this and end");
    add("version", "show the version and end");
    return all;
}

options::options_description initOptions()
{
    constexpr std::uint16_t usualPort = 7100;
    options::options_description all("Options");
    auto add = all.add_options();
    add("protocol", text("NAME")->default_value("raft"), "what the cluster runs");
    add("nodes", options::value<std::uint32_t>()->value_name("N"),
        "how many nodes, where that is a parameter");
    add("set", texts("KEY=VALUE"), "a parameter of the protocol");
    add("dir", text("DIR"), "where to write; not there yet, or empty");
    add("cluster", text("NAME"), "the cluster's name; else the protocol's");
    add("host", texts("HOST"), "of each node in order; the last serves the rest (127.0.0.1)");
    add("base-port", options::value<std::uint16_t>()->value_name("N")->default_value(usualPort),
        "peer ports follow it, control ports are 100 above them");
    add("no-tls", "no certificates: loopback and a token");
    add("allow-faults", "let operators crash, pause and disturb the nodes");
    add("help,h", "show this and end");
    return all;
}

Result<void> takeMembers(const options::variables_map& given, Wishes& wishes)
{
    const auto members = listOf(given, "member");
    if (members.empty()) {
        return {};
    }
    wishes.members.clear();
    wishes.membersAt.reset();
    for (const auto& each : members) {
        auto pair = pairOf(each, "--member NAME=HOST:PORT[,HOST:PORT]");
        if (!pair) {
            return pair.error();
        }
        live::MemberAddress member;
        member.name = pair->first;
        const auto comma = pair->second.find(',');
        member.peer = pair->second.substr(0, comma);
        if (comma != std::string::npos) {
            member.control = pair->second.substr(comma + 1);
        }
        for (const auto& address : {member.peer, member.control}) {
            if (auto read = live::parseAddress(address); !address.empty() && !read) {
                return fail("--member " + member.name + ": " + read.error().message);
            }
        }
        wishes.members.push_back(std::move(member));
    }
    return {};
}

/// What flags say counts more than what the file says.
Result<void> takeFlags(const options::variables_map& given, Wishes& wishes)
{
    for (const auto& [name, into] :
         {std::pair("protocol", &wishes.protocol), std::pair("cluster", &wishes.cluster),
          std::pair("id", &wishes.id), std::pair("peer", &wishes.peer),
          std::pair("control", &wishes.control), std::pair("data", &wishes.data),
          std::pair("token-file", &wishes.tokenFile), std::pair("log-level", &wishes.logLevel),
          std::pair("log-format", &wishes.logFormat)}) {
        if (given.count(name) != 0) {
            *into = Given{given[name].as<std::string>()};
        }
    }
    for (const auto& [name, into] :
         {std::pair("authority", &wishes.tls.authority),
          std::pair("certificate", &wishes.tls.certificate), std::pair("key", &wishes.tls.key)}) {
        if (given.count(name) != 0) {
            *into = given[name].as<std::string>();
        }
    }
    const auto& tls = wishes.tls;
    if (tls.given() && (tls.certificate.empty() || tls.key.empty())) {
        return fail("TLS needs --authority, --certificate and --key together");
    }
    if (!tls.given() && !(tls.certificate.empty() && tls.key.empty())) {
        return fail("TLS needs --authority, --certificate and --key together");
    }
    for (const auto& each : listOf(given, "set")) {
        auto pair = pairOf(each, "--set KEY=VALUE");
        if (!pair) {
            return pair.error();
        }
        wishes.parameters.emplace_back(pair->first, Given{pair->second});
    }
    if (given.count("allow-faults") != 0) {
        wishes.allowFaults = true;
    }
    return takeMembers(given, wishes);
}

Result<live::DaemonPlan> planOf(const Settings& settings)
{
    live::DaemonPlan plan;
    plan.protocol = settings.protocol;
    plan.setup = settings.setup;
    plan.self = settings.self;
    plan.cluster = settings.cluster;
    plan.directory = settings.directory;
    plan.peer = settings.peer;
    plan.control = settings.control;
    plan.token = settings.token;
    plan.allowFaults = settings.allowFaults;
    plan.software = software;
    if (!settings.tls.given()) {
        return plan;
    }
    auto tls = live::openTls(settings.tls);
    if (!tls) {
        return tls.error();
    }
    const auto& own = **tls;
    const auto misfit = [&](std::string message) {
        auto error = fail(std::move(message));
        error.file = settings.tls.certificate;
        return error;
    };
    if (own.role != live::Role::Peer) {
        return misfit("a node needs a certificate whose OU is 'peer'");
    }
    if (own.name != settings.name) {
        return misfit("the certificate is of '" + own.name + "', and this is " + settings.name);
    }
    if (own.cluster != settings.cluster) {
        return misfit("the certificate is of cluster '" + own.cluster + "', and this is '"
                      + settings.cluster + "'");
    }
    plan.tls = *tls;
    return plan;
}

/// Waits until everybody has heard goodbye, but not for long.
class Farewell
{
public:
    Farewell(boost::asio::io_context& io, const live::Daemon& daemon)
        : m_io(io)
        , m_daemon(daemon)
        , m_timer(io)
    {
    }

    void wait()
    {
        constexpr int most = 50;
        if (m_daemon.connections() == 0 || ++m_waits > most) {
            m_io.stop();
            return;
        }
        m_timer.expires_after(std::chrono::milliseconds(10));
        m_timer.async_wait([this](const boost::system::error_code&) { wait(); });
    }

private:
    boost::asio::io_context& m_io;
    const live::Daemon& m_daemon;
    boost::asio::steady_timer m_timer;
    int m_waits = 0;
};

/// Runs until a signal or a failing disk ends it.
int serve(const Settings& settings)
{
    auto plan = planOf(settings);
    if (!plan) {
        return complain(plan.error());
    }
    const auto log = openLog(settings);
    // One thread runs everything but the syncing of the disk.
    boost::asio::io_context io(1);
    auto daemon = live::Daemon::open(io.get_executor(), std::move(*plan), log);
    if (!daemon) {
        return complain(daemon.error());
    }
    int status = fine;
    boost::asio::signal_set signals(io, SIGTERM, SIGINT);
    Farewell farewell(io, **daemon);
    const auto leave = [&] {
        boost::system::error_code ignored;
        signals.cancel(ignored);
        farewell.wait();
    };
    (*daemon)->onCrash = [] { ::kill(::getpid(), SIGKILL); };
    (*daemon)->onFailed = [&](const Error& error) {
        log(live::LogLevel::Error, "the node cannot go on", {{"why", error.text()}});
        status = failed;
        leave();
    };
    signals.async_wait([&](const boost::system::error_code& cancelled, int signal) {
        if (!cancelled) {
            const std::string why = signal == SIGTERM ? "SIGTERM" : "SIGINT";
            log(live::LogLevel::Info, "leaving", {{"why", why}});
            (*daemon)->stop(why);
            leave();
        }
    });
    (*daemon)->begin(settings.members);
    const auto control = (*daemon)->controlAddress();
    log(live::LogLevel::Info, "serving",
        {{"protocol", settings.protocol->card().id},
         {"cluster", settings.cluster},
         {"boot", std::to_string((*daemon)->host().incarnation())},
         {"peer", (*daemon)->peerAddress().text()},
         {"control", control ? control->text() : "none"},
         {"tls", settings.tls.given() ? "on" : "off"},
         {"faults", settings.allowFaults ? "allowed" : "refused"}});
    io.run();
    daemon->reset();
    log(live::LogLevel::Info, "left");
    return status;
}

int run(const options::variables_map& given)
{
    Wishes wishes;
    if (given.count("config") != 0) {
        auto read = readNodeFile(given["config"].as<std::string>());
        if (!read) {
            return complain(read.error());
        }
        wishes = std::move(*read);
    }
    if (auto taken = takeFlags(given, wishes); !taken) {
        return complain(taken.error());
    }
    auto settings = understand(wishes);
    if (!settings) {
        return complain(settings.error());
    }
    return serve(*settings);
}

int init(const options::variables_map& given)
{
    if (given.count("dir") == 0) {
        return complain(fail("where to? lightcone-node init --dir DIR"));
    }
    NewCluster wanted;
    wanted.protocol = given["protocol"].as<std::string>();
    wanted.directory = given["dir"].as<std::string>();
    wanted.basePort = given["base-port"].as<std::uint16_t>();
    wanted.hosts = listOf(given, "host");
    wanted.tls = given.count("no-tls") == 0;
    wanted.allowFaults = given.count("allow-faults") != 0;
    if (given.count("cluster") != 0) {
        wanted.name = given["cluster"].as<std::string>();
    }
    if (given.count("nodes") != 0) {
        wanted.nodes = given["nodes"].as<std::uint32_t>();
        if (wanted.nodes == 0) {
            return complain(fail("--nodes: expected at least 1"));
        }
    }
    for (const auto& each : listOf(given, "set")) {
        auto pair = pairOf(each, "--set KEY=VALUE");
        if (!pair) {
            return complain(pair.error());
        }
        wanted.parameters.push_back(std::move(*pair));
    }
    auto made = makeCluster(wanted);
    if (!made) {
        return complain(made.error());
    }
    for (const auto& line : *made) {
        std::cout << line << '\n';
    }
    return fine;
}

int main(Words words)
{
    const bool initializes = !words.empty() && words.front() == "init";
    if (initializes) {
        words.erase(words.begin());
    }
    const auto known = initializes ? initOptions() : nodeOptions();
    options::variables_map given;
    try {
        // No positional words: one that stands alone is a mistake.
        options::store(options::command_line_parser(words)
                           .options(known)
                           .positional(options::positional_options_description())
                           .run(),
                       given);
    } catch (const options::error& error) {
        return complain(fail(std::string(error.what()) + "; --help shows the options"));
    }
    if (given.count("help") != 0) {
        std::cout << (initializes ? "Usage: lightcone-node init --dir DIR [OPTION…]\nWrites the "
                                    "configurations and certificates of a new cluster.\n\n"
                                  : "Usage: lightcone-node --config FILE [OPTION…]\n       "
                                    "lightcone-node init --dir DIR [OPTION…]\nRuns one node of a "
                                    "distributed protocol.\n\n")
                  << known
                  << "\nExit status: 0 fine, 1 the node could not go on, 2 wrong usage or "
                     "configuration.\n";
        return fine;
    }
    if (given.count("version") != 0) {
        std::cout << "lightcone-node " LIGHTCONE_VERSION "\n";
        return fine;
    }
    if (!initializes && words.empty()) {
        return complain(fail("expected --config FILE, or flags; --help shows them"));
    }
    return initializes ? init(given) : run(given);
}

} // namespace
} // namespace lightcone::node_program

int main(int argc, char** argv)
{
    try {
        return lightcone::node_program::main({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "lightcone-node: " << error.what() << '\n';
        return lightcone::node_program::wrong;
    }
}
