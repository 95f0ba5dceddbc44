#pragma once

#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"
#include "views/window/deeds.h"
#include "views/window/transport.h"

#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QStringListModel>
#include <QToolBar>

namespace lightcone::window {

/// The row of controls below the menus: transport, pace, faults, requests.
class ToolRow final : public QToolBar
{
    Q_OBJECT

public:
    ToolRow(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
            Transport& transport, const Deeds& deeds, QWidget* parent = nullptr);

    void focusRequest();
    void sendRequest();

private:
    void addButton(QAction* action, bool withText);
    void addPace();
    void addRequest();
    void refresh();
    void learnRequests();

    const theme::Theme& m_theme;
    theme::Cursor& m_cursor;
    run::RunView& m_run;
    Transport& m_transport;
    const Deeds& m_deeds;
    QLabel* m_pace = nullptr;
    QSlider* m_slider = nullptr;
    QLineEdit* m_request = nullptr;
    QPushButton* m_send = nullptr;
    QStringListModel m_samples;
};

} // namespace lightcone::window
