#include "tests/support/invariant_run.h"

#include <stdexcept>
#include <utility>

namespace lightcone::test {

sim::Settings InvariantRun::steady()
{
    sim::Settings settings;
    settings.clients = 2;
    settings.latency = sim::LatencyModel::constant(std::chrono::milliseconds(2));
    return settings;
}

InvariantRun::InvariantRun(const node::Protocol& protocol, const node::SetupPtr& setup,
                           const sim::Settings& settings)
    : m_world(protocol, setup, settings)
    , m_invariants(protocol.invariants(setup))
{
    run(Duration(0));
}

void InvariantRun::act(const sim::Action& action)
{
    const auto done = m_world.apply(action, "act", this);
    if (!done) {
        throw std::runtime_error(done.error().message);
    }
    observe();
}

void InvariantRun::split(const std::vector<std::vector<std::uint32_t>>& groups)
{
    sim::Partition partition;
    for (const auto& group : groups) {
        partition.groups.emplace_back();
        for (const auto number : group) {
            partition.groups.back().push_back(number > 100 ? clientId(number - 100)
                                                           : NodeId(number));
        }
    }
    act(partition);
}

void InvariantRun::drop(std::string message, std::uint32_t from, std::uint32_t to)
{
    sim::Rule rule;
    rule.action = sim::RuleAction::Drop;
    rule.message = std::move(message);
    if (from != 0) {
        rule.from = NodeId(from);
    }
    if (to != 0) {
        rule.to = NodeId(to);
    }
    act(sim::AddRule{rule});
}

void InvariantRun::run(Duration duration)
{
    const auto end = m_world.instant() + duration;
    while (m_problem.empty() && m_world.nextDue() && *m_world.nextDue() <= end) {
        m_world.step(this);
        observe();
    }
    m_world.waitUntil(end);
}

bool InvariantRun::until(const std::function<bool()>& holds, Duration within)
{
    const auto end = m_world.instant() + within;
    while (!holds()) {
        if (!m_problem.empty() || !m_world.nextDue() || *m_world.nextDue() > end) {
            return false;
        }
        m_world.step(this);
        observe();
    }
    return true;
}

std::optional<InvariantRun::Outcome> InvariantRun::outcome(std::uint32_t client) const
{
    const auto begun = m_begun.find(clientId(client));
    if (begun == m_begun.end()) {
        return std::nullopt;
    }
    const auto found = m_ended.find({clientId(client), begun->second});
    return found == m_ended.end() ? std::nullopt : std::optional(found->second);
}

InvariantRun::Outcome InvariantRun::answered(std::uint32_t client)
{
    until([&] { return outcome(client).has_value(); }, std::chrono::seconds(6));
    return outcome(client).value_or(Outcome{});
}

bool InvariantRun::noted(std::string_view words) const
{
    for (const auto& note : m_notes) {
        if (note.find(words) != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::uint64_t InvariantRun::sent(std::string_view message) const
{
    const auto found = m_sent.find(message);
    return found == m_sent.end() ? 0 : found->second;
}

void InvariantRun::record(EventId, trace::Event event)
{
    if (event.kind == trace::Kind::Request) {
        m_begun[event.request.client] = event.request.sequence;
    } else if (event.kind == trace::Kind::Reply) {
        m_ended[event.request] = {static_cast<node::Answer>(event.detail), event.peer,
                                  event.payload, event.at};
    } else if (event.kind == trace::Kind::Note) {
        m_notes.push_back(m_world.nameOf(event.node) + ": "
                          + node::payloadAs<node::Text>(*event.payload).text);
    } else if (event.kind == trace::Kind::Send) {
        ++m_sent[std::string(event.payload->name())];
    }
}

void InvariantRun::observe()
{
    const auto seen = m_world.observation();
    if (!seen || !m_problem.empty()) {
        return;
    }
    for (const auto& invariant : m_invariants) {
        if (const auto broken = invariant->observe(*seen)) {
            m_problem = invariant->card().name + ": " + *broken;
            return;
        }
    }
}

} // namespace lightcone::test
