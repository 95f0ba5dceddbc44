#include "views/connect/start_dialog.h"

#include "views/theme/room.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lightcone::connecting {

using theme::Space;

bool holdsCluster(const QString& directory)
{
    return QFileInfo::exists(directory + QStringLiteral("/operator/cluster.toml"));
}

StartDialog::StartDialog(const theme::Theme& /*theme*/, std::vector<Offer> offers,
                         const StartPlan& last, QWidget* parent)
    : QDialog(parent)
    , m_offers(std::move(offers))
    , m_protocol(new QComboBox(this))
    , m_nodes(new QSpinBox(this))
    , m_directory(new QLineEdit(this))
    , m_note(new QLabel(this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Start a real cluster here"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Space::wide, Space::wide, Space::wide, Space::wide);
    column->setSpacing(Space::medium);
    auto* what = new QLabel(tr("Real processes on this machine, with real sockets and disks. They "
                               "end when another run is opened or the window closes; their data "
                               "stays."),
                            this);
    what->setWordWrap(true);
    what->setProperty("kind", "muted");
    column->addWidget(what);
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    for (const auto& offer : m_offers) {
        m_protocol->addItem(offer.title, offer.id);
    }
    m_protocol->setCurrentIndex(std::max(m_protocol->findData(last.protocol), 0));
    form->addRow(tr("&Protocol"), m_protocol);
    m_nodes->setRange(1, 50);
    m_nodes->setValue(last.nodes);
    form->addRow(tr("&Nodes"), m_nodes);
    auto* row = new QHBoxLayout;
    m_directory->setText(last.directory);
    m_directory->setObjectName(QStringLiteral("directory"));
    auto* browse = new QToolButton(this);
    browse->setText(tr("…"));
    browse->setAccessibleName(tr("Choose a directory"));
    row->addWidget(m_directory, 1);
    row->addWidget(browse);
    auto* where = new QLabel(tr("&Data directory"), this);
    where->setBuddy(m_directory);
    form->addRow(where, row);
    column->addLayout(form);
    m_note->setWordWrap(true);
    m_note->setProperty("kind", "muted");
    column->addWidget(m_note);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_go = buttons->addButton(tr("&Start"), QDialogButtonBox::AcceptRole);
    m_go->setDefault(true);
    column->addWidget(buttons);
    setMinimumWidth(520);
    connect(browse, &QToolButton::clicked, this, [this] {
        const auto path =
            QFileDialog::getExistingDirectory(this, windowTitle(), m_directory->text());
        if (!path.isEmpty()) {
            m_directory->setText(path);
        }
    });
    connect(m_directory, &QLineEdit::textChanged, this, &StartDialog::check);
    connect(m_protocol, &QComboBox::currentIndexChanged, this, &StartDialog::check);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_go, &QPushButton::clicked, this, [this] {
        emit wanted(plan());
        accept();
    });
    check();
}

StartPlan StartDialog::plan() const
{
    return {m_protocol->currentData().toString(), m_nodes->isEnabled() ? m_nodes->value() : 0,
            QDir::cleanPath(m_directory->text().trimmed())};
}

void StartDialog::check()
{
    const auto directory = m_directory->text().trimmed();
    const bool again = holdsCluster(directory);
    const auto index = static_cast<std::size_t>(std::max(m_protocol->currentIndex(), 0));
    const bool counts = index < m_offers.size() && m_offers[index].counts;
    m_protocol->setEnabled(!again);
    m_nodes->setEnabled(!again && counts);
    const bool full = !again && QDir(directory).exists() && !QDir(directory).isEmpty();
    const bool absolute = QDir::isAbsolutePath(directory);
    m_note->setText(again      ? tr("The cluster that is there is started again, with its data.")
                        : full ? tr("This directory holds something else: choose an empty one, or "
                                    "one that is not there yet.")
                        : !absolute ? tr("Choose a directory.")
                                    : tr("Certificates and data of the nodes will be there."));
    theme::makeRoom(*this);
    m_go->setEnabled(absolute && !full && !m_offers.empty());
}

} // namespace lightcone::connecting
