#include "views/window/main_window.h"

#include "views/run/wording.h"
#include "views/theme/text.h"
#include "views/window/narration.h"

#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QScreen>
#include <QShortcut>
#include <QStatusBar>
#include <QStyle>
#include <QTabBar>
#include <QTimer>

#include <algorithm>

namespace lightcone::window {

using picture::Ink;
using picture::Typeface;
using run::Wording;
using theme::Space;
using theme::Type;

namespace {

// Another arrangement of panels than an older window knew: its layout is not restored.
constexpr int layoutVersion = 3;
constexpr QSize firstSize(1400, 900);
constexpr int untilSized = 1000; ///< milliseconds after it is shown

} // namespace

MainWindow::MainWindow(const Shared& shared, QWidget* parent)
    : QMainWindow(parent)
    , m_shared(shared)
    , m_deeds(shared.theme, *this)
{
    setObjectName(QStringLiteral("lightcone"));
    setWindowTitle(QStringLiteral("Lightcone"));
    setWindowIcon(QIcon(QStringLiteral(":/icons/lightcone.svg")));
    setAcceptDrops(true);
    setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks
                   | QMainWindow::GroupedDragging);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    buildPanels();
    addFileDeeds();
    addLiveDeeds();
    addRunDeeds();
    addFaultDeeds();
    addTimelineDeeds();
    addViewDeeds();
    addHelpDeeds();
    buildMenus();
    m_tools = new ToolRow(m_shared.theme, m_shared.cursor, m_shared.run, m_shared.transport,
                          m_deeds, this);
    addToolBar(Qt::TopToolBarArea, m_tools);
    buildStatus();
    connectRun();
    connectTopology();
    takeFirstSize();
    resetLayout();
    restoreGeometry(m_shared.memory.geometry());
    m_fresh = !restoreState(m_shared.memory.layout(), layoutVersion);
    m_nodesDock->setVisible(false);
    for (auto* dock : m_docks) {
        dock->settle();
    }
    refreshStatus();
    refreshDeeds();
    m_timeline->setFocus();
}

MainWindow::~MainWindow() = default;

/// What shows a run well, or all of a smaller screen.
void MainWindow::takeFirstSize()
{
    const auto room = screen()->availableSize();
    resize(firstSize.boundedTo(room));
    const auto title = style()->pixelMetric(QStyle::PM_TitleBarHeight);
    if (firstSize.width() > room.width() || firstSize.height() + title > room.height()) {
        setWindowState(windowState() | Qt::WindowMaximized);
    }
}

/// What stands behind a tab counts as visible for Qt, which moves it out of the window: it would
/// take the focus unseen.
bool MainWindow::focusNextPrevChild(bool next)
{
    const auto* first = focusWidget();
    while (QMainWindow::focusNextPrevChild(next)) {
        const auto* panel = focusWidget();
        if (panel == first) {
            return true;
        }
        while (panel != nullptr && qobject_cast<const QDockWidget*>(panel) == nullptr) {
            panel = panel->parentWidget();
        }
        if (panel == nullptr || rect().intersects(panel->geometry())) {
            return true;
        }
    }
    return false;
}

void MainWindow::buildPanels()
{
    auto& theme = m_shared.theme;
    auto& cursor = m_shared.cursor;
    auto& run = m_shared.run;
    m_library = new library::Library(theme, this);
    m_topology = new topology::Topology(theme, cursor, run, this);
    m_timeline = new timeline::Timeline(theme, cursor, run, this);
    m_inspector = new inspector::Inspector(theme, cursor, run, this);
    m_flights = new inspector::Flights(theme, cursor, run, this);
    m_checks = new inspector::Checks(theme, cursor, run, this);
    m_events = new events::Events(theme, cursor, run, this);
    m_charts = new charts::Charts(theme, cursor, run, this);
    m_charts->choose(m_shared.memory.charts());
    m_nodes = new connecting::Nodes(theme, run, this);

    auto* stage = new QWidget(this);
    auto* column = new QVBoxLayout(stage);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_narration = new Narration(theme, cursor, run, stage);
    connect(m_narration, &Narration::answered, this, [this] { m_topology->setFocus(); });
    m_notice = new Notice(theme, stage);
    auto* banners = new QVBoxLayout;
    banners->setContentsMargins(Space::wide, Space::tight, Space::wide, 0);
    banners->setSpacing(Space::tight);
    banners->addWidget(m_notice);
    banners->addWidget(m_narration);
    column->addLayout(banners);
    column->addWidget(m_topology, 1);

    const auto dock = [&](const char* id, const QString& title, QWidget* content) {
        auto* made = new Dock(theme, QString::fromLatin1(id), title, content, this);
        m_docks.push_back(made);
        return made;
    };
    m_libraryDock = dock("library", tr("Library"), m_library);
    m_topologyDock = dock("topology", tr("Topology"), stage);
    m_topologyDock->setHead(new Headline(theme, cursor, run, m_topologyDock));
    m_timelineDock = dock("timeline", tr("Timeline"), m_timeline);
    m_eventsDock = dock("events", tr("Events"), m_events);
    m_inspectorDock = dock("inspector", tr("Inspector"), m_inspector);
    m_flightsDock = dock("flights", tr("In flight"), m_flights);
    m_checksDock = dock("checks", tr("Checks"), m_checks);
    m_chartsDock = dock("charts", tr("Charts"), m_charts);
    m_nodesDock = dock("nodes", tr("Nodes"), m_nodes);
}

