#include "engine/sim/settings.h"

#include "engine/core/check.h"
#include "engine/describe/described.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <functional>
#include <limits>

namespace lightcone::sim {

namespace {

constexpr auto longest = std::chrono::hours(24);

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.front() == ' ') {
        text.remove_prefix(1);
    }
    while (!text.empty() && text.back() == ' ') {
        text.remove_suffix(1);
    }
    return text;
}

std::optional<double> readNumber(std::string_view text)
{
    double number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (text.empty() || read.ec != std::errc{} || read.ptr != end) {
        return std::nullopt;
    }
    return number;
}

std::string numberText(double number)
{
    return fmt::format("{}", number);
}

Result<Duration> readTime(std::string_view text)
{
    const auto time = parseDuration(trimmed(text));
    if (!time) {
        return time.error();
    }
    if (*time < Duration::zero() || *time > longest) {
        return fail("expected a time from 0 to 24 hours, found '" + std::string(text) + "'");
    }
    return time;
}

Result<LatencyModel> readLongTailed(std::string_view text)
{
    const auto words = trimmed(text);
    const auto space = words.rfind(' ');
    const auto median = readTime(space == std::string_view::npos ? words : words.substr(0, space));
    if (!median) {
        return median.error();
    }
    double sigma = 1;
    if (space != std::string_view::npos) {
        const auto number = readNumber(words.substr(space + 1));
        if (!number || !(*number >= 0) || *number > 5) {
            return fail("expected a tail from 0 to 5 after the median, as in 'long 2ms 1.2'");
        }
        sigma = *number;
    }
    return LatencyModel::longTailed(*median, sigma);
}

} // namespace

LatencyModel LatencyModel::constant(Duration always)
{
    return {LatencyKind::Constant, always, {}, 0};
}

LatencyModel LatencyModel::uniform(Duration low, Duration high)
{
    return {LatencyKind::Uniform, low, high, 0};
}

LatencyModel LatencyModel::exponential(Duration mean)
{
    return {LatencyKind::Exponential, mean, {}, 0};
}

LatencyModel LatencyModel::longTailed(Duration median, double sigma)
{
    return {LatencyKind::LongTailed, median, {}, sigma};
}

Duration LatencyModel::draw(Dice& dice) const
{
    switch (kind) {
    case LatencyKind::Constant:
        return typical;
    case LatencyKind::Uniform:
        return dice.between(typical, std::max(typical, high));
    case LatencyKind::Exponential:
        return std::min<Duration>(dice.exponential(typical), longest);
    case LatencyKind::LongTailed:
        return std::min<Duration>(dice.logNormal(typical, sigma), longest);
    }
    checkFailed("a known kind of latency", BOOST_CURRENT_LOCATION);
}

std::string toText(const LatencyModel& model)
{
    const auto typical = toScenarioText(model.typical);
    switch (model.kind) {
    case LatencyKind::Constant:
        return typical;
    case LatencyKind::Uniform:
        return typical + ".." + toScenarioText(model.high);
    case LatencyKind::Exponential:
        return "exp " + typical;
    case LatencyKind::LongTailed:
        return "long " + typical + " " + numberText(model.sigma);
    }
    checkFailed("a known kind of latency", BOOST_CURRENT_LOCATION);
}

Result<LatencyModel> parseLatency(std::string_view text)
{
    const auto whole = trimmed(text);
    if (whole.starts_with("exp ")) {
        const auto mean = readTime(whole.substr(4));
        return mean ? Result<LatencyModel>(LatencyModel::exponential(*mean)) : mean.error();
    }
    if (whole.starts_with("long ")) {
        return readLongTailed(whole.substr(5));
    }
    const auto dots = whole.find("..");
    if (dots == std::string_view::npos) {
        const auto always = readTime(whole);
        return always
            ? Result<LatencyModel>(LatencyModel::constant(*always))
            : fail("expected a latency such as 5ms, 1ms..5ms, 'exp 3ms' or 'long 2ms 1.2', found '"
                   + std::string(text) + "'");
    }
    const auto low = readTime(whole.substr(0, dots));
    if (!low) {
        return low.error();
    }
    const auto high = readTime(whole.substr(dots + 2));
    if (!high) {
        return high.error();
    }
    if (*high < *low) {
        return fail("expected the lower time first, found '" + std::string(text) + "'");
    }
    return LatencyModel::uniform(*low, *high);
}

