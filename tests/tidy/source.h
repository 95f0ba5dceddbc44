#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lightcone::tidy {

/// One source file as the rules see it. Line numbers start at 1; `lines[0]` is line 1.
struct Source
{
    std::string path; ///< From the project's root, with forward slashes.
    std::vector<std::string> lines; ///< As written.
    std::vector<std::string> code; ///< Comments and the contents of literals blanked.
    std::vector<std::string> directives; ///< Comments and raw strings blanked, literals kept.
};

/// Splits `text` into lines and blanks what is not code, keeping every column in its place.
Source parseSource(std::string path, std::string_view text);

/// A file named by an #include line.
struct Include
{
    int line = 0;
    std::string target;
    bool quoted = false;
};

std::vector<Include> includesOf(const Source& source);

} // namespace lightcone::tidy
