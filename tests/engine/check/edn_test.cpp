#include "engine/check/edn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <string>
#include <vector>

namespace lightcone::checking::edn {
namespace {

using testing::ElementsAre;

std::vector<std::string> textsOf(std::string_view text)
{
    Reader reader(text);
    std::vector<std::string> texts;
    if (const auto entered = reader.enter(); !entered) {
        return {"error: " + entered.error().text()};
    }
    while (true) {
        const auto value = reader.next();
        if (!value) {
            texts.push_back(fmt::format("{}:{}: {}", value.error().line, value.error().column,
                                        value.error().message));
            return texts;
        }
        if (!*value) {
            return texts;
        }
        texts.push_back(toText(**value));
    }
}

std::string textOf(std::string_view text)
{
    const auto texts = textsOf(text);
    return texts.empty() ? "" : texts.front();
}

TEST(Edn, ReadsEveryKindOfValue)
{
    EXPECT_THAT(textsOf("nil true false 0 -7 +7 12N 1.5 1.5M -2e10 1/3 ##NaN ##-Inf"),
                ElementsAre("nil", "true", "false", "0", "-7", "7", "12", "1.5", "1.5", "-2e10",
                            "1/3", "##NaN", "##-Inf"));
    EXPECT_THAT(textsOf(R"(:a :a/b sym a.b/c + - -> *x* "t\"\\\n\u00e9" \a \newline \u0041 \é)"),
                ElementsAre(":a", ":a/b", "sym", "a.b/c", "+", "-", "->", "*x*",
                            "\"t\\\"\\\\\\né\"", "\\a", "\\newline", "\\A", "\\é"));
    EXPECT_EQ(textOf("{:b [1 (2 3)], :a #{2 1}}"), "{:a #{1 2}, :b [1 (2 3)]}");
    EXPECT_EQ(textOf("#inst \"2024-01-01\""), "#inst \"2024-01-01\"");
    EXPECT_EQ(textOf("#jepsen.history.Op{:process 1}"), "#jepsen.history.Op {:process 1}");
    EXPECT_EQ(textOf("#:jepsen{:a 1, :b/c 2}"), "{:b/c 2, :jepsen/a 1}");
    EXPECT_EQ(textOf("\"\\uD83D\\uDE00\""), "\"😀\"");
}

TEST(Edn, PassesOverCommentsAndWhatIsDiscarded)
{
    EXPECT_THAT(textsOf("; a line\n1,,2 #_ [3 #_4 5] 6 ; end"), ElementsAre("1", "2", "6"));
    EXPECT_THAT(textsOf("{:a #_1 2 #_:b}"), ElementsAre("{:a 2}"));
    EXPECT_TRUE(textsOf(" \n ;nothing").empty());
}

TEST(Edn, StepsIntoASequence)
{
    EXPECT_THAT(textsOf("[1 [2] 3]"), ElementsAre("1", "[2]", "3"));
    EXPECT_THAT(textsOf(" (1 2) ; done\n"), ElementsAre("1", "2"));
    EXPECT_THAT(textsOf("[1] 2"),
                ElementsAre("1", "1:5: expected nothing after the history's end, found '2'"));
    EXPECT_THAT(textsOf("[1 2"),
                ElementsAre("1", "2",
                            "1:5: expected ']' at the end of the history, found the end of the "
                            "text"));
}

TEST(Edn, EqualValuesHaveEqualTexts)
{
    EXPECT_EQ(textOf("#{3 1 2}"), textOf("#{1 2,3}"));
    EXPECT_EQ(textOf("{:a 1 :b 2}"), textOf("{:b 2, :a 1}"));
    EXPECT_EQ(textOf("-0"), textOf("0"));
}

TEST(Edn, AnErrorSaysWhereAndWhatWasExpected)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"{:a 1\n :b",
         "2:4: expected '}' for the one opened at line 1, column 1, found the end "
         "of the text"},
        {"{:a}", "1:4: expected a value for the map's last key, found '}'"},
        {"{:a (1]}", "1:7: expected ')' or a value, found ']'"},
        {"\"abc",
         "1:5: expected '\"' for the text that began at line 1, column 1, found the end "
         "of the text"},
        {"{\"é\" \"\\q\"}", "1:8: expected t, r, n, b, f, u, '\"' or '\\' after '\\', found 'q'"},
        {"\"\\ud83d\"",
         "1:8: expected a character's four hexadecimal digits after '\\u', found '\"'"},
        {"\\bogus", "1:1: expected a character after '\\', found 'bogus'"},
        {"#", "1:1: expected a tag after '#', found ''"},
        {"##Nan", "1:1: expected ##NaN, ##Inf or ##-Inf, found '##Nan'"},
        {"#tag", "1:5: expected a value, found the end of the text"},
        {"1.2.3", "1:1: expected a value, found '1.2.3'"},
        {"007", "1:1: expected a value, found '007'"},
        {"::a", "1:1: expected a value, found '::a'"},
        {"}", "1:1: expected a value, found '}'"},
        {"#:a 1", "1:4: expected a map after the namespace '#:a', found ' '"},
        {"\"\xff\"", "1:2: expected UTF-8, found a byte that is no UTF-8"},
    };
    for (const auto& [text, error] : cases) {
        EXPECT_EQ(textOf(text), error) << text;
    }
}

TEST(Edn, DepthIsBounded)
{
    EXPECT_EQ(textOf("{:a " + std::string(60, '(') + std::string(60, ')') + "}").substr(0, 3),
              "{:a");
    for (const auto* open : {"(", "#_", "#a "}) {
        std::string text = "{:a ";
        for (int i = 0; i < 100'000; ++i) {
            text += open;
        }
        EXPECT_THAT(textOf(text), testing::HasSubstr("expected values at most 64 deep")) << open;
    }
}

} // namespace
} // namespace lightcone::checking::edn
