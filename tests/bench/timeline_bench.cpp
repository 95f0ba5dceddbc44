// A frame of the timeline, layout and painting, at 1600×900 over one and over ten million events:
// five zooms, each ten times closer than the last, around the middle of the run. The target is
// 16 ms.

#include "engine/picture/timeline.h"
#include "tests/engine/picture/sample.h"
#include "views/theme/painter.h"

#include <QApplication>

#include <benchmark/benchmark.h>
#include <map>

namespace lightcone {
namespace {

struct Scene
{
    explicit Scene(std::uint64_t events)
        : trace(picture::sample::longRun(5, events))
        , index(trace)
        , measure(theme)
        , painter(theme)
    {
        index.grow();
        options.lanes = picture::allLanes(index);
        options.selected = EventId(events / 2);
        options.cursor = (*trace)[options.selected].at;
    }

    [[nodiscard]] picture::Scale scale(int zoom) const
    {
        const auto whole = (*trace)[EventId(index.size())].at - Instant{};
        auto length = whole;
        for (int i = 0; i < zoom; ++i) {
            length /= 10;
        }
        picture::Scale scale;
        scale.width = 1600;
        scale.height = 900;
        return scale.fitted(Instant{} + (whole - length) / 2, Instant{} + (whole + length) / 2);
    }

    theme::Theme theme;
    std::shared_ptr<trace::Trace> trace;
    picture::TimelineIndex index;
    picture::TimelineOptions options;
    theme::FontMeasure measure;
    theme::Painter painter;
};

Scene& scene(std::int64_t millions)
{
    static std::map<std::int64_t, Scene> scenes;
    return scenes.try_emplace(millions, static_cast<std::uint64_t>(millions) * 1'000'000)
        .first->second;
}

void layout(benchmark::State& state)
{
    auto& s = scene(state.range(0));
    const auto scale = s.scale(static_cast<int>(state.range(1)));
    std::size_t items = 0;
    for (auto _ : state) {
        items = picture::timeline(s.index, scale, s.options, s.measure).items.size();
        benchmark::DoNotOptimize(items);
    }
    state.counters["items"] = static_cast<double>(items);
}
BENCHMARK(layout)->ArgsProduct({{1, 10}, {0, 1, 2, 3, 4}})->Unit(benchmark::kMillisecond);

void frame(benchmark::State& state)
{
    auto& s = scene(state.range(0));
    const auto scale = s.scale(static_cast<int>(state.range(1)));
    for (auto _ : state) {
        const auto drawing = picture::timeline(s.index, scale, s.options, s.measure);
        const auto image = s.painter.image(drawing, 1);
        benchmark::DoNotOptimize(image.constBits());
    }
}
BENCHMARK(frame)->ArgsProduct({{1, 10}, {0, 1, 2, 3, 4}})->Unit(benchmark::kMillisecond);

void takeIn(benchmark::State& state)
{
    for (auto _ : state) {
        picture::TimelineIndex index(scene(1).trace);
        index.grow();
        benchmark::DoNotOptimize(index.size());
    }
}
BENCHMARK(takeIn)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace lightcone

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
