#pragma once

#include "engine/core/dice.h"
#include "engine/describe/described.h"
#include "engine/node/effects.h"
#include "engine/node/payload.h"
#include "engine/trace/state.h"
#include "engine/trace/trace.h"

#include <boost/describe.hpp>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// A made-up cluster that does what real ones do to a trace (steps, broadcasts, losses, duplicates,
/// crashes, cuts, clients, writes, notes), for tests and benchmarks that need no protocol.
namespace lightcone::synthetic {

enum class Role : std::uint8_t { Follower, Leader };
BOOST_DESCRIBE_ENUM(Role, Follower, Leader)

constexpr auto tones(describe::Tag<Role>)
{
    return std::array{describe::EnumeratorTone{"Follower", describe::Tone::Calm},
                      describe::EnumeratorTone{"Leader", describe::Tone::Strong}};
}

struct Entry
{
    std::uint64_t term = 0;
    std::string command;
};
BOOST_DESCRIBE_STRUCT(Entry, (), (term, command))

struct State
{
    Role role = Role::Follower;
    std::uint64_t term = 0;
    std::vector<Entry> log;
    std::uint64_t committed = 0;
    std::set<NodeId> votes;
};
BOOST_DESCRIBE_STRUCT(State, (), (role, term, log, committed, votes))

constexpr auto facets(describe::Tag<State>)
{
    return std::array{describe::FieldFacet{"role", describe::Facet::Role},
                      describe::FieldFacet{"term", describe::Facet::Epoch},
                      describe::FieldFacet{"log", describe::Facet::Log},
                      describe::FieldFacet{"committed", describe::Facet::Committed},
                      describe::FieldFacet{"votes", describe::Facet::Votes}};
}

struct Ask
{
    std::uint64_t term = 0;
};
BOOST_DESCRIBE_STRUCT(Ask, (), (term))

struct Vote
{
    std::uint64_t term = 0;
    bool granted = false;
};
BOOST_DESCRIBE_STRUCT(Vote, (), (term, granted))

struct Append
{
    std::uint64_t term = 0;
    std::uint64_t committed = 0;
    std::vector<Entry> entries;
};
BOOST_DESCRIBE_STRUCT(Append, (), (term, committed, entries))

using Message = std::variant<Ask, Vote, Append>;

struct Put
{
    std::string key;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(Put, (), (key, value))

struct Done
{
    std::uint64_t place = 0;
};
BOOST_DESCRIBE_STRUCT(Done, (), (place))

struct Plan
{
    std::uint64_t seed = 1;
    std::uint32_t members = 5;
    std::uint32_t clients = 2;
    double loss = 0.03;
    double duplicates = 0.02;
    double faults = 0.002; ///< chance of an intervention at each turn
    std::size_t longestLog = 40;
};

trace::About aboutOf(const Plan& plan);

class Run
{
public:
    explicit Run(Plan plan);
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    struct Member
    {
        State state;
        trace::Life life = trace::Life::NotStarted;
        EventId lastStep;
        std::uint64_t unsynced = 0;
        trace::ArmedTimer timer;
        std::uint64_t boots = 0;
    };

    std::shared_ptr<trace::Trace> trace;

    /// Called after each event: which, and the member whose state it may have changed.
    std::function<void(EventId, NodeId)> afterEvent;

    /// Goes on until the trace holds at least that many events.
    void until(std::uint64_t events);

    [[nodiscard]] const std::map<NodeId, Member>& members() const { return m_nodes; }
    [[nodiscard]] const std::map<EventId, trace::Flight>& flights() const { return m_flights; }

    [[nodiscard]] trace::NodeState nodeState(NodeId id) const;

    [[nodiscard]] trace::ClusterState state() const;

    [[nodiscard]] std::vector<trace::LinkState> links() const;

private:
    using Kind = trace::Kind;

    void at(Duration when, std::function<void()> turn);

    void after(Duration wait, std::function<void()> turn);

    EventId record(Kind kind, NodeId node, NodeId peer, EventId cause, std::uint8_t detail = 0,
                   node::PayloadPtr payload = {}, RequestId request = {});

    node::PayloadPtr text(std::string words);

    void arm(NodeId id, EventId step, Duration wait);

    void boot(NodeId id, Kind kind, EventId cause);

    void tick(NodeId id, EventId armed);

    void ask(NodeId client);

    void send(NodeId from, NodeId to, EventId step, const node::PayloadPtr& payload,
              trace::Channel channel = trace::Channel::Message, RequestId request = {});

    void drop(EventId message, EventId cause, trace::DropReason reason);

    void arrive(EventId message, EventId);

    void handle(const trace::Flight& flight);

    void perform(const trace::Flight& flight, EventId step, const node::PayloadPtr& answer,
                 bool put, bool won);

    void intervene();

    Plan m_plan;
    Dice m_dice;
    Instant m_now{};
    std::uint64_t m_turns = 0;
    std::uint32_t m_sequence = 0;
    std::multimap<std::pair<Duration, std::uint64_t>, std::function<void()>> m_agenda;
    std::map<NodeId, Member> m_nodes;
    std::map<EventId, trace::Flight> m_flights;
    std::set<std::pair<NodeId, NodeId>> m_cuts;
    std::set<RequestId> m_open;
};

trace::TracePtr makeTrace(const Plan& plan, std::uint64_t events);

} // namespace lightcone::synthetic
