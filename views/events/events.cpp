#include "views/events/events.h"

#include "views/run/wording.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QMenu>
#include <QStyle>
#include <QVBoxLayout>

namespace lightcone::events {

using run::Wording;
using theme::Space;

Events::Events(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run, QWidget* parent)
    : QWidget(parent)
    , m_cursor(cursor)
    , m_run(run)
    , m_model(theme, run)
    , m_filter(new QLineEdit(this))
    , m_error(new QLabel(this))
    , m_count(new QLabel(this))
    , m_progress(new QProgressBar(this))
    , m_list(new EventList(theme, m_model, this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, Space::small, 0, 0);
    layout->setSpacing(Space::tight);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(Space::wide, 0, Space::wide, 0);
    row->setSpacing(Space::medium);
    m_filter->setPlaceholderText(tr("Filter, such as kind == drop and to == n3"));
    m_filter->setFont(theme.font(picture::Typeface::Data, theme::Type::small));
    m_filter->setClearButtonEnabled(true);
    m_filter->setAccessibleName(tr("Filter of the events"));
    auto* completer = new QCompleter(&m_words, this);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_filter->setCompleter(completer);
    row->addWidget(m_filter, 1);
    m_count->setProperty("kind", "muted");
    row->addWidget(m_count);
    layout->addLayout(row);
    m_error->setProperty("kind", "bad");
    m_error->setFont(theme.font(picture::Typeface::Data, theme::Type::small));
    m_error->setTextFormat(Qt::PlainText);
    m_error->setContentsMargins(Space::wide + 9, 0, Space::wide, 0);
    m_error->hide();
    layout->addWidget(m_error);
    m_progress->setTextVisible(false);
    m_progress->setRange(0, 1000);
    m_progress->hide();
    layout->addWidget(m_progress);
    layout->addWidget(m_list, 1);

    connect(m_filter, &QLineEdit::returnPressed, this, &Events::apply);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (text.isEmpty()) {
            apply();
        }
    });
    connect(m_list, &EventList::chosen, this, [this](int chosen) {
        const auto event = m_model.eventAt(chosen);
        m_cursor.setEvent(event, (*m_run.trace())[event].at);
    });
    connect(m_list, &EventList::menuAsked, this, &Events::showMenu);
    connect(&cursor, &theme::Cursor::changed, this, &Events::follow);
    connect(&m_model, &EventModel::progressed, this, &Events::showProgress);
    connect(&m_model, &QAbstractItemModel::rowsInserted, this, &Events::showProgress);
    connect(&run, &run::RunView::opened, this, &Events::learnWords);
    connect(&theme, &theme::Theme::changed, this, [this, &theme] {
        m_filter->setFont(theme.font(picture::Typeface::Data, theme::Type::small));
    });
    learnWords();
    showProgress();
}

void Events::learnWords()
{
    QStringList words;
    if (m_run.trace()) {
        const auto context = query::Context::of(m_run.trace()->about(), query::Scope::Events);
        for (const auto& word : query::vocabulary(context)) {
            words << QString::fromStdString(word);
        }
    }
    m_words.setStringList(words);
}

void Events::focusFilter()
{
    m_filter->setFocus();
    m_filter->selectAll();
}

void Events::filterBy(const QString& question)
{
    m_filter->setText(question);
    apply();
}

void Events::apply()
{
    const auto done = m_model.setFilter(m_filter->text());
    m_filter->setProperty("wrong", !done);
    style()->unpolish(m_filter);
    style()->polish(m_filter);
    m_error->setVisible(!done);
    if (!done) {
        // The field's text is set in the same face, so the mark stands below the column.
        const auto column = std::max<std::size_t>(done.error().column, 1);
        m_error->setText(QString(static_cast<qsizetype>(column) - 1, QLatin1Char(' '))
                         + QStringLiteral("^ ") + QString::fromStdString(done.error().message));
        m_filter->setCursorPosition(static_cast<int>(column) - 1);
        return;
    }
    follow();
    emit filtered(m_model.filter());
}

void Events::follow()
{
    m_list->setCurrent(m_model.rowOf(m_cursor.event()));
}

void Events::showProgress()
{
    const auto rows = Wording::count(static_cast<std::uint64_t>(m_model.rowCount()));
    m_count->setText(m_model.filter().isEmpty()
                         ? tr("%1 events").arg(rows)
                         : tr("%1 of %2 events").arg(rows, Wording::count(m_run.events())));
    const auto progress = m_model.progress();
    m_progress->setVisible(progress.has_value());
    if (progress) {
        m_progress->setValue(static_cast<int>(*progress * 1000));
    }
    if (m_cursor.followsEnd() || m_list->current() < 0) {
        follow();
    }
}

void Events::showMenu(const QModelIndex& index, const QPoint& at)
{
    QMenu menu;
    const auto question = index.data(EventModel::FilterRole).toString();
    const auto now = m_model.filter();
    if (!question.isEmpty()) {
        const auto joined = [&](const QString& word) {
            return now.isEmpty() ? question : QStringLiteral("(%1) %2 %3").arg(now, word, question);
        };
        const auto add = [&](const QString& text, const QString& filter) {
            menu.addAction(text, this, [this, filter] { filterBy(filter); });
        };
        menu.addSection(question);
        add(tr("Apply as filter"), question);
        add(tr("Apply as filter: not this"), QStringLiteral("not (%1)").arg(question));
        if (!now.isEmpty()) {
            add(tr("… and this"), joined(QStringLiteral("and")));
            add(tr("… or this"), joined(QStringLiteral("or")));
            add(tr("… and not this"), QStringLiteral("(%1) and not (%2)").arg(now, question));
        }
        menu.addSeparator();
    }
    if (!now.isEmpty()) {
        menu.addAction(tr("Show all events"), this, [this] { filterBy({}); });
    }
    const auto cell = index.data().toString();
    const auto line = m_list->rowText(index.row());
    menu.addAction(tr("Copy the cell"), this, [cell] { QApplication::clipboard()->setText(cell); });
    menu.addAction(tr("Copy the line"), this, [line] { QApplication::clipboard()->setText(line); });
    const EventId event(index.data(EventModel::EventRole).toULongLong());
    const auto cause = (*m_run.trace())[event].cause;
    if (cause) {
        menu.addSeparator();
        menu.addAction(tr("Go to its cause"), this,
                       [this, cause] { m_cursor.setEvent(cause, (*m_run.trace())[cause].at); });
    }
    menu.exec(at);
}

} // namespace lightcone::events
