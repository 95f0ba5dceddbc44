#include "engine/core/dice.h"
#include "engine/session/scenario.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lightcone::session {
namespace {

TEST(Scenario, ReadsTheExampleOfTheManual)
{
    const auto scenario = parseScenario(R"(# The leader crashes: who leads next?
# A cluster without its leader
# elects another.
cluster raft nodes=5 seed=42
say "Five followers wait."   # not part of it

until count(role == leader) == 1
request put x 1
until replied
at +20ms crash leader
until count(role == leader and
    up) == 1
  within 2s
expect always count(role == leader and up) <= 1
)",
                                        "crash.scenario");
    ASSERT_TRUE(scenario) << scenario.error().text();
    EXPECT_EQ(scenario->title, "The leader crashes: who leads next?");
    EXPECT_EQ(scenario->summary, "A cluster without its leader elects another.");
    EXPECT_EQ(toText(scenario->cluster), "cluster raft nodes=5 seed=42");
    std::vector<std::string> lines;
    for (const auto& line : scenario->lines) {
        lines.push_back(std::to_string(line.place.line) + " " + toText(line));
    }
    EXPECT_EQ(lines,
              (std::vector<std::string>{
                  "5 say \"Five followers wait.\"",
                  "7 until count(role == leader) == 1",
                  "8 request put x 1",
                  "9 until replied",
                  "10 at +20ms crash leader",
                  "11 until count(role == leader and up) == 1 within 2s",
                  "14 expect always count(role == leader and up) <= 1",
              }));
}

TEST(Scenario, APieceKnowsWhereItStoodThoughLinesWereJoined)
{
    const auto scenario =
        parseScenario("cluster raft\nuntil count(role == leader\n      and up) == 1\n");
    ASSERT_TRUE(scenario);
    const auto& until = std::get<Until>(scenario->lines.front().doing);
    EXPECT_EQ(until.query->placeOf(0), (Place{2, 7}));
    EXPECT_EQ(until.query->placeOf(until.query->text.find("and")), (Place{3, 7}));
    EXPECT_EQ(until.query->placeOf(until.query->text.find("up")), (Place{3, 11}));
}

TEST(Scenario, ATextMayGoOnInAnIndentedLine)
{
    const auto scenario = parseScenario("cluster raft\nsay \"one\n  two # three\"\n");
    ASSERT_TRUE(scenario) << scenario.error().text();
    EXPECT_EQ(std::get<Say>(scenario->lines.front().doing).text, "one two # three");
}

TEST(Scenario, ColumnsCountCharactersNotBytes)
{
    const auto scenario = parseScenario("cluster raft\nsay \"décès\" now\n");
    ASSERT_FALSE(scenario);
    EXPECT_EQ(scenario.error().text(),
              "line 2, column 13: expected the end of the line, found 'now'");
}

struct Typo
{
    const char* line;
    const char* sentence;
};

class ScenarioErrors : public testing::TestWithParam<Typo>
{
};

