#pragma once

#include "engine/core/dice.h"
#include "engine/node/protocol.h"
#include "engine/sim/chaos.h"
#include "engine/sim/lines.h"
#include "engine/sim/world.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Random runs: a cluster under load and random faults, every invariant asked after every step;
/// then all is healed and the cluster must get on with its work.
namespace lightcone::test {

/// One operation of a client, as the client saw it.
struct Operation
{
    RequestId id{};
    node::PayloadPtr request{};
    node::PayloadPtr reply{};
    node::Answer answer = node::Answer::Unknown;
    Instant begun{};
    std::optional<Instant> ended{}; ///< nothing while it is under way
};

using History = std::vector<Operation>;

/// What all runs of a test have in common.
struct SeedPlan
{
    const node::Protocol* protocol = nullptr;
    node::SetupPtr setup{};
    sim::Settings settings{};
    sim::ChaosSettings chaos{};

    /// The next operation that some client wants. Use the dice, so that it differs by seed.
    std::function<node::PayloadPtr(Dice&, std::uint32_t number)> request{};
    Duration interval = std::chrono::milliseconds(30); ///< between two operations of a client
    Duration chaosLasts = std::chrono::seconds(4);

    /// How long after healing each client must have had something done.
    Duration calm = std::chrono::seconds(6);

    /// Looks at the whole run (linearizability, say): a sentence when something is wrong.
    std::function<std::optional<std::string>(const sim::World&, const History&)> judge{};

    /// Other parts of the plan that differ by seed: an operator's acts, parameters of the setup.
    std::function<void(SeedPlan&, Dice&)> vary{};
    std::function<std::optional<sim::Action>(const sim::World&, Dice&)> extraAct{};
    Duration extraGap = std::chrono::milliseconds(700);
};

struct SeedOutcome
{
    std::optional<std::string> problem{};
    std::uint64_t events = 0;
    std::vector<std::string> acts{}; ///< what was done, as lines of a scenario
    History history{};
};

/// Keeps the operations of a run and nothing else.
class HistorySink final : public trace::Sink
{
public:
    void record(EventId, trace::Event event) override
    {
        if (event.kind == trace::Kind::Request) {
            m_places[event.request] = m_history.size();
            m_history.push_back({event.request, event.payload, {}, {}, event.at, {}});
        } else if (event.kind == trace::Kind::Reply) {
            auto& operation = m_history[m_places.at(event.request)];
            operation.reply = event.payload;
            operation.answer = static_cast<node::Answer>(event.detail);
            operation.ended = event.at;
        }
    }
    [[nodiscard]] const History& history() const { return m_history; }

private:
    History m_history;
    std::map<RequestId, std::size_t> m_places;
};

/// One random run.
class SeedRun
{
public:
    SeedRun(SeedPlan plan, std::uint64_t seed)
        : m_plan(std::move(plan))
        , m_dice(Dice(seed).fork(77))
        , m_world(makeWorld(m_plan, seed, m_dice))
        , m_chaos(m_plan.chaos, Dice(seed).fork(78), Instant{})
        , m_invariants(m_plan.protocol->invariants(m_plan.setup))
    {
    }

    SeedOutcome run()
    {
        startLoad();
        const Instant end{m_plan.chaosLasts};
        auto nextExtra = Instant(m_dice.exponential(m_plan.extraGap));
        while (!m_problem && std::min(m_chaos.due(), nextExtra) < end) {
            if (m_plan.extraAct && nextExtra < m_chaos.due()) {
                advance(nextExtra);
                if (const auto act = m_plan.extraAct(m_world, m_dice)) {
                    apply(*act);
                }
                nextExtra += m_dice.exponential(m_plan.extraGap);
            } else {
                advance(m_chaos.due());
                apply(m_chaos.strike(m_world));
            }
            if (!m_plan.extraAct) {
                nextExtra = end;
            }
        }
        advance(end);
        for (const auto& act : sim::Chaos::healing(m_world)) {
            apply(act);
        }
        const auto healed = m_world.instant();
        advance(healed + m_plan.calm);
        judgeProgress(healed);
        if (!m_problem && m_plan.judge) {
            m_problem = m_plan.judge(m_world, m_sink.history());
        }
        return {m_problem, m_world.last().value, m_acts, m_sink.history()};
    }

private:
    static sim::World makeWorld(SeedPlan& plan, std::uint64_t seed, Dice& dice)
    {
        plan.settings.seed = seed;
        if (plan.vary) {
            plan.vary(plan, dice);
        }
        return {*plan.protocol, plan.setup, plan.settings};
    }

