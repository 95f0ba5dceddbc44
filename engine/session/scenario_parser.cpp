#include "engine/describe/words.h"
#include "engine/session/nearest.h"
#include "engine/session/scenario.h"
#include "engine/session/sentence.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

namespace lightcone::session {
namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isName(std::string_view word)
{
    const auto fits = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return std::isalnum(byte) != 0 || c == '_' || c == '-' || c == '.' || byte >= 0x80;
    };
    return !word.empty() && !isDigit(word.front()) && word.front() != '-' && word.front() != '.'
        && std::ranges::all_of(word, fits);
}

/// Reads the words of one sentence from left to right. What does not fit is thrown as an Error and
/// caught at the door of this file.
class Words
{
public:
    explicit Words(const Sentence& sentence)
        : m_sentence(&sentence)
        , m_end(sentence.words.size())
    {
    }

    [[nodiscard]] bool atEnd() const { return m_next >= m_end; }
    [[nodiscard]] std::string_view peek(std::size_t ahead = 0) const
    {
        return m_next + ahead < m_end ? m_sentence->word(m_next + ahead) : std::string_view{};
    }
    [[nodiscard]] std::size_t left() const { return m_end - m_next; }
    std::string_view take(std::string_view expected)
    {
        if (atEnd()) {
            expect(expected);
        }
        return m_sentence->word(m_next++);
    }
    bool takeIf(std::string_view word)
    {
        const bool same = !atEnd() && peek() == word;
        m_next += same ? 1 : 0;
        return same;
    }

    /// Where the next word stands, or where it should.
    [[nodiscard]] Place place(std::size_t back = 0) const
    {
        const auto at = m_next - back;
        return m_sentence->piece.placeOf(at < m_sentence->words.size()
                                             ? m_sentence->words[at].begin
                                             : m_sentence->piece.text.size());
    }

    [[noreturn]] void wrong(std::string message, Place where) const
    {
        throw fail(std::move(message), where.line, where.column);
    }

    /// The next word is not what was expected.
    [[noreturn]] void expect(std::string_view what) const
    {
        const auto found = atEnd() ? std::string("the end of the line")
                                   : "'" + std::string(peek().substr(0, 40)) + "'";
        wrong("expected " + std::string(what) + ", found " + found, place());
    }

    void end(std::string_view orWhat = {}) const
    {
        if (!atEnd()) {
            expect(orWhat.empty() ? "the end of the line"
                                  : std::string(orWhat) + " or the end of the line");
        }
    }

    /// Everything from the next word up to the word with that index, at least one word.
    Piece upTo(std::size_t last, std::string_view expected)
    {
        if (last <= m_next) {
            expect(expected);
        }
        auto piece =
            m_sentence->part(m_sentence->words[m_next].begin, m_sentence->words[last - 1].end);
        m_next = last;
        return piece;
    }

    [[nodiscard]] std::size_t position() const { return m_next; }
    [[nodiscard]] std::size_t count() const { return m_end; }

    /// The words from there on are left to somebody else.
    void endAt(std::size_t end) { m_end = end; }
    void restoreEnd() { m_end = m_sentence->words.size(); }
    [[nodiscard]] std::string_view at(std::size_t index) const { return m_sentence->word(index); }
    [[nodiscard]] const Sentence& sentence() const { return *m_sentence; }

    Duration duration(std::string_view example)
    {
        const auto where = place();
        const auto word = take(example);
        return durationOf(word, where);
    }
    Duration durationOf(std::string_view word, Place where) const
    {
        auto parsed = parseDuration(word);
        if (!parsed) {
            wrong(parsed.error().message, where);
        }
        return *parsed;
    }

    std::string text(std::string_view expected)
    {
        const auto where = place();
        const auto word = take(expected);
        if (!word.starts_with('"')) {
            wrong("expected " + std::string(expected) + " in quotes, found '"
                      + std::string(word.substr(0, 40)) + "'",
                  where);
        }
        return unquoted(word, where);
    }

