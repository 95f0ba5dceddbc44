#include "views/inspector/checks.h"

#include <QHeaderView>
#include <QVBoxLayout>

namespace lightcone::inspector {

using theme::Space;

Checks::Checks(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run, QWidget* parent)
    : QWidget(parent)
    , m_cursor(cursor)
    , m_run(run)
    , m_model(theme, run)
    , m_list(new QTreeView(this))
    , m_about(new QLabel(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(Space::small, Space::small, Space::small, Space::small);
    layout->setSpacing(Space::small);
    m_list->setModel(&m_model);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAllColumnsShowFocus(true);
    m_list->setIconSize(QSize(14, 14));
    m_list->setAccessibleName(tr("What must hold"));
    m_list->header()->setStretchLastSection(true);
    m_list->header()->resizeSection(CheckModel::What, 190);
    layout->addWidget(m_list, 1);
    m_about->setProperty("kind", "small");
    m_about->setWordWrap(true);
    m_about->setTextFormat(Qt::PlainText);
    m_about->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_about);
    connect(m_list, &QTreeView::clicked, this, &Checks::go);
    connect(m_list, &QTreeView::activated, this, &Checks::go);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &Checks::explain);
    connect(&run, &run::RunView::changed, this, &Checks::refresh);
    connect(&run, &run::RunView::linearityChanged, this, &Checks::refresh);
    refresh();
    explain();
}

void Checks::refresh()
{
    emit counted();
    explain();
}

void Checks::explain()
{
    const auto index = m_list->currentIndex();
    m_about->setText(index.isValid()
                         ? index.siblingAtColumn(CheckModel::What).data(Qt::ToolTipRole).toString()
                         : tr("Choose a line to see what it promises and where that is written; "
                              "one that is broken, or not judged any more, leads to the event "
                              "that says so."));
}

void Checks::go(const QModelIndex& index)
{
    const EventId at(index.data(CheckModel::EventRole).toULongLong());
    if (at && m_run.trace() && at.value <= m_run.events()) {
        m_cursor.setEvent(at, (*m_run.trace())[at].at);
    }
}

} // namespace lightcone::inspector
