#include "engine/live/cluster_file.h"
#include "engine/live/control.h"
#include "tests/app/node/node_program.h"
#include "tests/app/node/real_cluster.h"

#include <map>

/// Clusters of real processes with TLS, made by `lightcone-node init`.
namespace lightcone::node_program {
namespace {

using live::Rejection;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

/// Says things on a control port and keeps what comes back.
class Explorer final : public live::Receiver
{
public:
    Result<void> onFrame(live::FrameKind, BytesView body) override
    {
        words.push_back(live::readWord(body).value());
        return {};
    }
    void onClosed(const std::string& why) override { closed = why; }

    template <class T>
    [[nodiscard]] const T* last() const
    {
        for (auto word = words.rbegin(); word != words.rend(); ++word) {
            if (const auto* found = std::get_if<T>(&*word)) {
                return found;
            }
        }
        return nullptr;
    }

    std::vector<live::Word> words;
    std::string closed;
};

class Processes : public NodeProgramTest
{
protected:
    void begin(int nodes)
    {
        ASSERT_EQ(run({"init", "--dir", at("c"), "--nodes", std::to_string(nodes), "--base-port",
                       std::to_string(test::freePorts(static_cast<std::uint32_t>(nodes) + 1)),
                       "--allow-faults"})
                      .status,
                  0);
        file = live::readClusterFile(at("c/client/cluster.toml")).value();
        for (const auto& member : file.members) {
            start(member.name);
        }
        client = std::make_unique<live::testing::AskingClient>(io, *node::findProtocol("raft"),
                                                               live::openTls(file.tls).value());
    }

    void start(const std::string& name)
    {
        processes[name] = std::make_unique<testing::Process>(
            std::vector<std::string>{LIGHTCONE_NODE_PATH, "--config",
                                     at("c/" + name + "/node.toml")},
            at("c/" + name + "/log"));
    }

    live::testing::AskingClient::Reply ask(const std::string& words)
    {
        std::vector<std::string> addresses;
        for (const auto& member : file.members) {
            addresses.push_back(member.peer);
        }
        return client->ask(addresses, words);
    }

    /// A conversation on a node's control port, as who has that folder's certificate.
    std::shared_ptr<Explorer> visit(const std::string& as, const live::MemberAddress& member)
    {
        const auto cluster = live::readClusterFile(at("c/" + as + "/cluster.toml")).value();
        auto explorer = std::make_shared<Explorer>();
        live::Dial::Plan plan;
        plan.address = live::parseAddress(member.control).value();
        plan.tls = live::openTls(cluster.tls).value();
        plan.hello.purpose = live::Purpose::Control;
        bool over = false;
        const auto dial = live::Dial::start(
            io.get_executor(), plan,
            [&](const live::ConnectionPtr& open, const live::Welcome& welcome) {
                connection = open;
                members = welcome.members;
                over = true;
                return explorer;
            },
            [&](const std::string& why, std::optional<Rejection>) {
                explorer->closed = why;
                over = true;
            });
        EXPECT_TRUE(live::testing::runUntil(io, [&] { return over; }));
        return explorer;
    }

    void wish(const live::Wish& wish)
    {
        connection->send(live::FrameKind::Control, live::toBody(wish));
    }

    bool until(const std::function<bool()>& holds) { return live::testing::runUntil(io, holds); }

