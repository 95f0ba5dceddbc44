#include "engine/live/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::live {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// One end of a pair, and all that happened to it.
struct End
{
    Link link;
    std::vector<std::string> heard{};
    std::optional<Ended> ended{};
    std::optional<Hello> hello{};
    bool welcomed = false;
};

Hello helloOf(Purpose purpose = Purpose::Peer)
{
    Hello hello;
    hello.purpose = purpose;
    hello.cluster = "test";
    return hello;
}

/// Two links and the wire between them. The wire carries pieces of any size, and can fail.
class Pair
{
public:
    explicit Pair(LinkSettings settings = {}, std::size_t piece = 1'000'000)
        : m_piece(piece)
        , dialer{Link::dialed(settings, now, helloOf())}
        , accepter{Link::accepted(settings, now)}
    {
    }

    /// Fails the n-th reading or writing from now on, counted from 1.
    void failOperation(std::size_t number) { m_failAt = m_operations + number; }

    [[nodiscard]] std::size_t operations() const { return m_operations; }

    /// Until nothing moves any more, at one moment.
    void settle()
    {
        events(dialer);
        events(accepter);
        while (carry(dialer, accepter) || carry(accepter, dialer)) { }
    }

    void pass(Duration duration)
    {
        now += duration;
        dialer.link.tick(now);
        accepter.link.tick(now);
        settle();
    }

    Instant now{};

private:
    std::size_t m_piece;
    std::size_t m_operations = 0;
    std::optional<std::size_t> m_failAt;

public:
    End dialer;
    End accepter;
    std::optional<Rejected> rejecting; ///< what the accepter answers

private:
    bool fails() { return ++m_operations == m_failAt; }

    bool carry(End& from, End& to)
    {
        const auto bytes = from.link.toWrite();
        if (bytes.empty()) {
            return false;
        }
        if (fails()) {
            return hangUp(from, to, "the write failed");
        }
        const auto space = to.link.space();
        const auto count = std::min({bytes.size(), m_piece, space.size()});
        const bool hears = to.link.phase() != Link::Phase::Ended;
        if (hears) {
            std::memcpy(space.data(), bytes.data(), count);
        }
        from.link.written(now, count);
        events(from);
        if (hears && fails()) {
            return hangUp(to, from, "the read failed");
        }
        if (hears) {
            to.link.arrived(now, count);
            events(to);
        }
        // Whoever has ended closes its socket.
        if (from.link.phase() == Link::Phase::Ended) {
            to.link.broke("it hung up");
            events(to);
        }
        return true;
    }

    bool hangUp(End& failing, End& other, const std::string& why)
    {
        failing.link.broke(why);
        other.link.broke("it hung up");
        events(failing);
        events(other);
        return false;
    }

    void events(End& end)
    {
        while (auto event = end.link.next()) {
            ASSERT_FALSE(end.ended) << "nothing comes after the end";
            if (const auto* hello = std::get_if<HelloCame>(&*event)) {
                end.hello = hello->hello;
                if (rejecting) {
                    end.link.reject(now, *rejecting);
                } else {
                    end.link.welcome(now, Welcome{});
                }
            } else if (std::holds_alternative<WelcomeCame>(*event)) {
                end.welcomed = true;
            } else if (const auto* frame = std::get_if<FrameCame>(&*event)) {
                end.heard.emplace_back(frame->frame.body);
            } else {
                end.ended = std::get<Ended>(*event);
            }
        }
    }
};

/// Says something to a link that accepted, byte for byte.
std::optional<LinkEvent> say(Link& link, Instant now, BytesView bytes)
{
    while (!bytes.empty()) {
        const auto space = link.space();
        const auto count = std::min(space.size(), bytes.size());
        std::memcpy(space.data(), bytes.data(), count);
        link.arrived(now, count);
        bytes.remove_prefix(count);
    }
    return link.next();
}

Bytes frameOf(FrameKind kind, BytesView body)
{
    Bytes out;
    appendFrame(kind, body, {}, out);
    return out;
}

