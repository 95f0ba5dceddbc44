#include "views/window/help.h"

#include "engine/query/query.h"

#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace lightcone::window {

using picture::Typeface;
using theme::Space;
using theme::Type;

namespace {

constexpr int keysWidth = 150;

QVBoxLayout* scrolled(QDialog* dialog)
{
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    auto* layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(0, 0, 0, Space::medium);
    auto* area = new QScrollArea(dialog);
    area->setWidgetResizable(true);
    auto* content = new QWidget(area);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(Space::section, Space::wide, Space::section, Space::wide);
    column->setSpacing(Space::small);
    area->setWidget(content);
    layout->addWidget(area, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    buttons->setContentsMargins(0, 0, Space::wide, 0);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    layout->addWidget(buttons);
    return column;
}

QLabel* heading(const theme::Theme& theme, const QString& text, QBoxLayout* into)
{
    auto* label = new QLabel(text);
    label->setFont(theme.font(Typeface::UiBold, Type::body));
    into->addWidget(label);
    return label;
}

void addPair(const theme::Theme& theme, QGridLayout* grid, const QString& mono, const QString& text)
{
    const int row = grid->rowCount();
    auto* left = new QLabel(mono);
    left->setFont(theme.font(Typeface::Data, Type::small));
    left->setTextFormat(Qt::PlainText);
    left->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* right = new QLabel(text);
    right->setTextFormat(Qt::PlainText);
    right->setWordWrap(true);
    right->setProperty("kind", "muted");
    grid->addWidget(left, row, 0, Qt::AlignTop);
    grid->addWidget(right, row, 1);
}

QGridLayout* gridIn(QBoxLayout* column, int least = 0)
{
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(Space::section);
    grid->setVerticalSpacing(Space::tight);
    grid->setColumnStretch(1, 1);
    grid->setColumnMinimumWidth(0, least); // the grids of one sheet stand in line
    column->addLayout(grid);
    return grid;
}

} // namespace

KeySheet::KeySheet(const theme::Theme& theme, const Deeds& deeds, QWidget* parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Keyboard"));
    resize(520, 640);
    auto* column = scrolled(this);
    for (const auto& group : deeds.groups()) {
        QGridLayout* grid = nullptr;
        for (const auto* action : group.actions) {
            if (action->shortcuts().isEmpty()) {
                continue;
            }
            if (grid == nullptr) {
                heading(theme, group.title, column);
                grid = gridIn(column, keysWidth);
            }
            QStringList keys;
            for (const auto& key : action->shortcuts()) {
                keys << key.toString(QKeySequence::NativeText);
            }
            addPair(theme, grid, keys.join(QStringLiteral("  ")), Deeds::plainText(*action));
        }
    }
    heading(theme, tr("In the timeline"), column);
    auto* timeline = gridIn(column, keysWidth);
    addPair(theme, timeline, tr("Space"), tr("Play or pause"));
    addPair(theme, timeline, QStringLiteral("← →"), tr("One event back or forth"));
    addPair(theme, timeline, tr("Wheel"), tr("Zoom at the pointer"));
    addPair(theme, timeline, QStringLiteral("G"), tr("A lane for each client, or one for all"));
    heading(theme, tr("In the events and in flight"), column);
    auto* lists = gridIn(column, keysWidth);
    addPair(theme, lists, QStringLiteral("↑ ↓"), tr("One line up or down"));
    addPair(theme, lists, tr("Enter"), tr("In flight: this happens next"));
    column->addStretch(1);
}

QuestionSheet::QuestionSheet(const theme::Theme& theme, const run::RunView& run, QWidget* parent)
    : QDialog(parent)
{
    setWindowTitle(tr("The language for asking"));
    resize(640, 640);
    auto* column = scrolled(this);
    auto* intro = new QLabel(tr("One language filters the events, stops a run and states what a "
                                "scenario expects."));
    intro->setWordWrap(true);
    column->addWidget(intro);
    auto* grid = gridIn(column);
    addPair(theme, grid, QStringLiteral("kind == drop and to == n3"), tr("A message to n3 died"));
    addPair(theme, grid, QStringLiteral("node == n1 or peer == n1"), tr("Whatever concerns n1"));
    addPair(theme, grid, QStringLiteral("note ~ \"leader\""), tr("A note that contains the word"));
    addPair(theme, grid, QStringLiteral("n4.role == leader"), tr("While n4's state says so"));
    addPair(theme, grid, QStringLiteral("count(role == leader and up) <= 1"),
            tr("How many nodes are such"));
    addPair(theme, grid, QStringLiteral("kind == send preceded by kind == crash"),
            tr("Sends in whose causal past there is a crash"));
    if (run.trace()) {
        heading(theme, tr("Words of this run"), column);
        QStringList words;
        const auto context = query::Context::of(run.trace()->about(), query::Scope::Both);
        for (const auto& word : query::vocabulary(context)) {
            words << QString::fromStdString(word);
        }
        auto* list = new QLabel(words.join(QStringLiteral("  ")));
        list->setFont(theme.font(Typeface::Data, Type::small));
        list->setWordWrap(true);
        list->setTextFormat(Qt::PlainText);
        list->setTextInteractionFlags(Qt::TextSelectableByMouse);
        column->addWidget(list);
    }
    column->addStretch(1);
}

} // namespace lightcone::window
