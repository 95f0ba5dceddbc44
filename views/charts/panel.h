#pragma once

#include "views/charts/plot_model.h"
#include "views/charts/plot_view.h"
#include "views/charts/share_bars.h"
#include "views/theme/theme.h"

#include <QFrame>
#include <QLabel>
#include <QToolButton>

namespace lightcone::charts {

/// One chart with its title, its legend, and what can be done with it.
class Panel final : public QFrame
{
    Q_OBJECT

public:
    Panel(const theme::Theme& theme, Topic topic, QWidget* parent = nullptr);

    [[nodiscard]] const Topic& topic() const { return m_topic; }

    /// Right may be nullptr.
    void show(const SurveyPtr& left, const SurveyPtr& right = {});
    void setLog(bool log);
    void setMoment(Instant moment);
    void setBand(std::optional<measure::Window> band);

    /// Writes the chart, by the file's ending: png, svg, pdf or csv. The error is one sentence.
    Result<void> write(const QString& path);

    /// On a picture there is nothing to click.
    void setMenuShown(bool shown);

    [[nodiscard]] const PlotModel& model() const { return *m_model; }

    /// nullptr for the shares.
    [[nodiscard]] PlotView* plot() const { return m_plot; }

    /// nullptr for all but the shares.
    [[nodiscard]] ShareBars* bars() const { return m_bars; }

signals:
    void brushed(Instant first, Instant last);
    void picked(Instant moment);
    void closed();

    /// What was done with it, or why it could not be: one sentence.
    void told(const QString& sentence);
    void failed(const QString& sentence);

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void dress();
    void refreshWords();
    void askWrite(const QString& filter, const QString& ending);
    void fillMenu(QMenu& menu);

    const theme::Theme& m_theme;
    Topic m_topic;
    PlotModel* m_model;
    PlotView* m_plot = nullptr;
    ShareBars* m_bars = nullptr;
    QLabel* m_title;
    QLabel* m_unit;
    QLabel* m_legend;
    QToolButton* m_more = nullptr;
    SurveyPtr m_left;
    SurveyPtr m_right;
};

} // namespace lightcone::charts
