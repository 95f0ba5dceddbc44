#include "engine/node/client.h"
#include "engine/node/hosted.h"
#include "tests/support/ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::node {
namespace {

using namespace std::chrono_literals;

constexpr NodeId n1(1);
constexpr NodeId n2(2);
constexpr NodeId n3(3);

constexpr Instant at(Duration time)
{
    return Instant(time);
}

PayloadPtr text(std::string words)
{
    return makePayload(Text{std::move(words)});
}

struct ClientTest : testing::Test
{
    explicit ClientTest(ClientSettings settings = {500ms, 20ms, 80ms, 2s, false})
        : client(clientId(1), {n1, n2, n3}, settings, test::ringProtocol())
    {
    }

    template <class T>
    const T& only()
    {
        EXPECT_EQ(effects.size(), 1U);
        return std::get<T>(effects.front());
    }

    RequestId submit(Instant now, NodeId to = {})
    {
        effects.clear();
        return client.submit(now, text("put"), to, EventId(7), effects);
    }

    void reply(Instant now, NodeId from, RequestId id, Answer answer, const PayloadPtr& body)
    {
        effects.clear();
        client.onReply(now, from, id, answer, body, effects);
    }

    void wake()
    {
        effects.clear();
        client.onDue(*client.due(), effects);
    }

