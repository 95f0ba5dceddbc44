#pragma once

#include "engine/core/dice.h"
#include "engine/live/address.h"
#include "engine/live/cluster_file.h"
#include "engine/live/control.h"
#include "engine/live/transport.h"
#include "tests/engine/live/loopback.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

/// Nodes as processes of their own: real sockets, real disks, real kills.
namespace lightcone::test {

/// Two hundred ports one after the other of which the first `count`, and those a hundred above,
/// are free. Below the range that outgoing connections take theirs from, so that a node that is
/// killed finds its own again.
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
        for (std::uint32_t i = 0; i < count; ++i) {
            free = free && isFree(base + i) && isFree(base + 100 + i);
        }
        if (free) {
            return static_cast<std::uint16_t>(base);
        }
    }
    throw std::runtime_error("no free ports");
}

/// A node's process. Killed, at the latest, with its owner, and by the system with the test.
class NodeProcess
{
public:
    NodeProcess(const std::string& config, std::string errors,
                const std::vector<std::string>& more = {})
        : m_errors(std::move(errors))
    {
        std::vector<std::string> words{LIGHTCONE_NODE_PATH, "--config", config};
        words.insert(words.end(), more.begin(), more.end());
        std::vector<char*> arguments;
        for (auto& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        const auto parent = ::getpid();
        m_pid = ::fork();
        if (m_pid == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            const int out = ::open(m_errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            if (::getppid() != parent || out == -1 || ::dup2(out, 1) == -1
                || ::dup2(out, 2) == -1) {
                ::_exit(127);
            }
            ::execv(arguments[0], arguments.data());
            ::_exit(127);
        }
    }
    NodeProcess(const NodeProcess&) = delete;
    NodeProcess& operator=(const NodeProcess&) = delete;
    ~NodeProcess()
    {
        if (!ended()) {
            kill();
        }
    }

    [[nodiscard]] pid_t pid() const { return m_pid; }

    /// As a power switch: returns when the process is gone.
    void kill()
    {
        signal(SIGKILL);
        wait();
    }

    void signal(int number) const { ::kill(m_pid, number); }

    /// Its status when it has ended: what it exited with, or minus the signal.
    std::optional<int> ended()
    {
        if (!m_status) {
            int status = 0;
            if (::waitpid(m_pid, &status, WNOHANG) == m_pid) {
                keep(status);
            }
        }
        return m_status;
    }

    int wait()
    {
        int status = 0;
        if (!m_status && ::waitpid(m_pid, &status, 0) == m_pid) {
            keep(status);
        }
        return m_status.value_or(-1);
    }

    /// What it said on stderr, in all its lives.
    [[nodiscard]] std::string said() const
    {
        std::ifstream in(m_errors);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

private:
    void keep(int status)
    {
        m_status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

    std::string m_errors;
    pid_t m_pid = -1;
    std::optional<int> m_status;
};

/// A cluster that `lightcone-node init` made in a directory of its own.
class RealCluster
{
public:
    explicit RealCluster(std::uint32_t count, const std::string& options = "")
    {
        const auto base = freePorts(count);
        const auto command =
            fmt::format("{} init --nodes {} --dir {} --no-tls --base-port {} {} "
                        "> {} 2>&1",
                        LIGHTCONE_NODE_PATH, count, path("cluster"), base, options, path("init"));
        if (std::system(command.c_str()) != 0) {
            throw std::runtime_error("lightcone-node init failed: " + command);
        }
        for (std::uint32_t i = 1; i <= count; ++i) {
            addresses.push_back({"127.0.0.1", static_cast<std::uint16_t>(port(i, false))});
            controls.push_back({"127.0.0.1", static_cast<std::uint16_t>(port(i, true))});
        }
    }

    [[nodiscard]] std::string path(const std::string& name) const
    {
        return (m_directory.path / name).string();
    }

    void start(std::uint32_t node)
    {
        const auto name = "n" + std::to_string(node);
        m_processes[node] = std::make_unique<NodeProcess>(path("cluster/" + name + "/node.toml"),
                                                          path(name + ".log"));
    }
    void startAll()
    {
        for (std::uint32_t node = 1; node <= addresses.size(); ++node) {
            start(node);
        }
    }

    [[nodiscard]] NodeProcess& node(std::uint32_t number) { return *m_processes.at(number); }

    /// What all nodes said, for a test that failed.
    [[nodiscard]] std::string said() const
    {
        std::string all;
        for (const auto& [number, process] : m_processes) {
            const auto text = process->said();
            constexpr std::size_t most = 4000;
            all += fmt::format("--- n{} said, at the end:\n{}\n", number,
                               text.substr(text.size() - std::min(text.size(), most)));
        }
        return all;
    }

    std::vector<live::Address> addresses; ///< peer ports
    std::vector<live::Address> controls;

private:
    /// As the node's own file has it.
    [[nodiscard]] std::uint32_t port(std::uint32_t node, bool control) const
    {
        const auto file = live::readClusterFile(path("cluster/operator/cluster.toml")).value();
        const auto& member = file.members.at(node - 1);
        const auto text = control ? member.control : member.peer;
        return live::parseAddress(text).value().port;
    }

    live::testing::TemporaryDirectory m_directory;
    std::map<std::uint32_t, std::unique_ptr<NodeProcess>> m_processes;
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
