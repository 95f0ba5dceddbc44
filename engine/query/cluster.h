#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/describe/value.h"
#include "engine/node/invariant.h"
#include "engine/trace/state.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::query {

/// The nodes of a cluster at one moment, as a question sees them. Clients are not among them.
class Cluster
{
public:
    Cluster() = default;
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;
    virtual ~Cluster() = default;

    [[nodiscard]] virtual std::size_t size() const = 0;
    [[nodiscard]] virtual NodeId id(std::size_t index) const = 0;
    [[nodiscard]] virtual trace::Life life(std::size_t index) const = 0;

    /// One field of a node's state; does not exist() where the node never started or has no such
    /// field. Valid until the cluster changes.
    [[nodiscard]] virtual const describe::Value& field(std::size_t index,
                                                       std::string_view name) const = 0;
    [[nodiscard]] virtual Instant now() const = 0;
};

/// The cluster of a recorded or computed state.
class RecordedCluster final : public Cluster
{
public:
    explicit RecordedCluster(const trace::ClusterState& state);

    [[nodiscard]] std::size_t size() const override { return m_nodes.size(); }
    [[nodiscard]] NodeId id(std::size_t index) const override { return m_nodes[index]->id; }
    [[nodiscard]] trace::Life life(std::size_t index) const override
    {
        return m_nodes[index]->life;
    }
    [[nodiscard]] const describe::Value& field(std::size_t index,
                                               std::string_view name) const override;
    [[nodiscard]] Instant now() const override { return m_now; }

private:
    std::vector<const trace::NodeState*> m_nodes;
    Instant m_now;
};

/// The cluster of a run that goes on. Fields are described when they are asked for, and kept until
/// their node makes a step, so that a question after every step costs what changed.
class RunningCluster final : public Cluster
{
public:
    /// The nodes as they are now; only `stepped` changed since the last call (NodeId{}: anything
    /// may have).
    void update(std::span<const node::Sight> sights, std::span<const bool> paused, Instant now,
                NodeId stepped);

    [[nodiscard]] std::size_t size() const override { return m_rows.size(); }
    [[nodiscard]] NodeId id(std::size_t index) const override { return m_rows[index].sight.id; }
    [[nodiscard]] trace::Life life(std::size_t index) const override;
    [[nodiscard]] const describe::Value& field(std::size_t index,
                                               std::string_view name) const override;
    [[nodiscard]] Instant now() const override { return m_now; }

private:
    struct Row
    {
        node::Sight sight;
        bool paused = false;
        mutable std::map<std::string, describe::Value, std::less<>> fields;
    };

    std::vector<Row> m_rows;
    Instant m_now{};
};

} // namespace lightcone::query