TEST_P(ScenarioErrors, PointAtTheWordAndSayWhatWasExpected)
{
    const auto scenario =
        parseScenario(std::string("cluster raft\n") + GetParam().line + "\n", "my.scenario");
    ASSERT_FALSE(scenario) << GetParam().line;
    EXPECT_EQ(scenario.error().text(), std::string("my.scenario:") + GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(
    Typos, ScenarioErrors,
    testing::Values(
        Typo{"crahs n1", "2:1: 'crahs' is no verb: did you mean 'crash'?"},
        Typo{"crash",
             "2:6: expected a node, a role or a query in parentheses, found the end of "
             "the line"},
        Typo{"crash 7", "2:7: expected a node, a role or a query in parentheses, found '7'"},
        Typo{"crash n1 n2", "2:10: expected the end of the line, found 'n2'"},
        Typo{"until count(role == leader == 1\nrun 1s", "2:12: this '(' is never closed"},
        Typo{"until count(role == leader)) == 1", "2:28: this ')' closes nothing"},
        Typo{"say \"no end",
             "2:5: this text has no closing quote, here or on the indented lines below"},
        Typo{"say hello", "2:5: expected a text in quotes, found 'hello'"},
        Typo{"run 20", "2:5: expected a duration such as 20ms, 1.5s or 300us, found '20'"},
        Typo{"until replied within", "2:21: expected a duration such as 2s after 'within'"},
        Typo{"expect eventually up",
             "2:8: expected 'within' and a duration at the end of 'expect eventually'"},
        Typo{"partition {n1 n2}",
             "2:18: expected another group in braces, found the end of the "
             "line"},
        Typo{"drop 812", "2:6: expected a message's number such as #812, found '812'"},
        Typo{"rule hold Vote form n3",
             "2:16: expected from, to, times, chance or as, found 'form'"},
        Typo{"rule drop Vote chance 2", "2:23: expected a chance such as 0.2 or 20%, found '2'"},
        Typo{"clock n3 drfit=2", "2:10: expected skew=DURATION or drift=FACTOR, found 'drfit'"},
        Typo{"ask \"why?\" choices one",
             "2:23: expected '|' and another choice, found the end of the line"},
        Typo{"load client=3", "2:6: 'client' is no setting of a load: did you mean 'clients'?"},
        Typo{"cluster raft",
             "2:1: the cluster line stands at the beginning of a scenario, and only once"},
        Typo{"at 5ms at 6ms crash n1", "2:8: expected something to do, found another 'at'"},
        Typo{"say \"a\x01\"",
             "2:7: a byte here is no text: a scenario is UTF-8 without control characters"}));

TEST(Scenario, SaysWhatIsMissingAtTheBeginning)
{
    EXPECT_EQ(parseScenario("", "e").error().text(),
              "e:1:1: the scenario is empty: expected a line such as: cluster raft nodes=5");
    EXPECT_EQ(parseScenario("crash n1", "e").error().text(),
              "e:1:1: expected the cluster line first, such as: cluster raft nodes=5 seed=1, "
              "found 'crash'");
    EXPECT_EQ(parseScenario("  cluster raft", "e").error().text(),
              "e:1:3: an indented line continues the one above it, and there is none");
    EXPECT_EQ(parseScenario("cluster raft nodes=5 nodes=3", "e").error().text(),
              "e:1:22: 'nodes' is given twice");
}

/// Lines at random from the grammar; every one must come back from its own text.
class Maker
{
public:
    explicit Maker(std::uint64_t seed)
        : m_dice(seed)
    {
    }

    Line line()
    {
        Line line;
        switch (m_dice.below(6)) {
        case 0:
            line.when = When{When::Kind::At, time(), {}};
            break;
        case 1:
            line.when = When{When::Kind::After, time(), {}};
            break;
        case 2:
            line.when = When{When::Kind::Event, m_dice.chance(0.5) ? time() : Duration{},
                             EventId(m_dice.below(100000))};
            break;
        default:
            break;
        }
        line.doing = doing();
        return line;
    }

private:
    template <class T>
    T oneOf(std::vector<T> choices)
    {
        return choices[m_dice.below(choices.size())];
    }
    Duration time() { return Duration(1 + static_cast<std::int64_t>(m_dice.below(9'000'000'000))); }
    Piece piece(std::string text) { return {std::move(text), {}}; }
    Who who()
    {
        if (m_dice.chance(0.2)) {
            return {piece(oneOf<std::string>({"role == follower and up", "(term > 2)"})), true};
        }
        return {piece(oneOf<std::string>({"n1", "n5", "leader", "balancer", "c1"})), false};
    }
    std::optional<Who> maybe() { return m_dice.chance(0.5) ? std::optional(who()) : std::nullopt; }
    std::string text()
    {
        return oneOf<std::string>({"plain", "two words", "a \"quote\" and \\", "tab\there", "# no",
                                   "", "漢字 (", "line\nbreak", "a|b"});
    }
    std::vector<Setting> settings()
    {
        return {{"latency", oneOf<std::string>({"1ms..5ms", "exp 3ms", "20%"})}, {"loss", text()}};
    }
    std::string query()
    {
        return oneOf<std::string>(
            {"count(role == leader) == 1", "n4.term > 2", "note ~ \"becomes leader\""});
    }

    Act act()
    {
        switch (m_dice.below(13)) {
        case 0:
            return OnNode{static_cast<NodeVerb>(m_dice.below(6)), who()};
        case 1:
            return Cut{who(), who(), m_dice.chance(0.5)};
        case 2:
            return m_dice.chance(0.3) ? Heal{}
                : m_dice.chance(0.3)  ? Heal{who()}
                                      : Heal{who(), who(), m_dice.chance(0.5)};
        case 3:
            return Partition{{{who(), who()}, {who()}}};
        case 4:
            return m_dice.chance(0.5) ? Link{{}, {}, false, settings()}
                                      : Link{who(), who(), m_dice.chance(0.5), settings()};
        case 5: {
            const auto verb = static_cast<MessageVerb>(m_dice.below(5));
            return OnMessage{verb, EventId(m_dice.below(1000)),
                             verb == MessageVerb::Delay ? time() : Duration{}};
        }
        case 6:
            return Fire{who(), "election", m_dice.below(3), m_dice.chance(0.5)};
        case 7: {
            AddRule rule{static_cast<RuleVerb>(m_dice.below(4)), {}, "Vote", maybe(), maybe()};
            rule.by = rule.verb == RuleVerb::Delay ? time() : Duration{};
            if (m_dice.chance(0.5)) {
                rule.times = static_cast<std::uint32_t>(1 + m_dice.below(9));
                rule.chance = m_dice.unit();
                rule.name = "mine";
            }
            return rule;
        }
        case 8:
            return RemoveRule{oneOf<std::string>({"mine", "2", ""})};
        case 9:
            return SetClock{who(), m_dice.chance(0.5) ? time() : -time(), m_dice.unit() + 0.5};
        case 10:
            return oneOf<SetDisk>({{who(), DiskState::Ok},
                                   {who(), DiskState::Full},
                                   {who(), DiskState::Slow, 2.5},
                                   {who(), DiskState::Slow, 1, time()},
                                   {who(), DiskState::Forgets, 1, {}, 3}});
        case 11:
            return Request{piece(oneOf<std::string>({"put x 1", "get x", "put \"a b\" from"})),
                           maybe(), maybe()};
        default:
            return m_dice.chance(0.2) ? Load{true}
                                      : Load{false, {{"clients", "3"}, {"mix", "put:0.5 get:0.5"}}};
        }
    }

    Doing doing()
    {
        const auto within = [this] {
            return m_dice.chance(0.5) ? std::optional(time()) : std::nullopt;
        };
        switch (m_dice.below(12)) {
        case 0:
            return Say{text()};
        case 1:
            return m_dice.chance(0.5) ? Ask{text(), {"a", "b c"}, "b c"}
                                      : Ask{text(), {"1", "answer", "|"}, {}};
        case 2:
            return Until{m_dice.chance(0.5) ? std::optional(piece(query())) : std::nullopt,
                         within()};
        case 3:
            return RunFor{time()};
        case 4:
            return Expect{static_cast<Expect::When>(m_dice.below(3)), piece(query()), {}};
        case 5:
            return Expect{Expect::When::Eventually, piece(query()), time()};
        case 6:
            return m_dice.chance(0.5) ? Expect{Expect::When::Broken, piece("election safety"), {}}
                                      : Expect{Expect::When::Broken, {}, {}};
        case 7:
            return Stop{};
        default:
            return act();
        }
    }

    Dice m_dice;
};

TEST(Scenario, EveryLineComesBackFromItsText)
{
    for (std::uint64_t seed = 0; seed < 5000; ++seed) {
        const auto line = Maker(seed).line();
        const auto text = toText(line);
        const auto again = parseLine(text);
        ASSERT_TRUE(again) << "seed " << seed << ": " << text << ": " << again.error().text();
        EXPECT_EQ(*again, line) << "seed " << seed << ": " << text;
        EXPECT_EQ(toText(*again), text) << "seed " << seed;
    }
}

TEST(Scenario, AnyBytesAreFineToTry)
{
    const std::string alphabet = "ab \t\n\"(){}[]#|=\\->at1ms\x80\xC3";
    for (std::uint64_t seed = 0; seed < 20000; ++seed) {
        Dice dice(seed);
        std::string text = dice.chance(0.5) ? "cluster raft\n" : "";
        for (auto left = dice.below(40); left > 0; --left) {
            text += dice.chance(0.3) ? toText(Maker(dice.next()).line()).substr(dice.below(4))
                                     : std::string(1, alphabet[dice.below(alphabet.size())]);
        }
        const auto scenario = parseScenario(text);
        if (!scenario) {
            EXPECT_FALSE(scenario.error().message.empty());
        }
    }
}

TEST(Scenario, IsBounded)
{
    EXPECT_FALSE(parseScenario(std::string(2 << 20, ' ')));
    EXPECT_FALSE(parseScenario("cluster raft\nuntil " + std::string(1000, '(')));
    EXPECT_FALSE(parseScenario("cluster raft\nsay \"" + std::string(100'000, 'x') + "\""));
}

} // namespace
} // namespace lightcone::session
