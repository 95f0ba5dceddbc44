#pragma once

#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"
#include "views/timeline/preparer.h"

#include <QWidget>

namespace lightcone::timeline {

/// The space-time diagram on the screen. What is drawn is prepared elsewhere; here it is shown,
/// moved and pointed at.
class Canvas final : public QWidget
{
    Q_OBJECT

public:
    Canvas(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
           QWidget* parent = nullptr);

    /// Nothing: everything is shown alike.
    void ask(std::optional<query::Query> question);

    void zoom(double x, double factor);
    void pan(double pixels);
    void fit();
    /// As a run is first seen: a short one whole, of a long one the part around the cursor, at a
    /// scale at which messages can be told apart.
    void frame();
    void show(Instant first, Instant last);
    void centreOn(Instant instant);

    /// By this many events, on the selected node or anywhere.
    void stepEvents(int by, NodeId on);
    void goToStart();
    void goToEnd();

    /// Gives each client a lane of its own, or many of them one again.
    void turnClients();

    [[nodiscard]] const picture::Scale& scale() const { return m_scale; }

    /// The newest that was made; nullptr before the first.
    [[nodiscard]] const PreparedPtr& prepared() const { return m_prepared; }

    /// The words for what lies under a point; empty for nothing.
    [[nodiscard]] QString describe(const picture::Subject& subject) const;

    /// Whether what is shown is up to date.
    [[nodiscard]] bool settled() const;

    [[nodiscard]] QSize sizeHint() const override { return {900, 320}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {320, 120}; }

signals:
    /// Another picture, or the same elsewhere.
    void shownChanged();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Drag { None, Pressed, Pan, Scrub };

    void begin();
    void restart();
    void repaintAll();
    void order();
    void follow();
    void putCursorAt(double share);
    void takeSize();
    void receive(const PreparedPtr& picture);
    void setScale(picture::Scale scale);
    void scrub(double x);
    void click(const picture::Subject& subject, QPointF at);
    void selectMessage(const picture::Subject& subject, double x);
    void look(EventId event, bool selectNode = true);
    [[nodiscard]] EventId tellingEnd(EventId request) const;
    [[nodiscard]] EventId lastAtOrBefore(Instant instant) const;
    [[nodiscard]] picture::Subject subjectAt(QPointF at) const;
    [[nodiscard]] picture::TimelineOptions options() const;
    [[nodiscard]] QString describeOperation(EventId request) const;
    [[nodiscard]] QString describeMessage(EventId send, EventId end) const;

    const theme::Theme& m_theme;
    theme::Cursor& m_cursor;
    run::RunView& m_run;
    Preparer m_preparer;
    PreparedPtr m_prepared;
    std::shared_ptr<theme::Painter> m_painter; ///< the preparer's
    std::unique_ptr<theme::Painter> m_ownPainter; ///< the window thread's
    std::shared_ptr<const picture::TextMeasure> m_measure;
    picture::Scale m_scale{};
    double m_scroll = 0;
    picture::Clients m_clients = picture::Clients::Together;
    bool m_fitted = false; ///< the first picture of a run shows something sensible
    std::optional<query::Query> m_question;
    std::uint64_t m_questionVersion = 0;
    std::uint64_t m_version = 1;
    std::uint64_t m_serial = 0;
    EventId m_lastCursor{};
    Instant m_lastInstant{};
    Drag m_drag = Drag::None;
    QPointF m_pressed;
    QPointF m_dragged;
};

} // namespace lightcone::timeline
