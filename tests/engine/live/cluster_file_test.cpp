#include "engine/live/cluster_file.h"
#include "tests/engine/live/loopback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace lightcone::live {
namespace {

using ::testing::HasSubstr;

class ClusterFileTest : public ::testing::Test
{
protected:
    std::string put(const std::string& name, const std::string& text)
    {
        const auto path = (directory.path / name).string();
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    void expectWrong(const std::string& text, const std::string& part)
    {
        const auto read = readClusterFile(put("cluster.toml", text));
        ASSERT_FALSE(read) << part;
        EXPECT_THAT(read.error().text(), HasSubstr(part));
    }

    testing::TemporaryDirectory directory;
};

const std::string member = "[[member]]\nname = \"n1\"\npeer = \"127.0.0.1:1\"\n";

TEST_F(ClusterFileTest, IsReadAndItsPathsAreMeantFromItsFolder)
{
    put("secret", "open sesame\n");
    const auto read = readClusterFile(put("cluster.toml",
                                          "cluster = \"demo\"\nprotocol = \"raft\"\n"
                                          "token_file = \"secret\"\n"
                                          "[tls]\nauthority = \"a.pem\"\n"
                                          "certificate = \"/abs/c.pem\"\nkey = \"k.pem\"\n"
                                              + member
                                              + "[[member]]\nname = \"n2\"\n"
                                                "control = \"[::1]:2\"\n"));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->cluster, "demo");
    EXPECT_EQ(read->protocol, "raft");
    EXPECT_EQ(read->token, "open sesame");
    EXPECT_EQ(read->tls.authority, (directory.path / "a.pem").string());
    EXPECT_EQ(read->tls.certificate, "/abs/c.pem");
    ASSERT_EQ(read->members.size(), 2u);
    EXPECT_EQ(read->members[1].id, NodeId(2));
    EXPECT_EQ(read->members[1].control, "[::1]:2");
    EXPECT_EQ(read->members[1].peer, "");
}

TEST_F(ClusterFileTest, SaysWhatIsWrongAndWhere)
{
    expectWrong("", "expected the cluster's nodes, each as a [[member]]");
    expectWrong("cluster = 1\n", "cluster.toml:1:11: expected a text in quotes for 'cluster'");
    expectWrong("[member]\nname = \"n1\"\n", "cluster.toml:1:1: expected tables [[member]]");
    expectWrong("[[member]]\npeer = \"127.0.0.1:1\"\n", "a member needs a name");
    expectWrong("[[member]]\nname = \"n1\"\n", "member 'n1' needs an address");
    expectWrong("[[member]]\nname = \"n1\"\npeer = \"here\"\n",
                "cluster.toml:3:8: peer: expected HOST:PORT");
    expectWrong(member + "pear = 1\n",
                "cluster.toml:4:1: 'pear' is no key of [[member]]: expected one of name, peer, "
                "control");
    expectWrong(member + member, "cluster.toml:5:8: there are two members 'n1'");
    expectWrong("token_file = \"none\"\n" + member, "none: cannot read the token");
    put("empty", "\n");
    expectWrong("token_file = \"empty\"\n" + member, "expected a token of 1 to 256");
    expectWrong("a = [\n", "cluster.toml:");
    EXPECT_THAT(readClusterFile("/nowhere.toml").error().text(),
                HasSubstr("/nowhere.toml: cannot read the file"));
}

} // namespace
} // namespace lightcone::live
