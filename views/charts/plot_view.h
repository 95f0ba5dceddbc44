#pragma once

#include "views/charts/surveyor.h"
#include "views/theme/theme.h"

#include <QChartView>
#include <QLineSeries>
#include <QLogValueAxis>
#include <QValueAxis>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::charts {

/// Latencies by percentile reach from 0 to 99.999 %: five nines.
constexpr double percentileNines = 5;

/// Pixels above a plot over time for the names of what was done.
constexpr int marksRoom = 14;

/// Lines over time, or latencies by percentile. Of two runs the left is solid, the right dashed.
/// Dragging brushes a stretch of time, a click picks a moment, pointing reads values.
class PlotView final : public QChartView
{
    Q_OBJECT

public:
    PlotView(const theme::Theme& theme, Topic topic, QWidget* parent = nullptr);

    /// Right may be nullptr.
    void show(const SurveyPtr& left, const SurveyPtr& right);

    void setLog(bool log);
    [[nodiscard]] bool isLog() const { return m_log; }

    /// The moment that the cursor is at.
    void setMoment(Instant moment);

    /// What the timeline shows; nothing: that is not marked.
    void setBand(std::optional<measure::Window> band);

    /// What the vertical axis counts in: "ms".
    [[nodiscard]] QString unit() const { return m_unit.name; }

    /// Names of the lines in their colours, for a label.
    [[nodiscard]] QString legend() const;

    /// Why there is nothing to draw: one sentence; empty where there is.
    [[nodiscard]] QString whyNothing() const;

    /// The values at a place, a line each; empty outside of the plot.
    [[nodiscard]] QStringList readout(double x) const;

    [[nodiscard]] double xOf(Instant instant) const;
    [[nodiscard]] Instant instantAt(double x) const;

    [[nodiscard]] QSize sizeHint() const override { return {360, 170}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {180, 120}; }

signals:
    void brushed(Instant first, Instant last);
    void picked(Instant moment);

protected:
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    /// A line that is drawn: its points in the units of the axes.
    struct Stroke
    {
        QString name;
        picture::Ink ink = picture::Ink::Calm;
        bool dashed = false;
        std::vector<QList<QPointF>> parts{};
    };

    /// Something that was done, where it is drawn.
    struct ShownMark
    {
        double x = 0;
        QString text;
        bool left = true; ///< of the left run
    };

    void dress();
    void rebuild();
    /// Whole: nothing lies between whole numbers.
    void layAxes(double most, double least, bool whole);
    void layPercentiles();
    void collect(const Survey& survey, const Figure& figure, bool dashed);
    void collectDistribution(const Figure& figure, bool dashed);
    void drawStrokes();
    [[nodiscard]] std::vector<ShownMark> marksIn(const QRectF& area) const;
    void paintNothing(QPainter& painter, const QRectF& area) const;
    void paintStretches(QPainter& painter, const QRectF& area) const;
    void paintMarks(QPainter& painter, const QRectF& area) const;
    void paintTimes(QPainter& painter, const QRectF& area) const;
    void paintPercents(QPainter& painter, const QRectF& area) const;
    void paintReadout(QPainter& painter, const QRectF& area) const;
    [[nodiscard]] picture::Ink inkOf(const std::string& line);
    [[nodiscard]] bool overTime() const { return m_topic.kind != Topic::Kind::Distribution; }
    [[nodiscard]] QStringList valuesAt(const Survey& survey, std::size_t bucket,
                                       const QString& side) const;

    const theme::Theme& m_theme;
    Topic m_topic;
    SurveyPtr m_left;
    SurveyPtr m_right;
    bool m_log = false;
    TopicWords::Unit m_unit;
    Duration m_timeStep{1}; ///< from one moment that is written below to the next
    std::optional<Instant> m_moment;
    std::optional<measure::Window> m_band;
    QValueAxis* m_x;
    QValueAxis* m_y;
    QLogValueAxis* m_logY;
    std::vector<QLineSeries*> m_series;
    std::vector<Stroke> m_strokes;
    bool m_drawn = false; ///< any of them has a point
    std::map<std::string, std::size_t> m_places{}; ///< of lines in the row of colours
    std::optional<double> m_hover;
    std::optional<double> m_pressed;
};

} // namespace lightcone::charts
