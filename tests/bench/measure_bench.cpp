#include "engine/measure/meter.h"
#include "engine/measure/plot.h"
#include "tests/support/ring.h"

#include <benchmark/benchmark.h>

/// What a run of a million operations costs to be measured, and to be drawn.
namespace lightcone::measure {
namespace {

using trace::Channel;
using trace::Kind;

constexpr std::uint64_t million = 1'000'000;
constexpr std::uint32_t clients = 64;
constexpr NodeId n1(1);
constexpr NodeId n2(2);

/// Writes operations of a server with one backup, six events and three messages each.
class Busy
{
public:
    Busy()
    {
        trace::About about;
        about.card = test::ringProtocol().card();
        about.members = {{n1, "n1", ""}, {n2, "n2", ""}};
        m_trace = std::make_shared<trace::Trace>(std::move(about));
    }

    trace::TracePtr of(std::uint64_t operations)
    {
        for (std::uint64_t i = 0; i < operations; ++i) {
            operation(i);
        }
        return m_trace;
    }

private:
    EventId record(trace::Event event, node::PayloadPtr payload)
    {
        const EventId id(m_trace->size() + 1);
        m_at += Duration(500);
        event.at = m_at;
        event.payload = std::move(payload);
        m_trace->record(id, std::move(event));
        return id;
    }

    void operation(std::uint64_t number)
    {
        const auto client = clientId(static_cast<std::uint32_t>(number % clients) + 1);
        const RequestId id{client, static_cast<std::uint32_t>(number / clients) + 1};
        const auto add =
            node::makePayload(test::Ring::Request(test::Add{static_cast<std::int64_t>(number)}));
        const auto token = node::makePayload(test::Ring::Message(test::Token{number}));
        const auto total = node::makePayload(test::Total{static_cast<std::int64_t>(number)});
        trace::Event event{{}, {}, client, n1, Kind::Request};
        event.request = id;
        const auto request = record(event, add);
        event.cause = request;
        event.kind = Kind::Send;
        event.detail = static_cast<std::uint8_t>(Channel::Request);
        const auto asked = record(event, add);
        const auto backup = record({asked, {}, n1, n2, Kind::Send}, token);
        event.node = n1;
        event.peer = client;
        event.cause = backup;
        event.detail = static_cast<std::uint8_t>(Channel::Reply);
        const auto answer = record(event, total);
        event.node = client;
        event.peer = n1;
        event.kind = Kind::Deliver;
        event.cause = answer;
        record(event, total);
        event.kind = Kind::Reply;
        event.cause = request;
        event.detail = static_cast<std::uint8_t>(node::Answer::Done);
        record(event, total);
    }

    std::shared_ptr<trace::Trace> m_trace;
    Instant m_at{};
};

const trace::TracePtr& run()
{
    static const auto trace = Busy().of(million);
    return trace;
}

const Meter& meter()
{
    static const auto measured = [] {
        Meter made(run());
        made.grow(EventId(run()->size()));
        return made;
    }();
    return measured;
}

void measure(benchmark::State& state)
{
    const auto& trace = run();
    for (auto _ : state) {
        Meter made(trace);
        made.grow(EventId(trace->size()));
        benchmark::DoNotOptimize(made.operations().ended().size());
    }
    state.counters["events/s"] = benchmark::Counter(static_cast<double>(trace->size()),
                                                    benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(measure)->Unit(benchmark::kMillisecond);

void sumUp(benchmark::State& state)
{
    for (auto _ : state) {
        benchmark::DoNotOptimize(totalsOf(meter()).done);
    }
}
BENCHMARK(sumUp)->Unit(benchmark::kMillisecond);

void draw(benchmark::State& state)
{
    const auto chart = static_cast<Chart>(state.range(0));
    const auto parts = state.range(1);
    const Window window{{}, Instant(meter().now().time_since_epoch() / parts)};
    const auto cut = Cut::of(window, 240);
    state.SetLabel(describe::nameOf(chart) + (parts == 1 ? ", whole" : ", a part"));
    for (auto _ : state) {
        benchmark::DoNotOptimize(plotOf(meter(), chart, cut).lines.size());
    }
}
BENCHMARK(draw)
    ->ArgsProduct({{static_cast<int>(Chart::Latency), static_cast<int>(Chart::Throughput),
                    static_cast<int>(Chart::Waiting), static_cast<int>(Chart::Messages),
                    static_cast<int>(Chart::Load)},
                   {1, 100}})
    ->Unit(benchmark::kMillisecond);

} // namespace
} // namespace lightcone::measure

BENCHMARK_MAIN();
