#include "engine/session/resources.h"

#include <gtest/gtest.h>

#include <fstream>

namespace lightcone::session {
namespace {

namespace fs = std::filesystem;

TEST(Resources, LieBesideAnInstalledProgramElseWhereItWasBuilt)
{
    const auto root = fs::temp_directory_path() / "lightcone_resources_test";
    fs::remove_all(root);
    fs::create_directories(root / "bin");
    std::ofstream(root / "bin" / "lightcone") << "a program";
    EXPECT_EQ(resourceFolder(root / "bin" / "lightcone", "/built"), "/built");
    fs::create_directories(root / "share" / "lightcone" / "scenarios");
    const auto beside = fs::canonical(root) / "share" / "lightcone";
    EXPECT_EQ(resourceFolder(root / "bin" / "lightcone", "/built"), beside);
    EXPECT_EQ(resourceFolder(root / "bin" / ".." / "bin" / "lightcone", "/built"), beside);
    // A link to it in another folder of the path is the same program.
    fs::create_directories(root / "elsewhere");
    fs::create_symlink(root / "bin" / "lightcone", root / "elsewhere" / "lc");
    EXPECT_EQ(resourceFolder(root / "elsewhere" / "lc", "/built"), beside);
    fs::remove_all(root);
}

} // namespace
} // namespace lightcone::session
