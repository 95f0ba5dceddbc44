#include "views/connect/connect_dialog.h"

#include "views/theme/room.h"
#include "views/theme/text.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QRegularExpression>
#include <QToolButton>
#include <QVBoxLayout>

namespace lightcone::connecting {

using theme::Space;

namespace {

QStringList addressesIn(const QString& text)
{
    static const QRegularExpression between(QStringLiteral("[,;\\s]+"));
    return text.split(between, Qt::SkipEmptyParts);
}

} // namespace

ConnectDialog::ConnectDialog(const theme::Theme& /*theme*/, const Remembered& last, QWidget* parent)
    : QDialog(parent)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Connect to nodes"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Space::wide, Space::wide, Space::wide, Space::wide);
    column->setSpacing(Space::medium);
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    column->addLayout(form);
    m_file = fileField(tr("Cluster &file"), tr("Clusters (*.toml);;All files (*)"),
                       QStringLiteral("file"));
    m_file->setPlaceholderText(tr("operator/cluster.toml, as lightcone-node init writes it"));
    auto* either = new QLabel(
        tr("or, where there is no such file, the address of one node's control port:"), this);
    either->setProperty("kind", "muted");
    form->addRow(either);
    m_addresses =
        field(tr("&Addresses"), QStringLiteral("127.0.0.1:7201"), QStringLiteral("addresses"));
    const auto pem = tr("Certificates and keys (*.pem *.crt *.key);;All files (*)");
    m_authority = fileField(tr("A&uthority"), pem, QStringLiteral("authority"));
    m_certificate = fileField(tr("&Certificate"), pem, QStringLiteral("certificate"));
    m_key = fileField(tr("&Key"), pem, QStringLiteral("key"));
    m_token = field(tr("&Token"), tr("only on this machine, without certificates; not remembered"),
                    QStringLiteral("token"));
    m_token->setEchoMode(QLineEdit::Password);
    m_oldest = new QCheckBox(tr("Begin as far back as the nodes &remember"), this);
    m_oldest->setChecked(last.fromOldest);
    column->addWidget(m_oldest);
    m_error = new QLabel(this);
    m_error->setWordWrap(true);
    m_error->setProperty("kind", "muted");
    column->addWidget(m_error);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_go = buttons->addButton(tr("Co&nnect"), QDialogButtonBox::AcceptRole);
    m_go->setDefault(true);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_go, &QPushButton::clicked, this, &ConnectDialog::tryIt);
    m_file->setText(last.file);
    m_addresses->setText(last.addresses);
    m_authority->setText(last.authority);
    m_certificate->setText(last.certificate);
    m_key->setText(last.key);
    setMinimumWidth(560);
    for (auto* each : {m_file, m_addresses, m_authority, m_certificate, m_key, m_token}) {
        connect(each, &QLineEdit::textChanged, this, &ConnectDialog::check);
    }
    check();
    m_file->selectAll(); // another file takes the place of the last one
}

QLineEdit* ConnectDialog::field(const QString& title, const QString& hint, const QString& name)
{
    auto* made = new QLineEdit(this);
    made->setObjectName(name);
    made->setPlaceholderText(hint);
    findChild<QFormLayout*>()->addRow(title, made);
    return made;
}

QLineEdit* ConnectDialog::fileField(const QString& title, const QString& filter,
                                    const QString& name)
{
    auto* row = new QWidget(this);
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(Space::small);
    auto* made = new QLineEdit(row);
    made->setObjectName(name);
    auto* browse = new QToolButton(row);
    browse->setText(tr("…"));
    browse->setAccessibleName(tr("Choose a file"));
    line->addWidget(made, 1);
    line->addWidget(browse);
    auto* label = new QLabel(title, this);
    label->setBuddy(made);
    findChild<QFormLayout*>()->addRow(label, row);
    connect(browse, &QToolButton::clicked, this, [this, made, filter] {
        const auto path = QFileDialog::getOpenFileName(this, windowTitle(),
                                                       QFileInfo(made->text()).path(), filter);
        if (!path.isEmpty()) {
            made->setText(path);
        }
    });
    return made;
}

Remembered ConnectDialog::remembered() const
{
    return {m_file->text().trimmed(),      m_addresses->text().trimmed(),
            m_authority->text().trimmed(), m_certificate->text().trimmed(),
            m_key->text().trimmed(),       m_oldest->isChecked()};
}

QString ConnectDialog::wrong() const
{
    const auto now = remembered();
    if (!now.file.isEmpty()) {
        return QFileInfo(now.file).isFile() ? QString() : tr("There is no file %1.").arg(now.file);
    }
    const auto addresses = addressesIn(now.addresses);
    if (addresses.isEmpty()) {
        return tr("Choose a cluster's file, or say where a node's control port is.");
    }
    for (const auto& address : addresses) {
        const auto why = session::wrongAddress(address.toStdString());
        if (!why.empty()) {
            return q(why);
        }
    }
    const int given = static_cast<int>(!now.authority.isEmpty())
        + static_cast<int>(!now.certificate.isEmpty()) + static_cast<int>(!now.key.isEmpty());
    if (given != 0 && given != 3) {
        return tr("An authority, a certificate and its key are needed together.");
    }
    for (const auto& path : {now.authority, now.certificate, now.key}) {
        if (!path.isEmpty() && !QFileInfo(path).isFile()) {
            return tr("There is no file %1.").arg(path);
        }
    }
    return {};
}

void ConnectDialog::check()
{
    const bool file = !m_file->text().trimmed().isEmpty();
    for (auto* each : {m_addresses, m_authority, m_certificate, m_key, m_token}) {
        each->setEnabled(!file);
    }
    const auto why = wrong();
    m_error->setText(why);
    theme::makeRoom(*this);
    m_go->setEnabled(why.isEmpty());
}

session::ConnectPlan ConnectDialog::plan() const
{
    session::ConnectPlan plan;
    for (const auto& address : addressesIn(m_addresses->text())) {
        plan.addresses.push_back(address.toStdString());
    }
    plan.authority = m_authority->text().trimmed().toStdString();
    plan.certificate = m_certificate->text().trimmed().toStdString();
    plan.key = m_key->text().trimmed().toStdString();
    plan.token = m_token->text().toStdString();
    return plan;
}

void ConnectDialog::tryIt()
{
    auto plan = this->plan();
    if (const auto file = m_file->text().trimmed(); !file.isEmpty()) {
        auto read = session::readConnectPlan(file.toStdString());
        if (!read) {
            m_error->setText(q(read.error().text()));
            theme::makeRoom(*this);
            return;
        }
        plan = std::move(*read);
    }
    plan.fromOldest = m_oldest->isChecked();
    emit wanted(plan);
    accept();
}

} // namespace lightcone::connecting
