#include "engine/node/catalog.h"
#include "engine/node/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::node {
namespace {

using ::testing::HasSubstr;

TEST(Parameters, AreTheDefaultsWhereNothingIsGiven)
{
    for (const auto* protocol : catalog()) {
        EXPECT_TRUE(protocol->setup(Parameters(protocol->card()).value())) << protocol->card().id;
    }
}

TEST(Parameters, AreReadAsPeopleWriteThem)
{
    const auto* raft = findProtocol("raft");
    Parameters parameters(raft->card());
    ASSERT_TRUE(parameters.set("nodes", "7"));
    ASSERT_TRUE(parameters.set("heartbeat", "20ms"));
    ASSERT_TRUE(parameters.set("readMode", "lease"));
    ASSERT_TRUE(parameters.set("logs", "n1: 1 1; n2: 1"));
    const auto setup = raft->setup(parameters.value());
    ASSERT_TRUE(setup) << setup.error().text();
    EXPECT_EQ((*setup)->members.size(), 7u);
}

TEST(Parameters, SayWhatIsWrong)
{
    Parameters parameters(findProtocol("raft")->card());
    EXPECT_THAT(parameters.set("nods", "7").error().message,
                HasSubstr("'nods' is no parameter of raft: expected one of nodes, spares"));
    EXPECT_THAT(parameters.set("nodes", "many").error().message, HasSubstr("nodes: expected"));
    EXPECT_THAT(parameters.set("heartbeat", "20").error().message, HasSubstr("heartbeat:"));
}

} // namespace
} // namespace lightcone::node