    Client client;
    Client::Effects effects;
};

TEST_F(ClientTest, beginsAsksAndEnds)
{
    const auto id = submit(at(1s));
    EXPECT_EQ(id, (RequestId{clientId(1), 1}));
    ASSERT_EQ(effects.size(), 2U);
    EXPECT_EQ(std::get<Client::Begin>(effects[0]).to, n1);
    EXPECT_EQ(std::get<Client::Begin>(effects[0]).origin, EventId(7));
    EXPECT_EQ(std::get<Client::Transmit>(effects[1]).to, n1);
    EXPECT_EQ(client.due(), at(1500ms));
    reply(at(1010ms), n1, id, Answer::Done, text("ok"));
    EXPECT_EQ(only<Client::Finish>().answer, Answer::Done);
    EXPECT_EQ(only<Client::Finish>().by, n1);
    EXPECT_EQ(client.due(), std::nullopt);
    EXPECT_EQ(client.open(), 0U);
}

TEST_F(ClientTest, hasOneOperationAtATime)
{
    const auto first = submit(at(0s));
    const auto second = submit(at(1ms));
    EXPECT_TRUE(effects.empty());
    EXPECT_EQ(client.open(), 2U);
    reply(at(5ms), n1, first, Answer::Done, text("ok"));
    ASSERT_EQ(effects.size(), 3U);
    EXPECT_EQ(std::get<Client::Begin>(effects[1]).request, second);
    EXPECT_EQ(client.state().queued, 0U);
    reply(at(6ms), n1, first, Answer::Done, text("again"));
    EXPECT_TRUE(effects.empty()) << "the answer to something that has ended";
}

TEST_F(ClientTest, followsARedirectAndRemembersIt)
{
    const auto id = submit(at(0s));
    reply(at(5ms), n1, id, Answer::Redirected, makePayload(Redirect{n3}));
    EXPECT_EQ(only<Client::Transmit>().to, n3);
    EXPECT_EQ(only<Client::Transmit>().request, id);
    reply(at(9ms), n3, id, Answer::Done, text("ok"));
    submit(at(10ms));
    EXPECT_EQ(std::get<Client::Transmit>(effects[1]).to, n3);
}

TEST_F(ClientTest, pausesWhenNobodyKnowsWhomToAsk)
{
    const auto id = submit(at(0s));
    reply(at(5ms), n1, id, Answer::Redirected, makePayload(Redirect{}));
    EXPECT_TRUE(effects.empty());
    EXPECT_EQ(client.due(), at(25ms));
    EXPECT_EQ(client.state().phase, ClientPhase::Pausing);
    wake();
    EXPECT_EQ(only<Client::Transmit>().to, n2);
    reply(at(30ms), n2, id, Answer::Redirected, makePayload(Redirect{}));
    EXPECT_EQ(client.due(), at(70ms)) << "twice as long";
}

TEST_F(ClientTest, doesNotRunInCircles)
{
    const auto id = submit(at(0s));
    int asked = 0;
    auto from = n1;
    for (; asked < 50 && client.state().phase == ClientPhase::Waiting; ++asked) {
        const auto to = from == n1 ? n2 : n1;
        reply(at(1ms), from, id, Answer::Redirected, makePayload(Redirect{to}));
        from = to;
    }
    EXPECT_EQ(asked, 4);
}

TEST_F(ClientTest, triesTheNextAfterATimeOutAndGivesUpAtLast)
{
    const auto id = submit(at(0s));
    std::vector<NodeId> asked{n1};
    while (client.open() > 0) {
        wake();
        for (const auto& effect : effects) {
            if (const auto* transmit = std::get_if<Client::Transmit>(&effect)) {
                EXPECT_EQ(transmit->request, id) << "the same operation";
                asked.push_back(transmit->to);
            }
        }
    }
    EXPECT_EQ(asked, (std::vector<NodeId>{n1, n2, n3, n1}));
    const auto& end = std::get<Client::Finish>(effects.back());
    EXPECT_EQ(end.answer, Answer::Unknown);
    EXPECT_EQ(end.by, NodeId{});
}

TEST_F(ClientTest, takesALateAnswerWhileItPauses)
{
    const auto id = submit(at(0s));
    wake();
    EXPECT_EQ(only<Client::TimedOut>().silent, n1);
    EXPECT_EQ(only<Client::TimedOut>().waited, 500ms);
    reply(at(505ms), n1, id, Answer::Done, text("late"));
    EXPECT_EQ(only<Client::Finish>().answer, Answer::Done);
}

TEST_F(ClientTest, asksOnlyTheNodeThatItWasToldTo)
{
    auto id = submit(at(0s), n2);
    EXPECT_EQ(std::get<Client::Transmit>(effects[1]).to, n2);
    reply(at(1ms), n2, id, Answer::Redirected, makePayload(Redirect{n1}));
    EXPECT_EQ(only<Client::Finish>().answer, Answer::Redirected);
    id = submit(at(2ms), n2);
    wake();
    wake();
    EXPECT_EQ(only<Client::Transmit>().to, n2);
}

TEST_F(ClientTest, endsWithARefusal)
{
    const auto id = submit(at(0s));
    reply(at(1ms), n1, id, Answer::Refused, makePayload(Refusal{"no"}));
    EXPECT_EQ(only<Client::Finish>().answer, Answer::Refused);
}

struct StubbornClientTest : ClientTest
{
    StubbornClientTest()
        : ClientTest({500ms, 20ms, 80ms, 2s, true})
    {
    }
};

TEST_F(StubbornClientTest, triesAgainWhatWasRefused)
{
    const auto id = submit(at(0s));
    reply(at(1ms), n1, id, Answer::Refused, makePayload(Refusal{"no"}));
    EXPECT_TRUE(effects.empty());
    wake();
    EXPECT_EQ(only<Client::Transmit>().to, n2);
}

TEST_F(ClientTest, doesNotWaitWhereNobodyCanAnswer)
{
    const auto id = submit(at(0s));
    effects.clear();
    client.onUnreachable(at(3ms), n2, id, effects);
    EXPECT_TRUE(effects.empty()) << "somebody else is asked";
    client.onUnreachable(at(3ms), n1, id, effects);
    EXPECT_EQ(only<Client::TimedOut>().silent, n1);
    EXPECT_EQ(only<Client::TimedOut>().waited, 3ms);
    EXPECT_EQ(client.due(), at(23ms));
    effects.clear();
    client.onUnreachable(at(4ms), n1, id, effects);
    EXPECT_TRUE(effects.empty()) << "it pauses already";
    wake();
    EXPECT_EQ(only<Client::Transmit>().to, n2);
    EXPECT_EQ(only<Client::Transmit>().request, id);
}

TEST_F(ClientTest, anOperationForOneNodeKeepsAskingItWhereItIsUnreachable)
{
    const auto id = submit(at(0s), n1);
    effects.clear();
    client.onUnreachable(at(3ms), n1, id, effects);
    wake();
    EXPECT_EQ(only<Client::Transmit>().to, n1);
}

/// Its clients say what they were answered last.
class Reminding final : public Hosted<test::Ring>
{
public:
    [[nodiscard]] PayloadPtr remember(PayloadPtr, const Payload& request,
                                      const Payload& reply) const override
    {
        return text(payloadAs<Text>(request).text + "=" + payloadAs<Text>(reply).text);
    }
    [[nodiscard]] PayloadPtr recall(const PayloadPtr& session, PayloadPtr request) const override
    {
        return session ? text("after " + payloadAs<Text>(*session).text) : request;
    }
};

TEST(ClientSession, IsWhatTheNewestAnswerGaveWhenAnOperationBegins)
{
    const Reminding protocol;
    Client client(clientId(1), {n1, n2}, {}, protocol);
    Client::Effects effects;
    const auto first = client.submit(at(0s), text("a"), {}, {}, effects);
    const auto second = client.submit(at(0s), text("b"), {}, {}, effects);
    EXPECT_EQ(payloadAs<Text>(*std::get<Client::Begin>(effects[0]).body).text, "a")
        << "nothing was answered yet";
    effects.clear();
    client.onReply(at(1ms), n1, first, Answer::Done, text("1"), effects);
    ASSERT_EQ(effects.size(), 3U);
    for (const auto* body : {&std::get<Client::Begin>(effects[1]).body,
                             &std::get<Client::Transmit>(effects[2]).body}) {
        EXPECT_EQ(payloadAs<Text>(**body).text, "after a=1") << "it waited in line for that";
    }
    EXPECT_THAT(client.state().session, testing::HasSubstr("a=1"));
    effects.clear();
    client.onReply(at(2ms), n1, second, Answer::Refused, makePayload(Refusal{"no"}), effects);
    client.submit(at(3ms), text("c"), {}, {}, effects);
    EXPECT_EQ(payloadAs<Text>(*std::get<Client::Begin>(effects[1]).body).text, "after a=1")
        << "who was refused was told nothing";
}

} // namespace
} // namespace lightcone::node
