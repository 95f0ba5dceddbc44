#pragma once

#include "views/inspector/flight_model.h"
#include "views/theme/cursor.h"

#include <QLabel>
#include <QPushButton>
#include <QTreeView>
#include <QWidget>

namespace lightcone::inspector {

/// The list of what may happen next, and what can be done about each.
class Flights final : public QWidget
{
    Q_OBJECT

public:
    Flights(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
            QWidget* parent = nullptr);

    [[nodiscard]] const FlightModel& model() const { return m_model; }

    /// By hand: what is chosen is what happens next.
    void pick();

signals:
    /// The number of messages under way is another.
    void counted(int messages);

private:
    void refresh();
    void fillMenu(const QPoint& at);
    void askDelay();
    void act(const std::string& line);
    [[nodiscard]] int row() const;
    [[nodiscard]] std::string messageLine(const char* verb) const;

    theme::Cursor& m_cursor;
    run::RunView& m_run;
    FlightModel m_model;
    QTreeView* m_list;
    QLabel* m_hint;
    QPushButton* m_now;
    QPushButton* m_drop;
    QPushButton* m_duplicate;
    QPushButton* m_delay;
};

} // namespace lightcone::inspector
