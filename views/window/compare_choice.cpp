#include "views/window/compare_choice.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lightcone::window {

using theme::Space;

namespace {

constexpr int choiceRole = Qt::UserRole + 1;

} // namespace

CompareChoice::CompareChoice(const theme::Theme& theme, const run::RunView& run,
                             const QString& path, const std::vector<library::Shelf>& shelves,
                             QWidget* parent)
    : QDialog(parent)
    , m_search(new QLineEdit(this))
    , m_list(new QListWidget(this))
    , m_settingsLabel(new QLabel(tr("With other settings:"), this))
    , m_settings(new QLineEdit(this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this))
{
    setWindowTitle(tr("Compare with"));
    resize(560, 520);
    m_search->setPlaceholderText(tr("Search branches and scenarios"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->setClearButtonEnabled(true);
    m_settings->setPlaceholderText(QStringLiteral("seed=7 nodes=5"));
    m_settings->setFont(theme.font(picture::Typeface::Data, theme::Type::small));
    m_settings->setToolTip(
        tr("What the scenario's cluster line takes; the rest stays as it is written there"));
    m_settingsLabel->setBuddy(m_settings);
    const auto& snapshot = run.snapshot();
    for (const auto& branch : snapshot.branches) {
        if (branch.id != snapshot.current) {
            const auto name = QString::fromStdString(branch.name);
            add(tr("Branch: %1").arg(name), {}, {branch.id, {}, name, {}});
        }
    }
    auto title = QFileInfo(path).completeBaseName();
    for (const auto& shelf : shelves) {
        const auto found = std::ranges::find(shelf.items, path, &library::Item::path);
        title = found != shelf.items.end() ? found->title : title;
    }
    if (path.endsWith(QStringLiteral(".scenario"))) {
        m_same = path;
        add(tr("The same scenario with other settings"), path, {{}, path, title, {}});
    }
    for (const auto& shelf : library::inOrder(shelves)) {
        for (const auto& item : shelf.items) {
            if (item.path != path) {
                add(shelf.title + QStringLiteral(" · ") + item.title, item.path,
                    {{}, item.path, item.title, {}});
            }
        }
    }
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setTextElideMode(Qt::ElideRight);
    m_list->setCurrentRow(0);
    auto* file = m_buttons->addButton(tr("Choose a file…"), QDialogButtonBox::ActionRole);
    m_buttons->button(QDialogButtonBox::Ok)->setText(tr("Compare"));
    auto* row = new QHBoxLayout;
    row->addWidget(m_settingsLabel);
    row->addWidget(m_settings, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Space::wide, Space::wide, Space::wide, Space::wide);
    column->setSpacing(Space::medium);
    column->addWidget(m_search);
    column->addWidget(m_list, 1);
    column->addLayout(row);
    column->addWidget(m_buttons);
    m_search->installEventFilter(this);
    connect(m_settings, &QLineEdit::textChanged, this, &CompareChoice::refresh);
    connect(m_search, &QLineEdit::textChanged, this, &CompareChoice::narrow);
    connect(m_list, &QListWidget::currentRowChanged, this, &CompareChoice::refresh);
    connect(m_list, &QListWidget::itemActivated, this, &CompareChoice::take);
    connect(file, &QPushButton::clicked, this, &CompareChoice::askFile);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &CompareChoice::take);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    refresh();
}

void CompareChoice::add(const QString& text, const QString& hint, const Choice& choice)
{
    auto* item = new QListWidgetItem(text, m_list);
    item->setToolTip(hint);
    item->setData(choiceRole, static_cast<int>(m_choices.size()));
    m_choices.push_back(choice);
}

void CompareChoice::narrow(const QString& words)
{
    QListWidgetItem* first = nullptr;
    for (int i = 0; i < m_list->count(); ++i) {
        auto* item = m_list->item(i);
        bool fits = true;
        for (const auto& word : words.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
            fits = fits && item->text().contains(word, Qt::CaseInsensitive);
        }
        item->setHidden(!fits);
        first = fits && first == nullptr ? item : first;
    }
    m_list->setCurrentItem(first);
}

CompareChoice::Choice CompareChoice::choice() const
{
    const auto* item = m_list->currentItem();
    if (item == nullptr) {
        return {};
    }
    auto choice = m_choices[static_cast<std::size_t>(item->data(choiceRole).toInt())];
    if (m_settings->isEnabled()) {
        choice.settings = m_settings->text().trimmed();
    }
    return choice;
}

void CompareChoice::askFile()
{
    const auto path = QFileDialog::getOpenFileName(
        this, tr("Compare with"), {}, tr("Runs (*.scenario *.lightcone);;All files (*)"));
    if (!path.isEmpty()) {
        m_search->clear();
        add(path, path, {{}, path, QFileInfo(path).completeBaseName(), {}});
        m_list->setCurrentRow(m_list->count() - 1);
    }
}

void CompareChoice::refresh()
{
    const auto chosen = m_list->currentItem() != nullptr;
    const auto scenario = chosen && choice().path.endsWith(QStringLiteral(".scenario"));
    m_settings->setEnabled(scenario);
    m_settingsLabel->setEnabled(scenario);
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(chosen && !isItself());
}

/// The scenario beside itself differs in nothing.
bool CompareChoice::isItself() const
{
    const auto chosen = choice();
    return !chosen.branch && !m_same.isEmpty() && chosen.path == m_same
        && chosen.settings.isEmpty();
}

void CompareChoice::take()
{
    if (m_list->currentItem() == nullptr) {
        return;
    }
    if (isItself()) {
        m_settings->setFocus();
        return;
    }
    accept();
}

/// Up and down go through the list while one types.
bool CompareChoice::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Up || key == Qt::Key_PageDown
            || key == Qt::Key_PageUp) {
            QCoreApplication::sendEvent(m_list, event);
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace lightcone::window
