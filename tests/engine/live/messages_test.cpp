#include "engine/describe/described.h"
#include "engine/describe/text.h"
#include "engine/live/messages.h"
#include "engine/node/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace lightcone::live {
namespace {

using ::testing::HasSubstr;

Hello someHello()
{
    return {1,         1, Purpose::Control, "lightcone 0.1.0", "demo", "raft", 0x1234567890, {},
            NodeId(3), 7, "secret"};
}

TEST(Messages, GreetingsComeBack)
{
    const auto hello = readHello(toBody(someHello()));
    ASSERT_TRUE(hello);
    EXPECT_EQ(describe::toBytes(*hello), describe::toBytes(someHello()));

    Welcome welcome;
    welcome.members = {{NodeId(1), "n1", "127.0.0.1:7101", "127.0.0.1:7201", true},
                       {NodeId(2), "n2", "[::1]:7102", "", false}};
    const auto back = readWelcome(toBody(welcome));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->members, welcome.members);

    const auto rejected = readRejected(toBody(Rejected{Rejection::Token, "why"}));
    ASSERT_TRUE(rejected);
    EXPECT_EQ(rejected->code, Rejection::Token);
    EXPECT_EQ(rejected->reason, "why");
}

TEST(Messages, AHelloOfANewerBuildIsReadAsFarAsItIsKnown)
{
    EXPECT_TRUE(readHello(toBody(someHello()) + "more than this build knows"));
    Welcome welcome;
    EXPECT_TRUE(readWelcome(toBody(welcome) + "more"));
}

/// A file that was not made by this code but by hand, from what the README says.
Bytes corpus(const std::string& name)
{
    std::ifstream in(LIGHTCONE_SOURCE_DIR "/tests/fuzz/corpus/messages/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Messages, BytesAreAsDocumented)
{
    const auto hello = readHello(corpus("hello"));
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->cluster, "demo");
    EXPECT_EQ(hello->shapes, 0x1234u);
    EXPECT_EQ(hello->from, NodeId(2));
    EXPECT_EQ(hello->incarnation, 3u);
    EXPECT_EQ(toBody(*hello), corpus("hello"));
    const auto welcome = readWelcome(corpus("welcome"));
    ASSERT_TRUE(welcome);
    ASSERT_EQ(welcome->members.size(), 2u);
    EXPECT_EQ(welcome->members[1].peer, "[::1]:7102");
    EXPECT_EQ(toBody(*welcome), corpus("welcome"));
    const auto bytes = corpus("message");
    const auto message = readMessage(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->header.time, (HybridTime{1'700'000'000'000'000'000, 4}));
    const auto asked = corpus("request");
    const auto request = readRequest(asked);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->header.request, (RequestId{clientId(1), 5}));
    const auto& raft = *node::findProtocol("raft");
    const auto put = raft.payload(node::PayloadRole::Request, request->rest);
    ASSERT_TRUE(put);
    EXPECT_EQ(describe::brief((*put)->describe()), "put x=1");
    const auto redirected = corpus("redirect");
    EXPECT_EQ(readReply(redirected)->header.answer, node::Answer::Redirected);
}

TEST(Messages, AGreetingCutAnywhereIsAnErrorThatSaysSo)
{
    const auto body = toBody(someHello());
    for (std::size_t size = 0; size < body.size(); ++size) {
        const auto cut = readHello(body.substr(0, size));
        ASSERT_FALSE(cut) << size;
        EXPECT_THAT(cut.error().message, HasSubstr("expected a Hello"));
    }
}

TEST(Messages, AHelloFitsIntoWhatIsReadBeforeItIsKnown)
{
    auto hello = someHello();
    hello.cluster = hello.token = std::string(200, 'x');
    EXPECT_LT(toBody(hello).size(), 1000u);
}

TEST(Messages, HeadersAreFollowedByBodies)
{
    Bytes bytes;
    append(MessageHeader{300, 2, {1'700'000'000'000'000'000, 5}}, bytes);
    bytes += "body";
    const auto message = readMessage(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->header.step, 300u);
    EXPECT_EQ(message->header.index, 2u);
    EXPECT_EQ(message->header.time, (HybridTime{1'700'000'000'000'000'000, 5}));
    EXPECT_EQ(message->rest, "body");

    bytes.clear();
    append(ReplyHeader{{clientId(4), 9}, node::Answer::Redirected, "127.0.0.1:1"}, bytes);
    bytes += "to";
    const auto reply = readReply(bytes);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->header.request, (RequestId{clientId(4), 9}));
    EXPECT_EQ(reply->header.address, "127.0.0.1:1");
    EXPECT_EQ(reply->rest, "to");
    EXPECT_FALSE(readMessage(""));
    EXPECT_FALSE(readReply("\x01"));
}

TEST(Messages, ARequestIsAClients)
{
    const auto read = [](RequestId id) {
        Bytes bytes;
        append(RequestHeader{id}, bytes);
        return readRequest(bytes).has_value();
    };
    EXPECT_TRUE(read({clientId(0), 1}));
    EXPECT_FALSE(read({NodeId(1), 1}));
    EXPECT_FALSE(read({NodeId(), 1}));
    EXPECT_FALSE(read({clientId(0), 0}));
}

TEST(Messages, ShapesTellBuildsApart)
{
    const auto& card = node::findProtocol("raft")->card();
    const auto here = shapesOf(card);
    EXPECT_NE(here, 0u);
    EXPECT_EQ(here, shapesOf(card));
    auto other = card;
    auto shape = std::make_shared<describe::Shape>(*card.message);
    shape->fields.pop_back();
    other.message = shape;
    EXPECT_NE(here, shapesOf(other));
}

} // namespace
} // namespace lightcone::live
