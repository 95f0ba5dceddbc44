#pragma once

#include "engine/describe/described.h"
#include "engine/describe/json.h"
#include "engine/describe/text.h"

#include <boost/container/flat_map.hpp>

#include <array>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

/// A little protocol that uses every kind of member, for the tests of this room.
namespace lightcone::describe::samples {

enum class Role { Follower, PreCandidate, Leader };
BOOST_DESCRIBE_ENUM(Role, Follower, PreCandidate, Leader)

constexpr auto tones(Tag<Role>)
{
    return std::array{EnumeratorTone{"Follower", Tone::Calm},
                      EnumeratorTone{"Leader", Tone::Strong}};
}

struct Noop
{
    friend bool operator==(const Noop&, const Noop&) = default;
};
BOOST_DESCRIBE_STRUCT(Noop, (), ())

struct Put
{
    std::string key;
    std::string value;
    friend bool operator==(const Put&, const Put&) = default;
};
BOOST_DESCRIBE_STRUCT(Put, (), (key, value))

constexpr auto facets(Tag<Put>)
{
    return std::array{FieldFacet{"key", Facet::Key}, FieldFacet{"value", Facet::Content}};
}

struct Get
{
    std::string key;
    friend bool operator==(const Get&, const Get&) = default;
};
BOOST_DESCRIBE_STRUCT(Get, (), (key))

constexpr auto facets(Tag<Get>)
{
    return std::array{FieldFacet{"key", Facet::Key}};
}

struct Swap
{
    std::string key;
    std::optional<std::string> expected;
    std::string desired;
    friend bool operator==(const Swap&, const Swap&) = default;
};
BOOST_DESCRIBE_STRUCT(Swap, (), (key, expected, desired))

constexpr auto facets(Tag<Swap>)
{
    return std::array{FieldFacet{"key", Facet::Key}, FieldFacet{"expected", Facet::Content},
                      FieldFacet{"desired", Facet::Content}};
}

using Operation = std::variant<Put, Get, Swap>;
using Command = std::variant<Noop, Operation>;

struct Entry
{
    std::uint64_t term = 0;
    Command command;
    friend bool operator==(const Entry&, const Entry&) = default;
};
BOOST_DESCRIBE_STRUCT(Entry, (), (term, command))

constexpr auto facets(Tag<Entry>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}};
}

struct RequestVote
{
    std::uint64_t term = 0;
    std::uint64_t lastIndex = 0;
    bool preVote = false;
    friend bool operator==(const RequestVote&, const RequestVote&) = default;
};
BOOST_DESCRIBE_STRUCT(RequestVote, (), (term, lastIndex, preVote))

constexpr auto facets(Tag<RequestVote>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}};
}

struct Vote
{
    std::uint64_t term = 0;
    bool granted = false;
    friend bool operator==(const Vote&, const Vote&) = default;
};
BOOST_DESCRIBE_STRUCT(Vote, (), (term, granted))

constexpr auto facets(Tag<Vote>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}};
}

struct Append
{
    std::uint64_t term = 0;
    std::vector<Entry> entries;
    friend bool operator==(const Append&, const Append&) = default;
};
BOOST_DESCRIBE_STRUCT(Append, (), (term, entries))

constexpr auto facets(Tag<Append>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}};
}

using Message = std::variant<RequestVote, Vote, Append>;

/// With private members, every kind of field, and nesting.
class Everything
{
public:
    bool flag = false;
    std::int64_t number = 0;
    std::uint8_t small = 0;
    double real = 0;
    std::string text;
    Duration patience{};
    Instant since{};
    NodeId peer{};
    EventId event{};
    RequestId request{};
    Role role = Role::Follower;
    std::optional<NodeId> maybeNode;
    std::optional<std::optional<std::string>> maybeMaybe;
    std::shared_ptr<const std::string> shared;
    std::vector<Entry> log;
    std::set<NodeId> votes;
    std::map<NodeId, std::uint64_t> nextIndex;
    boost::container::flat_map<std::string, std::vector<std::string>> words;
    std::pair<std::int32_t, bool> pair;
    Message message;

    void setSecret(std::uint64_t value) { m_secret = value; }

private:
    std::uint64_t m_secret = 0;

    BOOST_DESCRIBE_CLASS(Everything, (),
                         (flag, number, small, real, text, patience, since, peer, event, request,
                          role, maybeNode, maybeMaybe, shared, log, votes, nextIndex, words, pair,
                          message),
                         (), (m_secret))
};

inline Everything filled()
{
    Everything all;
    all.flag = true;
    all.number = -42;
    all.small = 255;
    all.real = 0.1;
    all.text = "two \"words\"\n";
    all.patience = std::chrono::microseconds(437'021);
    all.since = Instant(Duration(1'500'000'001));
    all.peer = NodeId(3);
    all.event = EventId(812);
    all.request = {clientId(1), 7};
    all.role = Role::PreCandidate;
    all.maybeNode = NodeId(5);
    all.maybeMaybe = std::optional<std::string>("none");
    all.shared = std::make_shared<const std::string>("shared");
    all.log = {{1, Noop{}}, {2, Operation(Put{"x", "5"})}};
    all.votes = {NodeId(3), NodeId(4)};
    all.nextIndex = {{NodeId(1), 4}, {clientId(2), 9}};
    all.words = {{"a.b", {"not", "some", ""}}, {"plain", {}}};
    all.pair = {-1, true};
    all.message = Append{3, {{3, Operation(Swap{"x", "1", "2"})}}};
    all.setSecret(UINT64_MAX);
    return all;
}

} // namespace lightcone::describe::samples
