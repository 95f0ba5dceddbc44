#include "views/window/fault_dialogs.h"

#include "views/theme/text.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace lightcone::window {

using theme::Space;

namespace {

constexpr int groupCount = 3;
constexpr int reach = 3; ///< the place in the list of the group that hears everybody

QLabel* previewOf(QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setProperty("kind", "small");
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QDialogButtonBox* buttonsOf(QDialog* dialog, const QString& text)
{
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, dialog);
    buttons->addButton(text, QDialogButtonBox::AcceptRole)->setDefault(true);
    QObject::connect(buttons, &QDialogButtonBox::accepted, dialog, &QDialog::accept);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    return buttons;
}

} // namespace

PartitionDialog::PartitionDialog(const trace::About& about, NodeId selected, QWidget* parent)
    : QDialog(parent)
    , m_preview(previewOf(this))
{
    setWindowTitle(tr("Partition"));
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(Space::small);
    layout->addWidget(new QLabel(tr("Nodes of different groups no longer hear each other."), this));
    auto* form = new QFormLayout;
    const auto majority = about.members.size() / 2 + 1;
    for (std::size_t i = 0; i < about.members.size(); ++i) {
        const auto& member = about.members[i];
        auto* group = new QComboBox(this);
        group->addItems({tr("Group A"), tr("Group B"), tr("Group C"), tr("Hears everybody")});
        const bool second = selected ? member.id == selected : i >= majority;
        group->setCurrentIndex(second ? 1 : 0);
        m_names.push_back(member.name);
        m_groups.push_back(group);
        form->addRow(q(member.name), group);
        connect(group, &QComboBox::currentIndexChanged, this, &PartitionDialog::refresh);
    }
    layout->addLayout(form);
    layout->addWidget(m_preview);
    auto* buttons = buttonsOf(this, tr("Partition"));
    for (auto* button : buttons->buttons()) {
        if (buttons->buttonRole(button) == QDialogButtonBox::AcceptRole) {
            m_go = static_cast<QPushButton*>(button);
        }
    }
    layout->addWidget(buttons);
    refresh();
}

std::string PartitionDialog::line() const
{
    std::string text = "partition";
    int groups = 0;
    for (int group = 0; group < groupCount; ++group) {
        std::string names;
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            if (m_groups[i]->currentIndex() == group && group != reach) {
                names += (names.empty() ? "" : " ") + m_names[i];
            }
        }
        if (!names.empty()) {
            text += " {" + names + "}";
            ++groups;
        }
    }
    return groups > 1 ? text : std::string();
}

void PartitionDialog::refresh()
{
    const auto text = line();
    m_preview->setText(text.empty() ? tr("Put nodes into at least two groups.") : q(text));
    m_go->setEnabled(!text.empty());
}

LinkDialog::LinkDialog(const trace::About& about, NodeId from, NodeId to, QWidget* parent)
    : QDialog(parent)
    , m_from(new QComboBox(this))
    , m_to(new QComboBox(this))
    , m_oneWay(new QCheckBox(tr("Only in this direction"), this))
    , m_latency(new QLineEdit(QStringLiteral("50ms"), this))
    , m_loss(new QDoubleSpinBox(this))
    , m_duplicate(new QDoubleSpinBox(this))
    , m_reorder(new QDoubleSpinBox(this))
    , m_preview(previewOf(this))
{
    setWindowTitle(tr("Slow link"));
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(Space::small);
    auto* form = new QFormLayout;
    m_from->addItem(tr("Every link"));
    for (const auto& member : about.members) {
        m_from->addItem(q(member.name));
        m_to->addItem(q(member.name));
        if (member.id == from) {
            m_from->setCurrentIndex(m_from->count() - 1);
        }
        if (member.id == to) {
            m_to->setCurrentIndex(m_to->count() - 1);
        }
    }
    if (!to && m_from->currentIndex() == 1 && m_to->count() > 1) {
        m_to->setCurrentIndex(1);
    }
    form->addRow(tr("From"), m_from);
    form->addRow(tr("To"), m_to);
    form->addRow(QString(), m_oneWay);
    m_latency->setToolTip(tr("A time such as 50ms, or a range such as 10ms..80ms"));
    form->addRow(tr("Latency"), m_latency);
    for (auto* box : {m_loss, m_duplicate, m_reorder}) {
        box->setRange(0, 100);
        box->setSuffix(QStringLiteral(" %"));
        box->setDecimals(1);
        connect(box, &QDoubleSpinBox::valueChanged, this, &LinkDialog::refresh);
    }
    form->addRow(tr("Loss"), m_loss);
    form->addRow(tr("Duplicates"), m_duplicate);
    form->addRow(tr("Reordering"), m_reorder);
    layout->addLayout(form);
    layout->addWidget(m_preview);
    layout->addWidget(buttonsOf(this, tr("Change the link")));
    connect(m_from, &QComboBox::currentIndexChanged, this, &LinkDialog::refresh);
    connect(m_to, &QComboBox::currentIndexChanged, this, &LinkDialog::refresh);
    connect(m_oneWay, &QCheckBox::toggled, this, &LinkDialog::refresh);
    connect(m_latency, &QLineEdit::textChanged, this, &LinkDialog::refresh);
    refresh();
}

std::string LinkDialog::line() const
{
    auto text = m_from->currentIndex() == 0 ? std::string("network")
                                            : "link " + m_from->currentText().toStdString()
            + (m_oneWay->isChecked() ? " -> " : " ") + m_to->currentText().toStdString();
    const auto before = text;
    if (const auto latency = m_latency->text().trimmed(); !latency.isEmpty()) {
        text += " latency=" + latency.toStdString();
    }
    const auto chance = [&](const char* key, const QDoubleSpinBox* box) {
        if (box->value() > 0) {
            text +=
                std::string(" ") + key + "=" + QString::number(box->value()).toStdString() + "%";
        }
    };
    chance("loss", m_loss);
    chance("duplicate", m_duplicate);
    chance("reorder", m_reorder);
    return text == before ? text + " reset" : text;
}

void LinkDialog::refresh()
{
    const bool all = m_from->currentIndex() == 0;
    m_to->setEnabled(!all);
    m_oneWay->setEnabled(!all);
    m_preview->setText(q(line()));
}

} // namespace lightcone::window
