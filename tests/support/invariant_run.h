#pragma once

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

/// A simulated cluster on a steady network, with every invariant asked after every step: what is
/// the same whatever the protocol.
class InvariantRun : private trace::Sink
{
public:
    struct Outcome
    {
        node::Answer answer = node::Answer::Unknown;
        NodeId by{};
        node::PayloadPtr body{};
        Instant at{};
    };

    static sim::Settings steady();

    InvariantRun(const node::Protocol& protocol, const node::SetupPtr& setup,
                 const sim::Settings& settings);

    /// "agreement: in slot 1 …", or empty.
    [[nodiscard]] const std::string& problem() const { return m_problem; }
    [[nodiscard]] sim::World& world() { return m_world; }
    [[nodiscard]] const sim::World& world() const { return m_world; }

    void act(const sim::Action& action);
    void crash(std::uint32_t number) { act(sim::Crash{NodeId(number)}); }
    void restart(std::uint32_t number) { act(sim::Restart{NodeId(number)}); }
    void heal() { act(sim::HealAll{}); }

    /// Numbers above 100 are clients: 101 is the first.
    void split(const std::vector<std::vector<std::uint32_t>>& groups);

    void drop(std::string message, std::uint32_t from = 0, std::uint32_t to = 0);
    void dropNoMore() { act(sim::ClearRules{}); }

    void run(Duration duration);

    /// Runs until it holds; false when it does not within two seconds.
    bool until(const std::function<bool()>& holds, Duration within = std::chrono::seconds(2));

    /// How the newest operation of a client ended, once it has.
    [[nodiscard]] std::optional<Outcome> outcome(std::uint32_t client = 1) const;

    /// The same, waited for.
    Outcome answered(std::uint32_t client = 1);

    /// "n4: becomes leader of term 3" and so on, oldest first.
    [[nodiscard]] const std::vector<std::string>& notes() const { return m_notes; }
    [[nodiscard]] bool noted(std::string_view words) const;
    [[nodiscard]] std::uint64_t sent(std::string_view message) const;

private:
    void record(EventId, trace::Event event) override;

    void observe();

    sim::World m_world;
    std::vector<std::unique_ptr<node::Invariant>> m_invariants;
    std::string m_problem;
    std::map<NodeId, std::uint32_t> m_begun;
    std::map<RequestId, Outcome> m_ended;
    std::vector<std::string> m_notes;
    std::map<std::string, std::uint64_t, std::less<>> m_sent;
};

} // namespace lightcone::test
