#pragma once

#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"
#include "views/timeline/canvas.h"
#include "views/timeline/strips.h"

#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QWidget>

namespace lightcone::timeline {

/// The timeline with what belongs to it: a filter, the causal cone's switch, the minimap, branches.
class Timeline final : public QWidget
{
    Q_OBJECT

public:
    Timeline(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
             QWidget* parent = nullptr);

    /// Title, counts, filter and switch in one row. A dock may take it as its own head.
    [[nodiscard]] QWidget* head() const { return m_head; }

    [[nodiscard]] Canvas& canvas() { return *m_canvas; }

    /// Lights what answers the question; an empty one lights everything.
    void filterBy(const QString& question);
    void focusFilter();

signals:
    /// The filter is another; empty when everything is shown alike.
    void filtered(const QString& question);

private:
    void makeHead();
    void apply();
    void showCounts();

    theme::Cursor& m_cursor;
    run::RunView& m_run;
    Canvas* m_canvas; ///< made first: Tab, which comes to it by proxy, goes on to the head
    QWidget* m_head;
    QLabel* m_counts;
    QLineEdit* m_filter;
    QToolButton* m_cone;
    QString m_applied;
    QString m_wrong;
};

} // namespace lightcone::timeline
