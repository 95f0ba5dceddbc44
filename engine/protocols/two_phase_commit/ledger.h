#pragma once

#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step, and what they remember of a run.
namespace lightcone::protocols::two_phase_commit {

using Verdict = std::optional<std::string>;

/// The node that made a step, as an invariant sees it.
class Step
{
public:
    explicit Step(const node::Observation& observation);

    [[nodiscard]] bool there() const { return m_machine != nullptr; }
    [[nodiscard]] NodeId node() const { return m_observation->node; }
    [[nodiscard]] Instant at() const { return m_observation->at; }
    [[nodiscard]] bool restarted() const { return m_observation->restarted; }
    [[nodiscard]] const TwoPhaseCommit& machine() const { return *m_machine; }

    /// nullptr where nothing is known of a node's disk.
    [[nodiscard]] const Durable* diskOf(NodeId node) const;
    [[nodiscard]] const Durable& disk() const;
    [[nodiscard]] std::string nameOf(NodeId node) const
    {
        return m_machine->placement().nameOf(node);
    }
    [[nodiscard]] std::string name() const { return nameOf(node()); }

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
                write != nullptr ? node::payloadIf<Record>(write->record.get()) : nullptr;
            if (const auto* held = whole != nullptr ? std::get_if<T>(whole) : nullptr) {
                function(*held, write->sync);
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

    /// All that it sent, wrote and answered in the order in which it did: see(message), see(record)
    /// or see(reply).
    template <class See>
    void inOrder(See see) const
    {
        for (const auto& effect : *m_observation->effects) {
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
        forEachWritten<CommitRecord>([&](const CommitRecord& record, node::Sync) {
            function(record.transaction, Outcome::Committed, false);
        });
        forEachWritten<AbortRecord>([&](const AbortRecord& record, node::Sync) {
            function(record.transaction, Outcome::Aborted, false);
        });
        forEachWritten<HeuristicRecord>([&](const HeuristicRecord& record, node::Sync) {
            function(record.transaction, record.outcome, true);
        });
        forEachWritten<DecisionRecord>([&](const DecisionRecord& record, node::Sync) {
            function(record.transaction, record.outcome, false);
        });
    }

private:
    const node::Observation* m_observation;
    const TwoPhaseCommit* m_machine = nullptr;
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
