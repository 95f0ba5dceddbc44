#include "views/export/export_dialog.h"

#include "engine/query/query.h"
#include "views/theme/painter.h"
#include "views/theme/picture_file.h"
#include "views/theme/text.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QPainter>
#include <QTimer>
#include <QVBoxLayout>

#include <array>

namespace lightcone::exporting {

using theme::Space;

namespace {

constexpr std::array pictureEndings{"svg", "png", "pdf"};
constexpr std::uint64_t aroundEvents = 500;

} // namespace

ExportDialog::ExportDialog(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
                           std::vector<View> views, std::vector<Format> formats,
                           std::optional<std::pair<Instant, Instant>> visible, QWidget* parent)
    : QDialog(parent)
    , m_theme(theme)
    , m_cursor(cursor)
    , m_run(run)
    , m_views(std::move(views))
    , m_formats(std::move(formats))
    , m_visible(visible)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Export"));
    build();
    m_tick.setInterval(50);
    connect(&m_tick, &QTimer::timeout, this, [this] { m_progress->setValue(m_share); });
    refresh();
}

ExportDialog::~ExportDialog()
{
    m_cancelled = true;
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void ExportDialog::build()
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(Space::wide, Space::wide, Space::wide, Space::wide);
    layout->setSpacing(Space::medium);
    auto* form = new QFormLayout;
    m_what = new QComboBox(this);
    for (const auto& view : m_views) {
        for (const auto* ending : pictureEndings) {
            m_what->addItem(tr("%1 as %2").arg(view.title, QString::fromLatin1(ending).toUpper()));
        }
    }
    for (const auto& format : m_formats) {
        m_what->addItem(tr("Events: %1 (.%2)").arg(format.title, format.ending));
        m_what->setItemData(m_what->count() - 1, format.text, Qt::ToolTipRole);
    }
    form->addRow(tr("What"), m_what);
    m_range = new QComboBox(this);
    m_range->addItems(
        {tr("The whole run"), tr("What the timeline shows"), tr("Around the cursor")});
    form->addRow(tr("Range"), m_range);
    m_filter = new QLineEdit(this);
    m_filter->setFont(m_theme.font(picture::Typeface::Data, theme::Type::small));
    m_filter->setPlaceholderText(tr("all events, or such as kind == drop"));
    form->addRow(tr("Filter"), m_filter);
    auto* row = new QHBoxLayout;
    m_path = new QLineEdit(this);
    m_path->setMinimumWidth(360);
    row->addWidget(m_path, 1);
    auto* browse = new QPushButton(tr("Choose…"), this);
    browse->setAutoDefault(false);
    row->addWidget(browse);
    form->addRow(tr("File"), row);
    layout->addLayout(form);
    m_error = new QLabel(this);
    m_error->setWordWrap(true);
    m_error->setTextFormat(Qt::PlainText);
    m_error->setProperty("kind", "bad");
    m_error->hide();
    layout->addWidget(m_error);
    m_progress = new QProgressBar(this);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->hide();
    layout->addWidget(m_progress);
    auto* buttons = new QDialogButtonBox(this);
    m_close = buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole);
    m_write = buttons->addButton(tr("Export"), QDialogButtonBox::AcceptRole);
    m_write->setDefault(true);
    layout->addWidget(buttons);
    connect(m_what, &QComboBox::currentIndexChanged, this, &ExportDialog::refresh);
    connect(browse, &QPushButton::clicked, this, &ExportDialog::browse);
    connect(m_write, &QPushButton::clicked, this, &ExportDialog::write);
    connect(m_close, &QPushButton::clicked, this, [this] {
        if (m_thread.joinable()) {
            m_cancelled = true;
        } else {
            close();
        }
    });
}

bool ExportDialog::isPicture() const
{
    return static_cast<std::size_t>(m_what->currentIndex())
        < m_views.size() * pictureEndings.size();
}

QString ExportDialog::ending() const
{
    const auto place = static_cast<std::size_t>(m_what->currentIndex());
    return isPicture() ? QString::fromLatin1(pictureEndings[place % pictureEndings.size()])
                       : m_formats[place - m_views.size() * pictureEndings.size()].ending;
}

void ExportDialog::suggest(const QString& path)
{
    m_path->setText(path + QLatin1Char('.') + ending());
}

