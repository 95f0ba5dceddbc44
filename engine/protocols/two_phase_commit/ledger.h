#pragma once

#include "engine/node/step.h"
#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step, and what they remember of a run.
namespace lightcone::protocols::two_phase_commit {

using node::Verdict;

class Step : public node::Step<TwoPhaseCommit>
{
public:
    using node::Step<TwoPhaseCommit>::Step;

    [[nodiscard]] std::string nameOf(NodeId node) const
    {
        return machine().placement().nameOf(node);
    }
    [[nodiscard]] std::string name() const { return nameOf(node()); }

    /// All that it sent, wrote and answered in the order in which it did: see(message), see(record)
    /// or see(reply).
    template <class See>
    void inOrder(See see) const
    {
        for (const auto& effect : effects()) {
            if (const auto* send = std::get_if<node::Send>(&effect)) {
                see(node::payloadAs<Message>(*send->message));
            } else if (const auto* write = std::get_if<node::Write>(&effect)) {
                see(node::payloadAs<Record>(*write->record));
            } else if (const auto* reply = std::get_if<node::Reply>(&effect)) {
                const auto* body = node::payloadIf<Reply>(reply->body.get());
                if (body != nullptr) {
                    see(*body);
                }
            }
        }
    }

    /// Calls function(transaction, outcome, isOperators) for each decision that the step wrote.
    template <class Function>
    void forEachDecision(Function function) const
    {
        forEachWritten<CommitRecord>([&](const CommitRecord& record) {
            function(record.transaction, Outcome::Committed, false);
        });
        forEachWritten<AbortRecord>([&](const AbortRecord& record) {
            function(record.transaction, Outcome::Aborted, false);
        });
        forEachWritten<HeuristicRecord>([&](const HeuristicRecord& record) {
            function(record.transaction, record.outcome, true);
        });
        forEachWritten<DecisionRecord>([&](const DecisionRecord& record) {
            function(record.transaction, record.outcome, false);
        });
    }
};

/// Something for each of the newest transactions; older ones are forgotten, so that an invariant
/// costs and keeps the same late in a run as early.
template <class T>
class Recent
{
public:
    static constexpr std::size_t most = 512;

    T& operator[](TransactionId id)
    {
        auto& value = m_each[id];
        if (m_each.size() > most) {
            const auto oldest = m_each.begin();
            if (oldest->first != id) {
                m_each.erase(oldest);
            }
        }
        return value;
    }
    [[nodiscard]] T* find(TransactionId id)
    {
        const auto found = m_each.find(id);
        return found != m_each.end() ? &found->second : nullptr;
    }
    void erase(TransactionId id) { m_each.erase(id); }
    [[nodiscard]] auto begin() { return m_each.begin(); }
    [[nodiscard]] auto end() { return m_each.end(); }

private:
    PerTransaction<T> m_each;
};

// ledger.h's users: the invariants of atomic commitment, of what is durable, and of isolation.
void addCommitmentInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addDurabilityInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addIsolationInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);

template <class Checker>
void addInvariant(std::vector<std::unique_ptr<node::Invariant>>& list, std::string name,
                  std::string text, std::string source)
{
    node::InvariantCard card{std::move(name), std::move(text), std::move(source)};
    list.push_back(std::make_unique<node::HostedInvariant<Checker>>(std::move(card), Checker()));
}

} // namespace lightcone::protocols::two_phase_commit
