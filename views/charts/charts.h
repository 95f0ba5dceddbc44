#pragma once

#include "views/charts/panel.h"
#include "views/charts/surveyor.h"
#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"

#include <QAction>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QStringList>
#include <QTimer>
#include <QToolButton>
#include <QWidget>

#include <optional>
#include <vector>

namespace lightcone::charts {

/// The run in numbers: charts of the person's choice over one time axis, which is the whole run's
/// or the timeline's. They follow a run that goes on; a stretch brushed in one is what the timeline
/// shows.
class Charts final : public QWidget
{
    Q_OBJECT

public:
    Charts(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
           QWidget* parent = nullptr);

    /// What the timeline shows.
    void setTimeline(Instant first, Instant last);

    /// Keys of the topics that are open, in order; empty: those that the protocol suggests.
    void choose(const QStringList& keys);
    [[nodiscard]] QStringList chosen() const;

    void setLog(bool log);
    void followTimeline(bool follow);

    [[nodiscard]] const std::vector<Panel*>& panels() const { return m_panels; }

    /// The newest; nullptr before the first.
    [[nodiscard]] const SurveyPtr& survey() const { return m_survey; }

    /// Whether what is shown is all that there is to know; nothing is measured while it is hidden.
    [[nodiscard]] bool settled() const;

    /// A picture of all of them, png, svg or pdf, or all their numbers, csv one after the other.
    Result<void> write(const QString& path);

signals:
    /// chosen() is another, because the person wanted so.
    void chosenChanged();
    void told(const QString& sentence);
    void failed(const QString& sentence);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeHead();
    void foldHead();
    void restart();
    void order();
    void receive(const SurveyPtr& survey);
    void showTopics(const std::vector<Topic>& topics);
    void toggle(const Topic& topic);
    void fillMenu();
    void layPanels();
    void refreshCursor();
    void askWrite();
    [[nodiscard]] describe::ShapePtr stateShape() const;

    const theme::Theme& m_theme;
    theme::Cursor& m_cursor;
    run::RunView& m_run;
    Surveyor m_surveyor;
    QTimer m_soon; ///< so often at most is something ordered
    QStringList m_wanted; ///< keys that the person chose; empty: nobody has
    std::vector<Panel*> m_panels;
    SurveyPtr m_survey;
    std::optional<measure::Window> m_timeline;
    std::uint64_t m_version = 1;
    std::uint64_t m_serial = 0;
    bool m_log = false;
    QToolButton* m_choice;
    QAction* m_window;
    QAction* m_logScale;
    QAction* m_save;
    std::vector<QToolButton*> m_buttons; ///< of these three, where there is room
    QToolButton* m_more; ///< them in a menu, where there is none
    QLabel* m_progress;
    QMenu* m_menu;
    QScrollArea* m_scroll;
    QWidget* m_ground;
    QGridLayout* m_grid;
};

} // namespace lightcone::charts
