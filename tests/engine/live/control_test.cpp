#include "engine/describe/described.h"
#include "engine/live/control_port.h"
#include "engine/node/catalog.h"
#include "engine/node/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace lightcone::live {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

/// A connection whose other end takes what it wants, when it wants.
class FakeConnection final : public Connection
{
public:
    Visitor who;
    std::vector<Word> words;
    std::size_t waiting = 0;
    bool takesAll = true;
    std::size_t most = std::size_t{64} << 20;
    std::optional<std::string> closed;

    [[nodiscard]] const Visitor& visitor() const override { return who; }
    bool send(FrameKind kind, BytesView body) override
    {
        EXPECT_EQ(kind, FrameKind::Control);
        if (closed || waiting + body.size() > most) {
            return false;
        }
        if (!takesAll) {
            waiting += body.size();
        }
        auto word = readWord(body);
        EXPECT_TRUE(word) << word.error().text();
        words.push_back(std::move(*word));
        return true;
    }
    bool send(FrameKind kind, BytesView header, BytesView rest) override
    {
        return send(kind, Bytes(header) + Bytes(rest));
    }
    [[nodiscard]] std::size_t queued() const override { return waiting; }
    void close(std::string why) override { closed = std::move(why); }
    void wake() override { }

    template <class T>
    [[nodiscard]] std::vector<T> all() const
    {
        std::vector<T> found;
        for (const auto& word : words) {
            if (const auto* held = std::get_if<T>(&word)) {
                found.push_back(*held);
            }
        }
        return found;
    }

    [[nodiscard]] std::vector<Entry> entries() const
    {
        std::vector<Entry> found;
        for (const auto& told : all<Told>()) {
            auto read = entriesOf(told.stretch);
            EXPECT_TRUE(read) << read.error().text();
            found.insert(found.end(), read->begin(), read->end());
        }
        return found;
    }
};

class FakeNode final : public Watched
{
public:
    explicit FakeNode(FeedLimits limits = {}, std::uint64_t incarnation = 4)
        : tape(
            incarnation, [this] { return stand(); }, limits)
    {
    }

    Standing stand()
    {
        Standing standing;
        standing.disk = node::findProtocol("raft")->makeDisk();
        standing.alarms.resize(alarms);
        return standing;
    }

    void happen(std::uint64_t count, std::size_t size = 10)
    {
        for (std::uint64_t i = 0; i < count; ++i) {
            tape.append(Turned{Pulse::Paused, std::string(size, 'x')}, tick(), {});
        }
    }

    [[nodiscard]] const Feed& feed() const override { return tape; }
    HybridTime tick() override { return {++time, 0}; }
    [[nodiscard]] std::int64_t wall() const override { return 77; }
    [[nodiscard]] Bytes parameters() const override { return "parameters"; }
    [[nodiscard]] std::string configuration() const override { return R"({"protocol":"raft"})"; }
    [[nodiscard]] bool allowsFaults() const override { return faults; }
    Result<void> disturb(const Disturbance& what, const std::string& by,
                         const std::string& line) override
    {
        if (std::holds_alternative<SetDisk>(what)) {
            return fail("expected a node of this cluster");
        }
        disturbed.push_back(by + ": " + line);
        return {};
    }
    Result<void> submit(RequestId request, BytesView body, Answered done) override
    {
        if (body != "put") {
            return fail("the body is no request");
        }
        asked = request;
        answer = std::move(done);
        return {};
    }

    std::int64_t time = 0;
    std::size_t alarms = 0;
    bool faults = true;
    std::vector<std::string> disturbed;
    RequestId asked{};
    Answered answer;
    Feed tape;
};

struct Visit
{
    std::shared_ptr<FakeConnection> connection = std::make_shared<FakeConnection>();
    ReceiverPtr receiver;

    Visit(ControlPort& port, Role role)
    {
        connection->who.role = role;
        connection->who.name = "ann";
        receiver = port.enter(connection);
    }

    void say(const Wish& wish)
    {
        const auto heard = receiver->onFrame(FrameKind::Control, toBody(wish));
        EXPECT_TRUE(heard) << heard.error().text();
    }
};

