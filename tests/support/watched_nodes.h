#pragma once

#include "engine/core/dice.h"
#include "engine/describe/described.h"
#include "engine/node/hosted.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lightcone::test {

/// The nodes of a plan driven by hand, looked at by one invariant after each step: an invariant is
/// shown nodes that break it, which are told what no node would say, or are said to have done what
/// none does. Their disks are quick: what a step writes is on them when the step is over.
class WatchedNodes
{
public:
    WatchedNodes(const node::Protocol& protocol, const node::SetupPtr& setup,
                 std::string_view invariant);

    /// Somebody else looks from now on.
    void lookAnew(std::string_view invariant);

    /// First boot, and after that a crash and a restart.
    void start(std::uint32_t number);
    void wait(Duration duration) { m_now += duration; }

    /// A step that changes nothing, and is said to have done that.
    void claim(std::uint32_t number, node::Effects effects);

    /// The node has that state from now on.
    void become(std::uint32_t number, const describe::Value& state);

    /// The disk of a node loses everything.
    void wipe(std::uint32_t number);

    /// What is written from now on does not reach a disk.
    void detachDisks(bool detached) { m_detached = detached; }

    /// What the invariant said first, or empty.
    [[nodiscard]] const std::string& problem() const { return m_problem; }

protected:
    using Deed = std::function<void(node::Node&, const node::Moment&, node::Effects&)>;

    void step(std::uint32_t number, const Deed& deed);
    [[nodiscard]] node::Node& node(std::uint32_t number) const { return *m_nodes[number - 1]; }
    [[nodiscard]] node::Disk& disk(std::uint32_t number) const { return *m_disks[number - 1]; }
    [[nodiscard]] std::size_t size() const { return m_nodes.size(); }
    [[nodiscard]] Instant now() const { return m_now; }
    RequestId nextRequest(std::uint32_t client) { return {clientId(client), ++m_sequence}; }

private:
    const node::Protocol& m_protocol;
    node::SetupPtr m_setup;
    std::vector<std::unique_ptr<node::Node>> m_nodes;
    std::vector<std::unique_ptr<node::Disk>> m_disks;
    std::unique_ptr<node::Invariant> m_invariant;
    std::string m_problem;
    Dice m_dice{1};
    Instant m_now{};
    std::uint64_t m_events = 0;
    std::uint32_t m_sequence = 0;
    bool m_restarted = false;
    bool m_detached = false;
};

/// The same in a protocol's own types.
template <class P>
class Watched : public WatchedNodes
{
public:
    using Message = typename P::Message;
    using Request = typename P::Request;
    using Reply = typename P::Reply;
    using Write = typename P::Write;
    using Timer = typename P::Timer;
    using WatchedNodes::WatchedNodes;

    [[nodiscard]] const P& at(std::uint32_t number) const
    {
        return node::machineOf<P>(node(number));
    }

    void receive(std::uint32_t number, std::uint32_t from, Message message)
    {
        const auto payload = node::makePayload<Message>(std::move(message));
        step(number, [&](auto& node, const auto& moment, auto& effects) {
            node.onMessage(moment, NodeId(from), *payload, effects);
        });
    }
    RequestId ask(std::uint32_t number, Request request, std::uint32_t client = 1)
    {
        const auto id = nextRequest(client);
        const auto payload = node::makePayload<Request>(std::move(request));
        step(number, [&](auto& node, const auto& moment, auto& effects) {
            node.onRequest(moment, id, *payload, effects);
        });
        return id;
    }
    void fire(std::uint32_t number, Timer timer, std::uint64_t about = 0)
    {
        const auto kind = static_cast<std::uint16_t>(describe::indexOf(timer));
        step(number, [&](auto& node, const auto& moment, auto& effects) {
            node.onTimer(moment, {kind, about}, effects);
        });
    }

    void claimSent(std::uint32_t number, std::uint32_t to, Message message)
    {
        claim(number, {node::Send{NodeId(to), node::makePayload<Message>(std::move(message))}});
    }
    void claimWritten(std::uint32_t number, Write record)
    {
        claim(number, {node::Write{node::makePayload<Write>(std::move(record))}});
    }
    void claimDone(std::uint32_t number, RequestId request, Reply reply)
    {
        claim(
            number,
            {node::Reply{request, node::Answer::Done, node::makePayload<Reply>(std::move(reply))}});
    }
};

} // namespace lightcone::test
