#include "engine/session/connect.h"
#include "engine/trace/trace.h"
#include "tests/app/node/node_program.h"

#include <array>
#include <fmt/format.h>
#include <functional>
#include <memory>

/// Nodes on machines of their own, as far as the network can tell: each in a network namespace with
/// an address of its own, behind one switch that the kernel makes.
namespace lightcone::node_program {
namespace {

using namespace std::chrono_literals;
using trace::Kind;

constexpr std::uint32_t nodes = 3;

/// Runs a program to its end; its exit status.
int shell(const std::string& command)
{
    const int status = std::system((command + " > /dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A switch, three namespaces, a cable from each to the switch. Gone when the test is.
class Network
{
public:
    Network()
        : m_name(fmt::format("lc{}", ::getpid() % 100'000))
    {
        for (int part = 1; part < 250 && m_whyNot.empty() && m_subnet.empty(); ++part) {
            const auto subnet = fmt::format("198.18.{}", part); // for tests: RFC 2544
            if (shell("ip -4 addr show to " + subnet + ".0/24 | grep -q inet") != 0) {
                m_subnet = subnet;
            }
        }
        const auto bridge = m_name + "b";
        does(fmt::format("ip link add {} type bridge", bridge));
        does(fmt::format("ip addr add {}.254/24 dev {}", m_subnet, bridge));
        does(fmt::format("ip link set {} up", bridge));
        for (std::uint32_t node = 1; node <= nodes && m_whyNot.empty(); ++node) {
            const auto space = spaceOf(node);
            const auto plug = plugOf(node);
            does("ip netns add " + space);
            does(fmt::format("ip link add {} type veth peer name eth0 netns {}", plug, space));
            does(fmt::format("ip link set {} master {} up", plug, bridge));
            does(fmt::format("ip -n {} addr add {}/24 dev eth0", space, addressOf(node)));
            does(fmt::format("ip -n {} link set eth0 up", space));
            does(fmt::format("ip -n {} link set lo up", space));
        }
    }
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;
    ~Network()
    {
        for (std::uint32_t node = 1; node <= nodes; ++node) {
            shell("ip link del " + plugOf(node));
            shell("ip netns del " + spaceOf(node));
        }
        shell("ip link del " + m_name + "b");
    }

    /// Why this machine does not let us; empty when it does.
    [[nodiscard]] const std::string& whyNot() const { return m_whyNot; }
    [[nodiscard]] std::string spaceOf(std::uint32_t node) const
    {
        return fmt::format("{}n{}", m_name, node);
    }
    [[nodiscard]] std::string addressOf(std::uint32_t node) const
    {
        return fmt::format("{}.{}", m_subnet, node);
    }

    /// The switch carries nothing from one of the two to the other; each still reaches the rest.
    void setCut(std::uint32_t a, std::uint32_t b, bool cut)
    {
        for (const auto node : {a, b}) {
            does(fmt::format("bridge link set dev {} isolated {}", plugOf(node),
                             cut ? "on" : "off"));
        }
    }

private:
    [[nodiscard]] std::string plugOf(std::uint32_t node) const
    {
        return fmt::format("{}p{}", m_name, node);
    }

    void does(const std::string& command)
    {
        if (m_whyNot.empty() && shell(command) != 0) {
            m_whyNot = "this machine does not do: " + command;
        }
    }

    std::string m_name;
    std::string m_subnet;
    std::string m_whyNot;
};

class Namespaces : public NodeProgramTest
{
protected:
    void start()
    {
        std::vector<std::string> words{"init",
                                       "--dir",
                                       at("c"),
                                       "--nodes",
                                       "3",
                                       "--base-port",
                                       "7100",
                                       "--set",
                                       "electionTimeoutLow=300ms",
                                       "--set",
                                       "electionTimeoutHigh=600ms"};
        for (std::uint32_t node = 1; node <= nodes; ++node) {
            words.insert(words.end(), {"--host", network.addressOf(node)});
        }
        const auto made = run(words);
        ASSERT_EQ(made.status, 0) << made.output;
        for (std::uint32_t node = 1; node <= nodes; ++node) {
            const auto name = fmt::format("n{}", node);
            m_processes[node - 1] = std::make_unique<testing::Process>(
                std::vector<std::string>{"/usr/bin/env", "ip", "netns", "exec",
                                         network.spaceOf(node), LIGHTCONE_NODE_PATH, "--config",
                                         at("c/" + name + "/node.toml")},
                at(name + ".log"));
        }
        auto plan = session::readConnectPlan(at("c/operator/cluster.toml"));
        ASSERT_TRUE(plan) << plan.error().text();
        plan->patience = 30s;
        auto connected = session::connect(*plan, {});
        ASSERT_TRUE(connected) << connected.error().text() << said();
        watched = std::move(*connected);
    }

    [[nodiscard]] std::string said() const
    {
        std::string all;
        for (const auto& process : m_processes) {
            all += process ? "\n" + process->output() : "";
        }
        return all;
    }

    static bool eventually(const std::function<bool()>& holds)
    {
        return live::testing::eventually(holds, 60s);
    }

    /// The first event after that one which is so; none: there is none yet.
    EventId findAfter(EventId event, const std::function<bool(const trace::Event&)>& is) const
    {
        const auto snapshot = watched->snapshot();
        const auto& branch = snapshot.branch();
        for (auto number = event.value + 1; number <= branch.events; ++number) {
            if (is((*branch.trace)[EventId(number)])) {
                return EventId(number);
            }
        }
        return {};
    }

    [[nodiscard]] EventId last() const { return EventId(watched->snapshot().branch().events); }

    static std::string textOf(const trace::Event& event)
    {
        const auto value = event.payload ? event.payload->describe() : describe::Value();
        const auto* text = value.exists() ? value.find("text") : nullptr;
        return text != nullptr ? text->asText() : "";
    }

    EventId noteAfter(EventId event, std::uint32_t node, const std::string& part) const
    {
        return findAfter(event, [&](const trace::Event& each) {
            return each.kind == Kind::Note && each.node == NodeId(node)
                && textOf(each).find(part) != std::string::npos;
        });
    }

    Network network;
    std::unique_ptr<session::Session> watched;

private:
    std::array<std::unique_ptr<testing::Process>, nodes> m_processes;
};

TEST_F(Namespaces, ALinkThatTheKernelCutsIsSeenInTheTrace)
{
    if (!network.whyNot().empty()) {
        GTEST_SKIP() << network.whyNot();
    }
    ASSERT_NO_FATAL_FAILURE(start());
    EventId led;
    ASSERT_TRUE(eventually([&] {
        led = findAfter({}, [](const trace::Event& each) {
            return each.kind == Kind::Note
                && textOf(each).find("becomes leader") != std::string::npos;
        });
        return bool(led);
    })) << said();
    const auto leader = (*watched->snapshot().branch().trace)[led].node.value;
    const auto follower = leader % nodes + 1;
    ASSERT_TRUE(watched->act("request put x 1", last()));
    ASSERT_TRUE(eventually([&] {
        return bool(findAfter({}, [](const auto& each) { return each.kind == Kind::Reply; }));
    })) << watched->snapshot().problem
        << said();

    network.setCut(leader, follower, true);
    ASSERT_EQ(network.whyNot(), "");
    const auto cut = last();
    // The follower hears no leader any more, the leader sends to it all the same, and their
    // connection is given up in the end; the third goes on with both.
    ASSERT_TRUE(eventually([&] { return bool(noteAfter(cut, follower, "could win")); })) << said();
    const auto alone = noteAfter(cut, follower, "could win");
    ASSERT_TRUE(eventually([&] {
        return noteAfter(cut, leader, fmt::format("lost its connection to n{}", follower))
            || noteAfter(cut, follower, fmt::format("lost its connection to n{}", leader));
    })) << said();
    const auto arrived = findAfter(alone, [&](const trace::Event& each) {
        return each.kind == Kind::Deliver && each.node == NodeId(follower)
            && each.peer == NodeId(leader);
    });
    EXPECT_FALSE(arrived) << "event " << arrived.value;
    EXPECT_TRUE(findAfter(alone, [&](const trace::Event& each) {
        return each.kind == Kind::Send && each.node == NodeId(leader)
            && each.peer == NodeId(follower);
    }));
    ASSERT_TRUE(watched->act("request put x 2", last()));
    ASSERT_TRUE(eventually([&] {
        return bool(findAfter(cut, [](const auto& each) { return each.kind == Kind::Reply; }));
    })) << watched->snapshot().problem
        << said();

    network.setCut(leader, follower, false);
    const auto healed = last();
    ASSERT_TRUE(eventually([&] {
        return bool(findAfter(healed, [&](const trace::Event& each) {
            return each.kind == Kind::Deliver && each.node == NodeId(follower)
                && each.peer == NodeId(leader);
        }));
    })) << said();
    for (const auto& check : watched->snapshot().checks) {
        EXPECT_FALSE(check.brokenAt) << check.card.name << ": " << check.how;
    }
}

} // namespace
} // namespace lightcone::node_program
