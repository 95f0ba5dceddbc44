#pragma once

#include "views/inspector/check_model.h"
#include "views/theme/theme.h"

#include <QFrame>
#include <QLabel>
#include <QToolButton>

#include <functional>

namespace lightcone::inspector {

/// One thing that may happen next, on one line, with what can be done about it.
class Happening final : public QFrame
{
    Q_OBJECT

public:
    struct Deed
    {
        QString text;
        QString hint;
        std::function<void()> deed;
        bool possible = true;
    };

    explicit Happening(const theme::Theme& theme, QWidget* parent = nullptr);

    void show(picture::Ink ink, const QString& what, const QString& when,
              const std::vector<Deed>& deeds);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void elide();

    const theme::Theme& m_theme;
    QLabel* m_dot;
    QLabel* m_what;
    QLabel* m_when;
    std::vector<QToolButton*> m_buttons;
    QString m_text;
    picture::Ink m_ink = picture::Ink::Muted;
};

/// One invariant: whether it holds, and where it broke.
class CheckLine final : public QFrame
{
    Q_OBJECT

public:
    explicit CheckLine(const theme::Theme& theme, QWidget* parent = nullptr);

    void show(const QString& name, const QString& text, CheckModel::State state,
              const QString& where);

signals:
    void clicked();

private:
    const theme::Theme& m_theme;
    QLabel* m_icon;
    QLabel* m_name;
    QToolButton* m_where;
};

} // namespace lightcone::inspector
