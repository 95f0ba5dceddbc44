#include "engine/session/library.h"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

namespace lightcone::session {

namespace {

constexpr std::size_t mostOpeningLines = 20;

/// "# words" → "words"; nothing when the line is no comment.
bool comment(std::string& line)
{
    if (line.empty() || line.front() != '#') {
        return false;
    }
    const auto begin = line.find_first_not_of(" \t", 1);
    const auto end = line.find_last_not_of(" \t\r");
    line = begin == std::string::npos ? std::string{} : line.substr(begin, end + 1 - begin);
    return true;
}

void readOpening(std::ifstream& in, LibraryEntry& entry)
{
    std::string line;
    if (!std::getline(in, line) || !comment(line)) {
        entry.title = entry.file.stem().string();
        return;
    }
    entry.title = line;
    for (std::size_t count = 0; count < mostOpeningLines && std::getline(in, line) && comment(line);
         ++count) {
        entry.summary += (entry.summary.empty() || line.empty() ? "" : " ") + line;
    }
}

} // namespace

std::vector<LibraryEntry> library(const std::filesystem::path& folder)
{
    std::vector<LibraryEntry> entries;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
        if (at->path().extension() != ".scenario") {
            continue;
        }
        std::ifstream in(at->path());
        if (!in) {
            continue;
        }
        LibraryEntry entry;
        entry.file = at->path();
        entry.protocol = at->path().parent_path().filename().string();
        readOpening(in, entry);
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(), [](const LibraryEntry& a, const LibraryEntry& b) {
        return a.protocol != b.protocol ? a.protocol < b.protocol : a.file < b.file;
    });
    return entries;
}

} // namespace lightcone::session
