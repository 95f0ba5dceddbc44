#include "engine/core/time.h"

#include <array>
#include <charconv>
#include <optional>

namespace lightcone {

namespace {

struct Unit
{
    std::string_view name;
    std::int64_t nanoseconds;
};

constexpr std::array units{
    Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},
    Unit{"us", 1'000},
    Unit{"ns", 1},
};

/// The number of units, exact, without trailing zeros.
std::string decimal(std::uint64_t count, std::uint64_t unit)
{
    std::string text = std::to_string(count / unit);
    auto rest = count % unit;
    if (rest == 0) {
        return text;
    }
    std::string digits;
    for (auto place = unit / 10; place > 0 && rest > 0; place /= 10) {
        digits.push_back(static_cast<char>('0' + rest / place));
        rest %= place;
    }
    return text + "." + digits;
}

std::uint64_t magnitude(Duration duration)
{
    const auto count = duration.count();
    return count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
}

/// Times are read at a glance: three digits behind the point, exact ones stay in files and
/// tooltips.
std::uint64_t roundedTo(std::uint64_t count, std::uint64_t grain)
{
    return grain <= 1 ? count : (count + grain / 2) / grain * grain;
}

/// Whole and fraction apart, in integers, so that what is written is what is meant. What is finer
/// than a nanosecond is dropped; nothing where it does not fit into 64 bits.
std::optional<std::uint64_t> nanosecondsIn(std::string_view wholeText, std::string_view fraction,
                                           std::uint64_t size)
{
    std::uint64_t whole = 0;
    if (!wholeText.empty()) {
        const auto* end = wholeText.data() + wholeText.size();
        if (std::from_chars(wholeText.data(), end, whole).ec != std::errc{}
            || whole > UINT64_MAX / size - 1) {
            return std::nullopt;
        }
    }
    auto count = whole * size;
    auto place = size;
    for (const char digit : fraction) {
        place /= 10;
        count += static_cast<std::uint64_t>(digit - '0') * place;
    }
    return count;
}

} // namespace

std::string toText(Duration duration)
{
    const auto count = magnitude(duration);
    if (count == 0) {
        return "0 s";
    }
    const std::string sign = duration.count() < 0 ? "-" : "";
    for (const auto& unit : units) {
        const auto size = static_cast<std::uint64_t>(unit.nanoseconds);
        const auto shown = roundedTo(count, size / 1000);
        if (shown >= size) {
            return sign + decimal(shown, size) + " "
                + (unit.name == "us" ? "µs" : std::string(unit.name));
        }
    }
    return sign + std::to_string(count) + " ns";
}

std::string toText(Instant instant)
{
    return toText(instant.time_since_epoch());
}

std::string toScenarioText(Duration duration)
{
    const auto count = magnitude(duration);
    const std::string sign = duration.count() < 0 ? "-" : "";
    if (count == 0) {
        return "0s";
    }
    for (const auto& unit : units) {
        const auto size = static_cast<std::uint64_t>(unit.nanoseconds);
        if (count >= size) {
            return sign + decimal(count, size) + std::string(unit.name);
        }
    }
    return sign + std::to_string(count) + "ns";
}

Result<Duration> parseDuration(std::string_view text)
{
    const std::string shown(text.substr(0, 40));
    const auto wrong = [&] {
        return fail("expected a duration such as 20ms, 1.5s or 300us, found '" + shown + "'");
    };
    bool negative = false;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    const auto end = text.find_first_not_of("0123456789.");
    if (end == 0 || end == std::string_view::npos) {
        return wrong();
    }
    const auto number = text.substr(0, end);
    auto unit = text.substr(end);
    while (!unit.empty() && unit.front() == ' ') {
        unit.remove_prefix(1);
    }
    std::int64_t size = 0;
    for (const auto& known : units) {
        size = unit == known.name ? known.nanoseconds : size;
    }
    size = unit == "µs" ? 1'000 : unit == "m" || unit == "min" ? 60'000'000'000 : size;
    if (size == 0) {
        return wrong();
    }
    const auto point = number.find('.');
    const auto wholeText = number.substr(0, point);
    const auto fraction =
        point == std::string_view::npos ? std::string_view{} : number.substr(point + 1);
    if (fraction.find('.') != std::string_view::npos || (wholeText.empty() && fraction.empty())) {
        return wrong();
    }
    const auto most = static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1 : 0);
    const auto count = nanosecondsIn(wholeText, fraction, static_cast<std::uint64_t>(size));
    if (!count || *count > most) {
        return fail("the duration '" + shown + "' is too long: the most is about 292 years");
    }
    return Duration(static_cast<std::int64_t>(negative ? 0 - *count : *count));
}

} // namespace lightcone
