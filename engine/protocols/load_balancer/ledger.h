#pragma once

#include "engine/node/step.h"
#include "engine/protocols/load_balancer/load_balancer.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step.
namespace lightcone::protocols::load_balancer {

using node::Verdict;

class Step : public node::Step<LoadBalancer>
{
public:
    using node::Step<LoadBalancer>::Step;

    [[nodiscard]] bool isOf(Tier tier) const { return there() && machine().tier() == tier; }
    [[nodiscard]] std::string name() const { return nameOf(node()); }
    [[nodiscard]] std::string nameOf(NodeId id) const { return machine().plan().nameOf(id); }
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
