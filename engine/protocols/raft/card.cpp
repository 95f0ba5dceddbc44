#include "engine/protocols/raft/raft.h"

namespace lightcone::protocols::raft {
namespace {

std::vector<node::ParameterCard> parameterCards()
{
    return {
        {"nodes", "How many servers vote from the start, from 1 to 99.", {}},
        {"spares", "How many more stand by to be added later, from 0 to 99.", {}},
        {"electionTimeoutLow",
         "The shortest election timeout: a follower that hears nothing for as long as its timeout "
         "begins an election; more than the heartbeat.",
         {}},
        {"electionTimeoutHigh",
         "The longest election timeout, from the shortest one to a day; each is drawn at random "
         "between the two.",
         {}},
        {"heartbeat", "How long a leader is silent at most, from 1 us on.", {}},
        {"preVote", "Whether a node asks whether it could win before it begins an election.", {}},
        {"checkQuorum",
         "Whether a leader steps down that has not heard from a majority for the longest election "
         "timeout, and nodes do not vote within the shortest one after they heard from a leader.",
         {}},
        {"readMode",
         "How a leader answers reads: readIndex asks a majority whether it still leads, lease "
         "relies on nobody else being elected for a while, log sends them through the log.",
         {}},
        {"leaseDriftBound",
         "By what factor, from 1 to 10, one node's clock may run faster than another's before a "
         "lease becomes unsafe.",
         {}},
        {"maxBatch", "How many entries one AppendEntries carries at most, from 1 to 100000.", {}},
        {"window",
         "How many AppendEntries to one follower may be under way unanswered, from 1 to 1000.",
         {}},
        {"grouped",
         "Whether a leader gathers the commands that come at one time, and sends them in one "
         "message while its own disk writes them; else each goes at once, behind its own write.",
         {},
         "true"},
        {"snapshotThreshold",
         "After how many executed entries a node takes a snapshot and shortens its log, from 1; 0 "
         "for never.",
         {},
         "20000"},
        {"snapshotChunk",
         "How much of a snapshot one InstallSnapshot carries, in characters (two for a byte), from "
         "1 to 16777216.",
         {}},
        {"logs",
         "The logs that nodes begin with, a term for each entry and what it puts, if anything: "
         "\"n1: 1 1 4:x=1; n2: 1\"; empty for none.",
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
        {"addServer",
         "Adds a voter, one of the spares: it catches up as a learner first, then joint consensus "
         "takes it in.",
         "addServer n6",
         {},
         false},
        {"removeServer", "Removes a voter through joint consensus.", "removeServer n2", {}, false},
        {"changeMembers",
         "Replaces the whole set of voters at once through joint consensus.",
         "changeMembers {n1, n2, n6}",
         {},
         false},
        {"transferLeadership",
         "Hands leadership to another voter.",
         "transferLeadership n3",
         {},
         false},
        {"campaign",
         "The node that is asked acts as if its election timer ran out.",
         "campaign",
         {},
         false},
    };
}

std::vector<node::MistakeCard> mistakeCards()
{
    return {
        {"commitOldTermByCounting",
         "The leader commits entries of earlier terms as soon as a majority holds them (figure 8 "
         "of the paper).",
         "leader completeness"},
        {"forgetsVote", "A node does not write down whom it voted for, and forgets it in a crash.",
         "election safety"},
        {"readsFromDeposedLeader",
         "A leader answers reads at once, without making sure that it still leads.", "fresh reads"},
        {"unsafeMembershipChange",
         "The members change in one step, without joint consensus: two majorities need not meet.",
         "election safety"},
        {"acknowledgesBeforeDurable",
         "Log entries are acknowledged before they are on disk, and a crash takes them back.",
         "durable acknowledgements"},
        {"noConsistencyCheck",
         "A follower accepts entries without comparing what comes before them.", "log matching"},
        {"countsUnwritten", "A grouping leader counts its own log before its disk has it.",
         "durable acknowledgements"},
    };
}

} // namespace

node::Card Raft::card()
{
    node::Card card;
    card.id = "raft";
    card.title = "Raft";
    card.family = "Consensus";
    card.summary = "A leader, elected by a majority, replicates one log of commands to all.";
    card.sources = {
        "Diego Ongaro, Consensus: Bridging Theory and Practice, Stanford University, 2014",
        "Diego Ongaro, John Ousterhout, In Search of an Understandable Consensus Algorithm, USENIX "
        "ATC 2014",
    };
    card.roles = {
        {"follower", "Answers leaders and candidates, and waits for an election timeout."},
        {"preCandidate", "Asks whether it would win before it disturbs anybody."},
        {"candidate", "Asks for votes in a new term."},
        {"leader", "Takes requests, replicates the log and decides what is committed."},
        {"learner", "Receives the log without a vote."},
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

Result<std::vector<node::Member>> Raft::members(const Parameters& parameters)
{
    if (auto result = validate(parameters); !result) {
        return result.error();
    }
    std::vector<node::Member> members;
    for (std::uint32_t number = 1; number <= parameters.nodes + parameters.spares; ++number) {
        node::Member member;
        member.id = NodeId(number);
        member.name = fmt::format("n{}", number);
        member.spare = number > parameters.nodes;
        members.push_back(std::move(member));
    }
    return members;
}

} // namespace lightcone::protocols::raft
