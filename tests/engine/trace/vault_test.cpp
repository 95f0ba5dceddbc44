#include "engine/node/effects.h"
#include "engine/trace/hash.h"
#include "engine/trace/trace.h"
#include "engine/trace/vault.h"
#include "tests/support/synthetic_run.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <fstream>
#include <string>

namespace lightcone::trace {
namespace {

constexpr std::size_t small = std::size_t{1} << 20;

std::shared_ptr<Vault> vaultOf(std::size_t bytes = small)
{
    return Vault::open(testing::TempDir(), bytes);
}

node::PayloadPtr textOf(const std::string& text)
{
    return node::makePayload(node::Text{text});
}

/// Records again what another trace holds.
void copyTo(Trace& copy, const Trace& from)
{
    for (std::uint64_t number = 1; number <= from.size(); ++number) {
        copy.record(EventId(number), from[EventId(number)]);
    }
}

TEST(Vault, APayloadIsTheSameWhenItIsKept)
{
    const auto vault = vaultOf();
    const auto made = textOf("n1 leads");
    const auto kept = vault->keep(made);
    EXPECT_EQ(kept->describe(), made->describe());
    EXPECT_EQ(kept->name(), made->name());
    EXPECT_EQ(kept->tag(), made->tag());
    EXPECT_EQ(kept->shape(), made->shape());
    Bytes bytes;
    Bytes again;
    made->encode(bytes);
    kept->encode(again);
    EXPECT_EQ(bytes, again);
    EXPECT_EQ(vault->keep(made), kept) << "a message's sending and its arrival share it";
    EXPECT_EQ(vault->keep({}), nullptr);
    vault->close();
}

TEST(Vault, APayloadOutlivesIt)
{
    auto vault = vaultOf();
    auto kept = vault->keep(textOf("still here"));
    const std::weak_ptr<Vault> watch = vault;
    vault->close();
    vault.reset();
    EXPECT_EQ(kept->describe().children().front().asText(), "still here");
    EXPECT_FALSE(watch.expired());
    kept.reset();
    EXPECT_TRUE(watch.expired());
}

TEST(Vault, WhatIsLargerThanASegmentHasOneOfItsOwn)
{
    const auto vault = vaultOf(4096);
    const std::string large(100'000, 'x');
    const auto kept = vault->keep(textOf(large));
    const auto next = vault->keep(textOf("y"));
    EXPECT_EQ(kept->describe(), textOf(large)->describe());
    EXPECT_EQ(next->describe(), textOf("y")->describe());
    EXPECT_EQ(vault->inMemory(), 0U);
    vault->close();
}

TEST(Vault, ATraceInItIsTheSame)
{
    const auto made = synthetic::makeTrace({}, 5 * Trace::chunkSize + 100);
    const auto vault = vaultOf();
    std::shared_ptr<Trace> fork;
    {
        Trace copy(made->about(), vault);
        copyTo(copy, *made);
        EXPECT_EQ(traceHash(copy), traceHash(*made));
        EXPECT_EQ(vault->inMemory(), 0U);
        fork = copy.fork(EventId(3 * Trace::chunkSize + 7), "fork");
    }
    EXPECT_EQ(traceHash(*fork), traceHash(*made->fork(EventId(3 * Trace::chunkSize + 7), "fork")))
        << "a branch outlives what it shares";
}

TEST(Vault, WithoutAFileAllIsInMemory)
{
    const auto vault = Vault::open("/no/such/folder", small);
    const auto made = synthetic::makeTrace({}, 2 * Trace::chunkSize);
    Trace copy(made->about(), vault);
    copyTo(copy, *made);
    EXPECT_GT(vault->inMemory(), 2 * Trace::chunkSize * sizeof(Event));
    EXPECT_EQ(traceHash(copy), traceHash(*made));
}

TEST(Vault, NoFileStaysInItsFolder)
{
    const auto folder = std::filesystem::path(testing::TempDir()) / "vault";
    std::filesystem::create_directories(folder);
    const auto vault = Vault::open(folder, small);
    static_cast<void>(vault->room(100));
    EXPECT_EQ(vault->inMemory(), 0U);
    EXPECT_TRUE(std::filesystem::is_empty(folder)) << "whatever becomes of this process";
    std::filesystem::remove(folder);
}

#ifdef __linux__
std::size_t memoryInUse()
{
    std::ifstream in("/proc/self/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    in >> all >> resident;
    return resident * 4096;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keepsWhatWasFreed = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool keepsWhatWasFreed = true;
#else
constexpr bool keepsWhatWasFreed = false;
#endif
#else
constexpr bool keepsWhatWasFreed = false;
#endif

// Hours of a run, in short: what is old does not stay in memory, and is there when it is wanted.
TEST(Vault, MemoryDoesNotGrowWithTheRun)
{
    constexpr std::uint64_t events = 100 * Trace::chunkSize;
    const auto before = memoryInUse();
    Trace trace(synthetic::aboutOf({}), vaultOf(std::size_t{4} << 20));
    std::size_t most = 0;
    for (std::uint64_t number = 1; number <= events; ++number) {
        Event event;
        event.at = Instant(Duration(number));
        event.node = NodeId(1);
        event.payload = textOf(fmt::format("{:>200}", number));
        trace.record(EventId(number), std::move(event));
        if (number % Trace::chunkSize == 0) {
            most = std::max(most, memoryInUse());
        }
    }
    // 64 bytes an event and 200 and more a payload are some 120 MB.
    if (!keepsWhatWasFreed) {
        EXPECT_LT(most, before + (std::size_t{40} << 20));
    }
    EXPECT_EQ(trace[EventId(1)].payload->describe().children().front().asText(),
              fmt::format("{:>200}", 1));
}
#endif

} // namespace
} // namespace lightcone::trace