TEST(Link, GreetsAndCarriesFramesBothWaysInOrder)
{
    for (const std::size_t piece : {1U, 3U, 100U, 1'000'000U}) {
        Pair pair({}, piece);
        EXPECT_FALSE(pair.dialer.link.send(FrameKind::Message, "too early", {}));
        pair.settle();
        ASSERT_TRUE(pair.dialer.welcomed);
        ASSERT_TRUE(pair.accepter.hello);
        EXPECT_EQ(pair.accepter.hello->cluster, "test");
        EXPECT_EQ(pair.dialer.link.version(), newestWire);
        EXPECT_EQ(pair.accepter.link.version(), newestWire);
        ASSERT_TRUE(pair.dialer.link.send(FrameKind::Message, "a", "1"));
        ASSERT_TRUE(pair.dialer.link.send(FrameKind::Message, "b", {}));
        ASSERT_TRUE(pair.accepter.link.send(FrameKind::Reply, {}, "c"));
        pair.settle();
        EXPECT_THAT(pair.accepter.heard, ElementsAre("a1", "b"));
        EXPECT_THAT(pair.dialer.heard, ElementsAre("c"));
    }
}

TEST(Link, EveryOperationFailingInTurnEndsBothSidesAndLosesOnlyATail)
{
    const auto run = [](std::optional<std::size_t> failing, std::size_t& operations) {
        Pair pair({}, 50);
        if (failing) {
            pair.failOperation(*failing);
        }
        std::vector<std::string> said;
        pair.settle();
        for (int i = 0; i < 20; ++i) {
            const auto text = std::string(20, 'x') + std::to_string(i);
            if (pair.dialer.link.send(FrameKind::Message, text, {})) {
                said.push_back(text);
            }
            pair.settle();
        }
        pair.dialer.link.close(pair.now, "enough");
        pair.settle();
        pair.pass(10s);
        operations = pair.operations();
        // Whatever failed: both have ended, once, with a reason, and what was heard is the
        // beginning of what was said.
        EXPECT_TRUE(pair.dialer.ended && !pair.dialer.ended->why.empty());
        EXPECT_TRUE(pair.accepter.ended && !pair.accepter.ended->why.empty());
        const auto& heard = pair.accepter.heard;
        EXPECT_LE(heard.size(), said.size());
        EXPECT_TRUE(std::equal(heard.begin(), heard.end(), said.begin()));
        return heard.size();
    };
    std::size_t all = 0;
    EXPECT_EQ(run(std::nullopt, all), 20u);
    ASSERT_GT(all, 40u);
    std::size_t ignored = 0;
    std::size_t lost = 0;
    for (std::size_t n = 1; n <= all; ++n) {
        SCOPED_TRACE("operation " + std::to_string(n));
        lost += run(n, ignored) < 20 ? 1U : 0U;
    }
    EXPECT_GT(lost, all / 2);
}

TEST(Link, ARejectionIsHeardWithItsReason)
{
    Pair pair;
    pair.rejecting = Rejected{Rejection::Cluster, "this is cluster 'a', not 'b'"};
    pair.settle();
    ASSERT_TRUE(pair.dialer.ended);
    EXPECT_EQ(pair.dialer.ended->rejected, Rejection::Cluster);
    EXPECT_THAT(pair.dialer.ended->why, HasSubstr("not 'b'"));
    ASSERT_TRUE(pair.accepter.ended);
    EXPECT_FALSE(pair.accepter.ended->rejected);
}

TEST(Link, AGoodbyeIsHeardAfterAllThatWasSaidBefore)
{
    Pair pair;
    pair.settle();
    pair.accepter.link.send(FrameKind::Reply, "last words", {});
    pair.accepter.link.close(pair.now, "SIGTERM");
    EXPECT_FALSE(pair.accepter.link.send(FrameKind::Reply, "too late", {}));
    pair.settle();
    EXPECT_THAT(pair.dialer.heard, ElementsAre("last words"));
    ASSERT_TRUE(pair.dialer.ended && pair.accepter.ended);
    EXPECT_EQ(pair.dialer.ended->why, "it said: SIGTERM");
    EXPECT_EQ(pair.accepter.ended->why, "SIGTERM");
}

