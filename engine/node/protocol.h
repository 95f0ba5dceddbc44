#pragma once

#include "engine/core/error.h"
#include "engine/node/card.h"
#include "engine/node/invariant.h"
#include "engine/node/node.h"

#include <memory>
#include <vector>

namespace lightcone::node {

/// A cluster as it was asked for: what every node of it knows from the start.
struct Setup
{
    std::vector<Member> members;
    describe::Value parameters; ///< a record, complete
    std::shared_ptr<const void> typed; ///< the protocol's own Parameters

    [[nodiscard]] const Member* member(NodeId id) const
    {
        for (const auto& each : members) {
            if (each.id == id) {
                return &each;
            }
        }
        return nullptr;
    }
};

using SetupPtr = std::shared_ptr<const Setup>;

enum class PayloadRole : std::uint8_t { Message, Request, Reply, Write };

/// A protocol as the rest of the house sees it. Made by hosting a class with node::Hosted; there is
/// one object per protocol, without state.
class Protocol
{
public:
    Protocol() = default;
    Protocol(const Protocol&) = delete;
    Protocol& operator=(const Protocol&) = delete;
    virtual ~Protocol() = default;

    [[nodiscard]] virtual const Card& card() const = 0;

    /// Checks a complete record of parameters and names the members. An error says which parameter
    /// and what was expected.
    [[nodiscard]] virtual Result<SetupPtr> setup(const describe::Value& parameters) const = 0;

    [[nodiscard]] virtual std::unique_ptr<Node> makeNode(NodeId self, const SetupPtr&) const = 0;
    [[nodiscard]] virtual std::unique_ptr<Disk> makeDisk() const = 0;
    [[nodiscard]] virtual std::vector<std::unique_ptr<Invariant>>
    invariants(const SetupPtr&) const = 0;

    /// A node that goes on from a described state (a live node's, say).
    [[nodiscard]] virtual Result<std::unique_ptr<Node>>
    restoreNode(NodeId self, const SetupPtr&, const describe::Value& state) const = 0;
    [[nodiscard]] virtual Result<std::unique_ptr<Disk>>
    restoreDisk(const describe::Value&) const = 0;

    /// The disk of bytes that this same build's Disk::encode() wrote.
    [[nodiscard]] virtual Result<std::unique_ptr<Disk>> disk(BytesView) const = 0;

    /// The typed payload of a described one (a person's request, a file's message).
    [[nodiscard]] virtual Result<PayloadPtr> payload(PayloadRole, const describe::Value&) const = 0;

    /// The typed payload of bytes that this same build of the protocol wrote; bytes of others come
    /// as values.
    [[nodiscard]] virtual Result<PayloadPtr> payload(PayloadRole, BytesView) const = 0;

    /// What a client keeps for its next requests, its session, after one more answer. Nothing as
    /// long as there is nothing to keep.
    [[nodiscard]] virtual PayloadPtr remember(PayloadPtr session, const Payload& /*request*/,
                                              const Payload& /*reply*/) const
    {
        return session;
    }

    /// The request as a client with that session asks it.
    [[nodiscard]] virtual PayloadPtr recall(const PayloadPtr& /*session*/, PayloadPtr request) const
    {
        return request;
    }
};

} // namespace lightcone::node
