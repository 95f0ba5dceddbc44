#include "engine/session/act_verbs.h"
#include "engine/session/nearest.h"
#include "engine/session/scenario.h"
#include "engine/session/sentence.h"
#include "engine/session/words.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace lightcone::session {
namespace {

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
        for (const auto& row : actVerbs()) {
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
    for (const auto& row : actVerbs()) {
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
