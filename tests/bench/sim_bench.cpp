#include "engine/core/check.h"
#include "engine/describe/text.h"
#include "engine/node/catalog.h"
#include "engine/session/open.h"
#include "engine/sim/world.h"
#include "engine/trace/trace.h"
#include "tests/support/ring.h"

#include <benchmark/benchmark.h>
#include <cstdint>
#include <future>
#include <malloc.h>
#include <memory>
#include <string>
#include <thread>

namespace lightcone::sim {
namespace {

using namespace std::chrono_literals;

/// A cluster and what its clients ask for again and again.
struct Subject
{
    const node::Protocol* protocol = nullptr;
    node::SetupPtr setup{};
    std::vector<node::PayloadPtr> bodies{};
};

node::SetupPtr defaultSetup(const node::Protocol& protocol)
{
    auto shape = std::make_shared<describe::Shape>();
    shape->kind = describe::ShapeKind::Record;
    shape->name = "Parameters";
    describe::Value::List values;
    for (const auto& parameter : protocol.card().parameters) {
        shape->fields.push_back({parameter.name, parameter.byDefault.shape()});
        values.push_back(parameter.byDefault);
    }
    return protocol.setup(describe::Value::list(shape, std::move(values))).value();
}

node::PayloadPtr put(const node::Protocol& protocol, int number)
{
    const auto& shape = protocol.card().request;
    const auto index = shape->fieldIndex("Put");
    check(index.has_value(), "a key-value protocol");
    const auto words = "k" + std::to_string(number % 100) + " v" + std::to_string(number);
    const auto fields =
        describe::parseFields(describe::zero(shape->fields[*index].shape), words).value();
    return protocol
        .payload(node::PayloadRole::Request, describe::Value::alternative(shape, *index, fields))
        .value();
}

/// Raft's puts; the token ring where this build has no Raft.
Subject subject()
{
    Subject made{node::findProtocol("raft")};
    if (made.protocol == nullptr) {
        made.protocol = &test::ringProtocol();
        made.setup = test::ringSetup({5, 0, 1ms, 40ms});
        made.bodies.push_back(test::ringRequest(test::Add{1}));
        return made;
    }
    made.setup = defaultSetup(*made.protocol);
    for (int number = 0; number < 1000; ++number) {
        made.bodies.push_back(put(*made.protocol, number));
    }
    return made;
}

constexpr Instant at(Duration time)
{
    return Instant(time);
}

/// A cluster that has found its leader, and clients that ask as fast as they are answered.
World loadedWorld(trace::Sink* sink, std::uint32_t clients = 16)
{
    static const auto made = subject();
    Settings settings;
    settings.clients = clients;
    World world(*made.protocol, made.setup, settings);
    world.advanceTo(at(1s), sink);
    Load load;
    load.clients = world.clients();
    load.bodies = made.bodies;
    const auto done = world.apply(load, "load", sink);
    check(done.has_value(), "a load");
    world.advanceTo(at(2s), sink);
    return world;
}

constexpr std::uint64_t batch = 200'000;

void runOn(World& world, trace::Sink* sink, std::uint64_t events)
{
    const EventId end(world.last().value + events);
    while (world.last() < end) {
        world.step(sink);
    }
}

void eventsUnrecorded(benchmark::State& state)
{
    const auto begin = loadedWorld(nullptr);
    for (auto _ : state) {
        auto world = begin;
        runOn(world, nullptr, batch);
    }
    state.SetLabel(begin.protocol().card().title);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(eventsUnrecorded)->Unit(benchmark::kMillisecond);

void eventsRecorded(benchmark::State& state)
{
    auto begun = std::make_shared<trace::Trace>(loadedWorld(nullptr).about());
    const auto begin = loadedWorld(begun.get());
    for (auto _ : state) {
        state.PauseTiming();
        auto world = begin;
        auto trace = begun->fork(begin.last(), "bench");
        state.ResumeTiming();
        runOn(world, trace.get(), batch);
        state.PauseTiming();
        trace.reset();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(eventsRecorded)->Unit(benchmark::kMillisecond);

/// Memory that a recorded run of a million events holds, payloads included and counted once.
void bytesPerEvent(benchmark::State& state)
{
    double bytes = 0;
    for (auto _ : state) {
        auto trace = std::make_shared<trace::Trace>(loadedWorld(nullptr).about());
        auto world = loadedWorld(trace.get());
        const auto before = mallinfo2();
        runOn(world, trace.get(), 1'000'000);
        const auto after = mallinfo2();
        bytes = static_cast<double>(after.uordblks + after.hblkhd)
            - static_cast<double>(before.uordblks + before.hblkhd);
    }
    state.counters["bytesPerEvent"] = bytes / 1e6;
    state.counters["bytesOfEventItself"] = sizeof(trace::Event);
}
BENCHMARK(bytesPerEvent)->Iterations(1)->Unit(benchmark::kMillisecond);

void copyOfAWorld(benchmark::State& state)
{
    auto world = loadedWorld(nullptr);
    runOn(world, nullptr, batch);
    for (auto _ : state) {
        auto copy = world;
        benchmark::DoNotOptimize(copy);
    }
}
BENCHMARK(copyOfAWorld)->Unit(benchmark::kMicrosecond);

/// A copy and its first steps: what was shared becomes its own.
void copyOfAWorldThatGoesOn(benchmark::State& state)
{
    auto world = loadedWorld(nullptr);
    runOn(world, nullptr, batch);
    for (auto _ : state) {
        auto copy = world;
        runOn(copy, nullptr, 300);
    }
}
BENCHMARK(copyOfAWorldThatGoesOn)->Unit(benchmark::kMicrosecond);

/// The state at a random event of a million, as the window asks a session for it.
void stateAtAnyOfAMillion(benchmark::State& state)
{
    constexpr std::uint64_t events = 1'000'000;
    const auto opened =
        session::openScenario("cluster raft nodes=5 clients=16\n"
                              "until count(role == leader) == 1\n"
                              "load clients=16 rate=max duration=3600s mix=\"put:1\"\n"
                              "run 3600s\n");
    check(opened.has_value(), "a scenario");
    auto& run = **opened;
    run.play({session::Pace::Kind::Unbounded, 1});
    while (run.snapshot().branch().events < events) {
        std::this_thread::sleep_for(10ms);
    }
    run.pause();
    Dice dice(1);
    const auto branch = run.snapshot().current;
    for (auto _ : state) {
        std::promise<session::StatePtr> found;
        run.stateAt(branch, EventId(1 + dice.below(events)),
                    [&](session::StatePtr answer) { found.set_value(std::move(answer)); });
        check(found.get_future().get() != nullptr, "a state");
    }
}
BENCHMARK(stateAtAnyOfAMillion)->Unit(benchmark::kMillisecond)->Iterations(200);

} // namespace
} // namespace lightcone::sim

BENCHMARK_MAIN();