void MainWindow::resetLayout()
{
    for (auto* dock : m_docks) {
        dock->setFloating(false);
        dock->setVisible(true);
    }
    addDockWidget(Qt::LeftDockWidgetArea, m_libraryDock);
    splitDockWidget(m_libraryDock, m_topologyDock, Qt::Horizontal);
    splitDockWidget(m_topologyDock, m_inspectorDock, Qt::Horizontal);
    splitDockWidget(m_topologyDock, m_timelineDock, Qt::Vertical);
    tabifyDockWidget(m_timelineDock, m_eventsDock);
    tabifyDockWidget(m_inspectorDock, m_flightsDock);
    tabifyDockWidget(m_flightsDock, m_checksDock);
    tabifyDockWidget(m_checksDock, m_chartsDock);
    tabifyDockWidget(m_chartsDock, m_nodesDock);
    m_nodesDock->setVisible(m_nodes->model().rowCount() > 0);
    m_timelineDock->raise();
    m_inspectorDock->raise();
    sizePanels();
    for (auto* bar : findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly)) {
        bar->setExpanding(false);
        bar->setDrawBase(false);
        bar->setUsesScrollButtons(true);
        bar->setElideMode(Qt::ElideNone);
    }
}

/// Shares of the window as the design has them.
void MainWindow::sizePanels()
{
    const int width = this->width();
    const int left = std::clamp(width * 17 / 100, 220, 340);
    const int right = std::clamp(width * 21 / 100, 345, 460); // its tabs have room
    resizeDocks({m_libraryDock, m_topologyDock, m_inspectorDock},
                {left, width - left - right, right}, Qt::Horizontal);
    resizeDocks({m_topologyDock, m_timelineDock}, {height() * 45 / 100, height() * 48 / 100},
                Qt::Vertical);
}

// Before it is seen, and until the screen has given it its size, a window's panels do not keep what
// they are told.
void MainWindow::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    if (m_fresh) {
        QTimer::singleShot(0, this, &MainWindow::sizePanels);
        QTimer::singleShot(untilSized, this, [this] { m_fresh = false; });
    }
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    if (m_fresh && isVisible()) {
        sizePanels();
    }
}

void MainWindow::buildStatus()
{
    auto* bar = statusBar();
    bar->setSizeGripEnabled(false);
    bar->setContentsMargins(Space::medium, 0, Space::medium, 0);
    m_dot = new QLabel(bar);
    m_dot->setFixedSize(8, 8);
    m_doing = new QLabel(bar);
    m_event = new QLabel(bar);
    m_instant = new QLabel(bar);
    m_promise = new QLabel(bar);
    m_promise->setProperty("kind", "muted");
    const auto gap = [bar](int width) {
        auto* made = new QWidget(bar);
        made->setFixedWidth(width);
        bar->addWidget(made);
    };
    gap(Space::tight);
    bar->addWidget(m_dot);
    bar->addWidget(m_doing);
    for (auto* label : {m_event, m_instant}) {
        gap(Space::wide);
        bar->addWidget(label);
    }
    bar->addPermanentWidget(m_promise);
}

