#pragma once

#include "engine/node/from_the_beginning.h"
#include "engine/node/step.h"
#include "engine/protocols/saga/saga.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step, and what they remember of a run.
namespace lightcone::protocols::saga {

using Finding = node::Verdict; // a service that declines has a Verdict of its own

class Step : public node::Step<Saga>
{
public:
    using node::Step<Saga>::Step;
    [[nodiscard]] const Plan& plan() const { return machine().plan(); }
};

/// A local transaction that a service has made.
struct Fact
{
    std::uint64_t index = 0; ///< among its service's, from 0: on disk once that has more
    SagaId saga = 0;
    std::string type{};
    std::uint32_t step = 0;
    Effect effect = Effect::None;
};

/// The local transactions of all services, as far as crashes have not taken them back.
class Ledger
{
public:
    /// Gives the transactions of this step, in order; none of a start.
    std::vector<std::pair<Fact, Commit>> observe(const Step& step);

    /// How often a step was done, or undone, by a service that still knows of it.
    struct Story
    {
        std::uint32_t actions = 0;
        std::uint32_t durableActions = 0;
        std::uint32_t undos = 0; ///< by a compensation or by hand
    };
    [[nodiscard]] Story of(const Step& step, SagaId saga, const SagaPlan& plan,
                           std::size_t index) const;

    /// Sagas of which some step was done, with their kind.
    [[nodiscard]] std::map<SagaId, std::string> begun() const;

private:
    struct Book
    {
        std::uint64_t count = 0;
        std::size_t trimAt = 64;
        std::vector<Fact> facts{};
    };

    static void trim(const Saga& machine, Book& book);

    std::map<NodeId, Book> m_books;
};

/// "room of saga 3 on hotels", for sentences.
std::string named(const Plan& plan, SagaId saga, const SagaPlan& type, std::size_t step);

// ledger.h's users: the invariants of steps and of compensations, and those of whole sagas.
void addStepInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addSagaInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);

template <class Checker>
void addInvariant(std::vector<std::unique_ptr<node::Invariant>>& list, std::string name,
                  std::string text, std::string source)
{
    node::InvariantCard card{std::move(name), std::move(text), std::move(source)};
    using Judge = node::FromTheBeginning<Saga, Checker>;
    list.push_back(
        std::make_unique<node::HostedInvariant<Judge>>(std::move(card), Judge(Checker())));
}

} // namespace lightcone::protocols::saga
