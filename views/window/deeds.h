#pragma once

#include "views/theme/theme.h"

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QObject>
#include <QWidget>

#include <functional>
#include <vector>

namespace lightcone::window {

/// All that can be done by menu, button, key and command palette: one action each, with its
/// shortcut beside its name wherever it is shown.
class Deeds final : public QObject
{
    Q_OBJECT

public:
    struct Group
    {
        QString title;
        std::vector<QAction*> actions;
    };

    Deeds(const theme::Theme& theme, QWidget& window);

    /// Following actions belong to that group, which the keyboard sheet shows together.
    void begin(const QString& title);

    QAction* add(const QString& id, const QString& text, const QList<QKeySequence>& keys,
                 std::function<void()> deed, const QString& icon = {},
                 picture::Ink ink = picture::Ink::Text);

    /// Offers it, or says why it cannot be done just now.
    void allow(const QString& id, bool can, const QString& whyNot);

    [[nodiscard]] QAction* operator[](const QString& id) const;
    [[nodiscard]] const std::vector<Group>& groups() const { return m_groups; }

    /// The text without its mnemonic mark and dots.
    static QString plainText(const QAction& action);

private:
    static void explain(QAction& action);
    void paintIcons();

    struct Icon
    {
        QAction* action;
        QString name;
        picture::Ink ink;
    };

    const theme::Theme& m_theme;
    QWidget& m_window;
    QHash<QString, QAction*> m_byId;
    std::vector<Group> m_groups;
    std::size_t m_group = 0; ///< to which actions are added
    std::vector<Icon> m_icons;
};

} // namespace lightcone::window
