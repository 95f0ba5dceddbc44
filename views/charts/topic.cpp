#include "views/charts/topic.h"

#include "engine/describe/naming.h"
#include "engine/describe/shape_of.h"
#include "views/theme/text.h"

#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string>

namespace lightcone::charts {

using measure::Chart;
using measure::Gauge;

namespace {

constexpr std::size_t usualGauges = 2;

constexpr std::array allCharts{Chart::Latency, Chart::Throughput, Chart::Waiting, Chart::Messages,
                               Chart::Bytes,   Chart::Load,       Chart::Work,    Chart::Writes};

QString digits(double value)
{
    if (!std::isfinite(value)) {
        return QStringLiteral("–");
    }
    const auto size = std::abs(value);
    const int decimals = size >= 100 || size == std::floor(size) ? 0 : size >= 10 ? 1 : 2;
    return QLocale::c().toString(value, 'f', decimals);
}

} // namespace

QString Topic::key() const
{
    switch (kind) {
    case Kind::Plot:
        return q(describe::enumeratorName(describe::nameOf(chart)));
    case Kind::Distribution:
        return QStringLiteral("distribution");
    case Kind::Share:
        return QStringLiteral("share");
    case Kind::Gauge:
        break;
    }
    static constexpr std::array ends{"", "/size", "/lag", ""};
    return QStringLiteral("gauge/") + q(gauge.path)
        + QLatin1String(ends.at(static_cast<std::size_t>(gauge.of)));
}

QString TopicWords::title(const Topic& topic)
{
    switch (topic.kind) {
    case Topic::Kind::Distribution:
        return tr("Latency by percentile");
    case Topic::Kind::Share:
        return tr("Share per node");
    case Topic::Kind::Gauge:
        switch (topic.gauge.of) {
        case Gauge::Of::Size:
            return tr("%1: how many").arg(q(topic.gauge.path));
        case Gauge::Of::Lag:
            return tr("%1: how far behind").arg(q(topic.gauge.path));
        case Gauge::Of::Value:
        case Gauge::Of::Share:
            return q(topic.gauge.path);
        }
        break;
    case Topic::Kind::Plot:
        break;
    }
    switch (topic.chart) {
    case Chart::Latency:
        return tr("Request latency");
    case Chart::Throughput:
        return tr("Throughput and errors");
    case Chart::Waiting:
        return tr("Requests under way");
    case Chart::Messages:
        return tr("Messages by type");
    case Chart::Bytes:
        return tr("Bytes by type");
    case Chart::Work:
        return tr("Work per node");
    case Chart::Load:
        return tr("Load per node");
    case Chart::Writes:
        return tr("Forced writes per node");
    }
    return {};
}

QString TopicWords::hint(const Topic& topic)
{
    switch (topic.kind) {
    case Topic::Kind::Distribution:
        return tr("How many of the answered requests took no longer than that");
    case Topic::Kind::Share:
        return tr("What part of the messages and requests each node took");
    case Topic::Kind::Gauge:
        switch (topic.gauge.of) {
        case Gauge::Of::Lag:
            return tr("How far each node is behind the farthest one");
        case Gauge::Of::Share:
            return tr("What part falls on each node, as the others' states say it");
        case Gauge::Of::Value:
        case Gauge::Of::Size:
            break;
        }
        return tr("As each node's state says it");
    case Topic::Kind::Plot:
        break;
    }
    switch (topic.chart) {
    case Chart::Latency:
        return tr("From when a request was wanted to its answer, by when it was answered");
    case Chart::Throughput:
        return tr("How clients' requests ended");
    case Chart::Waiting:
        return tr("Requests without an answer yet, and those that wait for a free client");
    case Chart::Messages:
        return tr("Sent between nodes and clients");
    case Chart::Bytes:
        return tr("As the wire encodes them, without frames");
    case Chart::Work:
        return tr("How often each node's state machine ran");
    case Chart::Load:
        return tr("Messages and requests that each node took");
    case Chart::Writes:
        return tr("Writes that what a node sent waited for");
    }
    return {};
}

QString TopicWords::line(const Topic& topic, const std::string& name)
{
    if (topic.kind != Topic::Kind::Plot) {
        return q(name);
    }
    if (topic.chart == Chart::Latency) {
        return name == "most" ? tr("most") : q(name);
    }
    if (topic.chart == Chart::Throughput) {
        return name == "done" ? tr("done") : name == "refused" ? tr("refused") : tr("unknown");
    }
    if (topic.chart == Chart::Waiting) {
        return name == "in line" ? tr("in line") : tr("under way");
    }
    const bool byType = topic.chart == Chart::Messages || topic.chart == Chart::Bytes;
    return byType && name == measure::otherKinds ? tr("others") : q(name);
}

Scale TopicWords::scale(const Topic& topic)
{
    switch (topic.kind) {
    case Topic::Kind::Distribution:
        return Scale::Time;
    case Topic::Kind::Share:
        return Scale::Count;
    case Topic::Kind::Gauge:
        return topic.gauge.of == Gauge::Of::Share ? Scale::Part
            : topic.gauge.time                    ? Scale::Time
                                                  : Scale::Count;
    case Topic::Kind::Plot:
        break;
    }
    switch (topic.chart) {
    case Chart::Latency:
        return Scale::Time;
    case Chart::Waiting:
        return Scale::Count;
    case Chart::Bytes:
        return Scale::BytesPerSecond;
    default:
        return Scale::PerSecond;
    }
}

TopicWords::Unit TopicWords::unit(Scale scale, double most)
{
    switch (scale) {
    case Scale::Time:
        // Nothing took any time: what times are usually counted in.
        return most <= 0  ? Unit{QStringLiteral("ms"), 1e6}
            : most < 1e3  ? Unit{QStringLiteral("ns"), 1}
            : most < 1e6  ? Unit{QStringLiteral("µs"), 1e3}
            : most < 1e10 ? Unit{QStringLiteral("ms"), 1e6}
                          : Unit{QStringLiteral("s"), 1e9};
    case Scale::BytesPerSecond:
        return most < 1e4 ? Unit{tr("bytes per second"), 1}
            : most < 1e7  ? Unit{tr("kB per second"), 1e3}
                          : Unit{tr("MB per second"), 1e6};
    case Scale::PerSecond:
        return {tr("per second"), 1};
    case Scale::Part:
        return {QStringLiteral("%"), 0.01};
    case Scale::Count:
        break;
    }
    return {};
}

QString TopicWords::value(Scale scale, double value)
{
    if (!std::isfinite(value)) {
        return QStringLiteral("–");
    }
    switch (scale) {
    case Scale::Time: {
        const auto unit = TopicWords::unit(scale, std::abs(value));
        return digits(value / unit.size) + QLatin1Char(' ') + unit.name;
    }
    case Scale::BytesPerSecond:
        return std::abs(value) < 1e4 ? tr("%1 B/s").arg(digits(value))
            : std::abs(value) < 1e7  ? tr("%1 kB/s").arg(digits(value / 1e3))
                                     : tr("%1 MB/s").arg(digits(value / 1e6));
    case Scale::PerSecond:
        return tr("%1 /s").arg(digits(value));
    case Scale::Part:
        return digits(100 * value) + QStringLiteral(" %");
    case Scale::Count:
        break;
    }
    return digits(value);
}

std::vector<Topic> topicsOf(const describe::ShapePtr& state)
{
    std::vector<Topic> topics;
    for (const auto chart : allCharts) {
        topics.push_back({Topic::Kind::Plot, chart, {}});
        if (chart == Chart::Latency) {
            topics.push_back({Topic::Kind::Distribution, Chart::Latency, {}});
        }
        if (chart == Chart::Load) {
            topics.push_back({Topic::Kind::Share, Chart::Latency, {}});
        }
    }
    for (auto& gauge : measure::gaugesOf(state)) {
        topics.push_back({Topic::Kind::Gauge, Chart::Latency, std::move(gauge)});
    }
    return topics;
}

std::vector<Topic> usualTopics(const describe::ShapePtr& state)
{
    std::vector<Topic> topics{{Topic::Kind::Plot, Chart::Latency, {}},
                              {Topic::Kind::Plot, Chart::Throughput, {}},
                              {Topic::Kind::Plot, Chart::Messages, {}}};
    const auto all = topicsOf(state);
    std::size_t gauges = 0;
    const auto take = [&](auto wanted) {
        for (const auto& topic : all) {
            if (topic.kind == Topic::Kind::Gauge && gauges < usualGauges && wanted(topic.gauge)) {
                topics.push_back(topic);
                ++gauges;
            }
        }
    };
    // What a protocol measures of itself says more than what can be reckoned of its log, and what
    // is on top of its state more than what is deep in it.
    take([](const Gauge& gauge) {
        return gauge.facet == describe::Facet::Level && gauge.path.find('.') == std::string::npos;
    });
    take([](const Gauge& gauge) { return gauge.of == Gauge::Of::Lag; });
    std::ranges::copy_if(all, std::back_inserter(topics), [](const Topic& topic) {
        return topic.kind == Topic::Kind::Gauge && topic.gauge.of == Gauge::Of::Share;
    });
    topics.push_back({Topic::Kind::Share, Chart::Latency, {}});
    return topics;
}

} // namespace lightcone::charts
