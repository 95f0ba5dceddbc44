#include "engine/core/check.h"
#include "engine/session/plan.h"
#include "engine/session/scenario.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace lightcone;

constexpr std::size_t longestText = 8192;

/// An error of a scenario points at a place that the text has, or just behind it.
void checkPlace(const Error& error, std::string_view text)
{
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    check(!error.message.empty(), "an error that says something");
    check(error.line >= 1 && error.line <= lines + 1, "a line of the text");
    check(error.column >= 1 && error.column <= text.size() + 1, "a column of the text");
}

/// What was understood is written in one way, and read back as the same.
void checkLine(const session::Line& line)
{
    const auto written = session::toText(line);
    const auto back = session::parseLine(written);
    check(back.has_value(), "a written line that can be read");
    check(*back == line, "a written line that says the same");
}

} // namespace

/// Any bytes are a scenario or one sentence with its place; so is what a protocol makes of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, longestText));
    const auto scenario = session::parseScenario(text, "fuzz.scenario");
    if (!scenario) {
        checkPlace(scenario.error(), text);
        return 0;
    }
    for (const auto& line : scenario->lines) {
        checkLine(line);
    }
    if (const auto plan = session::prepare(*scenario); !plan) {
        checkPlace(plan.error(), text);
    }
    return 0;
}
