#include "views/timeline/canvas.h"

#include "engine/core/time.h"
#include "views/run/wording.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QResizeEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace lightcone::timeline {

using picture::Subject;

namespace {

constexpr double rulerHeight = 34;
constexpr double firstScale = 100'000; ///< nanoseconds a pixel, until the person zooms

/// Of a live run, where a second takes a second: a few of them are seen at once.
constexpr double liveScale = 5'000'000;

} // namespace

Canvas::Canvas(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_cursor(cursor)
    , m_run(run)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Timeline"));
    setAccessibleDescription(
        tr("A lane for each node and an arrow for each message. Arrow keys step by event, with "
           "Ctrl by the selected node's events; plus and minus zoom."));
    m_scale.nanosecondsPerPixel = firstScale;
    connect(&m_preparer, &Preparer::prepared, this, &Canvas::receive);
    connect(&theme, &theme::Theme::changed, this, &Canvas::repaintAll);
    connect(&run, &run::RunView::opened, this, &Canvas::begin);
    connect(&run, &run::RunView::branchChanged, this, &Canvas::restart);
    connect(&run, &run::RunView::grew, this, [this] {
        follow();
        order();
    });
    connect(&cursor, &theme::Cursor::changed, this, [this] {
        follow();
        order();
        update();
    });
    connect(&run, &run::RunView::linearityChanged, this, &Canvas::order);
    connect(&cursor, &theme::Cursor::shown, this, &Canvas::show);
    repaintAll();
}

void Canvas::repaintAll()
{
    m_painter = std::make_shared<theme::Painter>(m_theme);
    m_ownPainter = std::make_unique<theme::Painter>(m_theme);
    m_measure = std::make_shared<theme::FontMeasure>(m_theme);
    order();
    update();
}

void Canvas::begin()
{
    if (m_run.isOpen() && m_run.snapshot().source == session::Source::Live) {
        m_scale.nanosecondsPerPixel = liveScale;
        m_fitted = true;
    }
    restart();
}

void Canvas::restart()
{
    ++m_version;
    m_lastCursor = {};
    if (!m_run.isOpen()) {
        m_prepared.reset();
        m_fitted = false;
        update();
        emit shownChanged();
        return;
    }
    order();
}

picture::TimelineOptions Canvas::options() const
{
    picture::TimelineOptions options;
    options.selected = EventId(std::min(m_cursor.event().value, m_run.events()));
    options.selectedNode = m_cursor.node();
    options.clients = m_clients;
    options.cursor = m_cursor.instant();
    options.linearization = m_run.linearity() ? m_run.linearity()->places : nullptr;
    // What could an operation that cannot be have known? That is the question it puts.
    options.pastOnly =
        options.linearization && options.linearization->impossibleAt(options.selected) != nullptr;
    options.lightCone = m_cursor.cone() || options.pastOnly;
    options.scroll = m_scroll;
    options.showCursor = false;
    run::Wording::translate(options.words);
    return options;
}

void Canvas::order()
{
    if (!m_run.isOpen() || !m_run.trace() || width() < 40 || height() < 40) {
        return;
    }
    takeSize();
    if (!m_fitted && m_run.events() > 0) {
        m_fitted = true;
        const auto whole = static_cast<double>(m_run.now().time_since_epoch().count());
        if (whole > 0 && whole < firstScale * m_scale.plotWidth() && m_run.events() > 30) {
            m_scale = m_scale.fitted(Instant{}, m_run.now());
        }
        follow();
    }
    Order wanted;
    wanted.trace = m_run.trace();
    wanted.version = m_version;
    wanted.scale = m_scale;
    wanted.options = options();
    wanted.question = m_question;
    wanted.questionVersion = m_questionVersion;
    wanted.pixelRatio = devicePixelRatioF();
    wanted.painter = m_painter;
    wanted.measure = m_measure;
    wanted.serial = ++m_serial;
    m_preparer.order(std::move(wanted));
}

void Canvas::receive(const PreparedPtr& picture)
{
    if (!m_run.isOpen()) {
        return;
    }
    m_prepared = picture;
    m_scale.gutter = picture->scale.gutter;
    m_scroll = std::min(m_scroll, picture->mostScroll);
    update();
    emit shownChanged();
}

bool Canvas::settled() const
{
    return m_prepared && m_prepared->serial == m_serial && m_preparer.idle();
}