    void startLoad()
    {
        if (!m_plan.request) {
            return;
        }
        sim::Load load;
        load.clients = m_world.clients();
        load.interval = m_plan.interval;
        constexpr std::uint32_t bodies = 2000;
        for (std::uint32_t number = 1; number <= bodies; ++number) {
            load.bodies.push_back(m_plan.request(m_dice, number));
        }
        apply(load);
    }

    void apply(const sim::Action& action)
    {
        if (m_problem) {
            return;
        }
        const describe::NodeNames names{[this](NodeId id) { return m_world.nameOf(id); }, nullptr};
        const auto line = sim::toLine(action, names, m_plan.protocol->card().timers);
        m_acts.push_back(
            fmt::format("at {} {}", toScenarioText(m_world.instant().time_since_epoch()), line));
        const auto done = m_world.apply(action, line, &m_sink);
        if (done) {
            observe();
        } else {
            m_acts.back() += "  # not done: " + done.error().message;
        }
    }

    void advance(Instant until)
    {
        while (!m_problem) {
            const auto due = m_world.nextDue();
            if (!due || *due > until) {
                break;
            }
            m_world.step(&m_sink);
            observe();
            if (++m_steps > mostSteps) {
                fail("the run does not come to its end: messages breed messages");
            }
        }
        m_world.waitUntil(until);
    }

    void observe()
    {
        const auto seen = m_world.observation();
        if (!seen) {
            return;
        }
        for (const auto& invariant : m_invariants) {
            if (const auto broken = invariant->observe(*seen)) {
                fail(invariant->card().name + ": " + *broken);
                return;
            }
        }
    }

    void judgeProgress(Instant healed)
    {
        if (m_problem || !m_plan.request) {
            return;
        }
        std::map<NodeId, int> done;
        for (const auto& operation : m_sink.history()) {
            done[operation.id.client] += operation.ended && operation.begun >= healed
                    && operation.answer == node::Answer::Done
                ? 1
                : 0;
        }
        for (const auto client : m_world.clients()) {
            if (done[client] == 0) {
                fail(fmt::format("no progress: nothing that {} began after all was healed was done "
                                 "within {}",
                                 m_world.nameOf(client), toText(m_plan.calm)));
            }
        }
    }

    void fail(std::string problem)
    {
        m_problem = fmt::format("at event {}, {}: {}", m_world.last().value,
                                toText(m_world.instant()), problem);
    }

    static constexpr std::uint64_t mostSteps = 20'000'000;

    SeedPlan m_plan;
    Dice m_dice;
    sim::World m_world;
    sim::Chaos m_chaos;
    std::vector<std::unique_ptr<node::Invariant>> m_invariants;
    HistorySink m_sink;
    std::optional<std::string> m_problem;
    std::vector<std::string> m_acts;
    std::uint64_t m_steps = 0;
};

inline SeedOutcome runSeed(const SeedPlan& plan, std::uint64_t seed)
{
    return SeedRun(plan, seed).run();
}

/// How many runs a seeds test makes: LIGHTCONE_SEEDS=10 makes ten times as many, 0.1 a tenth.
inline std::uint64_t scaledSeeds(std::uint64_t count)
{
    const auto* scale = std::getenv("LIGHTCONE_SEEDS");
    const auto scaled = scale == nullptr ? static_cast<double>(count)
                                         : static_cast<double>(count) * std::atof(scale);
    return scaled < 1 ? 1 : static_cast<std::uint64_t>(scaled);
}

inline std::string replayCommand(std::uint64_t seed)
{
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    const auto arguments = testing::internal::GetArgvs();
    return fmt::format("LIGHTCONE_SEED={} {} --gtest_filter={}.{}", seed,
                       arguments.empty() ? "test" : arguments.front(), test->test_suite_name(),
                       test->name());
}

/// Runs seeds first … first + count - 1, or the one that LIGHTCONE_SEED names, and fails at the
/// first with a problem: with the command that replays it and what was done.
inline void runSeeds(const SeedPlan& plan, std::uint64_t count, std::uint64_t first = 1)
{
    auto last = first + scaledSeeds(count) - 1;
    if (const auto* only = std::getenv("LIGHTCONE_SEED")) {
        first = last = std::strtoull(only, nullptr, 10);
    }
    std::uint64_t events = 0;
    for (auto seed = first; seed <= last; ++seed) {
        const auto outcome = runSeed(plan, seed);
        events += outcome.events;
        if (outcome.problem) {
            std::string acts;
            for (const auto& act : outcome.acts) {
                acts += "    " + act + "\n";
            }
            FAIL() << "seed " << seed << ", " << *outcome.problem
                   << "\n  replay it with: " << replayCommand(seed) << "\n  what was done:\n"
                   << acts;
        }
    }
    testing::Test::RecordProperty("events", std::to_string(events));
}

} // namespace lightcone::test
