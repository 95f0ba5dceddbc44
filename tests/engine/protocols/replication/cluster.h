#pragma once

#include "engine/protocols/replication/replication.h"
#include "tests/support/driven_node.h"
#include "tests/support/simulated_cluster.h"

#include <string>
#include <vector>

namespace lightcone::protocols::replication {

inline const node::Protocol& replicationProtocol()
{
    return *node::findProtocol("replication");
}

inline node::SetupPtr setupOf(const Parameters& parameters)
{
    return replicationProtocol().setup(describe::toValue(parameters)).value();
}

inline Parameters primaryBackup(Acknowledge acknowledge = Acknowledge::Sync,
                                std::uint32_t nodes = 3)
{
    Parameters parameters;
    parameters.acknowledge = acknowledge;
    parameters.nodes = nodes;
    return parameters;
}

inline Parameters chainOf(std::uint32_t nodes)
{
    Parameters parameters;
    parameters.strategy = Strategy::Chain;
    parameters.nodes = nodes;
    return parameters;
}

inline Parameters quorumOf(std::uint32_t nodes, std::uint32_t r = 2, std::uint32_t w = 2)
{
    Parameters parameters;
    parameters.strategy = Strategy::Quorum;
    parameters.nodes = nodes;
    parameters.r = r;
    parameters.w = w;
    return parameters;
}

/// A simulated cluster, every invariant asked after every step.
class Cluster final : public test::SimulatedCluster<Replication>
{
public:
    explicit Cluster(const Parameters& parameters, const sim::Settings& settings = steady())
        : SimulatedCluster(replicationProtocol(), setupOf(parameters), settings)
        , m_nodes(parameters.nodes)
    {
    }

    /// The monitor's number.
    [[nodiscard]] std::uint32_t monitor() const { return m_nodes + 1; }
    [[nodiscard]] const Watch& watch() const { return *at(monitor()).watch(); }

    /// The node that serves in that role; 0: none.
    [[nodiscard]] std::uint32_t whoIs(Role role) const
    {
        for (std::uint32_t number = 1; number <= m_nodes; ++number) {
            if (at(number).role() == role) {
                return number;
            }
        }
        return 0;
    }

    bool begin()
    {
        return until([&] {
            return whoIs(Role::Primary) != 0 || whoIs(Role::Replica) != 0
                || (whoIs(Role::Head) != 0 && (m_nodes == 1 || whoIs(Role::Tail) != 0));
        });
    }

    /// All nodes are in the view and serve.
    bool whole()
    {
        return until(
            [&] {
                for (std::uint32_t number = 1; number <= m_nodes; ++number) {
                    if (at(number).view().members.size() != m_nodes) {
                        return false;
                    }
                }
                return true;
            },
            std::chrono::seconds(5));
    }

    /// Puts and waits for the answer.
    bool put(const std::string& key, const std::string& value, std::uint32_t client = 1)
    {
        ask(kv::Put{key, value}, 0, client);
        return answered(client).answer == node::Answer::Done;
    }

    /// What a client reads, from that node where one is given; "none", "no answer".
    std::string get(const std::string& key, std::uint32_t only = 0, std::uint32_t client = 1)
    {
        ask(kv::Get{key}, only, client);
        const auto ended = answered(client);
        const auto* body = node::payloadIf<Reply>(ended.body.get());
        if (ended.answer != node::Answer::Done || body == nullptr) {
            return "no answer";
        }
        if (const auto* result = std::get_if<kv::Result>(body)) {
            return result->value.value_or("none");
        }
        if (const auto* sight = std::get_if<Sight>(body)) {
            return sight->value.value_or("none");
        }
        std::string text;
        for (const auto& value : std::get<Found>(*body).values) {
            text += (text.empty() ? "" : " ") + value;
        }
        return text.empty() ? "none" : text;
    }

    /// What is stored there, whoever may know.
    [[nodiscard]] std::string valueAt(std::uint32_t number, std::string_view key) const
    {
        return at(number).store().get(key).value.value_or("none");
    }

    [[nodiscard]] std::vector<std::string> versionsAt(std::uint32_t number,
                                                      const std::string& key) const
    {
        const auto& versions = at(number).versions();
        const auto found = versions.find(key);
        return found == versions.end() ? std::vector<std::string>() : valuesOf(found->second);
    }

private:
    std::uint32_t m_nodes;
};

/// One node driven by hand; its lease is granted by the monitor of three nodes.
class Process final : public test::DrivenNode<Replication>
{
public:
    explicit Process(std::uint32_t number = 1, const Parameters& parameters = primaryBackup())
        : DrivenNode(number, parameters)
        , m_monitor(parameters.nodes + 1)
    {
    }

    void lease(const View& view) { receive(m_monitor, Lease{view, m_at}); }
    void pass(Duration duration)
    {
        wait(duration);
        m_at += duration;
    }

private:
    std::uint32_t m_monitor;
    Instant m_at{};
};

inline View viewOf(Epoch epoch, const std::vector<std::uint32_t>& numbers)
{
    View view{epoch, {}};
    for (const auto number : numbers) {
        view.members.emplace_back(number);
    }
    return view;
}

inline const View all = viewOf(1, {1, 2, 3});

inline Ship shipOf(const View& view, Log entries, Index after = 0, Epoch afterEpoch = 0)
{
    Ship ship;
    ship.view = view;
    ship.after = after;
    ship.afterEpoch = afterEpoch;
    ship.last = after + entries.size();
    ship.entries = std::move(entries);
    return ship;
}

inline Entry putOf(Epoch epoch, const std::string& value, std::uint32_t sequence = 1,
                   const std::string& key = "x")
{
    return {epoch, Instant{}, {clientId(9), sequence}, kv::Put{key, value}};
}

} // namespace lightcone::protocols::replication