    std::string unquoted(std::string_view word, Place where) const
    {
        std::string out;
        std::size_t wrongAt = 0;
        const auto length = describe::readQuoted(word, out, wrongAt);
        if (length == 0) {
            wrong("this text has an unknown escape: \\\" \\\\ \\n \\t and \\xNN are known",
                  {where.line, where.column + wrongAt});
        }
        if (length != word.size()) {
            wrong("expected a blank after the closing quote", {where.line, where.column + length});
        }
        return out;
    }

    EventId number(std::string_view expected)
    {
        const auto where = place();
        const auto word = take(expected);
        std::uint64_t value = 0;
        const auto* end = word.data() + word.size();
        if (word.size() < 2 || word.front() != '#'
            || std::from_chars(word.data() + 1, end, value) != std::from_chars_result{end, {}}) {
            wrong("expected " + std::string(expected) + ", found '"
                      + std::string(word.substr(0, 40)) + "'",
                  where);
        }
        return EventId(value);
    }

    Who who()
    {
        const auto where = place();
        constexpr std::string_view expected = "a node, a role or a query in parentheses";
        const auto index = m_next;
        const auto word = take(expected);
        const auto& bounds = m_sentence->words[index];
        if (word.front() == '(' && word.back() == ')') {
            auto piece = m_sentence->part(bounds.begin + 1, bounds.end - 1);
            if (piece.text.find_first_not_of(' ') == std::string::npos) {
                wrong("expected a query between the parentheses", where);
            }
            return {std::move(piece), true};
        }
        if (!isName(word)) {
            wrong("expected " + std::string(expected) + ", found '"
                      + std::string(word.substr(0, 40)) + "'",
                  where);
        }
        return {m_sentence->part(bounds.begin, bounds.end), false};
    }

    Setting setting(std::string_view expected)
    {
        const auto where = place();
        const auto word = take(expected);
        const auto equals = word.find('=');
        if (equals == std::string_view::npos || !isName(word.substr(0, equals))) {
            wrong("expected " + std::string(expected) + ", found '"
                      + std::string(word.substr(0, 40)) + "'",
                  where);
        }
        Setting setting{std::string(word.substr(0, equals)),
                        {},
                        where,
                        {where.line, where.column + equals + 1}};
        const auto value = word.substr(equals + 1);
        if (value.empty()) {
            wrong("expected a value after '='", setting.valuePlace);
        }
        setting.value =
            value.starts_with('"') ? unquoted(value, setting.valuePlace) : std::string(value);
        return setting;
    }

    std::vector<Setting> settings(std::string_view expected)
    {
        std::vector<Setting> all;
        while (!atEnd()) {
            all.push_back(setting(expected));
            for (std::size_t i = 0; i + 1 < all.size(); ++i) {
                if (all[i].key == all.back().key) {
                    wrong("'" + all.back().key + "' is given twice", all.back().place);
                }
            }
        }
        return all;
    }

private:
    const Sentence* m_sentence;
    std::size_t m_next = 0;
    std::size_t m_end;
};

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
    static const std::vector<std::string> known{"clients", "rate", "duration",
                                                "mix",     "keys", "seed"};
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

using ActReader = Act (*)(Words&);

struct ActRow
{
    std::string_view verb;
    ActReader read;
};

template <NodeVerb verb>
Act readOnNode(Words& words)
{
    return onNode(words, verb);
}

template <MessageVerb verb>
Act readOnMessage(Words& words)
{
    return onMessage(words, verb);
}

