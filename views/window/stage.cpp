#include "views/window/stage.h"

#include "views/run/wording.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QStyle>

#include <algorithm>

namespace lightcone::window {

using picture::Ink;
using run::Wording;
using session::Lesson;
using theme::Space;

namespace {

constexpr int awayAfter = 12000;

QToolButton* quietButton(const theme::Theme& theme, const QString& icon, const QString& hint,
                         QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setProperty("quiet", true);
    button->setFixedSize(22, 22);
    button->setIconSize(QSize(12, 12));
    button->setToolTip(hint);
    button->setAccessibleName(hint);
    const auto paint = [&theme, button, icon] { button->setIcon(theme.icon(icon, Ink::Muted)); };
    QObject::connect(&theme, &theme::Theme::changed, button, paint);
    paint();
    return button;
}

} // namespace

Headline::Headline(const theme::Theme& /*theme*/, theme::Cursor& cursor, run::RunView& run,
                   QWidget* parent)
    : QWidget(parent)
    , m_cursor(cursor)
    , m_run(run)
    , m_title(new QLabel(this))
    , m_told(new QLabel(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(Space::wide, Space::medium + 2, Space::wide, Space::tight);
    layout->setSpacing(3);
    m_title->setProperty("kind", "title");
    m_told->setProperty("kind", "small");
    for (auto* label : {m_title, m_told}) {
        label->setTextFormat(Qt::PlainText);
        label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        layout->addWidget(label);
    }
    connect(&cursor, &theme::Cursor::changed, this, &Headline::refresh);
    connect(&run, &run::RunView::opened, this, &Headline::refresh);
    refresh();
}

void Headline::refresh()
{
    if (!m_run.trace()) {
        m_title->setText(tr("No run is open"));
        m_told->setText(tr("Choose one from the library, or drop a file here."));
        return;
    }
    const auto& about = m_run.trace()->about();
    const auto title = QString::fromStdString(about.card.title);
    const auto nodes = static_cast<int>(about.members.size());
    m_title->setText(
        m_run.snapshot().source == session::Source::Live || about.scenario.empty()
            ? tr("%1 · %n nodes · live", nullptr, nodes).arg(title)
            : tr("%1 · %n nodes · seed %2", nullptr, nodes).arg(title).arg(about.seed));
    const auto last = std::min(m_cursor.event(), EventId(m_run.events()));
    const auto told = Wording::newestTold(*m_run.trace(), last);
    const auto& summary = about.card.summary;
    m_told->setText(told ? tr("%1, at %2")
                               .arg(Wording::sentence(*m_run.trace(), told),
                                    Wording::at((*m_run.trace())[told].at))
                         : QString::fromStdString(summary));
}

Narration::Narration(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
                     QWidget* parent)
    : QFrame(parent)
    , m_cursor(cursor)
    , m_run(run)
    , m_translate([](const QString& text) { return text; })
    , m_text(new QLabel(this))
    , m_place(new QLabel(this))
    , m_previous(
          quietButton(theme, QStringLiteral("chevron-left"), tr("What was said before"), this))
    , m_next(quietButton(theme, QStringLiteral("chevron-right"), tr("What is said next"), this))
    , m_close(quietButton(theme, QStringLiteral("close"), tr("Put away"), this))
    , m_choices(new QWidget(this))
{
    setProperty("kind", "narration");
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Space::medium, Space::small, Space::small, Space::small);
    column->setSpacing(Space::small);
    auto* row = new QHBoxLayout;
    row->setSpacing(Space::tight);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_text, 1);
    row->addSpacing(Space::medium);
    m_place->setProperty("kind", "small");
    row->addWidget(m_place);
    row->addWidget(m_previous);
    row->addWidget(m_next);
    row->addWidget(m_close);
    column->addLayout(row);
    m_choices->setLayout(new QBoxLayout(QBoxLayout::LeftToRight));
    m_choices->layout()->setContentsMargins(0, 0, 0, 0);
    m_choices->setMinimumWidth(1); // long answers must not press the other panels together
    column->addWidget(m_choices);
    m_choices->hide();
    connect(m_previous, &QToolButton::clicked, this, [this] { go(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { go(1); });
    connect(m_close, &QToolButton::clicked, this, [this] {
        m_closed = m_told.empty() ? EventId{} : m_told[m_shown];
        hide();
    });
    connect(&cursor, &theme::Cursor::changed, this, &Narration::refresh);
    connect(&run, &run::RunView::changed, this, &Narration::refresh);
    connect(&run, &run::RunView::opened, this, [this] {
        m_closed = {};
        refresh();
    });
    refresh();
}

void Narration::setTranslate(Translate translate)
{
    m_translate = std::move(translate);
    m_asked = 0;
    refresh();
}

void Narration::refresh()
{
    m_told.clear();
    for (const auto& lesson : m_run.snapshot().lessons) {
        if (lesson.state == Lesson::State::Told && lesson.at && lesson.at.value <= m_run.events()) {
            m_told.push_back(lesson.at);
        }
    }
    std::ranges::sort(m_told);
    const auto& question = m_run.snapshot().question;
    if (question && m_cursor.followsEnd()) {
        ask(*question);
        return;
    }
    m_asked = 0;
    m_choices->hide();
    showTold();
}

void Narration::showTold()
{
    const auto after = std::ranges::upper_bound(m_told, m_cursor.event());
    if (after == m_told.begin()) {
        hide();
        return;
    }
    m_shown = static_cast<std::size_t>(after - m_told.begin()) - 1;
    const auto event = m_told[m_shown];
    const auto text = m_translate(QString::fromStdString(run::textOf((*m_run.trace())[event])));
    if (m_text->text() != text) {
        m_text->setText(text);
    }
    m_place->setText(tr("%1 of %2").arg(m_shown + 1).arg(m_told.size()));
    m_place->show();
    m_previous->setEnabled(m_shown > 0);
    m_next->setEnabled(m_shown + 1 < m_told.size());
    m_previous->show();
    m_next->show();
    m_close->show();
    setVisible(event != m_closed);
}

void Narration::ask(const session::Question& question)
{
    if (m_asked == question.line && isVisible()) {
        return;
    }
    m_asked = question.line;
    m_text->setText(m_translate(QString::fromStdString(question.text)));
    m_place->hide();
    m_previous->hide();
    m_next->hide();
    m_close->hide();
    auto* row = m_choices->layout();
    while (auto* item = row->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const auto& choice : question.choices) {
        auto* button = new QPushButton(m_translate(QString::fromStdString(choice)), m_choices);
        connect(button, &QPushButton::clicked, this, [this, choice] {
            m_run.session().answer(choice);
            m_run.soon();
            emit answered();
        });
        row->addWidget(button);
    }
    layChoices();
    m_choices->show();
    show();
}

/// Beside each other where they fit, else below.
void Narration::layChoices()
{
    auto* row = static_cast<QBoxLayout*>(m_choices->layout());
    int needed = 0;
    for (int i = 0; i < row->count(); ++i) {
        needed += row->itemAt(i)->sizeHint().width() + row->spacing();
    }
    const bool fit = needed <= contentsRect().width() - 2 * Space::medium;
    row->setDirection(fit ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    row->setAlignment(Qt::AlignLeft);
}

void Narration::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    layChoices();
}

void Narration::go(int step)
{
    const auto wanted = static_cast<std::ptrdiff_t>(m_shown) + step;
    if (wanted < 0 || wanted >= static_cast<std::ptrdiff_t>(m_told.size())) {
        return;
    }
    const auto event = m_told[static_cast<std::size_t>(wanted)];
    m_closed = {};
    m_cursor.setEvent(event, (*m_run.trace())[event].at);
}

Notice::Notice(const theme::Theme& theme, QWidget* parent)
    : QFrame(parent)
    , m_text(new QLabel(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Space::medium, Space::tight + 2, Space::tight + 2, Space::tight + 2);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_text, 1);
    auto* close = quietButton(theme, QStringLiteral("close"), tr("Put away"), this);
    connect(close, &QToolButton::clicked, this, &QWidget::hide);
    row->addWidget(close, 0, Qt::AlignTop);
    m_away.setSingleShot(true);
    m_away.setInterval(awayAfter);
    connect(&m_away, &QTimer::timeout, this, &QWidget::hide);
    hide();
}

void Notice::warn(const QString& sentence)
{
    show(sentence, QStringLiteral("problem"));
}

void Notice::tell(const QString& sentence)
{
    show(sentence, QStringLiteral("told"));
}

void Notice::show(const QString& sentence, const QString& kind)
{
    if (sentence.isEmpty()) {
        return;
    }
    if (property("kind") != kind) {
        setProperty("kind", kind);
        style()->unpolish(this);
        style()->polish(this);
    }
    m_text->setText(sentence);
    QFrame::show();
    m_away.start();
}

} // namespace lightcone::window
