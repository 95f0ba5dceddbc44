#include "tests/engine/protocols/paxos/cluster.h"

#include <gtest/gtest.h>

// Sentences of "Paxos Made Simple", section 3, and of "The Part-Time Parliament", section 3: a
// state machine from a sequence of separate instances. Each is a test of one process.
namespace lightcone::protocols::paxos {
namespace {

using namespace std::chrono_literals;

Accepted acceptanceOf(Ballot ballot, Slot first, Slot last)
{
    return {ballot, first, last, {}};
}

/// n1 leads with ballot 1 and nothing is open.
Process leader(const Parameters& parameters = multi())
{
    Process process(1, parameters);
    process.lead();
    return process;
}

Slots putsOf(Ballot ballot, std::uint32_t from, std::uint32_t to)
{
    Slots entries;
    for (auto number = from; number <= to; ++number) {
        entries.push_back(putOf(ballot, std::to_string(number), number));
    }
    return entries;
}

// §3: "a single server is elected to be the leader, which acts as the distinguished proposer".
TEST(PaperParliament, AProposerThatHearsNoLeaderTriesToLead)
{
    Process process(2);
    EXPECT_EQ(process.machine().role(), Role::Follower);
    ASSERT_TRUE(process.armed(Timer::Election).has_value());
    process.fire(Timer::Election);
    EXPECT_EQ(process.machine().role(), Role::Preparing);
    EXPECT_EQ(process.sent<Prepare>().size(), 4U);
}

TEST(PaperParliament, ALeaderThatIsHeardKeepsOthersFromTrying)
{
    Process process(2);
    process.receive(1, Heartbeat{1, 0, 1});
    EXPECT_EQ(process.machine().leader(), NodeId(1));
    const auto wait = process.armed(Timer::Election);
    ASSERT_TRUE(wait.has_value());
    EXPECT_GE(*wait, 150ms);
    EXPECT_LE(*wait, 300ms);
    EXPECT_TRUE(process.sentTo<Alive>(1).has_value());
}

TEST(PaperParliament, ALeaderIsNeverSilentForLong)
{
    auto process = leader();
    EXPECT_EQ(process.sent<Heartbeat>().size(), 4U);
    EXPECT_EQ(process.armed(Timer::Heartbeat), Duration(50ms));
    process.fire(Timer::Heartbeat);
    EXPECT_EQ(process.sent<Heartbeat>().size(), 4U);
}

// §3: "Clients send commands to the leader, who decides where in the sequence each command should
// appear."
TEST(PaperParliament, TheLeaderDecidesWhereACommandAppears)
{
    auto process = leader();
    process.ask(kv::Put{"x", "1"}, 1);
    EXPECT_EQ(process.sentTo<Accept>(2)->first, 1U);
    process.ask(kv::Put{"x", "2"}, 2);
    EXPECT_EQ(process.sentTo<Accept>(2)->first, 2U);
    EXPECT_EQ(process.machine().entryAt(2)->ballot, 1U);
}

TEST(PaperParliament, OthersSendClientsToTheLeader)
{
    Process process(2);
    EXPECT_EQ(process.redirect(process.ask(kv::Put{"x", "1"})), NodeId());
    process.receive(1, Heartbeat{1, 0, 1});
    EXPECT_EQ(process.redirect(process.ask(kv::Put{"x", "1"})), NodeId(1));
    process.wait(10s);
    EXPECT_EQ(process.redirect(process.ask(kv::Put{"x", "1"})), NodeId()) << "that is long ago";
}

// §3: "using the same proposal number for all instances, it can do this by sending a single
// reasonably short message to the other servers."
TEST(PaperParliament, OnePrepareAsksForAllInstances)
{
    Process process(2);
    process.receive(1, Accept{1, 1, putsOf(1, 1, 3), 0});
    process.receive(1, Heartbeat{1, 3, 1});
    ASSERT_EQ(process.machine().chosenIndex(), 3U);
    process.fire(Timer::Election);
    EXPECT_EQ(process.sentTo<Prepare>(3)->from, 4U) << "it knows what was chosen before that";
}

// §3: "In phase 1, an acceptor responds with more than a simple OK only if it has already received
// a phase 2 message from some proposer."
TEST(PaperParliament, APromiseCarriesOnlyWhatWasAccepted)
{
    Process acceptor(4);
    acceptor.receive(2, Prepare{2, 1});
    EXPECT_TRUE(acceptor.sentTo<Promise>(2)->entries.empty());
    acceptor.receive(2, Accept{2, 3, {putOf(2, "three", 3)}, 0});
    acceptor.receive(3, Prepare{3, 2});
    const auto promise = acceptor.sentTo<Promise>(3);
    EXPECT_EQ(promise->first, 2U);
    ASSERT_EQ(promise->entries.size(), 2U);
    EXPECT_TRUE(promise->entries[0].isGap());
    EXPECT_EQ(promise->entries[1], putOf(2, "three", 3));
}

// §3's example, at a tenth of its numbers: the new leader knows commands 1 to 13 and 15, and the
// promises constrain 14 and 18. "It then executes phase 2 for [these], thereby choosing" them, and
// proposes "as commands [16 and 17] a special 'no-op' command that leaves the state unchanged."
TEST(PaperParliament, ANewLeaderFinishesOpenInstancesAndFillsGapsWithNoOps)
{
    auto parameters = multi();
    parameters.learning = Learning::Everyone;
    Process process(2, parameters);
    process.receive(1, Accept{1, 1, putsOf(1, 1, 13), 0});
    process.receive(1, Heartbeat{1, 13, 1});
    for (const auto acceptor : {1U, 3U, 4U}) {
        process.receive(acceptor, Accepted{1, 15, 15, putsOf(1, 15, 15)});
    }
    ASSERT_EQ(process.machine().chosenIndex(), 13U);
    ASSERT_TRUE(process.machine().knows(15));
    process.fire(Timer::Election);
    const auto ballot = process.machine().ballot();
    process.receive(3, Promise{ballot, 14, putsOf(1, 14, 14), 13});
    process.receive(4, Promise{ballot, 18, putsOf(1, 18, 18), 13});
    ASSERT_EQ(process.machine().role(), Role::Leader);
    std::map<Slot, Entry> proposed;
    for (const auto& [to, message] : process.sent<Accept>()) {
        for (std::size_t i = 0; to == NodeId(5) && i < message.entries.size(); ++i) {
            proposed[message.first + i] = message.entries[i];
        }
    }
    ASSERT_EQ(proposed.size(), 4U);
    EXPECT_EQ(proposed.at(14), putOf(ballot, "14", 14));
    EXPECT_EQ(proposed.at(16).command, Command(NoOp{}));
    EXPECT_EQ(proposed.at(17).command, Command(NoOp{}));
    EXPECT_EQ(proposed.at(18), putOf(ballot, "18", 18));
    for (const auto acceptor : {3U, 4U}) {
        process.receive(acceptor, acceptanceOf(ballot, 14, 14));
        process.receive(acceptor, acceptanceOf(ballot, 16, 18));
    }
    EXPECT_EQ(process.machine().lastApplied(), 18U);
    EXPECT_EQ(process.machine().store().get("x").value, "18");
    // "The leader can then propose ... the next command": command 19.
    process.ask(kv::Put{"x", "19"});
    EXPECT_EQ(process.sentTo<Accept>(5)->first, 19U);
}

TEST(PaperParliament, OfTwoReportsForOneInstanceTheHigherNumberedCounts)
{
    Process process(3);
    process.fire(Timer::Election);
    ASSERT_EQ(process.machine().ballot(), 3U);
    process.receive(4, Promise{3, 1, {putOf(2, "new")}, 0});
    process.receive(5, Promise{3, 1, {putOf(1, "old")}, 0});
    EXPECT_EQ(process.sentTo<Accept>(1)->entries[0], putOf(3, "new"));
}

// "The Part-Time Parliament" §3.1: what the promises say was chosen, the new president takes over.
TEST(PaperParliament, ANewLeaderLearnsFromPromisesWhatWasChosen)
{
    Process process(2);
    process.fire(Timer::Election);
    process.receive(3, Promise{2, 1, putsOf(1, 1, 5), 5});
    EXPECT_EQ(process.machine().chosenIndex(), 5U);
    process.receive(4, Promise{2, 1, {}, 0});
    EXPECT_EQ(process.machine().role(), Role::Leader);
    EXPECT_TRUE(process.sent<Accept>().empty()) << "nothing is open";
    EXPECT_EQ(process.machine().nextSlot(), 6U);
}

TEST(PaperParliament, WhoLacksWhatWasDiscardedLearnsItBeforeItLeads)
{
    Process process(2);
    process.fire(Timer::Election);
    process.receive(3, Promise{2, 8, {}, 9});
    EXPECT_EQ(process.machine().role(), Role::Follower);
    EXPECT_EQ(process.sentTo<Learn>(3)->from, 1U);
    process.receive(4, Promise{2, 1, {}, 0});
    process.receive(5, Promise{2, 1, {}, 0});
    EXPECT_EQ(process.machine().role(), Role::Follower);
}

// §3: "the leader can propose command 142 before it learns that its proposed command 141 has been
// chosen."
TEST(PaperParliament, CommandsAreProposedBeforeEarlierOnesAreChosen)
{
    auto process = leader();
    process.ask(kv::Put{"x", "1"}, 1);
    process.ask(kv::Put{"x", "2"}, 2);
    ASSERT_EQ(process.machine().chosenIndex(), 0U);
    process.receive(2, acceptanceOf(1, 2, 2));
    process.receive(3, acceptanceOf(1, 2, 2));
    EXPECT_TRUE(process.machine().knows(2));
    EXPECT_EQ(process.machine().lastApplied(), 0U) << "executed in the order of the sequence";
    process.receive(2, acceptanceOf(1, 1, 1));
    process.receive(3, acceptanceOf(1, 1, 1));
    EXPECT_EQ(process.machine().lastApplied(), 2U);
    EXPECT_EQ(process.machine().store().get("x").value, "2");
}

// §3: "suppose a leader can get α commands ahead—that is, it can propose commands i + 1 through
// i + α after commands 1 through i are chosen."
TEST(PaperParliament, ALeaderGetsAsFarAheadAsItsWindow)
{
    auto parameters = multi();
    parameters.window = 3;
    auto process = leader(parameters);
    for (std::uint32_t client = 1; client <= 5; ++client) {
        process.ask(kv::Put{"x", std::to_string(client)}, client);
    }
    EXPECT_EQ(process.machine().nextSlot(), 4U);
    process.receive(2, acceptanceOf(1, 1, 1));
    process.receive(3, acceptanceOf(1, 1, 1));
    EXPECT_EQ(process.machine().nextSlot(), 5U) << "one more";
    process.receive(2, acceptanceOf(1, 2, 4));
    process.receive(3, acceptanceOf(1, 2, 4));
    EXPECT_EQ(process.machine().nextSlot(), 6U);
}

TEST(PaperParliament, CommandsThatWaitedTogetherGoTogether)
{
    auto parameters = multi();
    parameters.window = 4;
    auto process = leader(parameters);
    for (std::uint32_t client = 1; client <= 7; ++client) {
        process.ask(kv::Put{"x", std::to_string(client)}, client);
    }
    process.receive(2, acceptanceOf(1, 1, 4));
    process.receive(3, acceptanceOf(1, 1, 4));
    EXPECT_EQ(process.sentTo<Accept>(2)->entries.size(), 3U);
}

TEST(PaperParliament, WhatIsLostIsProposedAgain)
{
    auto process = leader();
    process.ask(kv::Put{"x", "1"}, 1);
    process.receive(2, acceptanceOf(1, 1, 1));
    process.fire(Timer::Heartbeat);
    EXPECT_TRUE(process.sent<Accept>().empty()) << "it has hardly been sent";
    process.fire(Timer::Heartbeat);
    EXPECT_EQ(process.sent<Accept>().size(), 3U) << "n2 has accepted";
}

// §2.4 and §3: a leader "learns about some request with a higher proposal number" and gives way.
TEST(PaperParliament, ALeaderGivesWayToAHigherBallot)
{
    auto process = leader();
    const auto id = process.ask(kv::Put{"x", "1"});
    process.receive(3, Nack{1, 3});
    EXPECT_EQ(process.machine().role(), Role::Follower);
    EXPECT_EQ(process.redirect(id), NodeId()) << "clients are sent away, not left waiting";
    process.fire(Timer::Election);
    EXPECT_EQ(process.machine().ballot(), 6U);

    auto other = leader();
    other.receive(2, Accept{2, 1, {putOf(2, "two")}, 0});
    EXPECT_EQ(other.machine().role(), Role::Follower);
    EXPECT_EQ(other.machine().leader(), NodeId(2));
    EXPECT_TRUE(other.sentTo<Accepted>(2).has_value());
}

TEST(PaperParliament, ALeaderOfALowerBallotIsToldSo)
{
    Process process(4);
    process.receive(2, Heartbeat{7, 0, 1});
    process.receive(1, Heartbeat{6, 0, 1});
    EXPECT_EQ(process.sentTo<Nack>(1)->promised, 7U);
    EXPECT_EQ(process.machine().leader(), NodeId(2));
}

TEST(PaperParliament, ALeaderThatNoQuorumAnswersGivesUp)
{
    auto process = leader();
    process.receive(2, Alive{1, 1});
    process.wait(301ms);
    process.receive(2, Alive{1, 1});
    process.fire(Timer::Heartbeat);
    EXPECT_EQ(process.machine().role(), Role::Follower);
}

// §3: "Since the value of each instance's command is chosen" for good, a replica that knows the
// leader's ballot and has its proposal knows what was chosen.
TEST(PaperParliament, AFollowerLearnsFromTheLeadersWord)
{
    Process process(3);
    process.receive(1, Accept{1, 1, putsOf(1, 1, 2), 0});
    process.receive(1, Heartbeat{1, 1, 1});
    EXPECT_EQ(process.machine().chosenIndex(), 1U);
    process.receive(1, Accept{1, 3, putsOf(1, 3, 3), 2});
    EXPECT_EQ(process.machine().chosenIndex(), 2U) << "it comes with the next proposal too";
    EXPECT_EQ(process.machine().store().get("x").value, "2");
}

TEST(PaperParliament, AProposalOfAnEarlierBallotIsNotTakenForChosen)
{
    Process process(3);
    process.receive(1, Accept{1, 1, {putOf(1, "old")}, 0});
    process.receive(2, Heartbeat{2, 1, 1});
    EXPECT_EQ(process.machine().chosenIndex(), 0U);
    EXPECT_EQ(process.sentTo<Learn>(2)->from, 1U) << "it asks what was chosen";
    process.receive(2, Chosen{1, {putOf(2, "new", 2)}, 1});
    EXPECT_EQ(process.machine().store().get("x").value, "new");
}

TEST(PaperParliament, WhatIsTaughtNeverLowersAVote)
{
    Process process(3);
    process.receive(2, Accept{7, 1, {putOf(7, "same")}, 0});
    process.receive(1, Chosen{1, {putOf(1, "same")}, 1});
    EXPECT_EQ(process.machine().entryAt(1)->ballot, 7U);
    EXPECT_EQ(process.disk().at(1)->ballot, 7U);
}

TEST(PaperParliament, WhoeverKnowsTeachesInPieces)
{
    auto parameters = multi();
    parameters.maxBatch = 2;
    Process teacher(3, parameters);
    teacher.receive(1, Accept{1, 1, putsOf(1, 1, 5), 0});
    teacher.receive(1, Heartbeat{1, 5, 1});
    teacher.receive(4, Learn{1, 0, 0});
    const auto lesson = teacher.sentTo<Chosen>(4);
    ASSERT_EQ(lesson->entries.size(), 2U);
    EXPECT_EQ(lesson->chosen, 5U);

    Process pupil(4, parameters);
    pupil.receive(3, *lesson);
    EXPECT_EQ(pupil.machine().chosenIndex(), 2U);
    EXPECT_EQ(pupil.sentTo<Learn>(3)->from, 3U) << "and asks for the next piece";
    pupil.receive(3, *lesson);
    EXPECT_TRUE(pupil.sent<Learn>().empty()) << "a repeated lesson begins nothing";
}

TEST(PaperParliament, AReplicaRemembersItsLedger)
{
    Process process(3);
    process.receive(1, Accept{1, 1, putsOf(1, 1, 3), 0});
    process.receive(1, Accept{1, 4, putsOf(1, 4, 4), 3});
    process.receive(1, Accept{1, 5, putsOf(1, 5, 5), 4});
    process.start();
    EXPECT_EQ(process.machine().chosenIndex(), 3U) << "as far as its last vote said";
    EXPECT_EQ(process.machine().store().get("x").value, "3");
    EXPECT_EQ(process.machine().lastSlot(), 5U);
}

// "The Part-Time Parliament" §3.3.1: one president at a time, by clocks that nobody needs for
// safety.
TEST(PaperParliament, ALeaseKeepsAcceptorsFromPromisingOthers)
{
    auto parameters = multi();
    parameters.reads = ReadMode::Lease;
    Process acceptor(3, parameters);
    acceptor.receive(1, Heartbeat{1, 0, 1});
    acceptor.wait(149ms);
    acceptor.receive(2, Prepare{2, 1});
    EXPECT_TRUE(acceptor.sent<Promise>().empty());
    acceptor.wait(1ms);
    acceptor.receive(2, Prepare{2, 1});
    EXPECT_TRUE(acceptor.sentTo<Promise>(2).has_value());
    acceptor.start();
    acceptor.receive(4, Prepare{4, 1});
    EXPECT_TRUE(acceptor.sent<Promise>().empty()) << "it may have forgotten a lease";
}

TEST(PaperParliament, ALeaseAnswersReadsWithoutALogEntryWhileItLasts)
{
    auto parameters = multi();
    parameters.reads = ReadMode::Lease;
    parameters.leaseDriftBound = 1.5;
    auto process = leader(parameters);
    EXPECT_FALSE(process.answer<kv::Result>(process.ask(kv::Get{"x"}, 1)).has_value())
        << "no heartbeat was answered yet";
    process.receive(2, Alive{1, 1});
    process.receive(3, Alive{1, 1});
    EXPECT_TRUE(process.answer<kv::Result>(process.ask(kv::Get{"x"}, 2)).has_value());
    process.wait(99ms);
    EXPECT_TRUE(process.answer<kv::Result>(process.ask(kv::Get{"x"}, 2)).has_value());
    process.wait(1ms);
    EXPECT_FALSE(process.answer<kv::Result>(process.ask(kv::Get{"x"}, 3)).has_value());
}

TEST(PaperParliament, ALeaseIsNoUseUntilInheritedSlotsAreExecuted)
{
    auto parameters = multi();
    parameters.reads = ReadMode::Lease;
    Process process(1, parameters);
    process.fire(Timer::Election);
    process.receive(2, Promise{1, 1, {Entry{0, {clientId(9), 1}, kv::Put{"x", "1"}}}, 0});
    process.receive(3, Promise{1, 1, {}, 0});
    process.receive(2, Alive{1, 1});
    process.receive(3, Alive{1, 1});
    EXPECT_FALSE(process.answer<kv::Result>(process.ask(kv::Get{"x"}, 1)).has_value());
    process.receive(2, acceptanceOf(1, 1, 1));
    process.receive(3, acceptanceOf(1, 1, 1));
    EXPECT_EQ(process.answer<kv::Result>(process.ask(kv::Get{"x"}, 2))->value, "1");
}

TEST(PaperParliament, ReadsGoThroughTheLogOtherwise)
{
    auto process = leader();
    process.receive(2, Alive{1, 1});
    process.receive(3, Alive{1, 1});
    const auto id = process.ask(kv::Get{"x"});
    EXPECT_TRUE(process.sentTo<Accept>(2).has_value());
    process.receive(2, acceptanceOf(1, 1, 1));
    process.receive(3, acceptanceOf(1, 1, 1));
    EXPECT_EQ(process.answer<kv::Result>(id)->outcome, kv::Outcome::NotFound);
}

} // namespace
} // namespace lightcone::protocols::paxos
