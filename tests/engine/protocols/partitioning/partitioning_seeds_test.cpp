#include "engine/check/linearizability.h"
#include "engine/check/trace_history.h"
#include "tests/engine/protocols/partitioning/cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <map>

// Random runs of every strategy under load, faults and an operator; then all is healed, moves must
// come to their ends, and every acknowledged write must be there.
namespace lightcone::protocols::partitioning {
namespace {

using namespace std::chrono_literals;
using test::SeedPlan;

constexpr std::uint32_t keys = 24;

/// Rows a to x, so that ranges have something to divide; columns of all groups.
std::string anyKey(Dice& dice, Strategy strategy)
{
    std::string key(1, static_cast<char>('a' + dice.below(keys)));
    if (strategy == Strategy::Column) {
        static const std::vector<std::string> columns{".name", ".price", ".text", ".stock", ""};
        key += columns[dice.below(columns.size())];
    }
    return key;
}

node::PayloadPtr anyOperation(Dice& dice, std::uint32_t number, Strategy strategy)
{
    const auto key = anyKey(dice, strategy);
    const auto value = std::to_string(number);
    switch (dice.below(10)) {
    case 0:
    case 1:
    case 2:
    case 3:
        return node::makePayload<Request>(kv::Put{key, value});
    case 4:
        return node::makePayload<Request>(kv::Delete{key});
    case 5:
        return node::makePayload<Request>(kv::Cas{key, std::nullopt, value});
    case 6:
        return dice.chance(0.5) ? node::makePayload<Request>(Scan{"c", "t", {}})
                                : node::makePayload<Request>(Project{key.substr(0, 1), {}});
    default:
        return node::makePayload<Request>(kv::Get{key});
    }
}

const Parameters& parametersOf(const sim::World& world)
{
    return *static_cast<const Parameters*>(world.setup()->typed.get());
}

const Partitioning* mapServiceOf(const sim::World& world)
{
    const auto id = mapId(parametersOf(world));
    for (const auto& sight : world.sights()) {
        if (sight.id == id && sight.node != nullptr) {
            return &node::machineOf<Partitioning>(*sight.node);
        }
    }
    return nullptr;
}

/// An operator starts spare nodes and has nodes join and leave, shards moved, split and merged.
std::optional<sim::Action> anyWish(const sim::World& world, Dice& dice, bool loses)
{
    const auto& parameters = parametersOf(world);
    const auto stores = storeIds(parameters);
    const auto store = stores[dice.below(stores.size())];
    if (!world.whyNot(sim::StartNode{store})) {
        return sim::StartNode{store};
    }
    const auto* map = mapServiceOf(world);
    if (map == nullptr) {
        return std::nullopt;
    }
    const auto& places = map->directory().places;
    const auto shard = places.empty() ? ShardId(1) : places[dice.below(places.size())].shard;
    sim::Request ask;
    ask.client = clientId(4);
    switch (dice.below(8)) {
    case 0:
    case 1:
        ask.body = node::makePayload<Request>(Add{store});
        break;
    case 2:
        ask.body = node::makePayload<Request>(Drain{store});
        break;
    case 3:
        ask.body = node::makePayload<Request>(Rebalance{});
        break;
    case 4:
        ask.body = node::makePayload<Request>(Split{shard, std::nullopt});
        break;
    case 5:
        ask.body = node::makePayload<Request>(Merge{shard});
        break;
    default:
        ask.body = loses && dice.chance(0.3) ? node::makePayload<Request>(Lose{store})
                                             : node::makePayload<Request>(Move{shard, store});
        break;
    }
    return ask;
}

/// Nothing moves, is split or merged, or is about to.
bool settled(const sim::World& world)
{
    const auto& directory = mapServiceOf(world)->directory();
    return directory.changes.empty() && directory.wishes.empty() && directory.joins.empty();
}

/// When clients ask no more, every change that was begun comes to its end, and then the map says of
/// every shard what its owner says.
std::optional<std::string> movesEnd(sim::World world)
{
    const auto end = world.instant() + 5s;
    if (const auto done = world.apply(sim::StopLoad{}, "load stop", nullptr); !done) {
        return done.error().message;
    }
    while (!settled(world) && world.nextDue() && *world.nextDue() <= end) {
        world.step(nullptr);
    }
    const auto* map = mapServiceOf(world);
    const auto& directory = map->directory();
    if (!directory.changes.empty() || !directory.wishes.empty() || !directory.joins.empty()) {
        std::string open;
        for (const auto& [number, change] : directory.changes) {
            open += "\n    " + describe::toText(describe::toValue(change));
        }
        return fmt::format("{} changes, {} wishes and {} joins do not come to their end:{}",
                           directory.changes.size(), directory.wishes.size(),
                           directory.joins.size(), open);
    }
    for (const auto& place : directory.places) {
        std::vector<NodeId> owners;
        for (const auto& sight : world.sights()) {
            if (sight.node == nullptr) {
                continue;
            }
            const auto& machine = node::machineOf<Partitioning>(*sight.node);
            const auto member = directory.stores.find(sight.id);
            const bool lost =
                member != directory.stores.end() && member->second.membership == Membership::Lost;
            for (const auto& [id, shard] : machine.holdings().shards) {
                if (!lost && shard.standing == Standing::Owned
                    && shard.span().overlaps(place.span())) {
                    owners.push_back(sight.id);
                    if (sight.id != place.owner || id != place.shard || shard.span() != place.span()
                        || shard.epoch != place.epoch) {
                        return fmt::format("the map has shard {} {} of n{}, which n{} has as {} {}",
                                           place.shard, textOf(place.span()), place.owner.value,
                                           sight.id.value, id, textOf(shard.span()));
                    }
                }
            }
        }
        if (owners.size() != 1) {
            return fmt::format("shard {} has {} owners", place.shard, owners.size());
        }
    }
    return std::nullopt;
}

/// The operation on the key-value store that was asked for; nothing for others.
std::optional<checking::Operation> operationOf(const node::PayloadPtr& request)
{
    checking::Operation operation;
    const auto& asked = node::payloadAs<Request>(*request);
    if (const auto* get = std::get_if<kv::Get>(&asked)) {
        operation.key = get->key;
    } else if (const auto* put = std::get_if<kv::Put>(&asked)) {
        operation.action = checking::Action::Write;
        operation.key = put->key;
        operation.value = checking::datum(put->value);
    } else if (const auto* removal = std::get_if<kv::Delete>(&asked)) {
        operation.action = checking::Action::Delete;
        operation.key = removal->key;
    } else if (const auto* swap = std::get_if<kv::Cas>(&asked)) {
        operation.action = checking::Action::Cas;
        operation.key = swap->key;
        operation.value = checking::datum(swap->desired);
    } else {
        return std::nullopt;
    }
    operation.key = checking::datum(operation.key);
    operation.name = "operation";
    return operation;
}

/// What clients saw of keys, as a history. What begins as something ends overlaps with it.
checking::History historyOf(const test::History& seen)
{
    struct Happening
    {
        Instant at;
        bool ends;
        std::size_t which;
    };
    std::vector<Happening> happenings;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        happenings.push_back({seen[i].begun, false, i});
        happenings.push_back({seen[i].ended.value_or(Instant::max()), true, i});
    }
    std::ranges::stable_sort(happenings, {},
                             [](const Happening& each) { return std::pair(each.at, each.ends); });
    checking::History history;
    std::map<std::size_t, std::size_t> places;
    std::map<NodeId, std::uint64_t> processes;
    std::uint64_t newest = 0;
    for (const auto& happening : happenings) {
        const auto& one = seen[happening.which];
        auto& process = processes[one.id.client];
        if (!happening.ends) {
            if (auto operation = operationOf(one.request)) {
                process = process == 0 ? ++newest : process;
                operation->process = process;
                operation->at = one.begun;
                places[happening.which] = history.invoke(std::move(*operation));
            }
        } else if (places.contains(happening.which)) {
            const auto place = places.at(happening.which);
            if (one.answer == node::Answer::Done && one.ended) {
                checking::endAnswered(history, place, happening.at, one.reply->describe());
            } else {
                history.end(place, checking::Ending::Unknown, happening.at);
                process = 0;
            }
        }
    }
    return history;
}

std::optional<std::string> linearizable(const test::History& seen)
{
    const auto history = historyOf(seen);
    checking::Patience patience;
    patience.steps = 3'000'000;
    const auto judgement = checking::judge(history, checking::Model::Kv, patience);
    if (!judgement) {
        return judgement.error().text();
    }
    const auto* worst = judgement->worst(history);
    return worst == nullptr
        ? std::nullopt
        : std::optional("linearizability: " + checking::sentence(history, *worst));
}

SeedPlan planOf(const Parameters& parameters, bool loses = false)
{
    SeedPlan plan;
    plan.protocol = &partitioningProtocol();
    plan.setup = setupOf(parameters);
    plan.settings.clients = 4;
    plan.settings.clientPatience = 1500ms;
    plan.request = [strategy = parameters.strategy](Dice& dice, std::uint32_t number) {
        return anyOperation(dice, number, strategy);
    };
    plan.extraAct = [loses](const sim::World& world, Dice& dice) {
        return anyWish(world, dice, loses);
    };
    plan.extraGap = 250ms;
    plan.judge = [loses](const sim::World& world, const test::History& history) {
        const auto open = movesEnd(world);
        return open || loses ? open : linearizable(history);
    };
    plan.vary = [](SeedPlan& each, Dice& dice) {
        auto changed = *static_cast<const Parameters*>(each.setup->typed.get());
        changed.chunk = 1 + static_cast<std::uint32_t>(dice.below(4));
        changed.concurrentMoves = 1 + static_cast<std::uint32_t>(dice.below(4));
        changed.retention = dice.between(Duration(0), Duration(400ms));
        changed.slots = 4 + static_cast<std::uint32_t>(dice.below(12));
        changed.tokens = 1 + static_cast<std::uint32_t>(dice.below(4));
        each.setup = setupOf(changed);
    };
    return plan;
}

TEST(PartitioningSeeds, RangesThatAreSplitAndMerged)
{
    auto parameters = with(Strategy::Range);
    parameters.bounds = "h p";
    auto plan = planOf(parameters);
    plan.vary = [vary = plan.vary](SeedPlan& each, Dice& dice) {
        vary(each, dice);
        auto changed = *static_cast<const Parameters*>(each.setup->typed.get());
        if (dice.chance(0.7)) {
            changed.splitKeys = 4 + static_cast<std::uint32_t>(dice.below(6));
            changed.mergeKeys = static_cast<std::uint32_t>(dice.below(3));
        }
        if (dice.chance(0.3)) {
            changed.splitLoad = 20;
        }
        changed.balance = dice.chance(0.3);
        each.setup = setupOf(changed);
    };
    test::runSeeds(plan, 350);
}

TEST(PartitioningSeeds, HashesModuloTheNumberOfNodes)
{
    test::runSeeds(planOf(with(Strategy::Modulo)), 150, 10'001);
}

TEST(PartitioningSeeds, ConsistentHashing)
{
    test::runSeeds(planOf(with(Strategy::Consistent)), 200, 20'001);
}

TEST(PartitioningSeeds, RendezvousHashing)
{
    test::runSeeds(planOf(with(Strategy::Rendezvous)), 150, 30'001);
}

TEST(PartitioningSeeds, GroupsOfColumns)
{
    test::runSeeds(planOf(with(Strategy::Column)), 150, 40'001);
}

// A lease bears clocks that drift within its bound, from 0.8 to 1.2 here; not ones that jump. What
// a lost node had is void, so that the whole need not be linearizable.
TEST(PartitioningSeeds, NodesThatAreLost)
{
    auto parameters = with(Strategy::Consistent);
    parameters.lease = 300ms;
    parameters.leaseDriftBound = 1.5;
    auto plan = planOf(parameters, true);
    plan.chaos.mostSkew = Duration(0);
    plan.vary = [vary = plan.vary](SeedPlan& each, Dice& dice) {
        vary(each, dice);
        auto changed = *static_cast<const Parameters*>(each.setup->typed.get());
        changed.strategy = dice.chance(0.5) ? Strategy::Consistent : Strategy::Range;
        changed.bounds = "h p";
        each.setup = setupOf(changed);
    };
    test::runSeeds(plan, 200, 50'001);
}

} // namespace
} // namespace lightcone::protocols::partitioning
