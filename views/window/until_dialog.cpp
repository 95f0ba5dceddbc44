#include "views/window/until_dialog.h"

#include "engine/query/query.h"

#include <QCompleter>
#include <QDialogButtonBox>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace lightcone::window {

using picture::Typeface;
using theme::Space;
using theme::Type;

UntilDialog::UntilDialog(const theme::Theme& theme, run::RunView& run, const QStringList& history,
                         const QString& question, QWidget* parent)
    : QDialog(parent)
    , m_run(run)
    , m_field(new QComboBox(this))
    , m_error(new QLabel(this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Run until"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(Space::wide, Space::wide, Space::wide, Space::wide);
    layout->setSpacing(Space::small);
    auto* label = new QLabel(tr("Run on until this holds after a step:"), this);
    layout->addWidget(label);
    const auto data = theme.font(Typeface::Data, Type::body);
    m_field->setEditable(true);
    m_field->setInsertPolicy(QComboBox::NoInsert);
    m_field->addItems(history);
    m_field->setFont(data);
    m_field->lineEdit()->setFont(data);
    m_field->setEditText(question);
    m_field->setMinimumWidth(460);
    m_field->setAccessibleName(tr("Question"));
    m_field->lineEdit()->setPlaceholderText(QStringLiteral("count(role == leader) == 1"));
    if (run.trace()) {
        QStringList words;
        const auto context = query::Context::of(run.trace()->about(), query::Scope::Both);
        for (const auto& word : query::vocabulary(context)) {
            words << QString::fromStdString(word);
        }
        m_words.setStringList(words);
        auto* completer = new QCompleter(&m_words, this);
        completer->setCaseSensitivity(Qt::CaseInsensitive);
        m_field->setCompleter(completer);
    }
    layout->addWidget(m_field);
    m_error->setFont(data);
    m_error->setProperty("kind", "bad");
    m_error->setTextFormat(Qt::PlainText);
    m_error->setWordWrap(false);
    m_error->setContentsMargins(9, 0, 0, 0);
    layout->addWidget(m_error);
    auto* hint = new QLabel(tr("Such as: n4.role == leader · kind == drop and to == n3 · "
                               "count(role == leader) <= 1"),
                            this);
    hint->setProperty("kind", "small");
    layout->addWidget(hint);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    auto* go = buttons->addButton(tr("Run"), QDialogButtonBox::AcceptRole);
    go->setDefault(true);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &UntilDialog::start);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_field->setFocus();
}

void UntilDialog::start()
{
    const auto question = m_field->currentText().trimmed();
    const auto done = m_run.session().runUntil(question.toStdString());
    m_field->lineEdit()->setProperty("wrong", !done);
    style()->unpolish(m_field->lineEdit());
    style()->polish(m_field->lineEdit());
    if (!done) {
        const auto column = std::max<std::size_t>(done.error().column, 1);
        m_error->setText(QString(static_cast<qsizetype>(column) - 1, QLatin1Char(' '))
                         + QStringLiteral("^\n") + QString::fromStdString(done.error().message));
        m_field->lineEdit()->setCursorPosition(static_cast<int>(column) - 1);
        m_field->setFocus();
        return;
    }
    emit started(question);
    m_run.soon();
    accept();
}

} // namespace lightcone::window
