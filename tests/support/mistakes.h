#pragma once

#include "engine/describe/described.h"
#include "engine/node/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace lightcone::test {

/// A run that shows a known mistake: what the invariants say of it, empty for nothing.
template <class Mistake>
struct MistakeCase
{
    std::string mistake; ///< as its card names it
    std::string (*run)(Mistake);
    std::string variant{}; ///< tells several runs of one mistake apart

    static std::string name(const testing::TestParamInfo<MistakeCase>& each)
    {
        return each.param.mistake + each.param.variant;
    }
};

/// The invariant that the mistake's card names catches it.
template <class Mistake>
void expectCaught(const node::Protocol& protocol, const MistakeCase<Mistake>& shown)
{
    const auto& cards = protocol.card().mistakes;
    const auto card = std::find_if(cards.begin(), cards.end(),
                                   [&](const auto& each) { return each.name == shown.mistake; });
    ASSERT_NE(card, cards.end());
    const auto& enumerators = describe::shapeOf<Mistake>()->enumerators;
    const auto found = std::find_if(enumerators.begin(), enumerators.end(),
                                    [&](const auto& each) { return each.name == shown.mistake; });
    ASSERT_NE(found, enumerators.end());
    const auto mistake =
        *describe::enumeratorAt<Mistake>(static_cast<std::size_t>(found - enumerators.begin()));
    EXPECT_THAT(shown.run(mistake), testing::StartsWith(card->caughtBy + ": "));
}

/// Every mistake has a card, which names an invariant that there is, and a run that shows it.
template <class Mistake>
void expectEveryMistakeShown(const node::Protocol& protocol,
                             const std::vector<MistakeCase<Mistake>>& cases)
{
    const auto& card = protocol.card();
    const auto& enumerators = describe::shapeOf<Mistake>()->enumerators;
    ASSERT_EQ(card.mistakes.size() + 1, enumerators.size());
    for (std::size_t i = 0; i < card.mistakes.size(); ++i) {
        const auto& mistake = card.mistakes[i];
        EXPECT_EQ(mistake.name, enumerators[i + 1].name);
        EXPECT_TRUE(std::any_of(card.invariants.begin(), card.invariants.end(),
                                [&](const auto& each) { return each.name == mistake.caughtBy; }))
            << mistake.name;
        EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), [&](const auto& each) {
            return each.mistake == mistake.name;
        })) << mistake.name;
    }
}

} // namespace lightcone::test
