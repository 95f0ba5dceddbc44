#pragma once

#include "engine/node/catalog.h"
#include "engine/node/hosted.h"
#include "engine/sim/world.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lightcone::test {

/// A simulated cluster of a protocol on a steady network, with every invariant asked after every
/// step.
template <class P>
class SimulatedCluster : private trace::Sink
{
public:
    using Request = typename P::Request;

    struct Outcome
    {
        node::Answer answer = node::Answer::Unknown;
        NodeId by{};
        node::PayloadPtr body{};
        Instant at{};
    };

    static sim::Settings steady()
    {
        sim::Settings settings;
        settings.clients = 2;
        settings.latency = sim::LatencyModel::constant(std::chrono::milliseconds(2));
        return settings;
    }

    SimulatedCluster(const node::Protocol& protocol, const node::SetupPtr& setup,
                     const sim::Settings& settings)
        : m_world(protocol, setup, settings)
        , m_invariants(protocol.invariants(setup))
    {
        run(Duration(0));
    }

    /// "agreement: in slot 1 …", or empty.
    [[nodiscard]] const std::string& problem() const { return m_problem; }
    [[nodiscard]] sim::World& world() { return m_world; }

    [[nodiscard]] const P& at(std::uint32_t number) const
    {
        return node::machineOf<P>(*m_world.sights()[number - 1].node);
    }

    void act(const sim::Action& action)
    {
        const auto done = m_world.apply(action, "act", this);
        if (!done) {
            throw std::runtime_error(done.error().message);
        }
        observe();
    }
    void crash(std::uint32_t number) { act(sim::Crash{NodeId(number)}); }
    void restart(std::uint32_t number) { act(sim::Restart{NodeId(number)}); }
    void heal() { act(sim::HealAll{}); }

    /// The client asks; only that node when one is given.
    void ask(Request request, std::uint32_t only = 0, std::uint32_t client = 1)
    {
        act(sim::Request{clientId(client), node::makePayload<Request>(std::move(request)),
                         NodeId(only)});
    }

    void split(const std::vector<std::vector<std::uint32_t>>& groups)
    {
        sim::Partition partition;
        for (const auto& group : groups) {
            partition.groups.emplace_back();
            for (const auto number : group) {
                partition.groups.back().push_back(NodeId(number));
            }
        }
        act(partition);
    }

    void drop(std::string message, std::uint32_t from = 0, std::uint32_t to = 0)
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
    void dropNoMore() { act(sim::ClearRules{}); }

    void run(Duration duration)
    {
        const auto end = m_world.instant() + duration;
        while (m_problem.empty() && m_world.nextDue() && *m_world.nextDue() <= end) {
            m_world.step(this);
            observe();
        }
        m_world.waitUntil(end);
    }

    /// Runs until it holds; false when it does not within two seconds.
    bool until(const std::function<bool()>& holds, Duration within = std::chrono::seconds(2))
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

    /// How the newest operation of a client ended, once it has.
    [[nodiscard]] std::optional<Outcome> outcome(std::uint32_t client = 1) const
    {
        const auto begun = m_begun.find(clientId(client));
        if (begun == m_begun.end()) {
            return std::nullopt;
        }
        const auto found = m_ended.find({clientId(client), begun->second});
        return found == m_ended.end() ? std::nullopt : std::optional(found->second);
    }

    /// The same, waited for.
    Outcome answered(std::uint32_t client = 1)
    {
        until([&] { return outcome(client).has_value(); }, std::chrono::seconds(6));
        return outcome(client).value_or(Outcome{});
    }

    template <class T>
    std::optional<T> answeredWith(std::uint32_t client = 1)
    {
        const auto ended = answered(client);
        const auto* body = node::payloadIf<typename P::Reply>(ended.body.get());
        const auto* held = body != nullptr ? std::get_if<T>(body) : nullptr;
        return held != nullptr ? std::optional(*held) : std::nullopt;
    }

    [[nodiscard]] bool noted(std::string_view words) const
    {
        for (const auto& note : m_notes) {
            if (note.find(words) != std::string::npos) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] std::uint64_t sent(std::string_view message) const
    {
        const auto found = m_sent.find(message);
        return found == m_sent.end() ? 0 : found->second;
    }

private:
    void record(EventId, trace::Event event) override
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

    void observe()
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

    sim::World m_world;
    std::vector<std::unique_ptr<node::Invariant>> m_invariants;
    std::string m_problem;
    std::map<NodeId, std::uint32_t> m_begun;
    std::map<RequestId, Outcome> m_ended;
    std::vector<std::string> m_notes;
    std::map<std::string, std::uint64_t, std::less<>> m_sent;
};

} // namespace lightcone::test
