#include "tests/app/node/node_program.h"

/// What is wrong with a node's file or flags is told with its place.
namespace lightcone::node_program {
namespace {

using ::testing::HasSubstr;

class NodeSettings : public NodeProgramTest
{
protected:
    /// A complete file, with one line replaced or added.
    static std::string file(const std::string& line = {}, const std::string& replaced = {})
    {
        std::string text = "cluster = \"demo\"\n"
                           "protocol = \"raft\"\n"
                           "id = \"n1\"\n"
                           "data = \"data\"\n"
                           "[parameters]\n"
                           "nodes = 1\n"
                           "[listen]\n"
                           "peer = \"127.0.0.1:0\"\n"
                           "[[member]]\n"
                           "name = \"n1\"\n"
                           "peer = \"127.0.0.1:7101\"\n";
        if (!replaced.empty()) {
            text.replace(text.find(replaced), replaced.size(), line);
        } else {
            text = line + "\n" + text;
        }
        return text;
    }

    void expectWrong(const std::string& text, const std::string& part)
    {
        put("node.toml", text);
        expectComplaint({"--config", at("node.toml")}, part);
    }
};

TEST_F(NodeSettings, ACompleteFileIsServedAndSigtermEndsItCleanly)
{
    put("node.toml", file());
    testing::Process node({LIGHTCONE_NODE_PATH, "--config", at("node.toml")}, at("log"));
    ASSERT_TRUE(live::testing::eventually([&] {
        return node.output().find("serving") != std::string::npos;
    })) << node.output();
    EXPECT_TRUE(std::filesystem::is_directory(at("data")));
    node.send(SIGTERM);
    const auto status = node.wait();
    ASSERT_TRUE(status && WIFEXITED(*status));
    EXPECT_EQ(WEXITSTATUS(*status), 0);
    EXPECT_THAT(node.output(), HasSubstr("leaving why=SIGTERM"));
    EXPECT_THAT(node.output(), HasSubstr(" left"));
}

TEST_F(NodeSettings, FlagsAloneAreEnoughAndCountMoreThanTheFile)
{
    testing::Process flags({LIGHTCONE_NODE_PATH, "--protocol", "raft", "--set", "nodes=1", "--id",
                            "n1", "--member", "n1=127.0.0.1:7101", "--peer", "127.0.0.1:0",
                            "--control", "127.0.0.1:0", "--data", at("flags"), "--log-format",
                            "json"},
                           at("log1"));
    ASSERT_TRUE(live::testing::eventually([&] {
        return flags.output().find("\"what\":\"serving\"") != std::string::npos;
    })) << flags.output();
    EXPECT_THAT(flags.output(), HasSubstr("\"cluster\":\"raft\""));
    put("node.toml", file());
    testing::Process both(
        {LIGHTCONE_NODE_PATH, "-c", at("node.toml"), "--cluster", "other", "--data", at("both")},
        at("log2"));
    ASSERT_TRUE(live::testing::eventually([&] {
        return both.output().find("cluster=other") != std::string::npos;
    })) << both.output();
    EXPECT_TRUE(std::filesystem::is_directory(at("both")));
}

TEST_F(NodeSettings, MistakesInTheFileAreToldWithLineAndColumn)
{
    expectWrong("id = \"n1", "node.toml:1:");
    expectWrong(file("wrong = 1"),
                "node.toml:1:1: 'wrong' is no key of this file: expected one "
                "of cluster, protocol");
    expectWrong(file("protocol = \"rafd\"", "protocol = \"raft\""),
                "node.toml:2:12: 'rafd' is no protocol");
    expectWrong(file("protocol = 5", "protocol = \"raft\""),
                "node.toml:2:12: expected a text in quotes for 'protocol', found a number");
    expectWrong(file("allow_faults = \"yes\""), "node.toml:1:16: expected true or false");
    expectWrong(file("nodes = 100", "nodes = 1"), "node.toml:6:9: nodes: expected a number");
    expectWrong(file("nods = 1", "nodes = 1"), "node.toml:6:8: 'nods' is no parameter of raft");
    expectWrong(file("nodes = [1]", "nodes = 1"), "node.toml:6:9: expected a single value");
    expectWrong(file("peer = \"127.0.0.1\"", "peer = \"127.0.0.1:0\""),
                "node.toml:8:8: expected HOST:PORT such as 127.0.0.1:7101, found '127.0.0.1'");
    expectWrong(file("name = \"n2\"", "name = \"n1\""),
                "member 'n1', and its address is not given");
    expectWrong(file("id = \"n7\"", "id = \"n1\""),
                "node.toml:3:6: expected one of the members as id");
    expectWrong(file("[log]\nlevel = \"loud\"\n[parameters]", "[parameters]"),
                "node.toml:6:9: expected a log level");
    expectWrong(file("[log]\ncolour = true\n[parameters]", "[parameters]"),
                "node.toml:6:1: 'colour' is no key of [log]: expected one of level, format");
    expectWrong(file("[tls]\nauthority = \"a.pem\"\n[parameters]", "[parameters]"),
                "[tls] needs authority, certificate and key together");
    expectWrong(
        file("[[member]]\nname = \"n1\"\npeer = \"127.0.0.1:1\"\n[parameters]", "[parameters]"),
        "there are two members 'n1'");
    expectComplaint({"--config", at("none.toml")}, "none.toml: cannot read the file");
}

TEST_F(NodeSettings, WhatIsMissingIsAskedFor)
{
    expectComplaint({}, "expected --config FILE");
    expectWrong(file("", "protocol = \"raft\"\n"), "which protocol?");
    expectWrong(file("", "id = \"n1\"\n"), "which node is this?");
    expectWrong(file("", "data = \"data\"\n"), "where is the data to be?");
    expectComplaint({"--member", "n1"}, "--member NAME=HOST:PORT");
    expectComplaint({"--key", "k.pem"}, "--authority, --certificate and --key together");
    expectComplaint({"stray"}, "--help shows the options");
}

TEST_F(NodeSettings, ItDoesNotListenBeyondLoopbackWithoutTls)
{
    expectWrong(file("peer = \"0.0.0.0:7101\"", "peer = \"127.0.0.1:0\""),
                "node.toml:8:8: the peer port would listen on 0.0.0.0:7101 without TLS");
    expectWrong(file("peer = \"127.0.0.1:0\"\ncontrol = \"[::]:7201\"", "peer = \"127.0.0.1:0\""),
                "node.toml:9:11: the control port would listen on [::]:7201 without TLS");
    EXPECT_FALSE(std::filesystem::exists(at("data")));
}

TEST_F(NodeSettings, OnlyItsOwnCertificateAndDataWillDo)
{
    ASSERT_EQ(run({"init", "--dir", at("c"), "--set", "nodes=2", "--cluster", "demo"}).status, 0);
    const auto with = [&](const std::string& who) {
        return std::vector<std::string>{"--config",      at("c/n1/node.toml"),
                                        "--peer",        "127.0.0.1:0",
                                        "--control",     "127.0.0.1:0",
                                        "--authority",   at("c/" + who + "/authority.pem"),
                                        "--certificate", at("c/" + who + "/certificate.pem"),
                                        "--key",         at("c/" + who + "/key.pem")};
    };
    expectComplaint(with("n2"), "the certificate is of 'n2', and this is n1");
    expectComplaint(with("observer"), "a node needs a certificate whose OU is 'peer'");
    auto other = with("n1");
    other.insert(other.end(), {"--cluster", "else"});
    expectComplaint(other, "the certificate is of cluster 'demo', and this is 'else'");
    // What n1 wrote is not n2's.
    {
        auto words = with("n1");
        words.insert(words.begin(), LIGHTCONE_NODE_PATH);
        testing::Process first(words, at("log"));
        ASSERT_TRUE(live::testing::eventually([&] {
            return first.output().find("serving") != std::string::npos;
        })) << first.output();
        auto second = with("n1");
        expectComplaint(second, "c/n1/data");
    }
    expectComplaint({"--config", at("c/n2/node.toml"), "--data", at("c/n1/data")}, "c/n1/data");
}

} // namespace
} // namespace lightcone::node_program
