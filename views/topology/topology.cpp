#include "views/topology/topology.h"

#include "engine/describe/text.h"
#include "views/run/wording.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <set>

namespace lightcone::topology {

using picture::Subject;
using run::Wording;

namespace {

bool crosses(QPointF a, QPointF b, QPointF c, QPointF d)
{
    const auto turn = [](QPointF p, QPointF q, QPointF r) {
        return (q.x() - p.x()) * (r.y() - p.y()) - (q.y() - p.y()) * (r.x() - p.x());
    };
    return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

QPointF toQt(picture::Point point)
{
    return {point.x, point.y};
}

} // namespace

Topology::Topology(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
                   QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_cursor(cursor)
    , m_run(run)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Topology"));
    setAccessibleDescription(
        tr("The nodes, their links and the messages under way. Tab goes from node to node, Return "
           "opens what can be done to one, Delete crashes it."));
    connect(&theme, &theme::Theme::changed, this, &Topology::dress);
    connect(&run, &run::RunView::opened, this, [this] {
        m_hovered = {};
        refresh();
    });
    connect(&run, &run::RunView::stateChanged, this, &Topology::refresh);
    connect(&cursor, &theme::Cursor::changed, this, &Topology::refresh);
    dress();
}

void Topology::dress()
{
    m_painter = std::make_unique<theme::Painter>(m_theme);
    m_measure = std::make_unique<theme::FontMeasure>(m_theme);
    refresh();
}

picture::TopologyOptions Topology::options() const
{
    picture::TopologyOptions options;
    options.width = width();
    options.height = height();
    options.selected = m_cursor.node();
    options.hovered = m_hovered;
    options.positions = m_positions;
    Wording::translate(options.words);
    // The state may still be that of an older event: time does not run ahead of it by more than to
    // the moment that is looked at.
    options.now = m_cursor.instant();
    if (const auto& state = m_run.state()) {
        options.now = std::max(options.now, state->now);
        if (state->event != m_cursor.event()) {
            options.now = state->now;
        }
    }
    if (!m_theme.reducedMotion()) {
        // Falling takes about half a second of the person's time.
        const auto& pace = m_run.snapshot().pace;
        const bool plays = m_run.snapshot().running && pace.kind == session::Pace::Kind::Scaled;
        const double seconds = plays ? 0.5 * pace.factor : 0.008;
        options.falling = Duration(static_cast<std::int64_t>(seconds * 1e9));
    }
    return options;
}

void Topology::refresh()
{
    const auto& state = m_run.state();
    if (!m_run.isOpen() || !m_run.trace() || !state || width() < 60 || height() < 60) {
        m_drawing = {};
        m_layout = {};
        update();
        return;
    }
    const auto& about = m_run.trace()->about();
    const auto wanted = options();
    m_layout = picture::placeNodes(about, *state, wanted);
    m_drawing = picture::topology(about, *state, m_run.trace().get(), wanted, *m_measure);
    update();
}

void Topology::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.colour(picture::Ink::Ground));
    if (m_drawing.items.empty()) {
        painter.setPen(m_theme.colour(picture::Ink::Faint));
        painter.setFont(m_theme.font(picture::Typeface::Ui, theme::Type::body));
        painter.drawText(rect(), Qt::AlignCenter,
                         !m_run.isOpen()           ? tr("Open a run from the library")
                             : m_run.events() == 0 ? tr("Nothing has happened yet")
                                                   : tr("Looking…"));
        return;
    }
    m_painter->paint(painter, m_drawing);
    if (m_drag == Drag::Line) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(m_theme.colour(picture::Ink::Bad), 2, Qt::DashLine, Qt::RoundCap));
        painter.drawLine(m_pressed, m_lineEnd);
    }
    if (hasFocus()) {
        painter.setPen(QPen(m_theme.colour(picture::Ink::Selected), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

void Topology::resizeEvent(QResizeEvent*)
{
    refresh();
}

std::string Topology::name(NodeId node) const
{
    return m_run.trace()->about().nameOf(node);
}

QString Topology::shownName(NodeId node) const
{
    return QString::fromStdString(name(node));
}

Subject Topology::subjectAt(QPointF at) const
{
    return m_drawing.hit({at.x(), at.y()}, 5);
}

bool Topology::isCut(NodeId from, NodeId to) const
{
    const auto& state = m_run.state();
    return state && std::ranges::any_of(state->links, [&](const trace::LinkState& link) {
               return link.cut && link.from == from && link.to == to;
           });
}

void Topology::act(const std::string& line)
{
    m_run.act(line, m_cursor.event());
}

void Topology::toggleLink(NodeId from, NodeId to, bool oneWay)
{
    if (oneWay) {
        const auto* verb = isCut(from, to) ? "heal " : "cut ";
        act(verb + name(from) + " -> " + name(to));
        return;
    }
    const bool cut = isCut(from, to) || isCut(to, from);
    act((cut ? "heal " : "cut ") + name(from) + " " + name(to));
}

void Topology::partitionAlong(QPointF from, QPointF to)
{
    // The nodes on one side of the line against those on the other: a link that crosses is cut.
    std::vector<NodeId> left;
    std::vector<NodeId> right;
    bool any = false;
    for (const auto& [node, rect] : m_layout.nodes) {
        const auto centre = toQt(rect.centre());
        const double side = (to.x() - from.x()) * (centre.y() - from.y())
            - (to.y() - from.y()) * (centre.x() - from.x());
        (side < 0 ? left : right).push_back(node);
        for (const auto& [other, otherRect] : m_layout.nodes) {
            any = any || (node < other && crosses(from, to, centre, toQt(otherRect.centre())));
        }
    }
    if (!any || left.empty() || right.empty()) {
        return;
    }
    const auto words = [&](const std::vector<NodeId>& nodes) {
        std::string text;
        for (const auto node : nodes) {
            text += (text.empty() ? "" : " ") + name(node);
        }
        return text;
    };
    act("partition {" + words(left) + "} {" + words(right) + "}");
}

void Topology::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_drawing.items.empty()) {
        return;
    }
    m_pressed = event->position();
    m_modifiers = event->modifiers();
    const auto subject = subjectAt(m_pressed);
    if (subject.kind == Subject::Kind::Node) {
        m_drag = Drag::OnCard;
        m_dragged = subject.node;
        if (const auto* rect = m_layout.find(subject.node)) {
            m_grip = m_pressed - toQt(rect->centre());
        }
    } else {
        m_drag = Drag::OnGround;
    }
}

void Topology::mouseMoveEvent(QMouseEvent* event)
{
    const auto at = event->position();
    const bool far = (at - m_pressed).manhattanLength() > 6;
    if (m_drag == Drag::OnCard && far) {
        m_drag = Drag::Card;
        setCursor(Qt::ClosedHandCursor);
    } else if (m_drag == Drag::OnGround && far) {
        m_drag = Drag::Line;
        setCursor(Qt::CrossCursor);
    }
    if (m_drag == Drag::Card) {
        const auto centre = at - m_grip;
        m_positions[m_dragged] = {std::clamp(centre.x() / std::max(1, width()), 0.0, 1.0),
                                  std::clamp(centre.y() / std::max(1, height()), 0.0, 1.0)};
        refresh();
        return;
    }
    if (m_drag == Drag::Line) {
        m_lineEnd = at;
        update();
        return;
    }
    const auto subject = subjectAt(at);
    if (!(subject == m_hovered)) {
        m_hovered = subject;
        setCursor(subject.kind == Subject::Kind::None ? Qt::ArrowCursor : Qt::PointingHandCursor);
        refresh();
    }
}

void Topology::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) {
        return;
    }
    const auto drag = std::exchange(m_drag, Drag::None);
    setCursor(Qt::ArrowCursor);
    switch (drag) {
    case Drag::OnCard:
        m_cursor.setNode(m_dragged);
        break;
    case Drag::Card:
        emit placementChanged();
        break;
    case Drag::Line:
        partitionAlong(m_pressed, event->position());
        break;
    case Drag::OnGround: {
        const auto subject = subjectAt(m_pressed);
        if (subject.kind == Subject::Kind::Link) {
            toggleLink(subject.node, subject.peer, m_modifiers & Qt::ShiftModifier);
        } else if (subject.kind == Subject::Kind::None) {
            m_cursor.setNode({});
        }
        break;
    }
    case Drag::None:
        break;
    }
    update();
}

