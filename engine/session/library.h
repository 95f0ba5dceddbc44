#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lightcone::session {

/// One scenario on the shelf, as its opening comment lines present it.
struct LibraryEntry
{
    std::string protocol; ///< the folder that it lies in
    std::filesystem::path file;
    std::string title; ///< the first comment line; the file's name where there is none
    std::string summary; ///< the comment lines right below it, as one text
};

/// The scenarios under folder/<protocol>/, by protocol and file name; empty where there is no such
/// folder. A file that cannot be read is left out.
std::vector<LibraryEntry> library(const std::filesystem::path& folder);

} // namespace lightcone::session
