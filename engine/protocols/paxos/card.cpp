#include "engine/protocols/paxos/paxos.h"

namespace lightcone::protocols::paxos {
namespace {

std::vector<node::ParameterCard> parameterCards()
{
    return {
        {"mode",
         "What is agreed on: single is one value, multi is a log of commands under a leader.",
         {}},
        {"nodes", "How many nodes there are, from 1 to 99.", {}},
        {"proposers", "Which nodes propose, as in \"n1 n2\"; empty for all.", {}},
        {"acceptors", "Which nodes promise and accept, as in \"n3 n4 n5\"; empty for all.", {}},
        {"learners",
         "Which nodes learn a single decree, as in \"n5\"; empty for all. Proposers always do, and "
         "in mode=multi everybody does.",
         {}},
        {"quorums",
         "Which acceptors are enough: counted is any q1 of them in phase 1 and any q2 in phase 2, "
         "grid a whole row in phase 1 and a whole column in phase 2.",
         {}},
        {"q1",
         "How many acceptors must promise, from 1 to all of them; 0 for as many as q2 leaves, or a "
         "majority.",
         {}},
        {"q2",
         "How many acceptors must accept, from 1 to all of them; 0 for as many as q1 leaves, or a "
         "majority. Together they are more than all.",
         {}},
        {"columns", "How many acceptors stand in a row of the grid; they fill whole rows.", {}},
        {"learning",
         "Whom acceptors tell what they have accepted: distinguished is their proposer, which "
         "tells the others; everyone is every learner.",
         {}},
        {"electionTimeoutLow",
         "The shortest time without a leader's word after which a proposer tries to lead; more "
         "than the heartbeat.",
         {}},
        {"electionTimeoutHigh",
         "The longest such time, from the shortest one to a day; each is drawn at random between "
         "the two.",
         {}},
        {"heartbeat", "How long a leader is silent at most, from 1 us to a day.", {}},
        {"retry",
         "After how long a request that was not answered is sent again, from 1 us to a day.",
         {}},
        {"backOff",
         "How long a proposer of a single decree waits at most after it was refused, from 0 to a "
         "day; twice as long after each further refusal, and at random.",
         {}},
        {"mostBackOff", "How long that may become, from backOff to a day.", {}},
        {"catchUp",
         "How often a learner of a single decree that has not learned asks the others, from 1 us "
         "to a day.",
         {}},
        {"reads",
         "How a leader answers reads: log sends them through the log, lease relies on nobody else "
         "leading for a while.",
         {}},
        {"leaseDriftBound",
         "By what factor, from 1 to 10, one node's clock may run faster than another's before a "
         "lease becomes unsafe.",
         {}},
        {"window",
         "How many slots a leader may have open at once, from 1 to 10000: the alpha of the paper.",
         {}},
        {"maxBatch", "How many slots one message carries at most, from 1 to 100000.", {}},
        {"snapshotThreshold",
         "After how many executed commands a node takes a snapshot and shortens its log, from 1; 0 "
         "for never.",
         {}},
        {"snapshotChunk",
         "How much of a snapshot one message carries, in characters (two for a byte), from 1 to "
         "16777216.",
         {}},
        {"mistake", "Breaks the protocol in one of the ways in which people really break it.", {}},
    };
}

std::vector<node::RequestCard> requestCards()
{
    return {
        {"put", "Sets a key to a value.", "put x 1", {}, false},
        {"get", "Reads the value of a key.", "get x", {}, true},
        {"delete", "Removes a key.", "delete x", {}, false},
        {"cas",
         "Sets a key to a desired value if it holds the expected one, none if it is absent.",
         "cas x 1 2",
         {},
         false},
        {"propose",
         "Asks for a value to be chosen, and answers which one was (mode=single).",
         "propose blue",
         {},
         false},
        {"inquire", "Asks which value was chosen, if any (mode=single).", "inquire", {}, true},
        {"campaign",
         "The node that is asked acts as if it had not heard from a leader for too long.",
         "campaign",
         {},
         false},
    };
}

std::vector<node::MistakeCard> mistakeCards()
{
    return {
        {"forgetsPromise",
         "An acceptor does not write down its promise, and forgets it in a crash.",
         "promises are kept"},
        {"ignoresAccepted",
         "A proposer proposes what it likes, whatever the promises say was accepted before.",
         "values follow promises"},
        {"sharedBallots",
         "Proposers count on from the highest number they know, without a part of their own: two "
         "use the same one.",
         "ballots are unique"},
        {"disjointQuorums",
         "A quorum of phase 1 is one acceptor too small: it need not meet those of phase 2.",
         "a chosen value stays chosen"},
        {"skipsOpenSlots",
         "A new leader takes slots that are still open for empty, instead of finishing them.",
         "learned means chosen"},
        {"acceptsBeforeDurable",
         "An acceptor answers before what it accepted is on its disk, and a crash takes it back.",
         "learned means chosen"},
        {"staleReads", "A leader answers reads at once, without making sure that it still leads.",
         "fresh reads"},
    };
}

std::string roleOf(const Plan& plan, NodeId node)
{
    const bool proposes = plan.proposes(node);
    const bool accepts = plan.acceptors.contains(node);
    if (proposes && accepts) {
        return {};
    }
    return proposes ? "proposer" : accepts ? "acceptor" : "learner";
}

} // namespace

node::Card Paxos::card()
{
    node::Card card;
    card.id = "paxos";
    card.title = "Paxos";
    card.family = "Consensus";
    card.summary =
        "Numbered proposals and quorums that meet: a value, or a log of them, is chosen for good.";
    card.sources = {
        "Leslie Lamport, Paxos Made Simple, ACM SIGACT News 32 (4), 2001",
        "Leslie Lamport, The Part-Time Parliament, ACM Transactions on Computer Systems 16 (2), "
        "1998",
        "Heidi Howard, Dahlia Malkhi, Alexander Spiegelman, Flexible Paxos: Quorum Intersection "
        "Revisited, OPODIS 2016",
    };
    card.roles = {
        {"follower", "May lead, and leaves it to another just now."},
        {"proposer", "May propose the single decree, and does not just now (mode=single)."},
        {"acceptor", "Promises and accepts, and never proposes."},
        {"learner", "Only learns what was chosen."},
        {"preparing", "Gathers promises for a new ballot: phase 1."},
        {"proposing", "Gathers acceptances of a single decree: phase 2."},
        {"leader", "Did phase 1 once for all slots, and proposes each command in the next one."},
    };
    card.layout = node::Layout::Ring;
    card.parameters = parameterCards();
    card.requests = requestCards();
    card.mistakes = mistakeCards();
    for (const auto& invariant : invariants(nullptr)) {
        card.invariants.push_back(invariant->card());
    }
    return card;
}

Result<std::vector<node::Member>> Paxos::members(const Parameters& parameters)
{
    if (auto result = validate(parameters); !result) {
        return result.error();
    }
    const Plan plan(parameters);
    std::vector<node::Member> members;
    for (std::uint32_t number = 1; number <= parameters.nodes; ++number) {
        node::Member member;
        member.id = NodeId(number);
        member.name = fmt::format("n{}", number);
        member.role = roleOf(plan, member.id);
        member.takesRequests = plan.proposes(member.id);
        members.push_back(std::move(member));
    }
    return members;
}

} // namespace lightcone::protocols::paxos
