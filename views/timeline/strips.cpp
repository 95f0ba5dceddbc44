#include "views/timeline/strips.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QInputDialog>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace lightcone::timeline {

namespace {

constexpr int minimapHeight = 30;
constexpr std::size_t mostRows = 5;

} // namespace

Minimap::Minimap(Canvas& canvas, QWidget* parent)
    : QWidget(parent)
    , m_canvas(canvas)
{
    setFixedHeight(minimapHeight);
    setCursor(Qt::OpenHandCursor);
    setAccessibleName(tr("The whole run"));
    setToolTip(tr("The whole run: drag to move what the timeline shows"));
    connect(&canvas, &Canvas::shownChanged, this, qOverload<>(&QWidget::update));
}

double Minimap::stretch() const
{
    const auto& prepared = m_canvas.prepared();
    return prepared && prepared->minimapScale.width > 0 ? width() / prepared->minimapScale.width
                                                        : 1.0;
}

void Minimap::paintEvent(QPaintEvent*)
{
    const auto& prepared = m_canvas.prepared();
    if (prepared) {
        QPainter painter(this);
        painter.drawImage(QRectF(0, 0, width(), minimapHeight), prepared->minimap,
                          QRectF(prepared->minimap.rect()));
    }
}

void Minimap::moveTo(double x)
{
    if (const auto& prepared = m_canvas.prepared()) {
        m_canvas.centreOn(prepared->minimapScale.at((x - m_grip) / stretch()));
    }
}

void Minimap::mousePressEvent(QMouseEvent* event)
{
    const auto& prepared = m_canvas.prepared();
    if (!prepared || event->button() != Qt::LeftButton) {
        return;
    }
    const auto& scale = m_canvas.scale();
    const double from = prepared->minimapScale.x(scale.first) * stretch();
    const double to = prepared->minimapScale.x(scale.last()) * stretch();
    const double x = event->position().x();
    m_grip = x >= from && x <= to ? x - (from + to) / 2 : 0;
    if (m_grip == 0) {
        moveTo(x);
    }
}

void Minimap::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton) {
        moveTo(event->position().x());
    }
}

void Minimap::wheelEvent(QWheelEvent* event)
{
    const auto& scale = m_canvas.scale();
    m_canvas.zoom(scale.gutter + scale.plotWidth() / 2, std::pow(1.0015, -event->angleDelta().y()));
    event->accept();
}

Branches::Branches(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
                   QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_cursor(cursor)
    , m_run(run)
{
    setMouseTracking(true);
    setAccessibleName(tr("Branches"));
    connect(&theme, &theme::Theme::changed, this, [this] {
        m_painter.reset();
        refresh();
    });
    connect(&run, &run::RunView::changed, this, &Branches::refresh);
    connect(&run, &run::RunView::opened, this, &Branches::refresh);
    connect(&cursor, &theme::Cursor::changed, this, qOverload<>(&QWidget::update));
    refresh();
}

void Branches::refresh()
{
    if (!m_painter) {
        m_painter = std::make_unique<theme::Painter>(m_theme);
        m_measure = std::make_unique<theme::FontMeasure>(m_theme);
    }
    const auto count = m_run.isOpen() ? m_run.snapshot().branches.size() : 0;
    setVisible(count > 1);
    setFixedHeight(static_cast<int>(picture::branchesHeight(std::min(count, mostRows))));
    update();
}

picture::Drawing Branches::drawing() const
{
    std::vector<picture::BranchLine> lines;
    if (!m_run.isOpen()) {
        return {};
    }
    const auto& snapshot = m_run.snapshot();
    for (const auto& branch : snapshot.branches) {
        picture::BranchLine line;
        line.id = branch.id.value;
        line.parent = branch.parent.value;
        line.name = branch.name;
        line.to = branch.now;
        line.current = branch.id == snapshot.current;
        if (branch.trace && branch.forkedAt && branch.forkedAt.value <= branch.events) {
            line.from = (*branch.trace)[branch.forkedAt].at;
        }
        lines.push_back(std::move(line));
    }
    // When there are too many the newest are shown, the current one always.
    while (lines.size() > mostRows) {
        lines.erase(lines.begin() + (lines[1].current ? 2 : 1));
    }
    return picture::branches(lines, width(), 78, m_cursor.instant(), tr("Branches").toStdString(),
                             *m_measure);
}

void Branches::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.colour(picture::Ink::Ground));
    m_painter->paint(painter, drawing());
}

session::BranchId Branches::at(QPointF point) const
{
    const auto subject = drawing().hit({point.x(), point.y()}, 3);
    return subject.kind == picture::Subject::Kind::Branch
        ? session::BranchId(static_cast<std::uint32_t>(subject.count))
        : session::BranchId{};
}

void Branches::mousePressEvent(QMouseEvent* event)
{
    const auto branch = at(event->position());
    if (event->button() == Qt::LeftButton && branch && branch != m_run.snapshot().current) {
        m_run.session().switchTo(branch);
        m_run.soon();
    }
}

void Branches::contextMenuEvent(QContextMenuEvent* event)
{
    const auto branch = at(event->pos());
    if (!branch) {
        return;
    }
    QString name;
    for (const auto& each : m_run.snapshot().branches) {
        if (each.id == branch) {
            name = QString::fromStdString(each.name);
        }
    }
    QMenu menu(this);
    auto* go = menu.addAction(tr("Go to this branch"));
    go->setEnabled(branch != m_run.snapshot().current);
    auto* rename = menu.addAction(tr("Rename…"));
    auto* remove = menu.addAction(tr("Remove"));
    remove->setEnabled(branch != m_run.snapshot().branches.front().id);
    const auto* chosen = menu.exec(event->globalPos());
    if (chosen == go) {
        m_run.session().switchTo(branch);
    } else if (chosen == rename) {
        bool agreed = false;
        const auto text = QInputDialog::getText(this, tr("Rename branch"), tr("Name:"),
                                                QLineEdit::Normal, name, &agreed);
        if (agreed && !text.trimmed().isEmpty()) {
            m_run.session().rename(branch, text.trimmed().toStdString());
        }
    } else if (chosen == remove) {
        m_run.session().remove(branch);
    }
    m_run.soon();
}

bool Branches::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto branch = at(help->pos());
        QString text;
        for (const auto& each : m_run.snapshot().branches) {
            if (branch && each.id == branch) {
                text = QString::fromStdString(each.name).toHtmlEscaped();
            }
        }
        QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace lightcone::timeline
