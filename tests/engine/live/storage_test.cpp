#include "engine/live/storage.h"
#include "tests/engine/live/memory_filesystem.h"
#include "tests/engine/live/notebook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdlib.h>
#include <string>
#include <vector>

namespace lightcone::live {
namespace {

using test::line;
using test::linesOn;
using test::MemoryFilesystem;
using test::notebook;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr StorageLimits smallSegments{16 << 10, 8 << 10, 24 << 10};

const std::string home = "data";

class StorageTest : public ::testing::Test
{
protected:
    Result<std::unique_ptr<Storage>> open(const node::Protocol& protocol = notebook(),
                                          const Identity& identity = {"library", NodeId(1)})
    {
        return Storage::open(home, protocol, identity, smallSegments, files);
    }

    std::unique_ptr<Storage> opened()
    {
        auto storage = open();
        EXPECT_TRUE(storage) << storage.error().text();
        return std::move(*storage);
    }

    static void commit(Storage& storage, const std::vector<std::string>& texts)
    {
        std::vector<node::PayloadPtr> records;
        for (const auto& text : texts) {
            records.push_back(line(text));
        }
        const auto done = storage.commit(records);
        ASSERT_TRUE(done) << done.error().text();
    }

    std::string refusal()
    {
        const auto storage = open();
        return storage ? "" : storage.error().text();
    }

