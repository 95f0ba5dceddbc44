#include "engine/describe/described.h"
#include "engine/query/query.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <set>

namespace lightcone::query {

namespace {

enum class Role { Follower, Candidate, Leader };
BOOST_DESCRIBE_ENUM(Role, Follower, Candidate, Leader)

struct State
{
    Role role = Role::Follower;
    std::uint64_t term = 0;
    std::optional<NodeId> votedFor;
    std::set<NodeId> votes;
    std::map<std::string, std::string> store;
    Duration lag{};
    std::map<NodeId, std::uint64_t> matchIndex;
};
BOOST_DESCRIBE_STRUCT(State, (), (role, term, votedFor, votes, store, lag, matchIndex))

struct RequestVote
{
    std::uint64_t term = 0;
};
BOOST_DESCRIBE_STRUCT(RequestVote, (), (term))
struct Vote
{
    std::uint64_t term = 0;
    bool granted = false;
};
BOOST_DESCRIBE_STRUCT(Vote, (), (term, granted))
/// A field of it is called as the other's value.
struct Report
{
    Role was = Role::Follower;
    bool leader = false;
};
BOOST_DESCRIBE_STRUCT(Report, (), (was, leader))
using Message = std::variant<RequestVote, Vote, Report>;

class TheCluster final : public Cluster
{
public:
    explicit TheCluster(std::vector<State> states)
    {
        for (const auto& state : states) {
            m_values.push_back(describe::toValue(state));
        }
        lives.resize(m_values.size(), trace::Life::Up);
    }
    std::size_t size() const override { return m_values.size(); }
    NodeId id(std::size_t index) const override
    {
        return NodeId(static_cast<std::uint32_t>(index + 1));
    }
    trace::Life life(std::size_t index) const override { return lives[index]; }
    const describe::Value& field(std::size_t index, std::string_view name) const override
    {
        static const describe::Value nothing;
        const auto* found = m_values[index].find(name);
        return found != nullptr ? *found : nothing;
    }
    Instant now() const override { return Instant(std::chrono::milliseconds(40)); }

    std::vector<trace::Life> lives;

private:
    std::vector<describe::Value> m_values;
};

class QueryTest : public testing::Test
{
protected:
    QueryTest()
    {
        about.card.id = "demo";
        about.card.state = describe::shapeOf<State>();
        about.card.message = describe::shapeOf<Message>();
        for (std::uint32_t i = 1; i <= 3; ++i) {
            node::Member member;
            member.id = NodeId(i);
            member.name = "n" + std::to_string(i);
            about.members.push_back(std::move(member));
        }
        about.clients = {"c1"};
    }

    Query ask(std::string_view text, Scope scope) const
    {
        auto query = Query::parse(text, Context::of(about, scope));
        EXPECT_TRUE(query) << text << ": " << (query ? "" : query.error().text());
        return query ? *query : Query{};
    }

    bool holds(std::string_view text, const Cluster& cluster) const
    {
        return ask(text, Scope::Cluster).holds(cluster);
    }

    std::string error(std::string_view text, Scope scope) const
    {
        const auto query = Query::parse(text, Context::of(about, scope));
        return query ? "understood" : query.error().text();
    }

    /// The numbers of the events that a question holds for.
    std::vector<std::uint64_t> matches(std::string_view text, const trace::TracePtr& trace) const
    {
        EventFilter filter(ask(text, Scope::Events), trace);
        std::vector<std::uint64_t> found;
        while (filter.judged() < trace->size()) {
            if (filter.next()) {
                found.push_back(filter.judged());
            }
        }
        return found;
    }