void ExportDialog::refresh()
{
    const bool chooses = !isPicture();
    m_range->setEnabled(chooses);
    m_filter->setEnabled(chooses);
    const QFileInfo info(m_path->text());
    if (!m_path->text().isEmpty()) {
        m_path->setText(info.path() + QLatin1Char('/') + info.completeBaseName() + QLatin1Char('.')
                        + ending());
    }
}

void ExportDialog::browse()
{
    const auto path = QFileDialog::getSaveFileName(this, tr("Export"), m_path->text(),
                                                   QStringLiteral("*.") + ending(), nullptr,
                                                   QFileDialog::DontConfirmOverwrite);
    if (!path.isEmpty()) {
        m_path->setText(path);
    }
}

std::pair<EventId, EventId> ExportDialog::within(Instant first, Instant last) const
{
    const auto& trace = *m_run.trace();
    std::pair<EventId, EventId> found{EventId(m_run.events() + 1), EventId{}};
    // Instants never go down, so both ends are found by halving.
    auto low = std::uint64_t{1};
    auto high = m_run.events() + 1;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (trace[EventId(middle)].at < first) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    found.first = EventId(low);
    high = m_run.events() + 1;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (trace[EventId(middle)].at <= last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    found.second = EventId(low - 1);
    return found;
}

Choice ExportDialog::choice() const
{
    Choice choice;
    choice.first = EventId(1);
    choice.last = EventId(m_run.events());
    choice.question = m_filter->text().trimmed().toStdString();
    const auto range = static_cast<Range>(m_range->currentIndex());
    if (range == Range::Visible && m_visible) {
        std::tie(choice.first, choice.last) = within(m_visible->first, m_visible->second);
    } else if (range == Range::Around) {
        const auto here = m_cursor.event().value;
        choice.first = EventId(here > aroundEvents ? here - aroundEvents : 1);
        choice.last = EventId(std::min(here + aroundEvents, m_run.events()));
    }
    return choice;
}

void ExportDialog::say(const QString& sentence)
{
    m_error->setText(sentence);
    m_error->setVisible(!sentence.isEmpty());
}

void ExportDialog::write()
{
    say({});
    const auto path = m_path->text().trimmed();
    if (path.isEmpty()) {
        say(tr("Choose a file first."));
        return;
    }
    const auto place = static_cast<std::size_t>(m_what->currentIndex());
    if (isPicture()) {
        const auto drawing = m_views[place / pictureEndings.size()].draw();
        theme::Painter painter(m_theme);
        const QSizeF size(drawing.width, drawing.height);
        finish(theme::writePicture(path, size, [&](QPainter& out) {
            out.fillRect(QRectF(QPointF(), size), m_theme.colour(picture::Ink::Ground));
            painter.paint(out, drawing);
        }));
        return;
    }
    auto chosen = choice();
    if (!chosen.question.empty()) {
        const auto context = query::Context::of(m_run.trace()->about(), query::Scope::Events);
        if (const auto parsed = query::Query::parse(chosen.question, context); !parsed) {
            say(tr("Filter, column %1: %2")
                    .arg(parsed.error().column)
                    .arg(q(parsed.error().message)));
            return;
        }
    }
    chosen.states = m_run.session().states(m_run.snapshot().current);
    const auto format = m_formats[place - m_views.size() * pictureEndings.size()];
    m_cancelled = false;
    m_share = 0;
    m_progress->setValue(0);
    m_progress->show();
    m_write->setEnabled(false);
    m_tick.start();
    m_thread = std::thread([this, format, chosen, trace = m_run.trace(), path] {
        session::Progress progress;
        progress.report = [this](double share) { m_share = static_cast<int>(share * 1000); };
        progress.cancelled = [this] { return m_cancelled.load(); };
        auto result = format.write(trace, chosen, path.toStdString(), progress);
        QMetaObject::invokeMethod(
            this, [this, result = std::move(result)] { finish(result); }, Qt::QueuedConnection);
    });
}

void ExportDialog::finish(const Result<void>& result)
{
    if (m_thread.joinable()) {
        m_thread.join();
    }
    m_tick.stop();
    m_progress->hide();
    m_write->setEnabled(true);
    if (m_cancelled) {
        say(tr("Cancelled; nothing was written."));
        m_cancelled = false;
        return;
    }
    if (!result) {
        say(q(result.error().text()));
        return;
    }
    emit written(m_path->text().trimmed());
    close();
}

} // namespace lightcone::exporting
