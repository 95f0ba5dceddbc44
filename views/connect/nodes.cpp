#include "views/connect/nodes.h"

#include <QHeaderView>
#include <QVBoxLayout>

namespace lightcone::connecting {

using theme::Space;

Nodes::Nodes(const theme::Theme& theme, run::RunView& run, QWidget* parent)
    : QWidget(parent)
    , m_run(run)
    , m_model(theme)
    , m_list(new QTreeView(this))
    , m_none(new QLabel(tr("No real nodes are watched: connect to some, or start a cluster here, "
                           "both in the File menu."),
                        this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    m_none->setWordWrap(true);
    m_none->setProperty("kind", "muted");
    m_none->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_none->setMargin(Space::medium);
    m_list->setModel(&m_model);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setSelectionMode(QAbstractItemView::NoSelection);
    m_list->setAccessibleName(tr("Nodes"));
    m_list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_list->header()->setStretchLastSection(true);
    column->addWidget(m_none);
    column->addWidget(m_list, 1);
    connect(&run, &run::RunView::changed, this, &Nodes::refresh);
    connect(&run, &run::RunView::opened, this, &Nodes::refresh);
    refresh();
}

void Nodes::refresh()
{
    static const std::vector<session::LiveNode> nobody;
    m_model.show(m_run.isOpen() ? m_run.snapshot().nodes : nobody);
    m_none->setVisible(m_model.rowCount() == 0);
    m_list->setVisible(m_model.rowCount() != 0);
}

} // namespace lightcone::connecting
