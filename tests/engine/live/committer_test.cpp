#include "engine/live/committer.h"
#include "tests/engine/live/gate.h"
#include "tests/engine/live/notebook.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <memory>
#include <optional>
#include <stdlib.h>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace lightcone::live {
namespace {

using node::Sync;
using test::Gate;
using test::line;
using test::linesOn;
using test::notebook;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Damages what a log says in a directory.
void flip(const std::string& directory, const std::string& text)
{
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(file), {});
        if (const auto at = bytes.find(text); at != std::string::npos) {
            file.clear();
            file.seekp(static_cast<std::streamoff>(at));
            file.put('?');
        }
    }
}

/// With a disk that is never waited for, and with one that always is.
class CommitterTest : public ::testing::TestWithParam<Duration>
{
public:
    CommitterTest()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "committerXXXXXX").string();
        directory = ::mkdtemp(pattern.data());
    }
    ~CommitterTest() override
    {
        committer.reset();
        std::filesystem::remove_all(directory);
    }
    CommitterTest(const CommitterTest&) = delete;
    CommitterTest& operator=(const CommitterTest&) = delete;

protected:
    std::unique_ptr<Storage> openStorage()
    {
        auto storage = Storage::open(directory, notebook(), {"library", NodeId(1)}, limits, gate);
        EXPECT_TRUE(storage) << storage.error().text();
        return std::move(*storage);
    }

    void start()
    {
        auto storage = openStorage();
        syncsAtStart = gate.logSyncs();
        committer = std::make_unique<Committer>(
            std::move(storage), context.get_executor(),
            [this](std::uint64_t upTo) {
                EXPECT_FALSE(failure) << "nothing is durable after a failure";
                told.push_back(upTo);
                EXPECT_EQ(committer->synced(), upTo);
                EXPECT_EQ(linesOn(committer->disk()).size(), upTo + linesBefore);
            },
            [this](const Error& error) {
                EXPECT_FALSE(failure) << "told twice";
                failure = error;
            },
            GetParam());
    }

    /// Runs what comes to the executor until that holds.
    template <class Condition>
    void until(Condition condition)
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition()) {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it did not come about";
            context.restart();
            context.run_one_for(std::chrono::milliseconds(50));
        }
    }

    void untilSynced(std::uint64_t number)
    {
        until([&] { return committer->synced() >= number || failure; });
    }

    /// Whether a copy of the log with a flipped bit in that text is refused.
    bool isWitnessed(const std::string& text)
    {
        const auto copy = directory + "-copy";
        std::filesystem::remove_all(copy);
        std::filesystem::copy(directory, copy);
        flip(copy, text);
        const auto opened = Storage::open(copy, notebook(), {"library", NodeId(1)}, limits);
        std::filesystem::remove_all(copy);
        return !opened;
    }

    Gate gate;
    StorageLimits limits{64 << 10, 32 << 10, 128 << 10};
    std::string directory;
    boost::asio::io_context context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> alive{
        context.get_executor()};
    std::unique_ptr<Committer> committer;
    std::vector<std::uint64_t> told;
    std::optional<Error> failure;
    std::size_t linesBefore = 0;
    int syncsAtStart = 0;
};

TEST_P(CommitterTest, OneSyncServesAllThatWasQueuedMeanwhile)
{
    start();
    gate.shut();
    EXPECT_EQ(committer->write(line("first"), Sync::Forced), 1U);
    until([&] { return gate.logSyncs() == syncsAtStart + 1; });
    for (int i = 0; i < 100; ++i) {
        committer->write(line("more"), Sync::Forced);
    }
    EXPECT_EQ(committer->written(), 101U);
    EXPECT_EQ(committer->forced(), 101U);
    EXPECT_EQ(committer->synced(), 0U);
    gate.open();
    untilSynced(101);
    EXPECT_EQ(told.back(), 101U);
    EXPECT_EQ(gate.logSyncs(), syncsAtStart + 2);
}

TEST_P(CommitterTest, ALazyWriteWaitsForNobodyForEver)
{
    start();
    committer->write(line("lazy"), Sync::Lazy);
    EXPECT_EQ(committer->forced(), 0U);
    untilSynced(1);
    EXPECT_EQ(linesOn(committer->disk()).size(), 1U);
}

TEST_P(CommitterTest, ALazyWriteRidesAlongWithAForcedOne)
{
    start();
    gate.shut();
    committer->write(line("first"), Sync::Forced);
    until([&] { return gate.logSyncs() == syncsAtStart + 1; });
    committer->write(line("lazy"), Sync::Lazy);
    committer->write(line("forced"), Sync::Forced);
    EXPECT_EQ(committer->forced(), 3U);
    gate.open();
    untilSynced(3);
    EXPECT_EQ(gate.logSyncs(), syncsAtStart + 2);
}

TEST_P(CommitterTest, AfterAFailureNothingIsAcknowledged)
{
    start();
    committer->write(line("good"), Sync::Forced);
    untilSynced(1);
    gate.failSyncs();
    committer->write(line("bad"), Sync::Forced);
    until([&] { return failure.has_value(); });
    EXPECT_EQ(failure->message, "refused");
    committer->write(line("later"), Sync::Forced);
    committer.reset();
    context.restart();
    context.poll();
    EXPECT_THAT(told, ElementsAre(1));
}

