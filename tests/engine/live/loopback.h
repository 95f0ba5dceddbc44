#pragma once

#include "engine/describe/text.h"
#include "engine/live/daemon.h"
#include "engine/live/transport.h"
#include "engine/node/catalog.h"
#include "engine/node/parameters.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

/// Live nodes on loopback within the test's own process and thread.
namespace lightcone::live::testing {

/// A directory that goes when the test does.
class TemporaryDirectory
{
public:
    TemporaryDirectory()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "lightcone-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("cannot make " + pattern);
        }
        path = pattern;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }

    std::filesystem::path path;
};

/// Runs what is ready until the condition holds; false after the deadline.
inline bool runUntil(boost::asio::io_context& io, const std::function<bool()>& holds,
                     std::chrono::milliseconds deadline = std::chrono::seconds(30))
{
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= end) {
            return false;
        }
        io.restart();
        io.run_one_for(std::chrono::milliseconds(20));
    }
    return true;
}

/// The same where something else does the work: another process, say.
inline bool eventually(const std::function<bool()>& holds,
                       std::chrono::milliseconds deadline = std::chrono::seconds(30))
{
    boost::asio::io_context idle;
    const auto work = boost::asio::make_work_guard(idle);
    return runUntil(idle, holds, deadline);
}

inline node::SetupPtr setupOf(const node::Protocol& protocol,
                              const std::map<std::string, std::string>& settings)
{
    node::Parameters parameters(protocol.card());
    for (const auto& [name, value] : settings) {
        parameters.set(name, value).value();
    }
    return protocol.setup(parameters.value()).value();
}

/// A log that a test can look at.
class Journal
{
public:
    [[nodiscard]] Log log()
    {
        return Log([this](LogLevel level, std::string_view what, std::span<const LogField> fields) {
            std::string line(what);
            for (const auto& field : fields) {
                line += " " + std::string(field.key) + "='" + field.value + "'";
            }
            lines.emplace_back(level, line);
        });
    }

    [[nodiscard]] bool has(std::string_view part) const
    {
        return std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
            return line.second.find(part) != std::string::npos;
        });
    }

    [[nodiscard]] std::string text() const
    {
        std::string all;
        for (const auto& line : lines) {
            all += line.second + "\n";
        }
        return all;
    }

    std::vector<std::pair<LogLevel, std::string>> lines;
};

/// All nodes of a cluster, on ports that the system chose.
class Loopback
{
public:
    struct Plan
    {
        std::string protocol = "raft";
        std::map<std::string, std::string> settings{};
        bool allowFaults = false;
        std::function<void(DaemonPlan&)> change{}; ///< the last word about each node's plan
    };

    Loopback(boost::asio::io_context& io, Plan plan)
        : m_io(io)
        , m_plan(std::move(plan))
        , protocol(node::findProtocol(m_plan.protocol))
        , setup(setupOf(*protocol, m_plan.settings))
    {
        for (const auto& member : setup->members) {
            open(member.id, {"127.0.0.1", 0}, {"127.0.0.1", 0});
        }
        for (const auto& member : setup->members) {
            auto& daemon = *daemons.at(member.id);
            members.push_back({member.id, member.name, daemon.peerAddress().text(),
                               daemon.controlAddress()->text(), member.takesRequests});
        }
        for (auto& [id, daemon] : daemons) {
            daemon->begin(members);
        }
    }

    /// Clean.
    void stop(NodeId id) { daemons.erase(id); }

    void start(NodeId id)
    {
        const auto& member = *std::find_if(members.begin(), members.end(),
                                           [&](const auto& each) { return each.id == id; });
        open(id, parseAddress(member.peer).value(), parseAddress(member.control).value());
        daemons.at(id)->begin(members);
    }

    /// A field of a node's state, as text.
    [[nodiscard]] std::string field(NodeId id, std::string_view name) const
    {
        const auto found = daemons.find(id);
        if (found == daemons.end()) {
            return {};
        }
        return describe::toText(found->second->host().node().field(name));
    }

    /// Who says that it leads.
    [[nodiscard]] std::vector<NodeId> leaders() const
    {
        std::vector<NodeId> out;
        for (const auto& [id, daemon] : daemons) {
            if (field(id, "role") == "leader") {
                out.push_back(id);
            }
        }
        return out;
    }

    /// Whether exactly one leads and that node has executed what the leader has.
    [[nodiscard]] bool isLevelWithLeader(NodeId id) const
    {
        const auto leading = leaders();
        return leading.size() == 1 && field(id, "store") == field(leading.front(), "store");
    }

