#include "engine/core/dice.h"
#include "engine/describe/diff.h"
#include "tests/engine/describe/samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::describe::samples {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "path: before → after" for each change.
template <class A, class B>
std::vector<std::string> changes(const A& before, const B& after)
{
    std::vector<std::string> lines;
    for (const auto& change : diff(toValue(before), toValue(after))) {
        lines.push_back(change.path + ": " + toText(change.before) + " → " + toText(change.after));
    }
    return lines;
}

TEST(Diff, IsEmptyBetweenEquals)
{
    EXPECT_THAT(changes(filled(), filled()), IsEmpty());
    EXPECT_THAT(diff({}, {}), IsEmpty());
}

TEST(Diff, NamesTheDeepestPlace)
{
    auto before = filled();
    auto after = filled();
    after.role = Role::Leader;
    after.log[1].term = 3;
    after.log.push_back({3, Noop{}});
    after.votes = {NodeId(4), NodeId(5)};
    after.nextIndex = {{NodeId(1), 5}, {NodeId(7), 1}};
    after.words["a.b"][0] = "new";
    after.pair.second = false;
    after.setSecret(1);
    EXPECT_THAT(changes(before, after),
                ElementsAre("role: preCandidate → leader", "log.1.term: 2 → 3",
                            "log.2: nothing → Entry{term 3, command Noop}", "votes: n3 → nothing",
                            "votes: nothing → n5", "nextIndex.n1: 4 → 5",
                            "nextIndex.c2: 9 → nothing", "nextIndex.n7: nothing → 1",
                            "words.\"a.b\".0: \"not\" → new", "pair.second: true → false",
                            "secret: 18446744073709551615 → 1"));
}

TEST(Diff, LooksIntoOptionalsAndVariants)
{
    using Maybe = std::optional<Vote>;
    EXPECT_THAT(changes(Maybe(Vote{1, false}), Maybe(Vote{1, true})),
                ElementsAre("granted: false → true"));
    EXPECT_THAT(changes(Maybe(), Maybe(Vote{1, true})),
                ElementsAre(": none → Vote{term 1, granted}"));
    EXPECT_THAT(changes(Message(Vote{1, true}), Message(Vote{2, true})),
                ElementsAre("term: 1 → 2"));
    EXPECT_THAT(changes(Message(Vote{1, true}), Message(Append{1, {}})),
                ElementsAre(": Vote{term 1, granted} → Append{term 1, entries []}"));
}

TEST(Diff, ShowsElementsThatWent)
{
    EXPECT_THAT(changes(std::vector{1, 2, 3}, std::vector{1, 9}),
                ElementsAre("1: 2 → 9", "2: 3 → nothing"));
}

TEST(Diff, ComparesTypesOfTwoBuilds)
{
    auto shape = std::make_shared<Shape>(*shapeOf<Vote>());
    shape->fields[1].name = "given";
    const auto before = toValue(Vote{1, true});
    const auto after =
        Value::list(shape, {toValue(std::uint64_t{2}), Value::boolean(shapeOf<bool>(), true)});
    const auto found = diff(before, after);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].path, "term");
    EXPECT_EQ(found[1].path, "granted");
    EXPECT_FALSE(found[1].after.exists());
    EXPECT_EQ(found[2].path, "given");
    EXPECT_FALSE(found[2].before.exists());
    EXPECT_THAT(changes(5, std::string("5")), ElementsAre(": 5 → 5"));
}

TEST(Diff, GivesPathsThatFindTheChange)
{
    Dice dice(42);
    const auto before = filled();
    for (int round = 0; round < 500; ++round) {
        auto after = before;
        after.number = static_cast<std::int64_t>(dice.next());
        after.log.resize(dice.below(4));
        after.nextIndex[NodeId(static_cast<std::uint32_t>(dice.below(4)))] = dice.next();
        after.words["x." + std::to_string(dice.below(3)) + "\""] = {"new"};
        after.words["a.b"].resize(dice.below(5));
        const auto old = toValue(before);
        const auto now = toValue(after);
        for (const auto& change : diff(old, now)) {
            const auto* from = old.findPath(change.path);
            const auto* to = now.findPath(change.path);
            ASSERT_EQ(from != nullptr, change.before.exists()) << change.path;
            ASSERT_EQ(to != nullptr, change.after.exists()) << change.path;
            ASSERT_TRUE(from == nullptr || *from == change.before) << change.path;
            ASSERT_TRUE(to == nullptr || *to == change.after) << change.path;
        }
    }
}

} // namespace
} // namespace lightcone::describe::samples
