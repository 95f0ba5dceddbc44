#include "tests/engine/protocols/paxos/cluster.h"

#include <gtest/gtest.h>

#include <set>

// Sentences of Lamport's "Paxos Made Simple", section 2: one value. Each is a test of one process.
namespace lightcone::protocols::paxos {
namespace {

using namespace std::chrono_literals;

Process proposerOf(const std::string& value, std::uint32_t number = 1)
{
    Process process(number, single());
    process.ask(Propose{value});
    return process;
}

Promise nothing(Ballot ballot)
{
    return {ballot, 1, {}, 0};
}

Promise accepted(Ballot ballot, const Entry& entry)
{
    return {ballot, 1, {entry}, 0};
}

Accept acceptOf(const Entry& entry)
{
    return {entry.ballot, 1, {entry}, 0};
}

Accepted acceptanceOf(Ballot ballot)
{
    return {ballot, 1, 1, {}};
}

// §2.2, P1: "An acceptor must accept the first proposal that it receives."
TEST(PaperSynod, AnAcceptorAcceptsTheFirstProposalThatItReceives)
{
    Process acceptor(3, single());
    acceptor.receive(2, acceptOf(decreeOf(2, "green")));
    ASSERT_TRUE(acceptor.sentTo<Accepted>(2).has_value());
    EXPECT_EQ(*acceptor.machine().entryAt(1), decreeOf(2, "green"));
}

// §2.2: "A proposer chooses a new proposal number n and sends a request to each member of some set
// of acceptors". Phase 1 (a).
TEST(PaperSynod, AProposerSendsAPrepareRequestToTheAcceptors)
{
    const auto proposer = proposerOf("green");
    EXPECT_EQ(proposer.machine().role(), Role::Preparing);
    const auto asked = proposer.sent<Prepare>();
    ASSERT_EQ(asked.size(), 4U);
    for (const auto& [to, message] : asked) {
        EXPECT_EQ(message.ballot, 1U);
    }
    EXPECT_EQ(proposer.machine().votes(), NodeSet{NodeId(1)}) << "its own acceptor promises too";
    EXPECT_TRUE(proposer.sent<Accept>().empty());
}

// Phase 1 (b): "If an acceptor receives a prepare request with number n greater than that of any
// prepare request to which it has already responded, then it responds to the request with a promise
// not to accept any more proposals numbered less than n".
TEST(PaperSynod, AnAcceptorPromisesAHigherNumber)
{
    Process acceptor(3, single());
    acceptor.receive(1, Prepare{1, 1});
    EXPECT_EQ(acceptor.sentTo<Promise>(1)->ballot, 1U);
    acceptor.receive(2, Prepare{2, 1});
    EXPECT_EQ(acceptor.sentTo<Promise>(2)->ballot, 2U);
    acceptor.receive(1, acceptOf(decreeOf(1, "green")));
    EXPECT_TRUE(acceptor.sent<Accepted>().empty());
    EXPECT_EQ(acceptor.machine().entryAt(1), nullptr);
}

// Phase 1 (b), continued: "and with the highest-numbered proposal (if any) that it has accepted."
TEST(PaperSynod, APromiseReportsTheHighestNumberedProposalAccepted)
{
    Process acceptor(3, single());
    acceptor.receive(1, acceptOf(decreeOf(1, "green")));
    acceptor.receive(2, acceptOf(decreeOf(2, "blue")));
    acceptor.receive(4, Prepare{4, 1});
    const auto promise = acceptor.sentTo<Promise>(4);
    ASSERT_EQ(promise->entries.size(), 1U);
    EXPECT_EQ(promise->first, 1U);
    EXPECT_EQ(promise->entries[0], decreeOf(2, "blue"));
}

TEST(PaperSynod, APromiseOfAnAcceptorThatAcceptedNothingReportsNothing)
{
    Process acceptor(3, single());
    acceptor.receive(1, Prepare{1, 1});
    EXPECT_TRUE(acceptor.sentTo<Promise>(1)->entries.empty());
}

// §2.2, P1a: "An acceptor can accept a proposal numbered n iff it has not responded to a prepare
// request having a number greater than n."
TEST(PaperSynod, AnAcceptorAcceptsWhatItHasNotPromisedAgainst)
{
    Process acceptor(3, single());
    acceptor.receive(2, Prepare{7, 1});
    acceptor.receive(1, acceptOf(decreeOf(6, "green")));
    EXPECT_TRUE(acceptor.sent<Accepted>().empty());
    acceptor.receive(2, acceptOf(decreeOf(7, "blue")));
    EXPECT_EQ(acceptor.sentTo<Accepted>(2)->ballot, 7U);
    acceptor.receive(4, acceptOf(decreeOf(9, "blue")));
    EXPECT_EQ(acceptor.sentTo<Accepted>(4)->ballot, 9U) << "without having been asked to promise";
}

// §2.2: "if an acceptor ignores a prepare or accept request because it has already received a
// prepare request with a higher number, then it should probably inform the proposer".
TEST(PaperSynod, AnAcceptorThatRefusesSaysWhatItHasPromised)
{
    Process acceptor(3, single());
    acceptor.receive(2, Prepare{7, 1});
    acceptor.receive(1, Prepare{6, 1});
    EXPECT_EQ(acceptor.sentTo<Nack>(1)->promised, 7U);
    EXPECT_EQ(acceptor.sentTo<Nack>(1)->ballot, 6U);
    EXPECT_TRUE(acceptor.sent<Promise>().empty());
    acceptor.receive(1, acceptOf(decreeOf(6, "green")));
    EXPECT_EQ(acceptor.sentTo<Nack>(1)->promised, 7U);
}

// Continued: "who should then abandon its proposal."
TEST(PaperSynod, AProposerThatIsRefusedAbandonsItsProposal)
{
    auto proposer = proposerOf("green");
    proposer.receive(3, Nack{1, 7});
    EXPECT_EQ(proposer.machine().role(), Role::Proposer);
    EXPECT_TRUE(proposer.armed(Timer::BackOff).has_value()) << "and tries again later";
    proposer.receive(4, nothing(1));
    proposer.receive(5, nothing(1));
    EXPECT_EQ(proposer.machine().role(), Role::Proposer) << "the promises come too late";
}

// §2.2: "If the proposer receives the requested responses from a majority of the acceptors, then it
// can issue a proposal with number n and value v". Phase 2 (a).
TEST(PaperSynod, AMajorityOfPromisesLetsAProposerIssueItsProposal)
{
    auto proposer = proposerOf("green");
    proposer.receive(2, nothing(1));
    EXPECT_EQ(proposer.machine().role(), Role::Preparing);
    proposer.receive(2, nothing(1));
    EXPECT_EQ(proposer.machine().role(), Role::Preparing) << "the same promise twice counts once";
    proposer.receive(3, nothing(1));
    EXPECT_EQ(proposer.machine().role(), Role::Proposing);
    const auto asked = proposer.sent<Accept>();
    EXPECT_EQ(asked.size(), 4U) << "requests go to acceptors that did not promise too";
}

// Continued: "v ... is any value selected by the proposer if the responders reported no proposals."
TEST(PaperSynod, WithoutReportsAProposerIsFreeToChoose)
{
    auto proposer = proposerOf("green");
    proposer.receive(2, nothing(1));
    proposer.receive(3, nothing(1));
    const auto accept = proposer.sentTo<Accept>(2);
    ASSERT_EQ(accept->entries.size(), 1U);
    EXPECT_EQ(accept->entries[0].command, Command(Decree{"green"}));
}

// Continued: "where v is the value of the highest-numbered proposal among the responses".
TEST(PaperSynod, AProposerTakesTheValueOfTheHighestNumberedReport)
{
    Process proposer(5, single());
    proposer.receive(1, Prepare{11, 1});
    proposer.ask(Propose{"green"});
    ASSERT_EQ(proposer.machine().ballot(), 15U);
    proposer.receive(2, accepted(15, decreeOf(7, "blue")));
    proposer.receive(3, accepted(15, decreeOf(4, "red")));
    const auto accept = proposer.sentTo<Accept>(2);
    ASSERT_TRUE(accept.has_value());
    EXPECT_EQ(accept->ballot, 15U);
    EXPECT_EQ(accept->entries[0], decreeOf(15, "blue")) << "with its own number";
}

TEST(PaperSynod, WhatItsOwnAcceptorHasAcceptedIsAReportToo)
{
    Process proposer(1, single());
    proposer.receive(3, acceptOf(decreeOf(3, "blue")));
    proposer.ask(Propose{"green"});
    proposer.receive(2, nothing(6));
    proposer.receive(4, nothing(6));
    EXPECT_EQ(proposer.sentTo<Accept>(2)->entries[0], decreeOf(6, "blue"));
}

TEST(PaperSynod, PromisesOfAnEarlierBallotDoNotCount)
{
    auto proposer = proposerOf("green");
    proposer.receive(2, Nack{1, 2});
    proposer.fire(Timer::BackOff);
    ASSERT_EQ(proposer.machine().ballot(), 6U);
    proposer.receive(3, nothing(1));
    proposer.receive(4, nothing(1));
    EXPECT_EQ(proposer.machine().role(), Role::Preparing);
}

// §2.2: "an acceptor ... can ignore any request without compromising safety": whoever is ignored
// asks again.
TEST(PaperSynod, WhatIsNotAnsweredIsAskedAgain)
{
    auto proposer = proposerOf("green");
    ASSERT_TRUE(proposer.armed(Timer::Retry).has_value());
    proposer.receive(2, nothing(1));
    proposer.fire(Timer::Retry);
    std::set<NodeId> asked;
    for (const auto& [to, message] : proposer.sent<Prepare>()) {
        EXPECT_EQ(message.ballot, 1U) << "the same question, not a new ballot";
        asked.insert(to);
    }
    EXPECT_EQ(asked, (std::set<NodeId>{NodeId(3), NodeId(4), NodeId(5)}));
    proposer.receive(3, nothing(1));
    ASSERT_TRUE(proposer.armed(Timer::Retry).has_value());
    proposer.receive(4, acceptanceOf(1));
    proposer.fire(Timer::Retry);
    EXPECT_EQ(proposer.sent<Accept>().size(), 3U) << "n4 has accepted";
    EXPECT_FALSE(proposer.sentTo<Accept>(4).has_value());
}

// §2.5: "An acceptor records its intended response in stable storage before actually sending the
// response."
TEST(PaperSynod, AnAcceptorRecordsItsResponsesBeforeItSendsThem)
{
    Process acceptor(3, single());
    acceptor.receive(2, Prepare{2, 1});
    const auto pledges = acceptor.written<Pledge>();
    ASSERT_EQ(pledges.size(), 1U);
    EXPECT_EQ(pledges[0].first.ballot, 2U);
    EXPECT_EQ(pledges[0].second, node::Sync::Forced);
    acceptor.receive(2, acceptOf(decreeOf(2, "green")));
    const auto votes = acceptor.written<Vote>();
    ASSERT_EQ(votes.size(), 1U);
    EXPECT_EQ(votes[0].first.entries[0], decreeOf(2, "green"));
    EXPECT_EQ(votes[0].second, node::Sync::Forced);
}

// §2.2: an acceptor must remember what it has promised and accepted "even if it fails and then
// restarts."
TEST(PaperSynod, AnAcceptorRemembersWhenItRestarts)
{
    Process acceptor(3, single());
    acceptor.receive(2, acceptOf(decreeOf(2, "green")));
    acceptor.receive(1, Prepare{6, 1});
    acceptor.start();
    acceptor.receive(4, Prepare{4, 1});
    EXPECT_EQ(acceptor.sentTo<Nack>(4)->promised, 6U);
    acceptor.receive(4, Prepare{9, 1});
    EXPECT_EQ(acceptor.sentTo<Promise>(4)->entries[0], decreeOf(2, "green"));
}

// §2.2: "the proposer can always abandon a proposal and forget all about it—as long as it never
// tries to issue another proposal with the same number."
TEST(PaperSynod, AProposerThatRestartsForgetsItsProposalAndTakesAHigherNumber)
{
    auto proposer = proposerOf("green");
    proposer.start();
    EXPECT_EQ(proposer.machine().role(), Role::Proposer);
    EXPECT_TRUE(proposer.machine().wants().empty());
    proposer.ask(Propose{"green"});
    EXPECT_EQ(proposer.machine().ballot(), 6U);
}

// §2.5: "Each proposer remembers (in stable storage) the highest-numbered proposal it has tried to
// issue, and begins phase 1 with a higher proposal number than any it has already used."
TEST(PaperSynod, AProposersNumberIsOnDiskBeforeItIsUsed)
{
    const auto proposer = proposerOf("green");
    ASSERT_EQ(proposer.written<Pledge>().size(), 1U);
    EXPECT_EQ(proposer.written<Pledge>()[0].second, node::Sync::Forced);
    EXPECT_EQ(proposer.disk().ballot, 1U);
}

// §2.5: "Different proposers choose their numbers from disjoint sets of numbers, so two different
// proposers never issue a proposal with the same number."
TEST(PaperSynod, ProposersNumbersAreDisjoint)
{
    std::set<Ballot> used;
    std::size_t count = 0;
    for (std::uint32_t number = 1; number <= 5; ++number) {
        auto proposer = proposerOf("green", number);
        for (int tries = 0; tries < 20; ++tries) {
            const auto ballot = proposer.machine().ballot();
            used.insert(ballot);
            ++count;
            proposer.receive(number % 5 + 1, Nack{ballot, ballot + 3 * static_cast<Ballot>(tries)});
            proposer.fire(Timer::BackOff);
            if (proposer.machine().ballot() == ballot) {
                --count; // It was not refused, and goes on with that ballot.
            } else {
                EXPECT_GT(proposer.machine().ballot(), ballot + 3 * static_cast<Ballot>(tries));
            }
        }
    }
    EXPECT_EQ(used.size(), count);
    EXPECT_GT(count, 90U);
}

// §2.2: "a value is chosen when a single proposal with that value has been accepted by a majority
// of the acceptors".
TEST(PaperSynod, AValueIsChosenWhenAMajorityHasAcceptedOneProposal)
{
    Process proposer(1, single());
    const auto id = proposer.ask(Propose{"green"});
    proposer.receive(2, nothing(1));
    proposer.receive(3, nothing(1));
    proposer.receive(2, acceptanceOf(1));
    EXPECT_EQ(proposer.machine().chosenIndex(), 0U);
    proposer.receive(2, acceptanceOf(1));
    EXPECT_EQ(proposer.machine().chosenIndex(), 0U) << "the same acceptance twice counts once";
    proposer.receive(5, acceptanceOf(1));
    EXPECT_EQ(proposer.machine().chosenIndex(), 1U) << "whoever they are";
    EXPECT_EQ(proposer.answer<Decision>(id)->value, "green");
}

TEST(PaperSynod, AcceptancesOfDifferentProposalsDoNotAddUp)
{
    auto parameters = single();
    parameters.learning = Learning::Everyone;
    Process learner(5, parameters);
    learner.receive(1, Accepted{1, 1, 1, {decreeOf(1, "green")}});
    learner.receive(2, Accepted{1, 1, 1, {decreeOf(1, "green")}});
    learner.receive(3, Accepted{2, 1, 1, {decreeOf(2, "green")}});
    EXPECT_EQ(learner.machine().chosenIndex(), 0U);
    learner.receive(4, Accepted{2, 1, 1, {decreeOf(2, "green")}});
    learner.receive(1, Accepted{1, 1, 1, {decreeOf(1, "green")}});
    EXPECT_EQ(learner.machine().chosenIndex(), 0U) << "an old acceptance changes nothing";
    learner.receive(1, Accepted{2, 1, 1, {decreeOf(2, "green")}});
    EXPECT_EQ(learner.machine().chosenIndex(), 1U);
}

// §2.3: "have each acceptor, whenever it accepts a proposal, respond to all learners, sending them
// the proposal."
TEST(PaperSynod, EachAcceptorMayTellAllLearners)
{
    auto parameters = single();
    parameters.learning = Learning::Everyone;
    Process acceptor(3, parameters);
    acceptor.receive(2, acceptOf(decreeOf(2, "green")));
    const auto told = acceptor.sent<Accepted>();
    ASSERT_EQ(told.size(), 4U);
    for (const auto& [to, message] : told) {
        EXPECT_EQ(message.entries[0], decreeOf(2, "green"));
    }
}

// §2.3: "we can have the acceptors respond with their acceptances to a distinguished learner, which
// in turn informs the other learners when a value has been chosen."
TEST(PaperSynod, ADistinguishedLearnerInformsTheOthers)
{
    Process acceptor(3, single());
    acceptor.receive(2, acceptOf(decreeOf(2, "green")));
    ASSERT_EQ(acceptor.sent<Accepted>().size(), 1U);
    EXPECT_EQ(acceptor.sent<Accepted>()[0].first, NodeId(2));

    auto proposer = proposerOf("green");
    for (const auto node : {2U, 3U}) {
        proposer.receive(node, nothing(1));
    }
    for (const auto node : {2U, 3U}) {
        proposer.receive(node, acceptanceOf(1));
    }
    const auto informed = proposer.sent<Chosen>();
    ASSERT_EQ(informed.size(), 4U);

    acceptor.receive(1, informed[0].second);
    EXPECT_EQ(acceptor.machine().chosenIndex(), 1U);
}

// §2.3: "Because of message loss, a value could be chosen with no learner ever finding out." The
// learner asks around, and "if a learner needs to know whether a value has been chosen, it can have
// a proposer issue a proposal, using the algorithm described above."
TEST(PaperSynod, ALearnerThatHeardNothingAsks)
{
    Process learner(3, single());
    learner.receive(2, acceptOf(decreeOf(2, "green")));
    ASSERT_TRUE(learner.armed(Timer::CatchUp).has_value());
    learner.fire(Timer::CatchUp);
    EXPECT_EQ(learner.sent<Learn>().size(), 4U);
    EXPECT_TRUE(learner.armed(Timer::CatchUp).has_value()) << "until it knows";
    learner.receive(1, Chosen{1, {decreeOf(2, "green")}, 1});
    EXPECT_EQ(learner.machine().chosenIndex(), 1U);

    Process other(4, single());
    other.receive(3, Chosen{1, {decreeOf(2, "green")}, 1});
    other.receive(5, Learn{1, 0, 0});
    EXPECT_EQ(other.sentTo<Chosen>(5)->entries[0], decreeOf(2, "green"));
}

TEST(PaperSynod, AnInquiryHasAProposerFindOutWhatWasChosen)
{
    Process proposer(1, single());
    const auto id = proposer.ask(Inquire{});
    proposer.receive(2, accepted(1, decreeOf(0, "old")));
    ASSERT_EQ(proposer.machine().role(), Role::Preparing);
    proposer.receive(3, nothing(1));
    EXPECT_EQ(proposer.sentTo<Accept>(2)->entries[0].command, Command(Decree{"old"}))
        << "it may have been chosen, so it is now";
    proposer.receive(2, acceptanceOf(1));
    proposer.receive(3, acceptanceOf(1));
    EXPECT_EQ(proposer.answer<Decision>(id)->value, "old");
}

TEST(PaperSynod, AnInquiryBeforeAnythingWasAcceptedFindsNothing)
{
    Process proposer(1, single());
    const auto id = proposer.ask(Inquire{});
    proposer.receive(2, nothing(1));
    proposer.receive(3, nothing(1));
    ASSERT_TRUE(proposer.answer<Decision>(id).has_value());
    EXPECT_EQ(proposer.answer<Decision>(id)->value, std::nullopt);
    EXPECT_TRUE(proposer.sent<Accept>().empty()) << "it has no value of its own";
}

// §2.4: two proposers that each keep issuing proposals with increasing numbers, "none of which are
// ever chosen"; randomness ends it.
TEST(PaperSynod, ARefusedProposerWaitsForARandomTimeThatDoubles)
{
    auto parameters = single();
    parameters.backOff = 10ms;
    parameters.mostBackOff = 80ms;
    Process proposer(1, parameters);
    proposer.ask(Propose{"green"});
    Duration longest{0};
    std::set<Duration> waits;
    for (int refusals = 0; refusals < 40; ++refusals) {
        const auto ballot = proposer.machine().ballot();
        proposer.receive(2, Nack{ballot, ballot + 1});
        const auto wait = proposer.armed(Timer::BackOff);
        ASSERT_TRUE(wait.has_value());
        const auto most = std::min<Duration>(80ms, 10ms * (1 << std::min(refusals, 4)));
        EXPECT_LE(*wait, most);
        waits.insert(*wait);
        longest = std::max(longest, *wait);
        proposer.fire(Timer::BackOff);
        EXPECT_GT(proposer.machine().ballot(), ballot + 1) << "with a higher number";
    }
    EXPECT_GT(waits.size(), 30U);
    EXPECT_GT(longest, 40ms);
}

// §2.4: "If the distinguished proposer can communicate successfully with a majority of acceptors,
// and if it uses a proposal with number greater than any already used, then it will succeed in
// issuing a proposal that is accepted."
TEST(PaperSynod, ALoneProposerSucceeds)
{
    auto parameters = single();
    Cluster cluster(parameters);
    cluster.crash(4);
    cluster.crash(5);
    cluster.ask(Propose{"green"}, 2);
    const auto decision = cluster.answeredWith<Decision>();
    ASSERT_TRUE(decision.has_value());
    EXPECT_EQ(decision->value, "green");
    EXPECT_EQ(cluster.problem(), "");
}

// §2.1: "Only a value that has been proposed may be chosen, only a single value is chosen".
TEST(PaperSynod, EveryoneIsToldTheSameValue)
{
    Cluster cluster(single());
    cluster.ask(Propose{"green"}, 1, 1);
    cluster.ask(Propose{"blue"}, 2, 2);
    const auto one = cluster.answeredWith<Decision>(1);
    const auto two = cluster.answeredWith<Decision>(2);
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->value, two->value);
    EXPECT_TRUE(one->value == "green" || one->value == "blue");
    EXPECT_TRUE(cluster.until([&] {
        for (std::uint32_t number = 1; number <= 5; ++number) {
            if (cluster.at(number).chosenIndex() == 0) {
                return false;
            }
        }
        return true;
    }));
    EXPECT_EQ(cluster.problem(), "");
}

// "The Part-Time Parliament", B2: "the quorums of any two ballots have at least one priest in
// common". Howard, Malkhi, Spiegelman 2016: those of phase 1 with those of phase 2.
TEST(PaperSynod, QuorumsOfPhaseOneMeetThoseOfPhaseTwo)
{
    const auto meet = [](const Parameters& parameters) {
        const Plan plan(parameters);
        const auto all = std::uint32_t{1} << parameters.nodes;
        const auto setOf = [](std::uint32_t bits) {
            NodeSet nodes;
            for (std::uint32_t number = 1; bits != 0; ++number, bits >>= 1) {
                if ((bits & 1) != 0) {
                    nodes.insert(NodeId(number));
                }
            }
            return nodes;
        };
        for (std::uint32_t a = 0; a < all; ++a) {
            const bool first = plan.quorums.isPhase1(setOf(a));
            for (std::uint32_t b = 0; first && b < all; ++b) {
                if ((a & b) == 0 && plan.quorums.isPhase2(setOf(b))) {
                    return false;
                }
            }
        }
        return true;
    };
    for (std::uint32_t nodes = 1; nodes <= 6; ++nodes) {
        for (std::uint32_t q2 = 0; q2 <= nodes; ++q2) {
            auto parameters = single();
            parameters.nodes = nodes;
            parameters.q2 = q2;
            EXPECT_TRUE(meet(parameters)) << nodes << " acceptors, q2 " << q2;
        }
    }
    auto grid = single();
    grid.nodes = 6;
    grid.quorums = QuorumKind::Grid;
    for (const auto columns : {1U, 2U, 3U, 6U}) {
        grid.columns = columns;
        EXPECT_TRUE(meet(grid)) << columns << " columns";
    }
    auto broken = single();
    broken.mistake = Mistake::DisjointQuorums;
    EXPECT_FALSE(meet(broken));
}

} // namespace
} // namespace lightcone::protocols::paxos