constexpr ActRow acts[] = {
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

Ask ask(Words& words)
{
    Ask ask;
    ask.text = words.text("a question");
    if (!words.takeIf("choices")) {
        words.expect("choices");
    }
    std::string choice;
    bool answered = false;
    const auto finish = [&] {
        if (choice.empty()) {
            words.expect("a choice");
        }
        (answered ? ask.answer.emplace() : ask.choices.emplace_back()) = std::move(choice);
        choice.clear();
    };
    while (!words.atEnd()) {
        if (!answered && words.takeIf("|")) {
            finish();
        } else if (!answered && words.peek() == "answer" && !choice.empty()) {
            finish();
            words.take("answer");
            answered = true;
        } else {
            const auto where = words.place();
            const auto word = words.take("a choice");
            const auto text =
                word.starts_with('"') ? words.unquoted(word, where) : std::string(word);
            choice += (choice.empty() ? "" : " ") + text;
        }
    }
    finish();
    if (ask.choices.size() < 2) {
        words.expect("'|' and another choice");
    }
    if (ask.answer && std::ranges::find(ask.choices, *ask.answer) == ask.choices.end()) {
        words.wrong("the answer '" + *ask.answer + "' is none of the choices", words.place());
    }
    return ask;
}

/// "within D" at the end of the line, if it is there.
std::optional<Duration> within(Words& words)
{
    const auto count = words.count();
    for (auto i = words.position(); i < count; ++i) {
        if (words.at(i) != "within") {
            continue;
        }
        const auto& bounds = words.sentence().words[std::min(i + 1, count - 1)];
        const auto where =
            words.sentence().piece.placeOf(i + 1 < count ? bounds.begin : bounds.end);
        if (i + 1 >= count) {
            words.wrong("expected a duration such as 2s after 'within'", where);
        }
        const auto time = words.durationOf(words.at(i + 1), where);
        if (i + 2 < count) {
            words.wrong("expected the end of the line after 'within " + std::string(words.at(i + 1))
                            + "', found '" + std::string(words.at(i + 2).substr(0, 40)) + "'",
                        words.sentence().piece.placeOf(words.sentence().words[i + 2].begin));
        }
        if (time <= Duration::zero()) {
            words.wrong("expected a time longer than nothing", where);
        }
        words.endAt(i);
        return time;
    }
    return std::nullopt;
}

Doing until(Words& words)
{
    Until until;
    until.within = within(words);
    if (words.left() == 1 && words.peek() == "replied") {
        return until;
    }
    until.query = words.upTo(words.count(), "a query, or replied");
    return until;
}

Doing expect(Words& words)
{
    Expect expect;
    const auto where = words.place();
    if (words.takeIf("always")) {
        expect.when = Expect::When::Always;
    } else if (words.takeIf("never")) {
        expect.when = Expect::When::Never;
    } else if (words.takeIf("eventually")) {
        expect.when = Expect::When::Eventually;
    } else if (words.takeIf("broken")) {
        expect.when = Expect::When::Broken;
        if (!words.atEnd()) {
            expect.query.marks = {{0, words.place()}};
            expect.query.text = words.text("an invariant's name");
        }
        words.end();
        return expect;
    }
    if (expect.when == Expect::When::Eventually) {
        expect.within = within(words);
    }
    expect.query = words.upTo(words.count(), "a query");
    if (expect.when == Expect::When::Eventually && !expect.within) {
        words.wrong("expected 'within' and a duration at the end of 'expect eventually'", where);
    }
    return expect;
}

When readWhen(Words& words)
{
    const auto word = words.peek();
    When when;
    if (word.starts_with('#')) {
        when.kind = When::Kind::Event;
        when.event = words.number("an event's number such as #812");
        if (words.peek().starts_with('+')) {
            when.time = words.duration("a duration");
        }
    } else {
        when.kind = word.starts_with('+') ? When::Kind::After : When::Kind::At;
        const auto where = words.place();
        when.time = words.duration("a time such as 1.5s, +20ms or #812");
        if (when.time < Duration::zero()) {
            words.wrong("a run begins at 0s: there is no time before", where);
        }
    }
    return when;
}

const std::vector<std::string>& allVerbs()
{
    static const auto verbs = [] {
        std::vector<std::string> all{"say", "ask", "until", "run", "at", "expect", "stop"};
        for (const auto& row : acts) {
            all.emplace_back(row.verb);
        }
        std::ranges::sort(all);
        return all;
    }();
    return verbs;
}

Doing readDoing(Words& words)
{
    const auto where = words.place();
    const auto verb = words.take("a verb");
    for (const auto& row : acts) {
        if (row.verb == verb) {
            return row.read(words);
        }
    }
    if (verb == "say") {
        Say say{words.text("a text")};
        words.end();
        return say;
    }
    if (verb == "ask") {
        return ask(words);
    }
    if (verb == "until") {
        return until(words);
    }
    if (verb == "expect") {
        return expect(words);
    }
    if (verb == "run") {
        RunFor run{words.duration("a duration such as 500ms")};
        words.end();
        return run;
    }
    if (verb == "stop") {
        words.end();
        return Stop{};
    }
    if (verb == "cluster") {
        words.wrong("the cluster line stands at the beginning of a scenario, and only once", where);
    }
    if (verb == "at") {
        words.wrong("expected something to do, found another 'at'", where);
    }
    words.wrong("'" + std::string(verb.substr(0, 40))
                    + "' is no verb: " + suggestion(verb, allVerbs()),
                where);
}

/// The arrow of "n1->n2" may stand without blanks.
void separateArrows(Sentence& sentence)
{
    std::vector<Sentence::Word> words;
    for (const auto& word : sentence.words) {
        const std::string_view text(sentence.piece.text);
        const auto arrow = text.substr(word.begin, word.end - word.begin).find("->");
        const char first = text[word.begin];
        if (arrow == std::string_view::npos || first == '(' || first == '"') {
            words.push_back(word);
            continue;
        }
        const auto at = word.begin + arrow;
        for (const auto& part : {Sentence::Word{word.begin, at}, Sentence::Word{at, at + 2},
                                 Sentence::Word{at + 2, word.end}}) {
            if (part.begin < part.end) {
                words.push_back(part);
            }
        }
    }
    sentence.words = std::move(words);
}

Line readLine(Sentence& sentence)
{
    Line line;
    line.place = sentence.piece.place();
    const auto isAt = sentence.word(0) == "at";
    const auto verbAt = isAt ? std::size_t{2} : std::size_t{0};
    for (auto i = verbAt; i < std::min(verbAt + 2, sentence.words.size()); ++i) {
        const auto verb = sentence.word(i);
        if (verb == "cut" || verb == "heal" || verb == "link") {
            separateArrows(sentence);
            break;
        }
    }
    Words words(sentence);
    if (isAt) {
        words.take("at");
        line.when = readWhen(words);
    }
    line.doing = readDoing(words);
    line.lastLine = sentence.piece.marks.back().place.line;
    return line;
}

Cluster readCluster(const Sentence& sentence)
{
    Words words(sentence);
    if (words.peek() != "cluster") {
        words.expect("the cluster line first, such as: cluster raft nodes=5 seed=1");
    }
    words.take("cluster");
    Cluster cluster;
    cluster.firstLine = sentence.piece.place().line;
    cluster.lastLine = sentence.piece.marks.back().place.line;
    cluster.place = words.place();
    cluster.protocol = words.take("a protocol's name");
    if (!isName(cluster.protocol)) {
        words.wrong("expected a protocol's name, found '" + cluster.protocol.substr(0, 40) + "'",
                    cluster.place);
    }
    cluster.settings = words.settings("a setting such as nodes=5");
    return cluster;
}

Error in(const std::string& file, Error error)
{
    error.file = file;
    return error;
}

} // namespace

