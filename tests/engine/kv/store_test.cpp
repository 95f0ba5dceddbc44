#include "engine/core/dice.h"
#include "engine/describe/described.h"
#include "engine/describe/text.h"
#include "engine/kv/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>

namespace lightcone::kv {
namespace {

constexpr NodeId ann = clientId(1);
constexpr NodeId bob = clientId(2);
constexpr NodeId eve = clientId(3);

const Result done{Outcome::Done, {}};
const Result notFound{Outcome::NotFound, {}};
const Result stale{Outcome::Stale, {}};
const Result expired{Outcome::Expired, {}};

Result found(std::string value)
{
    return {Outcome::Found, std::move(value)};
}

TEST(Store, PutsGetsAndDeletes)
{
    Store store;
    EXPECT_EQ(store.apply(Get{"x"}), notFound);
    EXPECT_EQ(store.apply(Put{"x", "1"}), done);
    EXPECT_EQ(store.apply(Get{"x"}), found("1"));
    EXPECT_EQ(store.apply(Put{"x", "2"}), done);
    EXPECT_EQ(store.get("x"), found("2"));
    EXPECT_EQ(store.size(), 1U);
    EXPECT_EQ(store.apply(Delete{"x"}), done);
    EXPECT_EQ(store.apply(Delete{"x"}), notFound);
    EXPECT_EQ(store.get("x"), notFound);
    EXPECT_EQ(store.size(), 0U);
}

TEST(Store, SwapsOnlyWhatWasExpected)
{
    Store store;
    EXPECT_EQ(store.apply(Cas{"x", "1", "2"}), notFound);
    EXPECT_EQ(store.size(), 0U);
    EXPECT_EQ(store.apply(Cas{"x", {}, "1"}), done);
    EXPECT_EQ(store.apply(Cas{"x", {}, "9"}), (Result{Outcome::Mismatch, "1"}));
    EXPECT_EQ(store.apply(Cas{"x", "7", "9"}), (Result{Outcome::Mismatch, "1"}));
    EXPECT_EQ(store.apply(Cas{"x", "1", "2"}), done);
    EXPECT_EQ(store.get("x"), found("2"));
}

TEST(Store, ExecutesARepeatOnce)
{
    Store store;
    EXPECT_EQ(store.apply({ann, 1}, Put{"x", "1"}), done);
    EXPECT_EQ(store.apply({bob, 1}, Put{"x", "2"}), done);
    EXPECT_EQ(store.apply({ann, 1}, Put{"x", "1"}), done);
    EXPECT_EQ(store.get("x"), found("2"));
    EXPECT_TRUE(store.hasExecuted({ann, 1}));
    EXPECT_FALSE(store.hasExecuted({ann, 2}));
    EXPECT_FALSE(store.hasExecuted({eve, 1}));
}

TEST(Store, AnswersARepeatAsTheFirstTime)
{
    Store store;
    store.apply(Put{"x", "1"});
    EXPECT_EQ(store.apply({ann, 1}, Cas{"x", "1", "2"}), done);
    EXPECT_EQ(store.apply({ann, 1}, Cas{"x", "1", "2"}), done) << "executed anew it would mismatch";
    EXPECT_EQ(store.apply({ann, 2}, Get{"x"}), found("2"));
    store.apply({bob, 1}, Put{"x", "3"});
    EXPECT_EQ(store.apply({ann, 2}, Get{"x"}), found("2"));
    EXPECT_EQ(store.apply({ann, 3}, Get{"x"}), found("3"));
}

TEST(Store, ExecutesNothingThatIsOlderThanTheNewest)
{
    Store store;
    store.apply({ann, 5}, Put{"x", "5"});
    EXPECT_EQ(store.apply({ann, 4}, Put{"x", "4"}), stale);
    EXPECT_EQ(store.get("x"), found("5"));
    EXPECT_EQ(store.apply({ann, 9}, Put{"x", "9"}), done) << "numbers may be left out";
}

TEST(Store, ExecutesWhatHasNoClientEveryTime)
{
    Store store;
    EXPECT_EQ(store.apply(RequestId{}, Cas{"x", {}, "1"}), done);
    EXPECT_EQ(store.apply(RequestId{}, Cas{"x", {}, "1"}), (Result{Outcome::Mismatch, "1"}));
    EXPECT_EQ(store.sessions(), 0U);
}

TEST(Store, DropsTheSessionUsedLongestAgo)
{
    Store store(2);
    store.apply({ann, 1}, Put{"x", "ann"});
    store.apply({bob, 1}, Put{"x", "bob"});
    store.apply({ann, 1}, Put{"x", "ann"}); // a repeat is a use
    store.apply({eve, 1}, Put{"x", "eve"});
    EXPECT_EQ(store.sessions(), 2U);
    EXPECT_EQ(store.apply({ann, 1}, Put{"x", "ann"}), done);
    EXPECT_EQ(store.apply({bob, 1}, Put{"x", "bob"}), expired) << "not executed a second time";
    EXPECT_EQ(store.apply({bob, 2}, Put{"x", "bob"}), expired);
    EXPECT_EQ(store.get("x"), found("eve"));
}

Operation randomOperation(Dice& dice)
{
    const auto key = std::string(1, static_cast<char>('a' + dice.below(5)));
    const auto value = std::to_string(dice.below(3));
    switch (dice.below(5)) {
    case 0:
        return Put{key, value};
    case 1:
        return Get{key};
    case 2:
        return Delete{key};
    case 3:
        return Cas{key, {}, value};
    default:
        return Cas{key, std::to_string(dice.below(3)), value};
    }
}

/// What the store promises, said in the plainest way.
Result expectedOf(std::map<std::string, std::string>& model, const Operation& operation)
{
    const auto& key = keyOf(operation);
    const auto held =
        model.contains(key) ? std::optional(model.at(key)) : std::optional<std::string>{};
    if (const auto* put = std::get_if<Put>(&operation)) {
        model[key] = put->value;
        return done;
    }
    if (std::holds_alternative<Get>(operation)) {
        return held ? found(*held) : notFound;
    }
    if (std::holds_alternative<Delete>(operation)) {
        return model.erase(key) == 1 ? done : notFound;
    }
    const auto& cas = std::get<Cas>(operation);
    if (held == cas.expected) {
        model[key] = cas.desired;
        return done;
    }
    return held ? Result{Outcome::Mismatch, *held} : notFound;
}

TEST(Store, IsAMapWhateverTheOrder)
{
    Dice dice(42);
    Store store;
    std::map<std::string, std::string> model;
    for (int i = 0; i < 20'000; ++i) {
        const auto operation = randomOperation(dice);
        ASSERT_EQ(store.apply(operation), expectedOf(model, operation)) << i;
    }
    EXPECT_EQ(store.size(), model.size());
}

TEST(Store, RetriesChangeNothing)
{
    Dice dice(7);
    Store once;
    Store retried;
    for (std::uint32_t i = 1; i <= 5'000; ++i) {
        const RequestId id{clientId(static_cast<std::uint32_t>(1 + dice.below(3))), i};
        const auto operation = randomOperation(dice);
        const auto result = once.apply(id, operation);
        ASSERT_EQ(retried.apply(id, operation), result);
        for (auto repeats = dice.below(3); repeats > 0; --repeats) {
            ASSERT_EQ(retried.apply(id, operation), result);
        }
    }
    EXPECT_TRUE(std::equal(once.entries().begin(), once.entries().end(), retried.entries().begin(),
                           retried.entries().end()));
}

TEST(Store, IsAValue)
{
    Dice dice(3);
    Store store(4);
    for (std::uint32_t i = 1; i <= 500; ++i) {
        store.apply({clientId(static_cast<std::uint32_t>(1 + dice.below(6))), i},
                    randomOperation(dice));
    }
    const auto copy = store;
    EXPECT_EQ(copy, store);
    const auto bytes = describe::toBytes(store);
    const auto back = describe::fromBytes<Store>(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, store);
    EXPECT_EQ(describe::hashOf(*back), describe::hashOf(store));

    store.apply(Put{"new", "1"});
    EXPECT_NE(copy, store);
    EXPECT_EQ(copy.get("new"), notFound);
    EXPECT_EQ(describe::toBytes(copy), bytes) << "a copy does not see what the original does later";
    EXPECT_NE(describe::hashOf(copy), describe::hashOf(store));
}

TEST(Entries, AreSharedUntilOneChanges)
{
    Entries entries;
    EXPECT_TRUE(entries.empty());
    EXPECT_FALSE(entries.erase("x"));
    entries.insert_or_assign("x", "1");
    auto copy = entries;
    EXPECT_EQ(copy.find("x"), entries.find("x")) << "the very same string";
    EXPECT_FALSE(copy.erase("y"));
    EXPECT_EQ(copy.find("x"), entries.find("x")) << "nothing changed";
    copy.insert_or_assign("x", "2");
    EXPECT_EQ(*entries.find("x"), "1");
    EXPECT_EQ(*copy.find("x"), "2");
    EXPECT_NE(copy, entries);
    const auto* before = copy.find("x");
    copy.insert_or_assign("x", "3");
    EXPECT_EQ(copy.find("x"), before) << "who is alone changes in place";
    copy.insert_or_assign("y", "4");
    EXPECT_TRUE(copy.erase("y"));
    EXPECT_EQ(entries.find("y"), nullptr);
}

TEST(Entries, AreAMapHoweverMany)
{
    for (const std::uint64_t keys : {3, 70, 1000, 5000}) {
        Dice dice(keys);
        Entries entries;
        std::map<std::string, std::string, std::less<>> truth;
        Entries before;
        auto truthBefore = truth;
        for (std::uint64_t i = 0; i < 4 * keys; ++i) {
            const auto key = "k" + std::to_string(dice.below(keys));
            if (dice.chance(i < 2 * keys ? 0.2 : 0.7)) {
                ASSERT_EQ(entries.erase(key), truth.erase(key) == 1);
            } else {
                entries.insert_or_assign(key, std::to_string(i));
                truth[key] = std::to_string(i);
            }
            if (dice.below(keys) == 0) {
                before = entries;
                truthBefore = truth;
            }
        }
        const auto isSo = [](const Entries& held, const auto& expected) {
            EXPECT_EQ(held.size(), expected.size());
            EXPECT_TRUE(std::ranges::equal(held, expected, [](const auto& a, const auto& b) {
                return a.first == b.first && a.second == b.second;
            }));
            for (const auto& [key, value] : expected) {
                const auto* found = held.find(key);
                ASSERT_NE(found, nullptr) << key;
                EXPECT_EQ(*found, value);
            }
        };
        isSo(entries, truth);
        isSo(before, truthBefore);
        Entries again; // in their order
        for (const auto& [key, value] : entries) {
            again.insert_or_assign(key, value);
        }
        EXPECT_TRUE(again == entries);
        EXPECT_EQ(describe::fromBytes<Entries>(describe::toBytes(entries)).value(), entries);
        for (const auto& [key, value] : truth) {
            ASSERT_TRUE(again.erase(key));
        }
        EXPECT_TRUE(again.empty());
        EXPECT_TRUE(again.begin() == again.end());
        EXPECT_EQ(again.find("k0"), nullptr);
    }
}

/// A node whose store is large goes on at once after it was copied.
TEST(Entries, AChangeCopiesNoMoreThanWhatLiesBesideIt)
{
    Entries entries;
    for (int i = 10'000; i < 30'000; ++i) {
        entries.insert_or_assign(std::to_string(i), "x");
    }
    const auto copy = entries;
    entries.insert_or_assign("20000", "y");
    entries.erase("25000");
    std::size_t shared = 0;
    for (const auto& [key, value] : copy) {
        shared += entries.find(key) == &value ? 1 : 0;
    }
    EXPECT_GT(shared, 19'000U);
    EXPECT_LT(shared, 20'000U);
    EXPECT_EQ(*copy.find("20000"), "x");
    EXPECT_EQ(*copy.find("25000"), "x");
}

TEST(Entries, MayBeCopiedToAnotherThread)
{
    Store store;
    for (std::uint32_t i = 0; i < 200; ++i) {
        store.apply(Put{"k" + std::to_string(i % 7), std::to_string(i)});
        std::thread reader([copy = store, i] {
            EXPECT_EQ(copy.get("k" + std::to_string(i % 7)), found(std::to_string(i)));
        });
        store.apply(Put{"k" + std::to_string(i % 7), "other"});
        reader.join();
    }
}

TEST(Operation, SaysWhetherItReads)
{
    EXPECT_TRUE(isRead(Get{"x"}));
    EXPECT_FALSE(isRead(Put{"x", "1"}));
    EXPECT_FALSE(isRead(Delete{"x"}));
    EXPECT_FALSE(isRead(Cas{"x", "1", "2"}));
    EXPECT_EQ(keyOf(Cas{"x", "1", "2"}), "x");
}

TEST(Operation, IsWrittenAsPeopleWriteIt)
{
    const auto shape = describe::shapeOf<Operation>();
    for (const std::string words : {"put x=1", "get x", "delete x", "cas x=1→2", "cas x=none→2"}) {
        const auto value = describe::parse(shape, words);
        ASSERT_TRUE(value) << value.error().text();
        EXPECT_EQ(describe::brief(*value), words);
    }
    EXPECT_EQ(describe::brief(describe::toValue(found("5"))), "found 5");
    EXPECT_EQ(describe::brief(describe::toValue(done)), "done");
}

} // namespace
} // namespace lightcone::kv
