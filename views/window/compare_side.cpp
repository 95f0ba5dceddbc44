#include "views/window/compare_side.h"

#include "engine/session/recorded_session.h"
#include "views/charts/measure_words.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <cmath>

namespace lightcone::window {

using charts::MeasureWords;
using measure::Measure;
using picture::Ink;
using picture::Typeface;
using theme::Space;
using theme::Type;

namespace {

constexpr std::array tileMeasures{Measure::P50, Measure::P99, Measure::Errors, Measure::Throughput,
                                  Measure::Retries};

} // namespace

CompareSide::CompareSide(const theme::Theme& theme, Contender contender, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_contender(std::move(contender))
    , m_title(new QLabel(m_contender.title, this))
    , m_subtitle(new QLabel(m_contender.subtitle, this))
    , m_topology(new topology::Topology(theme, m_cursor, m_run, this))
{
    m_cursor.setFollowsEnd(false);
    connect(&m_cursor, &theme::Cursor::changed, &m_run, [this] { m_run.lookAt(m_cursor.event()); });
    // Known protocols are none: what is compared is looked at and not gone on with.
    m_run.open(
        std::make_unique<session::RecordedSession>(m_contender.recording, session::Protocols{}));
    m_cursor.setBranch(m_run.snapshot().current);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_subtitle->setTextFormat(Qt::PlainText);
    m_subtitle->setProperty("kind", "muted");
    m_subtitle->setWordWrap(true);
    m_topology->setAccessibleName(m_contender.title);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Space::wide, Space::medium, Space::wide, Space::small);
    column->setSpacing(Space::tight);
    column->addWidget(m_title);
    column->addWidget(m_subtitle);
    column->addWidget(m_topology, 1);
    auto* row = new QHBoxLayout;
    row->setSpacing(Space::small);
    for (auto& tile : m_tiles) {
        tile.frame = new QFrame(this);
        tile.frame->setObjectName(QStringLiteral("tile"));
        tile.frame->setAutoFillBackground(true);
        tile.name = new QLabel(tile.frame);
        tile.value = new QLabel(tile.frame);
        tile.value->setMinimumWidth(0);
        auto* inside = new QVBoxLayout(tile.frame);
        inside->setContentsMargins(Space::small, Space::tight, Space::small, Space::tight);
        inside->setSpacing(1);
        inside->addWidget(tile.name);
        inside->addWidget(tile.value);
        row->addWidget(tile.frame, 1);
    }
    column->addLayout(row);
    dress();
    connect(&theme, &theme::Theme::changed, this, &CompareSide::dress);
}

void CompareSide::dress()
{
    m_title->setFont(m_theme.font(Typeface::UiBold, Type::large));
    for (const auto& tile : m_tiles) {
        auto colours = tile.frame->palette();
        colours.setColor(QPalette::Window, m_theme.colour(Ink::Panel));
        tile.frame->setPalette(colours);
        tile.name->setFont(m_theme.font(Typeface::Ui, Type::tiny));
        tile.value->setFont(m_theme.font(Typeface::Data, Type::large));
    }
}

Instant CompareSide::end() const
{
    const auto size = trace()->size();
    return size > 0 ? (*trace())[EventId(size)].at : Instant{};
}

void CompareSide::lookAt(Instant moment)
{
    const auto event = trace::eventAt(*trace(), moment);
    // The moment may lie between two events: messages are under way.
    m_cursor.setInstant(event, std::max(moment, event ? (*trace())[event].at : Instant{}));
}

void CompareSide::lookAt(EventId event)
{
    event = std::min(event, EventId(trace()->size()));
    m_cursor.setEvent(event, event ? (*trace())[event].at : Instant{});
}

void CompareSide::showTiles(const measure::Totals& mine, const measure::Totals& other)
{
    // How this one compares is how the right one does when this is the right one.
    const auto rows = measure::compareTotals(other, mine);
    for (std::size_t i = 0; i < m_tiles.size(); ++i) {
        const auto found = std::ranges::find(rows, tileMeasures.at(i),
                                             [](const auto& row) { return row.left.measure; });
        const auto value = MeasureWords::value(found->left.unit, found->right);
        m_tiles.at(i).name->setText(MeasureWords::name(found->left));
        m_tiles.at(i).value->setText(value);
        const auto a = found->left.value.value_or(0);
        const auto b = found->right.value_or(0);
        // A difference of some percent is none that a colour should shout about.
        const bool much = std::abs(a - b) > 0.1 * std::max(std::abs(a), std::abs(b));
        const auto judged = much ? MeasureWords::judge(*found) : 0;
        const auto ink = judged > 0 ? Ink::Good : judged < 0 ? Ink::Bad : Ink::Text;
        m_tiles.at(i).value->setStyleSheet(
            QStringLiteral("color: %1;").arg(m_theme.colour(ink).name()));
        m_tiles.at(i).frame->setToolTip(MeasureWords::name(found->left) + QLatin1Char(' ') + value);
    }
}

QStringList CompareSide::tiles() const
{
    QStringList texts;
    for (const auto& tile : m_tiles) {
        texts << tile.name->text() + QLatin1Char(' ') + tile.value->text();
    }
    return texts;
}

} // namespace lightcone::window