Result<Scenario> parseScenario(std::string_view text, std::string file)
{
    auto read = readText(text);
    if (!read) {
        return in(file, read.error());
    }
    if (read->sentences.empty()) {
        return in(
            file,
            fail("the scenario is empty: expected a line such as: cluster raft nodes=5", 1, 1));
    }
    try {
        Scenario scenario;
        scenario.text = std::string(text);
        for (std::size_t i = 0; i < read->opening.size(); ++i) {
            auto& into = i == 0 ? scenario.title : scenario.summary;
            if (i > 1 && !read->opening[i].empty()) {
                into += ' ';
            }
            into += read->opening[i];
        }
        scenario.cluster = readCluster(read->sentences.front());
        for (std::size_t i = 1; i < read->sentences.size(); ++i) {
            scenario.lines.push_back(readLine(read->sentences[i]));
        }
        scenario.file = std::move(file);
        return scenario;
    } catch (const Error& error) {
        return in(file, error);
    }
}

Result<Line> parseLine(std::string_view text)
{
    auto read = readText(text);
    if (!read) {
        return read.error();
    }
    if (read->sentences.size() != 1) {
        return fail(read->sentences.empty() ? "expected something to do, found nothing"
                                            : "expected one line, found several",
                    1, 1);
    }
    try {
        return readLine(read->sentences.front());
    } catch (const Error& error) {
        return error;
    }
}

} // namespace lightcone::session