    MemoryFilesystem files;
};

TEST_F(StorageTest, ANewDirectoryHoldsNothing)
{
    const auto storage = opened();
    EXPECT_EQ(storage->incarnation(), 1U);
    EXPECT_TRUE(linesOn(storage->disk()).empty());
    EXPECT_FALSE(storage->notice());
}

TEST_F(StorageTest, WhatWasCommittedIsThereAfterEachBoot)
{
    commit(*opened(), {"one", "two"});
    commit(*opened(), {"three"});
    const auto storage = opened();
    EXPECT_EQ(storage->incarnation(), 3U);
    EXPECT_THAT(linesOn(storage->disk()), ElementsAre("one", "two", "three"));
    EXPECT_FALSE(storage->notice());
}

TEST_F(StorageTest, WhatWasCommittedIsThereAfterAClose)
{
    auto storage = opened();
    commit(*storage, {"one"});
    ASSERT_TRUE(storage->mark());
    commit(*storage, {"two"});
    ASSERT_TRUE(storage->close());
    storage.reset();
    storage = opened();
    EXPECT_THAT(linesOn(storage->disk()), ElementsAre("one", "two"));
    EXPECT_FALSE(storage->notice());
}

TEST_F(StorageTest, TwoNodesDoNotShareADirectory)
{
    const auto storage = opened();
    EXPECT_THAT(refusal(), HasSubstr("in use"));
}

TEST_F(StorageTest, AnothersDirectoryIsRefused)
{
    opened();
    const auto other = open(notebook(), {"museum", NodeId(1)});
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().text(),
              "data/checkpoint-0000000001 belongs to node 1 of cluster 'library', protocol "
              "notebook; expected node 1 of cluster 'museum', protocol notebook");
    const auto another = open(notebook(), {"library", NodeId(2)});
    ASSERT_FALSE(another);
    EXPECT_THAT(another.error().text(), HasSubstr("expected node 2"));
}

TEST_F(StorageTest, ALaterBuildReadsWhatAnEarlierOneWrote)
{
    auto storage = opened();
    commit(*storage, {"in the checkpoint"});
    storage = nullptr;
    storage = opened();
    commit(*storage, {"in the log"});
    storage = nullptr;
    const auto later = open(test::laterNotebook());
    ASSERT_TRUE(later) << later.error().text();
    EXPECT_THAT(node::durableOf<test::LaterNotebook>((*later)->disk()).lines,
                ElementsAre("in the checkpoint", "in the log"));
}

/// The end of a log is cut at every byte of its last records: what remains whole counts, and
/// nothing else is lost or made up.
TEST_F(StorageTest, ATornTailIsCutAtEveryByte)
{
    auto storage = opened();
    const std::vector<std::string> texts{"zero", "one", "two", "three"};
    std::vector<std::size_t> ends; // of each record
    auto end = segmentHeadBytes;
    for (const auto& text : texts) {
        commit(*storage, {text});
        Bytes body;
        line(text)->encode(body);
        ends.push_back(end += recordHeadBytes + body.size());
    }
    storage.reset();
    const auto path = home + "/" + segmentName(1);
    const auto whole = files.image();
    for (auto cut = ends.front(); cut <= ends.back(); ++cut) {
        files.become(whole);
        files.bytes(path).resize(cut);
        const auto reopened = opened();
        ASSERT_TRUE(reopened);
        const auto records = static_cast<std::size_t>(
            std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin());
        EXPECT_EQ(linesOn(reopened->disk()),
                  std::vector<std::string>(texts.begin(), texts.begin() + records));
        const bool between = ends[records - 1] == cut;
        EXPECT_EQ(reopened->notice().has_value(), !between) << cut;
        commit(*reopened, {"after"});
    }
}

/// The same where the rest of the segment stays, as a power failure leaves it.
TEST_F(StorageTest, AnUnwrittenTailIsCutAtEveryByte)
{
    auto storage = opened();
    commit(*storage, {"zero"});
    const auto before = files.bytes(home + "/" + segmentName(1));
    commit(*storage, {"one", "two"});
    storage.reset();
    const auto path = home + "/" + segmentName(1);
    const auto whole = files.image();
    const auto after = files.bytes(path);
    const auto end = after.find_last_not_of('\0') + 1;
    for (auto cut = before.find_last_not_of('\0') + 1; cut < end; ++cut) {
        files.become(whole);
        auto& bytes = files.bytes(path);
        bytes = after.substr(0, cut) + before.substr(cut);
        auto reopened = opened();
        ASSERT_TRUE(reopened);
        auto expected = linesOn(reopened->disk());
        EXPECT_GE(expected.size(), 1U);
        EXPECT_LE(expected.size(), 2U);
        // What is cut once never comes back.
        commit(*reopened, {"new"});
        expected.emplace_back("new");
        reopened = nullptr;
        EXPECT_EQ(linesOn(opened()->disk()), expected);
    }
}

TEST_F(StorageTest, AFlippedBitInWhatWasDurableIsReported)
{
    auto storage = opened();
    commit(*storage, {"one"});
    commit(*storage, {"two", "three"});
    const auto path = home + "/" + segmentName(1);
    const auto end = files.bytes(path).find_last_not_of('\0') + 1;
    ASSERT_TRUE(storage->mark());
    storage.reset();
    const auto whole = files.image();
    for (auto byte = segmentHeadBytes; byte < end; ++byte) {
        files.become(whole);
        auto& there = files.bytes(path)[byte];
        there = static_cast<char>(there ^ (1 << (byte % 8)));
        EXPECT_THAT(refusal(), HasSubstr("data/log-0000000001 is damaged at byte")) << byte;
    }
    files.become(whole);
    EXPECT_EQ(linesOn(opened()->disk()).size(), 3U);
}

TEST_F(StorageTest, AFlippedBitInAHeadOrACheckpointIsReported)
{
    auto storage = opened();
    commit(*storage, {"one"});
    storage.reset();
    storage = opened();
    storage.reset();
    const auto whole = files.image();
    const auto checkpoint = home + "/" + checkpointName(2);
    for (std::size_t byte = 0; byte < files.bytes(checkpoint).size(); ++byte) {
        files.become(whole);
        auto& there = files.bytes(checkpoint)[byte];
        there = static_cast<char>(there ^ (1 << (byte % 8)));
        EXPECT_THAT(refusal(), HasSubstr("data/checkpoint-0000000002 is damaged")) << byte;
    }
    const auto segment = home + "/" + segmentName(2);
    const auto headEnd = files.bytes(segment).find_last_not_of('\0') + 1;
    for (std::size_t byte = 0; byte < headEnd; ++byte) {
        files.become(whole);
        auto& there = files.bytes(segment)[byte];
        there = static_cast<char>(there ^ (1 << (byte % 8)));
        EXPECT_THAT(refusal(), HasSubstr("data/log-0000000002 is damaged")) << byte;
    }
}

TEST_F(StorageTest, WhatIsMissingIsReported)
{
    opened();
    const auto whole = files.image();
    ASSERT_TRUE(files.remove(home + "/" + segmentName(1)));
    EXPECT_EQ(refusal(),
              "data/log-0000000001 is missing, and the log begins there: the node does not start "
              "rather than forget something that it has said is safe");
    files.become(whole);
    commit(*opened(), {"one"});
    ASSERT_TRUE(files.remove(home + "/" + checkpointName(2)));
    EXPECT_THAT(refusal(), HasSubstr("there is no checkpoint before it"));
}

TEST_F(StorageTest, ALogThatGrowsIsCheckpointedAndItsFilesAreUsedAgain)
{
    auto storage = opened();
    std::vector<std::string> written;
    std::uint64_t checkpoints = 0;
    for (int round = 0; round < 200; ++round) {
        if (storage->wantsSegment()) {
            ASSERT_TRUE(storage->prepareSegment());
        }
        std::vector<std::string> batch;
        for (int i = 0; i < 3; ++i) {
            batch.push_back(std::to_string(round) + std::string(300, 'x'));
        }
        commit(*storage, batch);
        written.insert(written.end(), batch.begin(), batch.end());
        if (storage->wantsCheckpoint()) {
            const auto plan = storage->beginCheckpoint();
            ASSERT_TRUE(plan);
            test::Lines lines{written};
            ASSERT_TRUE(storage->writeCheckpoint(*plan, node::HostedDisk<test::Notebook>(lines)));
            ++checkpoints;
        }
        ASSERT_LE(files.paths().size(), 16U) << "old files stay";
    }
    EXPECT_GE(checkpoints, 2U);
    storage.reset();
    storage = opened();
    EXPECT_EQ(linesOn(storage->disk()), written);
    EXPECT_FALSE(storage->notice());
}

/// Without anybody who prepares segments the log is slower, not wrong.
TEST_F(StorageTest, ASegmentGrowsWhereNoneIsPrepared)
{
    auto storage = opened();
    std::vector<std::string> written;
    for (int round = 0; round < 50; ++round) {
        written.push_back(std::to_string(round) + std::string(1000, 'x'));
        commit(*storage, {written.back()});
    }
    storage.reset();
    EXPECT_EQ(linesOn(opened()->disk()), written);
}

/// One life of a node on a file system that refuses something: what it was told is durable, and
/// what it tried.
struct Life
{
    std::vector<std::string> durable;
    std::vector<std::string> tried;
    bool refused = false;
};

/// As a node does, ends at the first refusal; but not before it has seen that a storage that
/// refused a commit refuses the next.
void live(Life& life, MemoryFilesystem& files, const std::string& prefix)
{
    auto storage = Storage::open(home, notebook(), {"library", NodeId(1)}, smallSegments, files);
    life.refused = !storage;
    for (int round = 0; round < 12 && !life.refused; ++round) {
        const auto text = prefix + std::to_string(round) + std::string(4000, 'x');
        life.tried.push_back(text);
        const std::vector<node::PayloadPtr> records{line(text)};
        if (!(*storage)->commit(records)) {
            EXPECT_FALSE((*storage)->commit(records)) << "after an error nothing is acknowledged";
            life.refused = true;
            return;
        }
        life.durable.push_back(text);
        life.refused = ((*storage)->wantsSegment() && !(*storage)->prepareSegment())
            || (round % 5 == 4 && !(*storage)->mark());
        if (!life.refused && (*storage)->wantsCheckpoint()) {
            const auto plan = (*storage)->beginCheckpoint();
            const test::Lines lines{life.durable};
            life.refused = !plan
                || !(*storage)->writeCheckpoint(*plan, node::HostedDisk<test::Notebook>(lines));
        }
    }
    life.refused = life.refused || !(*storage)->close();
}

/// What is found is what was durable and, at most, a beginning of what was tried after it.
void expectKept(const std::vector<std::string>& found, const Life& life, std::uint64_t operation)
{
    ASSERT_GE(found.size(), life.durable.size()) << "operation " << operation;
    ASSERT_LE(found.size(), life.tried.size()) << "operation " << operation;
    EXPECT_TRUE(std::equal(found.begin(), found.end(), life.tried.begin()))
        << "operation " << operation;
}

TEST_F(StorageTest, EachRefusedOperationLosesNothing)
{
    Life whole;
    live(whole, files, "a");
    ASSERT_FALSE(whole.refused);
    ASSERT_GE(whole.durable.size(), 12U);
    const auto operations = files.operations();
    ASSERT_GT(operations, 50U);
    for (std::uint64_t operation = 1; operation <= operations; ++operation) {
        for (const bool powerFails : {false, true}) {
            files.become({});
            files.failAt(operation);
            Life life;
            live(life, files, "a");
            EXPECT_TRUE(life.refused) << "operation " << operation << " may fail unnoticed";
            files.failNever();
            if (powerFails) {
                Dice dice(operation);
                files.losePower(dice);
            }
            const auto storage = opened();
            ASSERT_TRUE(storage) << "operation " << operation;
            expectKept(linesOn(storage->disk()), life, operation);
        }
    }
}

class PosixStorageTest : public ::testing::Test
{
protected:
    PosixStorageTest()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "storageXXXXXX").string();
        directory = ::mkdtemp(pattern.data());
    }
    ~PosixStorageTest() override { std::filesystem::remove_all(directory); }

    std::string directory;
};