bool LinkChange::empty() const
{
    return *this == LinkChange{};
}

LinkModel LinkChange::appliedTo(LinkModel model) const
{
    model.latency = latency.value_or(model.latency);
    model.loss = loss.value_or(model.loss);
    model.duplicate = duplicate.value_or(model.duplicate);
    model.reorder = reorder.value_or(model.reorder);
    model.reorderBy = reorderBy.value_or(model.reorderBy);
    return model;
}

LinkChange LinkChange::over(const LinkChange& before) const
{
    return {latency ? latency : before.latency, loss ? loss : before.loss,
            duplicate ? duplicate : before.duplicate, reorder ? reorder : before.reorder,
            reorderBy ? reorderBy : before.reorderBy};
}

std::string difference(const LinkModel& model, const LinkModel& from)
{
    std::string text;
    const auto add = [&](bool differs, std::string_view name, const std::string& value) {
        if (differs) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
        }
    };
    add(model.latency != from.latency, "latency", toText(model.latency));
    add(model.loss != from.loss, "loss", chanceText(model.loss));
    add(model.duplicate != from.duplicate, "duplicate", chanceText(model.duplicate));
    add(model.reorder != from.reorder, "reorder", chanceText(model.reorder));
    add(model.reorderBy != from.reorderBy, "reorderBy", toScenarioText(model.reorderBy));
    return text;
}

LinkModel Settings::link() const
{
    return {latency, loss, duplicate, reorder, reorderBy};
}

node::ClientSettings Settings::client() const
{
    node::ClientSettings client;
    client.timeout = clientTimeout;
    client.backOff = clientBackOff;
    client.mostBackOff = std::max(client.mostBackOff, clientBackOff);
    client.patience = clientPatience;
    client.retryRefused = retryRefused;
    return client;
}

