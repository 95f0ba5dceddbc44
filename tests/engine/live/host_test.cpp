#include "engine/describe/described.h"
#include "engine/live/clocks.h"
#include "engine/live/host.h"
#include "tests/engine/live/gate.h"
#include "tests/engine/live/loopback.h"
#include "tests/engine/live/puppet.h"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

/// One node by itself: what it is told goes in by hand, what it says is kept.
namespace lightcone::live {
namespace {

using namespace std::chrono_literals;
using test::puppet::Puppet;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const NodeId self(1);
const NodeId n2(2);
const NodeId n3(3);

/// What left, as "2: text", with its name.
class Notes final : public Outlet
{
public:
    bool send(NodeId to, const MessageHeader& header, const node::PayloadPtr& message) override
    {
        if (full) {
            return false;
        }
        const auto text = std::visit([](const auto& each) { return each.text; },
                                     node::payloadAs<Puppet::Message>(*message));
        said.push_back(std::to_string(to.value) + ": " + text);
        headers.push_back(header);
        return true;
    }

    std::vector<std::string> said;
    std::vector<MessageHeader> headers;
    bool full = false;
};

class Answers final : public Asker
{
public:
    void onAnswer(RequestId, node::Answer answer, const node::PayloadPtr& body) override
    {
        heard.push_back(describe::nameOf(answer) + " " + describe::brief(body->describe()));
    }
    std::vector<std::string> heard;
};

class HostTest : public ::testing::Test
{
public:
    HostTest() { boot(); }
    ~HostTest() override { disk.open(); }
    HostTest(const HostTest&) = delete;
    HostTest& operator=(const HostTest&) = delete;

protected:
    void boot()
    {
        StorageLimits limits;
        limits.segmentBytes = limits.firstSegmentBytes = 64 << 10;
        host.reset();
        auto storage = Storage::open((directory.path / "n1").string(), test::puppet::protocol(),
                                     {"test", self}, limits, disk)
                           .value();
        host = std::make_unique<Host>(io.get_executor(),
                                      HostPlan{&test::puppet::protocol(),
                                               setup,
                                               self,
                                               7,
                                               {},
                                               Duration::zero()}, // tests stop the disk
                                      std::move(storage), notes, Log());
        host->onFailed = [this](const Error& error) { failure = error.message; };
        host->start();
    }

    void ask(const std::string& script, std::uint32_t client = 0)
    {
        Bytes body;
        node::makePayload(Puppet::Request(test::puppet::Do{script}))->encode(body);
        ASSERT_TRUE(host->ask({clientId(client), ++sequence}, body, answers));
    }

    void tell(NodeId from, const std::string& text, HybridTime time = {})
    {
        Bytes body;
        node::makePayload(Puppet::Message(test::puppet::Said{text}))->encode(body);
        ASSERT_TRUE(host->deliver(from, 4, {++step, 0, time}, body));
    }

    bool until(const std::function<bool()>& holds) { return testing::runUntil(io, holds); }

    /// Everything that is ready, and some time for what must not come.
    void rest(std::chrono::milliseconds time = 30ms)
    {
        testing::runUntil(
            io, [] { return false; }, time);
    }

    [[nodiscard]] const Puppet& puppet() const { return node::machineOf<Puppet>(host->node()); }

    /// The tape, a word an entry.
    [[nodiscard]] std::vector<std::string> tape() const
    {
        std::vector<std::string> out;
        const auto& feed = host->feed();
        for (const auto& entry :
             entriesOf(feed.read(feed.oldest(), std::size_t{1} << 20)).value()) {
            out.push_back(std::visit(
                [](const auto& what) {
                    return describe::typeName<std::remove_cvref_t<decltype(what)>>();
                },
                entry.what));
        }
        return out;
    }

    Result<void> disturb(const Disturbance& what) { return host->disturb(what, "me", "line"); }

