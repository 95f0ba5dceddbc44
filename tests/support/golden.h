#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace lightcone {

/// What a file under tests/data holds; empty when there is none.
inline std::string readData(const std::string& name)
{
    std::ifstream in(std::string(LIGHTCONE_SOURCE_DIR "/tests/data/") + name, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// Expects the text of tests/data/<name>. With LIGHTCONE_REWRITE set the file is written instead,
/// to be read as a diff.
inline void expectGolden(const std::string& text, const std::string& name)
{
    if (std::getenv("LIGHTCONE_REWRITE") != nullptr) {
        const std::filesystem::path path(std::string(LIGHTCONE_SOURCE_DIR "/tests/data/") + name);
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return;
    }
    EXPECT_EQ(text, readData(name))
        << "tests/data/" << name << " (LIGHTCONE_REWRITE=1 rewrites it)";
}

} // namespace lightcone
