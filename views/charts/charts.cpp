#include "views/charts/charts.h"

#include "views/run/wording.h"
#include "views/theme/picture_file.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QSaveFile>
#include <QVBoxLayout>

#include <algorithm>

namespace lightcone::charts {

using picture::Ink;
using theme::Space;

namespace {

// Ten times a second is more than an eye reads.
constexpr int interval = 100;
constexpr int panelWidth = 330;
constexpr int panelHeight = 200;

} // namespace

Charts::Charts(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_cursor(cursor)
    , m_run(run)
    , m_choice(new QToolButton(this))
    , m_window(new QAction(tr("As the timeline"), this))
    , m_logScale(new QAction(tr("Log"), this))
    , m_save(new QAction(tr("Save…"), this))
    , m_more(new QToolButton(this))
    , m_progress(new QLabel(this))
    , m_menu(new QMenu(this))
    , m_scroll(new QScrollArea(this))
    , m_ground(new QWidget)
    , m_grid(new QGridLayout(m_ground))
{
    makeHead();
    setAutoFillBackground(true);
    const auto dress = [this] {
        auto colours = palette();
        colours.setColor(QPalette::Window, m_theme.colour(Ink::Ground));
        setPalette(colours);
    };
    dress();
    m_soon.setSingleShot(true);
    m_soon.setInterval(interval);
    connect(&m_soon, &QTimer::timeout, this, &Charts::order);
    connect(&theme, &theme::Theme::changed, this, dress);
    connect(&run, &run::RunView::opened, this, &Charts::restart);
    connect(&run, &run::RunView::branchChanged, this, &Charts::restart);
    const auto soon = [this] {
        if (!m_soon.isActive()) {
            m_soon.start();
        }
    };
    connect(&run, &run::RunView::grew, this, soon);
    connect(&cursor, &theme::Cursor::changed, this, &Charts::refreshCursor);
    connect(&m_surveyor, &Surveyor::surveyed, this, &Charts::receive);
    restart();
}

void Charts::makeHead()
{
    m_choice->setText(tr("Charts"));
    m_choice->setToolTip(tr("Chooses which charts are shown"));
    m_choice->setAccessibleName(m_choice->toolTip());
    m_choice->setPopupMode(QToolButton::InstantPopup);
    m_choice->setMenu(m_menu);
    m_menu->setObjectName(QStringLiteral("choice"));
    m_menu->installEventFilter(this);
    connect(m_menu, &QMenu::aboutToShow, this, &Charts::fillMenu);
    m_window->setToolTip(
        tr("Shows the stretch of time that the timeline shows, not the whole run (T)"));
    m_window->setCheckable(true);
    m_logScale->setToolTip(tr("Counts upwards in powers of ten (L)"));
    m_logScale->setCheckable(true);
    m_save->setToolTip(tr("Saves all charts as a picture, or their numbers as a table"));
    connect(m_window, &QAction::toggled, this, [this] {
        refreshCursor();
        order();
    });
    connect(m_logScale, &QAction::toggled, this, &Charts::setLog);
    connect(m_save, &QAction::triggered, this, &Charts::askWrite);
    m_more->setObjectName(QStringLiteral("more"));
    m_more->setText(QStringLiteral("⋯"));
    m_more->setToolTip(tr("More of the charts"));
    m_more->setAccessibleName(m_more->toolTip());
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));
    m_progress->setProperty("kind", "muted");
    // Its buttons fold: they do not say how narrow the panel may be.
    auto* bar = new QWidget(this);
    bar->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    auto* head = new QHBoxLayout(bar);
    head->setContentsMargins(Space::small, 0, Space::small, 0);
    head->setSpacing(Space::tight);
    head->addWidget(m_choice);
    for (auto* action : {m_window, m_logScale, m_save}) {
        auto* button = new QToolButton(this);
        button->setDefaultAction(action);
        button->setAccessibleName(action->toolTip());
        head->addWidget(button);
        m_buttons.push_back(button);
        m_more->menu()->addAction(action);
    }
    head->addWidget(m_more);
    head->addWidget(m_progress, 1);
    m_grid->setContentsMargins(Space::small, 0, Space::small, Space::small);
    m_grid->setSpacing(Space::small);
    m_scroll->setWidget(m_ground);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, Space::small, 0, 0);
    column->setSpacing(Space::small);
    column->addWidget(bar);
    column->addWidget(m_scroll, 1);
}

