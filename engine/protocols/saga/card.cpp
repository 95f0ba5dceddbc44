#include "engine/protocols/saga/saga.h"

#include <algorithm>
#include <set>

namespace lightcone::protocols::saga {
namespace {

std::vector<node::ParameterCard> parameterCards()
{
    return {
        {"mode",
         "Who decides what is next: orchestrated is an orchestrator with a saga log, choreographed "
         "is each service, by what the one before it did.",
         {}},
        {"script",
         "The services with their numbers, and the sagas with their steps, in the language of the "
         "protocol's README.",
         {}},
        {"timeout", "How long a step's answer may take, from 1 us to a day.", {}},
        {"retries", "How often a step or a compensation is tried again, from 0 to 100.", {}},
        {"backOff",
         "How long the first pause between two tries is at most, from 1 us to a day; each is twice "
         "as long as the one before.",
         {}},
        {"mostBackOff", "How long that may become, from backOff to a day.", {}},
        {"semanticLock",
         "Whether numbers that a saga may still undo are locked to others: these try again later.",
         {}},
        {"commutative",
         "Whether a number that others have changed since it was read is not overwritten, but "
         "changed by the difference.",
         {}},
        {"reread",
         "Whether a step declines to overwrite a number that others have changed since it was "
         "read.",
         {}},
        {"versionFile",
         "Whether services record the updates of a number and replay them in the order of the "
         "sagas' numbers, so that restoring an old value takes back no one else's.",
         {}},
        {"mistake", "Breaks the protocol in one of the ways in which people really break it.", {}},
    };
}

std::vector<node::RequestCard> requestCards()
{
    return {
        {"start",
         "Begins a saga of the script, the first one without a name, and answers how it ended.",
         "start trip {price=120}",
         {},
         false},
        {"get", "Reads a number, whatever is under way with it.", "get balance", {}, true},
        {"cancel",
         "Undoes a saga that has not passed its pivot (orchestrated).",
         "cancel 1",
         {},
         false},
        {"resume", "Tries a parked compensation again.", "resume 1", {}, false},
        {"settle",
         "Says that a person has undone a parked step: the saga goes on behind it.",
         "settle 1",
         {},
         false},
        {"status", "Asks one node what it knows of a saga.", "status 1", {}, true},
    };
}

std::vector<node::MistakeCard> mistakeCards()
{
    return {
        {"noSagaLog",
         "The orchestrator keeps its sagas in memory only; choreographed, the services their "
         "events.",
         "sagas are remembered"},
        {"forwardCompensation", "Compensations run from the first step on.",
         "compensations in reverse"},
        {"notIdempotent", "A service that is asked twice does it twice.", "effects exactly once"},
        {"compensatesUnrun",
         "The step that was declined is undone like those before it, whether it ran or not.",
         "only what ran is undone"},
        {"noTombstone",
         "A service that is to undo what it has not done forgets that: the request may still be "
         "under way.",
         "steps in order"},
        {"compensatesAfterPivot",
         "A step after the pivot that keeps failing makes the whole saga be undone.",
         "no return after the pivot"},
        {"answersBeforeDurable", "A service says done before its disk has it.", "steps in order"},
        {"readsPastLocks",
         "Semantic locks keep out steps that change numbers, not those that only "
         "read them.",
         "locked numbers are left alone"},
    };
}

/// Where a service stands: behind the orchestrator, or in the order in which sagas come to them.
std::uint32_t tierOf(const Plan& plan, std::size_t service)
{
    if (plan.isOrchestrated()) {
        return 1;
    }
    std::uint32_t tier = 0;
    for (const auto& saga : plan.script.sagas) {
        std::set<std::size_t> before;
        for (const auto& step : saga.steps) {
            if (step.service == service) {
                tier = std::max(tier, static_cast<std::uint32_t>(before.size()));
                break;
            }
            before.insert(step.service);
        }
    }
    return tier;
}

} // namespace

node::Card Saga::card()
{
    node::Card card;
    card.id = "saga";
    card.title = "Saga";
    card.family = "Transactions";
    card.summary = "Local transactions one after the other, and compensations that undo them in "
                   "reverse when one cannot be done.";
    card.sources = {
        "Hector Garcia-Molina, Kenneth Salem, Sagas, SIGMOD 1987",
        "Chris Richardson, Microservices Patterns, Manning 2018, chapter 4",
    };
    card.roles = {
        {"idle", "No saga is under way here."},
        {"running", "An orchestrator whose saga goes forward."},
        {"compensating", "An orchestrator whose saga is being undone."},
        {"holding", "A service with changes that may still be undone."},
        {"retrying", "A service that tries something again by itself."},
        {"parked", "A compensation keeps failing and waits for a person."},
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

Result<std::vector<node::Member>> Saga::members(const Parameters& parameters)
{
    if (auto result = validate(parameters); !result) {
        return result.error();
    }
    const Plan plan(parameters);
    std::vector<node::Member> members;
    if (plan.isOrchestrated()) {
        node::Member orchestrator;
        orchestrator.id = Plan::orchestrator;
        orchestrator.name = "orchestrator";
        orchestrator.role = "orchestrator";
        members.push_back(std::move(orchestrator));
    }
    for (std::size_t i = 0; i < plan.script.services.size(); ++i) {
        node::Member service;
        service.id = plan.nodeOf(i);
        service.name = plan.script.services[i].name;
        service.role = "service";
        service.tier = tierOf(plan, i);
        members.push_back(std::move(service));
    }
    return members;
}

} // namespace lightcone::protocols::saga