TEST_F(PosixStorageTest, KeepsWhatWasCommittedOnARealFileSystem)
{
    const auto path = directory + "/a/b";
    for (int boot = 1; boot <= 3; ++boot) {
        auto storage = Storage::open(path, notebook(), {"library", NodeId(1)}, smallSegments);
        ASSERT_TRUE(storage) << storage.error().text();
        EXPECT_EQ((*storage)->incarnation(), static_cast<std::uint64_t>(boot));
        EXPECT_EQ(linesOn((*storage)->disk()).size(), static_cast<std::size_t>(boot - 1));
        const auto second = Storage::open(path, notebook(), {"library", NodeId(1)}, smallSegments);
        ASSERT_FALSE(second);
        EXPECT_THAT(second.error().text(),
                    HasSubstr("is in use by process " + std::to_string(::getpid())));
        const std::vector<node::PayloadPtr> records{line("boot")};
        ASSERT_TRUE((*storage)->commit(records));
    }
}

TEST_F(PosixStorageTest, SaysWhereADirectoryCannotBeMade)
{
    const auto path = directory + "/file";
    ASSERT_TRUE(posixFilesystem().create(path));
    const auto storage = Storage::open(path + "/below", notebook(), {"library", NodeId(1)});
    ASSERT_FALSE(storage);
    EXPECT_THAT(storage.error().text(), HasSubstr(path));
}

} // namespace
} // namespace lightcone::live
