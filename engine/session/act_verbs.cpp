#include "engine/session/act_verbs.h"

#include "engine/session/nearest.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace lightcone::session {
namespace {

template <class T>
T parseNumber(const Words& words, const Setting& setting, std::string_view expected)
{
    T value{};
    const auto* begin = setting.value.data();
    const auto* end = begin + setting.value.size();
    const auto [last, error] = std::from_chars(begin, end, value);
    if (error != std::errc{} || last != end) {
        words.wrong("expected " + std::string(expected) + " for '" + setting.key + "', found '"
                        + setting.value.substr(0, 40) + "'",
                    setting.valuePlace);
    }
    return value;
}

/// 0.2 or 20%
double parseChance(const Words& words, Setting setting)
{
    constexpr std::string_view expected = "a chance such as 0.2 or 20%";
    const bool percent = setting.value.ends_with('%');
    if (percent) {
        setting.value.pop_back();
    }
    const auto value = parseNumber<double>(words, setting, expected) / (percent ? 100 : 1);
    if (!(value >= 0 && value <= 1)) {
        words.wrong("expected " + std::string(expected) + ", found '" + setting.value
                        + (percent ? "%'" : "'"),
                    setting.valuePlace);
    }
    return value;
}

double parseReal(const Words& words, const Setting& setting, double least, double most,
                 std::string_view expected)
{
    const auto value = parseNumber<double>(words, setting, expected);
    if (!std::isfinite(value) || value < least || value > most) {
        words.wrong("expected " + std::string(expected) + " for '" + setting.key + "', found '"
                        + setting.value.substr(0, 40) + "'",
                    setting.valuePlace);
    }
    return value;
}

Act onNode(Words& words, NodeVerb verb)
{
    auto node = words.who();
    words.end();
    return OnNode{verb, std::move(node)};
}

/// "a b" or "a -> b"
struct Ends
{
    Who from;
    Who to;
    bool oneWay;
};

Ends ends(Words& words)
{
    auto from = words.who();
    const bool oneWay = words.takeIf("->");
    return {std::move(from), words.who(), oneWay};
}

Act cut(Words& words)
{
    auto between = ends(words);
    words.end();
    return Cut{std::move(between.from), std::move(between.to), between.oneWay};
}

Act heal(Words& words)
{
    if (words.atEnd()) {
        return Heal{};
    }
    if (words.left() == 1) {
        return Heal{words.who()};
    }
    auto between = ends(words);
    words.end();
    return Heal{std::move(between.from), std::move(between.to), between.oneWay};
}

Act partition(Words& words)
{
    constexpr std::string_view expected = "groups such as {n1 n2} {n3 n4 n5}";
    Partition split;
    while (!words.atEnd()) {
        const auto word = words.peek();
        if (word.front() != '{' || word.back() != '}' || word.size() < 3) {
            words.expect(expected);
        }
        const auto& bounds = words.sentence().words[words.position()];
        Sentence inner{words.sentence().part(bounds.begin + 1, bounds.end - 1)};
        // Commas between the names are as good as blanks.
        std::ranges::replace(inner.piece.text, ',', ' ');
        for (std::size_t i = 0; i < inner.piece.text.size();) {
            i = inner.piece.text.find_first_not_of(' ', i);
            if (i == std::string::npos) {
                break;
            }
            auto end = i;
            for (std::size_t depth = 0; end < inner.piece.text.size(); ++end) {
                const char c = inner.piece.text[end];
                depth += c == '(' ? 1 : 0;
                depth -= c == ')' && depth > 0 ? 1 : 0;
                if (c == ' ' && depth == 0) {
                    break;
                }
            }
            inner.words.push_back({i, end});
            i = end;
        }
        Words names(inner);
        split.groups.emplace_back();
        do {
            split.groups.back().push_back(names.who());
        } while (!names.atEnd());
        words.take(expected);
    }
    if (split.groups.size() < 2) {
        words.expect(split.groups.empty() ? expected : "another group in braces");
    }
    return split;
}

Act link(Words& words, bool all)
{
    Link link;
    if (!all) {
        auto between = ends(words);
        link.from = std::move(between.from);
        link.to = std::move(between.to);
        link.oneWay = between.oneWay;
    }
    constexpr std::string_view expected = "a setting such as latency=50ms or loss=20%, or reset";
    if (words.takeIf("reset")) {
        words.end();
        return link;
    }
    link.settings = words.settings(expected);
    if (link.settings.empty()) {
        words.expect(expected);
    }
    return link;
}

/// A number, or a node and one of its timers.
Act pickOrFire(Words& words, bool picked)
{
    if (picked && words.peek().starts_with('#')) {
        const auto message = words.number("a message's number such as #812");
        words.end();
        return OnMessage{MessageVerb::Pick, message, {}};
    }
    if (picked && words.atEnd()) {
        words.expect("a message such as #812, or a node and its timer");
    }
    Fire fire;
    fire.picked = picked;
    fire.node = words.who();
    fire.timerPlace = words.place();
    fire.timer = words.take("a timer's name");
    if (!isName(fire.timer)) {
        words.wrong("expected a timer's name, found '" + fire.timer.substr(0, 40) + "'",
                    fire.timerPlace);
    }
    if (!words.atEnd()) {
        const auto about = words.setting("about=NUMBER");
        if (about.key != "about") {
            words.wrong("expected about=NUMBER, found '" + about.key + "'", about.place);
        }
        fire.about = parseNumber<std::uint64_t>(words, about, "a number");
    }
    words.end();
    return fire;
}

Act onMessage(Words& words, MessageVerb verb)
{
    OnMessage act{verb, words.number("a message's number such as #812"), {}};
    if (verb == MessageVerb::Delay) {
        const auto where = words.place();
        act.by = words.duration("a duration such as 20ms");
        if (act.by <= Duration::zero()) {
            words.wrong("a message can be delayed by more than nothing only", where);
        }
    }
    words.end();
    return act;
}

void ruleOption(Words& words, AddRule& rule)
{
    const auto where = words.place();
    const auto word = words.take("an option");
    const auto value = [&](std::string_view expected) {
        const auto at = words.place();
        return Setting{std::string(word), std::string(words.take(expected)), where, at};
    };
    if (word == "from") {
        rule.from = words.who();
    } else if (word == "to") {
        rule.to = words.who();
    } else if (word == "times") {
        rule.times = parseNumber<std::uint32_t>(words, value("a number"), "a number");
        if (*rule.times == 0) {
            words.wrong("expected at least one time", where);
        }
    } else if (word == "chance") {
        rule.chance = parseChance(words, value("a chance"));
    } else if (word == "as") {
        const auto name = value("a name");
        if (!isName(name.value)) {
            words.wrong("expected a name, found '" + name.value.substr(0, 40) + "'",
                        name.valuePlace);
        }
        rule.name = name.value;
    } else {
        words.wrong("expected from, to, times, chance or as, found '"
                        + std::string(word.substr(0, 40)) + "'",
                    where);
    }
}

Act addRule(Words& words)
{
    constexpr std::string_view expected = "hold, drop, delay or duplicate";
    AddRule rule{};
    const auto where = words.place();
    const auto verb = words.take(expected);
    if (verb == "hold") {
        rule.verb = RuleVerb::Hold;
    } else if (verb == "drop") {
        rule.verb = RuleVerb::Drop;
    } else if (verb == "delay") {
        rule.verb = RuleVerb::Delay;
        rule.by = words.duration("a duration such as 20ms");
    } else if (verb == "duplicate") {
        rule.verb = RuleVerb::Duplicate;
    } else {
        words.wrong("expected " + std::string(expected) + ", found '"
                        + std::string(verb.substr(0, 40)) + "'",
                    where);
    }
    rule.typePlace = words.place();
    rule.type = words.take("a message's type, or any");
    if (!isName(rule.type)) {
        words.wrong("expected a message's type, or any, found '" + rule.type.substr(0, 40) + "'",
                    rule.typePlace);
    }
    while (!words.atEnd()) {
        ruleOption(words, rule);
    }
    return rule;
}

Act removeRule(Words& words)
{
    if (words.atEnd()) {
        return RemoveRule{};
    }
    const auto where = words.place();
    RemoveRule act{std::string(words.take("a rule's name"))};
    if (!isName(act.name) && !std::ranges::all_of(act.name, isDigit)) {
        words.wrong("expected a rule's name, found '" + act.name.substr(0, 40) + "'", where);
    }
    words.end();
    return act;
}

Act setClock(Words& words)
{
    constexpr std::string_view expected = "skew=DURATION or drift=FACTOR";
    SetClock act{words.who()};
    for (const auto& setting : words.settings(expected)) {
        if (setting.key == "skew") {
            act.skew = words.durationOf(setting.value, setting.valuePlace);
        } else if (setting.key == "drift") {
            act.drift = parseReal(words, setting, 0.01, 100.0, "a factor from 0.01 to 100");
        } else {
            words.wrong("expected " + std::string(expected) + ", found '" + setting.key + "'",
                        setting.place);
        }
    }
    if (!act.skew && !act.drift) {
        words.expect(expected);
    }
    return act;
}

Act setDisk(Words& words)
{
    constexpr std::string_view expected = "slow=FACTOR, slow=DURATION, full, forgets=COUNT or ok";
    SetDisk act{words.who()};
    if (words.takeIf("ok")) {
        act.state = DiskState::Ok;
    } else if (words.takeIf("full")) {
        act.state = DiskState::Full;
    } else {
        const auto setting = words.setting(expected);
        if (setting.key == "forgets") {
            act.state = DiskState::Forgets;
            act.writes = parseNumber<std::uint32_t>(words, setting, "a number of writes");
        } else if (setting.key != "slow") {
            words.wrong("expected " + std::string(expected) + ", found '" + setting.key + "'",
                        setting.place);
        } else if (const auto latency = parseDuration(setting.value);
                   latency && *latency > Duration::zero()) {
            act.state = DiskState::Slow;
            act.latency = *latency;
        } else {
            act.state = DiskState::Slow;
            act.factor =
                parseReal(words, setting, 1.0, 1e6, "a duration or a factor from 1 to 1000000");
        }
    }
    words.end();
    return act;
}

Act request(Words& words)
{
    Request act;
    constexpr std::string_view expected = "a request such as put x 1";
    auto end = words.count();
    const auto first = words.position() + 1;
    while (end >= first + 2 && (words.at(end - 2) == "from" || words.at(end - 2) == "to")) {
        end -= 2;
    }
    act.words = words.upTo(std::min(end, words.count()), expected);
    while (!words.atEnd()) {
        const auto where = words.place();
        const bool from = words.take("from") == "from";
        auto& side = from ? act.from : act.to;
        if (side) {
            words.wrong(std::string(from ? "'from'" : "'to'") + " is given twice", where);
        }
        side = words.who();
    }
    return act;
}

Act load(Words& words)
{
    static const std::vector<std::string> known{"clients",      "loop",     "rate", "arrivals",
                                                "think",        "duration", "mix",  "keys",
                                                "distribution", "length",   "seed"};
    if (words.takeIf("stop")) {
        words.end();
        return Load{true};
    }
    Load act{false, words.settings("a setting such as clients=3 or rate=200/s, or stop")};
    for (const auto& setting : act.settings) {
        if (std::ranges::find(known, setting.key) == known.end()) {
            words.wrong("'" + setting.key
                            + "' is no setting of a load: " + suggestion(setting.key, known),
                        setting.place);
        }
    }
    return act;
}

template <NodeVerb Verb>
Act readOnNode(Words& words)
{
    return onNode(words, Verb);
}

template <MessageVerb Verb>
Act readOnMessage(Words& words)
{
    return onMessage(words, Verb);
}

constexpr ActVerb verbs[] = {
    {"crash", readOnNode<NodeVerb::Crash>},
    {"restart", readOnNode<NodeVerb::Restart>},
    {"start", readOnNode<NodeVerb::Start>},
    {"pause", readOnNode<NodeVerb::Pause>},
    {"resume", readOnNode<NodeVerb::Resume>},
    {"isolate", readOnNode<NodeVerb::Isolate>},
    {"cut", cut},
    {"heal", heal},
    {"partition", partition},
    {"link", [](Words& words) { return link(words, false); }},
    {"network", [](Words& words) { return link(words, true); }},
    {"deliver", readOnMessage<MessageVerb::Deliver>},
    {"drop", readOnMessage<MessageVerb::Drop>},
    {"duplicate", readOnMessage<MessageVerb::Duplicate>},
    {"delay", readOnMessage<MessageVerb::Delay>},
    {"pick", [](Words& words) { return pickOrFire(words, true); }},
    {"fire", [](Words& words) { return pickOrFire(words, false); }},
    {"rule", addRule},
    {"unrule", removeRule},
    {"clock", setClock},
    {"disk", setDisk},
    {"request", request},
    {"load", load},
};

} // namespace

std::span<const ActVerb> actVerbs()
{
    return verbs;
}

} // namespace lightcone::session
