#include "views/inspector/inspector.h"

#include "engine/describe/text.h"
#include "views/inspector/happening.h"
#include "views/run/wording.h"
#include "views/theme/text.h"

#include <QHBoxLayout>

#include <algorithm>
#include <utility>

namespace lightcone::inspector {

using picture::Ink;
using picture::Typeface;
using run::Wording;
using theme::Space;
using theme::Type;

namespace {

constexpr std::size_t mostNext = 6;
constexpr qsizetype longestCause = 240; ///< characters; the whole is in the tooltip

QString roleOf(const describe::Value& state, const describe::NodeNames& names)
{
    const auto* role = state.exists() ? state.findFacet(describe::Facet::Role) : nullptr;
    return role != nullptr && role->exists() ? q(describe::toText(*role, names)) : QString();
}

/// Its beginning and its end, where the sender stands.
QString shortened(const QString& cause)
{
    constexpr qsizetype end = 30;
    return cause.size() <= longestCause
        ? cause
        : cause.left(longestCause - end) + QStringLiteral(" … ") + cause.right(end);
}

bool linkIsCut(const trace::ClusterState& state, NodeId from, NodeId to)
{
    return std::ranges::any_of(state.links, [&](const trace::LinkState& link) {
        return link.cut && link.from == from && link.to == to;
    });
}

} // namespace

Inspector::Inspector(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
                     QWidget* parent)
    : QScrollArea(parent)
    , m_theme(theme)
    , m_cursor(cursor)
    , m_run(run)
{
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    build();
    connect(&cursor, &theme::Cursor::changed, this, &Inspector::choose);
    connect(&run, &run::RunView::opened, this, [this] {
        m_followed = {};
        refresh();
    });
    connect(&run, &run::RunView::stateChanged, this, &Inspector::choose);
    connect(&run, &run::RunView::beforeChanged, this, &Inspector::refresh);
    connect(&run, &run::RunView::changed, this, [this] {
        if (follow()) {
            choose();
        }
        refreshSafety();
    });
    connect(&theme, &theme::Theme::changed, this, &Inspector::refresh);
    refresh();
}

QLabel* Inspector::addSection(const QString& title)
{
    auto* label = new QLabel(title, m_body);
    label->setProperty("kind", "section");
    auto font = m_theme.font(Typeface::Ui, Type::tiny);
    font.setLetterSpacing(QFont::AbsoluteSpacing, 0.4);
    label->setFont(font);
    return label;
}

void Inspector::build()
{
    m_content = new QWidget(this);
    m_content->setMinimumWidth(1); // as wide as the panel, never wider
    m_layout = new QVBoxLayout(m_content);
    m_layout->setContentsMargins(Space::wide, Space::medium, Space::wide, Space::medium);
    m_layout->setSpacing(0);
    m_nobody = new QLabel(tr("Select a node in the topology or the timeline to see its state."),
                          m_content);
    m_nobody->setProperty("kind", "muted");
    m_nobody->setWordWrap(true);
    m_layout->addWidget(m_nobody);

    m_body = new QWidget(m_content);
    auto* body = new QVBoxLayout(m_body);
    body->setContentsMargins(0, 0, 0, 0);
    body->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setSpacing(Space::small);
    const auto label = [&](QBoxLayout* into) {
        auto* made = new QLabel(m_body);
        made->setTextFormat(Qt::PlainText);
        into->addWidget(made);
        return made;
    };
    m_name = label(head);
    m_role = label(head);
    head->addStretch(1);
    m_when = label(head);
    m_when->setProperty("kind", "muted");
    body->addLayout(head);
    body->addSpacing(6);
    m_because = label(body);
    m_because->setTextFormat(Qt::RichText);
    m_because->setWordWrap(true);
    m_because->setMinimumWidth(1);
    m_stale = label(body);
    m_stale->setProperty("kind", "small");
    body->addSpacing(Space::medium);
    m_tree = new FieldTree(m_theme, m_body);
    m_tree->setModel(&m_model);
    connect(m_tree, &FieldTree::filterAsked, this, [this](const QString& path, const QString& now) {
        if (const auto* node = shown(); node != nullptr && m_run.trace()) {
            const auto name = q(m_run.trace()->about().nameOf(node->id));
            emit untilAsked(QStringLiteral("%1.%2 != %3").arg(name, path, now));
        }
    });
    body->addWidget(m_tree);

    const auto section = [&](QLabel*& title, const QString& text, QVBoxLayout*& room) {
        body->addSpacing(Space::section - 4);
        title = addSection(text);
        body->addWidget(title);
        body->addSpacing(Space::small);
        room = new QVBoxLayout;
        room->setSpacing(Space::tight + 1);
        body->addLayout(room);
    };
    section(m_nextTitle, tr("NEXT TO ARRIVE"), m_nextRoom);
    m_nextMore = label(body);
    m_nextMore->setProperty("kind", "small");
    section(m_timersTitle, tr("TIMERS"), m_timerRoom);
    section(m_safetyTitle, tr("SAFETY"), m_safetyRoom);
    m_layout->addWidget(m_body);
    m_layout->addStretch(1);
    setWidget(m_content);
}

/// From step to step one sees what each did without selecting its node; while time passes that
/// would be too many. True when it is another node now.
bool Inspector::follow()
{
    auto wanted = m_run.snapshot().running ? NodeId{} : m_followed;
    const auto event = m_cursor.event();
    if (!m_run.snapshot().running && event && event.value <= m_run.events()) {
        const auto at = (*m_run.trace())[event].node;
        wanted = at && !isClient(at) ? at : wanted;
    }
    return std::exchange(m_followed, wanted) != wanted;
}

NodeId Inspector::node() const
{
    return m_cursor.node() ? m_cursor.node() : m_followed;
}

const trace::NodeState* Inspector::shown() const
{
    return m_run.state() ? m_run.state()->node(node()) : nullptr;
}

EventId Inspector::step() const
{
    const auto* node = shown();
    return node != nullptr ? node->lastStep : EventId{};
}

void Inspector::choose()
{
    follow();
    if (const auto last = step(); last && m_run.isOpen()) {
        m_run.compareWith(EventId(last.value - 1));
    }
    refresh();
}

void Inspector::refresh()
{
    const bool any = shown() != nullptr && m_run.trace();
    m_nobody->setVisible(!any);
    m_body->setVisible(any);
    if (any) {
        refreshHeader();
        refreshFields();
        refreshNext();
        refreshTimers();
        refreshSafety();
    }
}

void Inspector::refreshHeader()
{
    const auto& node = *shown();
    const auto& about = m_run.trace()->about();
    const auto names = about.names();
    m_name->setFont(m_theme.font(Typeface::UiBold, Type::title));
    m_name->setText(q(about.nameOf(node.id)));
    const auto last = node.lastStep;
    auto role = roleOf(node.state, names);
    const bool here = last && Wording::stepOf(*m_run.trace(), m_cursor.event()) == last;
    if (here && m_run.before() && m_run.beforeEvent().value + 1 == last.value) {
        const auto* before = m_run.before()->node(node.id);
        const auto old = before != nullptr ? roleOf(before->state, names) : QString();
        if (!old.isEmpty() && old != role) {
            role = tr("%1 → %2").arg(old, role);
        }
    }
    if (node.life != trace::Life::Up) {
        role = Wording::life(node.life);
    }
    m_role->setText(role);
    const auto ink = node.life == trace::Life::Crashed ? Ink::Bad : Ink::Strong;
    m_role->setStyleSheet(QStringLiteral("color: %1;").arg(m_theme.colour(ink).name()));
    m_when->setFont(m_theme.font(Typeface::Data, Type::small));
    m_when->setText(Wording::at(m_run.state()->now));
    if (!last) {
        m_because->setText(tr("It has done nothing yet."));
        m_stale->setVisible(false);
        return;
    }
    const auto data = m_theme.font(Typeface::Data, Type::small);
    const auto because = Wording::because(*m_run.trace(), last);
    m_because->setText(QStringLiteral("<span style=\"color:%1\">%2</span> "
                                      "<span style=\"font-family:'%3';font-size:%4pt\">%5</span>")
                           .arg(m_theme.colour(Ink::Muted).name(), tr("because").toHtmlEscaped(),
                                data.families().first(), QString::number(data.pointSizeF()),
                                shortened(because).toHtmlEscaped()));
    m_because->setToolTip(because.size() > longestCause
                              ? QStringLiteral("<p>%1</p>").arg(because.toHtmlEscaped())
                              : QString());
    const auto when = (*m_run.trace())[last].at;
    m_stale->setVisible(!here);
    const auto since = m_run.state()->now - when;
    m_stale->setText(since == Duration{}
                         ? tr("its last step, at this moment")
                         : tr("its last step, %1 before this moment").arg(Wording::time(since)));
}

void Inspector::refreshFields()
{
    const auto& node = *shown();
    const auto last = node.lastStep;
    const bool here = last && Wording::stepOf(*m_run.trace(), m_cursor.event()) == last;
    describe::Value before;
    if (here && m_run.before() && m_run.beforeEvent().value + 1 == last.value) {
        if (const auto* old = m_run.before()->node(node.id)) {
            before = old->state;
        }
    }
    m_tree->setVisible(node.state.exists());
    m_model.show(node.state, before, m_run.trace()->about().names());
}

void Inspector::refreshNext()
{
    const auto& state = *m_run.state();
    const auto& about = m_run.trace()->about();
    const auto names = about.names();
    const bool atEnd = m_cursor.event().value == m_run.events();
    std::size_t used = 0;
    std::size_t all = 0;
    for (const auto& flight : state.flights) {
        if (flight.from != node() && flight.to != node()) {
            continue;
        }
        ++all;
        if (used == mostNext) {
            continue;
        }
        if (used == m_next.size()) {
            m_next.push_back(new Happening(m_theme, m_body));
            m_nextRoom->addWidget(m_next.back());
        }
        const bool cut = linkIsCut(state, flight.from, flight.to);
        const auto brief = flight.payload ? q(std::string(flight.payload->name())) : QString();
        const auto what =
            tr("%1 %2 → %3").arg(brief, q(about.nameOf(flight.from)), q(about.nameOf(flight.to)));
        const auto when = flight.held ? tr("held")
            : cut                     ? tr("cut")
            : flight.due >= state.now ? tr("in %1").arg(Wording::time(flight.due - state.now))
                                      : tr("now");
        const auto number = std::to_string(flight.message.value);
        const auto deed = [this](std::string line) {
            return [this, line = std::move(line)] { m_run.act(line, m_cursor.event()); };
        };
        const auto hint = atEnd ? QString() : tr("Begins a new branch at the cursor.");
        m_next[used]->show(cut ? Ink::Bad : theme::Theme::inkOf(Wording::toneOf(flight.payload)),
                           what, when,
                           {{tr("Deliver"), hint, deed("deliver #" + number)},
                            {tr("Drop"), hint, deed("drop #" + number)}});
        ++used;
    }
    for (auto i = used; i < m_next.size(); ++i) {
        m_next[i]->setVisible(false);
    }
    m_nextMore->setVisible(all > used || all == 0);
    m_nextMore->setText(
        all == 0 ? tr("Nothing is under way to or from it.")
                 : tr("and %n more, see In flight", nullptr, static_cast<int>(all - used)));
}

void Inspector::refreshTimers()
{
    const auto& node = *shown();
    const auto& state = *m_run.state();
    std::size_t used = 0;
    for (const auto& timer : node.timers) {
        if (used == mostNext) {
            break;
        }
        if (used == m_timers.size()) {
            m_timers.push_back(new Happening(m_theme, m_body));
            m_timerRoom->addWidget(m_timers.back());
        }
        auto line = "fire " + m_run.trace()->about().nameOf(node.id) + " " + timer.name;
        if (timer.about != 0) {
            line += " about=" + std::to_string(timer.about);
        }
        const auto when = timer.due >= state.now
            ? tr("in %1").arg(Wording::time(timer.due - state.now))
            : tr("due");
        m_timers[used]->show(Ink::Cursor, q(timer.name), when,
                             {{tr("Fire now"), tr("Lets the timer run out at once."),
                               [this, line] { m_run.act(line, m_cursor.event()); }}});
        ++used;
    }
    for (auto i = used; i < m_timers.size(); ++i) {
        m_timers[i]->setVisible(false);
    }
    m_timersTitle->setVisible(used > 0);
}

void Inspector::refreshSafety()
{
    if (!m_body->isVisibleTo(this) || !m_run.trace()) {
        return;
    }
    const auto& checks = m_run.snapshot().checks;
    while (m_safety.size() < checks.size()) {
        auto* line = new CheckLine(m_theme, m_body);
        const auto place = m_safety.size();
        connect(line, &CheckLine::clicked, this, [this, place] {
            const auto& list = m_run.snapshot().checks;
            const auto at = place < list.size() ? CheckModel::told(list[place]) : EventId{};
            if (at) {
                m_cursor.setEvent(at, (*m_run.trace())[at].at);
            }
        });
        m_safety.push_back(line);
        m_safetyRoom->addWidget(line);
    }
    for (std::size_t i = 0; i < m_safety.size(); ++i) {
        if (i >= checks.size()) {
            m_safety[i]->setVisible(false);
            continue;
        }
        const auto& check = checks[i];
        auto name = q(check.card.name);
        if (!name.isEmpty()) {
            name[0] = name[0].toUpper();
        }
        const auto at = CheckModel::told(check);
        const auto& why = check.brokenAt ? check.how : check.notJudged;
        const auto text = q(check.card.text) + QStringLiteral("\n") + q(check.card.source);
        m_safety[i]->show(name, why.empty() ? text : q(why) + QStringLiteral("\n\n") + text,
                          CheckModel::stateOf(check),
                          at ? tr("event %1").arg(Wording::count(at.value)) : QString());
    }
    m_safetyTitle->setVisible(!checks.empty());
}

} // namespace lightcone::inspector
