#pragma once

#include "engine/core/dice.h"
#include "engine/live/address.h"
#include "engine/live/cluster_file.h"
#include "engine/live/control.h"
#include "engine/live/transport.h"
#include "tests/app/node/process.h"
#include "tests/engine/live/loopback.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

/// Nodes as processes of their own: real sockets, real disks, real kills.
namespace lightcone::test {

using node_program::testing::Process;

/// A base port above which so many ports are free, and so many a hundred above. Below the range
/// that outgoing connections take theirs from, so that a node that is killed finds its own again.
inline std::uint16_t freePorts(std::uint32_t count)
{
    namespace ip = boost::asio::ip;
    boost::asio::io_context io;
    const auto isFree = [&](std::uint32_t port) {
        boost::system::error_code taken;
        ip::tcp::acceptor acceptor(io);
        acceptor.open(ip::tcp::v4(), taken);
        acceptor.set_option(ip::tcp::acceptor::reuse_address(true), taken);
        acceptor.bind({ip::address_v4::loopback(), static_cast<std::uint16_t>(port)}, taken);
        return !taken;
    };
    Dice dice(static_cast<std::uint64_t>(::getpid()));
    for (int tries = 0; tries < 1000; ++tries) {
        const auto base = 15'000 + 200 * static_cast<std::uint32_t>(dice.below(80));
        bool free = true;
        for (auto port = base + 1; port <= base + count; ++port) {
            free = free && isFree(port) && isFree(port + 100);
        }
        if (free) {
            return static_cast<std::uint16_t>(base);
        }
    }
    throw std::runtime_error("no free ports");
}

/// A cluster that `lightcone-node init` made in a directory of its own. A protocol may have more
/// members than `--nodes` says.
class RealCluster
{
public:
    /// count: 0 where the options say how many nodes there are; `sizes` says so where that is not a
    /// parameter called nodes.
    explicit RealCluster(std::uint32_t count, const std::string& options = "--no-tls",
                         const std::string& sizes = {})
    {
        constexpr std::uint32_t others = 30;
        const auto base = freePorts(count + others);
        const auto command =
            fmt::format("{} init {} --dir {} --base-port {} {} > {} 2>&1", LIGHTCONE_NODE_PATH,
                        !sizes.empty()   ? sizes
                            : count == 0 ? ""
                                         : fmt::format("--nodes {}", count),
                        path("cluster"), base, options, path("init"));
        if (std::system(command.c_str()) != 0) {
            throw std::runtime_error("lightcone-node init failed: " + command);
        }
        const auto file = live::readClusterFile(path("cluster/operator/cluster.toml")).value();
        for (const auto& member : file.members) {
            m_names.push_back(member.name);
            addresses.push_back(live::parseAddress(member.peer).value());
            controls.push_back(live::parseAddress(member.control).value());
        }
    }

    [[nodiscard]] std::string path(const std::string& name) const
    {
        return (m_directory.path / name).string();
    }

    void start(std::uint32_t node)
    {
        const auto name = nameOf(node);
        const auto before = m_processes.find(node);
        m_saidBefore[node] = before == m_processes.end() ? 0 : before->second->output().size();
        m_processes[node] = std::make_unique<Process>(
            std::vector<std::string>{LIGHTCONE_NODE_PATH, "--config",
                                     path("cluster/" + name + "/node.toml")},
            path(name + ".log"));
    }
    void startAll()
    {
        for (std::uint32_t node = 1; node <= addresses.size(); ++node) {
            start(node);
        }
    }

    [[nodiscard]] Process& node(std::uint32_t number) { return *m_processes.at(number); }

    /// Whether it has come so far as to serve: what it is told before, it may not hear.
    [[nodiscard]] bool serves(std::uint32_t number) const
    {
        const auto said = m_processes.at(number)->output();
        return said.find(" serving ", m_saidBefore.at(number)) != std::string::npos;
    }

    /// As a power switch: returns when the process is gone.
    void kill(std::uint32_t number)
    {
        node(number).send(SIGKILL);
        node(number).wait();
    }

    /// What all nodes said, for a test that failed.
    [[nodiscard]] std::string said() const
    {
        std::string all;
        for (const auto& [number, process] : m_processes) {
            const auto text = process->output();
            constexpr std::size_t most = 4000;
            all += fmt::format("--- {} said, at the end:\n{}\n", m_names.at(number - 1),
                               text.substr(text.size() - std::min(text.size(), most)));
        }
        return all;
    }

    std::vector<live::Address> addresses; ///< peer ports
    std::vector<live::Address> controls;

    /// "n1", or what the protocol calls it.
    [[nodiscard]] std::string nameOf(std::uint32_t node) const { return m_names.at(node - 1); }

private:
    live::testing::TemporaryDirectory m_directory;
    std::vector<std::string> m_names; ///< of the members, by number
    std::map<std::uint32_t, std::unique_ptr<Process>> m_processes;
    std::map<std::uint32_t, std::size_t> m_saidBefore; ///< in the lives before this one
};

/// Tells a node's control port to do something; an empty text when it obeyed, else why not.
inline std::string disturb(boost::asio::io_context& io, const live::Address& control,
                           const std::string& token, const live::Disturbance& what,
                           const std::string& line)
{
    struct Ear final : live::Receiver
    {
        Result<void> onFrame(live::FrameKind, BytesView body) override
        {
            const auto word = live::readWord(body);
            if (!word) {
                return word.error();
            }
            if (const auto* denied = std::get_if<live::Denied>(&*word)) {
                answer = denied->why;
            } else if (std::holds_alternative<live::Obeyed>(*word)) {
                answer = "";
            }
            return {};
        }
        void onClosed(const std::string& why) override
        {
            if (!answer) {
                answer = "closed: " + why;
            }
        }
        std::optional<std::string> answer;
    };
    const auto ear = std::make_shared<Ear>();
    live::ConnectionPtr open;
    live::Dial::Plan plan;
    plan.address = control;
    plan.hello.purpose = live::Purpose::Control;
    plan.hello.token = token;
    const auto dial = live::Dial::start(
        io.get_executor(), plan,
        [&](const live::ConnectionPtr& connection, const live::Welcome&) {
            open = connection;
            connection->send(live::FrameKind::Control,
                             live::toBody(live::Wish(live::Disturb{1, what, line})));
            return ear;
        },
        [&](const std::string& why, std::optional<live::Rejection>) { ear->answer = why; });
    if (!live::testing::runUntil(
            io, [&] { return ear->answer.has_value(); }, std::chrono::seconds(5))) {
        return "no answer";
    }
    if (open) {
        open->close("said");
    }
    return *ear->answer;
}

} // namespace lightcone::test