TEST_P(CommitterTest, AFullDiskByRequestEndsIt)
{
    start();
    committer->setFault({1, {}, true});
    committer->write(line("x"), Sync::Forced);
    until([&] { return failure.has_value(); });
    EXPECT_THAT(failure->message, HasSubstr("the disk is full (a fault that somebody asked for)"));
    EXPECT_TRUE(told.empty());
}

/// A limit of the operating system: the file may not grow, and the process must not die of it.
TEST_P(CommitterTest, AFileThatMayNotGrowEndsIt)
{
    limits.segmentBytes = 1 << 20; // prepared before the limit comes
    start();
    committer->write(line("good"), Sync::Forced);
    untilSynced(1);
    const auto isPrepared = [&] {
        for (const auto& entry : std::filesystem::directory_iterator(directory)) {
            const auto name = entry.path().filename().string();
            if (name.starts_with("spare-") && !name.ends_with(".new")) {
                return true;
            }
        }
        return false;
    };
    until(isPrepared);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto limited = before;
    limited.rlim_cur = 16 << 10;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limited), 0);
    for (int i = 0; i < 100; ++i) {
        committer->write(line(std::string(1000, 'x')), Sync::Forced);
    }
    until([&] { return failure.has_value(); });
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_THAT(failure->message, HasSubstr("File too large"));
    const auto acknowledged = told.back();
    EXPECT_LT(acknowledged, 101U);
    committer.reset();
    EXPECT_GE(linesOn(openStorage()->disk()).size(), acknowledged);
}

TEST_P(CommitterTest, ASlowDiskIsSlow)
{
    start();
    constexpr auto latency = std::chrono::milliseconds(60);
    committer->setFault({1, latency, false});
    const auto begin = std::chrono::steady_clock::now();
    committer->write(line("x"), Sync::Forced);
    untilSynced(1);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, latency);
}

TEST_P(CommitterTest, WhatWasQueuedIsDurableWhenItEnds)
{
    start();
    for (int i = 0; i < 50; ++i) {
        committer->write(line(std::to_string(i)), i % 2 == 0 ? Sync::Forced : Sync::Lazy);
    }
    committer.reset();
    context.restart();
    context.poll();
    const auto heard = told.size();
    EXPECT_EQ(heard, 0U) << "no callback comes after the end";
    EXPECT_EQ(linesOn(openStorage()->disk()).size(), 50U);
}

TEST_P(CommitterTest, ChecksAndSegmentsFollowOnEachOtherUnderLoad)
{
    std::vector<std::string> expected;
    for (int boot = 0; boot < 3; ++boot) {
        linesBefore = expected.size();
        start();
        EXPECT_EQ(linesOn(committer->disk()), expected);
        for (int i = 0; i < 1500; ++i) {
            expected.push_back(std::to_string(i) + std::string(400, 'x'));
            const auto number = committer->write(line(expected.back()), Sync::Forced);
            if (i % 16 == 15) {
                untilSynced(number);
            }
        }
        ASSERT_FALSE(failure) << failure->text();
        committer.reset();
    }
    const auto storage = openStorage();
    EXPECT_EQ(linesOn(storage->disk()), expected);
    EXPECT_EQ(storage->incarnation(), 4U);
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        bytes += entry.file_size();
    }
    EXPECT_LT(bytes, 6U << 20) << "old segments and checkpoints stay";
}

TEST_P(CommitterTest, AQuickDiskIsWaitedFor)
{
    start();
    committer->write(line("nobody knows the disk yet"), Sync::Forced);
    untilSynced(1);
    committer->write(line("a"), Sync::Forced);
    committer->write(line("b"), Sync::Lazy);
    if (GetParam() == Duration::zero()) {
        gate.shut();
    }
    context.restart();
    context.poll();
    EXPECT_EQ(committer->synced(), GetParam() == Duration::zero() ? 1U : 3U);
    gate.open();
    untilSynced(3);
    EXPECT_EQ(gate.logSyncs(), syncsAtStart + 2);
}

TEST_P(CommitterTest, ADisturbedDiskIsNotWaitedFor)
{
    start();
    committer->write(line("quick"), Sync::Forced);
    untilSynced(1);
    committer->setFault({1, std::chrono::milliseconds(100), false});
    committer->write(line("slow"), Sync::Forced);
    context.restart();
    context.poll();
    EXPECT_EQ(committer->synced(), 1U);
    untilSynced(2);
}

/// A flipped bit in what was acknowledged: whoever reads the log after the mark knows.
TEST_P(CommitterTest, EachSilenceWitnessesTheNewest)
{
    start();
    for (const auto* text : {"first", "second", "third"}) {
        untilSynced(committer->write(line(text), Sync::Forced));
        until([&] { return isWitnessed(text); });
    }
}

INSTANTIATE_TEST_SUITE_P(Disks, CommitterTest,
                         ::testing::Values(Duration::zero(), std::chrono::hours(1)),
                         [](const auto& quick) {
                             return quick.param == Duration::zero() ? "Slow" : "Quick";
                         });

} // namespace
} // namespace lightcone::live
