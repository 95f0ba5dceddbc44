#include "engine/describe/described.h"
#include "engine/describe/text.h"
#include "engine/node/workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace lightcone::node {

struct Put
{
    std::string key = "x";
    std::string value = "1";
    std::string hint = "as it was";
};
BOOST_DESCRIBE_STRUCT(Put, (), (key, value, hint))

struct Swap
{
    std::uint32_t key = 0;
    std::optional<std::uint64_t> expected{7};
    std::uint64_t desired = 0;
};
BOOST_DESCRIBE_STRUCT(Swap, (), (key, expected, desired))

/// Several operations at once, and a map from keys to contents.
struct Transaction
{
    std::vector<std::variant<Put, Swap>> operations{Put{}, Swap{}, Put{}};
    std::map<std::string, std::string> writes{{"a", "1"}, {"b", "2"}};
    std::vector<std::string> reads{"a", "b"};
    std::optional<std::string> none{};
};
BOOST_DESCRIBE_STRUCT(Transaction, (), (operations, writes, reads, none))

constexpr auto facets(describe::Tag<Put>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"key", Facet::Key},
                      describe::FieldFacet{"value", Facet::Content}};
}

constexpr auto facets(describe::Tag<Swap>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"key", Facet::Key},
                      describe::FieldFacet{"expected", Facet::Content},
                      describe::FieldFacet{"desired", Facet::Content}};
}

constexpr auto facets(describe::Tag<Transaction>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"writes", Facet::Key},
                      describe::FieldFacet{"reads", Facet::Key},
                      describe::FieldFacet{"none", Facet::Content}};
}

using Asked = std::variant<Put, Swap, Transaction>;

namespace {

/// Takes requests and does nothing else; refuses a transaction when it is told to.
class Taker final : public Protocol
{
public:
    explicit Taker(bool refuses = false)
        : m_refuses(refuses)
    {
    }
    [[nodiscard]] const Card& card() const override { return m_card; }
    [[nodiscard]] Result<SetupPtr> setup(const describe::Value&) const override
    {
        return fail("none");
    }
    [[nodiscard]] std::unique_ptr<Node> makeNode(NodeId, const SetupPtr&) const override
    {
        return nullptr;
    }
    [[nodiscard]] std::unique_ptr<Disk> makeDisk() const override { return nullptr; }
    [[nodiscard]] std::vector<std::unique_ptr<Invariant>> invariants(const SetupPtr&) const override
    {
        return {};
    }
    [[nodiscard]] Result<std::unique_ptr<Node>> restoreNode(NodeId, const SetupPtr&,
                                                            const describe::Value&) const override
    {
        return fail("none");
    }
    [[nodiscard]] Result<std::unique_ptr<Disk>> restoreDisk(const describe::Value&) const override
    {
        return fail("none");
    }
    [[nodiscard]] Result<std::unique_ptr<Disk>> disk(BytesView) const override
    {
        return fail("none");
    }
    [[nodiscard]] Result<PayloadPtr> payload(PayloadRole,
                                             const describe::Value& value) const override
    {
        auto asked = describe::fromValue<Asked>(value);
        if (!asked) {
            return asked.error();
        }
        if (m_refuses && std::holds_alternative<Transaction>(*asked)) {
            return fail("no transactions here");
        }
        return makePayload(*asked);
    }
    [[nodiscard]] Result<PayloadPtr> payload(PayloadRole, BytesView) const override
    {
        return fail("none");
    }

private:
    Card m_card;
    bool m_refuses;
};

RequestShare share(const Asked& sample, double weight = 1)
{
    return {describe::toValue(sample), weight};
}

WorkloadPtr workloadOf(WorkloadPlan plan)
{
    static const Taker taker;
    auto made = Workload::make(taker, std::move(plan));
    EXPECT_TRUE(made) << made.error().message;
    return *made;
}

Asked asked(const PayloadPtr& body)
{
    return payloadAs<Asked>(*body);
}

TEST(Workload, FillsInKeysAndContentsAndLeavesTheRest)
{
    WorkloadPlan plan{{share(Put{})}};
    plan.keys = 9;
    plan.length = 6;
    const auto workload = workloadOf(plan);
    std::set<std::string> keys;
    std::set<std::string> values;
    for (std::uint64_t number = 0; number < 3000; ++number) {
        const auto put = std::get<Put>(asked(workload->body(number)));
        keys.insert(put.key);
        values.insert(put.value);
        EXPECT_EQ(put.hint, "as it was");
        EXPECT_EQ(put.value.size(), 6U);
    }
    EXPECT_THAT(keys, testing::ElementsAre("k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"));
    EXPECT_EQ(values.size(), 3000U) << "a content is written once";
    EXPECT_EQ(std::get<Put>(asked(workload->body(4))).value, "vvvvv5");
}

TEST(Workload, TheSameNumberIsTheSameRequestWhateverWasAskedBefore)
{
    WorkloadPlan plan{{share(Put{}, 1), share(Swap{}, 3)}};
    plan.keys = 1000;
    const auto first = workloadOf(plan);
    const auto second = workloadOf(plan);
    for (const std::uint64_t number : {5000U, 0U, 1023U, 1024U, 5000U}) {
        EXPECT_EQ(first->body(number)->describe(), second->body(number)->describe());
    }
    plan.dice = Dice(2);
    EXPECT_NE(workloadOf(plan)->body(5000)->describe(), first->body(5000)->describe());
}

TEST(Workload, KindsComeByTheirShares)
{
    const auto workload = workloadOf({{share(Put{}, 1), share(Swap{}, 3)}});
    int puts = 0;
    for (std::uint64_t number = 0; number < 8000; ++number) {
        puts += std::holds_alternative<Put>(asked(workload->body(number))) ? 1 : 0;
    }
    EXPECT_NEAR(puts, 2000, 200);
}

TEST(Workload, AContentThatMayBeMissingIsARecentOne)
{
    WorkloadPlan plan{{share(Swap{})}};
    plan.keys = 3;
    const auto workload = workloadOf(plan);
    for (std::uint64_t number = 0; number < 2000; ++number) {
        const auto swap = std::get<Swap>(asked(workload->body(number)));
        EXPECT_EQ(swap.desired, number + 1);
        ASSERT_TRUE(swap.expected);
        EXPECT_GE(*swap.expected, 1U);
        EXPECT_LE(*swap.expected, number + 1);
        EXPECT_GT(*swap.expected + 6, number + 1);
    }
}

TEST(Workload, OneRequestIsAboutDifferentKeys)
{
    WorkloadPlan plan{{share(Transaction{})}};
    plan.keys = 7;
    const auto workload = workloadOf(plan);
    for (std::uint64_t number = 1000; number < 1100; ++number) {
        const auto all = std::get<Transaction>(asked(workload->body(number)));
        std::multiset<std::string> keys;
        for (const auto& each : all.operations) {
            keys.insert(std::holds_alternative<Put>(each)
                            ? std::get<Put>(each).key
                            : "k" + std::to_string(std::get<Swap>(each).key));
        }
        for (const auto& [key, content] : all.writes) {
            keys.insert(key);
            EXPECT_EQ(content, std::to_string(number + 1));
        }
        keys.insert(all.reads.begin(), all.reads.end());
        EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 7U);
        EXPECT_FALSE(all.none) << "what the sample leaves out stays out";
    }
    plan.keys = 2;
    EXPECT_NE(workloadOf(plan)->body(0), nullptr) << "fewer keys than fields";
}

