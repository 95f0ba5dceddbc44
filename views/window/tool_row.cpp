#include "views/window/tool_row.h"

#include <QHBoxLayout>
#include <QToolButton>

namespace lightcone::window {

using picture::Ink;
using picture::Typeface;
using theme::Space;
using theme::Type;

ToolRow::ToolRow(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
                 Transport& transport, const Deeds& deeds, QWidget* parent)
    : QToolBar(parent)
    , m_theme(theme)
    , m_cursor(cursor)
    , m_run(run)
    , m_transport(transport)
    , m_deeds(deeds)
{
    setObjectName(QStringLiteral("tools"));
    setWindowTitle(tr("Controls"));
    setMovable(false);
    setContextMenuPolicy(Qt::PreventContextMenu);
    setIconSize(QSize(14, 14));
    for (const auto* id : {"toStart", "stepBack", "play", "step", "toEnd"}) {
        addButton(deeds[QString::fromLatin1(id)], false);
    }
    addPace();
    addSeparator();
    for (const auto* id : {"partition", "crash", "pauseNode", "slowLink", "fork"}) {
        addButton(deeds[QString::fromLatin1(id)], true);
    }
    addButton(deeds["compare"], false); // a small window still has room for a request
    addRequest();
    connect(&transport, &Transport::changed, this, &ToolRow::refresh);
    connect(&cursor, &theme::Cursor::changed, this, &ToolRow::refresh);
    connect(&run, &run::RunView::opened, this, &ToolRow::learnRequests);
    connect(&theme, &theme::Theme::changed, this, &ToolRow::refresh);
    learnRequests();
    refresh();
}

void ToolRow::addButton(QAction* action, bool withText)
{
    auto* button = new QToolButton(this);
    button->setDefaultAction(action);
    button->setToolButtonStyle(withText ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    button->setFocusPolicy(Qt::TabFocus);
    if (!withText) {
        button->setMinimumWidth(34);
    }
    addWidget(button);
}

void ToolRow::addPace()
{
    auto* group = new QWidget(this);
    group->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
    auto* row = new QHBoxLayout(group);
    row->setContentsMargins(Space::medium, 0, Space::small, 0);
    row->setSpacing(Space::small);
    m_pace = new QLabel(group);
    m_pace->setProperty("kind", "muted");
    int widest = 0;
    for (int place = 0; place < Transport::paceCount; ++place) {
        widest = std::max(widest,
                          QFontMetrics(m_theme.font(Typeface::Ui, Type::body))
                              .horizontalAdvance(Transport::paceText(place)));
    }
    m_pace->setMinimumWidth(widest + 2);
    m_pace->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    row->addWidget(m_pace);
    m_slider = new QSlider(Qt::Horizontal, group);
    m_slider->setRange(0, Transport::paceCount - 1);
    m_slider->setPageStep(3);
    m_slider->setFixedWidth(100);
    m_slider->setValue(m_transport.pace());
    m_slider->setAccessibleName(tr("Speed"));
    row->addWidget(m_slider, 1);
    addWidget(group);
    connect(m_slider, &QSlider::valueChanged, &m_transport, &Transport::setPace);
}

void ToolRow::addRequest()
{
    auto* group = new QWidget(this);
    group->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    auto* row = new QHBoxLayout(group);
    row->setContentsMargins(Space::small, 0, 0, 0);
    row->setSpacing(Space::tight + 2);
    row->addStretch(1);
    m_request = new QLineEdit(group);
    m_request->setFont(m_theme.font(Typeface::Data, Type::small));
    m_request->setAccessibleName(tr("Request of a client"));
    m_request->setMinimumWidth(90);
    m_request->setMaximumWidth(180);
    auto* completer = new QCompleter(&m_samples, this);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_request->setCompleter(completer);
    row->addWidget(m_request, 2);
    m_send = new QPushButton(tr("Send request"), group);
    m_send->setObjectName(QStringLiteral("sendRequest"));
    m_send->setProperty("primary", true);
    row->addWidget(m_send);
    addWidget(group);
    connect(m_request, &QLineEdit::returnPressed, this, &ToolRow::sendRequest);
    connect(m_send, &QPushButton::clicked, this, &ToolRow::sendRequest);
}

void ToolRow::learnRequests()
{
    QStringList samples;
    if (m_run.trace()) {
        for (const auto& request : m_run.trace()->about().card.requests) {
            samples << QString::fromStdString(request.sample);
        }
    }
    m_samples.setStringList(samples);
    m_request->setPlaceholderText(samples.isEmpty() ? tr("no requests") : samples.first());
    m_request->clear();
    refresh();
}

void ToolRow::focusRequest()
{
    m_request->setFocus();
    m_request->selectAll();
}

// An empty line sends the sample that it shows.
void ToolRow::sendRequest()
{
    auto words = m_request->text().trimmed();
    if (words.isEmpty() && !m_samples.stringList().isEmpty()) {
        words = m_samples.stringList().first();
    }
    if (!words.isEmpty() && m_run.isOpen()) {
        m_run.act("request " + words.toStdString(), m_cursor.event());
    }
}

void ToolRow::refresh()
{
    const bool isReal = m_transport.followsRealNodes();
    m_pace->setText(isReal                       ? tr("real time")
                        : m_transport.isByHand() ? tr("by hand")
                                                 : Transport::paceText(m_transport.pace()));
    const QSignalBlocker blocked(m_slider);
    m_slider->setValue(m_transport.pace());
    m_slider->setEnabled(!m_transport.isByHand() && !isReal);
    m_slider->setToolTip(isReal
                             ? tr("Real nodes go at their own speed; what is past can be replayed "
                                  "at any")
                             : tr("How fast virtual time passes, from 1/1000 to as fast as it "
                                  "goes"));
    const auto whyNot = m_transport.whyNotRequest();
    for (QWidget* each : {static_cast<QWidget*>(m_request), static_cast<QWidget*>(m_send)}) {
        each->setEnabled(whyNot.isEmpty());
        each->setToolTip(whyNot.isEmpty()
                             ? tr("A client asks the cluster; to ask one node add: to n2")
                             : whyNot);
    }
    // Qt leaves too little room between an icon and its text.
    for (const auto* id : {"partition", "crash", "pauseNode", "slowLink", "fork", "compare"}) {
        auto* action = m_deeds[QString::fromLatin1(id)];
        action->setIconText(QLatin1Char(' ') + Deeds::plainText(*action));
    }
    auto* play = m_deeds[QStringLiteral("play")];
    const bool playing = m_transport.isPlaying();
    play->setIcon(
        m_theme.icon(playing ? QStringLiteral("pause") : QStringLiteral("play"), Ink::Cursor));
    play->setText(playing ? tr("Pause") : tr("Play"));
    const auto why = m_transport.whyNotPlay();
    play->setEnabled(playing || why.isEmpty());
    play->setToolTip(why.isEmpty() ? QStringLiteral("%1 (%2)").arg(
                         play->text(), play->shortcut().toString(QKeySequence::NativeText))
                                   : why);
}

} // namespace lightcone::window
