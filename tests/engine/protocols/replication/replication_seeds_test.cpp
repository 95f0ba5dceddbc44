#include "engine/check/linearizability.h"
#include "tests/engine/protocols/replication/cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lightcone::protocols::replication {
namespace {

using namespace std::chrono_literals;
using test::SeedPlan;

using Problem = std::optional<std::string>;

node::PayloadPtr anyCommand(Dice& dice, std::uint32_t number)
{
    const std::string key(1, static_cast<char>('a' + dice.below(4)));
    const auto value = std::to_string(number);
    switch (dice.below(8)) {
    case 0:
    case 1:
    case 2:
        return node::makePayload<Request>(kv::Put{key, value});
    case 3:
        return node::makePayload<Request>(kv::Delete{key});
    case 4:
        return node::makePayload<Request>(kv::Cas{key, std::nullopt, value});
    default:
        return node::makePayload<Request>(kv::Get{key});
    }
}

node::PayloadPtr anyReadOrWrite(Dice& dice, std::uint32_t number)
{
    const std::string key(1, static_cast<char>('a' + dice.below(4)));
    switch (dice.below(6)) {
    case 0:
    case 1:
        return node::makePayload<Request>(kv::Put{key, std::to_string(number)});
    case 2:
        return node::makePayload<Request>(kv::Delete{key});
    default:
        return node::makePayload<Request>(kv::Get{key});
    }
}

checking::Operation asked(const test::Operation& operation)
{
    checking::Operation made;
    const auto& request = node::payloadAs<Request>(*operation.request);
    if (const auto* put = std::get_if<kv::Put>(&request)) {
        made.action = checking::Action::Write;
        made.key = put->key;
        made.value = checking::datum(put->value);
    } else if (const auto* get = std::get_if<kv::Get>(&request)) {
        made.key = get->key;
    } else if (const auto* removal = std::get_if<kv::Delete>(&request)) {
        made.action = checking::Action::Delete;
        made.key = removal->key;
    } else if (const auto* swap = std::get_if<kv::Cas>(&request)) {
        made.action = checking::Action::Cas;
        made.key = swap->key;
        made.value = checking::datum(swap->desired);
        if (swap->expected) {
            made.expected = checking::datum(*swap->expected);
        }
    }
    made.at = operation.begun;
    return made;
}

void end(checking::History& history, std::size_t place, const test::Operation& operation)
{
    const auto at = *operation.ended;
    const auto* body = node::payloadIf<Reply>(operation.reply.get());
    const auto* result = body != nullptr ? std::get_if<kv::Result>(body) : nullptr;
    if (operation.answer != node::Answer::Done || result == nullptr) {
        history.end(place, checking::Ending::Unknown, at);
        return;
    }
    const auto value =
        result->value ? checking::Datum(checking::datum(*result->value)) : checking::Datum();
    const bool reads = history.operations()[place].action == checking::Action::Read;
    switch (result->outcome) {
    case kv::Outcome::Done:
        history.operation(place).deleted =
            history.operations()[place].action == checking::Action::Delete;
        history.end(place, checking::Ending::Ok, at);
        break;
    case kv::Outcome::Found:
        history.end(place, checking::Ending::Ok, at, value);
        break;
    case kv::Outcome::NotFound:
    case kv::Outcome::Mismatch:
        if (reads) {
            history.end(place, checking::Ending::Ok, at);
        } else {
            history.miss(place, at, value);
        }
        break;
    default:
        history.end(place, checking::Ending::Unknown, at);
    }
}

Problem isLinearizable(const sim::World&, const test::History& operations)
{
    struct Happening
    {
        Instant at{};
        bool ends = false;
        std::size_t operation = 0;
    };
    std::vector<Happening> happenings;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        happenings.push_back({operations[i].begun, false, i});
        if (operations[i].ended) {
            happenings.push_back({*operations[i].ended, true, i});
        }
    }
    std::stable_sort(happenings.begin(), happenings.end(), [](const auto& a, const auto& b) {
        return std::pair(a.at, a.ends) < std::pair(b.at, b.ends);
    });
    checking::History history;
    std::map<std::size_t, std::size_t> places;
    for (const auto& happening : happenings) {
        const auto& operation = operations[happening.operation];
        if (happening.ends) {
            end(history, places.at(happening.operation), operation);
        } else {
            auto made = asked(operation);
            made.process = happening.operation;
            places[happening.operation] = history.invoke(std::move(made));
        }
    }
    checking::Patience patience;
    patience.steps = 300'000;
    const auto judgement = checking::judge(history, checking::Model::Kv, patience);
    if (!judgement) {
        return judgement.error().message;
    }
    const auto* worst = judgement->worst(history);
    return worst == nullptr ? Problem() : checking::sentence(history, *worst);
}

