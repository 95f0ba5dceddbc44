#pragma once

#include "engine/protocols/replication/replication.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step, and what they remember of a run.
namespace lightcone::protocols::replication {

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

/// The node that made a step, as an invariant sees it.
class Step
{
public:
    explicit Step(const node::Observation& observation);

    /// Whether it is a step of that strategy's node with a state.
    [[nodiscard]] bool isOf(Strategy strategy) const;
    [[nodiscard]] std::size_t place() const { return m_place; }
    [[nodiscard]] NodeId node() const { return m_observation->node; }
    [[nodiscard]] Instant at() const { return m_observation->at; }
    [[nodiscard]] bool restarted() const { return m_observation->restarted; }
    [[nodiscard]] const Replication& machine() const { return *m_machine; }
    [[nodiscard]] const Parameters& parameters() const { return m_machine->parameters(); }
    [[nodiscard]] std::span<const node::Sight> nodes() const { return m_observation->nodes; }

    /// Another node's machine; nullptr where it never started.
    [[nodiscard]] const Replication* machineOf(NodeId node) const;
    [[nodiscard]] const Durable* diskOf(NodeId node) const;

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

    /// Requests that the step answered as done, with what it said.
    template <class Function>
    void forEachDone(Function function) const
    {
        for (const auto& effect : *m_observation->effects) {
            const auto* reply = std::get_if<node::Reply>(&effect);
            const bool done = reply != nullptr && reply->answer == node::Answer::Done;
            if (const auto* body = done ? node::payloadIf<Reply>(reply->body.get()) : nullptr) {
                function(reply->request, *body);
            }
        }
    }

private:
    [[nodiscard]] const node::Sight* sightOf(NodeId node) const;

    const node::Observation* m_observation;
    std::size_t m_place = 0;
    const Replication* m_machine = nullptr;
};

/// Which writes of the log clients have been told of. An answer leaves when the node's own disk
/// has all that it wrote before: a crash takes back what was only said. Each invariant that needs
/// it keeps its own.
class Acknowledgements
{
public:
    struct Write
    {
        RequestId request{};
        Token place{}; ///< where it stands
        Instant at{}; ///< when the client was told
        NodeId by{};
    };

    struct News
    {
        std::vector<Write> said{}; ///< writes that this step answers
        std::vector<Write> settled{}; ///< writes whose answers have left by now
        std::vector<RequestId> reads{}; ///< reads that this step answers
    };
    News observe(const Step& step);

private:
    using Places = std::vector<Token>;

    void learnPlaces(const Step& step);

    std::map<RequestId, Places> m_asked; ///< where a request stands: a retry stands twice
    std::vector<Write> m_waiting; ///< said, and not settled
    PerPlace<Index> m_applied;
};

/// "n1", for sentences.
std::string nameOf(NodeId node);

/// "put x=1", for sentences.
std::string textOf(const Entry& entry);

// ledger.h's users.
void addServingInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addLogInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addReadInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addQuorumInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);

template <class Checker>
void addInvariant(std::vector<std::unique_ptr<node::Invariant>>& list, std::string name,
                  std::string text, std::string source)
{
    node::InvariantCard card{std::move(name), std::move(text), std::move(source)};
    list.push_back(std::make_unique<node::HostedInvariant<Checker>>(std::move(card), Checker()));
}

} // namespace lightcone::protocols::replication
