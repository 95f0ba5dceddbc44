#include "tests/support/synthetic_run.h"

#include <algorithm>

namespace lightcone::synthetic {

trace::About aboutOf(const Plan& plan)
{
    trace::About about;
    about.card.id = "synthetic";
    about.card.title = "Synthetic";
    about.card.family = "Tests";
    about.card.summary = "A cluster that was made up.";
    about.card.sources = {"nobody 2024"};
    about.card.roles = {{"follower", "follows"}, {"leader", "leads"}};
    about.card.parameters = {
        {"loss", "Share of messages that die, 0 to 1.", describe::toValue(plan.loss)}};
    about.card.requests = {
        {"put", "Keeps a value.", "put x 1", describe::toValue(Put{"x", "1"}), false}};
    about.card.invariants = {{"order", "Logs only grow.", "nobody 2024"}};
    about.card.mistakes = {{"forgets", "Forgets its log.", "order"}};
    about.card.timers = {"tick"};
    about.card.state = describe::shapeOf<State>();
    about.card.message = describe::shapeOf<Message>();
    about.card.request = describe::shapeOf<Put>();
    about.card.reply = describe::shapeOf<Done>();
    about.card.write = describe::shapeOf<Entry>();
    for (std::uint32_t i = 1; i <= plan.members; ++i) {
        about.members.push_back({NodeId(i), "n" + std::to_string(i), i == 1 ? "first" : "", i % 3});
    }
    for (std::uint32_t i = 1; i <= plan.clients; ++i) {
        about.clients.push_back("c" + std::to_string(i));
    }
    about.parameters = describe::toValue(Put{"loss", std::to_string(plan.loss)});
    about.seed = plan.seed;
    about.scenario = "cluster synthetic nodes=" + std::to_string(plan.members) + "\n";
    about.origin = "simulated";
    return about;
}

Run::Run(Plan plan)
    : trace(std::make_shared<trace::Trace>(aboutOf(plan)))
    , m_plan(plan)
    , m_dice(plan.seed)
{
    for (std::uint32_t i = 1; i <= plan.members; ++i) {
        m_nodes[NodeId(i)];
        at(Duration(1000 * i), [this, i] { boot(NodeId(i), trace::Kind::Start, {}); });
    }
    for (std::uint32_t i = 1; i <= plan.clients; ++i) {
        at(Duration(50'000 * i), [this, i] { ask(clientId(i)); });
    }
}

void Run::until(std::uint64_t events)
{
    while (trace->size() < events) {
        const auto first = m_agenda.begin();
        const auto turn = std::move(first->second);
        m_now = Instant(first->first.first);
        m_agenda.erase(first);
        turn();
        if (m_dice.chance(m_plan.faults)) {
            intervene();
        }
    }
}

trace::NodeState Run::nodeState(NodeId id) const
{
    const auto& member = m_nodes.at(id);
    trace::NodeState out;
    out.id = id;
    out.life = member.life;
    if (member.life != trace::Life::NotStarted) {
        out.state = describe::toValue(member.state);
    }
    if (member.timer.cause && member.life == trace::Life::Up) {
        out.timers.push_back(member.timer);
    }
    out.lastStep = member.lastStep;
    out.unsyncedWrites = member.unsynced;
    return out;
}

trace::ClusterState Run::state() const
{
    trace::ClusterState out;
    out.event = EventId(trace->size());
    out.now = out.event ? (*trace)[out.event].at : Instant{};
    for (const auto& [id, member] : m_nodes) {
        out.nodes.push_back(nodeState(id));
    }
    for (const auto& [id, flight] : m_flights) {
        out.flights.push_back(flight);
    }
    std::sort(out.flights.begin(), out.flights.end(), [](const auto& a, const auto& b) {
        return std::pair(a.due, a.message) < std::pair(b.due, b.message);
    });
    out.links = links();
    return out;
}

std::vector<trace::LinkState> Run::links() const
{
    std::vector<trace::LinkState> out;
    for (const auto& [from, to] : m_cuts) {
        out.push_back({from, to, true});
    }
    return out;
}

void Run::at(Duration when, std::function<void()> turn)
{
    m_agenda.emplace(std::pair(when, m_turns++), std::move(turn));
}

void Run::after(Duration wait, std::function<void()> turn)
{
    at(m_now.time_since_epoch() + wait, std::move(turn));
}

EventId Run::record(Kind kind, NodeId node, NodeId peer, EventId cause, std::uint8_t detail,
                    node::PayloadPtr payload, RequestId request)
{
    const EventId id(trace->size() + 1);
    trace::Event event;
    event.kind = kind;
    event.node = node;
    event.peer = peer;
    event.cause = cause;
    event.detail = detail;
    event.at = m_now;
    event.request = request;
    event.tag = payload && kind != Kind::Violation ? payload->tag() : std::uint16_t{0};
    event.payload = std::move(payload);
    trace->record(id, std::move(event));
    if (const auto found = m_nodes.find(node); found != m_nodes.end()) {
        if (trace::isStep((*trace)[id])) {
            found->second.lastStep = id;
        }
    }
    if (afterEvent) {
        afterEvent(id, node);
    }
    return id;
}

node::PayloadPtr Run::text(std::string words)
{
    return node::makePayload(node::Text{std::move(words)});
}

void Run::arm(NodeId id, EventId step, Duration wait)
{
    auto& member = m_nodes[id];
    member.timer = {"tick", 0, m_now, m_now + wait, step};
    after(wait, [this, id, step] {
        const auto& due = m_nodes[id];
        if (due.timer.cause == step && due.life == trace::Life::Up) {
            tick(id, step);
        }
    });
}

void Run::boot(NodeId id, Kind kind, EventId cause)
{
    auto& member = m_nodes[id];
    member.life = trace::Life::Up;
    member.state.role = Role::Follower;
    member.state.votes.clear();
    ++member.boots;
    const EventId step(trace->size() + 1);
    arm(id, step, m_dice.between(Duration(100'000), Duration(900'000)));
    record(kind, id, {}, cause);
}

void Run::tick(NodeId id, EventId armed)
{
    auto& member = m_nodes[id];
    const EventId step(trace->size() + 1);
    const bool leads = member.state.role == Role::Leader;
    if (!leads) {
        ++member.state.term;
        member.state.votes = {id};
    }
    arm(id, step, m_dice.between(Duration(150'000), Duration(300'000)));
    record(Kind::Timer, id, {}, armed);
    node::PayloadPtr message;
    if (leads) {
        Append append{member.state.term, member.state.committed, {}};
        if (!member.state.log.empty()) {
            append.entries.push_back(member.state.log.back());
        }
        message = node::makePayload(Message(append));
    } else {
        message = node::makePayload(Message(Ask{member.state.term}));
    }
    for (const auto& [peer, unused] : m_nodes) {
        if (peer != id) {
            send(id, peer, step, message);
        }
    }
}

void Run::ask(NodeId client)
{
    const RequestId request{client, ++m_sequence};
    const auto put = node::makePayload(
        Put{"key" + std::to_string(m_dice.below(20)), std::to_string(m_dice.below(1000))});
    const NodeId to(1 + static_cast<std::uint32_t>(m_dice.below(m_plan.members)));
    const auto step = record(Kind::Request, client, to, {}, 0, put, request);
    send(client, to, step, put, trace::Channel::Request, request);
    after(m_dice.between(Duration(100'000), Duration(400'000)), [this, client] { ask(client); });
}

void Run::send(NodeId from, NodeId to, EventId step, const node::PayloadPtr& payload,
               trace::Channel channel, RequestId request)
{
    const auto wait = m_dice.between(Duration(20'000), Duration(90'000));
    const EventId message(trace->size() + 1);
    m_flights[message] = {message, from, to, channel, payload, request, m_now, m_now + wait, false};
    record(Kind::Send, from, to, step, static_cast<std::uint8_t>(channel), payload, request);
    if (m_dice.chance(m_plan.loss)) {
        drop(message, message, trace::DropReason::Loss);
        return;
    }
    after(wait, [this, message] { arrive(message, message); });
    if (m_dice.chance(m_plan.duplicates)) {
        const EventId copy(trace->size() + 1);
        auto flight = m_flights[message];
        flight.message = copy;
        flight.due = m_now + 2 * wait;
        m_flights[copy] = flight;
        record(Kind::Duplicate, from, to, message, static_cast<std::uint8_t>(channel), payload,
               request);
        after(2 * wait, [this, copy, message] { arrive(copy, message); });
    }
}

void Run::drop(EventId message, EventId cause, trace::DropReason reason)
{
    const auto flight = m_flights[message];
    m_flights.erase(message);
    record(Kind::Drop, flight.from, flight.to, cause, static_cast<std::uint8_t>(reason),
           flight.payload, flight.request);
}

void Run::arrive(EventId message, EventId)
{
    const auto flight = m_flights[message];
    if (m_cuts.contains({flight.from, flight.to})) {
        drop(message, message, trace::DropReason::Cut);
        return;
    }
    if (isClient(flight.to)) {
        m_flights.erase(message);
        const auto step =
            record(Kind::Deliver, flight.to, flight.from, message,
                   static_cast<std::uint8_t>(flight.channel), flight.payload, flight.request);
        if (m_open.erase(flight.request) != 0) {
            const auto* sent = &(*trace)[step];
            record(Kind::Reply, flight.to, flight.from, step, 0, sent->payload, flight.request);
        }
        return;
    }
    if (m_nodes[flight.to].life != trace::Life::Up) {
        drop(message, message, trace::DropReason::Down);
        return;
    }
    m_flights.erase(message);
    handle(flight);
}

void Run::handle(const trace::Flight& flight)
{
    auto& member = m_nodes[flight.to];
    auto& state = member.state;
    const EventId step(trace->size() + 1);
    const auto* message = node::payloadIf<Message>(flight.payload.get());
    const auto* put = node::payloadIf<Put>(flight.payload.get());
    node::PayloadPtr answer;
    bool won = false;
    if (put != nullptr) {
        state.log.push_back({state.term, put->key + "=" + put->value});
        m_open.insert(flight.request);
    } else if (const auto* asked = std::get_if<Ask>(message)) {
        const bool granted = asked->term > state.term;
        state.term = std::max(state.term, asked->term);
        state.role = granted ? Role::Follower : state.role;
        answer = node::makePayload(Message(Vote{asked->term, granted}));
    } else if (const auto* vote = std::get_if<Vote>(message)) {
        if (vote->granted && vote->term == state.term && state.role == Role::Follower) {
            state.votes.insert(flight.from);
            won = state.votes.size() * 2 > m_plan.members;
            state.role = won ? Role::Leader : state.role;
        }
    } else if (const auto* append = std::get_if<Append>(message)) {
        state.log.insert(state.log.end(), append->entries.begin(), append->entries.end());
        state.committed = std::max(state.committed, append->committed) + append->entries.size();
    }
    if (state.log.size() > m_plan.longestLog) {
        state.log.erase(state.log.begin(),
                        state.log.end() - static_cast<long>(m_plan.longestLog / 2));
    }
    record(Kind::Deliver, flight.to, flight.from, flight.message,
           static_cast<std::uint8_t>(flight.channel), flight.payload, flight.request);
    perform(flight, step, answer, put != nullptr, won);
}

void Run::perform(const trace::Flight& flight, EventId step, const node::PayloadPtr& answer,
                  bool put, bool won)
{
    auto& member = m_nodes[flight.to];
    if (won) {
        record(Kind::Note, flight.to, {}, step, 0,
               text("becomes leader of term " + std::to_string(member.state.term)));
    }
    if (put) {
        ++member.unsynced;
        const auto write =
            record(Kind::Write, flight.to, {}, step, 0, node::makePayload(member.state.log.back()));
        member.unsynced = 0;
        record(Kind::Sync, flight.to, {}, write);
        send(flight.to, flight.from, step, node::makePayload(Done{member.state.log.size()}),
             trace::Channel::Reply, flight.request);
    } else if (answer) {
        send(flight.to, flight.from, step, answer);
    }
}

void Run::intervene()
{
    const NodeId node(1 + static_cast<std::uint32_t>(m_dice.below(m_plan.members)));
    const NodeId other(1 + static_cast<std::uint32_t>(m_dice.below(m_plan.members)));
    auto& member = m_nodes[node];
    const auto name = "n" + std::to_string(node.value);
    if (m_dice.chance(0.5) && node != other) {
        const bool cut = m_cuts.contains({node, other});
        const auto act = record(Kind::Act, {}, {}, {}, 0, text((cut ? "heal " : "cut ") + name));
        if (cut) {
            m_cuts.erase({node, other});
        } else {
            m_cuts.insert({node, other});
        }
        record(cut ? Kind::Heal : Kind::Cut, node, other, act, 1);
    } else if (member.life == trace::Life::Up) {
        const auto act = record(Kind::Act, {}, {}, {}, 0, text("crash " + name));
        member.life = trace::Life::Crashed;
        record(Kind::Crash, node, {}, act);
    } else if (member.life == trace::Life::Crashed) {
        boot(node, Kind::Restart, record(Kind::Act, {}, {}, {}, 0, text("restart " + name)));
    }
}

trace::TracePtr makeTrace(const Plan& plan, std::uint64_t events)
{
    Run run(plan);
    run.until(events);
    return run.trace;
}

} // namespace lightcone::synthetic
