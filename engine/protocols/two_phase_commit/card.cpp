#include "engine/protocols/two_phase_commit/two_phase_commit.h"

namespace lightcone::protocols::two_phase_commit {
namespace {

std::vector<node::ParameterCard> parameterCards()
{
    return {
        {"variant",
         "Which commit protocol: presumedNothing, presumedAbort and presumedCommit differ in what "
         "is forced to disk, acknowledged and remembered; threePhase does not block when its "
         "coordinator crashes, and is unsafe on a network that can be cut.",
         {}},
        {"coordinators", "How many coordinators there are, from 1 to 20: tm1, tm2, …", {}},
        {"participants", "How many participants own the data, from 1 to 50: p1, p2, …", {}},
        {"data",
         "Where keys are and what they hold at first, as in \"p1: a=100 b; p2: c=5\". Other keys "
         "go "
         "by their last character: a and 1 to p1, b and 2 to p2, and around.",
         {}},
        {"readOnlyVotes",
         "Whether a participant that has changed nothing lets go when it is asked for its vote.",
         {}},
        {"cooperative",
         "Whether a participant in doubt asks the other participants too, not only the "
         "coordinator.",
         {}},
        {"deadlocks",
         "How deadlocks are avoided: waitDie lets only older transactions wait for younger ones, "
         "timeout gives up after lockTimeout.",
         {}},
        {"lockTimeout",
         "How long a transaction waits for a lock with deadlocks=timeout, from 1 us to a day.",
         {}},
        {"restarts",
         "How often a transaction that was in another's way is tried again, from 0 to 1000.",
         {}},
        {"restartAfter",
         "How long it then waits at least, from 0 to a day; at most twice as long, at random.",
         {}},
        {"workTimeout",
         "How long the reads and writes of a transaction may take, from 1 us to a day. A "
         "participant that hears nothing for twice as long aborts alone.",
         {}},
        {"voteTimeout",
         "How long a coordinator waits for votes before it aborts, from 1 us to a day.",
         {}},
        {"retry",
         "After how long a coordinator sends again what was not answered, from 1 us to a day.",
         {}},
        {"inquiry",
         "How long a participant in doubt waits before it asks, and asks again, from 1 us to a "
         "day; with threePhase more than voteTimeout.",
         {}},
        {"mistake", "Breaks the protocol in one of the ways in which people really break it.", {}},
    };
}

std::vector<node::RequestCard> requestCards()
{
    return {
        {"transact",
         "Does all of it or nothing: reads, writes, additions, and takings that must leave no less "
         "than 0.",
         "transact [read a, write b 5, add c 10]",
         {},
         false},
        {"transfer",
         "Takes an amount from one number and adds it to another.",
         "transfer a b 10",
         {},
         false},
        {"read", "Reads the value of a key, as a transaction of its own.", "read a", {}, true},
        {"write", "Sets a key to a value, as a transaction of its own.", "write a 1", {}, false},
        {"heuristic",
         "An operator decides for a participant that is in doubt, right or wrong; transaction 0 is "
         "whichever that is.",
         "heuristic 0 committed",
         {},
         false},
    };
}

std::vector<node::MistakeCard> mistakeCards()
{
    return {
        {"votesBeforeForced",
         "A participant votes yes before its prepare record is on disk, and a crash takes it back.",
         "a yes vote is durable"},
        {"tellsBeforeLogging",
         "The coordinator tells the decision to commit before it is on its disk.",
         "a decision is logged before it is told"},
        {"abortsAloneAfterYes",
         "A participant in doubt gets tired of waiting and aborts on its own.",
         "AC1: one decision"},
        {"forgetsTooEarly",
         "The coordinator forgets a commitment before everybody has acknowledged it, and presumes "
         "abort when it is asked.",
         "nothing is forgotten too early"},
        {"releasesAtPrepare",
         "A participant releases its locks when it votes instead of when it knows the decision.",
         "conflict serializability"},
    };
}

} // namespace

node::Card TwoPhaseCommit::card()
{
    node::Card card;
    card.id = "two_phase_commit";
    card.title = "Two-phase commit";
    card.family = "Transactions";
    card.summary = "A transaction over several participants happens everywhere or nowhere: all are "
                   "asked, then all are told.";
    card.sources = {
        "Jim Gray, Notes on Data Base Operating Systems, Operating Systems: An Advanced Course, "
        "Springer, 1978",
        "C. Mohan, Bruce Lindsay, Ron Obermarck, Transaction Management in the R* Distributed "
        "Database Management System, ACM TODS 11 (4), 1986",
        "Philip A. Bernstein, Vassos Hadzilacos, Nathan Goodman, Concurrency Control and Recovery "
        "in Database Systems, Addison-Wesley, 1987, chapter 7",
        "Dale Skeen, Nonblocking Commit Protocols, SIGMOD 1981",
        "Daniel J. Rosenkrantz, Richard E. Stearns, Philip M. Lewis, System Level Concurrency "
        "Control for Distributed Database Systems, ACM TODS 3 (2), 1978",
    };
    card.roles = {
        {"idle", "Has nothing to do."},
        {"working", "Reads and writes for a transaction, and may still abort it."},
        {"blocked", "Waits for a lock that another transaction holds."},
        {"collecting", "The coordinator gathers votes."},
        {"inDoubt", "Has voted yes, holds its locks, and does not know the decision."},
        {"preCommitting", "The coordinator of a three-phase commit tells that all voted yes."},
        {"preCommitted", "Knows that all voted yes, and waits for the word to commit."},
        {"terminating", "A participant decides in the place of the coordinator."},
        {"recovering", "The coordinator has lost the end of a transaction in a crash, and asks."},
        {"committing", "Has decided to commit; not everybody has acknowledged."},
        {"aborting", "Has decided to abort; not everybody has acknowledged."},
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

Result<std::vector<node::Member>> TwoPhaseCommit::members(const Parameters& parameters)
{
    if (auto result = validate(parameters); !result) {
        return result.error();
    }
    const auto placement = Placement::of(parameters);
    std::vector<node::Member> members;
    for (std::uint32_t number = 1; number <= parameters.coordinators + parameters.participants;
         ++number) {
        node::Member member;
        member.id = NodeId(number);
        member.name = placement->nameOf(member.id);
        const bool coordinates = placement->isCoordinator(member.id);
        member.role = coordinates ? "coordinator" : "participant";
        member.tier = coordinates ? 0 : 1;
        member.takesRequests = coordinates;
        members.push_back(std::move(member));
    }
    return members;
}

} // namespace lightcone::protocols::two_phase_commit