TEST(Link, VersionsMeetOrPartWithASentence)
{
    Link newer = Link::accepted({}, {});
    auto hello = helloOf();
    hello.oldest = newestWire;
    hello.newest = newestWire + 5;
    auto event = say(newer, {}, frameOf(FrameKind::Hello, toBody(hello) + "what is new in it"));
    ASSERT_TRUE(event && std::holds_alternative<HelloCame>(*event));
    EXPECT_EQ(newer.version(), newestWire);

    Link strange = Link::accepted({}, {});
    hello.oldest = newestWire + 1;
    EXPECT_FALSE(say(strange, {}, frameOf(FrameKind::Hello, toBody(hello))));
    EXPECT_EQ(strange.phase(), Link::Phase::Parting);
    const auto answer = strange.toWrite();
    const auto rejected = readRejected(answer.substr(frameHeadBytes));
    ASSERT_TRUE(rejected);
    EXPECT_EQ(rejected->code, Rejection::Version);
    EXPECT_THAT(rejected->reason, HasSubstr("speaks versions 2 to 6 of the wire"));
}

TEST(Link, BeforeTheGreetingNothingIsLongerThanAKibibyte)
{
    Link link = Link::accepted({}, {});
    EXPECT_FALSE(say(link, {}, frameOf(FrameKind::Hello, Bytes(1024, 'x')).substr(0, 4)));
    EXPECT_EQ(link.phase(), Link::Phase::Parting);
    EXPECT_THAT(std::string(link.toWrite()), HasSubstr("at most 1024 bytes, found one of 1025"));
}

TEST(Link, OnlyAHelloBegins)
{
    for (const auto& first :
         {frameOf(FrameKind::Message, "x"), frameOf(FrameKind::Ping, {}),
          frameOf(FrameKind::Hello, "not a hello"), frameOf(FrameKind::Hello, "LIGHTCONE")}) {
        Link link = Link::accepted({}, {});
        EXPECT_FALSE(say(link, {}, first));
        EXPECT_EQ(link.phase(), Link::Phase::Parting);
        EXPECT_THAT(std::string(link.toWrite()), HasSubstr("expected a Hello"));
    }
}

TEST(Link, WhoSaysNothingIsNotWaitedFor)
{
    LinkSettings settings;
    settings.greeting = 5s;
    Link link = Link::accepted(settings, {});
    ASSERT_EQ(link.due(), Instant(5s));
    // A byte a second is no greeting either.
    const auto slow = frameOf(FrameKind::Hello, Bytes(100, 'x'));
    for (std::size_t second = 1; second < 5; ++second) {
        EXPECT_FALSE(say(link, Instant(std::chrono::seconds(second)), slow.substr(second - 1, 1)));
    }
    link.tick(Instant(5s));
    const auto event = link.next();
    ASSERT_TRUE(event && std::holds_alternative<Ended>(*event));
    EXPECT_EQ(std::get<Ended>(*event).why, "no greeting within 5 s");
}

TEST(Link, SilenceIsAskedAboutAndThenTheEnd)
{
    LinkSettings settings;
    settings.quiet = 2s;
    settings.silence = 8s;
    Pair pair(settings);
    pair.settle();
    // As long as the other side answers, nothing ends.
    for (int i = 0; i < 20; ++i) {
        pair.pass(2s);
    }
    EXPECT_FALSE(pair.dialer.ended);
    EXPECT_TRUE(pair.dialer.heard.empty());

    Link alone = Link::dialed(settings, {}, helloOf());
    alone.written({}, alone.toWrite().size());
    (void)say(alone, {}, frameOf(FrameKind::Welcome, toBody(Welcome{})));
    alone.tick(Instant(2s));
    EXPECT_EQ(alone.toWrite(), frameOf(FrameKind::Ping, {}));
    alone.written(Instant(2s), alone.toWrite().size());
    alone.tick(Instant(7s));
    EXPECT_EQ(alone.phase(), Link::Phase::Open);
    alone.tick(Instant(8s));
    const auto event = alone.next();
    ASSERT_TRUE(event && std::holds_alternative<Ended>(*event));
    EXPECT_EQ(std::get<Ended>(*event).why, "silent for 8 s");
}

