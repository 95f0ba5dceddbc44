#include "engine/check/jepsen.h"
#include "engine/check/linearizability.h"
#include "engine/core/dice.h"

#include <benchmark/benchmark.h>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

/// What judging a history costs: 10,000 operations by 50 clients over 10 keys are to take 0.1 s.
namespace lightcone::checking {
namespace {

struct Plan
{
    std::uint64_t operations = 10'000;
    std::uint64_t clients = 50;
    std::uint64_t keys = 10;
    std::uint64_t values = 0; ///< 0: every write its own
    double unknown = 0; ///< so many operations time out, half of them done all the same
    bool lies = false; ///< the last read gives what was overwritten long ago
};

/// What clients of a correct store would have seen.
class Store
{
public:
    explicit Store(const Plan& plan)
        : m_plan(plan)
        , m_running(plan.clients)
        , m_process(plan.clients)
    {
        for (std::uint64_t i = 0; i < plan.clients; ++i) {
            m_process[i] = i;
        }
    }

    History run()
    {
        std::uint64_t begun = 0;
        std::uint64_t running = 0;
        while (begun < m_plan.operations || running > 0) {
            const auto client = m_dice.below(m_plan.clients);
            m_now += Duration(1 + static_cast<std::int64_t>(m_dice.below(1000)));
            if (!m_running[client]) {
                if (begun < m_plan.operations) {
                    begin(client);
                    ++begun;
                    ++running;
                }
                continue;
            }
            if (!m_running[client]->happened && !m_dice.chance(m_plan.unknown / 2)) {
                happen(*m_running[client]);
                continue;
            }
            end(client);
            --running;
        }
        if (m_plan.lies) {
            Operation read;
            read.process = 1'000'000;
            read.name = "read";
            read.key = "0";
            read.at = m_now;
            m_history.end(m_history.invoke(read), Ending::Ok, m_now, m_early);
        }
        return std::move(m_history);
    }

private:
    struct Running
    {
        std::size_t place = 0;
        bool happened = false;
        bool hit = true;
        Datum saw{};
    };

    std::string value()
    {
        return std::to_string(m_plan.values == 0 ? ++m_written : m_dice.below(m_plan.values));
    }

    void begin(std::uint64_t client)
    {
        Operation operation;
        operation.process = m_process[client];
        operation.key = std::to_string(m_dice.below(m_plan.keys));
        operation.at = m_now;
        const auto what = m_dice.below(4);
        operation.action = what < 2 ? Action::Read : what == 2 ? Action::Write : Action::Cas;
        operation.name = what < 2 ? "read" : what == 2 ? "write" : "cas";
        if (operation.action != Action::Read) {
            operation.value = value();
        }
        if (operation.action == Action::Cas) {
            const auto held = m_held.find(operation.key);
            operation.expected = held != m_held.end() ? held->second : Datum();
        }
        m_running[client].emplace().place = m_history.invoke(std::move(operation));
    }

    void happen(Running& running)
    {
        const auto& operation = m_history.operations()[running.place];
        auto& held = m_held[operation.key];
        running.happened = true;
        running.saw = held;
        running.hit = operation.action != Action::Cas || held == operation.expected;
        if (operation.action != Action::Read && running.hit) {
            held = operation.value;
            if (operation.key == "0" && !m_early) {
                m_early = operation.value;
            }
        }
    }

    void end(std::uint64_t client)
    {
        const auto running = *m_running[client];
        m_running[client].reset();
        if (!running.happened || m_dice.chance(m_plan.unknown / 2)) {
            m_history.end(running.place, Ending::Unknown, m_now);
            m_process[client] += m_plan.clients;
        } else if (!running.hit) {
            m_history.miss(running.place, m_now, running.saw);
        } else {
            m_history.end(running.place, Ending::Ok, m_now, running.saw);
        }
    }

    Plan m_plan;
    Dice m_dice{7};
    History m_history;
    std::map<std::string, Datum> m_held;
    Datum m_early;
    std::vector<std::optional<Running>> m_running;
    std::vector<std::uint64_t> m_process;
    std::uint64_t m_written = 0;
    Instant m_now{};
};

void judgeHistory(benchmark::State& state, const Plan& plan, Finding expected)
{
    const auto history = Store(plan).run();
    std::uint64_t steps = 0;
    for (auto _ : state) {
        const auto judgement = judge(history, Model::Kv);
        if (judgement->finding != expected) {
            state.SkipWithError("another finding than expected");
        }
        steps = judgement->steps;
    }
    state.counters["operations"] = static_cast<double>(history.operations().size());
    state.counters["steps"] = static_cast<double>(steps);
}

BENCHMARK_CAPTURE(judgeHistory, ten_thousand_by_50_on_10_keys, Plan{}, Finding::Linearizable)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(judgeHistory, the_same_with_five_values, Plan{.values = 5}, Finding::Linearizable)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(judgeHistory, the_same_a_tenth_unknown, Plan{.unknown = 0.1},
                  Finding::Linearizable)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(judgeHistory, the_same_with_a_stale_read, Plan{.lies = true}, Finding::Impossible)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(judgeHistory, ten_thousand_by_50_on_one_key, Plan{.keys = 1},
                  Finding::Linearizable)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(judgeHistory, a_million_by_50_on_100_keys,
                  (Plan{.operations = 1'000'000, .keys = 100}), Finding::Linearizable)
    ->Unit(benchmark::kMillisecond);

void readAndWrite(benchmark::State& state)
{
    const auto history = Store(Plan{.operations = 100'000}).run();
    std::ostringstream out;
    writeJepsen(out, history);
    const auto text = out.str();
    for (auto _ : state) {
        benchmark::DoNotOptimize(readJepsen(text));
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(readAndWrite)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace lightcone::checking

BENCHMARK_MAIN();
