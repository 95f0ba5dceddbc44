#pragma once

#include "engine/protocols/load_balancer/load_balancer.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step.
namespace lightcone::protocols::load_balancer {

using Verdict = std::optional<std::string>;

/// The node that made a step, as an invariant sees it.
class Step
{
public:
    explicit Step(const node::Observation& observation)
        : m_observation(&observation)
    {
        for (const auto& sight : observation.nodes) {
            if (sight.id == observation.node && sight.node != nullptr) {
                m_machine = &node::machineOf<LoadBalancer>(*sight.node);
                m_disk =
                    sight.disk != nullptr ? &node::durableOf<LoadBalancer>(*sight.disk) : nullptr;
            }
        }
    }

    [[nodiscard]] bool isOf(Tier tier) const
    {
        return m_machine != nullptr && m_machine->tier() == tier;
    }
    [[nodiscard]] NodeId node() const { return m_observation->node; }
    [[nodiscard]] bool restarted() const { return m_observation->restarted; }
    [[nodiscard]] const LoadBalancer& machine() const { return *m_machine; }
    [[nodiscard]] const Durable* disk() const { return m_disk; }
    [[nodiscard]] std::string name() const { return nameOf(node()); }
    [[nodiscard]] std::string nameOf(NodeId id) const { return m_machine->plan().nameOf(id); }

    /// Calls function(to, message) for each message of that kind that the step sent.
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

    /// Calls function(request, answer, body) for each answer to a client.
    template <class Function>
    void forEachAnswer(Function function) const
    {
        for (const auto& effect : *m_observation->effects) {
            if (const auto* reply = std::get_if<node::Reply>(&effect)) {
                function(reply->request, reply->answer, node::payloadIf<Reply>(reply->body.get()));
            }
        }
    }

private:
    const node::Observation* m_observation;
    const LoadBalancer* m_machine = nullptr;
    const Durable* m_disk = nullptr;
};

// ledger.h's users: the invariants of requests and of a balancer's picks.
void addRequestInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addPickInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);

template <class Checker>
void addInvariant(std::vector<std::unique_ptr<node::Invariant>>& list, std::string name,
                  std::string text, std::string source)
{
    node::InvariantCard card{std::move(name), std::move(text), std::move(source)};
    list.push_back(std::make_unique<node::HostedInvariant<Checker>>(std::move(card), Checker()));
}

} // namespace lightcone::protocols::load_balancer