/// Buttons without room go into a menu.
void Charts::foldHead()
{
    int wanted = m_choice->sizeHint().width() + 2 * Space::small;
    for (const auto* button : m_buttons) {
        wanted += button->sizeHint().width() + Space::tight;
    }
    const bool room = wanted <= width();
    for (auto* button : m_buttons) {
        button->setVisible(room);
    }
    m_more->setVisible(!room);
}

/// What is ticked in the menu of charts leaves it open: several are chosen at once.
bool Charts::eventFilter(QObject* watched, QEvent* event)
{
    const bool released = event->type() == QEvent::MouseButtonRelease;
    const bool pressed =
        event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space;
    if (watched == m_menu && (released || pressed)) {
        auto* action = m_menu->activeAction();
        if (action != nullptr && action->isCheckable()) {
            action->trigger();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

describe::ShapePtr Charts::stateShape() const
{
    return m_run.trace() ? m_run.trace()->about().card.state : nullptr;
}

/// Another run, or another branch of it.
void Charts::restart()
{
    ++m_version;
    m_survey.reset();
    choose(m_wanted);
    order();
}

void Charts::choose(const QStringList& keys)
{
    m_wanted = keys;
    std::vector<Topic> topics;
    const auto known = topicsOf(stateShape());
    for (const auto& key : keys) {
        const auto found =
            std::ranges::find_if(known, [&](const Topic& topic) { return topic.key() == key; });
        if (found != known.end()) {
            topics.push_back(*found);
        }
    }
    showTopics(topics.empty() ? usualTopics(stateShape()) : topics);
}

QStringList Charts::chosen() const
{
    QStringList keys;
    for (const auto* panel : m_panels) {
        keys << panel->topic().key();
    }
    return keys;
}

void Charts::showTopics(const std::vector<Topic>& topics)
{
    std::vector<Panel*> kept;
    for (const auto& topic : topics) {
        const auto found =
            std::ranges::find_if(m_panels, [&](Panel* panel) { return panel->topic() == topic; });
        if (found != m_panels.end()) {
            kept.push_back(*found);
            continue;
        }
        auto* panel = new Panel(m_theme, topic, m_ground);
        panel->setMinimumHeight(panelHeight);
        panel->setLog(m_log);
        connect(panel, &Panel::brushed, &m_cursor, &theme::Cursor::show);
        connect(panel, &Panel::picked, this, [this](Instant moment) {
            if (m_run.trace()) {
                const auto event =
                    std::min(trace::eventAt(*m_run.trace(), moment), EventId(m_run.events()));
                if (event) {
                    m_cursor.setEvent(event, (*m_run.trace())[event].at);
                }
            }
        });
        connect(panel, &Panel::closed, this, [this, panel] { toggle(panel->topic()); });
        connect(panel, &Panel::told, this, &Charts::told);
        connect(panel, &Panel::failed, this, &Charts::failed);
        kept.push_back(panel);
    }
    for (auto* panel : m_panels) {
        if (std::ranges::find(kept, panel) == kept.end()) {
            panel->deleteLater();
        }
    }
    m_panels = std::move(kept);
    layPanels();
    refreshCursor();
}

void Charts::toggle(const Topic& topic)
{
    auto keys = chosen();
    if (keys.contains(topic.key())) {
        keys.removeAll(topic.key());
    } else {
        keys << topic.key();
    }
    choose(keys);
    order();
    emit chosenChanged();
}

void Charts::fillMenu()
{
    m_menu->clear();
    const auto open = chosen();
    bool gauges = false;
    for (const auto& topic : topicsOf(stateShape())) {
        if (topic.kind == Topic::Kind::Gauge && !gauges) {
            m_menu->addSection(tr("In the nodes' states"));
            gauges = true;
        }
        auto* action =
            m_menu->addAction(TopicWords::title(topic), this, [this, topic] { toggle(topic); });
        action->setCheckable(true);
        action->setChecked(open.contains(topic.key()));
        action->setToolTip(TopicWords::hint(topic));
    }
    m_menu->addSeparator();
    m_menu->addAction(tr("As the protocol suggests"), this, [this] {
        choose({});
        order();
        emit chosenChanged();
    });
}

void Charts::layPanels()
{
    const auto columns = std::max(1, m_scroll->viewport()->width() / panelWidth);
    while (m_grid->count() > 0) {
        delete m_grid->takeAt(0);
    }
    for (int i = 0; i < m_grid->columnCount(); ++i) {
        m_grid->setColumnStretch(i, i < columns ? 1 : 0);
    }
    for (std::size_t i = 0; i < m_panels.size(); ++i) {
        const auto place = static_cast<int>(i);
        m_grid->addWidget(m_panels[i], place / columns, place % columns);
        m_grid->setColumnStretch(place % columns, 1);
        m_panels[i]->QWidget::show();
    }
}

void Charts::order()
{
    if (!isVisible() || !m_run.isOpen() || !m_run.trace()) {
        return;
    }
    Order order;
    order.trace = m_run.trace();
    order.version = m_version;
    order.events = m_run.events();
    order.serial = ++m_serial;
    for (const auto* panel : m_panels) {
        order.topics.push_back(panel->topic());
    }
    if (std::ranges::any_of(order.topics,
                            [](const Topic& topic) { return topic.kind == Topic::Kind::Gauge; })) {
        order.states = m_run.session().states(m_run.snapshot().current);
    }
    if (m_window->isChecked()) {
        order.window = m_timeline;
    }
    m_surveyor.order(std::move(order));
}

void Charts::receive(const SurveyPtr& survey)
{
    if (survey->version != m_version) {
        return; // of a run that is gone
    }
    m_survey = survey;
    for (auto* panel : m_panels) {
        panel->show(survey);
    }
    // A run that goes on is always a little ahead.
    const auto all = m_run.events();
    const auto percent = all > 0 ? 100 * survey->events / all : 100;
    m_progress->setText(percent < 95 ? tr("measuring, %1 %").arg(percent) : QString());
    refreshCursor();
}

void Charts::refreshCursor()
{
    const bool follows = m_window->isChecked();
    for (auto* panel : m_panels) {
        panel->setMoment(m_cursor.instant());
        panel->setBand(follows ? std::nullopt : m_timeline);
    }
}

void Charts::setTimeline(Instant first, Instant last)
{
    const measure::Window window{first, last};
    if (m_timeline == window) {
        return;
    }
    m_timeline = window;
    refreshCursor();
    if (m_window->isChecked() && !m_soon.isActive()) {
        m_soon.start();
    }
}

void Charts::setLog(bool log)
{
    m_log = log;
    m_logScale->setChecked(log);
    for (auto* panel : m_panels) {
        panel->setLog(log);
    }
}

void Charts::followTimeline(bool follow)
{
    m_window->setChecked(follow);
}

bool Charts::settled() const
{
    return !isVisible() || !m_run.isOpen()
        || (m_survey && m_survey->complete && m_survey->serial == m_serial && !m_soon.isActive());
}

void Charts::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    foldHead();
    order();
}

void Charts::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    foldHead();
    layPanels();
}

void Charts::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_L:
        setLog(!m_log);
        break;
    case Qt::Key_T:
        m_window->toggle();
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

void Charts::askWrite()
{
    const auto path = QFileDialog::getSaveFileName(
        this, tr("Save the charts"), QDir::homePath() + QStringLiteral("/charts.png"),
        tr("Pictures (*.png *.svg *.pdf);;Tables (*.csv)"));
    if (!path.isEmpty()) {
        if (const auto done = write(path)) {
            emit told(tr("Written to %1.").arg(path));
        } else {
            emit failed(QString::fromStdString(done.error().message));
        }
    }
}

Result<void> Charts::write(const QString& path)
{
    if (QFileInfo(path).suffix().toLower() != QStringLiteral("csv")) {
        const auto showMenus = [this](bool shown) {
            std::ranges::for_each(m_panels, [shown](Panel* panel) { panel->setMenuShown(shown); });
        };
        showMenus(false);
        auto done = theme::writePicture(path, m_ground->size(), [this](QPainter& painter) {
            painter.fillRect(m_ground->rect(), m_theme.colour(Ink::Ground));
            m_ground->render(&painter, QPoint(), QRegion(), DrawWindowBackground | DrawChildren);
        });
        showMenus(true);
        return done;
    }
    QString text;
    for (const auto* panel : m_panels) {
        PlotModel model;
        model.show(panel->topic(), m_survey, {});
        text += (text.isEmpty() ? QString() : QStringLiteral("\r\n"))
            + TopicWords::title(panel->topic()) + QStringLiteral("\r\n") + model.csv();
    }
    QSaveFile file(path);
    const auto bytes = text.toUtf8();
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        return fail(tr("%1 cannot be written: %2.").arg(path, file.errorString()).toStdString());
    }
    return {};
}

} // namespace lightcone::charts
