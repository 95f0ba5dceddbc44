#include "tests/support/views/fake_session.h"

#include "engine/describe/described.h"
#include "engine/node/effects.h"
#include "engine/node/payload.h"

#include <boost/describe.hpp>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

namespace lightcone::testing_support {

using session::BranchId;
using trace::Kind;

enum class Role : std::uint8_t { Follower, Candidate, Leader };
BOOST_DESCRIBE_ENUM(Role, Follower, Candidate, Leader)
constexpr auto tones(describe::Tag<Role>)
{
    return std::array{describe::EnumeratorTone{"Candidate", describe::Tone::Strong},
                      describe::EnumeratorTone{"Leader", describe::Tone::Strong}};
}

struct Seeks
{
    std::uint64_t term = 0;
};
BOOST_DESCRIBE_STRUCT(Seeks, (), (term))

struct Grants
{
    std::uint64_t term = 0;
    bool granted = false;
};
BOOST_DESCRIBE_STRUCT(Grants, (), (term, granted))

struct Put
{
    std::string key;
    std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(Put, (), (key, value))

struct Done
{
    std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(Done, (), (value))

using Message = std::variant<Seeks, Grants>;
using Request = std::variant<Put>;
using Reply = std::variant<Done>;

struct State
{
    Role role = Role::Follower;
    std::uint64_t term = 0;
    std::set<NodeId> votes;
    std::vector<std::string> log;
};
BOOST_DESCRIBE_STRUCT(State, (), (role, term, votes, log))
constexpr auto facets(describe::Tag<State>)
{
    return std::array{describe::FieldFacet{"role", describe::Facet::Role},
                      describe::FieldFacet{"term", describe::Facet::Epoch},
                      describe::FieldFacet{"votes", describe::Facet::Votes},
                      describe::FieldFacet{"log", describe::Facet::Log}};
}

namespace {

constexpr NodeId one(1);
constexpr NodeId two(2);
constexpr NodeId three(3);
constexpr NodeId client = clientId(1);

node::Card card()
{
    node::Card card;
    card.id = "pair";
    card.title = "Pair";
    card.family = "Consensus";
    card.summary = "One stands, one votes.";
    card.timers = {"election", "heartbeat"};
    card.state = describe::shapeOf<State>();
    card.message = describe::shapeOf<Message>();
    card.request = describe::shapeOf<Request>();
    card.reply = describe::shapeOf<Reply>();
    card.write = describe::shapeOf<Request>();
    card.requests.push_back({"put", "Sets a key.", "put x 1", describe::toValue(Put{}), false});
    card.requests.push_back({"get", "Reads a key.", "get x", describe::toValue(Put{}), true});
    card.invariants.push_back({"election safety", "At most one leader a term.", "Figure 3"});
    card.invariants.push_back({"log matching", "Logs agree where they can.", "Figure 3"});
    return card;
}

Instant ms(std::int64_t count)
{
    return Instant(std::chrono::milliseconds(count));
}

class Writer
{
public:
    explicit Writer(trace::Trace& trace)
        : m_trace(&trace)
    {
    }

    EventId add(trace::Event event)
    {
        const EventId id(m_trace->size() + 1);
        m_trace->record(id, std::move(event));
        return id;
    }

