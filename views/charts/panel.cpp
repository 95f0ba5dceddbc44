#include "views/charts/panel.h"

#include "views/theme/picture_file.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>
#include <QSaveFile>
#include <QVBoxLayout>

namespace lightcone::charts {

using picture::Ink;
using picture::Typeface;
using theme::Space;
using theme::Type;

Panel::Panel(const theme::Theme& theme, Topic topic, QWidget* parent)
    : QFrame(parent)
    , m_theme(theme)
    , m_topic(std::move(topic))
    , m_model(new PlotModel(this))
    , m_title(new QLabel(TopicWords::title(m_topic), this))
    , m_unit(new QLabel(this))
    , m_legend(new QLabel(this))
{
    if (m_topic.kind == Topic::Kind::Share) {
        m_bars = new ShareBars(theme, this);
    } else {
        m_plot = new PlotView(theme, m_topic, this);
        setFocusProxy(m_plot);
    }
    m_more =
        new QToolButton(this); // after the plot: Tab, which comes there by proxy, goes on to it
    setObjectName(QStringLiteral("chart"));
    setAutoFillBackground(true);
    m_title->setToolTip(TopicWords::hint(m_topic)); // over the plot values are read
    m_unit->setProperty("kind", "muted");
    m_unit->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_unit->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // the title comes first
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setWordWrap(true);
    m_more->setText(QStringLiteral("⋯"));
    m_more->setProperty("quiet", true);
    m_more->setToolTip(tr("Save, copy or close this chart"));
    m_more->setAccessibleName(m_more->toolTip());
    m_more->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(m_more);
    fillMenu(*menu);
    m_more->setMenu(menu);
    auto* head = new QHBoxLayout;
    head->setSpacing(Space::small);
    head->addWidget(m_title);
    head->addWidget(m_unit, 1);
    head->addWidget(m_more);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Space::small, Space::tight, Space::tight, Space::tight);
    column->setSpacing(2);
    column->addLayout(head);
    column->addWidget(m_legend);
    if (m_topic.kind == Topic::Kind::Share) {
        column->addWidget(m_bars);
        column->addStretch(1);
    } else {
        column->addWidget(m_plot, 1);
        connect(m_plot, &PlotView::brushed, this, &Panel::brushed);
        connect(m_plot, &PlotView::picked, this, &Panel::picked);
    }
    dress();
    connect(&theme, &theme::Theme::changed, this, &Panel::dress);
}

void Panel::dress()
{
    auto colours = palette();
    colours.setColor(QPalette::Window, m_theme.colour(Ink::Panel));
    setPalette(colours);
    m_title->setFont(m_theme.font(Typeface::UiBold, Type::small));
    m_unit->setFont(m_theme.font(Typeface::Ui, Type::tiny));
    m_legend->setFont(m_theme.font(Typeface::Ui, Type::tiny));
    refreshWords();
}

void Panel::show(const SurveyPtr& left, const SurveyPtr& right)
{
    m_left = left;
    m_right = right;
    if (m_plot != nullptr) {
        m_plot->show(left, right);
    } else {
        m_bars->show(left, right);
    }
    refreshWords();
}

void Panel::refreshWords()
{
    if (m_plot == nullptr) {
        m_legend->hide();
        return;
    }
    const auto unit = m_plot->unit();
    m_unit->setText(!m_plot->isLog() ? unit : unit.isEmpty() ? tr("log") : tr("%1, log").arg(unit));
    const auto legend = m_plot->legend();
    m_legend->setText(legend);
    m_legend->setVisible(!legend.isEmpty());
}

void Panel::setLog(bool log)
{
    if (m_plot != nullptr) {
        m_plot->setLog(log);
    }
    refreshWords();
}

void Panel::setMoment(Instant moment)
{
    if (m_plot != nullptr) {
        m_plot->setMoment(moment);
    }
}

void Panel::setBand(std::optional<measure::Window> band)
{
    if (m_plot != nullptr) {
        m_plot->setBand(band);
    }
}

void Panel::fillMenu(QMenu& menu)
{
    menu.addAction(tr("Save as picture…"), this, [this] {
        askWrite(tr("Pictures (*.png *.svg *.pdf)"), QStringLiteral(".png"));
    });
    menu.addAction(tr("Save the numbers…"), this,
                   [this] { askWrite(tr("Tables (*.csv)"), QStringLiteral(".csv")); });
    menu.addAction(tr("Copy the numbers"), this, [this] {
        m_model->show(m_topic, m_left, m_right);
        QGuiApplication::clipboard()->setText(m_model->csv());
        emit told(tr("The numbers are on the clipboard."));
    });
    menu.addSeparator();
    menu.addAction(tr("Close this chart"), this, &Panel::closed);
}

void Panel::contextMenuEvent(QContextMenuEvent* event)
{
    m_more->menu()->popup(event->globalPos());
}

void Panel::askWrite(const QString& filter, const QString& ending)
{
    auto name = m_topic.key();
    name.replace(QLatin1Char('/'), QLatin1Char('-'));
    const auto path =
        QFileDialog::getSaveFileName(this, TopicWords::title(m_topic),
                                     QDir::homePath() + QLatin1Char('/') + name + ending, filter);
    if (path.isEmpty()) {
        return;
    }
    if (const auto done = write(path)) {
        emit told(tr("Written to %1.").arg(path));
    } else {
        emit failed(QString::fromStdString(done.error().message));
    }
}

void Panel::setMenuShown(bool shown)
{
    m_more->setVisible(shown);
}

Result<void> Panel::write(const QString& path)
{
    if (QFileInfo(path).suffix().toLower() == QStringLiteral("csv")) {
        m_model->show(m_topic, m_left, m_right);
        QSaveFile file(path);
        const auto bytes = m_model->csv().toUtf8();
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()
            || !file.commit()) {
            return fail(
                tr("%1 cannot be written: %2.").arg(path, file.errorString()).toStdString());
        }
        return {};
    }
    setMenuShown(false);
    const auto done = theme::writePicture(path, size(), [this](QPainter& painter) {
        render(&painter, QPoint(), QRegion(), DrawWindowBackground | DrawChildren);
    });
    setMenuShown(true);
    return done;
}

} // namespace lightcone::charts
