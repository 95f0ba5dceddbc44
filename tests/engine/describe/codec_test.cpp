#include "engine/core/dice.h"
#include "tests/engine/describe/samples.h"

#include <gtest/gtest.h>

#include <limits>

namespace lightcone::describe::samples {
namespace {

Bytes bytesOf(const Value& value)
{
    Bytes out;
    encode(value, out);
    return out;
}

/// Through the described value, its bytes and back, everything stays what it was.
template <class T>
void expectRoundTrip(const T& typed)
{
    const auto value = toValue(typed);
    const auto bytes = toBytes(typed);
    EXPECT_EQ(bytesOf(value), bytes) << toText(value);

    const auto fromWire = decodeValue(shapeOf<T>(), bytes);
    ASSERT_TRUE(fromWire) << fromWire.error().text();
    EXPECT_EQ(*fromWire, value);

    const auto decoded = fromBytes<T>(bytes);
    ASSERT_TRUE(decoded) << decoded.error().text();
    EXPECT_EQ(toValue(*decoded), value);

    const auto back = fromValue<T>(value);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(toBytes(*back), bytes);
    EXPECT_EQ(hashOf(*back), hashOf(typed));
}

TEST(Codec, KeepsEveryKindOfValue)
{
    expectRoundTrip(true);
    expectRoundTrip(std::numeric_limits<std::int64_t>::min());
    expectRoundTrip(std::int8_t{-128});
    expectRoundTrip(std::uint8_t{255});
    expectRoundTrip(std::numeric_limits<std::uint64_t>::max());
    expectRoundTrip(-0.0);
    expectRoundTrip(5e-324);
    expectRoundTrip(std::string("\0\xff", 2));
    expectRoundTrip(Duration::min());
    expectRoundTrip(Instant(Duration::max()));
    expectRoundTrip(NodeId(UINT32_MAX));
    expectRoundTrip(EventId(UINT64_MAX));
    expectRoundTrip(RequestId{clientId(7), UINT32_MAX});
    expectRoundTrip(Role::Leader);
    expectRoundTrip(std::optional<std::optional<int>>(std::optional<int>{}));
    expectRoundTrip(std::shared_ptr<const std::string>{});
    expectRoundTrip(std::vector<bool>{true, false, true});
    expectRoundTrip(std::set<std::string>{"", "a"});
    expectRoundTrip(std::map<NodeId, std::vector<Entry>>{{NodeId(1), {{1, Noop{}}}}});
    expectRoundTrip(std::pair<int, std::string>{-1, "x"});
    expectRoundTrip(std::variant<std::uint64_t, std::string, Role>(Role::Leader));
    expectRoundTrip(Noop{});
    expectRoundTrip(Everything{});
    expectRoundTrip(filled());
}

TEST(Codec, WritesTheDocumentedBytes)
{
    EXPECT_EQ(toBytes(Vote{300, true}), Bytes("\xAC\x02\x01"));
    EXPECT_EQ(toBytes(Put{"x", "12"}),
              Bytes("\x01x\x02"
                    "12"));
    EXPECT_EQ(toBytes(Command(Operation(Get{"x"}))), Bytes("\x01\x01\x01x"));
    EXPECT_EQ(toBytes(std::optional<int>{}), Bytes("\0", 1));
    EXPECT_EQ(toBytes(std::optional<int>{-1}), Bytes("\x01\x01"));
    EXPECT_EQ(toBytes(Role::Leader), Bytes("\x02"));
    EXPECT_EQ(toBytes(1.0), Bytes("\0\0\0\0\0\0\xF0\x3F", 8));
    EXPECT_EQ(toBytes(std::map<NodeId, bool>{{NodeId(3), true}}), Bytes("\x01\x03\x01"));
    EXPECT_EQ(toBytes(RequestId{NodeId(5), 6}), Bytes("\x05\x06"));
}

TEST(Codec, HashesTheSameOnEveryMachine)
{
    EXPECT_EQ(hashOf(filled()), 18409594264671284488ULL);
    EXPECT_EQ(fingerprint(*shapeOf<Everything>()), 17775729848877995185ULL);
}

/// Both decoders end and say so. A shape does not know how wide a number is, so that the typed one
/// may refuse what the described one reads, and fromValue then refuses it too.
void expectTotal(const Bytes& bytes)
{
    const auto typed = fromBytes<Everything>(bytes);
    const auto value = decodeValue(shapeOf<Everything>(), bytes);
    ASSERT_TRUE(value || !typed);
    if (value) {
        // Whatever was read can be said, and written again.
        (void)toText(*value);
        (void)toJson(*value);
        ASSERT_EQ(fromValue<Everything>(*value).has_value(), typed.has_value());
    } else {
        EXPECT_NE(value.error().message.find("damaged at byte"), std::string::npos);
    }
}

TEST(Codec, SurvivesBytesCutAnywhere)
{
    const auto bytes = toBytes(filled());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const auto cut = bytes.substr(0, length);
        ASSERT_FALSE(fromBytes<Everything>(cut)) << length;
        ASSERT_FALSE(decodeValue(shapeOf<Everything>(), cut)) << length;
    }
    EXPECT_FALSE(fromBytes<Everything>(bytes + "x"));
    EXPECT_FALSE(decodeValue(shapeOf<Everything>(), bytes + "x"));
}

TEST(Codec, SurvivesEveryFlippedBit)
{
    const auto bytes = toBytes(filled());
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto flipped = bytes;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        ASSERT_NO_FATAL_FAILURE(expectTotal(flipped)) << bit;
    }
}

