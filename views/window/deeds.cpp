#include "views/window/deeds.h"

#include "engine/core/check.h"

#include <QRegularExpression>

#include <algorithm>

namespace lightcone::window {

Deeds::Deeds(const theme::Theme& theme, QWidget& window)
    : QObject(&window)
    , m_theme(theme)
    , m_window(window)
{
    connect(&theme, &theme::Theme::changed, this, &Deeds::paintIcons);
}

void Deeds::begin(const QString& title)
{
    const auto known = std::ranges::find(m_groups, title, &Group::title);
    m_group = static_cast<std::size_t>(known - m_groups.begin());
    if (known == m_groups.end()) {
        m_groups.push_back({title, {}});
    }
}

QAction* Deeds::add(const QString& id, const QString& text, const QList<QKeySequence>& keys,
                    std::function<void()> deed, const QString& icon, picture::Ink ink)
{
    auto* action = new QAction(text, this);
    action->setObjectName(id);
    action->setShortcuts(keys);
    connect(action, &QAction::triggered, this, [deed = std::move(deed)] { deed(); });
    explain(*action);
    m_window.addAction(action);
    m_byId.insert(id, action);
    m_groups[m_group].actions.push_back(action);
    if (!icon.isEmpty()) {
        action->setIcon(m_theme.icon(icon, ink));
        action->setIconVisibleInMenu(false);
        m_icons.push_back({action, icon, ink});
    }
    return action;
}

void Deeds::explain(QAction& action)
{
    const auto keys = action.shortcut().toString(QKeySequence::NativeText);
    const auto plain = plainText(action);
    action.setToolTip(keys.isEmpty() ? plain : QStringLiteral("%1 (%2)").arg(plain, keys));
}

void Deeds::allow(const QString& id, bool can, const QString& whyNot)
{
    auto* action = (*this)[id];
    action->setEnabled(can && whyNot.isEmpty());
    if (whyNot.isEmpty()) {
        explain(*action);
    } else {
        action->setToolTip(whyNot);
    }
}

QAction* Deeds::operator[](const QString& id) const
{
    auto* action = m_byId.value(id);
    check(action != nullptr, "an action of the window");
    return action;
}

QString Deeds::plainText(const QAction& action)
{
    auto text = action.text();
    static const QRegularExpression behind(QStringLiteral("\\(&\\w\\)")); // "打开(&O)…"
    text.remove(behind);
    text.remove(QLatin1Char('&'));
    if (text.endsWith(QStringLiteral("…"))) {
        text.chop(1);
    }
    return text;
}

void Deeds::paintIcons()
{
    for (const auto& icon : m_icons) {
        icon.action->setIcon(m_theme.icon(icon.name, icon.ink));
    }
}

} // namespace lightcone::window
