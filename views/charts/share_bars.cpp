#include "views/charts/share_bars.h"

#include <QPainter>

#include <algorithm>

namespace lightcone::charts {

using picture::Ink;
using picture::Typeface;
using theme::Type;

namespace {

constexpr int rowHeight = 22;
constexpr double barHeight = 7;

QString percent(const std::optional<double>& share)
{
    return share ? QStringLiteral("%1 %").arg(100 * *share, 0, 'f', *share < 0.0995 ? 1 : 0)
                 : QStringLiteral("–");
}

} // namespace

ShareBars::ShareBars(const theme::Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setAccessibleName(TopicWords::title({Topic::Kind::Share, measure::Chart::Latency, {}}));
    connect(&theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

void ShareBars::show(const SurveyPtr& left, const SurveyPtr& right)
{
    m_rows.clear();
    m_two = right != nullptr;
    take(left, &Row::left);
    take(right, &Row::right);
    setAccessibleDescription(texts().join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

void ShareBars::take(const SurveyPtr& survey, std::optional<double> Row::*side)
{
    const Topic topic{Topic::Kind::Share, measure::Chart::Latency, {}};
    const auto* figure = survey ? survey->figure(topic) : nullptr;
    if (figure == nullptr) {
        return;
    }
    double all = 0;
    for (const auto& share : figure->shares) {
        all += static_cast<double>(share.taken);
    }
    for (const auto& share : figure->shares) {
        const auto name = QString::fromStdString(survey->trace->about().nameOf(share.node));
        auto found = std::ranges::find(m_rows, name, &Row::name);
        if (found == m_rows.end()) {
            found = m_rows.insert(m_rows.end(), Row{name, {}, {}});
        }
        (*found).*side = all > 0 ? static_cast<double>(share.taken) / all : 0;
    }
}

QString ShareBars::textOf(const Row& row) const
{
    return m_two ? percent(row.left) + QStringLiteral(" → ") + percent(row.right)
                 : percent(row.left);
}

QStringList ShareBars::texts() const
{
    QStringList all;
    for (const auto& row : m_rows) {
        all << row.name + QStringLiteral("  ") + textOf(row);
    }
    return all;
}

QSize ShareBars::sizeHint() const
{
    return {240, std::max(60, static_cast<int>(m_rows.size()) * rowHeight + 8)};
}

void ShareBars::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto font = m_theme.font(Typeface::Data, Type::small);
    painter.setFont(font);
    const auto metrics = painter.fontMetrics();
    double most = 0.01;
    int names = 0;
    int words = 0;
    for (const auto& row : m_rows) {
        most = std::max({most, row.left.value_or(0), row.right.value_or(0)});
        names = std::max(names, metrics.horizontalAdvance(row.name) + 2);
        words = std::max(words, metrics.horizontalAdvance(textOf(row)));
    }
    names = std::min(names, width() / 3);
    const double room = std::max(20, width() - names - words - 28);
    const auto height = m_rows.empty()
        ? rowHeight
        : std::min(rowHeight, this->height() / static_cast<int>(m_rows.size()));
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const auto& row = m_rows[i];
        const double top = static_cast<double>(i) * height + 2;
        painter.setPen(m_theme.colour(Ink::Muted));
        painter.drawText(QRectF(4, top, names, height), Qt::AlignVCenter,
                         metrics.elidedText(row.name, Qt::ElideRight, names));
        painter.setPen(Qt::NoPen);
        const double x = names + 12.0;
        const auto bar = [&](double share, double y, double opacity) {
            painter.setBrush(m_theme.colour(Ink::Calm, opacity));
            painter.drawRoundedRect(QRectF(x, y, std::max(room * share / most, 1.0), barHeight), 2,
                                    2);
        };
        const double middle = top + height / 2.0;
        if (row.left) {
            bar(*row.left, m_two ? middle - barHeight - 0.5 : middle - barHeight / 2, 1);
        }
        if (row.right) {
            bar(*row.right, middle + 0.5, 0.45);
        }
        const double end =
            x + room * std::max(row.left.value_or(0), row.right.value_or(0)) / most + 8;
        painter.setPen(m_theme.colour(Ink::Text));
        painter.drawText(QRectF(end, top, words + 4.0, height), Qt::AlignVCenter, textOf(row));
    }
}

} // namespace lightcone::charts
