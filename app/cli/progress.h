#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace lightcone::cli {

/// A line on stderr that says how far long work has come, where stderr is a terminal; else nothing.
/// Gone when it is done.
class Progress
{
public:
    explicit Progress(std::string what);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

    void report(const std::string& soFar);

private:
    std::string m_what;
    bool m_terminal;
    bool m_shown = false;
    std::chrono::steady_clock::time_point m_next;
};

} // namespace lightcone::cli
