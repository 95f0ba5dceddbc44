#pragma once

#include "engine/session/recording.h"
#include "views/charts/charts.h"
#include "views/connect/nodes.h"
#include "views/connect/processes.h"
#include "views/events/events.h"
#include "views/export/export_dialog.h"
#include "views/inspector/checks.h"
#include "views/inspector/flights.h"
#include "views/inspector/inspector.h"
#include "views/library/library.h"
#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"
#include "views/timeline/timeline.h"
#include "views/topology/topology.h"
#include "views/window/command_palette.h"
#include "views/window/compare_choice.h"
#include "views/window/deeds.h"
#include "views/window/dock.h"
#include "views/window/ground.h"
#include "views/window/memory.h"
#include "views/window/stage.h"
#include "views/window/tool_row.h"
#include "views/window/transport.h"

#include <QMainWindow>
#include <QMenu>

#include <memory>
#include <vector>

class QProgressDialog;

namespace lightcone::window {

/// What outlives a window, which is made anew when its language changes.
struct Shared
{
    theme::Theme& theme;
    theme::Cursor& cursor;
    run::RunView& run;
    Transport& transport;
    Memory& memory;
    const Ground& ground;
};

/// The window: panels around one run, and the acts that menus, buttons, keys and the palette share.
class MainWindow final : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(const Shared& shared, QWidget* parent = nullptr);
    ~MainWindow() override;

    void open(const QString& path);
    [[nodiscard]] const QString& path() const { return m_path; }
    void setPath(const QString& path);

    /// Every panel where the picture of the design has it.
    void resetLayout();
    void rememberLayout();

    [[nodiscard]] const Deeds& deeds() const { return m_deeds; }

    /// Everything that can be done just now, for the palette.
    [[nodiscard]] std::vector<Command> commands();

    /// Says so in the window, without stopping anything.
    void warn(const QString& sentence) { m_notice->warn(sentence); }
    void tell(const QString& sentence) { m_notice->tell(sentence); }

    /// Opens a window with this run beside another.
    void compareWith(const CompareChoice::Choice& choice);

    /// Whether every view shows what the run has come to.
    [[nodiscard]] bool settled() const;
    void frame(); ///< shows the run as it is first seen, whole if it is short

signals:
    void languageChosen(const QString& language);

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool focusNextPrevChild(bool next) override;

private:
    // main_window.cpp
    void sizePanels();
    void takeFirstSize();
    void buildPanels();
    void buildStatus();
    void connectRun();
    void connectTopology();
    void refreshStatus();
    void refreshDeeds();
    void refreshFaults(bool open, bool acts, bool real);

    // menus.cpp
    void addFileDeeds();
    void addRunDeeds();
    void addFaultDeeds();
    void addTimelineDeeds();
    void addViewDeeds();
    void addHelpDeeds();
    void buildMenus();
    void fillRecent();
    void fillBranches();
    void fillNodes(QMenu& menu, const QString& verb);
    QMenu* addMenu(const QString& title, const QStringList& ids);

    // files.cpp
    void askOpen();
    void saveScenario();
    void saveRun();
    void askExport();
    [[nodiscard]] std::vector<exporting::View> pictures() const;
    [[nodiscard]] std::optional<std::pair<Instant, Instant>> visibleTime() const;
    [[nodiscard]] bool mayLeave();
    void opened(const QString& path, std::unique_ptr<session::Session> session);

    // live.cpp
    void addLiveDeeds();
    void askConnect();
    void connectTo(session::ConnectPlan plan, const QString& title);
    void askStartCluster();
    void startCluster(const connecting::StartPlan& plan);
    void continueAsSimulation();
    void showNodes();

    // compare.cpp
    void compare();
    [[nodiscard]] QString titleOf(const QString& path) const;
    [[nodiscard]] Result<session::Recording> frozen(const session::Branch& branch) const;

    // acts.cpp
    void act(const QString& line);
    void onSelected(const QString& verb);
    void crashOrRestart();
    void pauseOrResume();
    void askPartition();
    void askLink();
    void askLinkBetween(NodeId from, NodeId to);
    void askClock();
    void askDisk();
    void askRequestOf(NodeId node);
    void askLine();
    void askUntil(const QString& question = {});
    void askRunFor();
    void askGoTo();
    void fork();
    void renameBranch();
    void removeBranch();
    void showPalette();
    void showKeys();
    void showQuestions();
    void showAbout();
    [[nodiscard]] const trace::NodeState* selected() const;
    [[nodiscard]] QString selectedName() const;

    Shared m_shared;
    QString m_path;
    QString m_savedText; ///< the scenario as it was opened or saved last
    Deeds m_deeds;
    library::Library* m_library = nullptr;
    topology::Topology* m_topology = nullptr;
    timeline::Timeline* m_timeline = nullptr;
    inspector::Inspector* m_inspector = nullptr;
    inspector::Flights* m_flights = nullptr;
    inspector::Checks* m_checks = nullptr;
    events::Events* m_events = nullptr;
    charts::Charts* m_charts = nullptr;
    connecting::Nodes* m_nodes = nullptr;
    Narration* m_narration = nullptr;
    Notice* m_notice = nullptr;
    bool m_fresh = true; ///< no person has arranged the panels
    ToolRow* m_tools = nullptr;
    std::vector<Dock*> m_docks;
    Dock* m_libraryDock = nullptr;
    Dock* m_topologyDock = nullptr;
    Dock* m_timelineDock = nullptr;
    Dock* m_eventsDock = nullptr;
    Dock* m_inspectorDock = nullptr;
    Dock* m_flightsDock = nullptr;
    Dock* m_checksDock = nullptr;
    Dock* m_chartsDock = nullptr;
    Dock* m_nodesDock = nullptr;
    QLabel* m_dot = nullptr;
    QLabel* m_doing = nullptr;
    QLabel* m_event = nullptr;
    QLabel* m_instant = nullptr;
    QLabel* m_promise = nullptr;
    QMenu* m_recent = nullptr;
    QMenu* m_branches = nullptr;
    QString m_lastProblem;
    bool m_watchesNodes = false; ///< real ones
    bool m_opening = false;
};

} // namespace lightcone::window
