#pragma once

#include "engine/protocols/partitioning/partitioning.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step.
namespace lightcone::protocols::partitioning {

using Verdict = std::optional<std::string>;

/// The node that made a step, as an invariant sees it.
class Step
{
public:
    explicit Step(const node::Observation& observation);

    [[nodiscard]] bool there() const { return m_machine != nullptr; }
    [[nodiscard]] NodeId node() const { return m_observation->node; }
    [[nodiscard]] bool restarted() const { return m_observation->restarted; }
    [[nodiscard]] const Partitioning& machine() const { return *m_machine; }
    [[nodiscard]] const Durable& disk() const { return *m_disk; }

    template <class T, class Function>
    void forEachSent(Function function) const
    {
        for (const auto& effect : *m_observation->effects) {
            const auto* send = std::get_if<node::Send>(&effect);
            const auto* whole =
                send != nullptr ? node::payloadIf<Message>(send->message.get()) : nullptr;
            if (const auto* held = whole != nullptr ? std::get_if<T>(whole) : nullptr) {
                function(send->to, *held);
            }
        }
    }
    template <class T, class Function>
    void forEachWritten(Function function) const
    {
        for (const auto& effect : *m_observation->effects) {
            const auto* write = std::get_if<node::Write>(&effect);
            const auto* whole =
                write != nullptr ? node::payloadIf<Write>(write->record.get()) : nullptr;
            if (const auto* held = whole != nullptr ? std::get_if<T>(whole) : nullptr) {
                function(*held);
            }
        }
    }
    template <class T, class Function>
    void forEachReply(Function function) const
    {
        for (const auto& effect : *m_observation->effects) {
            const auto* reply = std::get_if<node::Reply>(&effect);
            const auto* body =
                reply != nullptr ? node::payloadIf<Reply>(reply->body.get()) : nullptr;
            if (const auto* held = body != nullptr ? std::get_if<T>(body) : nullptr) {
                function(reply->request, *held);
            }
        }
    }

    /// "s1", for sentences.
    [[nodiscard]] std::string name(NodeId node) const;
    [[nodiscard]] std::string name() const { return name(node()); }

private:
    const node::Observation* m_observation;
    const Partitioning* m_machine = nullptr;
    const Durable* m_disk = nullptr;
};

/// The key's value after each write to it, in the order in which owners executed them.
class KeyHistory
{
public:
    using Value = std::optional<std::string>;

    /// Its number, from 1.
    std::uint64_t add(Value value);
    void acknowledge(std::uint64_t number) { m_acknowledged = std::max(m_acknowledged, number); }
    [[nodiscard]] std::uint64_t acknowledged() const { return m_acknowledged; }

    /// Whether a read may give this value that must see write `since` or a later one; 0: none.
    [[nodiscard]] bool allows(const Value& value, std::uint64_t since) const;

    /// What the key holds for sure, for sentences.
    [[nodiscard]] std::string expected(std::uint64_t since) const;

    /// All before is void: a node was lost, and this is what there is.
    void beginAgain(Value value);

private:
    std::vector<Value> m_values;
    std::uint64_t m_forgotten = 0; ///< so many of the first
    std::uint64_t m_acknowledged = 0;
};

// ledger.h's users: the invariants of ownership and the map, and those of what clients see.
void addOwnershipInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addDataInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);

template <class Checker>
void addInvariant(std::vector<std::unique_ptr<node::Invariant>>& list, std::string name,
                  std::string text, std::string source)
{
    node::InvariantCard card{std::move(name), std::move(text), std::move(source)};
    list.push_back(std::make_unique<node::HostedInvariant<Checker>>(std::move(card), Checker()));
}

} // namespace lightcone::protocols::partitioning