    boost::asio::io_context io;
    testing::TemporaryDirectory directory;
    test::Gate disk;
    node::SetupPtr setup = testing::setupOf(test::puppet::protocol(), {});
    Notes notes;
    std::shared_ptr<Answers> answers = std::make_shared<Answers>();
    std::string failure;
    std::uint32_t sequence = 0;
    std::uint64_t step = 0;
    std::unique_ptr<Host> host;
};

TEST_F(HostTest, NothingLeavesBeforeWhatItDependsOnIsOnDisk)
{
    disk.shut();
    ask("say 2 before; write x; say 2 after; reply done");
    ask("say 3 later; reply too");
    rest();
    // Not even what was said before the write: the step is one. Nor what later steps say.
    EXPECT_THAT(notes.said, IsEmpty());
    EXPECT_THAT(answers->heard, IsEmpty());
    disk.open();
    ASSERT_TRUE(until([&] { return answers->heard.size() == 2; }));
    EXPECT_THAT(notes.said, ElementsAre("2: before", "2: after", "3: later"));
    EXPECT_THAT(tape(), ElementsAre("Booted", "Asked", "Asked", "Synced"));
}

TEST_F(HostTest, WhatNeedsNoDiskLeavesAtOnce)
{
    disk.shut();
    ask("say 2 now; reply now");
    EXPECT_THAT(notes.said, ElementsAre("2: now"));
    EXPECT_EQ(answers->heard.size(), 1u);
}

TEST_F(HostTest, WhatPromisesNothingDoesNotWaitEither)
{
    disk.shut();
    ask("write x; say 2 later; urge 3 now; answer now; reply later");
    EXPECT_THAT(notes.said, ElementsAre("3: now"));
    EXPECT_EQ(answers->heard.size(), 1U);
    disk.open();
    ASSERT_TRUE(until([&] { return answers->heard.size() == 2; }));
    EXPECT_THAT(notes.said, ElementsAre("3: now", "2: later"));
}

TEST_F(HostTest, ALazyWriteIsNotWaitedFor)
{
    disk.shut();
    ask("lazy x; say 2 now");
    EXPECT_THAT(notes.said, ElementsAre("2: now"));
    disk.open();
    EXPECT_TRUE(until([&] { return tape().back() == "Synced"; }));
}

TEST_F(HostTest, StepsGoOnWhileTheDiskWorksAndOneSyncServesMany)
{
    disk.shut();
    ask("write 0; reply 0");
    ASSERT_TRUE(until([&] { return disk.logSyncs() > 0; }));
    const auto before = disk.logSyncs();
    for (int i = 1; i <= 100; ++i) {
        ask("write x; reply x");
    }
    disk.open();
    ASSERT_TRUE(until([&] { return answers->heard.size() == 101; }));
    EXPECT_LE(disk.logSyncs(), before + 3);
}

TEST_F(HostTest, ADiskThatRefusesEndsTheNodeAndNothingIsAcknowledged)
{
    disk.failSyncs();
    ask("write x; say 2 never; reply never");
    ASSERT_TRUE(until([&] { return !failure.empty(); }));
    EXPECT_THAT(failure, HasSubstr("refused"));
    ask("say 2 nothing any more; reply no");
    rest();
    EXPECT_THAT(notes.said, IsEmpty());
    EXPECT_THAT(answers->heard, IsEmpty());
    EXPECT_EQ(tape().back(), "Turned");
}

TEST_F(HostTest, WhatWasWrittenIsThereAfterTheNextBoot)
{
    ask("write a; write b; reply ok");
    ASSERT_TRUE(until([&] { return answers->heard.size() == 1; }));
    EXPECT_EQ(host->incarnation(), 1u);
    boot();
    EXPECT_EQ(host->incarnation(), 2u);
    EXPECT_THAT(puppet().heard, ElementsAre("started with 2"));
}

TEST_F(HostTest, MessagesAreNamedByStepAndPlace)
{
    ask("say 2 a; say 3 b");
    tell(n2, "echo");
    ASSERT_EQ(notes.headers.size(), 3u);
    EXPECT_EQ(notes.headers[0].step, 2u); // the first entry is the boot
    EXPECT_EQ(notes.headers[0].index, 0u);
    EXPECT_EQ(notes.headers[1].index, 1u);
    EXPECT_EQ(notes.headers[2].step, 3u);
    EXPECT_GE(notes.headers[2].time, notes.headers[0].time);
}

TEST_F(HostTest, HybridTimeRunsAheadOfWhatWasHeard)
{
    const HybridTime future{wallNow() + std::chrono::nanoseconds(1h).count(), 3};
    tell(n2, "echo", future);
    ASSERT_EQ(notes.headers.size(), 1u);
    EXPECT_GT(notes.headers[0].time, future);
    EXPECT_GT(host->tick(), notes.headers[0].time);
}

TEST_F(HostTest, AnswersAreSaidAsTheyAre)
{
    ask("reply fine");
    ask("redirect 2");
    ask("refuse \"no\"");
    ASSERT_EQ(answers->heard.size(), 3u);
    EXPECT_THAT(answers->heard[0], HasSubstr("done"));
    EXPECT_THAT(answers->heard[1], HasSubstr("redirected"));
    EXPECT_THAT(answers->heard[2], HasSubstr("refused"));
    answers = std::make_shared<Answers>();
    ask("reply to nobody");
    answers.reset();
    ask("reply to nobody either");
}

TEST_F(HostTest, BytesThatAreNoMessageOrRequestAreRefused)
{
    const auto message = host->deliver(n2, 1, {1, 0, {}}, "\xFF\xFF");
    ASSERT_FALSE(message);
    EXPECT_THAT(message.error().message, HasSubstr("expected a message of puppet"));
    const auto request = host->ask({clientId(1), 1}, "\x09", answers);
    ASSERT_FALSE(request);
    EXPECT_THAT(request.error().message, HasSubstr("expected a request of puppet"));
    EXPECT_THAT(tape(), ElementsAre("Booted"));
}

TEST_F(HostTest, TimersRunOutInOrderAndOnlyThoseStillArmed)
{
    ask("arm 30; arm 10; arm 20");
    ASSERT_TRUE(until([&] { return puppet().heard.size() == 4; }));
    EXPECT_THAT(puppet().heard, ElementsAre("started with 0", "timer 10", "timer 20", "timer 30"));
}

TEST_F(HostTest, ATimerThatIsAlwaysDueLeavesTimeForOthers)
{
    ask("arm 99");
    ASSERT_TRUE(until([&] { return puppet().heard.size() > 5; }));
    tell(n2, "I am heard");
    EXPECT_EQ(puppet().heard.back(), "n2: I am heard");
}

TEST_F(HostTest, AMessageToOneselfComesAfterTheStep)
{
    ask("say 1 to myself; write x");
    EXPECT_THAT(puppet().heard, ElementsAre("started with 0"));
    ASSERT_TRUE(until([&] { return puppet().heard.size() == 2; }));
    EXPECT_EQ(puppet().heard.back(), "n1: to myself");
    EXPECT_THAT(notes.said, IsEmpty());
}

TEST_F(HostTest, AMessageThatNobodyTakesIsToldAsDropped)
{
    notes.full = true;
    ask("say 2 lost; arm 500");
    EXPECT_THAT(tape(), ElementsAre("Booted", "Asked", "Dropped"));
    // The tape was told when the step was over: its timer is in a checkpoint of then.
    EXPECT_EQ(host->feed().checkpoint().alarms.size(), 1u);
}

TEST_F(HostTest, PausedItHearsNothingAndResumedItHearsAll)
{
    int resumed = 0;
    host->onResumed = [&] { ++resumed; };
    ask("arm 10; write x; say 2 synced");
    disk.shut();
    ASSERT_TRUE(disturb(PauseNode{self}));
    EXPECT_TRUE(host->paused());
    std::vector<std::string> answered;
    Bytes body;
    node::makePayload(Puppet::Request(test::puppet::Do{"reply waited"}))->encode(body);
    ASSERT_TRUE(host->askAnytime({clientId(9), 1}, body,
                                 [&](node::Answer, Bytes) { answered.emplace_back("answered"); }));
    disk.open();
    rest(40ms);
    EXPECT_THAT(puppet().heard, ElementsAre("started with 0"));
    EXPECT_THAT(notes.said, IsEmpty());
    EXPECT_FALSE(disturb(PauseNode{self}));
    ASSERT_TRUE(disturb(ResumeNode{self}));
    EXPECT_FALSE(disturb(ResumeNode{self}));
    EXPECT_EQ(resumed, 1);
    ASSERT_TRUE(until([&] {
        return answered.size() == 1 && puppet().heard.size() == 2 && notes.said.size() == 1;
    }));
}

TEST_F(HostTest, WhoIsNeverAnsweredDoesNotKeepOthersFromAsking)
{
    Bytes silent;
    node::makePayload(Puppet::Request(test::puppet::Do{"note nothing"}))->encode(silent);
    int answers = 0;
    const auto count = [&](node::Answer, Bytes) { ++answers; };
    for (std::uint32_t i = 1; i <= 5000; ++i) {
        ASSERT_TRUE(host->askAnytime({clientId(8), i}, silent, count));
    }
    Bytes body;
    node::makePayload(Puppet::Request(test::puppet::Do{"reply here"}))->encode(body);
    ASSERT_TRUE(host->askAnytime({clientId(9), 1}, body, count));
    EXPECT_EQ(answers, 1);
}

TEST_F(HostTest, RulesDropDelayHoldAndDuplicateByType)
{
    ASSERT_TRUE(disturb(AddRule{"h", RuleVerb::Hold, "Shouted", {}, n2, 1, {}, 0}));
    ASSERT_TRUE(disturb(AddRule{"d", RuleVerb::Delay, "Said", {}, n2, 1, 20ms, 1}));
    ASSERT_TRUE(disturb(AddRule{"x", RuleVerb::Drop, "Said", {}, n3, 1, {}, 1}));
    ASSERT_TRUE(disturb(AddRule{"t", RuleVerb::Duplicate, "Said", {}, n3, 1, {}, 1}));
    ask("shout 2 held; say 2 late; say 2 next; say 3 dropped; say 3 twice; say 3 once");
    EXPECT_THAT(notes.said, ElementsAre("2: next", "3: twice", "3: twice", "3: once"));
    EXPECT_EQ(tape().back(), "Dropped");
    ASSERT_TRUE(until([&] { return notes.said.size() == 5; }));
    EXPECT_EQ(notes.said.back(), "2: late");
    ASSERT_TRUE(disturb(RemoveRule{}));
    EXPECT_EQ(notes.said.back(), "2: held");
}

TEST_F(HostTest, ASlowLinkKeepsItsOrder)
{
    ASSERT_TRUE(disturb(ChangeLink{self, n2, false, 5ms, 20ms, 0, false}));
    std::vector<std::string> expected;
    for (int i = 0; i < 30; ++i) {
        ask("say 2 " + std::to_string(i));
        expected.push_back("2: " + std::to_string(i));
    }
    EXPECT_THAT(notes.said, IsEmpty());
    ASSERT_TRUE(until([&] { return notes.said.size() == 30; }));
    EXPECT_EQ(notes.said, expected);
}

TEST_F(HostTest, ACutDropsWhatLeavesAndWhatComes)
{
    ASSERT_TRUE(disturb(CutLink{self, n2, false}));
    ask("say 2 lost; say 3 heard");
    tell(n2, "not heard");
    tell(n3, "heard");
    EXPECT_THAT(notes.said, ElementsAre("3: heard"));
    EXPECT_THAT(puppet().heard, ElementsAre("started with 0", "n3: heard"));
    EXPECT_THAT(tape(),
                ElementsAre("Booted", "Disturbed", "Asked", "Dropped", "Dropped", "Delivered"));
    ASSERT_TRUE(disturb(HealAll{}));
    tell(n2, "again");
    EXPECT_EQ(puppet().heard.back(), "n2: again");
}

TEST_F(HostTest, AClockThatIsSetBackMovesNoTimer)
{
    ask("arm 30");
    const auto before = puppet().now;
    ASSERT_TRUE(disturb(SetClock{self, -1h, std::nullopt}));
    ASSERT_TRUE(until([&] { return puppet().heard.size() == 2; }));
    EXPECT_LT(puppet().now, before - 59min);
}

TEST_F(HostTest, AFastClockBringsTimersEarlier)
{
    ask("arm 5000");
    ASSERT_TRUE(disturb(SetClock{self, std::nullopt, 100.0}));
    const auto begun = steadyNow();
    ASSERT_TRUE(until([&] { return puppet().heard.size() == 2; }));
    EXPECT_LT(steadyNow() - begun, Duration(5s));
    EXPECT_FALSE(disturb(SetClock{self, std::nullopt, 0.0}));
}

TEST_F(HostTest, ASlowDiskHoldsBackAndAFullOneEndsTheNode)
{
    ASSERT_TRUE(disturb(SetDisk{self, 1, 60ms, false}));
    const auto begun = steadyNow();
    ask("write x; reply ok");
    ASSERT_TRUE(until([&] { return answers->heard.size() == 1; }));
    EXPECT_GE(steadyNow() - begun, Duration(60ms));
    EXPECT_FALSE(disturb(SetDisk{self, 0, {}, false}));
    ASSERT_TRUE(disturb(SetDisk{self, 1, {}, true}));
    ask("write y; reply never");
    ASSERT_TRUE(until([&] { return !failure.empty(); }));
    EXPECT_EQ(answers->heard.size(), 1u);
}

TEST_F(HostTest, ACrashIsToldAndDone)
{
    EXPECT_FALSE(disturb(CrashNode{self})); // nobody said how
    int crashes = 0;
    host->onCrash = [&] { ++crashes; };
    EXPECT_FALSE(disturb(CrashNode{n2}));
    EXPECT_EQ(crashes, 0);
    ASSERT_TRUE(disturb(CrashNode{self}));
    EXPECT_EQ(crashes, 1);
    EXPECT_THAT(tape(), ElementsAre("Booted", "Disturbed"));
}

TEST_F(HostTest, ACheckpointIsTheNodeAsItStands)
{
    disk.shut();
    ask("write a; arm 5000; say 2 x");
    const auto checkpoint = host->feed().checkpoint();
    EXPECT_EQ(checkpoint.entry, 2u);
    EXPECT_EQ(checkpoint.synced, 0u);
    ASSERT_EQ(checkpoint.unsynced.size(), 1u);
    ASSERT_EQ(checkpoint.alarms.size(), 1u);
    EXPECT_GT(checkpoint.alarms[0].left, Duration(4s));
    Bytes state;
    host->node().encode(state);
    EXPECT_EQ(checkpoint.state, state);
    EXPECT_EQ(describe::fromBytes<test::puppet::Durable>(checkpoint.disk)->kept.size(), 0u);
    disk.open();
    ASSERT_TRUE(until([&] { return tape().back() == "Synced"; }));
    const auto later = host->feed().checkpoint();
    EXPECT_EQ(later.synced, 1u);
    EXPECT_THAT(later.unsynced, IsEmpty());
    EXPECT_THAT(describe::fromBytes<test::puppet::Durable>(later.disk)->kept, ElementsAre("a"));
}

} // namespace
} // namespace lightcone::live