namespace {

/// How one member is read and written, and what is said of it.
struct Row
{
    std::string_view name;
    std::string_view text;
    std::function<Result<void>(Settings&, std::string_view)> read;
    std::function<std::string(const Settings&)> write;
};

template <class T>
Row wholeNumber(std::string_view name, std::string_view text, T Settings::*member, T least, T most)
{
    return {name, text,
            [=](Settings& settings, std::string_view words) -> Result<void> {
                T number{};
                const auto* end = words.data() + words.size();
                const auto read = std::from_chars(words.data(), end, number);
                if (words.empty() || read.ec != std::errc{} || read.ptr != end || number < least
                    || number > most) {
                    return fail(fmt::format("expected a whole number from {} to {}, found '{}'",
                                            least, most, words));
                }
                settings.*member = number;
                return {};
            },
            [=](const Settings& settings) { return std::to_string(settings.*member); }};
}

template <class T, class Parse, class Write>
Row parsed(std::string_view name, std::string_view text, T Settings::*member, Parse parse,
           Write write)
{
    return {name, text,
            [=](Settings& settings, std::string_view words) -> Result<void> {
                const auto value = parse(words);
                if (!value) {
                    return value.error();
                }
                settings.*member = *value;
                return {};
            },
            [=](const Settings& settings) { return write(settings.*member); }};
}

Row chance(std::string_view name, std::string_view text, double Settings::*member)
{
    return parsed(name, text, member, parseChance, chanceText);
}

Row time(std::string_view name, std::string_view text, Duration Settings::*member)
{
    return parsed(name, text, member, readTime,
                  [](Duration duration) { return toScenarioText(duration); });
}

Row latency(std::string_view name, std::string_view text, LatencyModel Settings::*member)
{
    return parsed(name, text, member, parseLatency,
                  [](const LatencyModel& model) { return toText(model); });
}

Result<bool> readFlag(std::string_view words)
{
    if (words == "true" || words == "yes") {
        return true;
    }
    if (words == "false" || words == "no") {
        return false;
    }
    return fail("expected true or false, found '" + std::string(words) + "'");
}

const std::vector<Row>& rows()
{
    static const std::vector<Row> all{
        wholeNumber<std::uint64_t>("seed",
                                   "Where all chance comes from: the same seed, the same run.",
                                   &Settings::seed, 0, std::numeric_limits<std::uint64_t>::max()),
        wholeNumber<std::uint32_t>("clients", "How many clients there are, from 1 to 1000.",
                                   &Settings::clients, 1, 1000),
        latency("latency",
                "How long a message travels: 5ms, 1ms..5ms (uniform), 'exp 3ms' (exponential with "
                "that mean) or 'long 2ms 1.2' (log-normal with that median and tail).",
                &Settings::latency),
        chance("loss", "The chance that a message is lost, from 0 to 1 or in percent.",
               &Settings::loss),
        chance("duplicate", "The chance that a message arrives twice, from 0 to 1 or in percent.",
               &Settings::duplicate),
        chance("reorder",
               "The chance that a message may be overtaken by later ones of its link, from 0 to 1 "
               "or in percent; the others keep their order.",
               &Settings::reorder),
        time("reorderBy", "By how much at most a message that may be overtaken comes later.",
             &Settings::reorderBy),
        latency("sync", "How long a disk takes to make what was written durable; as latency.",
                &Settings::sync),
        time("flush", "How long a disk is idle before it makes lazy writes durable by itself.",
             &Settings::flush),
        time("clientTimeout", "How long a client waits for one node's answer.",
             &Settings::clientTimeout),
        time(
            "clientBackOff",
            "How long a client pauses before it tries again; doubles from try to try up to 320 ms.",
            &Settings::clientBackOff),
        time("clientPatience", "How long a client tries before it gives up, the outcome unknown.",
             &Settings::clientPatience),
        parsed("retryRefused", "Whether a client tries again what a node refused.",
               &Settings::retryRefused, readFlag,
               [](bool flag) { return std::string(flag ? "true" : "false"); }),
    };
    return all;
}

const Row* findRow(std::string_view name)
{
    const auto& all = rows();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Row& row) { return row.name == name; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace

const std::vector<node::ParameterCard>& settingCards()
{
    static const auto cards = [] {
        std::vector<node::ParameterCard> made;
        const auto defaults = describe::toValue(Settings{});
        for (const auto& row : rows()) {
            const auto* byDefault = defaults.find(row.name);
            check(byDefault != nullptr, "a setting's row names a member of Settings");
            made.push_back({std::string(row.name), std::string(row.text), *byDefault});
        }
        check(made.size() == defaults.children().size(), "every setting has a row");
        return made;
    }();
    return cards;
}

bool isSetting(std::string_view name)
{
    return findRow(name) != nullptr;
}

Result<void> assign(Settings& settings, std::string_view name, std::string_view text)
{
    const auto* row = findRow(name);
    if (row == nullptr) {
        std::string known;
        for (const auto& each : rows()) {
            known += (known.empty() ? "" : ", ") + std::string(each.name);
        }
        return fail("there is no setting '" + std::string(name) + "': expected one of " + known);
    }
    auto read = row->read(settings, trimmed(text));
    if (!read) {
        return fail(std::string(name) + ": " + read.error().message);
    }
    return {};
}

std::string settingText(const Settings& settings, std::string_view name)
{
    const auto* row = findRow(name);
    check(row != nullptr, "a setting that there is");
    return row->write(settings);
}

Result<double> parseChance(std::string_view text)
{
    auto digits = trimmed(text);
    const bool percent = digits.ends_with('%');
    if (percent) {
        digits.remove_suffix(1);
    }
    const auto number = readNumber(digits);
    const auto chance = number.value_or(-1) / (percent ? 100 : 1);
    if (!(chance >= 0 && chance <= 1)) {
        return fail("expected a chance from 0 to 1 or from 0% to 100%, found '" + std::string(text)
                    + "'");
    }
    return chance;
}

std::string chanceText(double chance)
{
    // Percent only where reading it back gives the same chance bit for bit.
    const auto percent = fmt::format("{:.6g}%", chance * 100);
    const auto back = parseChance(percent);
    return back && *back == chance ? percent : numberText(chance);
}

} // namespace lightcone::sim