void Topology::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton
        && subjectAt(event->position()).kind == Subject::Kind::None) {
        resetPlacement();
    }
    m_drag = Drag::None;
}

bool Topology::event(QEvent* event)
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
    if (event->type() == QEvent::Leave && m_hovered.kind != Subject::Kind::None) {
        m_hovered = {};
        refresh();
    }
    return QWidget::event(event);
}

bool Topology::focusNextPrevChild(bool next)
{
    if (m_layout.nodes.empty()) {
        return QWidget::focusNextPrevChild(next);
    }
    std::vector<NodeId> nodes;
    for (const auto& [node, rect] : m_layout.nodes) {
        nodes.push_back(node);
    }
    const auto now = std::ranges::find(nodes, m_cursor.node());
    const auto place = now == nodes.end() ? (next ? -1 : static_cast<int>(nodes.size()))
                                          : static_cast<int>(now - nodes.begin());
    const int wanted = place + (next ? 1 : -1);
    // Past the last node, and before the first, the focus goes on to the next view; what is
    // selected stays so, for there it can be read.
    if (wanted < 0 || wanted >= static_cast<int>(nodes.size())) {
        return QWidget::focusNextPrevChild(next);
    }
    m_cursor.setNode(nodes[static_cast<std::size_t>(wanted)]);
    return true;
}

