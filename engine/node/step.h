#pragma once

#include "engine/node/hosted.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace lightcone::node {

/// A sentence that says how an invariant was broken; nothing while it holds.
using Verdict = std::optional<std::string>;

/// One T for each node, by its place in the plan.
template <class T>
class PerPlace
{
public:
    T& operator[](std::size_t place)
    {
        if (place >= m_each.size()) {
            m_each.resize(place + 1);
        }
        return m_each[place];
    }

private:
    std::vector<T> m_each;
};

/// What just happened, as an invariant of the protocol P looks at it: who made the step, how all
/// nodes stand after it, and what it did, in P's own types.
template <class P>
class Step
{
public:
    using Durable = typename P::Durable;

    explicit Step(const Observation& observation)
        : m_observation(&observation)
        , m_place(placeOf(observation.node))
        , m_machine(machineAt(m_place))
    {
    }

    /// Whether the node has a state: it has started once.
    [[nodiscard]] bool there() const { return m_machine != nullptr; }
    [[nodiscard]] NodeId node() const { return m_observation->node; }
    [[nodiscard]] std::size_t place() const { return m_place; }
    [[nodiscard]] Instant at() const { return m_observation->at; }
    [[nodiscard]] bool restarted() const { return m_observation->restarted; }
    [[nodiscard]] const P& machine() const { return *m_machine; }
    [[nodiscard]] std::span<const Sight> nodes() const { return m_observation->nodes; }
    [[nodiscard]] const Effects& effects() const { return *m_observation->effects; }

    /// Blank where nothing is known of it.
    [[nodiscard]] const Durable& disk() const
    {
        static const Durable blank{};
        const auto* own = diskAt(m_place);
        return own != nullptr ? *own : blank;
    }

    /// Any node's machine; nullptr where it never started.
    [[nodiscard]] const P* machineOf(NodeId node) const { return machineAt(placeOf(node)); }

    /// nullptr where nothing is known of it.
    [[nodiscard]] const Durable* diskOf(NodeId node) const { return diskAt(placeOf(node)); }

    /// Calls function(to, message) for each message of that kind that the step sent.
    template <class T, class Function>
    void forEachSent(Function function) const
    {
        forEach<Send>([&](const Send& send) {
            if (const auto* held = heldIf<T, typename P::Message>(send.message)) {
                function(send.to, *held);
            }
        });
    }

    /// Calls function(record), or function(record, sync), for each record of that kind that the
    /// step wrote.
    template <class T, class Function>
    void forEachWritten(Function function) const
    {
        forEach<Write>([&](const Write& write) {
            if (const auto* held = heldIf<T, typename P::Write>(write.record)) {
                if constexpr (std::is_invocable_v<Function&, const T&, Sync>) {
                    function(*held, write.sync);
                } else {
                    function(*held);
                }
            }
        });
    }

    /// Calls function(request, body) for each answer of that kind.
    template <class T, class Function>
    void forEachReply(Function function) const
    {
        forEach<Reply>([&](const Reply& reply) {
            if (const auto* held = heldIf<T, typename P::Reply>(reply.body)) {
                function(reply.request, *held);
            }
        });
    }

    /// Calls function(request, answer, body) for each answer; the body is nullptr where it is none
    /// of P's.
    template <class Function>
    void forEachAnswer(Function function) const
    {
        forEach<Reply>([&](const Reply& reply) {
            function(reply.request, reply.answer, payloadIf<typename P::Reply>(reply.body.get()));
        });
    }

private:
    template <class Made, class Function>
    void forEach(Function function) const
    {
        for (const auto& effect : effects()) {
            if (const auto* made = std::get_if<Made>(&effect)) {
                function(*made);
            }
        }
    }

    template <class T, class Whole>
    static const T* heldIf(const PayloadPtr& payload)
    {
        const auto* whole = payloadIf<Whole>(payload.get());
        return whole != nullptr ? std::get_if<T>(whole) : nullptr;
    }

    /// Plans number their nodes from 1 in order; where one does not, it is looked for.
    [[nodiscard]] std::size_t placeOf(NodeId node) const
    {
        const auto all = nodes();
        const std::size_t guess = node.value - 1;
        if (guess < all.size() && all[guess].id == node) {
            return guess;
        }
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](const Sight& sight) { return sight.id == node; });
        return static_cast<std::size_t>(found - all.begin());
    }
    [[nodiscard]] const P* machineAt(std::size_t place) const
    {
        const bool known = place < nodes().size() && nodes()[place].node != nullptr;
        return known ? &node::machineOf<P>(*nodes()[place].node) : nullptr;
    }
    [[nodiscard]] const Durable* diskAt(std::size_t place) const
    {
        const bool known = place < nodes().size() && nodes()[place].disk != nullptr;
        return known ? &node::durableOf<P>(*nodes()[place].disk) : nullptr;
    }

    const Observation* m_observation;
    std::size_t m_place;
    const P* m_machine;
};

} // namespace lightcone::node
