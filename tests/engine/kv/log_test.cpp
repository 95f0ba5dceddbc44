#include "engine/core/dice.h"
#include "engine/describe/described.h"
#include "engine/kv/log.h"

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace lightcone::kv {
namespace {

struct Line
{
    std::uint64_t term = 0;
    std::string text{};
    friend bool operator==(const Line&, const Line&) = default;
};
BOOST_DESCRIBE_STRUCT(Line, (), (term, text))

using Lines = Log<Line>;

Line line(std::uint64_t term, int number)
{
    return {term, "a text that is too long to be kept in place: " + std::to_string(number)};
}

Lines linesTo(int count)
{
    Lines log;
    for (int i = 0; i < count; ++i) {
        log.push_back(line(1, i));
    }
    return log;
}

TEST(Log, KeepWhatIsAppended)
{
    const auto log = linesTo(100);
    ASSERT_EQ(log.size(), 100U);
    EXPECT_EQ(log[0], line(1, 0));
    EXPECT_EQ(log[99], line(1, 99));
    EXPECT_EQ(log.back(), line(1, 99));
}

TEST(Log, CopiesGoOnSeparately)
{
    Lines one;
    one.push_back(line(1, 0));
    Lines other = one;
    one.push_back(line(1, 1));
    other.push_back(line(2, 1));
    EXPECT_EQ(one[1], line(1, 1));
    EXPECT_EQ(other[1], line(2, 1));
    EXPECT_EQ(one[0], other[0]);
}

TEST(Log, WhatWasCutDoesNotComeBack)
{
    auto log = linesTo(3);
    const auto before = log;
    log.truncate(1);
    log.push_back(line(2, 7));
    EXPECT_EQ(log, (Lines{line(1, 0), line(2, 7)}));
    EXPECT_EQ(before, linesTo(3));
}

TEST(Log, SlicesShareTheirStorage)
{
    const auto log = linesTo(70);
    const auto part = log.slice(30, 5);
    ASSERT_EQ(part.size(), 5U);
    EXPECT_EQ(&part[0], &log[30]);
    EXPECT_EQ(part[4], line(1, 34));
    EXPECT_TRUE(log.slice(70, 0).empty());
}

TEST(Log, AppendingASliceThatFollowsOnCopiesNothing)
{
    Lines log;
    Lines disk;
    for (int i = 0; i < 100; ++i) {
        log.push_back(line(1, i));
        disk.append(log.slice(log.size() - 1, 1));
    }
    EXPECT_EQ(disk, log);
    EXPECT_EQ(&disk[99], &log[99]);
    EXPECT_EQ(&disk[31], &log[31]);
}

TEST(Log, AppendedToItselfIsThereTwice)
{
    for (const int count : {5, static_cast<int>(Lines::chunkSize)}) {
        auto log = linesTo(count);
        const auto once = log;
        log.append(log);
        ASSERT_EQ(log.size(), 2 * once.size());
        EXPECT_EQ(log.slice(0, once.size()), once);
        EXPECT_EQ(log.slice(once.size(), once.size()), once);
        log.set(0, line(9, 9));
        EXPECT_EQ(log[once.size()], once[0]) << "and one half may change alone";
    }
}

TEST(Log, AReplacedLineIsReplacedOnlyHere)
{
    const auto before = linesTo(100);
    auto log = before;
    log.set(50, line(7, 7));
    EXPECT_EQ(before[50], line(1, 50));
    EXPECT_EQ(log[50], line(7, 7));
    EXPECT_EQ(&log[0], &before[0]) << "only the chunk that changed is copied";
    EXPECT_EQ(log[49], before[49]);
    EXPECT_EQ(log[51], before[51]);
    EXPECT_EQ(log.size(), before.size());
    const auto* place = &log[50];
    log.set(50, line(8, 8));
    EXPECT_EQ(&log[50], place) << "who is alone changes in place";
    EXPECT_EQ(log[50], line(8, 8));
}

TEST(Log, AreDescribedAsAListAndReadBack)
{
    const Lines log{line(1, 1), line(2, 2)};
    const auto value = describe::toValue(log);
    EXPECT_EQ(value.children().size(), 2U);
    EXPECT_EQ(describe::fromValue<Lines>(value).value(), log);
    EXPECT_EQ(describe::fromBytes<Lines>(describe::toBytes(log)).value(), log);
}

// Many copies, cut, sliced and continued at random, against plain vectors.
TEST(Log, BehaveLikeAVectorWhateverIsDoneToThem)
{
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Dice dice(seed);
        std::vector<Lines> logs(3);
        std::vector<std::vector<Line>> models(3);
        for (int i = 0; i < 300; ++i) {
            const auto which = dice.below(3);
            auto& log = logs[which];
            auto& model = models[which];
            switch (dice.below(7)) {
            case 0:
            case 1:
                log.push_back(line(1, i));
                model.push_back(line(1, i));
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
                const std::vector<Line> copy(from.begin() + static_cast<std::ptrdiff_t>(begin),
                                             from.begin()
                                                 + static_cast<std::ptrdiff_t>(begin + count));
                log.append(part);
                model.insert(model.end(), copy.begin(), copy.end());
                break;
            }
            case 5:
                if (!model.empty()) {
                    const auto at = dice.below(model.size());
                    log.set(at, line(2, i));
                    model[at] = line(2, i);
                }
                break;
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
TEST(Log, CopiesMayBeContinuedOnSeveralThreads)
{
    const auto shared = linesTo(40);
    std::vector<Lines> logs(4, shared);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        threads.emplace_back([&log = logs[i], i] {
            for (int round = 0; round < 200; ++round) {
                log.push_back(line(2 + i, round));
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
        EXPECT_EQ(logs[i][39], line(1, 39));
        EXPECT_TRUE(std::all_of(std::next(logs[i].begin(), 40), logs[i].end(),
                                [&](const Line& entry) { return entry.term == 2 + i; }));
    }
}

} // namespace
} // namespace lightcone::kv