TEST(Link, WhileNobodyReadsSilenceIsNobodysFault)
{
    Pair pair;
    pair.settle();
    auto& link = pair.accepter.link;
    link.setReading(pair.now, false);
    EXPECT_FALSE(link.due());
    link.tick(Instant(1h));
    EXPECT_EQ(link.phase(), Link::Phase::Open);
    link.setReading(Instant(1h), true);
    ASSERT_TRUE(link.due());
    EXPECT_GT(*link.due(), Instant(1h));
}

TEST(Link, AFullQueueTakesNoMoreUntilItIsDrained)
{
    LinkSettings settings;
    settings.mostQueued = 1000;
    Pair pair(settings);
    pair.settle();
    std::size_t taken = 0;
    while (pair.dialer.link.send(FrameKind::Message, Bytes(95, 'x'), {})) {
        ++taken;
    }
    EXPECT_EQ(taken, 10u);
    EXPECT_EQ(pair.dialer.link.queued(), 1000u);
    pair.settle();
    EXPECT_EQ(pair.dialer.link.queued(), 0u);
    EXPECT_TRUE(pair.dialer.link.send(FrameKind::Message, "more", {}));
}

TEST(Link, WhatIsLongerThanAFrameIsNotSent)
{
    LinkSettings settings;
    settings.mostFrame = 100;
    Pair pair(settings);
    pair.settle();
    EXPECT_FALSE(pair.dialer.link.send(FrameKind::Message, Bytes(100, 'x'), {}));
    EXPECT_TRUE(pair.dialer.link.send(FrameKind::Message, Bytes(95, 'x'), {}));
    pair.settle();
    EXPECT_EQ(pair.accepter.heard.size(), 1u);
}

TEST(Link, SmallFramesLeaveTogether)
{
    Pair pair;
    pair.settle();
    for (int i = 0; i < 100; ++i) {
        pair.dialer.link.send(FrameKind::Message, "small", {});
    }
    EXPECT_EQ(pair.dialer.link.toWrite().size(), 100 * (frameHeadBytes + 5));
}

TEST(Link, ASecondGreetingEndsIt)
{
    Pair pair;
    pair.settle();
    EXPECT_FALSE(say(pair.accepter.link, {}, frameOf(FrameKind::Hello, toBody(helloOf()))));
    EXPECT_EQ(pair.accepter.link.phase(), Link::Phase::Parting);
}

TEST(Link, ReasonsAreShortAndPrintable)
{
    Pair pair;
    pair.rejecting = Rejected{Rejection::Busy, "a\nb\x1b[31m" + std::string(5000, 'x')};
    pair.settle();
    ASSERT_TRUE(pair.dialer.ended);
    EXPECT_LT(pair.dialer.ended->why.size(), 600u);
    EXPECT_EQ(pair.dialer.ended->why.find_first_of("\n\x1b"), std::string::npos);
}

TEST(Redial, WaitsLongerEachTimeUpToALimitAndNeverAllAtOnce)
{
    Redial redial({20ms, 1s, 5s});
    Dice dice(1);
    Duration most{};
    for (int i = 0; i < 40; ++i) {
        const auto usual = std::min<Duration>(20ms * (std::int64_t{1} << std::min(i, 20)), 1s);
        const auto wait = redial.failed(dice, false);
        EXPECT_GE(wait, usual / 2);
        EXPECT_LE(wait, usual);
        most = std::max(most, wait);
    }
    EXPECT_GT(most, 800ms);
    EXPECT_GE(redial.failed(dice, true), 2500ms);
    redial.succeeded();
    EXPECT_LE(redial.failed(dice, false), 20ms);
    Dice other(2);
    Redial second({20ms, 1s, 5s});
    EXPECT_NE(second.failed(other, true), Redial({20ms, 1s, 5s}).failed(dice, true));
}

} // namespace
} // namespace lightcone::live
