#include "views/run/wording.h"

#include "engine/describe/text.h"
#include "engine/picture/sentence.h"
#include "views/theme/text.h"

#include <QLocale>

namespace lightcone::run {

using trace::Kind;

namespace {

constexpr std::uint64_t farthestBack = 20000;

QString name(const trace::About& about, NodeId node)
{
    return node ? q(about.nameOf(node)) : QString();
}

} // namespace

std::string textOf(const trace::Event& event)
{
    if (!event.payload) {
        return {};
    }
    const auto value = event.payload->describe();
    const auto* text = value.exists() ? value.find("text") : nullptr;
    return text != nullptr && text->kind() == describe::ShapeKind::Text ? text->asText()
                                                                        : std::string();
}

QString Wording::count(std::uint64_t number)
{
    return QLocale().toString(static_cast<qulonglong>(number));
}

QString Wording::kind(Kind kind)
{
    switch (kind) {
    case Kind::Start:
        return tr("start");
    case Kind::Crash:
        return tr("crash");
    case Kind::Restart:
        return tr("restart");
    case Kind::Pause:
        return tr("pause");
    case Kind::Resume:
        return tr("resume");
    case Kind::Send:
        return tr("send");
    case Kind::Deliver:
        return tr("deliver");
    case Kind::Drop:
        return tr("drop");
    case Kind::Duplicate:
        return tr("duplicate");
    case Kind::Timer:
        return tr("timer");
    case Kind::Write:
        return tr("write");
    case Kind::Sync:
        return tr("sync");
    case Kind::Request:
        return tr("request");
    case Kind::Reply:
        return tr("reply");
    case Kind::Note:
        return tr("note");
    case Kind::Cut:
        return tr("cut");
    case Kind::Heal:
        return tr("heal");
    case Kind::Rule:
        return tr("rule");
    case Kind::Link:
        return tr("link");
    case Kind::Clock:
        return tr("clock");
    case Kind::Disk:
        return tr("disk");
    case Kind::Act:
        return tr("act");
    case Kind::Say:
        return tr("say");
    case Kind::Ask:
        return tr("ask");
    case Kind::Expect:
        return tr("expect");
    case Kind::Violation:
        return tr("violation");
    case Kind::Gap:
        return tr("gap");
    }
    return {};
}

void Wording::translate(picture::Words& words)
{
    // What stands for a name stays {}.
    words.crashed = tr("{} crashed").toStdString();
    words.restarted = tr("{} restarted").toStdString();
    words.paused = tr("{} paused").toStdString();
    words.resumed = tr("{} resumed").toStdString();
    words.cut = tr("{} to {} cut").toStdString();
    words.healed = tr("{} to {} healed").toStdString();
    words.isCrashed = tr("crashed").toStdString();
    words.isPaused = tr("paused").toStdString();
    words.notStarted = tr("not started").toStdString();
    words.times = tr("×{}").toStdString();
    words.more = tr("+{}").toStdString();
    words.clients = tr("{} clients").toStdString();
    words.waitsFor = tr("waits for {}").toStdString();
}

QString Wording::life(trace::Life life)
{
    switch (life) {
    case trace::Life::NotStarted:
        return tr("not started");
    case trace::Life::Up:
        return tr("up");
    case trace::Life::Paused:
        return tr("paused");
    case trace::Life::Crashed:
        return tr("crashed");
    }
    return {};
}

QString Wording::reason(trace::DropReason reason)
{
    switch (reason) {
    case trace::DropReason::Loss:
        return tr("lost on the way");
    case trace::DropReason::Cut:
        return tr("the link is cut");
    case trace::DropReason::Down:
        return tr("nobody is there");
    case trace::DropReason::Rule:
        return tr("a rule");
    case trace::DropReason::Hand:
        return tr("dropped by hand");
    }
    return {};
}

QString Wording::content(const trace::About& about, const trace::Event& event)
{
    if (event.kind == Kind::Timer) {
        return event.tag < about.card.timers.size() ? q(about.card.timers[event.tag])
                                                    : QString::number(event.tag);
    }
    if (event.kind == Kind::Violation && event.tag < about.card.invariants.size()) {
        return q(about.card.invariants[event.tag].name);
    }
    if (!event.payload) {
        return {};
    }
    if (auto text = textOf(event); !text.empty()) {
        return q(text);
    }
    if (auto condition = picture::conditionOf(event); !condition.empty()) {
        return q(condition);
    }
    return q(describe::brief(event.payload->describe(), about.names()));
}

QString Wording::sentence(const trace::Trace& trace, EventId id)
{
    const auto& about = trace.about();
    const auto& event = trace[id];
    const auto node = name(about, event.node);
    const auto peer = name(about, event.peer);
    const auto what = content(about, event);
    switch (event.kind) {
    case Kind::Start:
        return tr("%1 starts").arg(node);
    case Kind::Crash:
        return tr("%1 crashes").arg(node);
    case Kind::Restart:
        return tr("%1 restarts from its disk").arg(node);
    case Kind::Pause:
        return tr("%1 is paused").arg(node);
    case Kind::Resume:
        return tr("%1 goes on").arg(node);
    case Kind::Send:
        return tr("%1 sends %2 to %3").arg(node, what, peer);
    case Kind::Deliver:
        return tr("%1 gets %2 from %3").arg(node, what, peer);
    case Kind::Drop:
        return tr("%1 from %2 to %3 dies: %4")
            .arg(what, node, peer, reason(static_cast<trace::DropReason>(event.detail)));
    case Kind::Duplicate:
        return tr("a second copy of %1 from %2 to %3").arg(what, node, peer);
    case Kind::Timer:
        return tr("%1: the %2 timer runs out").arg(node, what);
    case Kind::Write:
        return tr("%1 writes %2").arg(node, what);
    case Kind::Sync:
        return tr("%1: what was written is on disk").arg(node);
    case Kind::Request:
        return tr("%1 asks %2: %3").arg(node, peer, what);
    case Kind::Reply:
        return tr("%1 is answered: %2").arg(node, what);
    case Kind::Cut:
        return tr("the link from %1 to %2 is cut").arg(node, peer);
    case Kind::Heal:
        return tr("the link from %1 to %2 carries again").arg(node, peer);
    case Kind::Violation:
        return tr("%1 is broken: %2").arg(what, q(textOf(event)));
    case Kind::Note:
        if (trace::isNotJudged(event) && event.tag < about.card.invariants.size()) {
            return tr("%1 is not judged from here on: %2")
                .arg(q(about.card.invariants[event.tag].name), what);
        }
        return q(picture::noteOf(about, event.node, what.toStdString()));
    case Kind::Clock:
        return tr("the clock of %1: %2").arg(node, what);
    case Kind::Disk:
        return tr("the disk of %1: %2").arg(node, what);
    case Kind::Link:
        return node.isEmpty() ? tr("all links: %1").arg(what)
                              : tr("the link from %1 to %2: %3").arg(node, peer, what);
    default:
        return node.isEmpty() ? what : node + QStringLiteral(": ") + what;
    }
}

QString Wording::because(const trace::Trace& trace, EventId step)
{
    const auto& about = trace.about();
    const auto& event = trace[step];
    switch (event.kind) {
    case Kind::Deliver: {
        const auto names = about.names();
        const auto what =
            event.payload ? q(describe::toText(event.payload->describe(), names)) : QString();
        return tr("%1 from %2").arg(what, name(about, event.peer));
    }
    case Kind::Timer:
        return tr("the %1 timer ran out").arg(content(about, event));
    case Kind::Start:
        return tr("it started");
    case Kind::Restart:
        return tr("it restarted from its disk");
    default:
        return event.cause ? sentence(trace, event.cause) : QString();
    }
}

EventId Wording::newestTold(const trace::Trace& trace, EventId last)
{
    const auto end = last.value > farthestBack ? last.value - farthestBack : 0;
    for (auto id = last.value; id > end; --id) {
        const auto& event = trace[EventId(id)];
        const auto kind = event.kind;
        if (isClient(event.node)) {
            continue; // what a client thinks is rarely the news
        }
        if (kind == Kind::Note || kind == Kind::Violation || kind == Kind::Crash) {
            return EventId(id);
        }
    }
    return {};
}

describe::Tone Wording::toneOf(const node::PayloadPtr& payload)
{
    if (!payload) {
        return describe::Tone::Neutral;
    }
    const auto& shape = *payload->shape();
    if (shape.kind == describe::ShapeKind::Variant && payload->tag() < shape.fields.size()) {
        return shape.fields[payload->tag()].shape->tone;
    }
    return shape.tone;
}

EventId Wording::stepOf(const trace::Trace& trace, EventId id)
{
    if (!id || id.value > trace.size()) {
        return {};
    }
    const auto& event = trace[id];
    if (trace::isStep(event)) {
        return id;
    }
    if (!event.cause) {
        return {};
    }
    const auto& cause = trace[event.cause];
    const bool same = trace::isStep(cause) && cause.node == event.node && cause.at <= event.at;
    const bool byStep = event.kind == Kind::Send || event.kind == Kind::Write
        || event.kind == Kind::Note || event.kind == Kind::Sync;
    return same && byStep ? event.cause : EventId{};
}

} // namespace lightcone::run
