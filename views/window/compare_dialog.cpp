#include "views/window/compare_dialog.h"

#include "views/run/wording.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPointer>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lightcone::window {

using picture::Ink;
using picture::Typeface;
using run::Wording;
using theme::Space;
using theme::Type;

namespace {

QString q(const std::string& text)
{
    return QString::fromStdString(text);
}

QString textOf(const describe::Value& value, const describe::NodeNames& names)
{
    return value.exists() ? q(describe::toText(value, names)) : QStringLiteral("—");
}

} // namespace

CompareDialog::CompareDialog(const theme::Theme& theme, run::RunView& run, QWidget* parent)
    : QDialog(parent)
    , m_theme(theme)
    , m_run(run)
    , m_snapshot(run.snapshot())
    , m_table(new QTreeWidget(this))
    , m_parting(new QLabel(this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Compare branches"));
    resize(760, 560);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(Space::wide, Space::wide, Space::wide, Space::wide);
    layout->setSpacing(Space::medium);
    auto* row = new QHBoxLayout;
    for (std::size_t side = 0; side < m_choice.size(); ++side) {
        auto* choice = new QComboBox(this);
        for (const auto& branch : m_snapshot.branches) {
            choice->addItem(q(branch.name), branch.id.value);
        }
        m_choice[side] = choice;
        row->addWidget(choice, 1);
        if (side == 0) {
            auto* with = new QLabel(tr("with"), this);
            with->setProperty("kind", "muted");
            row->addWidget(with);
        }
    }
    layout->addLayout(row);
    const auto current =
        std::ranges::find(m_snapshot.branches, m_snapshot.current, &session::Branch::id);
    const auto place = static_cast<int>(current - m_snapshot.branches.begin());
    m_choice[1]->setCurrentIndex(place);
    const auto parent_ =
        std::ranges::find(m_snapshot.branches, current->parent, &session::Branch::id);
    m_choice[0]->setCurrentIndex(parent_ != m_snapshot.branches.end()
                                     ? static_cast<int>(parent_ - m_snapshot.branches.begin())
                                     : place == 0 && m_snapshot.branches.size() > 1 ? 1
                                                                                    : 0);
    m_parting->setWordWrap(true);
    m_parting->setTextFormat(Qt::PlainText);
    layout->addWidget(m_parting);
    m_table->setColumnCount(3);
    m_table->setRootIsDecorated(true);
    m_table->setUniformRowHeights(true);
    m_table->header()->setStretchLastSection(true);
    m_table->header()->resizeSection(0, 230);
    m_table->header()->resizeSection(1, 230);
    layout->addWidget(m_table, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    auto* go = buttons->addButton(tr("Go to where they part"), QDialogButtonBox::ActionRole);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(go, &QPushButton::clicked, this, [this] {
        const auto* one = chosen(0);
        const auto* other = chosen(1);
        const auto first = firstDifference(m_snapshot, *one, *other);
        emit goAsked(other->id, first ? first : EventId(std::min(one->events, other->events)));
        close();
    });
    layout->addWidget(buttons);
    for (auto* choice : m_choice) {
        connect(choice, &QComboBox::currentIndexChanged, this, &CompareDialog::fill);
    }
    fill();
}

const session::Branch* CompareDialog::chosen(std::size_t side) const
{
    return &m_snapshot.branches[static_cast<std::size_t>(m_choice[side]->currentIndex())];
}

void CompareDialog::fill()
{
    m_table->clear();
    const auto* one = chosen(0);
    const auto* other = chosen(1);
    m_table->setHeaderLabels({QString(), q(one->name), q(other->name)});
    addNumbers(*one, *other);
    const auto first = firstDifference(m_snapshot, *one, *other);
    if (first) {
        m_parting->setText(tr("They part at event %1. %2: %3. %4: %5.")
                               .arg(Wording::count(first.value), q(one->name),
                                    Wording::sentence(*one->trace, first), q(other->name),
                                    Wording::sentence(*other->trace, first)));
    } else {
        m_parting->setText(one->events == other->events ? tr("Both are the same, event by event.")
                                                        : tr("One is the beginning of the other."));
    }
    m_ends = {};
    const auto question = ++m_question;
    for (std::size_t side = 0; side < 2; ++side) {
        const auto* branch = chosen(side);
        m_run.fetch(branch->id, EventId(branch->events),
                    [self = QPointer(this), side, question](const session::StatePtr& state) {
                        if (self && question == self->m_question) {
                            self->m_ends[side] = state;
                            self->addNodes();
                        }
                    });
    }
}

void CompareDialog::addNumbers(const session::Branch& one, const session::Branch& other)
{
    const auto a = tallyOf(one);
    const auto b = tallyOf(other);
    const auto add = [&](const QString& name, std::uint64_t left, std::uint64_t right) {
        auto* item =
            new QTreeWidgetItem(m_table, {name, Wording::count(left), Wording::count(right)});
        if (left != right) {
            item->setForeground(2, m_theme.colour(Ink::Cursor));
        }
        for (int column = 1; column < 3; ++column) {
            item->setFont(column, m_theme.font(Typeface::Data, Type::small));
        }
    };
    add(tr("Events"), a.events, b.events);
    add(tr("Messages sent"), a.sent, b.sent);
    add(tr("Messages that died"), a.dropped, b.dropped);
    add(tr("Requests"), a.asked, b.asked);
    add(tr("Requests answered"), a.answered, b.answered);
    add(tr("Crashes"), a.crashes, b.crashes);
    add(tr("Broken promises"), a.violations, b.violations);
    auto* time = new QTreeWidgetItem(m_table, {tr("Time"), Wording::at(a.now), Wording::at(b.now)});
    for (int column = 1; column < 3; ++column) {
        time->setFont(column, m_theme.font(Typeface::Data, Type::small));
    }
}

void CompareDialog::addNodes()
{
    if (!m_ends[0] || !m_ends[1]) {
        return;
    }
    const auto& about = chosen(0)->trace->about();
    const auto names = about.names();
    const auto diffs = diffOf(*m_ends[0], *m_ends[1]);
    for (const auto& diff : diffs) {
        auto* node = new QTreeWidgetItem(m_table,
                                         {tr("%1 at the end").arg(q(about.nameOf(diff.node))),
                                          Wording::life(diff.one), Wording::life(diff.other)});
        if (diff.one != diff.other) {
            node->setForeground(2, m_theme.colour(Ink::Cursor));
        }
        for (const auto& change : diff.changes) {
            auto* item = new QTreeWidgetItem(
                node, {q(change.path), textOf(change.before, names), textOf(change.after, names)});
            for (int column = 0; column < 3; ++column) {
                item->setFont(column, m_theme.font(Typeface::Data, Type::small));
                item->setToolTip(column, item->text(column));
            }
            item->setForeground(2, m_theme.colour(Ink::Cursor));
        }
        node->setExpanded(diff.changes.size() <= 12);
    }
    if (diffs.empty()) {
        new QTreeWidgetItem(m_table, {tr("Every node ended alike.")});
    }
}

} // namespace lightcone::window