void Canvas::follow()
{
    if (m_drag == Drag::Scrub || m_drag == Drag::Pan || !m_run.isOpen()) {
        return;
    }
    const bool moved = m_lastCursor != m_cursor.event();
    if (!moved && m_lastInstant == m_cursor.instant()) {
        return;
    }
    m_lastCursor = m_cursor.event();
    m_lastInstant = m_cursor.instant();
    const double x = m_scale.x(m_cursor.instant());
    if (m_cursor.followsEnd()) {
        if (x > m_scale.width - 12 || x < m_scale.gutter) {
            putCursorAt(0.85);
        }
    } else if (moved && (x > m_scale.width - 4 || x < m_scale.gutter)) {
        putCursorAt(0.4);
    }
}

/// Pans until the cursor is at that share of the picture's width.
void Canvas::putCursorAt(double share)
{
    const double x = m_scale.x(m_cursor.instant());
    m_scale = m_scale.panned(x - m_scale.gutter - m_scale.plotWidth() * share);
    const auto beginning = Instant(Duration(std::llround(-8 * m_scale.nanosecondsPerPixel)));
    m_scale.first = std::max(m_scale.first, beginning);
}

/// A cursor that was seen is still seen in a narrower picture. The event of a resize does not say
/// how wide it was before: one that was put off until the widget is shown has no old size.
void Canvas::takeSize()
{
    const double x = m_scale.x(m_cursor.instant());
    const bool wasSeen = x >= m_scale.gutter && x <= m_scale.width;
    const bool narrower = width() < m_scale.width;
    m_scale.width = width();
    m_scale.height = height();
    if (narrower && wasSeen && x > m_scale.width - 12) {
        putCursorAt(0.85);
    }
}

void Canvas::setScale(picture::Scale scale)
{
    // A little of nothing may be seen before the beginning and after the end, never only nothing.
    const auto end = std::max(m_run.now(), Instant(Duration(1)));
    const auto room = Duration(std::llround(scale.plotWidth() * scale.nanosecondsPerPixel * 0.9));
    const auto least = Instant{} - room;
    scale.first = std::clamp(scale.first, least, std::max(least, end - room / 10));
    m_scale = scale;
    order();
    update();
    emit shownChanged();
}

void Canvas::zoom(double x, double factor)
{
    setScale(m_scale.zoomed(std::max(x, m_scale.gutter), factor));
}

void Canvas::pan(double pixels)
{
    setScale(m_scale.panned(pixels));
}

void Canvas::frame()
{
    m_fitted = false;
    m_scale.nanosecondsPerPixel = firstScale;
    putCursorAt(0.85);
    order();
    emit shownChanged();
}

void Canvas::fit()
{
    setScale(m_scale.fitted(Instant{}, std::max(m_run.now(), Instant(Duration(1'000'000)))));
}

void Canvas::show(Instant first, Instant last)
{
    setScale(m_scale.fitted(first, std::max(last, first + Duration(1))));
}

void Canvas::centreOn(Instant instant)
{
    setScale(m_scale.panned(m_scale.x(instant) - m_scale.gutter - m_scale.plotWidth() / 2));
}

void Canvas::ask(std::optional<query::Query> question)
{
    m_question = std::move(question);
    ++m_questionVersion;
    order();
}