TEST(ControlPort, SpeaksFirstAndSaysWhatMayBeDone)
{
    FakeNode node;
    ControlPort port(node);
    const Visit observer(port, Role::Observer);
    const Visit operates(port, Role::Operator);
    EXPECT_TRUE(observer.connection->words.empty()) << "the connection is not open yet";
    port.flush(milliseconds(1));
    ASSERT_EQ(observer.connection->words.size(), 1u);
    const auto terms = std::get<Terms>(observer.connection->words[0]);
    EXPECT_EQ(terms.parameters, "parameters");
    EXPECT_THAT(terms.whyNoFaults, HasSubstr("observer"));
    EXPECT_THAT(terms.whyNoRequests, HasSubstr("observer"));
    const auto operators = std::get<Terms>(operates.connection->words.at(0));
    EXPECT_EQ(operators.whyNoFaults, "");
    EXPECT_EQ(operators.whyNoRequests, "");
    EXPECT_EQ(port.explorers(), 2u);
}

TEST(ControlPort, PeersAndClientsAreNotLetIn)
{
    EXPECT_EQ(ControlPort::whyNot(Role::Observer), "");
    EXPECT_EQ(ControlPort::whyNot(Role::Operator), "");
    EXPECT_THAT(ControlPort::whyNot(Role::Peer), HasSubstr("observers and operators"));
    EXPECT_NE(ControlPort::whyNot(Role::Client), "");
}

TEST(ControlPort, FromNowBeginsWithTheNodeAsItStands)
{
    FakeNode node;
    ControlPort port(node);
    node.happen(5);
    Visit visit(port, Role::Observer);
    visit.say(Watch{From::Now});
    node.happen(2);
    port.flush(milliseconds(1));
    const auto pieces = visit.connection->all<Piece>();
    ASSERT_EQ(pieces.size(), 1u);
    const auto checkpoint = describe::fromBytes<Checkpoint>(pieces[0].bytes);
    ASSERT_TRUE(checkpoint) << checkpoint.error().text();
    EXPECT_EQ(checkpoint->entry, 5u);
    const auto entries = visit.connection->entries();
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].number, 6u);
}

TEST(ControlPort, GoesOnAfterAnEntryWithoutAHole)
{
    FakeNode node;
    ControlPort port(node);
    node.happen(5);
    Visit visit(port, Role::Observer);
    visit.say(Watch{From::After, 4, 3});
    port.flush(milliseconds(1));
    EXPECT_TRUE(visit.connection->all<Missing>().empty());
    EXPECT_TRUE(visit.connection->all<Piece>().empty());
    ASSERT_EQ(visit.connection->entries().size(), 2u);
    EXPECT_EQ(visit.connection->entries()[0].number, 4u);
}

TEST(ControlPort, SaysWhatIsForgotten)
{
    FakeNode node({1000, 100, 300});
    ControlPort port(node);
    node.happen(500);
    Visit visit(port, Role::Observer);
    visit.say(Watch{From::After, 4, 3});
    port.flush(milliseconds(1));
    const auto missing = visit.connection->all<Missing>();
    ASSERT_EQ(missing.size(), 1u);
    EXPECT_EQ(missing[0].entry, 4u);
    EXPECT_FALSE(missing[0].bornAgain);
    const auto checkpoint =
        describe::fromBytes<Checkpoint>(visit.connection->all<Piece>().at(0).bytes);
    EXPECT_EQ(missing[0].why,
              "entries 4 to " + std::to_string(checkpoint->entry) + " are forgotten");
    ASSERT_FALSE(visit.connection->entries().empty());
    EXPECT_EQ(visit.connection->entries()[0].number, checkpoint->entry + 1);
}

TEST(ControlPort, SaysThatTheNodeWasBornAgain)
{
    FakeNode node;
    ControlPort port(node);
    node.happen(3);
    Visit visit(port, Role::Observer);
    visit.say(Watch{From::After, 3, 900});
    port.flush(milliseconds(1));
    ASSERT_EQ(visit.connection->all<Missing>().size(), 1u);
    EXPECT_THAT(visit.connection->all<Missing>()[0].why, HasSubstr("started again"));
    EXPECT_TRUE(visit.connection->all<Missing>()[0].bornAgain);
    EXPECT_EQ(visit.connection->entries().at(0).number, 1u);
}

