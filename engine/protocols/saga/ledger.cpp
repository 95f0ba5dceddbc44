#include "engine/protocols/saga/ledger.h"

#include <algorithm>
#include <fmt/format.h>

namespace lightcone::protocols::saga {

std::vector<std::pair<Fact, Commit>> Ledger::observe(const Step& step)
{
    auto& book = m_books[step.node()];
    std::vector<std::pair<Fact, Commit>> news;
    if (step.restarted()) {
        const auto* disk = step.diskOf(step.node());
        book.count = disk != nullptr ? disk->transactions : 0;
        std::erase_if(book.facts, [&](const Fact& fact) { return fact.index >= book.count; });
    }
    step.forEachWritten<Commit>([&](const Commit& commit) {
        Fact fact{book.count++, commit.entry.saga, commit.entry.type, commit.entry.step,
                  commit.effect};
        news.emplace_back(fact, commit);
        if (commit.effect != Effect::None) {
            book.facts.push_back(std::move(fact));
        }
    });
    if (book.facts.size() > book.trimAt) {
        trim(step.machine(), book);
    }
    return news;
}

/// What is over everywhere is not asked for any more.
void Ledger::trim(const Saga& machine, Book& book)
{
    std::erase_if(book.facts,
                  [&](const Fact& fact) { return fact.saga < machine.below(fact.saga); });
    book.trimAt = 2 * book.facts.size() + 64;
}

Ledger::Story Ledger::of(const Step& step, SagaId saga, const SagaPlan& plan,
                         std::size_t index) const
{
    Story story;
    const auto node = step.plan().nodeOf(plan.steps[index]);
    const auto book = m_books.find(node);
    if (book == m_books.end()) {
        return story;
    }
    const auto* disk = step.diskOf(node);
    for (const auto& fact : book->second.facts) {
        if (fact.saga != saga || fact.step != index || fact.type != plan.name) {
            continue;
        }
        const bool durable = disk != nullptr && fact.index < disk->transactions;
        // Whoever makes the step sees what it has written before, in that order.
        story.durableActions +=
            fact.effect == Effect::Action && (durable || node == step.node()) ? 1 : 0;
        story.actions += fact.effect == Effect::Action ? 1 : 0;
        story.undos += fact.effect == Effect::Undo || fact.effect == Effect::ByHand ? 1 : 0;
    }
    return story;
}

std::map<SagaId, std::string> Ledger::begun() const
{
    std::map<SagaId, std::string> sagas;
    for (const auto& [node, book] : m_books) {
        for (const auto& fact : book.facts) {
            if (fact.effect == Effect::Action) {
                sagas.emplace(fact.saga, fact.type);
            }
        }
    }
    return sagas;
}

std::string named(const Plan& plan, SagaId saga, const SagaPlan& type, std::size_t step)
{
    return fmt::format("{} of saga {} on {}", type.steps[step].name, saga,
                       plan.nameOf(plan.nodeOf(type.steps[step])));
}

std::vector<std::unique_ptr<node::Invariant>> Saga::invariants(const node::SetupPtr&)
{
    std::vector<std::unique_ptr<node::Invariant>> list;
    addStepInvariants(list);
    addSagaInvariants(list);
    return list;
}

} // namespace lightcone::protocols::saga
