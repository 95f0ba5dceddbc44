#include "views/timeline/timeline.h"

#include "views/run/wording.h"

#include <QHBoxLayout>
#include <QStyle>
#include <QVBoxLayout>

namespace lightcone::timeline {

Timeline::Timeline(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
                   QWidget* parent)
    : QWidget(parent)
    , m_cursor(cursor)
    , m_run(run)
    , m_canvas(new Canvas(theme, cursor, run, this))
    , m_head(new QWidget(this))
    , m_counts(new QLabel(m_head))
    , m_filter(new QLineEdit(m_head))
    , m_cone(new QToolButton(m_head))
{
    makeHead();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::Space::wide, theme::Space::small, theme::Space::wide,
                               theme::Space::small);
    column->setSpacing(theme::Space::small);
    column->addWidget(m_head);
    column->addWidget(m_canvas, 1);
    column->addWidget(new Minimap(*m_canvas, this));
    column->addWidget(new Branches(theme, cursor, run, this));
    setFocusProxy(m_canvas);
    setAutoFillBackground(true);
    const auto dress = [this, &theme] {
        auto colours = palette();
        colours.setColor(QPalette::Window, theme.colour(picture::Ink::Ground));
        setPalette(colours);
        m_filter->setFont(theme.font(picture::Typeface::Data, theme::Type::small));
    };
    dress();
    connect(&theme, &theme::Theme::changed, this, dress);
    connect(m_canvas, &Canvas::shownChanged, this, &Timeline::showCounts);
    connect(&run, &run::RunView::opened, this, &Timeline::apply);
    connect(&run, &run::RunView::branchChanged, this, &Timeline::apply);
    showCounts();
}

void Timeline::makeHead()
{
    auto* row = new QHBoxLayout(m_head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::Space::small);
    auto* title = new QLabel(tr("Timeline"), m_head);
    title->setProperty("kind", "title");
    m_counts->setProperty("kind", "muted");
    m_counts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_filter->setPlaceholderText(tr("kind == drop and to == n3"));
    m_filter->setAccessibleName(tr("Filter of the timeline"));
    m_filter->setToolTip(tr("Lights what answers the question and dims the rest"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMinimumWidth(190);
    m_cone->setText(tr("Causal cone"));
    m_cone->setCheckable(true);
    m_cone->setToolTip(tr("Lights what led to the selected event and what follows from it (C)"));
    row->addWidget(title);
    row->addSpacing(theme::Space::small);
    row->addWidget(m_counts, 1);
    row->addWidget(m_filter);
    row->addWidget(m_cone);
    connect(m_cone, &QToolButton::toggled, &m_cursor, &theme::Cursor::setCone);
    connect(&m_cursor, &theme::Cursor::changed, this,
            [this] { m_cone->setChecked(m_cursor.cone()); });
    connect(m_filter, &QLineEdit::returnPressed, this, [this] {
        apply();
        m_canvas->setFocus();
    });
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        // Clearing shows everything again at once; a question waits for the Return key.
        if (text.isEmpty() || !m_wrong.isEmpty()) {
            apply();
        }
    });
}

void Timeline::filterBy(const QString& question)
{
    m_filter->setText(question);
    apply();
}

void Timeline::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void Timeline::apply()
{
    const auto text = m_filter->text().trimmed();
    m_wrong.clear();
    if (text.isEmpty() || !m_run.isOpen() || !m_run.trace()) {
        m_canvas->ask({});
    } else {
        auto question = query::Query::parse(
            text.toStdString(), query::Context::of(m_run.trace()->about(), query::Scope::Events));
        if (question) {
            m_canvas->ask(std::move(*question));
        } else {
            m_wrong = QString::fromStdString(question.error().text());
        }
    }
    m_filter->setProperty("wrong", !m_wrong.isEmpty());
    m_filter->style()->unpolish(m_filter);
    m_filter->style()->polish(m_filter);
    if (m_wrong.isEmpty() && m_applied != text) {
        m_applied = text;
        emit filtered(text);
    }
    showCounts();
}

void Timeline::showCounts()
{
    m_counts->setProperty("kind", m_wrong.isEmpty() ? "muted" : "bad");
    m_counts->style()->unpolish(m_counts);
    m_counts->style()->polish(m_counts);
    if (!m_wrong.isEmpty()) {
        m_counts->setText(m_wrong);
        m_counts->setToolTip(m_wrong);
        return;
    }
    m_counts->setToolTip({});
    const auto& shown = m_canvas->prepared();
    if (!shown || !m_run.isOpen()) {
        m_counts->clear();
        return;
    }
    auto text =
        tr("%1 events · %2 kinds").arg(run::Wording::count(shown->events)).arg(shown->kinds);
    if (shown->found) {
        text = tr("%1 of %2 events")
                   .arg(run::Wording::count(shown->matches), run::Wording::count(shown->events));
        if (shown->judged < shown->events) {
            text += QStringLiteral(" · ")
                + tr("searching, %1 %")
                      .arg(shown->judged * 100 / std::max<std::uint64_t>(1, shown->events));
        }
    }
    m_counts->setText(text);
}

} // namespace lightcone::timeline