    EventId add(std::int64_t at, Kind kind, NodeId node, NodeId peer, EventId cause,
                node::PayloadPtr payload = {}, std::uint8_t detail = 0)
    {
        trace::Event event;
        event.at = ms(at);
        event.kind = kind;
        event.node = node;
        event.peer = peer;
        event.cause = cause;
        event.tag = payload ? payload->tag() : std::uint16_t{0};
        event.detail = detail;
        event.payload = std::move(payload);
        return add(std::move(event));
    }

private:
    trace::Trace* m_trace;
};

node::PayloadPtr text(std::string words)
{
    return node::makePayload(node::Text{std::move(words)});
}

std::shared_ptr<trace::Trace> firstTrace()
{
    trace::About about;
    about.card = card();
    for (std::uint32_t i = 1; i <= 3; ++i) {
        about.members.push_back({NodeId(i), "n" + std::to_string(i), {}, 0, true, false});
    }
    about.clients = {"c1"};
    about.seed = 42;
    about.scenario = "cluster pair nodes=3 seed=42\n";
    about.origin = "simulated";
    auto trace = std::make_shared<trace::Trace>(std::move(about));
    Writer writer(*trace);
    writer.add(0, Kind::Start, one, {}, {}); // 1
    writer.add(0, Kind::Start, two, {}, {}); // 2
    writer.add(0, Kind::Start, three, {}, {}); // 3
    writer.add(0, Kind::Say, {}, {}, {}, text("Three nodes wait.")); // 4
    const auto timer = writer.add(10, Kind::Timer, one, {}, EventId(1)); // 5
    const auto seeks = node::makePayload(Message(Seeks{1}));
    const auto toTwo = writer.add(10, Kind::Send, one, two, timer, seeks); // 6
    const auto toThree = writer.add(10, Kind::Send, one, three, timer, seeks); // 7
    const auto heard = writer.add(12, Kind::Deliver, two, one, toTwo, seeks); // 8
    const auto grants = node::makePayload(Message(Grants{1, true}));
    const auto vote = writer.add(12, Kind::Send, two, one, heard, grants); // 9
    writer.add(13, Kind::Drop, one, three, toThree, seeks,
               static_cast<std::uint8_t>(trace::DropReason::Cut)); // 10
    const auto won = writer.add(14, Kind::Deliver, one, two, vote, grants); // 11
    writer.add(14, Kind::Note, one, {}, won, text("becomes leader of term 1")); // 12
    const auto put = node::makePayload(Request(Put{"x", 7}));
    trace::Event request;
    request.at = ms(15);
    request.kind = Kind::Request;
    request.node = client;
    request.peer = one;
    request.payload = put;
    request.request = RequestId{client, 1};
    const auto asked = writer.add(std::move(request)); // 13
    writer.add(15, Kind::Send, client, one, asked, put,
               static_cast<std::uint8_t>(trace::Channel::Request)); // 14
    writer.add(16, Kind::Deliver, one, client, EventId(14), put,
               static_cast<std::uint8_t>(trace::Channel::Request)); // 15
    trace::Event reply;
    reply.at = ms(18);
    reply.kind = Kind::Reply;
    reply.node = client;
    reply.peer = one;
    reply.cause = asked;
    reply.request = RequestId{client, 1};
    reply.payload = node::makePayload(Reply(Done{7}));
    writer.add(std::move(reply)); // 16
    const auto act = writer.add(20, Kind::Act, {}, {}, {}, text("crash n3")); // 17
    writer.add(20, Kind::Crash, three, {}, act); // 18
    return trace;
}

State stateOf(NodeId node, EventId event)
{
    State state;
    const auto at = event.value;
    if (node == one) {
        state.term = at >= 5 ? 1 : 0;
        state.role = at >= 11 ? Role::Leader : at >= 5 ? Role::Candidate : Role::Follower;
        if (at >= 5) {
            state.votes.insert(one);
        }
        if (at >= 11) {
            state.votes.insert(two);
        }
        if (at >= 15) {
            state.log.emplace_back("put x=7");
        }
    } else if (node == two && at >= 8) {
        state.term = 1;
    }
    return state;
}

EventId lastStepOf(const trace::Trace& trace, NodeId node, EventId event)
{
    for (auto id = event.value; id > 0; --id) {
        const auto& each = trace[EventId(id)];
        if (each.node == node && trace::isStep(each)) {
            return EventId(id);
        }
    }
    return {};
}

} // namespace

FakeSession::FakeSession()
{
    m_snapshot.doing = "Running in virtual time";
    for (const auto& invariant : card().invariants) {
        m_snapshot.checks.push_back({invariant, {}, {}});
    }
    m_snapshot.lessons.push_back(
        {2, "Three nodes wait.", session::Lesson::State::Told, EventId(4)});
    m_snapshot.lessons.push_back(
        {4, "count(role == leader) == 1", session::Lesson::State::Held, EventId(11)});
    addBranch(firstTrace(), "main", {}, {});
}

void FakeSession::addBranch(std::shared_ptr<trace::Trace> trace, std::string name, BranchId parent,
                            EventId at)
{
    session::Branch branch;
    branch.id = BranchId(static_cast<std::uint32_t>(m_traces.size() + 1));
    branch.name = std::move(name);
    branch.parent = parent;
    branch.forkedAt = at;
    branch.trace = trace;
    branch.events = trace->size();
    branch.now = branch.events > 0 ? (*trace)[EventId(branch.events)].at : Instant{};
    m_traces[branch.id.value] = std::move(trace);
    m_snapshot.current = branch.id;
    m_snapshot.branches.push_back(std::move(branch));
    ++m_snapshot.revision;
}

session::Snapshot FakeSession::snapshot() const
{
    return m_snapshot;
}

void FakeSession::stateAt(BranchId branch, EventId event,
                          std::function<void(session::StatePtr)> done)
{
    if (branch == hold) {
        return;
    }
    const auto& trace = *m_traces.at(branch.value);
    auto state = std::make_shared<trace::ClusterState>();
    state->event = event;
    state->now = event ? trace[event].at : Instant{};
    for (const auto& member : trace.about().members) {
        trace::NodeState node;
        node.id = member.id;
        node.lastStep = lastStepOf(trace, member.id, event);
        node.life = node.lastStep ? trace::Life::Up : trace::Life::NotStarted;
        if (member.id == three && event.value >= 18) {
            node.life = trace::Life::Crashed;
        }
        if (node.lastStep) {
            node.state = describe::toValue(stateOf(member.id, event));
        }
        if (member.id == two && event.value >= 2) {
            node.timers.push_back({"election", 0, ms(0), ms(171), EventId(2)});
        }
        state->nodes.push_back(std::move(node));
    }
    for (std::uint64_t id = 1; id <= event.value; ++id) {
        const auto& each = trace[EventId(id)];
        if (each.kind == Kind::Send) {
            trace::Flight flight;
            flight.message = EventId(id);
            flight.from = each.node;
            flight.to = each.peer;
            flight.channel = static_cast<trace::Channel>(each.detail);
            flight.payload = each.payload;
            flight.sent = each.at;
            flight.due = each.at + std::chrono::milliseconds(2);
            state->flights.push_back(flight);
        } else if (each.kind == Kind::Deliver || each.kind == Kind::Drop) {
            std::erase_if(state->flights,
                          [&](const trace::Flight& f) { return f.message == each.cause; });
        }
    }
    if (event.value >= 4) {
        state->links.push_back({one, three, true, {}});
    }
    done(state);
}

std::optional<std::string> FakeSession::whyNot(std::string_view line) const
{
    const auto found = refused.find(std::string(line));
    return found == refused.end() ? std::nullopt : std::optional(found->second);
}

void FakeSession::play(session::Pace pace)
{
    log.emplace_back("play");
    change([&](auto& snapshot) {
        snapshot.running = true;
        snapshot.pace = pace;
    });
}

void FakeSession::pause()
{
    log.emplace_back("pause");
    change([](auto& snapshot) { snapshot.running = false; });
}

void FakeSession::step(std::uint64_t steps)
{
    log.push_back("step " + std::to_string(steps));
}

Result<void> FakeSession::runUntil(std::string_view query)
{
    if (!syntaxError.empty()) {
        return fail(syntaxError, 1, 3);
    }
    log.push_back("until " + std::string(query));
    return {};
}

void FakeSession::runFor(Duration duration)
{
    log.push_back("for " + toScenarioText(duration));
}

Result<void> FakeSession::act(std::string_view line, EventId at)
{
    if (!syntaxError.empty()) {
        return fail(syntaxError, 1, 1);
    }
    log.push_back("act " + std::string(line) + " @" + std::to_string(at.value));
    return {};
}

void FakeSession::fork(EventId at, std::string name)
{
    log.push_back("fork @" + std::to_string(at.value) + " " + name);
    const auto parent = m_snapshot.current;
    addBranch(m_traces.at(parent.value)->fork(at, "branch"), std::move(name), parent, at);
}

void FakeSession::switchTo(BranchId branch)
{
    log.push_back("switch " + std::to_string(branch.value));
    change([&](auto& snapshot) { snapshot.current = branch; });
}

void FakeSession::rename(BranchId branch, std::string name)
{
    change([&](auto& snapshot) {
        for (auto& each : snapshot.branches) {
            if (each.id == branch) {
                each.name = name;
            }
        }
    });
}

void FakeSession::remove(BranchId branch)
{
    change([&](auto& snapshot) {
        std::erase_if(snapshot.branches, [&](const auto& each) { return each.id == branch; });
        snapshot.current = snapshot.branches.front().id;
    });
}

void FakeSession::undo()
{
    log.emplace_back("undo");
}

void FakeSession::redo()
{
    log.emplace_back("redo");
}

void FakeSession::answer(std::string choice)
{
    log.push_back("answer " + choice);
    change([](auto& snapshot) { snapshot.question.reset(); });
}

Result<std::string> FakeSession::asScenario() const
{
    return {boost::system::in_place_value, "cluster pair nodes=3 seed=42\n"};
}

Result<void> FakeSession::save(const std::string& path, const session::Progress& progress)
{
    progress.report(1.0);
    log.push_back("save " + path);
    return {};
}

void FakeSession::grow(std::uint64_t events)
{
    auto& trace = *m_traces.at(m_snapshot.current.value);
    Writer writer(trace);
    const auto now = trace[EventId(trace.size())].at;
    for (std::uint64_t i = 0; i < events; ++i) {
        trace::Event event;
        event.at = now + std::chrono::milliseconds(i + 1);
        event.kind = Kind::Timer;
        event.node = one;
        event.tag = 1;
        event.cause = EventId(11);
        writer.add(std::move(event));
    }
    change([&](auto& snapshot) {
        for (auto& branch : snapshot.branches) {
            if (branch.id == snapshot.current) {
                branch.events = trace.size();
                branch.now = trace[EventId(trace.size())].at;
            }
        }
    });
}

void FakeSession::change(const std::function<void(session::Snapshot&)>& how)
{
    how(m_snapshot);
    ++m_snapshot.revision;
}

} // namespace lightcone::testing_support
