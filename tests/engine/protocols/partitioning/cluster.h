#pragma once

#include "engine/protocols/partitioning/partitioning.h"
#include "tests/support/driven_node.h"
#include "tests/support/simulated_cluster.h"

#include <string>
#include <utility>

namespace lightcone::protocols::partitioning {

// Where the parts of a cluster with two routers stand: its map service and its first stores.
constexpr std::uint32_t mapService = 3;
constexpr std::uint32_t first = 4;
constexpr std::uint32_t second = 5;

inline const node::Protocol& partitioningProtocol()
{
    return *node::findProtocol("partitioning");
}

inline node::SetupPtr setupOf(const Parameters& parameters)
{
    return partitioningProtocol().setup(describe::toValue(parameters)).value();
}

inline Parameters with(Strategy strategy)
{
    Parameters parameters;
    parameters.strategy = strategy;
    return parameters;
}

/// Two ranges, the first s1's, the second s2's.
inline Parameters twoRanges()
{
    auto parameters = with(Strategy::Range);
    parameters.bounds = "m";
    return parameters;
}

/// A simulated cluster, every invariant asked after every step.
class Cluster final : public test::SimulatedCluster<Partitioning>
{
public:
    explicit Cluster(const Parameters& parameters, const sim::Settings& settings = steady())
        : SimulatedCluster(partitioningProtocol(), setupOf(parameters), settings)
        , m_parameters(parameters)
    {
    }

    [[nodiscard]] const Partitioning& router(std::uint32_t number = 1) const { return at(number); }
    [[nodiscard]] std::uint32_t mapNumber() const { return mapId(m_parameters).value; }
    [[nodiscard]] std::uint32_t storeNumber(std::uint32_t store) const
    {
        return storeId(m_parameters, store).value;
    }
    [[nodiscard]] NodeId storeNode(std::uint32_t store) const
    {
        return storeId(m_parameters, store);
    }
    [[nodiscard]] const Partitioning& map() const { return at(mapNumber()); }
    [[nodiscard]] const Partitioning& store(std::uint32_t number) const
    {
        return at(storeNumber(number));
    }

    void startStore(std::uint32_t number) { act(sim::StartNode{storeNode(number)}); }

    /// Nothing moves, is split or merged, or is about to.
    [[nodiscard]] bool settled() const
    {
        const auto& directory = map().directory();
        return directory.changes.empty() && directory.wishes.empty() && directory.joins.empty();
    }
    bool settle(Duration within = std::chrono::seconds(5))
    {
        return until([&] { return settled(); }, within);
    }

    /// Whoever owns the shard by the map.
    [[nodiscard]] NodeId ownerOf(ShardId shard) const
    {
        const auto* place = map().directory().place(shard);
        return place == nullptr ? NodeId{} : place->owner;
    }

    /// Asks and waits for the answer; whether it was done.
    bool done(Request request, std::uint32_t client = 1)
    {
        ask(std::move(request), 0, client);
        return answered(client).answer == node::Answer::Done;
    }

    /// "none" where there is none.
    std::string valueOf(const std::string& key, std::uint32_t client = 1)
    {
        ask(kv::Get{key}, 0, client);
        const auto result = answeredWith<kv::Result>(client);
        return result ? result->value.value_or("none") : "no answer";
    }

    void put(const std::string& key, const std::string& value, std::uint32_t client = 1)
    {
        if (!done(kv::Put{key, value}, client)) {
            throw std::runtime_error("put " + key + " was not done: " + problem());
        }
    }

    /// Why the newest request of a client was refused.
    [[nodiscard]] std::string refusal(std::uint32_t client = 1)
    {
        const auto ended = answered(client);
        const auto* body = node::payloadIf<node::Refusal>(ended.body.get());
        return body != nullptr ? body->reason : std::string();
    }

private:
    Parameters m_parameters;
};

/// One node driven by hand: number 1 and 2 are routers, 3 the map service, 4 is s1.
class Process final : public test::DrivenNode<Partitioning>
{
public:
    Process(std::uint32_t number, const Parameters& parameters)
        : DrivenNode(number, parameters)
    {
    }
};

} // namespace lightcone::protocols::partitioning
