#include "engine/core/dice.h"
#include "engine/protocols/raft/entries.h"
#include "tests/engine/protocols/raft/server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace lightcone::protocols::raft {
namespace {

Entry put(Term term, int number)
{
    return {term, {}, kv::Put{"key", std::to_string(number)}};
}

TEST(Entries, KeepWhatIsAppended)
{
    Entries log;
    for (int i = 0; i < 100; ++i) {
        log.push_back(put(1, i));
    }
    ASSERT_EQ(log.size(), 100U);
    EXPECT_EQ(log[0], put(1, 0));
    EXPECT_EQ(log[99], put(1, 99));
    EXPECT_EQ(log.back(), put(1, 99));
}

TEST(Entries, CopiesGoOnSeparately)
{
    Entries one;
    one.push_back(put(1, 0));
    Entries other = one;
    one.push_back(put(1, 1));
    other.push_back(put(2, 1));
    EXPECT_EQ(one[1], put(1, 1));
    EXPECT_EQ(other[1], put(2, 1));
    EXPECT_EQ(one[0], other[0]);
}

TEST(Entries, WhatWasCutDoesNotComeBack)
{
    Entries log = logOf({1, 1, 1});
    const Entries before = log;
    log.truncate(1);
    log.push_back(put(2, 7));
    EXPECT_EQ(termsOf(log), (std::vector<Term>{1, 2}));
    EXPECT_EQ(termsOf(before), (std::vector<Term>{1, 1, 1}));
}

TEST(Entries, SlicesShareTheirStorage)
{
    Entries log;
    for (int i = 0; i < 70; ++i) {
        log.push_back(put(1, i));
    }
    const auto part = log.slice(30, 5);
    ASSERT_EQ(part.size(), 5U);
    EXPECT_EQ(&part[0], &log[30]);
    EXPECT_EQ(part[4], put(1, 34));
    EXPECT_TRUE(log.slice(70, 0).empty());
}

TEST(Entries, AppendingASliceThatFollowsOnCopiesNothing)
{
    Entries log;
    Entries disk;
    for (int i = 0; i < 100; ++i) {
        log.push_back(put(1, i));
        disk.append(log.slice(log.size() - 1, 1));
    }
    EXPECT_EQ(disk, log);
    EXPECT_EQ(&disk[99], &log[99]);
    EXPECT_EQ(&disk[31], &log[31]);
}

TEST(Entries, FirstFromFindsTheBeginningOfATerm)
{
    const auto log = logOf({1, 1, 3, 3, 4});
    EXPECT_EQ(log.firstFrom(1), 0U);
    EXPECT_EQ(log.firstFrom(2), 2U);
    EXPECT_EQ(log.firstFrom(3), 2U);
    EXPECT_EQ(log.firstFrom(4), 4U);
    EXPECT_EQ(log.firstFrom(5), 5U);
}

TEST(Entries, AreDescribedAsAListAndReadBack)
{
    const Entries log{put(1, 1), {2, {clientId(1), 3}, NoOp{}}};
    const auto value = describe::toValue(log);
    EXPECT_EQ(value.children().size(), 2U);
    EXPECT_EQ(describe::fromValue<Entries>(value).value(), log);
    EXPECT_EQ(describe::fromBytes<Entries>(describe::toBytes(log)).value(), log);
}

// Many copies, cut, sliced and continued at random, against plain vectors.
TEST(Entries, BehaveLikeAVectorWhateverIsDoneToThem)
{
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Dice dice(seed);
        std::vector<Entries> logs(3);
        std::vector<std::vector<Entry>> models(3);
        for (int i = 0; i < 300; ++i) {
            const auto which = dice.below(3);
            auto& log = logs[which];
            auto& model = models[which];
            switch (dice.below(6)) {
            case 0:
            case 1:
                log.push_back(put(1, i));
                model.push_back(put(1, i));
                break;
            case 2: {
                const auto other = dice.below(3);
                log = logs[other];
                model = models[other];
                break;
            }
            case 3: {
                const auto size = dice.below(model.size() + 1);
                const auto kept =
                    std::max(size, model.size() - std::min<std::size_t>(3, model.size()));
                log.truncate(kept);
                model.resize(kept);
                break;
            }
            case 4: {
                const auto& from = models[dice.below(3)];
                const auto& source = logs[static_cast<std::size_t>(&from - models.data())];
                const auto begin = dice.below(from.size() + 1);
                const auto count = dice.below(from.size() - begin + 1);
                const auto part = source.slice(begin, count);
                const std::vector<Entry> copy(from.begin() + static_cast<std::ptrdiff_t>(begin),
                                              from.begin()
                                                  + static_cast<std::ptrdiff_t>(begin + count));
                log.append(part);
                model.insert(model.end(), copy.begin(), copy.end());
                break;
            }
            default: {
                const auto count = dice.below(std::min<std::size_t>(4, model.size() + 1));
                log.dropFront(count);
                model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(count));
                break;
            }
            }
            if (model.size() > 500) {
                log.clear();
                model.clear();
            }
            ASSERT_EQ(log.size(), model.size()) << "seed " << seed;
            ASSERT_TRUE(std::equal(log.begin(), log.end(), model.begin())) << "seed " << seed;
        }
    }
}

// Copies of one log that threads continue at once: each finds its own entries and nobody else's.
TEST(Entries, CopiesMayBeContinuedOnSeveralThreads)
{
    Entries shared;
    for (int i = 0; i < 40; ++i) {
        shared.push_back(put(1, i));
    }
    std::vector<Entries> logs(4, shared);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        threads.emplace_back([&log = logs[i], i] {
            for (int round = 0; round < 200; ++round) {
                log.push_back(put(2 + i, round));
                if (round % 7 == 0) {
                    log.truncate(log.size() - 1);
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    for (std::size_t i = 0; i < logs.size(); ++i) {
        EXPECT_EQ(logs[i][39], put(1, 39));
        EXPECT_TRUE(std::all_of(std::next(logs[i].begin(), 40), logs[i].end(),
                                [&](const Entry& entry) { return entry.term == 2 + i; }));
    }
}

} // namespace
} // namespace lightcone::protocols::raft
