#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/core/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

namespace lightcone {
namespace {

static_assert(!std::is_convertible_v<NodeId, EventId>);
static_assert(!std::is_convertible_v<std::uint32_t, NodeId>);
static_assert(!std::is_convertible_v<NodeId, std::uint32_t>);
static_assert(!std::is_constructible_v<NodeId, EventId>);

TEST(Id, ZeroNamesNothing)
{
    EXPECT_FALSE(NodeId{});
    EXPECT_TRUE(NodeId(1));
    EXPECT_FALSE(RequestId{});
    EXPECT_FALSE((RequestId{NodeId{}, 5}));
    EXPECT_TRUE((RequestId{clientId(1), 0}));
}

TEST(Id, TellsClientsFromMembers)
{
    EXPECT_FALSE(isClient(NodeId(firstClient - 1)));
    EXPECT_TRUE(isClient(clientId(0)));
    EXPECT_LT(NodeId(3), NodeId(4));
    EXPECT_LT((RequestId{clientId(1), 9}), (RequestId{clientId(2), 1}));
}

TEST(Error, SaysWhere)
{
    EXPECT_EQ(fail("no").text(), "no");
    EXPECT_EQ(fail("no", 3).text(), "line 3: no");
    EXPECT_EQ(fail("no", 3, 9).text(), "line 3, column 9: no");
    EXPECT_EQ(fail("no", 0, 9).text(), "column 9: no");
    EXPECT_EQ((Error{"no", "a.scenario", 3, 9}).text(), "a.scenario:3:9: no");
    EXPECT_EQ((Error{"no", "a.scenario", 3, 0}).text(), "a.scenario:3: no");
    EXPECT_EQ((Error{"no", "a.scenario", 0, 9}).text(), "a.scenario, column 9: no");
    EXPECT_EQ((Error{"no", "a.scenario"}).text(), "a.scenario: no");
}

TEST(Error, ThrowsItsTextWhenNobodyLooked)
{
    const Result<int> wrong = fail("no", 3);
    EXPECT_THROW((void)wrong.value(), std::runtime_error);
    try {
        (void)wrong.value();
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "line 3: no");
    }
}

std::uint64_t hashOf(std::initializer_list<std::string_view> parts)
{
    Hasher hasher;
    for (const auto part : parts) {
        hasher.add(part);
    }
    return hasher.value();
}

TEST(Hasher, IsTheSameOnEveryMachine)
{
    // Kept: fingerprints of types and of runs are compared across builds and files.
    EXPECT_EQ(hashOf({}), 0xE9E0033E3BADAF36ULL);
    EXPECT_EQ(hashOf({"lightcone"}), 0x64A4A700C1318BFFULL);
}

TEST(Hasher, SeesWhereOnePartEnds)
{
    EXPECT_NE(hashOf({"ab", "c"}), hashOf({"a", "bc"}));
    EXPECT_NE(hashOf({"", "a"}), hashOf({"a", ""}));
    EXPECT_NE(hashOf({"a"}), hashOf({std::string_view("a\0", 2)}));
    EXPECT_NE(hashOf({"12345678"}), hashOf({"1234567"}));
}

TEST(Hasher, SpreadsSmallNumbers)
{
    std::set<std::uint64_t> seen;
    std::set<std::uint64_t> low;
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        Hasher hasher;
        hasher.add(i);
        seen.insert(hasher.value());
        low.insert(hasher.value() & 0xFFFF);
    }
    EXPECT_EQ(seen.size(), 100'000U);
    // 65,536 × (1 - e^(-100,000/65,536)) are expected of a random function.
    EXPECT_NEAR(static_cast<double>(low.size()), 51'286, 600);
}

} // namespace
} // namespace lightcone
