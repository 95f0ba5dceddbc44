#include "engine/describe/words.h"
#include "engine/session/scenario.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

namespace lightcone::session {
namespace {

constexpr std::array nodeVerbs{"crash", "restart", "start", "pause", "resume", "isolate"};
constexpr std::array messageVerbs{"deliver", "drop", "duplicate", "delay", "pick"};
constexpr std::array ruleVerbs{"hold", "drop", "delay", "duplicate"};

template <class Names, class Verb>
std::string nameOf(const Names& names, Verb verb)
{
    return names[static_cast<std::size_t>(verb)];
}

/// Bare where a reader of settings takes it back as it is.
std::string valueText(const std::string& value)
{
    const auto plain = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return std::isalnum(byte) != 0 || byte >= 0x80
            || std::string_view("_-+.:/%,*").find(c) != std::string_view::npos;
    };
    return std::ranges::all_of(value, plain) && !value.empty() ? value : describe::quoted(value);
}

std::string settingsText(const std::vector<Setting>& settings)
{
    std::string text;
    for (const auto& setting : settings) {
        text += " " + setting.key + "=" + valueText(setting.value);
    }
    return text;
}

std::string endsText(const std::optional<Who>& from, const std::optional<Who>& to, bool oneWay)
{
    if (!from || !to) {
        return {};
    }
    return " " + toText(*from) + (oneWay ? " -> " : " ") + toText(*to);
}

std::string signedText(Duration time)
{
    return (time < Duration::zero() ? "" : "+") + toScenarioText(time);
}

std::string write(const OnNode& act)
{
    return nameOf(nodeVerbs, act.verb) + " " + toText(act.node);
}

std::string write(const Cut& act)
{
    return "cut" + endsText(act.from, act.to, act.oneWay);
}

std::string write(const Heal& act)
{
    return "heal"
        + (act.from && !act.to ? " " + toText(*act.from) : endsText(act.from, act.to, act.oneWay));
}

std::string write(const Partition& act)
{
    std::string text = "partition";
    for (const auto& group : act.groups) {
        std::string names;
        for (const auto& who : group) {
            names += (names.empty() ? "" : " ") + toText(who);
        }
        text += " {" + names + "}";
    }
    return text;
}

std::string write(const Link& act)
{
    return (act.from ? "link" : "network") + endsText(act.from, act.to, act.oneWay)
        + (act.settings.empty() ? " reset" : settingsText(act.settings));
}

std::string write(const OnMessage& act)
{
    auto text = fmt::format("{} #{}", nameOf(messageVerbs, act.verb), act.message.value);
    return act.verb == MessageVerb::Delay ? text + " " + toScenarioText(act.by) : text;
}

std::string write(const Fire& act)
{
    auto text = (act.picked ? "pick " : "fire ") + toText(act.node) + " " + act.timer;
    return act.about == 0 ? text : fmt::format("{} about={}", text, act.about);
}

std::string write(const AddRule& act)
{
    std::string text = "rule " + nameOf(ruleVerbs, act.verb);
    if (act.verb == RuleVerb::Delay) {
        text += " " + toScenarioText(act.by);
    }
    text += " " + act.type;
    if (act.from) {
        text += " from " + toText(*act.from);
    }
    if (act.to) {
        text += " to " + toText(*act.to);
    }
    if (act.times) {
        text += fmt::format(" times {}", *act.times);
    }
    if (act.chance) {
        text += fmt::format(" chance {}", *act.chance);
    }
    return act.name.empty() ? text : text + " as " + act.name;
}

std::string write(const RemoveRule& act)
{
    return act.name.empty() ? "unrule" : "unrule " + act.name;
}

std::string write(const SetClock& act)
{
    std::string text = "clock " + toText(act.node);
    if (act.skew) {
        text += " skew=" + signedText(*act.skew);
    }
    return act.drift ? text + fmt::format(" drift={}", *act.drift) : text;
}

std::string write(const SetDisk& act)
{
    const auto text = "disk " + toText(act.node);
    switch (act.state) {
    case DiskState::Ok:
        return text + " ok";
    case DiskState::Full:
        return text + " full";
    case DiskState::Forgets:
        return text + fmt::format(" forgets={}", act.writes);
    case DiskState::Slow:
        break;
    }
    return text + " slow="
        + (act.latency != Duration::zero() ? toScenarioText(act.latency)
                                           : fmt::format("{}", act.factor));
}

std::string write(const Request& act)
{
    std::string text = "request " + act.words.text;
    if (act.from) {
        text += " from " + toText(*act.from);
    }
    return act.to ? text + " to " + toText(*act.to) : text;
}

std::string write(const Load& act)
{
    return act.stop ? "load stop" : "load" + settingsText(act.settings);
}

std::string write(const Say& line)
{
    return "say " + describe::quoted(line.text);
}

std::string write(const Ask& line)
{
    std::string text = "ask " + describe::quoted(line.text) + " choices";
    for (std::size_t i = 0; i < line.choices.size(); ++i) {
        text += (i == 0 ? " " : " | ") + describe::quoted(line.choices[i]);
    }
    return line.answer ? text + " answer " + describe::quoted(*line.answer) : text;
}

std::string withinText(const std::optional<Duration>& time)
{
    return time ? " within " + toScenarioText(*time) : std::string{};
}

std::string write(const Until& line)
{
    return "until " + (line.query ? line.query->text : "replied") + withinText(line.within);
}

std::string write(const RunFor& line)
{
    return "run " + toScenarioText(line.time);
}

std::string write(const Expect& line)
{
    static constexpr std::array whens{"", "always ", "never ", "eventually "};
    if (line.when == Expect::When::Broken) {
        return line.query.text.empty() ? "expect broken"
                                       : "expect broken " + describe::quoted(line.query.text);
    }
    return "expect " + nameOf(whens, line.when) + line.query.text + withinText(line.within);
}

std::string write(const Stop&)
{
    return "stop";
}

std::string write(const Act& act)
{
    return toText(act);
}

} // namespace

std::string toText(const Who& who)
{
    return who.query ? "(" + who.words.text + ")" : who.words.text;
}

std::string toText(const Act& act)
{
    return std::visit([](const auto& each) { return write(each); }, act);
}

std::string toText(const Doing& doing)
{
    return std::visit([](const auto& each) { return write(each); }, doing);
}

std::string toText(const Line& line)
{
    const auto what = toText(line.doing);
    if (!line.when) {
        return what;
    }
    switch (line.when->kind) {
    case When::Kind::At:
        return "at " + toScenarioText(line.when->time) + " " + what;
    case When::Kind::After:
        return "at +" + toScenarioText(line.when->time) + " " + what;
    case When::Kind::Event:
        break;
    }
    const auto later =
        line.when->time == Duration::zero() ? std::string{} : " " + signedText(line.when->time);
    return fmt::format("at #{}{} {}", line.when->event.value, later, what);
}

std::string toText(const Cluster& cluster)
{
    return "cluster " + cluster.protocol + settingsText(cluster.settings);
}

} // namespace lightcone::session
