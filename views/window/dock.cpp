#include "views/window/dock.h"

#include <QHBoxLayout>
#include <QMainWindow>
#include <QTimer>

namespace lightcone::window {

using picture::Ink;
using picture::Typeface;
using theme::Space;
using theme::Type;

Dock::Dock(const theme::Theme& theme, const QString& id, const QString& title, QWidget* content,
           QWidget* parent)
    : QDockWidget(title, parent)
    , m_theme(theme)
    , m_none(new QWidget(this))
{
    m_title = makeTitle();
    setObjectName(id);
    setWidget(content);
    m_none->setFixedHeight(1);
    setTitleBarWidget(m_title);
    paintTitle();
    const auto later = [this] { QTimer::singleShot(0, this, &Dock::settle); };
    connect(this, &QDockWidget::topLevelChanged, this, later);
    connect(this, &QDockWidget::dockLocationChanged, this, later);
    connect(this, &QDockWidget::visibilityChanged, this, later);
    connect(&theme, &theme::Theme::changed, this, &Dock::paintTitle);
}

QWidget* Dock::makeTitle()
{
    auto* bar = new QWidget(this);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(Space::wide, Space::small, Space::small, 2);
    layout->setSpacing(0);
    m_label = new QLabel(windowTitle().toUpper(), bar);
    m_label->setProperty("kind", "section");
    layout->addWidget(m_label, 1);
    const auto button = [&](const QString& hint, auto&& deed) {
        auto* made = new QToolButton(bar);
        made->setProperty("quiet", true);
        made->setFixedSize(18, 18);
        made->setIconSize(QSize(10, 10));
        made->setToolTip(hint);
        made->setAccessibleName(hint);
        made->setFocusPolicy(Qt::NoFocus);
        connect(made, &QToolButton::clicked, this, deed);
        layout->addWidget(made);
        return made;
    };
    m_float = button(tr("Undock"), [this] { setFloating(!isFloating()); });
    m_close = button(tr("Close"), [this] { close(); });
    return bar;
}

void Dock::paintTitle()
{
    auto font = m_theme.font(Typeface::Ui, Type::tiny);
    font.setLetterSpacing(QFont::AbsoluteSpacing, 0.4);
    m_label->setFont(font);
    m_float->setIcon(m_theme.icon(QStringLiteral("float"), Ink::Faint));
    m_close->setIcon(m_theme.icon(QStringLiteral("close"), Ink::Faint));
}

void Dock::setHead(QWidget* head)
{
    m_head = head;
    settle();
}

void Dock::settle()
{
    const auto* window = qobject_cast<QMainWindow*>(parentWidget());
    bool tabbed = false;
    if (window != nullptr && !isFloating()) {
        for (const auto* other : window->tabifiedDockWidgets(this)) {
            tabbed = tabbed || !other->isHidden();
        }
    }
    QWidget* wanted = isFloating() ? nullptr
        : tabbed                   ? m_none
        : m_head != nullptr        ? m_head
                                   : m_title;
    if (titleBarWidget() == wanted) {
        return;
    }
    if (auto* old = titleBarWidget()) {
        old->hide();
    }
    setTitleBarWidget(wanted);
    if (wanted != nullptr) {
        wanted->show();
    }
}

} // namespace lightcone::window
