#include "engine/describe/text.h"
#include "views/run/wording.h"
#include "views/topology/topology.h"

#include <QContextMenuEvent>
#include <QInputDialog>
#include <QMenu>

namespace lightcone::topology {

using picture::Subject;
using run::Wording;

void Topology::offer(QMenu& menu, const QString& text, const std::string& line)
{
    auto* action = menu.addAction(text);
    action->setData(QString::fromStdString(line));
    if (const auto reason = m_run.session().whyNot(line)) {
        action->setEnabled(false);
        action->setToolTip(QString::fromStdString(*reason));
    } else {
        action->setToolTip(QString::fromStdString(line));
    }
    connect(action, &QAction::triggered, this, [this, line] { act(line); });
}

QMenu* Topology::nodeMenu(NodeId node)
{
    auto* menu = new QMenu(this);
    menu->setToolTipsVisible(true);
    const auto called = name(node);
    if (isClient(node)) {
        auto* request = menu->addAction(tr("Send a request…"));
        connect(request, &QAction::triggered, this, [this, node] { emit requestWanted(node); });
        return menu;
    }
    const auto& state = m_run.state();
    const auto* known = state ? state->node(node) : nullptr;
    const auto life = known != nullptr ? known->life : trace::Life::NotStarted;
    if (life == trace::Life::NotStarted) {
        offer(*menu, tr("Start %1").arg(shownName(node)), "start " + called);
    } else if (life == trace::Life::Crashed) {
        offer(*menu, tr("Restart %1").arg(shownName(node)), "restart " + called);
    } else {
        offer(*menu, tr("Crash %1").arg(shownName(node)), "crash " + called);
    }
    if (life == trace::Life::Paused) {
        offer(*menu, tr("Resume %1").arg(shownName(node)), "resume " + called);
    } else {
        offer(*menu, tr("Pause %1").arg(shownName(node)), "pause " + called);
    }
    menu->addSeparator();
    offer(*menu, tr("Isolate from everyone"), "isolate " + called);
    offer(*menu, tr("Heal all its links"), "heal " + called);
    menu->addSeparator();
    auto* clock = menu->addMenu(tr("Clock"));
    clock->setToolTipsVisible(true);
    offer(*clock, tr("100 ms ahead"), "clock " + called + " skew=+100ms");
    offer(*clock, tr("100 ms behind"), "clock " + called + " skew=-100ms");
    offer(*clock, tr("10 % fast"), "clock " + called + " drift=1.1");
    offer(*clock, tr("Right again"), "clock " + called + " skew=+0ms drift=1");
    clock->addSeparator();
    connect(clock->addAction(tr("Set…")), &QAction::triggered, this,
            [this, node] { emit clockWanted(node); });
    auto* disk = menu->addMenu(tr("Disk"));
    disk->setToolTipsVisible(true);
    offer(*disk, tr("Ten times slower"), "disk " + called + " slow=10");
    offer(*disk, tr("Full"), "disk " + called + " full");
    offer(*disk, tr("Forgets its last write in a crash"), "disk " + called + " forgets=1");
    offer(*disk, tr("Healthy again"), "disk " + called + " ok");
    disk->addSeparator();
    connect(disk->addAction(tr("Set…")), &QAction::triggered, this,
            [this, node] { emit diskWanted(node); });
    menu->addSeparator();
    if (const auto& requests = m_run.trace()->about().card.requests; !requests.empty()) {
        const auto& sample = requests.front().sample;
        const auto line = "request " + sample + " to " + called;
        offer(*menu, tr("Request %1").arg(QString::fromStdString(sample)), line);
        auto* other = menu->addAction(tr("Send a request…"));
        other->setEnabled(!m_run.session().whyNot(line));
        connect(other, &QAction::triggered, this, [this, node] { emit requestWanted(node); });
    }
    return menu;
}

QMenu* Topology::linkMenu(NodeId from, NodeId to)
{
    auto* menu = new QMenu(this);
    menu->setToolTipsVisible(true);
    const auto a = name(from);
    const auto b = name(to);
    const auto arrow = [](const QString& one, const QString& other) {
        return QStringLiteral("%1 → %2").arg(one, other);
    };
    const bool there = isCut(from, to);
    const bool back = isCut(to, from);
    if (there || back) {
        offer(*menu, tr("Heal both ways"), "heal " + a + " " + b);
    }
    if (!there || !back) {
        offer(*menu, tr("Cut both ways"), "cut " + a + " " + b);
    }
    offer(*menu, (there ? tr("Heal %1") : tr("Cut %1")).arg(arrow(shownName(from), shownName(to))),
          (there ? "heal " : "cut ") + a + " -> " + b);
    offer(*menu, (back ? tr("Heal %1") : tr("Cut %1")).arg(arrow(shownName(to), shownName(from))),
          (back ? "heal " : "cut ") + b + " -> " + a);
    menu->addSeparator();
    offer(*menu, tr("Slow: 50 ms"), "link " + a + " " + b + " latency=50ms");
    offer(*menu, tr("Loses one in five"), "link " + a + " " + b + " loss=20%");
    offer(*menu, tr("As planned again"), "link " + a + " " + b + " reset");
    connect(menu->addAction(tr("Set…")), &QAction::triggered, this,
            [this, from, to] { emit linkWanted(from, to); });
    return menu;
}

QMenu* Topology::messageMenu(const Subject& flight)
{
    auto* menu = new QMenu(this);
    menu->setToolTipsVisible(true);
    const auto number = "#" + std::to_string(flight.event.value);
    offer(*menu, tr("Deliver now"), "deliver " + number);
    offer(*menu, tr("Drop"), "drop " + number);
    offer(*menu, tr("Duplicate"), "duplicate " + number);
    offer(*menu, tr("Delay by 10 ms"), "delay " + number + " 10ms");
    offer(*menu, tr("Delay by 100 ms"), "delay " + number + " 100ms");
    auto* other = menu->addAction(tr("Delay…"));
    connect(other, &QAction::triggered, this, [this, number] {
        bool agreed = false;
        const auto text = QInputDialog::getText(this, tr("Delay the message"), tr("By how much:"),
                                                QLineEdit::Normal, QStringLiteral("20ms"), &agreed);
        if (agreed && !text.trimmed().isEmpty()) {
            act("delay " + number + " " + text.trimmed().toStdString());
        }
    });
    menu->addSeparator();
    auto* sent = menu->addAction(tr("Go to where it was sent"));
    connect(sent, &QAction::triggered, this, [this, flight] {
        if (flight.event.value <= m_run.events()) {
            m_cursor.setEvent(flight.event, (*m_run.trace())[flight.event].at);
        }
    });
    // On a busy link there is always a message in the way of who wants the link.
    if (flight.node && flight.peer) {
        auto* link = linkMenu(flight.node, flight.peer);
        link->setTitle(tr("Link %1 – %2").arg(shownName(flight.node), shownName(flight.peer)));
        menu->addMenu(link);
        connect(menu, &QObject::destroyed, link, &QObject::deleteLater);
    }
    return menu;
}

void Topology::openMenu(QMenu* menu, QPoint at)
{
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(at);
}

void Topology::contextMenuEvent(QContextMenuEvent* event)
{
    if (m_drawing.items.empty()) {
        return;
    }
    const auto subject = subjectAt(event->pos());
    switch (subject.kind) {
    case Subject::Kind::Node:
        m_cursor.setNode(subject.node);
        return openMenu(nodeMenu(subject.node), event->globalPos());
    case Subject::Kind::Link:
        return openMenu(linkMenu(subject.node, subject.peer), event->globalPos());
    case Subject::Kind::Flight:
        return openMenu(messageMenu(subject), event->globalPos());
    default:
        break;
    }
    auto* menu = new QMenu(this);
    menu->setToolTipsVisible(true);
    offer(*menu, tr("Heal all links"), "heal");
    auto* reset = menu->addAction(tr("Put the nodes back in order"));
    reset->setEnabled(!m_positions.empty());
    connect(reset, &QAction::triggered, this, &Topology::resetPlacement);
    openMenu(menu, event->globalPos());
}

QString Topology::describe(const Subject& subject) const
{
    if (!m_run.isOpen() || !m_run.trace() || !m_run.state()) {
        return {};
    }
    const auto& trace = *m_run.trace();
    switch (subject.kind) {
    case Subject::Kind::Node: {
        const auto* node = m_run.state()->node(subject.node);
        auto text = QStringLiteral("<b>%1</b>").arg(shownName(subject.node).toHtmlEscaped());
        if (node == nullptr) {
            return text;
        }
        if (!isClient(subject.node)) {
            text += QStringLiteral(" · ") + Wording::life(node->life);
        }
        for (const auto& timer : node->timers) {
            text += QStringLiteral("<br>")
                + tr("timer %1 at %2")
                      .arg(QString::fromStdString(timer.name).toHtmlEscaped(),
                           Wording::at(timer.due));
        }
        if (!node->disk.empty()) {
            text += QStringLiteral("<br>")
                + tr("disk: %1").arg(QString::fromStdString(node->disk).toHtmlEscaped());
        }
        if (node->unsyncedWrites > 0) {
            text += QStringLiteral("<br>")
                + tr("%1 writes not yet durable").arg(Wording::count(node->unsyncedWrites));
        }
        return text;
    }
    case Subject::Kind::Link:
        return tr("<b>%1 – %2</b><br>Click cuts or heals it, with Shift one way only")
            .arg(shownName(subject.node).toHtmlEscaped(), shownName(subject.peer).toHtmlEscaped());
    case Subject::Kind::Flight:
    case Subject::Kind::Message: {
        if (!subject.event || subject.event.value > m_run.events()) {
            return {};
        }
        auto text = Wording::sentence(trace, subject.event).toHtmlEscaped();
        const auto& event = trace[subject.event];
        if (event.payload) {
            auto value = QString::fromStdString(
                describe::toText(event.payload->describe(), trace.about().names()));
            if (value.size() > 400) {
                value = value.left(400) + QStringLiteral("…");
            }
            text += QStringLiteral("<br><code>%1</code>").arg(value.toHtmlEscaped());
        }
        for (const auto& flight : m_run.state()->flights) {
            if (flight.message == subject.event) {
                text += QStringLiteral("<br>")
                    + (flight.held ? tr("held by a rule")
                                   : tr("arrives %1").arg(Wording::at(flight.due)));
            }
        }
        return text;
    }
    case Subject::Kind::Bundle:
        return tr("%1 clients").arg(Wording::count(subject.count));
    default:
        return {};
    }
}

} // namespace lightcone::topology
