#include "engine/live/cluster_file.h"
#include "engine/node/catalog.h"
#include "engine/node/parameters.h"
#include "tests/app/node/node_program.h"

#include <sys/stat.h>

namespace lightcone::node_program {
namespace {

using testing::contentsOf;
using ::testing::HasSubstr;

/// A file's permissions.
unsigned modeOf(const std::string& path)
{
    struct stat found
    {
    };
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777U : 0;
}

TEST_F(NodeProgramTest, HelpAndVersionAreShown)
{
    const std::vector<std::vector<std::string>> asking{{"--help"}, {"init", "--help"}};
    for (const auto& words : asking) {
        const auto help = run(words);
        EXPECT_EQ(help.status, 0);
        EXPECT_THAT(help.output, HasSubstr("Usage: lightcone-node"));
        EXPECT_THAT(help.output, HasSubstr("Exit status"));
    }
    const auto version = run({"--version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_THAT(version.output, ::testing::MatchesRegex("lightcone-node [0-9.]+\n"));
}

TEST_F(NodeProgramTest, InitWritesWhatSuitsRealNodesUnlessSomethingElseIsAskedFor)
{
    ASSERT_EQ(run({"init", "--dir", at("a"), "--nodes", "3"}).status, 0);
    EXPECT_THAT(contentsOf(at("a/n1/node.toml")), HasSubstr("grouped = \"true\""));
    ASSERT_EQ(run({"init", "--dir", at("b"), "--nodes", "3", "--set", "grouped=false"}).status, 0);
    EXPECT_THAT(contentsOf(at("b/n1/node.toml")), HasSubstr("grouped = \"false\""));
}

// A value that nobody could set would stop every cluster of that protocol.
TEST(LiveParameters, AreOnesThatTheProtocolTakes)
{
    for (const auto* protocol : node::catalog()) {
        node::Parameters parameters(protocol->card());
        for (const auto& parameter : protocol->card().parameters) {
            if (!parameter.live.empty()) {
                EXPECT_TRUE(parameters.set(parameter.name, parameter.live)) << parameter.name;
            }
        }
        EXPECT_TRUE(protocol->setup(parameters.value())) << protocol->card().id;
    }
}

TEST_F(NodeProgramTest, InitWritesACompleteFolderForEverybody)
{
    const auto made = run({"init", "--dir", at("c"), "--nodes", "3", "--cluster", "demo", "--set",
                           "heartbeat=20ms", "--base-port", "9000", "--allow-faults"});
    ASSERT_EQ(made.status, 0) << made.output;
    EXPECT_THAT(made.output,
                HasSubstr("n3  peer port 127.0.0.1:9003, control port "
                          "127.0.0.1:9103"));
    const std::vector<std::pair<std::string, live::Role>> all{
        {"n1", live::Role::Peer},           {"n2", live::Role::Peer},
        {"n3", live::Role::Peer},           {"client", live::Role::Client},
        {"observer", live::Role::Observer}, {"operator", live::Role::Operator}};
    for (const auto& [name, role] : all) {
        const auto tls =
            live::openTls({at("c/" + name + "/authority.pem"), at("c/" + name + "/certificate.pem"),
                           at("c/" + name + "/key.pem")});
        ASSERT_TRUE(tls) << tls.error().text();
        EXPECT_EQ((*tls)->role, role);
        EXPECT_EQ((*tls)->name, name);
        EXPECT_EQ((*tls)->cluster, "demo");
        EXPECT_EQ(modeOf(at("c/" + name + "/key.pem")), 0600u);
        EXPECT_EQ(modeOf(at("c/" + name)), 0700u);
    }
    EXPECT_EQ(modeOf(at("c/authority/authority.key")), 0600u);
    const auto cluster = live::readClusterFile(at("c/observer/cluster.toml"));
    ASSERT_TRUE(cluster) << cluster.error().text();
    EXPECT_EQ(cluster->cluster, "demo");
    EXPECT_EQ(cluster->protocol, "raft");
    ASSERT_EQ(cluster->members.size(), 3u);
    EXPECT_EQ(cluster->members[1].name, "n2");
    EXPECT_EQ(cluster->members[1].control, "127.0.0.1:9102");
    EXPECT_TRUE(live::openTls(cluster->tls));
    EXPECT_THAT(contentsOf(at("c/n1/node.toml")), HasSubstr("heartbeat = \"20ms\""));
}

TEST_F(NodeProgramTest, InitWithoutTlsGivesEverybodyTheSameToken)
{
    ASSERT_EQ(run({"init", "--dir", at("c"), "--no-tls"}).status, 0);
    const auto cluster = live::readClusterFile(at("c/operator/cluster.toml"));
    ASSERT_TRUE(cluster) << cluster.error().text();
    EXPECT_GE(cluster->token.size(), 32u);
    EXPECT_EQ(contentsOf(at("c/n1/token")), cluster->token + "\n");
    EXPECT_EQ(modeOf(at("c/n1/token")), 0600u);
    EXPECT_FALSE(cluster->tls.given());
}

TEST_F(NodeProgramTest, InitTouchesNothingThatIsThere)
{
    put("c/precious", "old");
    expectComplaint({"init", "--dir", at("c")}, "c: expected a directory that is not there yet");
    EXPECT_EQ(contentsOf(at("c/precious")), "old");
    EXPECT_FALSE(std::filesystem::exists(at("c/n1")));
}

TEST_F(NodeProgramTest, InitSaysWhatIsWrong)
{
    expectComplaint({"init"}, "--dir DIR");
    expectComplaint({"init", "--dir", at("c"), "--protocol", "rafd"},
                    "'rafd' is no protocol: expected one of");
    expectComplaint({"init", "--dir", at("c"), "--set", "heartbeat"}, "--set KEY=VALUE");
    expectComplaint({"init", "--dir", at("c"), "--set", "nods=3"},
                    "'nods' is no parameter of raft: expected one of nodes, spares");
    expectComplaint({"init", "--dir", at("c"), "--set", "nodes=100"}, "nodes: expected a number");
    expectComplaint({"init", "--dir", at("c"), "--nodes", "0"}, "--nodes: expected at least 1");
    expectComplaint({"init", "--dir", at("c"), "--base-port", "65500"}, "base port");
    expectComplaint({"init", "--dir", at("c"), "--host", "no host"}, "expected HOST:PORT");
    expectComplaint({"init", "--dir", at("c"), "--no-tls", "--host", "10.0.0.1"},
                    "without TLS a cluster stays on this machine");
    expectComplaint({"init", "--dir", "/proc/nothing"}, "cannot make the directory");
    expectComplaint({"init", "--wrong"}, "unrecognised option '--wrong'");
    EXPECT_FALSE(std::filesystem::exists(at("c/n1")));
}

} // namespace
} // namespace lightcone::node_program
