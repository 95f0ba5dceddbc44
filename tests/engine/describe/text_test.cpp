#include "tests/engine/describe/samples.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace lightcone::describe::samples {
namespace {

using namespace std::chrono_literals;

template <class T>
std::string textOf(const T& value)
{
    return toText(toValue(value));
}

template <class T>
std::string briefOf(const T& value)
{
    return brief(toValue(value));
}

/// The value's text again after reading `text` as a T, or the error sentence.
template <class T>
std::string read(std::string_view text)
{
    const auto value = parse(shapeOf<T>(), text);
    return value ? toText(*value) : value.error().text();
}

TEST(PlainNames, TellNodesFromClients)
{
    EXPECT_EQ(plainNames().name(NodeId(3)), "n3");
    EXPECT_EQ(plainNames().name(clientId(1)), "c1");
    EXPECT_EQ(plainNames().find("n3"), NodeId(3));
    EXPECT_EQ(plainNames().find("c1"), clientId(1));
    EXPECT_EQ(plainNames().find("c4294901759"), NodeId(UINT32_MAX));
    for (const auto* wrong :
         {"", "n", "x", "n03", "n-1", "n3x", "3", "n65536", "c4294901760", "N3"}) {
        EXPECT_EQ(plainNames().find(wrong), std::nullopt) << wrong;
    }
}

TEST(Text, ShowsRecordsAsPeopleReadThem)
{
    EXPECT_EQ(textOf(Vote{3, true}), "Vote{term 3, granted}");
    EXPECT_EQ(textOf(Vote{3, false}), "Vote{term 3, not granted}");
    EXPECT_EQ(textOf(Message(Vote{3, true})), "Vote{term 3, granted}");
    EXPECT_EQ(textOf(Entry{2, Operation(Put{"x", "5"})}),
              "Entry{term 2, command Put{key x, value 5}}");
    EXPECT_EQ(textOf(Entry{2, Noop{}}), "Entry{term 2, command Noop}");
}

TEST(Text, ShowsContainers)
{
    EXPECT_EQ(textOf(std::set{NodeId(3), NodeId(4)}), "{n3, n4}");
    EXPECT_EQ(textOf(std::map<NodeId, std::uint64_t>{{NodeId(1), 4}, {NodeId(2), 4}}),
              "{n1: 4, n2: 4}");
    EXPECT_EQ(textOf(std::vector<std::string>{"a", "two words", ""}), "[a, \"two words\", \"\"]");
    EXPECT_EQ(textOf(std::optional<NodeId>{}), "none");
    EXPECT_EQ(textOf(std::optional(NodeId(2))), "n2");
    EXPECT_EQ(textOf(NodeId{}), "none");
    EXPECT_EQ(textOf(RequestId{clientId(1), 4}), "c1/4");
    EXPECT_EQ(toText(Value{}), "nothing");
}

TEST(Text, KeepsTimesAndNumbersExact)
{
    EXPECT_EQ(textOf(Duration(437'020'123)), "437.020123ms");
    EXPECT_EQ(textOf(0.1), "0.1");
    EXPECT_EQ(textOf(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(textOf(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(Text, TellsNoneFromSomethingThatReadsNone)
{
    using Nested = std::optional<std::optional<std::string>>;
    EXPECT_EQ(textOf(Nested{}), "none");
    EXPECT_EQ(textOf(Nested(std::optional<std::string>{})), "some none");
    EXPECT_EQ(textOf(Nested("none")), "\"none\"");
    EXPECT_EQ(textOf(std::optional(NodeId{})), "some none");
}

TEST(Text, EscapesWhatDoesNotPrint)
{
    EXPECT_EQ(textOf(std::string("a\n\t\"\\\x01\xff→")), "\"a\\n\\t\\\"\\\\\\x01\\xff→\"");
}

TEST(Text, TakesTheNamesOfAPlan)
{
    const NodeNames names{[](NodeId) { return std::string("Ann Lee"); },
                          [](std::string_view text) {
                              return text == "Ann Lee" ? std::optional(NodeId(7)) : std::nullopt;
                          }};
    const auto value = toValue(std::vector{NodeId(7)});
    EXPECT_EQ(toText(value, names), "[\"Ann Lee\"]");
    const auto back = parse(value.shape(), "[\"Ann Lee\"]", names);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, value);
}

struct Proposal
{
    std::uint64_t ballot = 0;
    Operation operation{};
};
BOOST_DESCRIBE_STRUCT(Proposal, (), (ballot, operation))
constexpr auto facets(Tag<Proposal>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}};
}

TEST(Brief, SaysWhatALabelHasRoomFor)
{
    EXPECT_EQ(briefOf(Put{"x", "1"}), "put x=1");
    EXPECT_EQ(briefOf(Operation(Put{"x", "1"})), "put x=1");
    EXPECT_EQ(briefOf(Operation(Get{"x"})), "get x");
    EXPECT_EQ(briefOf(Operation(Swap{"x", "1", "2"})), "swap x=1→2");
    EXPECT_EQ(briefOf(Operation(Swap{"x", {}, "2"})), "swap x=none→2");
    EXPECT_EQ(briefOf(Entry{2, Operation(Put{"x", "5"})}), "T2 put x=5");
    EXPECT_EQ(briefOf(Entry{2, Noop{}}), "T2 noop");
    EXPECT_EQ(briefOf(Proposal{7, Operation(Put{"x", "5"})}), "B7 put x=5");
    EXPECT_EQ(briefOf(RequestVote{3, 9, false}), "RequestVote 3");
    EXPECT_EQ(briefOf(Message(RequestVote{3, 9, false})), "RequestVote 3");
    EXPECT_EQ(briefOf(Message(RequestVote{3, 9, true})), "RequestVote 3 preVote");
    EXPECT_EQ(briefOf(Message(Vote{3, true})), "Vote 3 granted");
    EXPECT_EQ(briefOf(Message(Append{3, {}})), "Append 3");
    EXPECT_EQ(briefOf(Duration(437'020'123)), "437.02 ms");
    EXPECT_EQ(briefOf(std::vector<int>{1, 2}), "[1, 2]");
    EXPECT_EQ(briefOf(std::vector<int>(12)), "[12]");
}

TEST(Brief, StaysShortAndWholeCharacters)
{
    const auto phrase = briefOf(Put{std::string(100, 'k'), "ééééééééééééééééééééééééééééééé"});
    EXPECT_LE(phrase.size(), 63U);
    EXPECT_TRUE(phrase.ends_with("…"));
    EXPECT_EQ(phrase.find("\xEF\xBF\xBD"), std::string::npos);
}

TEST(Parse, ReadsWhatPeopleWrite)
{
    EXPECT_EQ(read<Operation>("put x 1"), "Put{key x, value 1}");
    EXPECT_EQ(read<Operation>("put x=1"), "Put{key x, value 1}");
    EXPECT_EQ(read<Operation>("Put{key: x, value: 1}"), "Put{key x, value 1}");
    EXPECT_EQ(read<Operation>("put{x, 1}"), "Put{key x, value 1}");
    EXPECT_EQ(read<Operation>("put value=1 key=\"two words\""), "Put{key \"two words\", value 1}");
    EXPECT_EQ(read<Operation>("put x http://a=b"), "Put{key x, value \"http://a=b\"}");
    EXPECT_EQ(read<Operation>("swap x 1 2"), "Swap{key x, expected 1, desired 2}");
    EXPECT_EQ(read<Operation>("swap x=1→2"), "Swap{key x, expected 1, desired 2}");
    EXPECT_EQ(read<Operation>("swap x=none->2"), "Swap{key x, expected none, desired 2}");
    EXPECT_EQ(read<Operation>("swap x desired=2"), "Swap{key x, expected none, desired 2}");
    EXPECT_EQ(read<Command>("put x 1"), "Put{key x, value 1}");
    EXPECT_EQ(read<Command>(" noop "), "Noop");
    EXPECT_EQ(read<std::vector<Operation>>("[put x 1, get y]"),
              "[Put{key x, value 1}, Get{key y}]");
    EXPECT_EQ(read<Vote>("3 granted"), "Vote{term 3, granted}");
    EXPECT_EQ(read<Vote>("granted 3"), "Vote{term 3, granted}");
    EXPECT_EQ(read<Vote>("Vote{3}"), "Vote{term 3, not granted}");
    EXPECT_EQ(read<Vote>("{term=3, granted: true}"), "Vote{term 3, granted}");
    EXPECT_EQ(read<Duration>("20ms"), "20ms");
    EXPECT_EQ(read<Duration>("1.5 s"), "1.5s");
    EXPECT_EQ(read<std::set<NodeId>>("[n1, n2]"), "{n1, n2}");
    EXPECT_EQ(read<Role>("leader"), "leader");
    EXPECT_EQ(read<std::string>("a:b,c"), "\"a:b,c\"");
    EXPECT_EQ(read<std::int64_t>("-5"), "-5");
    EXPECT_EQ(read<std::int64_t>("+5"), "5");
    EXPECT_EQ(read<double>("1e3"), "1000");
}

TEST(Parse, SaysWhereAndWhatItExpected)
{
    EXPECT_EQ(read<std::set<NodeId>>("{n1, x}"), "column 6: expected a node such as n3, found 'x'");
    EXPECT_EQ(read<std::uint64_t>("five"),
              "column 1: expected a whole number of zero or more, found 'five'");
    EXPECT_EQ(read<std::uint64_t>("-1"),
              "column 1: expected a whole number of zero or more, found '-1'");
    EXPECT_EQ(read<std::uint64_t>("18446744073709551616"),
              "column 1: expected a number that fits into 64 bits, found '18446744073709551616'");
    EXPECT_EQ(read<std::uint64_t>("5 6"), "column 3: expected the end, found '6'");
    EXPECT_EQ(read<std::uint64_t>(""),
              "column 1: expected a whole number of zero or more, found the end");
    EXPECT_EQ(read<bool>("maybe"), "column 1: expected true or false, found 'maybe'");
    EXPECT_EQ(read<Role>("boss"),
              "column 1: expected follower, preCandidate or leader, found 'boss'");
    EXPECT_EQ(read<Command>("pot x 1"), "column 1: expected noop, put, get or swap, found 'pot'");
    EXPECT_EQ(read<Operation>("put x"),
              "column 6: expected the field 'value' (a word or a \"quoted text\"), found the end");
    EXPECT_EQ(read<Operation>("put x 1 2"),
              "column 9: expected no more than key or value, found '2'");
    EXPECT_EQ(read<Operation>("put x vlaue=1"), "column 7: expected key or value, found 'vlaue'");
    EXPECT_EQ(read<Operation>("put x key=y"), "column 7: 'key' is given twice");
    EXPECT_EQ(read<std::vector<int>>("[1, 2"), "column 6: expected ',' or ']', found the end");
    EXPECT_EQ(read<std::vector<int>>("7"), "column 1: expected a list such as [a, b], found '7'");
    EXPECT_EQ(read<std::string>("\"open"), "column 6: expected a closing '\"', found the end");
    EXPECT_EQ(read<std::string>("two words"), "column 5: expected the end, found 'words'");
    EXPECT_EQ(read<Duration>("20"),
              "column 1: expected a duration such as 20ms, 1.5s or 300us, found '20'");
    EXPECT_EQ(read<RequestId>("c1"), "column 1: expected a request such as c1/4, found 'c1'");
    EXPECT_EQ(read<std::optional<NodeId>>("q"), "column 1: expected a node such as n3, found 'q'");
}

TEST(ParseFields, KeepsTheDefaultsOfFieldsLeftOut)
{
    const auto defaults = toValue(RequestVote{7, 8, true});
    const auto words = [&](std::string_view text) {
        const auto value = parseFields(defaults, text);
        return value ? toText(*value) : value.error().text();
    };
    EXPECT_EQ(words(""), "RequestVote{term 7, lastIndex 8, preVote}");
    EXPECT_EQ(words("9"), "RequestVote{term 9, lastIndex 8, preVote}");
    EXPECT_EQ(words("lastIndex=1"), "RequestVote{term 7, lastIndex 1, preVote}");
    EXPECT_EQ(words("preVote=false term: 2"), "RequestVote{term 2, lastIndex 8, not preVote}");
    EXPECT_EQ(words("not preVote"), "RequestVote{term 7, lastIndex 8, not preVote}");
    EXPECT_EQ(words("trem=2"), "column 1: expected term, lastIndex or preVote, found 'trem'");
    EXPECT_EQ(words("term=x"), "column 6: expected a whole number of zero or more, found 'x'");
}

TEST(ParseFields, AKeyAndAContentHaveToBeGiven)
{
    const auto words = [](std::string_view text) {
        const auto value = parseFields(toValue(Put{}), text);
        return value ? toText(*value) : value.error().text();
    };
    EXPECT_EQ(words("x 1"), "Put{key x, value 1}");
    EXPECT_EQ(words("x \"\""), "Put{key x, value \"\"}");
    EXPECT_EQ(words("x"),
              "column 2: expected the field 'value' (a word or a \"quoted text\"), found the end");
    EXPECT_EQ(words(""),
              "column 1: expected the field 'key' (a word or a \"quoted text\"), found the end");
    const auto whole = parseFields(toValue(Put{"x", "7"}), "");
    ASSERT_TRUE(whole);
    EXPECT_EQ(toText(*whole), "Put{key x, value 7}") << "but a default that says something counts";
}

template <class T>
void expectTextRoundTrip(const T& value)
{
    const auto before = toValue(value);
    const auto text = toText(before);
    const auto after = parse(before.shape(), text);
    ASSERT_TRUE(after) << text << "\n" << after.error().text();
    EXPECT_EQ(toText(*after), text);
    if constexpr (!std::is_floating_point_v<T>) {
        EXPECT_EQ(*after, before) << text;
    }
}

TEST(Parse, ReadsBackEveryText)
{
    expectTextRoundTrip(true);
    expectTextRoundTrip(std::numeric_limits<std::int64_t>::min());
    expectTextRoundTrip(std::numeric_limits<std::uint64_t>::max());
    for (const double real : {0.1, -0.0, 1e300, 5e-324, std::nan(""), HUGE_VAL, -HUGE_VAL}) {
        expectTextRoundTrip(real);
    }
    for (const auto* text : {"", "x", "none", "some", "not", "not x", "5", "a.b", "a->b", "→",
                             "\xff\x01\"\\\n\t", "{"}) {
        expectTextRoundTrip(std::string(text));
        expectTextRoundTrip(std::optional(std::string(text)));
        expectTextRoundTrip(std::vector{std::string(text), std::string(text)});
        expectTextRoundTrip(Put{text, text});
        expectTextRoundTrip(std::map<std::string, Operation>{{text, Get{text}}});
    }
    for (const auto count :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1'500'000}, INT64_MAX, INT64_MIN}) {
        expectTextRoundTrip(Duration(count));
        expectTextRoundTrip(Instant(Duration(count)));
    }
    expectTextRoundTrip(NodeId{});
    expectTextRoundTrip(std::optional(NodeId{}));
    expectTextRoundTrip(RequestId{NodeId{}, 5});
    expectTextRoundTrip(std::optional(RequestId{}));
    expectTextRoundTrip(std::optional<std::optional<std::string>>(std::optional<std::string>{}));
    expectTextRoundTrip(std::variant<std::uint64_t, std::string, Role>(Role::Leader));
    expectTextRoundTrip(std::variant<std::uint64_t, std::string, Role>("text"));
    expectTextRoundTrip(Everything{});
    expectTextRoundTrip(filled());
}

TEST(Parse, ReadsBackEveryBriefCommand)
{
    for (const auto& operation : {Operation(Put{"x", "1"}), Operation(Get{"x"}),
                                  Operation(Swap{"x", "1", "2"}), Operation(Swap{"x", {}, "2"})}) {
        const auto value = toValue(operation);
        const auto back = parse(value.shape(), brief(value));
        ASSERT_TRUE(back) << brief(value) << ": " << back.error().text();
        EXPECT_EQ(*back, value);
    }
}

TEST(Zero, IsTheSimplestValue)
{
    EXPECT_EQ(zero(shapeOf<Everything>()), toValue(Everything{}));
    EXPECT_EQ(toText(zero(shapeOf<Message>())), "RequestVote{term 0, lastIndex 0, not preVote}");
}

} // namespace
} // namespace lightcone::describe::samples