TEST(Codec, SurvivesNoise)
{
    Dice dice(42);
    const auto bytes = toBytes(filled());
    for (int round = 0; round < 5'000; ++round) {
        auto noisy = bytes;
        for (auto left = dice.below(8); left > 0; --left) {
            noisy[dice.below(noisy.size())] = static_cast<char>(dice.next());
        }
        ASSERT_NO_FATAL_FAILURE(expectTotal(noisy));
    }
}

TEST(Codec, RefusesNumbersThatTheTypeCannotHold)
{
    EXPECT_FALSE(fromBytes<bool>("\x02"));
    EXPECT_FALSE(fromBytes<std::uint8_t>("\x80\x02"));
    EXPECT_FALSE(fromBytes<std::int8_t>("\x80\x02"));
    EXPECT_FALSE(fromBytes<NodeId>("\x80\x80\x80\x80\x10"));
    EXPECT_FALSE(fromBytes<Role>("\x03"));
    EXPECT_FALSE(fromBytes<Message>("\x03"));
    EXPECT_FALSE(fromBytes<std::optional<bool>>("\x02"));
    EXPECT_FALSE(decodeValue(shapeOf<Role>(), BytesView("\x03")));
    EXPECT_FALSE(decodeValue(shapeOf<Message>(), BytesView("\x03")));
    EXPECT_EQ(fromBytes<Role>("\x03").error().text(),
              "the bytes do not hold a Role: damaged at byte 1");
}

// A newer build's Vote: one field more, one less, another order.
namespace newer {

struct Vote
{
    bool granted = false;
    std::uint64_t term = 0;
    std::string reason = "none given";
};
BOOST_DESCRIBE_STRUCT(Vote, (), (granted, term, reason))

struct Append
{
    std::uint64_t term = 0;
};
BOOST_DESCRIBE_STRUCT(Append, (), (term))

using Message = std::variant<Append, Vote>;

} // namespace newer

TEST(FromValue, MatchesByName)
{
    const auto vote = fromValue<newer::Vote>(toValue(Vote{3, true}));
    ASSERT_TRUE(vote);
    EXPECT_TRUE(vote->granted);
    EXPECT_EQ(vote->term, 3U);
    EXPECT_EQ(vote->reason, "none given");

    const auto message = fromValue<newer::Message>(toValue(Message(Vote{3, true})));
    ASSERT_TRUE(message);
    EXPECT_EQ(std::get<newer::Vote>(*message).term, 3U);

    EXPECT_EQ(fromValue<newer::Message>(toValue(Message(RequestVote{}))).error().text(),
              "expected a known kind, found 'RequestVote'");
}

struct Limits
{
    std::uint8_t small = 1;
    std::vector<std::uint8_t> list{1, 2};
};
BOOST_DESCRIBE_STRUCT(Limits, (), (small, list))

struct WideLimits
{
    std::int64_t small = 300;
    std::vector<std::int64_t> list;
};
BOOST_DESCRIBE_STRUCT(WideLimits, (), (small, list))

