#include "engine/trace/causality.h"
#include "engine/trace/formats/lightcone_file.h"
#include "engine/trace/hash.h"
#include "engine/trace/index.h"
#include "tests/support/synthetic_run.h"

#include <benchmark/benchmark.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

/// What recording, asking and opening cost on a run of a million events (DESIGN 9's numbers).
namespace lightcone::trace {
namespace {

constexpr std::uint64_t million = 1'000'000;

const TracePtr& run()
{
    static const auto trace = synthetic::makeTrace({.seed = 1, .faults = 0.0002}, million);
    return trace;
}

/// A run like it with its states, as a file.
Bytes makeFile(std::uint64_t events)
{
    std::ostringstream out;
    synthetic::Run made({.seed = 1, .faults = 0.0002});
    formats::LightconeWriter writer(out, *made.trace);
    Bytes state;
    made.afterEvent = [&](EventId id, NodeId node) {
        if (made.members().contains(node)) {
            state.clear();
            ByteWriter encoder(state);
            describe::encode(made.members().at(node).state, encoder);
            NodeState known;
            known.id = node;
            known.life = made.members().at(node).life;
            known.timers = {made.members().at(node).timer};
            writer.states().node(id, known, describe::shapeOf<synthetic::State>(), state);
        }
        if (id.value % 4096 == 0) {
            writer.advance(id);
        }
    };
    made.until(events);
    check(static_cast<bool>(writer.finish(EventId(made.trace->size()))));
    return out.str();
}

const Bytes& file()
{
    static const auto bytes = makeFile(million);
    return bytes;
}

std::uint64_t residentBytes()
{
    std::ifstream in("/proc/self/statm");
    std::uint64_t pages = 0;
    std::uint64_t resident = 0;
    in >> pages >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void append(benchmark::State& state)
{
    const auto& source = run();
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    for (auto _ : state) {
        before = residentBytes();
        Trace trace(source->about());
        forEach(*source, EventId(1), EventId(million),
                [&](EventId id, const Event& event) { trace.record(id, event); });
        benchmark::DoNotOptimize(trace.size());
        after = residentBytes();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * million));
    state.counters["bytes/event"] =
        static_cast<double>(after - std::min(before, after)) / static_cast<double>(million);
    state.counters["sizeof(Event)"] = sizeof(Event);
}
BENCHMARK(append)->Unit(benchmark::kMillisecond);

void indexing(benchmark::State& state)
{
    for (auto _ : state) {
        Index index(run());
        index.grow();
        benchmark::DoNotOptimize(index.size());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * million));
}
BENCHMARK(indexing)->Unit(benchmark::kMillisecond);

/// A frame of the timeline: 1,600 columns of seven lanes, all of the run.
void density(benchmark::State& state)
{
    Index index(run());
    index.grow();
    const auto end = (*run())[EventId(million)].at.time_since_epoch().count();
    const auto k = static_cast<unsigned>(std::bit_width(
        static_cast<std::uint64_t>(end) / static_cast<std::uint64_t>(state.range(0)) / 1600));
    std::vector<std::uint32_t> counts(1600);
    for (auto _ : state) {
        for (const auto node : index.nodes()) {
            index.density(node, k, end / 2 >> k, counts);
            benchmark::DoNotOptimize(counts.data());
        }
    }
}
BENCHMARK(density)->Arg(1)->Arg(16)->Arg(256)->Arg(4096)->Unit(benchmark::kMicrosecond);

void fingerprint(benchmark::State& state)
{
    for (auto _ : state) {
        benchmark::DoNotOptimize(traceHash(*run()));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * million));
}
BENCHMARK(fingerprint)->Unit(benchmark::kMillisecond);

void causalityGrows(benchmark::State& state)
{
    for (auto _ : state) {
        Causality causality(run());
        causality.grow();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * million));
}
BENCHMARK(causalityGrows)->Unit(benchmark::kMillisecond);

void vectorClock(benchmark::State& state)
{
    Causality causality(run());
    causality.grow();
    Dice dice(1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(causality.vectorClock(EventId(1 + dice.below(million))));
    }
}
BENCHMARK(vectorClock)->Unit(benchmark::kMicrosecond);

void cones(benchmark::State& state)
{
    Causality causality(run());
    causality.grow();
    for (auto _ : state) {
        benchmark::DoNotOptimize(causality.past(EventId(million / 2)).count());
        benchmark::DoNotOptimize(causality.future(EventId(million / 2), EventId(million)).count());
    }
}
BENCHMARK(cones)->Unit(benchmark::kMillisecond);

void saveFile(benchmark::State& state)
{
    std::size_t size = 0;
    for (auto _ : state) {
        std::ostringstream out;
        check(static_cast<bool>(formats::saveLightcone(out, *run(), EventId(million))));
        size = out.str().size();
    }
    state.counters["bytes/event"] = static_cast<double>(size) / static_cast<double>(million);
}
BENCHMARK(saveFile)->Unit(benchmark::kMillisecond);

void openFile(benchmark::State& state)
{
    const auto events = static_cast<std::uint64_t>(state.range(0)) * million;
    const auto bytes = events == million ? file() : makeFile(events);
    for (auto _ : state) {
        const auto opened = formats::readLightcone(bytes, "run.lightcone");
        check(opened && !opened->damage && opened->trace->size() >= events);
    }
    state.counters["bytes/event"] = static_cast<double>(bytes.size()) / static_cast<double>(events);
}
BENCHMARK(openFile)->Arg(1)->Arg(10)->Unit(benchmark::kMillisecond);

void stateAtARandomEvent(benchmark::State& state)
{
    const auto opened = formats::readLightcone(file(), "run.lightcone");
    Dice dice(1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(opened->states->at(EventId(1 + dice.below(million))));
    }
}
BENCHMARK(stateAtARandomEvent)->Unit(benchmark::kMillisecond);

void stateAtTheNextEvent(benchmark::State& state)
{
    const auto opened = formats::readLightcone(file(), "run.lightcone");
    std::uint64_t id = million / 2;
    for (auto _ : state) {
        benchmark::DoNotOptimize(opened->states->at(EventId(id)));
        id = id % million + 1;
    }
}
BENCHMARK(stateAtTheNextEvent)->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace lightcone::trace

BENCHMARK_MAIN();