void MainWindow::connectRun()
{
    auto& run = m_shared.run;
    auto& cursor = m_shared.cursor;
    connect(&run, &run::RunView::changed, this, [this] {
        const auto problem = q(m_shared.run.snapshot().problem);
        if (problem != m_lastProblem) {
            m_lastProblem = problem;
            m_notice->warn(problem);
        }
        showNodes();
        refreshStatus();
        refreshDeeds();
    });
    connect(&run, &run::RunView::failed, this, &MainWindow::warn);
    connect(&run, &run::RunView::stateChanged, this, &MainWindow::refreshDeeds);
    connect(&cursor, &theme::Cursor::changed, this, [this] {
        refreshStatus();
        refreshDeeds();
    });
    connect(&m_shared.transport, &Transport::changed, this, &MainWindow::refreshStatus);
    connect(&m_shared.theme, &theme::Theme::changed, this, &MainWindow::refreshStatus);
    connect(m_library, &library::Library::chosen, this, &MainWindow::open);
    connect(m_inspector, &inspector::Inspector::untilAsked, this, &MainWindow::askUntil);
    connect(m_charts, &charts::Charts::told, this, &MainWindow::tell);
    connect(m_charts, &charts::Charts::failed, this, &MainWindow::warn);
    connect(m_charts, &charts::Charts::chosenChanged, this,
            [this] { m_shared.memory.setCharts(m_charts->chosen()); });
    connect(&m_timeline->canvas(), &timeline::Canvas::shownChanged, m_charts, [this] {
        const auto& scale = m_timeline->canvas().scale();
        m_charts->setTimeline(scale.first, scale.last());
    });
    const auto countFlights = [this](int messages) {
        m_flightsDock->setWindowTitle(
            messages > 0 ? tr("In flight %1").arg(Wording::count(messages)) : tr("In flight"));
    };
    const auto countChecks = [this] {
        const auto& checks = m_checks->model();
        const auto title = checks.settled() > 0
            ? tr("Checks %1/%2").arg(checks.held()).arg(checks.settled())
            : tr("Checks");
        m_checksDock->setWindowTitle(
            checks.notJudged() > 0 ? tr("%1, %2?").arg(title).arg(checks.notJudged()) : title);
    };
    connect(m_flights, &inspector::Flights::counted, this, countFlights);
    connect(m_checks, &inspector::Checks::counted, this, countChecks);
    countFlights(m_flights->model().messages());
    countChecks();
    // Space plays where nothing is typed; elsewhere it is a space.
    for (QWidget* place : {static_cast<QWidget*>(m_topology), static_cast<QWidget*>(m_timeline)}) {
        auto* space = new QShortcut(Qt::Key_Space, place);
        space->setContext(Qt::WidgetWithChildrenShortcut);
        connect(space, &QShortcut::activated, &m_shared.transport, &Transport::playPause);
    }
    m_library->show(m_shared.ground.shelves(QLocale().name()), m_shared.memory.recent());
}

void MainWindow::setPath(const QString& path)
{
    m_path = path;
    m_library->mark(path);
    setWindowTitle(path.isEmpty()
                       ? QStringLiteral("Lightcone")
                       : QStringLiteral("%1 — Lightcone").arg(QFileInfo(path).fileName()));
    m_narration->setTranslate([translation = Translation(path, QLocale().name())](
                                  const QString& text) { return translation.of(text); });
    refreshDeeds();
}

void MainWindow::refreshStatus()
{
    const auto& run = m_shared.run;
    const bool open = run.isOpen() && run.trace();
    const auto& snapshot = run.snapshot();
    const bool playing = m_shared.transport.isPlaying();
    const auto ink = !open ? Ink::Faint : playing ? Ink::Good : Ink::Cursor;
    m_dot->setStyleSheet(QStringLiteral("background: %1; border-radius: 4px;")
                             .arg(m_shared.theme.colour(ink).name()));
    const bool replaying = playing && !snapshot.running;
    const bool asks = snapshot.question.has_value();
    m_doing->setText(m_opening       ? tr("Opening…")
                         : !open     ? tr("No run is open")
                         : replaying ? tr("Replaying what was recorded")
                         : asks      ? tr("Waiting for your answer")
                                     : Wording::doing(snapshot.doing));
    m_doing->setStyleSheet(QStringLiteral("color: %1;")
                               .arg(m_shared.theme.colour(playing ? Ink::Good : Ink::Text).name()));
    m_event->setVisible(open);
    m_instant->setVisible(open);
    if (!open) {
        m_promise->clear();
        return;
    }
    m_event->setText(
        tr("event %1 of %2")
            .arg(Wording::count(m_shared.cursor.event().value), Wording::count(run.events())));
    m_instant->setText(Wording::at(m_shared.cursor.instant()));
    m_promise->setText(
        snapshot.source == session::Source::Simulated
            ? tr("Every run replays exactly from seed %1").arg(run.trace()->about().seed)
            : q(run.trace()->about().origin));
}

void MainWindow::frame()
{
    m_timeline->canvas().frame();
}

bool MainWindow::settled() const
{
    return !m_opening && m_shared.run.judged() && m_timeline->canvas().settled()
        && m_charts->settled();
}

void MainWindow::rememberLayout()
{
    m_shared.memory.setLayout(saveGeometry(), saveState(layoutVersion));
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!mayLeave()) {
        event->ignore();
        return;
    }
    rememberLayout();
    event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls() && event->mimeData()->urls().first().isLocalFile()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event)
{
    const auto path = event->mimeData()->urls().first().toLocalFile();
    event->acceptProposedAction();
    QTimer::singleShot(0, this, [this, path] { open(path); });
}

} // namespace lightcone::window
