#include "engine/session/library.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace lightcone::session {

namespace {

class LibraryTest : public testing::Test
{
public:
    LibraryTest(const LibraryTest&) = delete;
    LibraryTest& operator=(const LibraryTest&) = delete;
    ~LibraryTest() override { std::filesystem::remove_all(folder); }

protected:
    LibraryTest()
        : folder(std::filesystem::temp_directory_path()
                 / ("lightcone_library_"
                    + std::to_string(::testing::UnitTest::GetInstance()->random_seed())
                    + ::testing::UnitTest::GetInstance()->current_test_info()->name()))
    {
        std::filesystem::create_directories(folder);
    }
    void put(const std::string& name, const std::string& text) const
    {
        std::filesystem::create_directories((folder / name).parent_path());
        std::ofstream(folder / name) << text;
    }

    std::filesystem::path folder;
};

TEST_F(LibraryTest, TakesTitleAndSummaryFromTheOpeningComment)
{
    put("raft/b.scenario", "# Who leads?\n# Five wait.\n#   One asks.\ncluster raft\n# not this\n");
    put("raft/a.scenario", "cluster raft\n");
    put("paxos/c.scenario", "# Only a title\r\n\n# not this\ncluster paxos\n");
    put("raft/notes.txt", "# no scenario");
    const auto entries = library(folder);
    ASSERT_EQ(entries.size(), 3);
    EXPECT_EQ(entries[0].protocol, "paxos");
    EXPECT_EQ(entries[0].title, "Only a title");
    EXPECT_EQ(entries[0].summary, "");
    EXPECT_EQ(entries[1].title, "a");
    EXPECT_EQ(entries[2].title, "Who leads?");
    EXPECT_EQ(entries[2].summary, "Five wait. One asks.");
}

TEST_F(LibraryTest, AMissingFolderIsAnEmptyShelf)
{
    EXPECT_TRUE(library(folder / "nowhere").empty());
}

} // namespace

} // namespace lightcone::session
