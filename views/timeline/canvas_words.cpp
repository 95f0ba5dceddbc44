#include "engine/describe/text.h"
#include "views/run/wording.h"
#include "views/timeline/canvas.h"

/// What the timeline says of what is pointed at.
namespace lightcone::timeline {

using picture::Subject;
using run::Wording;

QString Canvas::describeMessage(EventId send, EventId end) const
{
    const auto& trace = *m_run.trace();
    const auto& about = trace.about();
    const auto& sent = trace[send];
    auto text =
        QStringLiteral("<b>%1</b> %2 → %3")
            .arg(sent.payload ? QString::fromUtf8(sent.payload->name().data(),
                                                  static_cast<int>(sent.payload->name().size()))
                                    .toHtmlEscaped()
                              : QString(),
                 QString::fromStdString(about.nameOf(sent.node)).toHtmlEscaped(),
                 QString::fromStdString(about.nameOf(sent.peer)).toHtmlEscaped());
    if (sent.payload) {
        auto value =
            QString::fromStdString(describe::toText(sent.payload->describe(), about.names()));
        if (value.size() > 400) {
            value = value.left(400) + QStringLiteral("…");
        }
        text += QStringLiteral("<br><code>%1</code>").arg(value.toHtmlEscaped());
    }
    text += QStringLiteral("<br>") + tr("sent %1").arg(Wording::at(sent.at));
    if (end && end.value <= m_run.events()) {
        const auto& ended = trace[end];
        const auto took = Wording::time(ended.at - sent.at);
        text += ended.kind == trace::Kind::Drop
            ? QStringLiteral(", ")
                + tr("died %1 (%2)")
                      .arg(Wording::at(ended.at),
                           Wording::reason(static_cast<trace::DropReason>(ended.detail)))
            : QStringLiteral(", ") + tr("arrived %1 (%2 later)").arg(Wording::at(ended.at), took);
    } else {
        text += QStringLiteral(", ") + tr("under way");
    }
    return text;
}

QString Canvas::describeOperation(EventId request) const
{
    const auto& trace = *m_run.trace();
    auto text = QStringLiteral("%1<br>%2")
                    .arg(Wording::sentence(trace, request).toHtmlEscaped(),
                         tr("event %1 at %2")
                             .arg(Wording::count(request.value), Wording::at(trace[request].at)));
    const auto& linearity = m_run.linearity();
    if (!linearity || !linearity->places) {
        return text;
    }
    if (linearity->places->impossibleAt(request) != nullptr) {
        text += QStringLiteral("<br>") + tr("no order of the operations explains its answer");
        if (request == linearity->request) {
            text += QStringLiteral(": ") + QString::fromStdString(linearity->how).toHtmlEscaped();
        }
    } else if (const auto point = linearity->places->pointOf(request)) {
        text += QStringLiteral("<br>") + tr("may have taken effect %1").arg(Wording::at(*point));
    }
    return text;
}

QString Canvas::describe(const Subject& subject) const
{
    if (!m_run.isOpen() || subject.event.value > m_run.events()) {
        return {};
    }
    const auto& trace = *m_run.trace();
    const auto nameOf = [&](NodeId node) {
        if (node == picture::clientsLane) {
            return tr("clients");
        }
        return QString::fromStdString(trace.about().nameOf(node)).toHtmlEscaped();
    };
    switch (subject.kind) {
    case Subject::Kind::Message:
        return describeMessage(subject.event, subject.last);
    case Subject::Kind::Operation:
        return describeOperation(subject.event);
    case Subject::Kind::Event:
    case Subject::Kind::Fault:
        return QStringLiteral("%1<br>%2")
            .arg(Wording::sentence(trace, subject.event).toHtmlEscaped(),
                 tr("event %1 at %2")
                     .arg(Wording::count(subject.event.value),
                          Wording::at(trace[subject.event].at)));
    case Subject::Kind::Bundle: {
        const auto count = Wording::count(subject.count);
        const auto where = !subject.node ? QString()
            : subject.peer && subject.peer != subject.node
            ? QStringLiteral("%1 → %2").arg(nameOf(subject.node), nameOf(subject.peer))
            : nameOf(subject.node);
        auto text = where.isEmpty() ? tr("%1 events").arg(count)
            : subject.peer && subject.peer != subject.node
            ? tr("%1 messages %2").arg(count, where)
            : tr("%1 events on %2").arg(count, where);
        if (subject.event && subject.last) {
            text += QStringLiteral("<br>")
                + tr("%1 to %2; double-click to look closer")
                      .arg(Wording::at(trace[subject.event].at),
                           Wording::at(trace[subject.last].at));
        }
        return text;
    }
    case Subject::Kind::Lane: {
        if (subject.node == picture::clientsLane) {
            return tr("Click to give each client a lane of its own, or all of them one (G)");
        }
        return QStringLiteral("<b>%1</b>").arg(nameOf(subject.node));
    }
    default:
        return {};
    }
}

} // namespace lightcone::timeline
