#pragma once

#include "views/inspector/check_model.h"
#include "views/theme/cursor.h"

#include <QLabel>
#include <QTreeView>
#include <QWidget>

namespace lightcone::inspector {

/// The list of what must hold; what broke leads to the event that broke it.
class Checks final : public QWidget
{
    Q_OBJECT

public:
    Checks(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
           QWidget* parent = nullptr);

    [[nodiscard]] const CheckModel& model() const { return m_model; }

signals:
    void counted();

private:
    void refresh();
    void explain();
    void go(const QModelIndex& index);

    theme::Cursor& m_cursor;
    run::RunView& m_run;
    CheckModel m_model;
    QTreeView* m_list;
    QLabel* m_about;
};

} // namespace lightcone::inspector
