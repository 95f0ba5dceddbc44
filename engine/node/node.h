#pragma once

#include "engine/core/ids.h"
#include "engine/describe/value.h"
#include "engine/node/effects.h"

#include <memory>
#include <string_view>

namespace lightcone::node {

/// What a node's disk holds: the fold of its protocol's writes. A driver keeps one that is as far
/// as the disk really is.
class Disk
{
public:
    Disk() = default;
    virtual ~Disk() = default;
    [[nodiscard]] virtual std::unique_ptr<Disk> clone() const = 0;
    virtual void apply(const Payload& write) = 0;
    [[nodiscard]] virtual describe::Value describe() const = 0;
    virtual void encode(Bytes& out) const = 0;
    [[nodiscard]] virtual const void* typeKey() const = 0;

    Disk& operator=(const Disk&) = delete;
    Disk& operator=(Disk&&) = delete;

protected:
    Disk(const Disk&) = default;
    Disk(Disk&&) = default;
};

/// A protocol's state machine on one node, as a driver (the simulator, the live host) sees it. It
/// has no thread, socket, clock, file or global: the same state, moment and stimulus give the same
/// state and the same effects.
class Node
{
public:
    Node() = default;
    virtual ~Node() = default;
    [[nodiscard]] virtual std::unique_ptr<Node> clone() const = 0;

    /// First boot, or after a crash: the disk is what survived.
    virtual void onStart(const Moment&, const Disk&, Effects&) = 0;
    virtual void onMessage(const Moment&, NodeId from, const Payload& message, Effects&) = 0;
    virtual void onTimer(const Moment&, TimerId, Effects&) = 0;
    virtual void onRequest(const Moment&, RequestId, const Payload& request, Effects&) = 0;

    /// The whole state. The shape is the card's.
    [[nodiscard]] virtual describe::Value describe() const = 0;

    /// One field of it, without describing the rest; does not exist() where there is none.
    [[nodiscard]] virtual describe::Value field(std::string_view name) const = 0;
    virtual void encode(Bytes& out) const = 0;
    [[nodiscard]] virtual const void* typeKey() const = 0;

    Node& operator=(const Node&) = delete;
    Node& operator=(Node&&) = delete;

protected:
    Node(const Node&) = default;
    Node(Node&&) = default;
};

} // namespace lightcone::node
