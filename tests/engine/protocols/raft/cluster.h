#pragma once

#include "engine/node/catalog.h"
#include "engine/protocols/raft/raft.h"
#include "engine/sim/world.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::protocols::raft {

inline const node::Protocol& raftProtocol()
{
    return *node::findProtocol("raft");
}

inline node::SetupPtr setupOf(const Parameters& parameters)
{
    return raftProtocol().setup(describe::toValue(parameters)).value();
}

/// A simulated cluster on a steady network, with every invariant asked after every step.
class Cluster final : private trace::Sink
{
public:
    struct Outcome
    {
        node::Answer answer = node::Answer::Unknown;
        NodeId by{};
        node::PayloadPtr body{};
        Instant at{};
    };

    /// No pre-vote and no check-quorum, so that elections go as the test says.
    static Parameters plain()
    {
        Parameters parameters;
        parameters.preVote = false;
        parameters.checkQuorum = false;
        return parameters;
    }

    static sim::Settings steady()
    {
        sim::Settings settings;
        settings.clients = 2;
        settings.latency = sim::LatencyModel::constant(std::chrono::milliseconds(2));
        return settings;
    }

    explicit Cluster(const Parameters& parameters = plain(), sim::Settings settings = steady())
        : m_setup(setupOf(parameters))
        , m_world(raftProtocol(), m_setup, settings)
        , m_invariants(raftProtocol().invariants(m_setup))
    {
        run(Duration(0));
    }

    /// "election safety: n1 leads …", or empty.
    [[nodiscard]] const std::string& problem() const { return m_problem; }
    [[nodiscard]] sim::World& world() { return m_world; }

    [[nodiscard]] const Raft& at(std::uint32_t number) const
    {
        return node::machineOf<Raft>(*m_world.sights()[number - 1].node);
    }

    void act(const sim::Action& action)
    {
        const auto done = m_world.apply(action, "act", this);
        if (!done) {
            throw std::runtime_error(done.error().message);
        }
        observe();
    }

    /// The client asks; only that node when one is given.
    void ask(Request request, std::uint32_t only = 0, std::uint32_t client = 1)
    {
        act(sim::Request{clientId(client), node::makePayload<Request>(std::move(request)),
                         NodeId(only)});
    }

    /// Asked by a client of its own, as the other one may be waiting.
    void campaign(std::uint32_t number) { ask(Campaign{}, number, 2); }

    void split(std::vector<std::vector<std::uint32_t>> groups)
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

    bool untilLeads(std::uint32_t number)
    {
        return until([&] {
            const auto& machine = at(number);
            return machine.role() == Role::Leader && machine.commitIndex() == machine.lastIndex();
        });
    }

    /// Makes it the leader, whoever leads now.
    bool elect(std::uint32_t number)
    {
        for (int tries = 0; tries < 3 && at(number).role() != Role::Leader; ++tries) {
            campaign(number);
            until([&] { return at(number).role() == Role::Leader; }, std::chrono::milliseconds(50));
        }
        return at(number).role() == Role::Leader;
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
        until([&] { return outcome(client).has_value() && m_world.openRequests() == 0; },
              std::chrono::seconds(6));
        return outcome(client).value_or(Outcome{});
    }

    template <class T>
    std::optional<T> answeredWith(std::uint32_t client = 1)
    {
        const auto ended = answered(client);
        const auto* body = node::payloadIf<Reply>(ended.body.get());
        const auto* held = body != nullptr ? std::get_if<T>(body) : nullptr;
        return held != nullptr ? std::optional(*held) : std::nullopt;
    }

    /// "n4 (3): becomes leader of term 3" and so on, oldest first.
    [[nodiscard]] const std::vector<std::string>& notes() const { return m_notes; }
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
        const auto found = m_sent.find(std::string(message));
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

    node::SetupPtr m_setup;
    sim::World m_world;
    std::vector<std::unique_ptr<node::Invariant>> m_invariants;
    std::string m_problem;
    std::map<NodeId, std::uint32_t> m_begun;
    std::map<RequestId, Outcome> m_ended;
    std::vector<std::string> m_notes;
    std::map<std::string, std::uint64_t> m_sent;
};

} // namespace lightcone::protocols::raft