double shareOfFirst(KeyChoice choice, std::uint64_t keys, std::uint64_t first)
{
    WorkloadPlan plan{{share(Swap{})}};
    plan.keys = keys;
    plan.choice = choice;
    const auto workload = workloadOf(plan);
    int seen = 0;
    constexpr int all = 20'000;
    for (std::uint64_t number = 0; number < all; ++number) {
        seen += std::get<Swap>(asked(workload->body(number))).key <= first ? 1 : 0;
    }
    return static_cast<double>(seen) / all;
}

TEST(Workload, KeysFollowTheirChoice)
{
    EXPECT_NEAR(shareOfFirst({}, 1000, 100), 0.1, 0.01);
    EXPECT_NEAR(shareOfFirst({KeyChoice::Kind::Hot, 0, 0.1, 0.9}, 1000, 100), 0.9, 0.01);
    EXPECT_NEAR(shareOfFirst({KeyChoice::Kind::Hot, 0, 1, 0.5}, 10, 10), 1, 1e-9);
    // 1 / H(1000) and H(10) / H(1000).
    EXPECT_NEAR(shareOfFirst({KeyChoice::Kind::Zipf, 1, 0, 0}, 1000, 1), 0.1336, 0.01);
    EXPECT_NEAR(shareOfFirst({KeyChoice::Kind::Zipf, 1, 0, 0}, 1000, 10), 0.3913, 0.015);
}

TEST(Workload, SaysWhatTheProtocolDoesNotTake)
{
    const Taker taker(true);
    const auto made = Workload::make(taker, {{share(Put{}), share(Transaction{}, 0.001)}});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message, "no transactions here");
}

} // namespace
} // namespace lightcone::node
