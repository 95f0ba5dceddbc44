#pragma once

#include "engine/sim/world.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

/// Inside of World: one function an act, to judge it and to do it.
namespace lightcone::sim {

struct World::Checking
{
    const World& world;

    using Reason = std::optional<std::string>;
    Reason operator()(const Request&) const;
    Reason operator()(const Load&) const;
    Reason operator()(const StopLoad&) const { return std::nullopt; }
    Reason operator()(const Crash&) const;
    Reason operator()(const Restart&) const;
    Reason operator()(const StartNode&) const;
    Reason operator()(const Pause&) const;
    Reason operator()(const Resume&) const;
    Reason operator()(const Cut&) const;
    Reason operator()(const Heal&) const;
    Reason operator()(const Partition&) const;
    Reason operator()(const Isolate&) const;
    Reason operator()(const Rejoin&) const;
    Reason operator()(const HealAll&) const { return std::nullopt; }
    Reason operator()(const ChangeNetwork&) const;
    Reason operator()(const ChangeLink&) const;
    Reason operator()(const ResetLink&) const;
    Reason operator()(const ResetNetwork&) const { return std::nullopt; }
    Reason operator()(const AddRule&) const;
    Reason operator()(const RemoveRule&) const;
    Reason operator()(const ClearRules&) const { return std::nullopt; }
    Reason operator()(const SetClock&) const;
    Reason operator()(const SetDisk&) const;
    Reason operator()(const DeliverMessage&) const;
    Reason operator()(const DropMessage&) const;
    Reason operator()(const DuplicateMessage&) const;
    Reason operator()(const DelayMessage&) const;
    Reason operator()(const FireTimer&) const;
    Reason operator()(const FinishSync&) const;
    Reason operator()(const WakeClient&) const;
    Reason operator()(const Arrive&) const;
    Reason operator()(const Remark&) const;

private:
    friend class World;
    [[nodiscard]] Reason member(NodeId) const;
    [[nodiscard]] Reason place(NodeId) const;
    [[nodiscard]] Reason client(NodeId) const;
    [[nodiscard]] Reason body(const node::PayloadPtr&) const;
    [[nodiscard]] Reason life(NodeId, std::initializer_list<trace::Life> allowed,
                              std::string_view otherwise) const;
    [[nodiscard]] Reason ends(NodeId from, NodeId to) const;
    [[nodiscard]] Reason message(EventId name) const;
};

/// The act can be done: Checking has said so.
struct World::Doing
{
    World& world;
    EventId act; ///< the cause of what follows; none for a Remark
    trace::Sink* sink;

    void operator()(const Request&) const;
    void operator()(const Load&) const;
    void operator()(const StopLoad&) const;
    void operator()(const Crash&) const;
    void operator()(const Restart&) const;
    void operator()(const StartNode&) const;
    void operator()(const Pause&) const;
    void operator()(const Resume&) const;
    void operator()(const Cut&) const;
    void operator()(const Heal&) const;
    void operator()(const Partition&) const;
    void operator()(const Isolate&) const;
    void operator()(const Rejoin&) const;
    void operator()(const HealAll&) const;
    void operator()(const ChangeNetwork&) const;
    void operator()(const ChangeLink&) const;
    void operator()(const ResetLink&) const;
    void operator()(const ResetNetwork&) const;
    void operator()(const AddRule&) const;
    void operator()(const RemoveRule&) const;
    void operator()(const ClearRules&) const;
    void operator()(const SetClock&) const;
    void operator()(const SetDisk&) const;
    void operator()(const DeliverMessage&) const;
    void operator()(const DropMessage&) const;
    void operator()(const DuplicateMessage&) const;
    void operator()(const DelayMessage&) const;
    void operator()(const FireTimer&) const;
    void operator()(const FinishSync&) const;
    void operator()(const WakeClient&) const;
    void operator()(const Arrive&) const;
    void operator()(const Remark&) const;

private:
    friend class World;
    void endStreamsOf(const std::vector<std::size_t>& callers) const;
    void setCut(Place a, Place b, bool cut, trace::Direction) const;
    void removeRule(std::size_t index) const;
    void come(When, Instant due) const;
    template <class T>
    void tell(trace::Kind, const T& payload, NodeId node, NodeId peer, std::uint8_t detail) const;
};

} // namespace lightcone::sim
