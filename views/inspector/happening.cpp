#include "views/inspector/happening.h"

#include <QHBoxLayout>
#include <QStyle>

namespace lightcone::inspector {

using picture::Ink;
using picture::Typeface;
using theme::Space;
using theme::Type;

namespace {

constexpr int dotSize = 8;

QLabel* addLabel(QBoxLayout* layout, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    layout->addWidget(label);
    return label;
}

QToolButton* addLink(QBoxLayout* layout, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setProperty("link", true);
    button->setCursor(Qt::PointingHandCursor);
    layout->addWidget(button);
    return button;
}

} // namespace

Happening::Happening(const theme::Theme& theme, QWidget* parent)
    : QFrame(parent)
    , m_theme(theme)
{
    setProperty("kind", "happening");
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(Space::small, 3, Space::tight, 3);
    layout->setSpacing(Space::tight);
    m_dot = addLabel(layout, this);
    m_dot->setFixedSize(dotSize, dotSize);
    layout->addSpacing(2);
    m_what = addLabel(layout, this);
    m_what->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    layout->setStretchFactor(m_what, 1);
    m_when = addLabel(layout, this);
    m_when->setProperty("kind", "small");
}

void Happening::show(Ink ink, const QString& what, const QString& when,
                     const std::vector<Deed>& deeds)
{
    if (m_ink != ink || m_dot->styleSheet().isEmpty()) {
        m_ink = ink;
        m_dot->setStyleSheet(QStringLiteral("background: %1; border-radius: %2px;")
                                 .arg(m_theme.colour(ink).name())
                                 .arg(dotSize / 2));
    }
    if (m_text != what) {
        m_text = what;
        elide();
    }
    if (m_when->text() != when) {
        m_when->setText(when);
    }
    while (m_buttons.size() < deeds.size()) {
        m_buttons.push_back(addLink(static_cast<QBoxLayout*>(layout()), this));
    }
    for (std::size_t i = 0; i < m_buttons.size(); ++i) {
        auto* button = m_buttons[i];
        button->setVisible(i < deeds.size());
        if (i >= deeds.size()) {
            continue;
        }
        if (button->text() != deeds[i].text) {
            button->setText(deeds[i].text);
        }
        button->setToolTip(deeds[i].hint);
        button->setEnabled(deeds[i].possible);
        button->disconnect(this);
        connect(button, &QToolButton::clicked, this, deeds[i].deed);
    }
    setVisible(true);
}

void Happening::elide()
{
    const auto shown = m_what->fontMetrics().elidedText(m_text, Qt::ElideRight, m_what->width());
    m_what->setText(shown);
    m_what->setToolTip(shown == m_text ? QString() : m_text);
}

void Happening::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    layout()->activate();
    elide();
}

CheckLine::CheckLine(const theme::Theme& theme, QWidget* parent)
    : QFrame(parent)
    , m_theme(theme)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 1, 0, 1);
    layout->setSpacing(Space::small);
    m_icon = addLabel(layout, this);
    m_name = addLabel(layout, this);
    layout->addStretch(1);
    m_where = addLink(layout, this);
    connect(m_where, &QToolButton::clicked, this, &CheckLine::clicked);
}

void CheckLine::show(const QString& name, const QString& text, CheckModel::State state,
                     const QString& where)
{
    using State = CheckModel::State;
    m_name->setText(name);
    m_name->setProperty("kind",
                        state == State::Broken      ? "bad"
                            : state == State::Holds ? ""
                                                    : "small");
    m_name->style()->unpolish(m_name);
    m_name->style()->polish(m_name);
    m_icon->setPixmap(CheckModel::icon(m_theme, state).pixmap(QSize(14, 14), devicePixelRatioF()));
    m_where->setText(where);
    m_where->setVisible(!where.isEmpty());
    setToolTip(text);
    setVisible(true);
}

} // namespace lightcone::inspector
