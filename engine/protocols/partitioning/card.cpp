#include "engine/protocols/partitioning/partitioning.h"

namespace lightcone::protocols::partitioning {
namespace {

std::vector<node::ParameterCard> parameterCards()
{
    return {
        {"strategy",
         "Which node a key is on: range (intervals that are split and merged), modulo, consistent, "
         "rendezvous (by the key's hash) or column (groups of columns on nodes of their own).",
         {}},
        {"nodes", "How many storage nodes there are from the start: s1, s2, …, from 1 to 40.", {}},
        {"spares", "How many more stand by, to be started and added, from 0 to 40.", {}},
        {"routers", "How many routers clients ask: r1, r2, …, from 1 to 9.", {}},
        {"slots",
         "In how many equal parts modulo and rendezvous divide the hashes, from 1 to 4096.",
         {}},
        {"tokens",
         "How many places on the circle (virtual nodes) a node of weight 1 has under consistent "
         "hashing, from 1 to 256.",
         {}},
        {"weights",
         "How much of the keys nodes are to hold against the others, such as \"s1=2 s4=3\", from 1 "
         "to 16; 1 where a node is not named.",
         {}},
        {"bounds",
         "The first keys of the second, third, … range, such as \"g n t\"; none: one range.",
         {}},
        {"groups",
         "Columns that lie together under strategy=column, such as \"name price | text\". A key is "
         "row.column; the first group takes keys without a column.",
         {}},
        {"chunk", "How many keys one message carries when a shard moves, from 1 to 100000.", {}},
        {"concurrentMoves", "How many shards may move at once, from 1 to 1000.", {}},
        {"splitKeys", "A range of more keys than that is split, from 1; 0 for never.", {}},
        {"splitLoad",
         "A range that is asked more often than that, in requests a second, is split, from 1; 0 "
         "for never.",
         {}},
        {"mergeKeys",
         "Two neighbours with no more keys than that together are merged, from 1; 0 for never.",
         {}},
        {"balance",
         "Whether shards move by themselves when one node is asked far more than the others "
         "(strategy=range or column).",
         {}},
        {"retry",
         "After how long without an answer routers, storage nodes and the map service say it "
         "again, from 1 us to a day.",
         {}},
        {"report", "How often a storage node tells what it has to do, from 1 us to a day.", {}},
        {"retention", "How long an old owner keeps its copy of a shard, from 0 to a day.", {}},
        {"lease",
         "How long a storage node serves after it was last heard, from two reports to a day; 0 for "
         "ever, and then no node can be declared lost.",
         {}},
        {"leaseDriftBound",
         "By what factor, from 1 to 10, one node's clock may run faster than another's before a "
         "lease becomes unsafe.",
         {}},
        {"mistake", "Breaks the protocol in one of the ways in which people really break it.", {}},
    };
}

std::vector<node::RequestCard> requestCards()
{
    return {
        {"put", "Sets a key, row or row.column, to a value.", "put x 1", {}, false},
        {"get", "Reads the value of a key.", "get x", {}, true},
        {"delete", "Removes a key.", "delete x", {}, false},
        {"cas",
         "Sets a key to a desired value if it holds the expected one, none if it is absent.",
         "cas x 1 2",
         {},
         false},
        {"scan",
         "Reads the rows from one to before another (\"\" for the end), of some columns or all.",
         "scan a n",
         {},
         true},
        {"project", "Reads some columns of one row, or all.", "project x {name, price}", {}, true},
        {"add", "A storage node that was started joins.", "add s4", {}, false},
        {"drain", "A storage node gives all its shards to others.", "drain s2", {}, false},
        {"lose",
         "A storage node is gone for good: once its lease is over its shards begin empty "
         "elsewhere.",
         "lose s2",
         {},
         false},
        {"move", "Moves one shard to a node.", "move 1 s2", {}, false},
        {"split", "Divides a range at a row, or in its middle.", "split 1 g", {}, false},
        {"merge", "Joins a range with the one to its right.", "merge 1", {}, false},
        {"rebalance",
         "Spreads ranges by their load, or puts all where their hash says.",
         "rebalance",
         {},
         false},
    };
}

std::vector<node::MistakeCard> mistakeCards()
{
    return {
        {"noVersionCheck",
         "Routers do not say which version of the map they go by, and storage nodes answer from "
         "whatever copy they still have.",
         "fresh reads"},
        {"oldOwnerServes",
         "The old owner goes on serving a shard that it has handed over, until it hears that the "
         "new one has it.",
         "one owner"},
        {"moduloSoldAsCheap",
         "The map service promises that a change of nodes moves only the new node's keys, while "
         "the hash is taken modulo their number.",
         "monotone resizing"},
    };
}

} // namespace

node::Card Partitioning::card()
{
    node::Card card;
    card.id = "partitioning";
    card.title = "Partitioning";
    card.family = "Storage";
    card.summary =
        "Keys are spread over nodes by range, hash or column; shards move under traffic.";
    card.sources = {
        "David Karger et al., Consistent Hashing and Random Trees, STOC 1997",
        "David Thaler, Chinya Ravishankar, Using Name-Based Mappings to Increase Hit Rates, "
        "IEEE/ACM Transactions on Networking 6 (1), 1998",
        "Fay Chang et al., Bigtable: A Distributed Storage System for Structured Data, OSDI 2006",
        "Giuseppe DeCandia et al., Dynamo: Amazon's Highly Available Key-value Store, SOSP 2007",
        "James Corbett et al., Spanner: Google's Globally-Distributed Database, OSDI 2012",
    };
    card.roles = {
        {"router",
         "Takes clients' requests to the nodes that own their keys, by its copy of the "
         "map."},
        {"mapService",
         "Decides who owns what, numbers each version of the map, and sees moves "
         "through."},
        {"storage",
         "Holds shards, answers for those that it owns, and gives them away when it is "
         "told to."},
    };
    card.layout = node::Layout::Tiers;
    card.parameters = parameterCards();
    card.requests = requestCards();
    card.mistakes = mistakeCards();
    for (const auto& invariant : invariants(nullptr)) {
        card.invariants.push_back(invariant->card());
    }
    return card;
}

Result<std::vector<node::Member>> Partitioning::members(const Parameters& parameters)
{
    if (auto result = validate(parameters); !result) {
        return result.error();
    }
    std::vector<node::Member> members;
    for (std::uint32_t number = 1; number <= parameters.routers; ++number) {
        members.push_back({routerId(number), fmt::format("r{}", number), "router", 0, true, false});
    }
    members.push_back({mapId(parameters), "map", "map service", 1, true, false});
    for (std::uint32_t number = 1; number <= parameters.nodes + parameters.spares; ++number) {
        members.push_back({storeId(parameters, number), fmt::format("s{}", number), "storage", 2,
                           false, number > parameters.nodes});
    }
    return members;
}

} // namespace lightcone::protocols::partitioning
