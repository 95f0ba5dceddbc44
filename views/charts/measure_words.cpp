#include "views/charts/measure_words.h"

#include "views/charts/topic.h"

#include <cmath>

namespace lightcone::charts {

using measure::Measure;
using measure::Unit;

QString MeasureWords::name(const measure::Reading& reading)
{
    switch (reading.measure) {
    case Measure::Operations:
        return tr("requests");
    case Measure::Done:
        return tr("done");
    case Measure::Refused:
        return tr("refused");
    case Measure::Unknown:
        return tr("never answered");
    case Measure::Open:
        return tr("under way at the end");
    case Measure::Retries:
        return tr("retries");
    case Measure::Throughput:
        return tr("done per second");
    case Measure::Errors:
        return tr("errors");
    case Measure::P50:
        return tr("p50 latency");
    case Measure::P90:
        return tr("p90 latency");
    case Measure::P99:
        return tr("p99 latency");
    case Measure::P999:
        return tr("p99.9 latency");
    case Measure::Most:
        return tr("longest latency");
    case Measure::RoundTrips:
        return tr("round trips per request");
    case Measure::Unavailable:
        return tr("time without service");
    case Measure::Messages:
        return tr("messages");
    case Measure::MessagesOfKind:
        return QString::fromStdString(reading.of);
    case Measure::MessagesPerOperation:
        return tr("messages per request");
    case Measure::Bytes:
        return tr("bytes");
    case Measure::BytesPerOperation:
        return tr("bytes per request");
    case Measure::Dropped:
        return tr("messages that died");
    case Measure::Forced:
        return tr("forced writes");
    case Measure::ForcedPerOperation:
        return tr("forced writes per request");
    case Measure::Lazy:
        return tr("lazy writes");
    case Measure::Highest:
        return tr("%1, the most").arg(QString::fromStdString(reading.of));
    case Measure::Standing:
        return tr("time in %1").arg(QString::fromStdString(reading.of));
    }
    return {};
}

QString MeasureWords::value(Unit unit, const std::optional<double>& value)
{
    if (!value) {
        return QStringLiteral("–");
    }
    switch (unit) {
    case Unit::Time:
        return TopicWords::value(Scale::Time, *value);
    case Unit::Bytes:
        return *value < 1e4 ? tr("%1 B").arg(TopicWords::value(Scale::Count, *value))
            : *value < 1e7  ? tr("%1 kB").arg(TopicWords::value(Scale::Count, *value / 1e3))
                            : tr("%1 MB").arg(TopicWords::value(Scale::Count, *value / 1e6));
    case Unit::PerSecond:
        return TopicWords::value(Scale::PerSecond, *value);
    case Unit::Share:
        return QStringLiteral("%1 %").arg(100 * *value, 0, 'f', 1);
    default:
        return TopicWords::value(Scale::Count, *value);
    }
}

QString MeasureWords::difference(const measure::ComparedRow& row)
{
    if (!row.left.value || !row.right) {
        return {};
    }
    const auto a = *row.left.value;
    const auto b = *row.right;
    constexpr double much = 2;
    if (a > 0 && b > 0 && row.left.unit != Unit::Count && (b / a >= much || a / b >= much)) {
        return b > a ? QStringLiteral("× %1").arg(b / a, 0, 'g', 3)
                     : QStringLiteral("÷ %1").arg(a / b, 0, 'g', 3);
    }
    return a == b ? QStringLiteral("=")
                  : (b > a ? QStringLiteral("+") : QStringLiteral("−"))
            + value(row.left.unit, std::abs(b - a));
}

int MeasureWords::judge(const measure::ComparedRow& row)
{
    if (!row.left.value || !row.right || *row.left.value == *row.right
        || row.left.better == measure::Better::Neither) {
        return 0;
    }
    const bool more = *row.right > *row.left.value;
    return more == (row.left.better == measure::Better::More) ? 1 : -1;
}

} // namespace lightcone::charts
