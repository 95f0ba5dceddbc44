#include "engine/describe/json.h"
#include "engine/describe/utf8.h"
#include "tests/engine/describe/samples.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <cmath>

namespace lightcone::describe::samples {
namespace {

namespace json = boost::json;

template <class T>
std::string jsonOf(const T& value)
{
    return json::serialize(toJson(toValue(value)));
}

TEST(Json, SpellsEveryKind)
{
    EXPECT_EQ(jsonOf(true), "true");
    EXPECT_EQ(jsonOf(std::int64_t{-5}), "-5");
    EXPECT_EQ(jsonOf(UINT64_MAX), "18446744073709551615");
    EXPECT_EQ(jsonOf(std::string("a\"b")), R"("a\"b")");
    EXPECT_EQ(jsonOf(Duration(1'500)), "1500");
    EXPECT_EQ(jsonOf(Instant(Duration(1'500))), "1500");
    EXPECT_EQ(jsonOf(NodeId(3)), R"("n3")");
    EXPECT_EQ(jsonOf(NodeId{}), "null");
    EXPECT_EQ(jsonOf(RequestId{clientId(1), 4}), R"("c1/4")");
    EXPECT_EQ(jsonOf(Role::PreCandidate), R"("preCandidate")");
    EXPECT_EQ(jsonOf(std::optional<int>{}), "null");
    EXPECT_EQ(jsonOf(std::optional<int>{5}), "5");
    EXPECT_EQ(jsonOf(std::vector<int>{1, 2}), "[1,2]");
    EXPECT_EQ(jsonOf(std::set{NodeId(1)}), R"(["n1"])");
    EXPECT_EQ(jsonOf(std::map<NodeId, int>{{NodeId(1), 4}}), R"({"n1":4})");
    EXPECT_EQ(jsonOf(std::map<std::string, int>{{"two words", 4}}), R"({"two words":4})");
    EXPECT_EQ(jsonOf(Vote{3, true}), R"({"term":3,"granted":true})");
    EXPECT_EQ(json::serialize(toJson(Value{})), "null");
}

TEST(Json, GivesAVariantItsTypeFirst)
{
    EXPECT_EQ(jsonOf(Message(Vote{3, true})), R"({"type":"Vote","term":3,"granted":true})");
    EXPECT_EQ(jsonOf(Command(Operation(Get{"x"}))), R"({"type":"Get","key":"x"})");
    EXPECT_EQ(jsonOf(Command(Noop{})), R"({"type":"Noop"})");
    EXPECT_EQ(jsonOf(std::variant<std::uint64_t, std::string>("x")),
              R"({"type":"Text","value":"x"})");
}

struct Typed
{
    std::string type;
};
BOOST_DESCRIBE_STRUCT(Typed, (), (type))

TEST(Json, KeepsAFieldThatIsCalledType)
{
    EXPECT_EQ(jsonOf(std::variant<Typed>(Typed{"x"})), R"({"type":"Typed","value":{"type":"x"}})");
}

TEST(Json, IsAlwaysJson)
{
    EXPECT_EQ(jsonOf(std::nan("")), "null");
    EXPECT_EQ(jsonOf(HUGE_VAL), "null");
    EXPECT_EQ(jsonOf(std::string("\xff"
                                 "a")),
              "\"\xEF\xBF\xBD"
              "a\"");
    auto all = filled();
    all.text = "\xc3\x28\xed\xa0\x80\xf8";
    all.real = -HUGE_VAL;
    const auto text = jsonOf(all);
    boost::system::error_code error;
    const auto back = json::parse(text, error);
    ASSERT_FALSE(error) << text;
    EXPECT_EQ(json::serialize(back), text);
    EXPECT_EQ(back.at("message").at("entries").at(0).at("command").at("desired"), "2");
    EXPECT_EQ(back.at("nextIndex").at("c2"), 9);
}

TEST(Json, TakesTheNamesOfAPlan)
{
    const NodeNames names{[](NodeId) { return std::string("ann"); }, plainNames().find};
    EXPECT_EQ(
        json::serialize(toJson(toValue(std::map<NodeId, NodeId>{{NodeId(1), NodeId(2)}}), names)),
        R"({"ann":"ann"})");
}

TEST(Json, DescribesShapes)
{
    EXPECT_EQ(json::serialize(toJson(*shapeOf<Vote>())),
              R"({"kind":"record","name":"Vote","fields":[)"
              R"({"name":"term","facet":"epoch","shape":{"kind":"uint"}},)"
              R"({"name":"granted","shape":{"kind":"bool"}}]})");
    EXPECT_EQ(json::serialize(toJson(*shapeOf<Role>())),
              R"({"kind":"enum","name":"Role","enumerators":[)"
              R"({"name":"follower","tone":"calm"},{"name":"preCandidate","tone":"neutral"},)"
              R"({"name":"leader","tone":"strong"}]})");
    EXPECT_EQ(json::serialize(toJson(*shapeOf<std::map<NodeId, bool>>())),
              R"({"kind":"map","key":{"kind":"node"},"of":{"kind":"bool"}})");
    EXPECT_EQ(toJson(*shapeOf<Operation>()).at("alternatives").as_array().size(), 3U);
}

TEST(Utf8, KnowsWholeCharacters)
{
    EXPECT_EQ(utf8Length("a"), 1U);
    EXPECT_EQ(utf8Length("é!"), 2U);
    EXPECT_EQ(utf8Length("→"), 3U);
    EXPECT_EQ(utf8Length("😀"), 4U);
    for (const std::string_view wrong : {"", "\x80", "\xc3", "\xc3\x28", "\xc0\xaf", "\xed\xa0\x80",
                                         "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff"}) {
        EXPECT_EQ(utf8Length(wrong), 0U) << wrong.size();
    }
    EXPECT_EQ(utf8Prefix("aé", 2), "a");
    EXPECT_EQ(utf8Prefix("aé", 3), "aé");
    EXPECT_EQ(asUtf8("a\xff→"), "a\xEF\xBF\xBD→");
}

} // namespace
} // namespace lightcone::describe::samples