    bool runUntil(const std::function<bool()>& holds,
                  std::chrono::milliseconds deadline = std::chrono::seconds(30))
    {
        return testing::runUntil(m_io, holds, deadline);
    }

private:
    boost::asio::io_context& m_io;
    Plan m_plan;

public:
    const node::Protocol* protocol;
    node::SetupPtr setup;
    TemporaryDirectory directory;
    std::map<NodeId, Journal> journals;
    std::map<NodeId, std::unique_ptr<Daemon>> daemons;
    std::vector<MemberAddress> members;

private:
    void open(NodeId id, Address peer, Address control)
    {
        DaemonPlan plan;
        plan.protocol = protocol;
        plan.setup = setup;
        plan.self = id;
        plan.cluster = "test";
        plan.directory = (directory.path / std::to_string(id.value)).string();
        plan.peer = std::move(peer);
        plan.control = std::move(control);
        plan.allowFaults = m_plan.allowFaults;
        plan.storage.segmentBytes = plan.storage.firstSegmentBytes = std::uint64_t{256} << 10;
        if (m_plan.change) {
            m_plan.change(plan);
        }
        daemons[id] =
            Daemon::open(m_io.get_executor(), std::move(plan), journals[id].log()).value();
    }
};

/// A client that asks one thing at a time and follows redirects, over real sockets.
class AskingClient
{
public:
    AskingClient(boost::asio::io_context& io, const node::Protocol& protocol, TlsPtr tls = {})
        : m_io(io)
        , m_protocol(protocol)
        , m_tls(std::move(tls))
    {
    }

    struct Reply
    {
        node::Answer answer = node::Answer::Unknown;
        std::string text; ///< the body, or what went wrong
    };

    /// Asks again until somebody does it or the deadline has come: the next in line where one is
    /// silent, the one named where one redirects.
    Reply ask(const std::vector<std::string>& addresses, const std::string& words,
              std::chrono::milliseconds deadline = std::chrono::seconds(30))
    {
        const auto end = std::chrono::steady_clock::now() + deadline;
        ++m_sequence;
        Reply reply;
        std::string redirected;
        for (std::size_t i = 0; std::chrono::steady_clock::now() < end;) {
            const auto address = redirected.empty() ? addresses[i % addresses.size()] : redirected;
            redirected.clear();
            reply = once(address, words, redirected);
            if (reply.answer == node::Answer::Done || reply.answer == node::Answer::Refused) {
                return reply;
            }
            if (redirected.empty()) {
                ++i;
                testing::runUntil(
                    m_io, [] { return false; }, std::chrono::milliseconds(20));
            }
        }
        return reply;
    }

    Reply ask(const std::string& address, const std::string& words,
              std::chrono::milliseconds deadline = std::chrono::seconds(30))
    {
        return ask(std::vector<std::string>{address}, words, deadline);
    }

    /// One try.
    Reply once(const std::string& address, const std::string& words, std::string& redirected,
               std::chrono::milliseconds patience = std::chrono::seconds(2))
    {
        struct Ear final : Receiver
        {
            Result<void> onFrame(FrameKind, BytesView body) override
            {
                auto reply = readReply(body).value();
                header = reply.header;
                rest = Bytes(reply.rest);
                over = true;
                return {};
            }
            void onClosed(const std::string& why) override
            {
                closed = why;
                over = true;
            }
            ReplyHeader header{};
            Bytes rest;
            std::string closed;
            bool over = false;
        };
        const auto ear = std::make_shared<Ear>();
        ConnectionPtr open;
        Bytes body;
        const auto value = describe::parse(m_protocol.card().request, words).value();
        m_protocol.payload(node::PayloadRole::Request, value).value()->encode(body);
        Dial::Plan plan;
        plan.address = parseAddress(address).value();
        plan.tls = m_tls;
        plan.hello.purpose = Purpose::Client;
        const auto dial = Dial::start(
            m_io.get_executor(), plan,
            [&](const ConnectionPtr& connection, const Welcome&) {
                open = connection;
                Bytes head;
                append(RequestHeader{{clientId(7), m_sequence}}, head);
                connection->send(FrameKind::Request, head, body);
                return ear;
            },
            [&](const std::string& why, std::optional<Rejection>) { ear->onClosed(why); });
        testing::runUntil(
            m_io, [&] { return ear->over; }, patience);
        if (open) {
            open->close("done");
        }
        if (!ear->over || !ear->closed.empty()) {
            return {node::Answer::Unknown, ear->closed};
        }
        redirected = ear->header.address;
        if (ear->header.answer != node::Answer::Done) {
            return {ear->header.answer, ear->rest};
        }
        const auto reply = m_protocol.payload(node::PayloadRole::Reply, ear->rest).value();
        return {node::Answer::Done, describe::toText(reply->describe())};
    }

private:
    boost::asio::io_context& m_io;
    const node::Protocol& m_protocol;
    TlsPtr m_tls;
    std::uint32_t m_sequence = 0;
};

} // namespace lightcone::live::testing