/// The clients stop, and a while later all nodes hold the same.
sim::World quiet(const sim::World& world)
{
    auto copy = world;
    EXPECT_TRUE(copy.apply(sim::StopLoad{}, "load stop", nullptr));
    copy.advanceTo(copy.instant() + 3s, nullptr);
    return copy;
}

Problem haveOneLog(const sim::World& before, const test::History&)
{
    const auto world = quiet(before);
    const auto sights = world.sights();
    const auto& monitor = node::machineOf<Replication>(*sights.back().node);
    const auto& first = node::machineOf<Replication>(*sights.front().node);
    if (monitor.view().members.size() + 1 != sights.size()) {
        return "not all nodes have come back into the view";
    }
    for (const auto& sight : sights.first(sights.size() - 1)) {
        const auto& machine = node::machineOf<Replication>(*sight.node);
        if (machine.last() != first.last() || machine.applied() != first.last()
            || !(machine.store().entries() == first.store().entries())) {
            return fmt::format("n{} and n{} do not hold the same: writes up to {} and {}, applied "
                               "up to {} and {}",
                               sights.front().id.value, sight.id.value, first.last(),
                               machine.last(), first.applied(), machine.applied());
        }
    }
    return std::nullopt;
}

Problem haveTheSameVersions(const sim::World& before, const test::History&)
{
    const auto world = quiet(before);
    std::map<std::string, std::pair<NodeId, Siblings>> known;
    for (const auto& sight : world.sights()) {
        const auto& machine = node::machineOf<Replication>(*sight.node);
        if (!machine.hints().empty()) {
            return fmt::format("n{} still holds hints", sight.id.value);
        }
        for (const auto& [key, siblings] : machine.versions()) {
            if (!machine.ring().keeps(sight.id, machine.ring().rangeOf(key))) {
                continue;
            }
            const auto [place, isNew] = known.emplace(key, std::pair(sight.id, siblings));
            if (!isNew && !(place->second.second == siblings)) {
                return fmt::format("n{} and n{} hold other versions of {}",
                                   place->second.first.value, sight.id.value, key);
            }
        }
    }
    for (const auto& sight : world.sights()) {
        const auto& machine = node::machineOf<Replication>(*sight.node);
        for (const auto& [key, held] : known) {
            if (machine.ring().keeps(sight.id, machine.ring().rangeOf(key))
                && !machine.versions().contains(key)) {
                return fmt::format("n{} has no version of {}", sight.id.value, key);
            }
        }
    }
    return std::nullopt;
}

Problem linearizableAndAlike(const sim::World& world, const test::History& history)
{
    if (auto problem = isLinearizable(world, history)) {
        return problem;
    }
    return haveOneLog(world, history);
}

SeedPlan planOf(const Parameters& parameters)
{
    SeedPlan plan;
    plan.protocol = &replicationProtocol();
    plan.setup = setupOf(parameters);
    plan.settings.clients = 3;
    plan.settings.clientTimeout = 200ms;
    plan.settings.clientPatience = 1500ms;
    plan.request = parameters.strategy == Strategy::Quorum ? anyReadOrWrite : anyCommand;
    plan.interval = 40ms;
    plan.chaosLasts = 3s;
    plan.calm = 4s;
    // Leases bear clocks that drift within their bound, from 0.8 to 1.2 here; not ones that jump.
    plan.chaos.mostSkew = parameters.strategy == Strategy::Quorum ? plan.chaos.mostSkew : 0s;
    return plan;
}

const Parameters& parametersOf(const SeedPlan& plan)
{
    return *static_cast<const Parameters*>(plan.setup->typed.get());
}

/// Other parameters with each seed: batches, windows and snapshots small enough to matter.
void varyLog(SeedPlan& plan, Dice& dice)
{
    auto parameters = parametersOf(plan);
    parameters.leaseDriftBound = 1.5;
    parameters.window = 1 + static_cast<std::uint32_t>(dice.below(12));
    parameters.maxBatch = 1 + static_cast<std::uint32_t>(dice.below(8));
    parameters.snapshotThreshold =
        dice.chance(0.5) ? 1 + static_cast<std::uint32_t>(dice.below(30)) : 0;
    parameters.snapshotChunk = 8 + static_cast<std::uint32_t>(dice.below(300));
    parameters.k = 1 + static_cast<std::uint32_t>(dice.below(parameters.nodes));
    plan.setup = setupOf(parameters);
}

void varyReads(SeedPlan& plan, Dice& dice)
{
    varyLog(plan, dice);
    auto parameters = parametersOf(plan);
    parameters.guarantees = *describe::enumeratorAt<Guarantees>(dice.below(4));
    parameters.maxStaleness = dice.chance(0.5) ? Duration{} : Duration(dice.below(300) * 1'000'000);
    plan.setup = setupOf(parameters);
}