void Topology::keyPressEvent(QKeyEvent* event)
{
    const auto node = m_cursor.node();
    const bool known = node && m_layout.find(node) != nullptr;
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Menu:
        if (known) {
            const auto* rect = m_layout.find(node);
            openMenu(nodeMenu(node),
                     mapToGlobal(QPoint(static_cast<int>(rect->x + 12),
                                        static_cast<int>(rect->y + rect->height))));
            return;
        }
        break;
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
        if (known && !isClient(node)) {
            const auto line = "crash " + name(node);
            if (const auto reason = m_run.session().whyNot(line)) {
                QToolTip::showText(mapToGlobal(rect().center()), QString::fromStdString(*reason),
                                   this);
            } else {
                act(line);
            }
            return;
        }
        break;
    case Qt::Key_Escape:
        if (m_drag != Drag::None) {
            m_drag = Drag::None;
            update();
            return;
        }
        if (node) {
            m_cursor.setNode({});
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

QString Topology::placement() const
{
    QStringList parts;
    for (const auto& [node, share] : m_positions) {
        parts << QStringLiteral("%1:%2,%3")
                     .arg(node.value)
                     .arg(share.x, 0, 'f', 4)
                     .arg(share.y, 0, 'f', 4);
    }
    return parts.join(QLatin1Char(';'));
}

void Topology::setPlacement(const QString& text)
{
    m_positions.clear();
    for (const auto& part : text.split(QLatin1Char(';'), Qt::SkipEmptyParts)) {
        const auto halves = part.split(QLatin1Char(':'));
        const auto shares = halves.size() == 2 ? halves[1].split(QLatin1Char(',')) : QStringList();
        if (shares.size() != 2) {
            continue;
        }
        bool node = false;
        bool x = false;
        bool y = false;
        const NodeId id(halves[0].toUInt(&node));
        const picture::Point share{shares[0].toDouble(&x), shares[1].toDouble(&y)};
        if (node && x && y && share.x >= 0 && share.x <= 1 && share.y >= 0 && share.y <= 1) {
            m_positions[id] = share;
        }
    }
    refresh();
}

void Topology::resetPlacement()
{
    if (!m_positions.empty()) {
        m_positions.clear();
        refresh();
        emit placementChanged();
    }
}

} // namespace lightcone::topology