void Canvas::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.colour(picture::Ink::Ground));
    if (!m_prepared || !m_run.isOpen()) {
        painter.setPen(m_theme.colour(picture::Ink::Faint));
        painter.setFont(m_theme.font(picture::Typeface::Ui, theme::Type::body));
        painter.drawText(rect(), Qt::AlignCenter,
                         m_run.isOpen() ? tr("Nothing has happened yet")
                                        : tr("Open a run from the library"));
        return;
    }
    const auto& old = m_prepared->scale;
    if (old == m_scale) {
        painter.drawImage(QPointF(0, 0), m_prepared->image);
    } else {
        // The picture as it was, moved to where it belongs, until the next one is there.
        const double ratio = m_prepared->image.devicePixelRatio();
        const QRectF gutter(0, 0, old.gutter * ratio, m_prepared->image.height());
        const QRectF plot(old.gutter * ratio, 0, m_prepared->image.width() - old.gutter * ratio,
                          m_prepared->image.height());
        const double left = m_scale.x(old.first);
        const double right = m_scale.x(old.last());
        painter.save();
        painter.setClipRect(QRectF(m_scale.gutter, 0, width() - m_scale.gutter, height()));
        painter.drawImage(QRectF(left, 0, right - left, old.height), m_prepared->image, plot);
        painter.restore();
        painter.drawImage(QRectF(0, 0, old.gutter, old.height), m_prepared->image, gutter);
    }
    auto shown = options();
    shown.lanes = m_prepared->lanes;
    m_ownPainter->paint(painter,
                        picture::timelineCursor(*m_run.trace(), m_run.events(), m_scale, shown));
    if (hasFocus()) {
        painter.setPen(QPen(m_theme.colour(picture::Ink::Selected), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

/// What was looked at stays in view when there is less room.
void Canvas::resizeEvent(QResizeEvent* /*event*/)
{
    order();
}

Subject Canvas::subjectAt(QPointF at) const
{
    if (!m_prepared || !(m_prepared->scale == m_scale)) {
        return {};
    }
    return m_prepared->drawing.hit({at.x(), at.y()}, 5);
}

EventId Canvas::lastAtOrBefore(Instant instant) const
{
    std::uint64_t low = 1;
    auto high = m_run.events() + 1;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if ((*m_run.trace())[EventId(middle)].at <= instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return EventId(low - 1);
}

void Canvas::look(EventId id, bool selectNode)
{
    if (!id || id.value > m_run.events()) {
        m_cursor.setEvent({}, Instant{});
        return;
    }
    const auto& event = (*m_run.trace())[id];
    if (selectNode && event.node) {
        m_cursor.setNode(event.node);
    }
    m_cursor.setEvent(id, event.at);
}

void Canvas::selectMessage(const Subject& subject, double x)
{
    const auto& trace = *m_run.trace();
    const double begin = m_scale.x(trace[subject.event].at);
    if (subject.last && std::abs(m_scale.x(trace[subject.last].at) - x) < std::abs(begin - x)) {
        look(subject.last);
        return;
    }
    look(subject.event);
}

/// The end of an operation that is impossible says more than its beginning.
EventId Canvas::tellingEnd(EventId request) const
{
    const auto& linearity = m_run.linearity();
    const auto* impossible =
        linearity && linearity->places ? linearity->places->impossibleAt(request) : nullptr;
    return impossible != nullptr && impossible->reply ? impossible->reply : request;
}

void Canvas::click(const Subject& subject, QPointF at)
{
    switch (subject.kind) {
    case Subject::Kind::Message:
        selectMessage(subject, at.x());
        return;
    case Subject::Kind::Event:
    case Subject::Kind::Fault:
    case Subject::Kind::Bundle:
        look(subject.event);
        return;
    case Subject::Kind::Operation:
        look(tellingEnd(subject.event));
        return;
    case Subject::Kind::Lane:
        if (subject.node != picture::clientsLane) {
            m_cursor.setNode(subject.node);
        } else if (at.x() < m_scale.gutter) {
            turnClients();
        }
        if (at.x() >= m_scale.gutter) {
            look(lastAtOrBefore(m_scale.at(at.x())), false);
        }
        return;
    default:
        if (at.x() >= m_scale.gutter) {
            look(lastAtOrBefore(m_scale.at(at.x())), false);
        }
    }
}

void Canvas::turnClients()
{
    m_clients = m_clients == picture::Clients::Together ? picture::Clients::Apart
                                                        : picture::Clients::Together;
    order();
}

void Canvas::scrub(double x)
{
    look(lastAtOrBefore(m_scale.at(std::clamp(x, m_scale.gutter, m_scale.width))), false);
}

void Canvas::wheelEvent(QWheelEvent* event)
{
    if (!m_run.isOpen()) {
        return;
    }
    const auto angle = event->angleDelta();
    if (event->modifiers() & Qt::ShiftModifier) {
        const int delta = angle.y() != 0 ? angle.y() : angle.x();
        const double most = m_prepared ? m_prepared->mostScroll : 0;
        m_scroll = std::clamp(m_scroll - delta / 4.0, 0.0, most);
        order();
    } else if (std::abs(angle.x()) > std::abs(angle.y())) {
        pan(-angle.x() / 2.0);
    } else {
        zoom(event->position().x(), std::pow(1.0015, -angle.y()));
    }
    event->accept();
}

void Canvas::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !m_run.isOpen()) {
        return;
    }
    m_pressed = event->position();
    m_dragged = m_pressed;
    const bool onCursor =
        std::abs(m_pressed.x() - m_scale.x(m_cursor.instant())) < 5 && m_pressed.y() < rulerHeight;
    if (m_pressed.x() >= m_scale.gutter && (m_pressed.y() < rulerHeight - 10 || onCursor)) {
        m_drag = Drag::Scrub;
        scrub(m_pressed.x());
    } else {
        m_drag = Drag::Pressed;
    }
}

void Canvas::mouseMoveEvent(QMouseEvent* event)
{
    const auto at = event->position();
    if (m_drag == Drag::Scrub) {
        scrub(at.x());
        return;
    }
    if (m_drag == Drag::Pressed && (at - m_pressed).manhattanLength() > 5) {
        m_drag = Drag::Pan;
        setCursor(Qt::ClosedHandCursor);
    }
    if (m_drag == Drag::Pan) {
        const double most = m_prepared ? m_prepared->mostScroll : 0;
        m_scroll = std::clamp(m_scroll - (at.y() - m_dragged.y()), 0.0, most);
        pan(m_dragged.x() - at.x());
        m_dragged = at;
        return;
    }
    const auto kind = subjectAt(at).kind;
    setCursor(kind == Subject::Kind::None ? Qt::ArrowCursor : Qt::PointingHandCursor);
}

void Canvas::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) {
        return;
    }
    const auto drag = std::exchange(m_drag, Drag::None);
    if (drag == Drag::Pressed) {
        click(subjectAt(m_pressed), m_pressed);
    }
    setCursor(Qt::ArrowCursor);
}

