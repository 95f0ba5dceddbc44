#include "views/inspector/flights.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QInputDialog>
#include <QMenu>
#include <QMessageBox>
#include <QVBoxLayout>

namespace lightcone::inspector {

using theme::Space;

Flights::Flights(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
                 QWidget* parent)
    : QWidget(parent)
    , m_cursor(cursor)
    , m_run(run)
    , m_model(theme, run)
    , m_list(new QTreeView(this))
    , m_hint(new QLabel(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(Space::small, Space::small, Space::small, Space::small);
    layout->setSpacing(Space::small);
    m_list->setModel(&m_model);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAllColumnsShowFocus(true);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    m_list->setAccessibleName(tr("What may happen next"));
    m_list->header()->setStretchLastSection(true);
    m_list->header()->resizeSection(FlightModel::What, 150);
    m_list->header()->resizeSection(FlightModel::From, 48);
    m_list->header()->resizeSection(FlightModel::To, 48);
    layout->addWidget(m_list, 1);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(Space::tight);
    const auto add = [&](const QString& text, const QString& hint) {
        auto* button = new QPushButton(text, this);
        button->setToolTip(hint);
        button->setAutoDefault(false);
        buttons->addWidget(button);
        return button;
    };
    m_now = add(tr("Deliver"), tr("Lets it happen at once"));
    m_drop = add(tr("Drop"), tr("The message dies"));
    m_duplicate = add(tr("Duplicate"), tr("A second copy is under way"));
    m_delay = add(tr("Delay…"), tr("It arrives later"));
    layout->addLayout(buttons);
    m_hint->setProperty("kind", "small");
    m_hint->setWordWrap(true);
    layout->addWidget(m_hint);

    connect(m_now, &QPushButton::clicked, this, [this] { act(m_model.nowLine(row())); });
    connect(m_drop, &QPushButton::clicked, this, [this] { act(messageLine("drop")); });
    connect(m_duplicate, &QPushButton::clicked, this, [this] { act(messageLine("duplicate")); });
    connect(m_delay, &QPushButton::clicked, this, &Flights::askDelay);
    connect(m_list, &QTreeView::activated, this, &Flights::pick);
    connect(m_list, &QTreeView::customContextMenuRequested, this, &Flights::fillMenu);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &Flights::refresh);
    connect(&m_model, &QAbstractItemModel::layoutChanged, this, &Flights::refresh);
    connect(&run, &run::RunView::changed, this, &Flights::refresh);
    refresh();
}

int Flights::row() const
{
    return m_list->currentIndex().row();
}

std::string Flights::messageLine(const char* verb) const
{
    return std::string(verb) + " #" + std::to_string(m_model.at(row()).message.value);
}

void Flights::act(const std::string& line)
{
    m_run.act(line, m_cursor.event());
}

void Flights::pick()
{
    if (row() >= 0) {
        act(m_model.pickLine(row()));
    }
}

void Flights::askDelay()
{
    bool accepted = false;
    const auto text = QInputDialog::getText(this, tr("Delay the message"),
                                            tr("By how long, such as 20ms or 1.5s:"),
                                            QLineEdit::Normal, QStringLiteral("20ms"), &accepted);
    if (!accepted || row() < 0) {
        return;
    }
    const auto time = parseDuration(text.toStdString());
    if (!time) {
        QMessageBox::warning(this, tr("Delay the message"),
                             QString::fromStdString(time.error().message));
        return;
    }
    act(messageLine("delay") + " " + toScenarioText(*time));
}

void Flights::fillMenu(const QPoint& at)
{
    if (row() < 0) {
        return;
    }
    const bool message = m_model.at(row()).timer.empty();
    QMenu menu;
    menu.addAction(tr("This happens next"), this, &Flights::pick)->setShortcut(Qt::Key_Return);
    menu.addSeparator();
    menu.addAction(message ? tr("Deliver now") : tr("Fire now"), m_now, &QPushButton::click);
    if (message) {
        menu.addAction(tr("Drop"), m_drop, &QPushButton::click);
        menu.addAction(tr("Duplicate"), m_duplicate, &QPushButton::click);
        menu.addAction(tr("Delay…"), m_delay, &QPushButton::click);
        menu.addSeparator();
        const auto sent = m_model.at(row()).message;
        menu.addAction(tr("Go to where it was sent"), this, [this, sent] {
            if (m_run.trace() && sent.value <= m_run.events()) {
                m_cursor.setEvent(sent, (*m_run.trace())[sent].at);
            }
        });
    }
    menu.exec(m_list->viewport()->mapToGlobal(at));
}

void Flights::refresh()
{
    const bool any = row() >= 0 && row() < m_model.rowCount();
    const bool message = any && m_model.at(row()).timer.empty();
    m_now->setEnabled(any);
    m_now->setText(any && !message ? tr("Fire now") : tr("Deliver"));
    m_drop->setEnabled(message);
    m_duplicate->setEnabled(message);
    m_delay->setEnabled(message);
    const bool byHand = m_run.isOpen() && m_run.snapshot().pace.kind == session::Pace::Kind::ByHand;
    m_hint->setText(m_model.rowCount() == 0 ? tr("Nothing is under way and no timer is armed.")
                        : byHand ? tr("By hand: choose a line and press Enter; it happens next.")
                                 : tr("Enter lets the chosen line happen next."));
    emit counted(m_model.messages());
}

} // namespace lightcone::inspector