    boost::asio::io_context io;
    live::ClusterFile file;
    std::map<std::string, std::unique_ptr<testing::Process>> processes;
    std::unique_ptr<live::testing::AskingClient> client;
    live::ConnectionPtr connection;
    std::vector<live::MemberAddress> members;
};

TEST_F(Processes, KeepsWhatItAcknowledgedThroughKillsOfEveryNode)
{
    begin(3);
    ASSERT_EQ(ask("put x 0").answer, node::Answer::Done);
    int round = 0;
    for (const auto& member : file.members) {
        processes[member.name]->send(SIGKILL);
        ASSERT_TRUE(processes[member.name]->wait());
        ++round;
        const auto put = ask("put x " + std::to_string(round));
        ASSERT_EQ(put.answer, node::Answer::Done) << put.text;
        start(member.name);
        EXPECT_THAT(ask("get x").text, HasSubstr(std::to_string(round)));
    }
    for (auto& [name, process] : processes) {
        ASSERT_TRUE(live::testing::eventually(
            [&, &child = *process] { return child.output().find("boot=2") != std::string::npos; }));
        process->send(SIGTERM);
    }
    for (auto& [name, process] : processes) {
        const auto status = process->wait();
        EXPECT_TRUE(status && WIFEXITED(*status) && WEXITSTATUS(*status) == 0) << process->output();
        EXPECT_THAT(process->output(), HasSubstr("boot=2"));
    }
}

TEST_F(Processes, AnOperatorCrashesANodeAndAnObserverDoesNot)
{
    begin(3);
    const auto& first = file.members.front();
    ASSERT_EQ(ask("put x 1").answer, node::Answer::Done);
    auto observer = visit("observer", first);
    ASSERT_EQ(observer->closed, "");
    // From one node all are found.
    ASSERT_EQ(members.size(), 3u);
    EXPECT_EQ(members[2].control, file.members[2].control);
    wish(live::Disturb{1, live::CrashNode{NodeId(1)}, "crash n1"});
    ASSERT_TRUE(until([&] { return observer->last<live::Denied>() != nullptr; }));
    EXPECT_THAT(observer->last<live::Denied>()->why, HasSubstr("an observer only watches"));
    EXPECT_FALSE(processes["n1"]->poll());

    EXPECT_THAT(visit("client", first)->closed, HasSubstr("observers and operators"));

    auto watcher = visit("operator", first);
    wish(live::Watch{});
    ASSERT_TRUE(until([&] { return watcher->last<live::Beat>() != nullptr; }));
    EXPECT_TRUE(watcher->last<live::Piece>());
    EXPECT_EQ(watcher->last<live::Terms>()->whyNoFaults, "");
    wish(live::Disturb{2, live::PauseNode{NodeId(1)}, "pause n1"});
    ASSERT_TRUE(until([&] { return watcher->last<live::Obeyed>() != nullptr; }));
    wish(live::Disturb{3, live::CrashNode{NodeId(1)}, "crash n1"});
    ASSERT_TRUE(until([&] { return processes["n1"]->poll().has_value(); }));
    const auto status = processes["n1"]->poll();
    EXPECT_TRUE(WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL);
    // The others go on, and it comes back.
    EXPECT_EQ(ask("put x 2").answer, node::Answer::Done);
    start("n1");
    EXPECT_TRUE(live::testing::eventually([&] {
        return processes["n1"]->output().find("boot=2") != std::string::npos;
    })) << processes["n1"]->output();
}

TEST_F(Processes, AFullDiskEndsANodeWithASentenceAndStatus1)
{
    begin(3);
    ASSERT_EQ(ask("put x 1").answer, node::Answer::Done);
    (void)visit("operator", file.members.front());
    wish(live::Disturb{1, live::SetDisk{NodeId(1), 1, {}, true}, "disk n1 full"});
    // Followers and leaders alike write what is put.
    EXPECT_EQ(ask("put x 2").answer, node::Answer::Done);
    const auto status = processes["n1"]->wait();
    ASSERT_TRUE(status && WIFEXITED(*status)) << processes["n1"]->output();
    EXPECT_EQ(WEXITSTATUS(*status), 1);
    EXPECT_THAT(processes["n1"]->output(), HasSubstr("the node cannot go on"));
    EXPECT_EQ(ask("put x 3").answer, node::Answer::Done);
}

TEST_F(Processes, FiveNodesElectAndGoOnWithoutTwo)
{
    begin(5);
    ASSERT_EQ(ask("put x 1").answer, node::Answer::Done);
    processes["n2"]->send(SIGKILL);
    processes["n4"]->send(SIGKILL);
    ASSERT_TRUE(processes["n2"]->wait() && processes["n4"]->wait());
    EXPECT_EQ(ask("put x 2").answer, node::Answer::Done);
    EXPECT_THAT(ask("get x").text, HasSubstr("2"));
}

} // namespace
} // namespace lightcone::node_program
