#pragma once

#include "engine/node/from_the_beginning.h"
#include "engine/node/step.h"
#include "engine/protocols/partitioning/partitioning.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step.
namespace lightcone::protocols::partitioning {

using node::Verdict;

class Step : public node::Step<Partitioning>
{
public:
    using node::Step<Partitioning>::Step;

    /// "s1", for sentences.
    [[nodiscard]] std::string name(NodeId node) const;
    [[nodiscard]] std::string name() const { return name(node()); }
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
    using Judge = node::FromTheBeginning<Partitioning, Checker>;
    list.push_back(
        std::make_unique<node::HostedInvariant<Judge>>(std::move(card), Judge(Checker())));
}

} // namespace lightcone::protocols::partitioning