    trace::About about;
};

State leader(std::uint64_t term)
{
    State state;
    state.role = Role::Leader;
    state.term = term;
    state.votes = {NodeId(1), NodeId(3)};
    return state;
}

TEST_F(QueryTest, CountsNodesByTheirState)
{
    TheCluster cluster({leader(3), State{}, leader(2)});
    EXPECT_TRUE(holds("count(role == leader) == 2", cluster));
    EXPECT_TRUE(holds("count(role == leader and term == max(term)) == 1", cluster));
    EXPECT_FALSE(holds("all(role == leader)", cluster));
    EXPECT_TRUE(holds("any(role is follower)", cluster));
    EXPECT_TRUE(holds("sum(term) = 5 and min(term) = 0 and max(term) - min(term) = 3", cluster));
}

TEST_F(QueryTest, AsksOneNodeByItsName)
{
    TheCluster cluster({leader(3), State{}, leader(2)});
    EXPECT_TRUE(holds("n1.role == leader", cluster));
    EXPECT_TRUE(holds("n1.term > n3.term", cluster));
    EXPECT_TRUE(holds("n2.votedFor == none", cluster));
    EXPECT_FALSE(holds("n1.votedFor == n2", cluster));
    EXPECT_TRUE(holds("n1.votes ~ n3 and not n1.votes ~ n2", cluster));
    EXPECT_TRUE(holds("size(n1.votes) == 2", cluster));
}

TEST_F(QueryTest, KnowsWhoIsUp)
{
    TheCluster cluster({leader(3), State{}, leader(2)});
    cluster.lives = {trace::Life::Crashed, trace::Life::Paused, trace::Life::Up};
    EXPECT_TRUE(holds("n1.crashed and n2.paused and n3.up and not n1.up", cluster));
    EXPECT_TRUE(holds("count(role == leader and up) == 1", cluster));
}

TEST_F(QueryTest, ComparesTextsWithNumbersAsWritten)
{
    State state;
    state.store = {{"x", "5"}, {"y", "007"}};
    state.lag = std::chrono::milliseconds(3);
    TheCluster cluster({state});
    EXPECT_TRUE(holds("n1.store.x == 5", cluster));
    EXPECT_FALSE(holds("n1.store.y == 7", cluster));
    EXPECT_TRUE(holds("n1.store.y == \"007\"", cluster));
    EXPECT_TRUE(holds("n1.lag >= 3ms and n1.lag < 4ms and now == 40ms", cluster));
}

TEST_F(QueryTest, StepsIntoMapsByNodeGoByTheNodesNames)
{
    State state;
    state.matchIndex = {{NodeId(2), 7}, {NodeId(3), 8}};
    state.store = {{"backend", "x"}};
    TheCluster cluster({state});
    EXPECT_TRUE(holds("n1.matchIndex.n2 == 7 and n1.matchIndex.n3 == 8", cluster));
    about.members[1].name = "backend";
    EXPECT_TRUE(holds("n1.matchIndex.backend == 7 and n1.matchIndex.n3 == 8", cluster));
    EXPECT_TRUE(holds("max(matchIndex.backend) == 7", cluster));
    EXPECT_TRUE(holds("n1.store.backend == x", cluster)) << "a key that is no node";
}

TEST_F(QueryTest, WhatIsMissingEqualsNothing)
{
    TheCluster cluster({State{}});
    EXPECT_FALSE(holds("n1.store.x == 5", cluster));
    EXPECT_FALSE(holds("n1.store.x != 5", cluster));
    EXPECT_FALSE(holds("n3.term == 0", cluster)) << "n3 is not in this cluster";
}

TEST_F(QueryTest, AndBindsTighterThanOr)
{
    TheCluster cluster({leader(3)});
    EXPECT_TRUE(holds("n1.term == 3 or n1.term == 4 and n1.role == follower", cluster));
    EXPECT_FALSE(holds("(n1.term == 3 or n1.term == 4) and n1.role == follower", cluster));
    EXPECT_TRUE(holds("not n1.term == 4 and n1.term == 3", cluster));
}

TEST_F(QueryTest, SelectsNodes)
{
    TheCluster cluster({leader(3), State{}});
    const auto query = ask("role == follower and up", Scope::Node);
    EXPECT_FALSE(query.holdsFor(cluster, 0));
    EXPECT_TRUE(query.holdsFor(cluster, 1));
}

trace::TracePtr aTrace(const trace::About& about)
{
    using trace::Kind;
    auto made = std::make_shared<trace::Trace>(about);
    std::uint64_t number = 0;
    const auto add = [&](Kind kind, std::uint32_t node, std::uint32_t peer, std::uint64_t cause,
                         node::PayloadPtr payload = {}, std::uint8_t detail = 0) {
        trace::Event event;
        event.kind = kind;
        event.node = NodeId(node);
        event.peer = NodeId(peer);
        event.cause = EventId(cause);
        event.payload = std::move(payload);
        event.detail = detail;
        event.at = Instant(std::chrono::milliseconds(++number));
        made->record(EventId(number), std::move(event));
    };
    add(Kind::Timer, 1, 0, 0); // 1
    add(Kind::Send, 1, 2, 1, node::makePayload<Message>(RequestVote{3})); // 2
    add(Kind::Send, 1, 3, 1, node::makePayload<Message>(RequestVote{3})); // 3
    add(Kind::Deliver, 2, 1, 2, (*made)[EventId(2)].payload); // 4
    add(Kind::Drop, 1, 3, 3, (*made)[EventId(3)].payload,
        static_cast<std::uint8_t>(trace::DropReason::Cut)); // 5
    add(Kind::Send, 2, 1, 4, node::makePayload<Message>(Vote{3, true})); // 6
    add(Kind::Note, 3, 0, 0, node::makePayload(node::Text{"Becomes candidate of term 9"})); // 7
    return made;
}

using Numbers = std::vector<std::uint64_t>;

TEST_F(QueryTest, FiltersEvents)
{
    const auto trace = aTrace(about);
    EXPECT_EQ(matches("kind == drop and to == n3", trace), (Numbers{5}));
    EXPECT_EQ(matches("kind=send", trace), (Numbers{2, 3, 6}));
    EXPECT_EQ(matches("msg is RequestVote and msg.term > 2 and kind == deliver", trace),
              (Numbers{4}));
    EXPECT_EQ(matches("term=3 and kind=drop", trace), (Numbers{5}));
    EXPECT_EQ(matches("from == n2 or to == n2", trace), (Numbers{2, 4, 6}));
    EXPECT_EQ(matches("reason == cut", trace), (Numbers{5}));
    EXPECT_EQ(matches("note ~ \"becomes CANDIDATE\"", trace), (Numbers{7}));
    EXPECT_EQ(matches("granted", trace), (Numbers{6}));
    EXPECT_EQ(matches("time >= 6ms", trace), (Numbers{6, 7}));
    EXPECT_EQ(matches("event < 3 and cause == 1", trace), (Numbers{2}));
}

TEST_F(QueryTest, AValueOfTheLeftSideIsThatEvenWhereItNamesAField)
{
    auto trace = std::make_shared<trace::Trace>(about);
    for (std::uint64_t number = 1; number <= 2; ++number) {
        trace::Event event;
        event.kind = trace::Kind::Send;
        event.node = NodeId(1);
        event.peer = NodeId(2);
        event.payload = node::makePayload(
            Message(Report{number == 2 ? Role::Leader : Role::Follower, number == 1}));
        trace->record(EventId(number), event);
    }
    EXPECT_EQ(matches("msg.was == leader", trace), (Numbers{2}));
    EXPECT_EQ(matches("was != leader", trace), (Numbers{1}));
    EXPECT_EQ(matches("leader", trace), (Numbers{1}));
    EXPECT_EQ(error("msg.was == leeder", Scope::Events),
              "column 12: expected candidate, follower or leader, found 'leeder'");
}

TEST_F(QueryTest, PrecededByFollowsCausesNotClocks)
{
    const auto trace = aTrace(about);
    EXPECT_EQ(matches("msg is Vote preceded by kind == timer", trace), (Numbers{6}));
    EXPECT_EQ(matches("kind == note preceded by kind == timer", trace), Numbers{})
        << "later, but not because";
    EXPECT_EQ(matches("kind == timer preceded by kind == timer", trace), Numbers{})
        << "not its own past";
    EXPECT_EQ(
        matches("kind == send preceded by (kind == deliver preceded by kind == timer)", trace),
        (Numbers{6}));
}

TEST_F(QueryTest, BreakpointsMixStatesAndEvents)
{
    const auto query = ask("kind == drop and n1.role == leader", Scope::Both);
    EXPECT_TRUE(query.asksEvents());
    EXPECT_TRUE(query.asksCluster());
    TheCluster cluster({leader(3)});
    EventFilter filter(query, aTrace(about));
    Numbers found;
    while (filter.judged() < 7) {
        if (filter.next(&cluster)) {
            found.push_back(filter.judged());
        }
    }
    EXPECT_EQ(found, (Numbers{5}));
}

TEST_F(QueryTest, ErrorsPointAtTheColumn)
{
    const std::array<std::array<std::string_view, 2>, 17> cases{{
        {"count(role == leader == 1",
         "column 22: expected ')' to close the '(' at column 6, found '=='"},
        {"count(role == leader",
         "column 21: expected ')' to close the '(' at column 6, found the end"},
        {"count(role == leadr) == 1",
         "column 15: expected follower, candidate or leader, found 'leadr'"},
        {"n1.role",
         "column 8: expected a comparison after 'n1.role' (it is a word), found the end"},
        {"n1.rôle == leader",
         "column 4: expected a field of a node (role, store, term, votes, lag, up, crashed, "
         "paused, "
         "…), found 'rôle'"},
        {"role == leader",
         "column 1: 'role' is a node's: expected a node before it as in n1.role, or a question "
         "over all as in "
         "count(role …)"},
        {"n1.term == leader",
         "column 12: expected a number to compare 'n1.term' with, found 'leader'"},
        {"n1.term == 5ms", "column 12: expected a number to compare 'n1.term' with, found '5ms'"},
        {"n1.role < leader",
         "column 11: 'n1.role' is a word: expected == or != to compare it with"},
        {"n1.votedFor == x", "column 16: expected a node such as n1, found 'x'"},
        {"kind == drop",
         "column 1: 'kind' asks about an event, and here only the nodes' states can be asked "
         "about"},
        {"cuont(up) == 1",
         "column 1: expected a function (count, any, all, max, min, sum or size), found 'cuont'"},
        {"n1.up and",
         "column 10: expected a field, an attribute, a node, a value or '(', found the end"},
        {"n1.up n2.up", "column 7: expected 'and', 'or' or the end, found 'n2.up'"},
        {"note ~ \"abc", "column 8: the text that begins here has no closing quote (\")"},
        {"n1.term == 5parsecs",
         "column 12: expected a duration such as 20ms, 1.5s or 300us, found '5parsecs'"},
        {"n1.up ; n2.up",
         "column 7: expected a word, a number, a \"text\" or an operator, found ';'"},
    }};
    for (const auto& [text, expected] : cases) {
        const auto found = error(text, Scope::Cluster);
        EXPECT_EQ(found.substr(0, expected.size()), expected) << text << "\n" << found;
    }
    EXPECT_EQ(
        error("n1.role == leader", Scope::Events),
        "column 1: 'n1.role' asks about a node's state, and here only events can be asked about");
    EXPECT_EQ(error("kind == dorp", Scope::Events).substr(0, 25), "column 9: expected drop, ");
    EXPECT_EQ(error("msg.terms == 3", Scope::Events), "column 5: no message has a field 'terms'");
}

/// A state whose one map holds numbers by name.
struct Purse
{
    Role role = Role::Follower;
    std::map<std::string, std::int64_t> coins;
};
BOOST_DESCRIBE_STRUCT(Purse, (), (role, coins))

class OnePurse final : public Cluster
{
public:
    explicit OnePurse(std::vector<Purse> purses)
    {
        for (const auto& purse : purses) {
            m_values.push_back(describe::toValue(purse));
        }
    }
    std::size_t size() const override { return m_values.size(); }
    NodeId id(std::size_t index) const override
    {
        return NodeId(static_cast<std::uint32_t>(index + 1));
    }
    trace::Life life(std::size_t) const override { return trace::Life::Up; }
    const describe::Value& field(std::size_t index, std::string_view name) const override
    {
        static const describe::Value nothing;
        const auto* found = m_values[index].find(name);
        return found != nullptr ? *found : nothing;
    }
    Instant now() const override { return {}; }

private:
    std::vector<describe::Value> m_values;
};

TEST(QueryNames, OfNumbersThatANodeKeepsAreWords)
{
    const OnePurse cluster(
        {{Role::Leader, {{"gold", 3}, {"tin", 4}}}, {Role::Follower, {{"gold", 5}}}});
    trace::About about;
    about.card.state = describe::shapeOf<Purse>();
    about.members.push_back({.id = NodeId(1), .name = "n1", .role = {}});
    const auto context = Context::of(about, Scope::Cluster);
    const auto holds = [&](std::string_view text) {
        const auto query = Query::parse(text, context);
        EXPECT_TRUE(query) << text << ": " << query.error().message;
        return query && query->holds(cluster);
    };
    EXPECT_TRUE(holds("sum(gold) == 8 and sum(tin) == 4 and sum(coins.gold) == 8"));
    EXPECT_TRUE(holds("max(gold) - min(gold) == 2 and count(gold > 4) == 1"));
    EXPECT_TRUE(holds("n1.gold == 3 and 3 == n1.gold and sum(gold) == sum(tin) + 4"));
    EXPECT_FALSE(holds("sum(silver) > 0")) << "nobody has any";
    EXPECT_TRUE(holds("count(tin + gold == 7) == 1"));
    const auto wrong = [&](std::string_view text) {
        const auto query = Query::parse(text, context);
        EXPECT_FALSE(query) << text;
        return query ? std::string() : query.error().message;
    };
    EXPECT_EQ(wrong("count(role == leadr) == 1"),
              "expected follower, candidate or leader, found 'leadr'");
    EXPECT_NE(wrong("count(rol == leader) == 1"), "") << "two words that nobody knows";
    EXPECT_NE(wrong("n1.rol == leader"), "");
    EXPECT_NE(wrong("gold == 3"), "") << "whose?";
}

TEST_F(QueryTest, HostileQuestionsEnd)
{
    EXPECT_NE(error(std::string(5000, '('), Scope::Both), "understood");
    EXPECT_NE(error(std::string(20000, 'x'), Scope::Both), "understood");
    std::string nots;
    for (int i = 0; i < 1000; ++i) {
        nots += "not ";
    }
    EXPECT_NE(error(nots + "n1.up", Scope::Both), "understood");
    std::string minuses(2000, '-');
    EXPECT_NE(error("n1.term == " + minuses + "1", Scope::Both), "");
}

TEST_F(QueryTest, VocabularyNamesFieldsMessagesAndAttributes)
{
    const auto words = vocabulary(Context::of(about, Scope::Both));
    for (const auto* word :
         {"role", "leader", "kind", "drop", "RequestVote", "msg.granted", "up", "count("}) {
        EXPECT_NE(std::find(words.begin(), words.end(), word), words.end()) << word;
    }
}

} // namespace

} // namespace lightcone::query
