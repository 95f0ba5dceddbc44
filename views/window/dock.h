#pragma once

#include "views/theme/theme.h"

#include <QDockWidget>
#include <QLabel>
#include <QToolButton>

namespace lightcone::window {

/// A panel that can be moved, floated and closed. Alone it has a slim title to drag it by; among
/// tabs the tab is its title; afloat it has the desktop's frame.
class Dock final : public QDockWidget
{
    Q_OBJECT

public:
    Dock(const theme::Theme& theme, const QString& id, const QString& title, QWidget* content,
         QWidget* parent);

    /// Shown in place of the slim title; the panel is dragged by it.
    void setHead(QWidget* head);

    /// Looks whether it stands among tabs.
    void settle();

private:
    QWidget* makeTitle();
    void paintTitle();

    const theme::Theme& m_theme;
    QWidget* m_title = nullptr;
    QWidget* m_none;
    QWidget* m_head = nullptr;
    QLabel* m_label = nullptr;
    QToolButton* m_float = nullptr;
    QToolButton* m_close = nullptr;
};

} // namespace lightcone::window