const Replication& anyMachine(const sim::World& world, Dice& dice)
{
    const auto sights = world.sights();
    return node::machineOf<Replication>(*sights[dice.below(sights.size() - 1)].node);
}

sim::Request from(const sim::World& world, Dice& dice, Request request)
{
    sim::Request ask;
    const auto clients = world.clients();
    ask.client = clients[dice.below(clients.size())];
    ask.body = node::makePayload<Request>(std::move(request));
    return ask;
}

/// A session that has seen what some node holds.
std::optional<sim::Action> anySession(const sim::World& world, Dice& dice)
{
    const auto& machine = anyMachine(world, dice);
    const Token token{machine.epochAt(machine.commit()), machine.commit()};
    const std::string key(1, static_cast<char>('a' + dice.below(4)));
    return from(world, dice, GetAfter{key, dice.chance(0.7) ? token : Token{}, token});
}

/// A client that has read what some node holds, and replaces it.
std::optional<sim::Action> anyReplacement(const sim::World& world, Dice& dice)
{
    const auto& machine = anyMachine(world, dice);
    const std::string key(1, static_cast<char>('a' + dice.below(4)));
    const auto held = machine.versions().find(key);
    const auto context = held == machine.versions().end() ? Clock{} : contextOf(held->second);
    return dice.chance(0.8) ? from(world, dice, PutOver{key, "over", context})
                            : from(world, dice, DeleteOver{key, context});
}

SeedPlan logPlan(const Parameters& parameters)
{
    auto plan = planOf(parameters);
    plan.vary = varyLog;
    return plan;
}

TEST(ReplicationSeeds, SynchronousBackups)
{
    auto plan = logPlan(primaryBackup(Acknowledge::Sync, 3));
    plan.judge = linearizableAndAlike;
    test::runSeeds(plan, 200);
}

TEST(ReplicationSeeds, SemiSynchronousBackups)
{
    auto plan = logPlan(primaryBackup(Acknowledge::SemiSync, 4));
    plan.judge = haveOneLog;
    test::runSeeds(plan, 150, 10'001);
}

TEST(ReplicationSeeds, AsynchronousBackups)
{
    auto plan = logPlan(primaryBackup(Acknowledge::Async, 3));
    plan.judge = haveOneLog;
    test::runSeeds(plan, 200, 20'001);
}

TEST(ReplicationSeeds, BackupsAnswerReads)
{
    auto parameters = primaryBackup(Acknowledge::Async, 3);
    parameters.reads = Reads::Any;
    auto plan = planOf(parameters);
    plan.vary = varyReads;
    plan.judge = haveOneLog;
    plan.extraAct = anySession;
    plan.extraGap = 60ms;
    test::runSeeds(plan, 150, 30'001);
}

TEST(ReplicationSeeds, AChain)
{
    auto plan = logPlan(chainOf(4));
    plan.judge = linearizableAndAlike;
    test::runSeeds(plan, 200, 40'001);
}

TEST(ReplicationSeeds, AChainWhereAnyLinkAnswersReads)
{
    auto parameters = chainOf(3);
    parameters.reads = Reads::Any;
    auto plan = logPlan(parameters);
    plan.judge = linearizableAndAlike;
    test::runSeeds(plan, 150, 50'001);
}

/// Any N, R and W that meet.
void varyQuorum(SeedPlan& plan, Dice& dice)
{
    auto parameters = parametersOf(plan);
    parameters.n = 2 + static_cast<std::uint32_t>(dice.below(4));
    parameters.w = 1 + static_cast<std::uint32_t>(dice.below(parameters.n));
    parameters.r = parameters.n + 1 - parameters.w;
    parameters.versions = dice.chance(0.5) ? Versioning::VectorClock : Versioning::LastWriterWins;
    parameters.readRepair = dice.chance(0.7);
    parameters.merkleDepth = static_cast<std::uint32_t>(dice.below(5));
    plan.setup = setupOf(parameters);
}

SeedPlan quorumPlan(bool sloppy)
{
    auto parameters = quorumOf(5);
    parameters.sloppy = sloppy;
    parameters.antiEntropy = 60ms;
    auto plan = planOf(parameters);
    plan.vary = varyQuorum;
    plan.judge = haveTheSameVersions;
    plan.extraAct = anyReplacement;
    plan.extraGap = 80ms;
    return plan;
}

TEST(ReplicationSeeds, QuorumsThatMeet)
{
    test::runSeeds(quorumPlan(false), 200, 60'001);
}

TEST(ReplicationSeeds, SloppyQuorums)
{
    test::runSeeds(quorumPlan(true), 150, 70'001);
}

} // namespace
} // namespace lightcone::protocols::replication
