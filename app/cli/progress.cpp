#include "app/cli/progress.h"

#include <iostream>
#include <unistd.h>
#include <utility>

namespace lightcone::cli {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto beforeFirst = std::chrono::milliseconds(500);
constexpr auto between = std::chrono::milliseconds(100);

} // namespace

Progress::Progress(std::string what)
    : m_what(std::move(what))
    , m_terminal(isatty(STDERR_FILENO) != 0)
    , m_next(Clock::now() + beforeFirst)
{
}

Progress::~Progress()
{
    if (m_shown) {
        std::cerr << "\r\033[K" << std::flush;
    }
}

void Progress::report(const std::string& soFar)
{
    if (!m_terminal || Clock::now() < m_next) {
        return;
    }
    m_next = Clock::now() + between;
    m_shown = true;
    std::cerr << "\r\033[K" << m_what << ": " << soFar << std::flush;
}

} // namespace lightcone::cli
