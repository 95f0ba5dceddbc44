#pragma once

#include "engine/node/card.h"
#include "engine/node/node.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace lightcone::node {

/// One node as an invariant sees it after a step.
struct Sight
{
    NodeId id;
    bool up = false; ///< started and not crashed; a paused node is up
    const Node* node =
        nullptr; ///< its state, of a crashed node the last one; nullptr if it never started
    const Disk* disk = nullptr; ///< what is durable
};

/// What just happened: which node made a step, because of what, and what it did.
struct Observation
{
    EventId event; ///< the step's event
    Instant at{};
    NodeId node{}; ///< who made the step
    bool restarted =
        false; ///< the step was a start, after which state may have gone back to what is durable
    const Effects* effects = nullptr; ///< what the step did
    std::span<const Sight> nodes{}; ///< all members, in the plan's order
};

/// Something that always holds. It is shown every step in order and may remember, so that it can
/// judge transitions as well as states; a copy goes on on its own.
class Invariant
{
public:
    Invariant() = default;
    virtual ~Invariant() = default;
    [[nodiscard]] virtual const InvariantCard& card() const = 0;
    [[nodiscard]] virtual std::unique_ptr<Invariant> clone() const = 0;

    /// A sentence that says how it was broken, naming nodes and values; nothing while it holds.
    [[nodiscard]] virtual std::optional<std::string> observe(const Observation&) = 0;

    Invariant& operator=(const Invariant&) = delete;
    Invariant& operator=(Invariant&&) = delete;

protected:
    Invariant(const Invariant&) = default;
    Invariant(Invariant&&) = default;
};

} // namespace lightcone::node
