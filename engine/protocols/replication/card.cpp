#include "engine/protocols/replication/replication.h"

namespace lightcone::protocols::replication {
namespace {

std::vector<node::ParameterCard> logParameterCards()
{
    return {
        {"strategy",
         "How copies are kept alike: primaryBackup ships a log from one node to the others, chain "
         "hands writes from the head to the tail, quorum writes to W of N nodes and reads from R.",
         {}},
        {"nodes", "How many nodes keep data, from 1 to 99; the monitor is one more.", {}},
        {"acknowledge",
         "When a primary tells a client that a write is done: sync when all backups have it, "
         "semiSync when k have, async at once.",
         {}},
        {"k", "How many backups are enough with semiSync, from 1 to 98.", {}},
        {"reads",
         "Who answers reads: single is the primary or the tail, any is backups too (CRAQ on a "
         "chain).",
         {}},
        {"guarantees",
         "What a session may rely on with reads=any: none, readYourWrites, monotonicReads or both.",
         {}},
        {"maxStaleness",
         "How old the copy of a backup that answers may be, from 0 to a day; 0 for no bound.",
         {}},
        {"heartbeat", "How long a node is silent at most, from 1 us to a day.", {}},
        {"suspectAfter",
         "After how long without a word the monitor gives a node up; more than the heartbeat.",
         {}},
        {"lease",
         "How long a node may serve after it last asked the monitor; more than the heartbeat.",
         {}},
        {"leaseDriftBound",
         "By what factor, from 1 to 10, one node's clock may run faster than another's before a "
         "lease becomes unsafe.",
         {}},
        {"window", "How many writes are shipped ahead of an answer at most, from 1 to 100000.", {}},
        {"maxBatch", "How many writes one message carries at most, from 1 to 100000.", {}},
        {"snapshotThreshold",
         "After how many writes a node takes a snapshot and shortens its log, from 1; 0 for never.",
         {}},
        {"snapshotChunk",
         "How much of a snapshot one message carries, in characters (two for a byte), from 1 to "
         "16777216.",
         {}},
    };
}

std::vector<node::ParameterCard> quorumParameterCards()
{
    return {
        {"n", "On how many nodes a key is kept, from 1 to all (quorum).", {}},
        {"r", "How many of them answer before a read does, from 1 to n (quorum).", {}},
        {"w", "How many of them have a write before it is done, from 1 to n (quorum).", {}},
        {"versions",
         "How the newer of two versions is told (quorum): vectorClock by what their writers had "
         "seen, which may leave both; lastWriterWins by a timestamp.",
         {}},
        {"sloppy",
         "Whether others stand in for nodes that do not answer, and hold a hint for them (quorum).",
         {}},
        {"readRepair",
         "Whether a read brings those up to date that lacked something (quorum).",
         {}},
        {"hintAfter",
         "After how long without an answer somebody stands in, from 1 us to a day (quorum).",
         {}},
        {"handoff", "How often hints are sent to the nodes that they are for (quorum).", {}},
        {"antiEntropy", "How often a node compares one range with another (quorum).", {}},
        {"merkleDepth", "How deep the trees are by which they compare, from 0 to 16 (quorum).", {}},
        {"giveUpAfter",
         "After how long an operation that too few have answered is given up (quorum).",
         {}},
        {"mistake", "Breaks replication in one of the ways in which people really break it.", {}},
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
        {"getAfter",
         "Reads a key at a node that has what this session has written and seen; a client makes "
         "it of get when an answer has told it (reads=any).",
         "getAfter x {epoch=1, index=3} {epoch=1, index=5}",
         {},
         true},
        {"putOver",
         "Sets a key in place of the versions of the context, which an answer to get gave "
         "(quorum).",
         "putOver x 1",
         {},
         false},
        {"deleteOver",
         "Removes the versions of the context, which an answer to get gave (quorum).",
         "deleteOver x",
         {},
         false},
    };
}

std::vector<node::MistakeCard> mistakeCards()
{
    return {
        {"noFencing",
         "The monitor waits for no lease, and an old primary goes on without one: two serve.",
         "one unfenced primary"},
        {"acknowledgesOnReceipt",
         "A backup answers before the write is on its disk, and a crash takes it back.",
         "no acknowledged write is lost"},
        {"promotesLaggard", "The monitor makes the backup that lacks most the primary.",
         "the least lag is promoted"},
        {"weakQuorums",
         "Reads ask so few nodes that they need not meet a write: R + W is N, and sold as strong.",
         "the latest write is seen"},
        {"trustsClocks",
         "The last writer wins by its coordinator's clock alone, and a clock that is behind loses "
         "writes.",
         "the latest write is seen"},
    };
}

} // namespace

node::Card Replication::card()
{
    node::Card card;
    card.id = "replication";
    card.title = "Replication";
    card.family = "Storage";
    card.summary = "The same store on several nodes, by primary and backups, a chain, or quorums.";
    card.sources = {
        "Peter A. Alsberg, John D. Day, A Principle for Resilient Sharing of Distributed "
        "Resources, ICSE 1976",
        "Robbert van Renesse, Fred B. Schneider, Chain Replication for Supporting High Throughput "
        "and Availability, OSDI 2004",
        "Jeff Terrace, Michael J. Freedman, Object Storage on CRAQ, USENIX ATC 2009",
        "Giuseppe DeCandia et al., Dynamo: Amazon's Highly Available Key-value Store, SOSP 2007",
        "Douglas B. Terry et al., Session Guarantees for Weakly Consistent Replicated Data, PDIS "
        "1994",
        "Jim Gray, Pat Helland, Patrick O'Neil, Dennis Shasha, The Dangers of Replication and a "
        "Solution, SIGMOD 1996",
    };
    card.roles = {
        {"monitor", "Decides who serves together, and keeps no data."},
        {"primary", "Orders the writes and ships them."},
        {"backup", "Takes what the primary ships, and may take over."},
        {"head", "Where writes enter the chain."},
        {"middle", "Hands writes on."},
        {"tail", "Where writes are done and reads are answered."},
        {"joining", "Is not in the view: catches up until it is let in."},
        {"fenced", "Its lease has run out: must not serve."},
        {"replica", "One of equals in a quorum store."},
    };
    card.layout = node::Layout::Ring;
    card.parameters = logParameterCards();
    for (auto& each : quorumParameterCards()) {
        card.parameters.push_back(std::move(each));
    }
    card.requests = requestCards();
    card.mistakes = mistakeCards();
    for (const auto& invariant : invariants(nullptr)) {
        card.invariants.push_back(invariant->card());
    }
    return card;
}

Result<std::vector<node::Member>> Replication::members(const Parameters& parameters)
{
    if (auto result = validate(parameters); !result) {
        return result.error();
    }
    // A chain stands in a row.
    const bool chain = parameters.strategy == Strategy::Chain;
    std::vector<node::Member> members;
    for (std::uint32_t number = 1; number <= parameters.nodes; ++number) {
        node::Member member;
        member.id = NodeId(number);
        member.name = fmt::format("n{}", number);
        member.tier = chain ? number - 1 : 0;
        members.push_back(std::move(member));
    }
    if (parameters.strategy != Strategy::Quorum) {
        node::Member monitor;
        monitor.id = NodeId(parameters.nodes + 1);
        monitor.name = "monitor";
        monitor.role = "monitor";
        monitor.tier = chain ? parameters.nodes : 0;
        monitor.takesRequests = false;
        members.push_back(std::move(monitor));
    }
    return members;
}

} // namespace lightcone::protocols::replication
