// The rules must be able to fail: each is shown a small sample that breaks it and one that does
// not.

#include "tests/tidy/rules.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace lightcone::tidy {
namespace {

struct Sample
{
    std::string path;
    std::string text;
};

std::ostream& operator<<(std::ostream& out, const Sample& sample)
{
    return out << sample.path << ": " << sample.text;
}

std::string sentences(const std::vector<Finding>& findings)
{
    std::string all;
    for (const Finding& finding : findings) {
        all += std::to_string(finding.line) + ": " + finding.sentence + "\n";
    }
    return all;
}

class Broken : public testing::TestWithParam<Sample>
{
};

TEST_P(Broken, IsFoundOnce)
{
    const auto findings = checkAll(parseSource(GetParam().path, GetParam().text));
    EXPECT_EQ(findings.size(), 1U) << sentences(findings);
}

INSTANTIATE_TEST_SUITE_P(
    Arrows, Broken,
    testing::Values(
        Sample{"engine/core/a.cpp", "#include \"engine/describe/text.h\"\n"},
        Sample{"engine/trace/a.cpp", "#include \"engine/sim/world.h\"\n"},
        Sample{"engine/sim/a.cpp", "#include \"engine/check/invariant.h\"\n"},
        Sample{"engine/session/a.cpp", "#include \"engine/protocols/raft/raft.h\"\n"},
        Sample{"engine/sim/a.cpp", "#include \"views/theme/theme.h\"\n"},
        Sample{"engine/cellar/a.cpp", "#include \"engine/core/ids.h\"\n"},
        Sample{"engine/protocols/raft/a.cpp", "#include \"engine/protocols/paxos/paxos.h\"\n"},
        Sample{"engine/protocols/raft/a.cpp", "#include \"engine/trace/event.h\"\n"},
        Sample{"engine/trace/a.cpp", "#include <QString>\n"},
        Sample{"engine/trace/a.cpp", "  #  include <QtCore/QString>\n"},
        Sample{"engine/trace/a.cpp", "#include \"event.h\"\n"},
        Sample{"engine/trace/a.cpp", "#include \"tests/support/x.h\"\n"},
        Sample{"app/cli/main.cpp", "#include <QCoreApplication>\n"},
        Sample{"app/desktop/main.cpp", "#include \"engine/protocols/raft/raft.h\"\n"},
        Sample{"views/timeline/a.cpp", "#include \"engine/sim/world.h\"\n"},
        Sample{"views/timeline/a.cpp", "#include \"engine/node/protocol.h\"\n"},
        Sample{"views/timeline/a.cpp", "#include \"views/topology/topology.h\"\n"},
        Sample{"views/theme/a.cpp", "#include \"views/window/window.h\"\n"},
        Sample{"views/run/a.cpp", "#include \"views/timeline/timeline.h\"\n"},
        Sample{"views/timeline/a.cpp", "#include \"app/desktop/main.h\"\n"},
        Sample{"tests/engine/sim/a_test.cpp", "#include \"engine/protocols/raft/raft.h\"\n"},
        Sample{"tests/engine/protocols/paxos/a_test.cpp",
               "#include \"engine/protocols/raft/raft.h\"\n"}));

INSTANTIATE_TEST_SUITE_P(
    Determinism, Broken,
    testing::Values(Sample{"engine/protocols/raft/a.cpp", "#include <random>\n"},
                    Sample{"engine/sim/a.cpp", "#include <thread>\n"},
                    Sample{"engine/sim/a.cpp", "#include <unordered_map>\n"},
                    Sample{"engine/protocols/raft/a.cpp",
                           "auto t = std::chrono::steady_clock::now();\n"},
                    Sample{"engine/protocols/raft/a.cpp", "auto t = Clock::now();\n"},
                    Sample{"engine/sim/a.cpp", "auto t = time(nullptr);\n"},
                    Sample{"engine/sim/a.cpp", "std::unordered_set<int> seen;\n"},
                    Sample{"engine/sim/a.cpp", "boost::unordered_flat_map<int, int> seen;\n"},
                    Sample{"engine/sim/a.cpp", "std::map<const Node*, int> seen;\n"},
                    Sample{"engine/kv/a.cpp", "std::mutex lock;\n"},
                    Sample{"engine/query/a.cpp", "std::uniform_int_distribution<int> d;\n"},
                    Sample{"engine/core/a.cpp", "int r = rand();\n"}));

INSTANTIATE_TEST_SUITE_P(
    Shape, Broken,
    testing::Values(Sample{"engine/core/a.h", "namespace lightcone {}\n"},
                    Sample{"engine/sim/a.h", "#pragma once\nnamespace lightcone::simulation {}\n"},
                    Sample{"engine/protocols/raft/a.h",
                           "#pragma once\nnamespace lightcone::protocols {}\n"},
                    Sample{"views/theme/a.cpp",
                           "// TO"
                           "DO: colours\n"},
                    Sample{"views/theme/a.cpp",
                           "int a; // FIX"
                           "ME\n"},
                    Sample{"views/theme/a.cpp", std::string(701, '\n')}));

class Sound : public testing::TestWithParam<Sample>
{
};

TEST_P(Sound, IsPassed)
{
    EXPECT_EQ(sentences(checkAll(parseSource(GetParam().path, GetParam().text))), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, Sound,
    testing::Values(
        Sample{"engine/session/a.cpp", "#include \"engine/sim/world.h\"\n"},
        Sample{"engine/session/a.cpp", "auto t = std::chrono::steady_clock::now();\n"},
        Sample{"engine/protocols/raft/a.cpp",
               "#include \"engine/protocols/raft/raft.h\"\n#include \"engine/kv/machine.h\"\n"},
        Sample{"engine/protocols/raft/a.h",
               "#pragma once\nnamespace lightcone::protocols::raft {}\n"},
        Sample{"engine/core/a.h", "#pragma once\nnamespace lightcone {}\n"},
        Sample{"engine/trace/formats/a.h", "#pragma once\nnamespace lightcone::trace {}\n"},
        Sample{"engine/sim/a.cpp", "// std::mutex and now() in a comment\n/* rand() */ int a;\n"},
        Sample{"engine/sim/a.cpp", "const char* a = \"call now() and \\\" rand()\";\n"},
        Sample{"engine/sim/a.cpp", "auto a = R\"(\n#include <random>\n)\"; int b = 1'000;\n"},
        Sample{"engine/sim/a.cpp",
               "Instant at = moment.now + world.now(); std::map<NodeId, Node*> nodes;\n"},
        Sample{"views/timeline/a.cpp",
               "#include \"engine/node/card.h\"\n#include \"views/theme/theme.h\"\n"
               "#include \"a.moc\"\n#include <QWidget>\n"},
        Sample{"engine/sim/a.h", "#pragma once\n// both\n#include \"engine/sim/world.h\"\n"},
        Sample{"views/timeline/a.cpp", "#include \"views/run/run_view.h\"\n"},
        Sample{"views/window/a.cpp", "#include \"views/timeline/timeline.h\"\n"},
        Sample{"app/cli/main.cpp", "#include \"engine/session/scenario.h\"\n"},
        Sample{"tests/engine/protocols/raft/a_test.cpp",
               "#include \"engine/protocols/raft/raft.h\"\n"},
        Sample{"views/theme/a.cpp", std::string(700, '\n')}));

TEST(Findings, PointAtTheLine)
{
    const auto findings = checkAll(parseSource(
        "engine/core/a.cpp", "int a;\n/* two\nlines */\n#include \"engine/sim/b.h\"\n"));
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].line, 4);
}

} // namespace
} // namespace lightcone::tidy