TEST(FromValue, NamesThePathOfWhatDoesNotFit)
{
    EXPECT_EQ(fromValue<Limits>(toValue(WideLimits{300, {}})).error().text(),
              "small: expected a whole number from 0 to 255");
    EXPECT_EQ(fromValue<Limits>(toValue(WideLimits{3, {5, -1}})).error().text(),
              "list.1: expected a whole number from 0 to 255");
    EXPECT_EQ(fromValue<Limits>(toValue(std::string("x"))).error().text(), "expected a Limits");
    EXPECT_EQ(fromValue<Limits>({}).error().text(), "expected a value");
}

TEST(FromValue, ReplacesADefaultListAsAWhole)
{
    EXPECT_EQ(fromValue<Limits>(toValue(WideLimits{3, {5}}))->list, (std::vector<std::uint8_t>{5}));
}

TEST(ToValue, GivesOneFieldWithoutTheRest)
{
    const auto all = filled();
    EXPECT_EQ(fieldToValue(all, "text"), toValue(all.text));
    EXPECT_EQ(fieldToValue(all, "secret"), toValue(std::uint64_t{UINT64_MAX}));
    EXPECT_FALSE(fieldToValue(all, "m_secret").exists());
    EXPECT_EQ(nameOf(Role::PreCandidate), "preCandidate");
}

TEST(Value, IsFoundByPath)
{
    const auto value = toValue(filled());
    const auto textAt = [&](std::string_view path) {
        const auto* found = value.findPath(path);
        return found != nullptr ? toText(*found) : "-";
    };
    EXPECT_EQ(textAt("role"), "preCandidate");
    EXPECT_EQ(textAt("log.1.command.key"), "x") << "through variants";
    EXPECT_EQ(textAt("log.2"), "-");
    EXPECT_EQ(textAt("log.-1"), "-");
    EXPECT_EQ(textAt("nextIndex.c2"), "9");
    EXPECT_EQ(textAt("nextIndex.n9"), "-");
    EXPECT_EQ(textAt("words.plain"), "[]");
    EXPECT_EQ(textAt("words.\"a.b\".0"), "\"not\"");
    EXPECT_EQ(textAt("words.\"a.b"), "-");
    EXPECT_EQ(textAt("words.\"a.b\"0"), "-");
    EXPECT_EQ(textAt("votes.1"), "n4");
    EXPECT_EQ(textAt("message.term"), "3");
    EXPECT_EQ(textAt("m_secret"), "-");
    EXPECT_EQ(textAt("secret"), "18446744073709551615");
    EXPECT_EQ(textAt("text.x"), "-");
    EXPECT_EQ(value.findPath(""), &value);
    EXPECT_EQ(Value().find("x"), nullptr);
}

struct Shelf
{
    std::string room;
    std::map<std::string, int> books{};
    std::map<std::string, int> borrowed{};
};
BOOST_DESCRIBE_STRUCT(Shelf, (), (room, books, borrowed))
constexpr auto facets(Tag<Shelf>)
{
    return std::array{FieldFacet{"borrowed", Facet::Detail}};
}

TEST(Value, APathMayLeaveOutTheOneMapOfARecord)
{
    const auto value = toValue(Shelf{"attic", {{"red", 1}, {"room", 2}}, {{"blue", 3}}});
    const auto textAt = [&](std::string_view path) {
        const auto* found = value.findPath(path);
        return found != nullptr ? toText(*found) : "-";
    };
    EXPECT_EQ(textAt("red"), "1");
    EXPECT_EQ(textAt("books.red"), "1");
    EXPECT_EQ(textAt("room"), "attic") << "a field goes before an entry";
    EXPECT_EQ(textAt("blue"), "-") << "details are named";
    EXPECT_EQ(textAt("borrowed.blue"), "3");
}

TEST(Value, IsFoundByFacet)
{
    const auto message = toValue(Message(Vote{3, true}));
    ASSERT_NE(message.findFacet(Facet::Epoch), nullptr);
    EXPECT_EQ(message.findFacet(Facet::Epoch)->asUInt(), 3U);
    EXPECT_EQ(message.findFacet(Facet::Role), nullptr);
    EXPECT_EQ(Value().findFacet(Facet::Role), nullptr);
    EXPECT_EQ(toValue(5).findFacet(Facet::Role), nullptr);
}

} // namespace
} // namespace lightcone::describe::samples
