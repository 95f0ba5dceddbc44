#include "engine/trace/causality.h"
#include "engine/trace/formats/format.h"
#include "engine/trace/formats/wording.h"
#include "tests/support/example_run.h"
#include "tests/support/golden.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

namespace lightcone::trace::formats {
namespace {

namespace json = boost::json;

std::string written(std::string_view format, const Excerpt& excerpt)
{
    std::ostringstream out;
    const auto result = findFormat(format)->write(excerpt, out);
    EXPECT_TRUE(result) << result.error().text();
    return out.str();
}

std::string written(std::string_view format, const Trace& trace)
{
    Excerpt excerpt;
    excerpt.trace = &trace;
    return written(format, excerpt);
}

TEST(Formats, AreListedByNameWithASentence)
{
    std::string before;
    for (const auto& format : formats()) {
        EXPECT_LT(before, format.name);
        before = format.name;
        EXPECT_EQ(findFormat(format.name), &format);
        EXPECT_TRUE(format.text.ends_with('.'));
        EXPECT_FALSE(format.extension.starts_with('.'));
    }
    EXPECT_EQ(findFormat("svgz"), nullptr);
}

TEST(Formats, WriteTheExampleAsTheyAlwaysDid)
{
    const synthetic::Example example;
    const auto opened = readLightcone(example.file(), "example.lightcone");
    ASSERT_TRUE(opened);
    Excerpt excerpt;
    excerpt.trace = opened->trace.get();
    excerpt.states = opened->states.get();
    for (const auto& format : formats()) {
        expectGolden(written(format.name, excerpt),
                     "trace/example_" + std::string(format.name) + "."
                         + std::string(format.extension));
    }
}

TEST(Formats, StopWhenAskedAndWhenTheDiskIsFull)
{
    const auto trace = synthetic::makeTrace({}, 20000);
    for (const auto& format : formats()) {
        Excerpt excerpt;
        excerpt.trace = trace.get();
        int asked = 0;
        excerpt.watch.cancelled = [&] { return ++asked > 1; };
        std::ostringstream out;
        const auto cancelled = format.write(excerpt, out);
        ASSERT_FALSE(cancelled) << format.name;
        EXPECT_EQ(cancelled.error().text(), "export was cancelled");

        excerpt.watch = {};
        double progress = 0;
        excerpt.watch.report = [&](double done) {
            EXPECT_GE(done, progress);
            progress = done;
        };
        std::ostringstream whole;
        EXPECT_TRUE(format.write(excerpt, whole));
        EXPECT_EQ(progress, 1.0) << format.name;

        std::ostringstream full;
        full.setstate(std::ios::badbit);
        const auto failed = format.write(excerpt, full);
        ASSERT_FALSE(failed) << format.name;
        EXPECT_THAT(failed.error().text(), testing::HasSubstr("could not be written"));
    }
}

TEST(Formats, WriteNothingOfAnEmptyTrace)
{
    const Trace empty(synthetic::aboutOf({}));
    EXPECT_TRUE(json::parse(written("json", empty)).at("events").as_array().empty());
    EXPECT_EQ(written("csv", empty),
              "event,nanoseconds,kind,node,peer,cause,detail,request,what,payload\r\n");
    EXPECT_EQ(written("shiviz", empty), "");
    EXPECT_THAT(written("mermaid", empty), testing::StartsWith("sequenceDiagram\n"));
    EXPECT_TRUE(json::parse(written("chrome", empty)).is_object());
}

TEST(Formats, SayWhichInvariantIsNotJudged)
{
    Trace trace(synthetic::Example().trace()->about());
    Event event;
    event.kind = Kind::Note;
    event.detail = notJudged;
    event.payload = node::makePayload(node::Text{"n2 was killed"});
    trace.record(EventId(1), event);
    const Wording wording(trace.about());
    EXPECT_EQ(wording.sentence(event), "not judged from here on: order (n2 was killed)");
    const auto row = json::parse(written("json", trace)).at("events").at(0);
    EXPECT_EQ(row.at("invariant").as_string(), "order");
    EXPECT_EQ(row.at("detail").as_string(), "not judged");
    EXPECT_THAT(written("csv", trace), testing::HasSubstr("not judged"));
}

TEST(JsonFormat, HoldsEveryEvent)
{
    const auto trace = synthetic::makeTrace({.seed = 3}, 3000);
    const auto document = json::parse(written("json", *trace));
    EXPECT_EQ(document.at("format").as_string(), "lightcone");
    EXPECT_EQ(document.at("version").as_int64(), 1);
    EXPECT_EQ(document.at("about").at("members").as_array().size(), 5U);
    const auto& events = document.at("events").as_array();
    ASSERT_EQ(events.size(), trace->size());
    forEach(*trace, EventId(1), EventId(trace->size()), [&](EventId id, const Event& event) {
        const auto& object = events[id.value - 1].as_object();
        ASSERT_EQ(object.at("event").to_number<std::uint64_t>(), id.value);
        ASSERT_EQ(object.at("at").to_number<std::int64_t>(), event.at.time_since_epoch().count());
        ASSERT_EQ(object.contains("cause"), static_cast<bool>(event.cause));
        ASSERT_EQ(object.contains("payload"), event.payload != nullptr);
        if (event.node) {
            ASSERT_EQ(object.at("node").as_string(), trace->about().nameOf(event.node));
        }
    });
}

TEST(JsonFormat, TakesAStretchAndAFilter)
{
    const auto trace = synthetic::makeTrace({.seed = 3}, 3000);
    Excerpt excerpt;
    excerpt.trace = trace.get();
    excerpt.first = EventId(100);
    excerpt.last = EventId(999);
    excerpt.where = [](EventId, const Event& event) { return event.kind == Kind::Deliver; };
    const auto document = json::parse(written("json", excerpt));
    std::uint64_t expected = 0;
    forEach(*trace, EventId(100), EventId(999),
            [&](EventId, const Event& event) { expected += event.kind == Kind::Deliver ? 1 : 0; });
    const auto& events = document.at("events").as_array();
    EXPECT_EQ(events.size(), expected);
    EXPECT_GE(events.front().at("event").to_number<std::uint64_t>(), 100U);
    excerpt.last = EventId(1'000'000);
    excerpt.first = EventId{};
    EXPECT_NO_THROW(json::parse(written("json", excerpt)));
}

/// RFC 4180 by its grammar: records of fields, quoted or not.
std::vector<std::vector<std::string>> parseCsv(const std::string& text)
{
    std::vector<std::vector<std::string>> records(1, std::vector<std::string>(1));
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto& field = records.back().back();
        if (quoted) {
            if (text[i] != '"') {
                field += text[i];
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                field += text[++i];
            } else {
                quoted = false;
            }
        } else if (text[i] == '"') {
            EXPECT_TRUE(field.empty()) << "a quote within a plain field";
            quoted = true;
        } else if (text[i] == ',') {
            records.back().emplace_back();
        } else if (text.compare(i, 2, "\r\n") == 0) {
            records.emplace_back(1);
            ++i;
        } else {
            EXPECT_NE(text[i], '\n');
            field += text[i];
        }
    }
    EXPECT_FALSE(quoted);
    EXPECT_EQ(records.back(), std::vector<std::string>(1)) << "no line break at the end";
    records.pop_back();
    return records;
}

TEST(CsvFormat, IsReadBackByTheGrammarOfTheRfc)
{
    const synthetic::Example example;
    const auto records = parseCsv(written("csv", *example.trace()));
    ASSERT_EQ(records.size(), example.trace()->size() + 1);
    for (const auto& record : records) {
        EXPECT_EQ(record.size(), records.front().size());
    }
    EXPECT_EQ(records[1].back(), "Two nodes, and a \"client\".");
    EXPECT_THAT(records[14].back(), testing::HasSubstr("two"));
    EXPECT_EQ(records[14][7], "c1#1");
}

struct Logged
{
    std::string host;
    std::map<std::string, std::uint64_t> clock;
    std::string event;
};

/// As ShiViz does with its default expression: (?<host>\S*) (?<clock>{.*})\n(?<event>.*)
std::vector<Logged> parseShiviz(const std::string& text)
{
    static const std::regex expression(R"((\S*) (\{.*\})\n(.*))");
    std::vector<Logged> events;
    std::size_t covered = 0;
    for (auto each = std::sregex_iterator(text.begin(), text.end(), expression);
         each != std::sregex_iterator(); ++each) {
        Logged logged;
        logged.host = (*each)[1];
        const auto clock = json::parse((*each)[2].str());
        for (const auto& [host, count] : clock.as_object()) {
            logged.clock[host] = count.to_number<std::uint64_t>();
        }
        logged.event = (*each)[3];
        covered += static_cast<std::size_t>(each->length()) + 1;
        events.push_back(std::move(logged));
    }
    EXPECT_EQ(covered, text.size()) << "text that the expression does not match";
    return events;
}

void expectClockRules(const std::vector<Logged>& events)
{
    std::map<std::string, std::map<std::string, std::uint64_t>> newest;
    for (const auto& event : events) {
        auto& before = newest[event.host];
        const auto own = event.clock.find(event.host);
        ASSERT_NE(own, event.clock.end());
        ASSERT_EQ(own->second, before[event.host] + 1) << "a host counts its own events";
        for (const auto& [host, count] : before) {
            const auto now = event.clock.find(host);
            ASSERT_TRUE(count == 0 || (now != event.clock.end() && now->second >= count))
                << "what a host knew it still knows";
        }
        for (const auto& [host, count] : event.clock) {
            ASSERT_LE(count, host == event.host ? count : newest[host][host])
                << "nobody knows what has not happened";
        }
        before = event.clock;
    }
}

TEST(ShivizFormat, IsParsedByItsDefaultExpressionAndKeepsTheClockRules)
{
    const auto trace =
        synthetic::makeTrace({.seed = 2, .loss = 0.1, .duplicates = 0.1, .faults = 0.01}, 9000);
    const auto events = parseShiviz(written("shiviz", *trace));
    std::uint64_t local = 0;
    forEach(*trace, EventId(1), EventId(trace->size()),
            [&](EventId, const Event& event) { local += isLocal(event) ? 1 : 0; });
    EXPECT_EQ(events.size(), local);
    expectClockRules(events);
}

TEST(ShivizFormat, KeepsTheClockRulesOfAnExcerpt)
{
    const auto trace = synthetic::makeTrace({.seed = 2, .loss = 0.1}, 9000);
    Excerpt excerpt;
    excerpt.trace = trace.get();
    excerpt.first = EventId(3000);
    excerpt.last = EventId(7000);
    excerpt.where = [](EventId id, const Event& event) {
        return event.kind == Kind::Send || event.kind == Kind::Deliver || id.value % 3 == 0;
    };
    const auto events = parseShiviz(written("shiviz", excerpt));
    EXPECT_GT(events.size(), 1000U);
    expectClockRules(events);
}

TEST(ShivizFormat, OrdersTwoEventsAsTheTraceDoes)
{
    const auto trace = synthetic::makeTrace({.seed = 14, .loss = 0.1, .duplicates = 0.1}, 2500);
    const auto events = parseShiviz(written("shiviz", *trace));
    std::vector<EventId> numbers;
    forEach(*trace, EventId(1), EventId(trace->size()), [&](EventId id, const Event& event) {
        if (isLocal(event)) {
            numbers.push_back(id);
        }
    });
    Causality causality(trace);
    Dice dice(5);
    for (int i = 0; i < 2000; ++i) {
        const auto a = dice.below(events.size());
        const auto b = dice.below(events.size());
        const auto known = events[b].clock.find(events[a].host);
        const bool before = a != b && known != events[b].clock.end()
            && known->second >= events[a].clock.at(events[a].host);
        ASSERT_EQ(before, causality.order(numbers[a], numbers[b]) == Order::Before);
    }
}

void expectSoundChrome(const json::array& rows)
{
    std::map<std::uint64_t, int> flows;
    std::map<std::string, int> operations;
    double newest = -1;
    for (const auto& each : rows) {
        const auto& row = each.as_object();
        const auto phase = row.at("ph").as_string();
        ASSERT_TRUE(row.contains("pid"));
        ASSERT_TRUE(row.contains("name"));
        if (phase == "M") {
            continue;
        }
        const auto ts = row.at("ts").to_number<double>();
        ASSERT_GE(ts, newest) << json::serialize(row);
        newest = ts;
        if (phase == "X") {
            ASSERT_GT(row.at("dur").to_number<double>(), 0);
        } else if (phase == "s") {
            ASSERT_EQ(flows[row.at("id").to_number<std::uint64_t>()]++, 0);
        } else if (phase == "f") {
            ASSERT_EQ(flows[row.at("id").to_number<std::uint64_t>()]++, 1);
            ASSERT_EQ(row.at("bp").as_string(), "e");
        } else if (phase == "b") {
            ASSERT_EQ(operations[std::string(row.at("id").as_string())]++, 0);
        } else if (phase == "e") {
            ASSERT_EQ(operations[std::string(row.at("id").as_string())]--, 1);
        } else if (phase == "i") {
            ASSERT_THAT(std::string(row.at("s").as_string()), testing::AnyOf("t", "p", "g"));
        } else {
            ASSERT_EQ(phase, "C");
            ASSERT_TRUE(row.at("args").at("value").is_int64());
        }
    }
    for (const auto& [id, ends] : flows) {
        ASSERT_EQ(ends, 2) << "an arrow of message " << id << " has one end";
    }
    for (const auto& [id, open] : operations) {
        ASSERT_EQ(open, 0) << "operation " << id << " does not end";
    }
}

TEST(ChromeFormat, BalancesArrowsAndGoesForwardInTime)
{
    const auto trace =
        synthetic::makeTrace({.seed = 6, .loss = 0.1, .duplicates = 0.1, .faults = 0.01}, 9000);
    const auto document = json::parse(written("chrome", *trace));
    const auto& rows = document.at("traceEvents").as_array();
    expectSoundChrome(rows);
    std::set<std::uint64_t> processes;
    for (const auto& row : rows) {
        if (row.at("ph").as_string() == "M") {
            processes.insert(row.at("pid").to_number<std::uint64_t>());
        }
    }
    EXPECT_EQ(processes.size(), 5U + 2U);

    Excerpt excerpt;
    excerpt.trace = trace.get();
    excerpt.first = EventId(2000);
    excerpt.last = EventId(6000);
    excerpt.where = [](EventId id, const Event&) { return id.value % 5 != 0; };
    const auto part = json::parse(written("chrome", excerpt));
    expectSoundChrome(part.at("traceEvents").as_array());
}

TEST(ChromeFormat, DrawsTheEpochAndWhatIsCommitted)
{
    std::ostringstream out;
    synthetic::Run run({.seed = 9});
    LightconeWriter writer(out, *run.trace);
    std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> last;
    run.afterEvent = [&](EventId id, NodeId node) {
        if (run.members().contains(node)) {
            const auto& state = run.members().at(node).state;
            last[{"term", node.value}] = state.term;
            last[{"committed", node.value}] = state.committed;
            writer.states().node(id, run.nodeState(node), describe::shapeOf<synthetic::State>(),
                                 describe::toBytes(state));
        }
    };
    run.until(9000);
    ASSERT_TRUE(writer.finish(EventId(run.trace->size())));
    const auto opened = readLightcone(out.str(), "run.lightcone");
    ASSERT_TRUE(opened);
    Excerpt excerpt;
    excerpt.trace = opened->trace.get();
    excerpt.states = opened->states.get();
    const auto document = json::parse(written("chrome", excerpt));
    const auto& rows = document.at("traceEvents").as_array();
    expectSoundChrome(rows);
    std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> drawn;
    std::size_t points = 0;
    for (const auto& row : rows) {
        if (row.at("ph").as_string() == "C") {
            ++points;
            drawn[{std::string(row.at("name").as_string()),
                   row.at("pid").to_number<std::uint32_t>()}] =
                row.at("args").at("value").to_number<std::uint64_t>();
        }
    }
    EXPECT_EQ(drawn, last);
    EXPECT_GT(points, 50U);
}

TEST(MermaidFormat, UsesOnlyLinesThatTheLanguageHas)
{
    const auto trace =
        synthetic::makeTrace({.seed = 6, .loss = 0.1, .duplicates = 0.1, .faults = 0.01}, 4000);
    const synthetic::Example example;
    static const std::regex line(
        R"(sequenceDiagram|    (participant|actor) [nc]\d+ as [^;<>%]+(;[^<>%]*)*)"
        R"(|    [nc]\d+(->>|--x|-\))[nc]\d+: .+|    Note over [nc]\d+(,[nc]\d+)?: .+)");
    static const std::regex entity(R"(#(35|59|37|32|lt|gt);)");
    for (const auto* each : {trace.get(), static_cast<const Trace*>(example.trace().get())}) {
        std::istringstream in(written("mermaid", *each));
        std::size_t arrows = 0;
        for (std::string text; std::getline(in, text);) {
            ASSERT_TRUE(std::regex_match(text, line)) << text;
            const auto colon = text.find(": ");
            arrows += text.find("->>") < colon ? 1 : 0;
            if (colon != std::string::npos) {
                const auto rest = std::regex_replace(
                    std::regex_replace(text.substr(colon), entity, ""), std::regex("<br/>"), "");
                ASSERT_EQ(rest.find_first_of("#;<>%"), std::string::npos) << text;
            }
        }
        std::size_t delivered = 0;
        forEach(*each, EventId(1), EventId(each->size()), [&](EventId, const Event& event) {
            delivered += event.kind == Kind::Deliver ? 1 : 0;
        });
        EXPECT_EQ(arrows, delivered);
    }
}

} // namespace
} // namespace lightcone::trace::formats
