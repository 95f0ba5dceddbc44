#include "views/charts/plot_model.h"

#include <QLocale>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace lightcone::charts {

namespace {

QVariant numberOf(double value)
{
    return std::isfinite(value) ? QVariant(value) : QVariant();
}

double seconds(Instant at)
{
    return static_cast<double>(at.time_since_epoch().count()) / 1e9;
}

QString quoted(QString text)
{
    if (!text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"'))
        && !text.contains(QLatin1Char('\n'))) {
        return text;
    }
    text.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    return QLatin1Char('"') + text + QLatin1Char('"');
}

} // namespace

void PlotModel::show(const Topic& topic, const SurveyPtr& left, const SurveyPtr& right)
{
    beginResetModel();
    m_columns.clear();
    m_scale = TopicWords::scale(topic);
    for (const auto& survey : {left, right}) {
        const auto* figure = survey ? survey->figure(topic) : nullptr;
        if (figure == nullptr) {
            continue;
        }
        const auto side = !right ? QString() : survey == left ? tr(" (left)") : tr(" (right)");
        switch (topic.kind) {
        case Topic::Kind::Plot:
        case Topic::Kind::Gauge:
            addLines(*figure, *survey, side);
            break;
        case Topic::Kind::Distribution:
            addDistribution(*figure, side);
            break;
        case Topic::Kind::Share:
            addShares(*figure, survey->trace->about(), side);
            break;
        }
    }
    endResetModel();
}

void PlotModel::addLines(const Figure& figure, const Survey& survey, const QString& side)
{
    if (m_columns.empty()) {
        Column times{tr("time"), Look::Time};
        for (std::size_t i = 0; i < survey.cut.count; ++i) {
            times.cells.emplace_back(seconds(survey.cut.middle(i)));
        }
        m_columns.push_back(std::move(times));
    }
    const auto look = m_scale == Scale::Time ? Look::Latency : Look::Value;
    for (const auto& line : figure.lines) {
        Column column{TopicWords::line(figure.topic, line.name) + side, look};
        std::ranges::transform(line.values, std::back_inserter(column.cells), numberOf);
        m_columns.push_back(std::move(column));
    }
}

void PlotModel::addDistribution(const Figure& figure, const QString& side)
{
    Column upTo{tr("latency up to") + side, Look::Latency};
    Column share{tr("of all") + side, Look::Percent};
    std::uint64_t seen = 0;
    for (const auto& bucket : figure.latency.buckets()) {
        seen += bucket.count;
        upTo.cells.emplace_back(
            static_cast<double>(std::min(bucket.upTo, figure.latency.most()).count()));
        share.cells.emplace_back(100.0 * static_cast<double>(seen)
                                 / static_cast<double>(figure.latency.count()));
    }
    m_columns.push_back(std::move(upTo));
    m_columns.push_back(std::move(share));
}

void PlotModel::addShares(const Figure& figure, const trace::About& about, const QString& side)
{
    Column names{tr("node") + side, Look::Word};
    Column taken{tr("messages and requests") + side};
    Column answered{tr("answered") + side};
    Column steps{tr("steps") + side};
    for (const auto& share : figure.shares) {
        names.cells.emplace_back(QString::fromStdString(about.nameOf(share.node)));
        taken.cells.emplace_back(static_cast<double>(share.taken));
        answered.cells.emplace_back(static_cast<double>(share.answered));
        steps.cells.emplace_back(static_cast<double>(share.steps));
    }
    for (auto* column : {&names, &taken, &answered, &steps}) {
        m_columns.push_back(std::move(*column));
    }
}

int PlotModel::rowCount(const QModelIndex& parent) const
{
    std::size_t most = 0;
    for (const auto& column : m_columns) {
        most = std::max(most, column.cells.size());
    }
    return parent.isValid() ? 0 : static_cast<int>(most);
}

int PlotModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant PlotModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::EditRole)) {
        return {};
    }
    const auto& column = m_columns[static_cast<std::size_t>(index.column())];
    const auto row = static_cast<std::size_t>(index.row());
    const auto value = row < column.cells.size() ? column.cells[row] : QVariant();
    if (role == Qt::EditRole || !value.isValid() || column.look == Look::Word) {
        return value;
    }
    switch (column.look) {
    case Look::Time:
        return TopicWords::value(Scale::Time, value.toDouble() * 1e9);
    case Look::Latency:
        return TopicWords::value(Scale::Time, value.toDouble());
    case Look::Percent:
        return QStringLiteral("%1 %").arg(value.toDouble(), 0, 'f', 3);
    default:
        return TopicWords::value(m_scale, value.toDouble());
    }
}

QVariant PlotModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0
        || section >= columnCount()) {
        return {};
    }
    return m_columns[static_cast<std::size_t>(section)].title;
}

/// In what the bare numbers of a column are counted.
QString PlotModel::unitOf(int column) const
{
    switch (m_columns[static_cast<std::size_t>(column)].look) {
    case Look::Time:
        return QStringLiteral(" [s]");
    case Look::Latency:
        return QStringLiteral(" [ns]");
    case Look::Percent:
        return QStringLiteral(" [%]");
    case Look::Word:
        return {};
    case Look::Value:
        break;
    }
    return m_scale == Scale::PerSecond     ? QStringLiteral(" [1/s]")
        : m_scale == Scale::BytesPerSecond ? QStringLiteral(" [B/s]")
                                           : QString();
}

QString PlotModel::csv() const
{
    QString text;
    for (int row = -1; row < rowCount(); ++row) {
        for (int column = 0; column < columnCount(); ++column) {
            const auto cell = row < 0
                ? headerData(column, Qt::Horizontal, Qt::DisplayRole).toString() + unitOf(column)
                : data(index(row, column), Qt::EditRole);
            const auto word = cell.typeId() == QMetaType::Double
                ? QLocale::c().toString(cell.toDouble(), 'g', 15)
                : cell.toString();
            text += (column == 0 ? QString() : QStringLiteral(",")) + quoted(word);
        }
        text += QStringLiteral("\r\n");
    }
    return text;
}

} // namespace lightcone::charts