TEST(ControlPort, ALargeCheckpointComesInPiecesAsThereIsRoom)
{
    FakeNode node;
    node.alarms = 400'000;
    node.happen(1);
    ControlLimits limits;
    limits.window = mostPieceBytes;
    ControlPort port(node, limits);
    Visit visit(port, Role::Observer);
    visit.connection->takesAll = false;
    visit.say(Watch{From::Now});
    EXPECT_LE(visit.connection->waiting, 2 * mostPieceBytes + 1000);
    EXPECT_FALSE(visit.connection->all<Piece>().back().last);
    node.happen(1);
    for (int i = 1; !visit.connection->all<Piece>().back().last; ++i) {
        ASSERT_LT(i, 100);
        EXPECT_TRUE(visit.connection->entries().empty()) << "entries come after the checkpoint";
        visit.connection->waiting = 0;
        visit.receiver->onDrained();
        port.flush(milliseconds(i));
    }
    visit.connection->waiting = 0;
    port.flush(milliseconds(200));
    Bytes whole;
    for (const auto& piece : visit.connection->all<Piece>()) {
        whole += piece.bytes;
    }
    const auto checkpoint = describe::fromBytes<Checkpoint>(whole);
    ASSERT_TRUE(checkpoint) << checkpoint.error().text();
    EXPECT_EQ(checkpoint->alarms.size(), 400'000u);
    EXPECT_EQ(visit.connection->entries().size(), 1u);
}

TEST(ControlPort, BeatsWhileNothingHappens)
{
    FakeNode node;
    ControlPort port(node);
    Visit visit(port, Role::Observer);
    visit.say(Watch{From::Now});
    port.flush(milliseconds(1));
    ASSERT_EQ(visit.connection->all<Beat>().size(), 1u);
    port.flush(milliseconds(10));
    EXPECT_EQ(visit.connection->all<Beat>().size(), 1u);
    port.flush(milliseconds(60));
    const auto beats = visit.connection->all<Beat>();
    ASSERT_EQ(beats.size(), 2u);
    EXPECT_EQ(beats[1].wall, 77);
    node.happen(1);
    port.flush(milliseconds(70));
    EXPECT_GT(visit.connection->entries().at(0).time, beats[1].time);
}

TEST(ControlPort, WhoTakesNothingIsToldSoAndDisconnected)
{
    FakeNode node;
    ControlLimits limits;
    limits.window = 1000;
    limits.patience = milliseconds(100);
    ControlPort port(node, limits);
    Visit slow(port, Role::Observer);
    Visit quick(port, Role::Observer);
    slow.connection->takesAll = false;
    slow.say(Watch{From::Now});
    quick.say(Watch{From::Now});
    for (int i = 0; i < 50; ++i) {
        node.happen(10, 100);
        port.flush(milliseconds(10 * i));
    }
    ASSERT_TRUE(slow.connection->closed);
    EXPECT_THAT(*slow.connection->closed, HasSubstr("too slow"));
    EXPECT_LT(slow.connection->waiting, 100'000u) << "no more is queued than the window";
    EXPECT_FALSE(quick.connection->closed);
    EXPECT_EQ(quick.connection->entries().size(), 500u);
    EXPECT_EQ(port.explorers(), 1u);
}

TEST(ControlPort, WhoComesLateIsNotTakenForSlow)
{
    FakeNode node;
    ControlPort port(node);
    port.flush(milliseconds(1));
    Visit late(port, Role::Observer);
    late.connection->takesAll = false;
    late.say(Watch{From::Now});
    port.flush(milliseconds(1'000'000));
    EXPECT_FALSE(late.connection->closed);
    late.connection->waiting = 0;
    port.flush(milliseconds(1'020'000));
    EXPECT_FALSE(late.connection->closed);
    port.flush(milliseconds(1'020'020));
    EXPECT_FALSE(late.connection->closed);
}

TEST(ControlPort, WhoFallsBehindWhatIsKeptIsDisconnected)
{
    FakeNode node({1000, 100, 300});
    ControlLimits limits;
    limits.window = 500;
    ControlPort port(node, limits);
    Visit slow(port, Role::Observer);
    slow.connection->takesAll = false;
    slow.say(Watch{From::Now});
    for (int i = 0; i < 50; ++i) {
        node.happen(10, 50);
        port.flush(milliseconds(i));
        slow.connection->waiting -= std::min<std::size_t>(slow.connection->waiting, 50);
    }
    ASSERT_TRUE(slow.connection->closed);
    EXPECT_THAT(*slow.connection->closed, HasSubstr("is forgotten before it could be told"));
}

TEST(ControlPort, AnObserverCanNeitherAskNorDisturb)
{
    FakeNode node;
    ControlPort port(node);
    Visit visit(port, Role::Observer);
    visit.say(Disturb{8, CrashNode{NodeId(1)}, "crash n1"});
    visit.say(Submit{9, {clientId(7), 1}, "put"});
    const auto denied = visit.connection->all<Denied>();
    ASSERT_EQ(denied.size(), 2u);
    EXPECT_EQ(denied[0].id, 8u);
    EXPECT_THAT(denied[0].why, HasSubstr("operator's certificate"));
    EXPECT_EQ(denied[1].id, 9u);
    EXPECT_TRUE(node.disturbed.empty());
    EXPECT_FALSE(node.answer);
}

TEST(ControlPort, FaultsTakeTheConfigurationsLeave)
{
    FakeNode node;
    node.faults = false;
    ControlPort port(node);
    Visit visit(port, Role::Operator);
    visit.say(Disturb{8, PauseNode{NodeId(1)}, "pause n1"});
    EXPECT_THAT(visit.connection->all<Denied>().at(0).why, HasSubstr("allow_faults"));
    node.faults = true;
    visit.say(Disturb{9, PauseNode{NodeId(1)}, "pause n1"});
    EXPECT_EQ(visit.connection->all<Obeyed>().at(0).id, 9u);
    EXPECT_THAT(node.disturbed, ::testing::ElementsAre("ann: pause n1"));
    visit.say(Disturb{10, SetDisk{}, "disk n9 full"});
    EXPECT_EQ(visit.connection->all<Denied>().at(1).why, "expected a node of this cluster");
}

TEST(ControlPort, AnOperatorsRequestIsAnsweredEvenLate)
{
    FakeNode node;
    std::optional<ControlPort> port(std::in_place, node);
    Visit visit(*port, Role::Operator);
    visit.say(Submit{3, {clientId(7), 1}, "put"});
    EXPECT_EQ(node.asked, (RequestId{clientId(7), 1}));
    node.answer(node::Answer::Refused, "no");
    const auto replied = visit.connection->all<Replied>();
    ASSERT_EQ(replied.size(), 1u);
    EXPECT_EQ(replied[0].id, 3u);
    EXPECT_EQ(replied[0].answer, node::Answer::Refused);
    visit.say(Submit{4, {clientId(7), 2}, "what"});
    visit.say(Submit{5, {NodeId(2), 2}, "put"});
    EXPECT_EQ(visit.connection->all<Denied>().size(), 2u);
    visit.say(Submit{6, {clientId(7), 2}, "put"});
    visit.receiver->onClosed("gone");
    node.answer(node::Answer::Done, "");
    port.reset();
    EXPECT_EQ(visit.connection->all<Replied>().size(), 1u);
}

TEST(ControlPort, AnswersStateAndConfiguration)
{
    FakeNode node;
    node.happen(3);
    ControlPort port(node);
    Visit visit(port, Role::Observer);
    visit.say(Inspect{5, Topic::State});
    visit.say(Inspect{6, Topic::Configuration});
    EXPECT_EQ(visit.connection->all<Piece>().at(0).id, 5u);
    EXPECT_EQ(visit.connection->all<Said>().at(0).text, R"({"protocol":"raft"})");
    EXPECT_TRUE(visit.connection->all<Told>().empty());
}

TEST(ControlPort, WatchesOnce)
{
    FakeNode node;
    ControlPort port(node);
    Visit visit(port, Role::Observer);
    visit.say(Watch{});
    EXPECT_FALSE(visit.receiver->onFrame(FrameKind::Control, toBody(Wish(Watch{}))));
}

TEST(ControlPort, GarbageCostsItsConnectionOnly)
{
    FakeNode node;
    ControlPort port(node);
    const Visit visit(port, Role::Operator);
    const auto heard = visit.receiver->onFrame(FrameKind::Control, "\x09garbage");
    ASSERT_FALSE(heard);
    EXPECT_THAT(heard.error().message, HasSubstr("what an explorer says"));
    EXPECT_FALSE(visit.receiver->onFrame(FrameKind::Message, ""));
}

TEST(ControlPort, SaysWhyItCloses)
{
    FakeNode node;
    ControlPort port(node);
    Visit visit(port, Role::Observer);
    visit.say(Watch{});
    node.happen(3);
    port.close("the node stops");
    EXPECT_EQ(visit.connection->entries().size(), 3u) << "what happened last is told first";
    EXPECT_EQ(visit.connection->closed, "the node stops");
}

TEST(ControlWords, AreReadBackWholeOrNotAtAll)
{
    const std::vector<Word> words{
        Terms{"p", "", "why"}, Piece{1, true, "b"}, Missing{1, 2, true, "why"},
        Told{{1, 0, ""}},      Beat{{1, 2}, 3, 4},  Said{1, "text"},
        Replied{1, {}, "b"},   Obeyed{7},           Denied{7, "why"},
    };
    for (const auto& word : words) {
        const auto body = toBody(word);
        const auto again = readWord(body);
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ(toBody(*again), body);
        for (std::size_t size = 0; size < body.size(); ++size) {
            EXPECT_FALSE(readWord(body.substr(0, size)));
        }
        EXPECT_FALSE(readWord(body + "x"));
    }
}

} // namespace
} // namespace lightcone::live
