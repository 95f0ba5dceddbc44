#pragma once

#include "views/events/event_list.h"
#include "views/events/event_model.h"
#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"

#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QStringListModel>
#include <QWidget>

namespace lightcone::events {

/// The list of events with its filter. Follows the cursor, and moves it.
class Events final : public QWidget
{
    Q_OBJECT

public:
    Events(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
           QWidget* parent = nullptr);

    [[nodiscard]] EventModel& model() { return m_model; }

    /// Shows only what answers the question.
    void filterBy(const QString& question);
    void focusFilter();

signals:
    /// The filter is another; empty when everything is shown.
    void filtered(const QString& question);

private:
    void apply();
    void follow();
    void learnWords();
    void showProgress();
    void showMenu(const QModelIndex& index, const QPoint& at);

    theme::Cursor& m_cursor;
    run::RunView& m_run;
    EventModel m_model;
    QLineEdit* m_filter;
    QLabel* m_error;
    QLabel* m_count;
    QProgressBar* m_progress;
    EventList* m_list;
    QStringListModel m_words;
};

} // namespace lightcone::events