void Canvas::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !m_run.isOpen()) {
        return;
    }
    const auto subject = subjectAt(event->position());
    const auto& trace = *m_run.trace();
    const bool hasEnd = subject.event && subject.last && subject.last.value <= m_run.events();
    if (hasEnd && trace[subject.last].at > trace[subject.event].at) {
        const auto from = trace[subject.event].at;
        const auto to = trace[subject.last].at;
        show(from - (to - from) / 2, to + (to - from) / 2);
    } else {
        zoom(event->position().x(), 0.25);
    }
    m_drag = Drag::None;
}

void Canvas::stepEvents(int by, NodeId on)
{
    if (!m_run.isOpen()) {
        return;
    }
    const auto& trace = *m_run.trace();
    const auto size = m_run.events();
    auto number = std::min(m_cursor.event().value, size);
    while (true) {
        if (by > 0 ? number >= size : number <= 1) {
            if (by < 0 && !on) {
                look({}, false);
            }
            return;
        }
        number = by > 0 ? number + 1 : number - 1;
        if (!on || trace[EventId(number)].node == on) {
            look(EventId(number), false);
            return;
        }
    }
}

void Canvas::goToStart()
{
    if (m_run.isOpen() && m_run.events() > 0) {
        look(EventId(1), false);
    }
}

void Canvas::goToEnd()
{
    if (!m_run.isOpen() || m_run.events() == 0) {
        return;
    }
    look(EventId(m_run.events()), false);
    m_cursor.setFollowsEnd(true);
}

void Canvas::keyPressEvent(QKeyEvent* event)
{
    const bool control = event->modifiers() & Qt::ControlModifier;
    const auto on = control ? m_cursor.node() : NodeId{};
    const auto selectLane = [this](int by) {
        if (!m_prepared || m_prepared->lanes.empty()) {
            return;
        }
        auto lanes = m_prepared->lanes;
        std::erase(lanes, picture::clientsLane);
        const auto count = static_cast<int>(lanes.size());
        const auto now = std::ranges::find(lanes, m_cursor.node());
        const int place = now == lanes.end() ? (by > 0 ? 0 : count - 1)
                                             : static_cast<int>(now - lanes.begin()) + by;
        m_cursor.setNode(lanes[static_cast<std::size_t>(std::clamp(place, 0, count - 1))]);
    };
    switch (event->key()) {
    case Qt::Key_Left:
        return stepEvents(-1, on);
    case Qt::Key_Right:
        return stepEvents(1, on);
    case Qt::Key_Up:
        return selectLane(-1);
    case Qt::Key_Down:
        return selectLane(1);
    case Qt::Key_Home:
        return goToStart();
    case Qt::Key_End:
        return goToEnd();
    case Qt::Key_PageUp:
        return pan(-m_scale.plotWidth() * 0.8);
    case Qt::Key_PageDown:
        return pan(m_scale.plotWidth() * 0.8);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoom(m_scale.x(m_cursor.instant()), 0.5);
    case Qt::Key_Minus:
        return zoom(m_scale.x(m_cursor.instant()), 2);
    case Qt::Key_0:
        return fit();
    case Qt::Key_G:
        return turnClients();
    case Qt::Key_C:
        if (!control) {
            m_cursor.setCone(!m_cursor.cone());
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

bool Canvas::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && m_drag == Drag::None) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto text = describe(subjectAt(help->pos()));
        if (text.isEmpty()) {
            QToolTip::hideText();
        } else {
            QToolTip::showText(help->globalPos(), text, this);
        }
        return true;
    }
    return QWidget::event(event);
}

} // namespace lightcone::timeline
