#include "views/window/compare_window.h"

#include "engine/session/scenario.h"
#include "engine/trace/hash.h"
#include "views/run/wording.h"
#include "views/theme/text.h"
#include "views/window/node_diff.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPointer>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSplitter>
#include <QThread>
#include <QVBoxLayout>

#include <algorithm>
#include <map>

namespace lightcone::window {

using charts::Panel;
using charts::Topic;
using measure::Chart;
using picture::Ink;
using picture::Typeface;
using run::Wording;
using theme::Space;
using theme::Type;

namespace {

constexpr int sliderSteps = 10'000; ///< of the slider
constexpr int panelWidth = 380;
constexpr int panelHeight = 200;
constexpr QSize comparisonSize(1400, 900);

/// The seed and the protocol's parameters.
QStringList settingsThatDiffer(const trace::About& one, const trace::About& other)
{
    QStringList names;
    if (one.seed != other.seed) {
        names << QStringLiteral("seed");
    }
    if (one.parameters.exists() && other.parameters.exists()) {
        const auto& fields = one.parameters.shape()->fields;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const auto* there = other.parameters.find(fields[i].name);
            if (there == nullptr || !(*there == one.parameters.children()[i])) {
                names << q(fields[i].name);
            }
        }
    }
    return names;
}

/// As the scenarios' cluster lines say, the world's settings too.
QStringList clusterSettingsThatDiffer(const session::Cluster& one, const session::Cluster& other)
{
    QStringList names;
    const auto without = [&](const session::Cluster& here, const session::Cluster& there) {
        for (const auto& setting : here.settings) {
            if (std::ranges::find(there.settings, setting) == there.settings.end()
                && !names.contains(q(setting.key))) {
                names << q(setting.key);
            }
        }
    };
    without(one, other);
    without(other, one);
    return names;
}

bool isShare(const Panel* panel)
{
    return panel->topic().kind == Topic::Kind::Share;
}

} // namespace

CompareWindow::CompareWindow(const theme::Theme& theme, Contender left, Contender right,
                             QWidget* parent)
    : QWidget(parent, Qt::Window)
    , m_theme(theme)
    , m_sides{new CompareSide(theme, std::move(left), this),
              new CompareSide(theme, std::move(right), this)}
    , m_model(new DifferencesModel(theme, this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setAutoFillBackground(true);
    m_sameKind = m_sides[0]->trace()->about().card.id == m_sides[1]->trace()->about().card.id;
    m_titles = shortTitles();
    setWindowTitle(tr("%1 and %2 — Lightcone").arg(m_titles[0], m_titles[1]));
    m_model->setTitles(m_titles[0], m_titles[1]);
    build();
    resize(parent != nullptr ? parent->size() : comparisonSize);
    for (std::size_t i = 0; i < 2; ++i) {
        m_surveyors.at(i) = std::make_unique<charts::Surveyor>();
        connect(m_surveyors.at(i).get(), &charts::Surveyor::surveyed, this,
                [this, i](const charts::SurveyPtr& survey) { receive(i, survey); });
        connect(&m_sides.at(i)->run(), &run::RunView::stateChanged, this,
                &CompareWindow::showDifferences);
    }
    order();
    findDifference();
    lookAt(end());
    m_slider->setFocus();
}

CompareWindow::~CompareWindow()
{
    if (m_search) {
        m_search->wait();
    }
}

void CompareWindow::build()
{
    const auto dress = [this] {
        auto colours = palette();
        colours.setColor(QPalette::Window, m_theme.colour(Ink::Ground));
        setPalette(colours);
    };
    dress();
    connect(&m_theme, &theme::Theme::changed, this, dress);
    auto* sides = new QSplitter(Qt::Horizontal, this);
    sides->setChildrenCollapsible(false);
    sides->addWidget(m_sides[0]);
    sides->addWidget(m_sides[1]);
    sides->setSizes({1, 1});
    auto* halves = new QSplitter(Qt::Vertical, this);
    halves->setChildrenCollapsible(false);
    halves->addWidget(sides);
    halves->addWidget(makeBelow());
    halves->setSizes({440, 460});
    m_status = new QLabel(this);
    m_given = new QLabel(givenDifferently(), this);
    m_given->setProperty("kind", "muted");
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(Space::wide, Space::tight, Space::wide, Space::tight);
    foot->addWidget(m_status);
    foot->addStretch(1);
    foot->addWidget(m_given);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeHead());
    column->addWidget(halves, 1);
    column->addLayout(foot);
}

QWidget* CompareWindow::makeHead()
{
    auto* head = new QWidget(this);
    m_align = new QComboBox(head);
    m_align->addItem(tr("aligned by time"));
    m_align->addItem(tr("aligned by event"));
    m_align->setToolTip(
        tr("Whether both runs are shown at the same moment or after as many events"));
    m_align->setAccessibleName(tr("How the runs are aligned"));
    m_slider = new QSlider(Qt::Horizontal, head);
    m_slider->setRange(0, sliderSteps);
    m_slider->setAccessibleName(tr("The moment that both runs are at"));
    m_log = new QToolButton(head);
    m_log->setText(tr("Log"));
    m_log->setCheckable(true);
    m_log->setToolTip(tr("Counts upwards in powers of ten (L)"));
    auto* hint = new QLabel(tr("left run solid · right run dashed · shared time axis"), head);
    hint->setProperty("kind", "muted");
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(Space::wide, Space::small, Space::wide, Space::small);
    row->setSpacing(Space::medium);
    row->addWidget(m_align);
    row->addWidget(m_slider, 1);
    row->addWidget(m_log);
    row->addWidget(hint);
    connect(m_align, &QComboBox::currentIndexChanged, this,
            [this](int index) { setAlign(index == 0 ? Align::Time : Align::Event); });
    connect(m_slider, &QSlider::valueChanged, this, &CompareWindow::move);
    connect(m_log, &QToolButton::toggled, this, [this](bool log) {
        for (auto* panel : m_panels) {
            panel->setLog(log);
        }
    });
    return head;
}

QWidget* CompareWindow::makeBelow()
{
    m_grid = new QWidget;
    new QGridLayout(m_grid);
    m_grid->layout()->setContentsMargins(Space::wide, 0, Space::wide, Space::small);
    m_grid->layout()->setSpacing(Space::medium);
    for (const auto& topic : topics()) {
        auto* panel = new Panel(m_theme, topic, m_grid);
        panel->setMinimumHeight(panelHeight);
        connect(panel, &Panel::picked, this, [this](Instant moment) {
            setAlign(Align::Time);
            lookAt(moment);
        });
        const auto say = [this](const QString& sentence) { m_status->setText(sentence); };
        connect(panel, &Panel::told, this, say);
        connect(panel, &Panel::failed, this, say);
        connect(panel, &Panel::closed, this, [this, panel] {
            std::erase(m_panels, panel);
            panel->deleteLater();
            layPanels();
        });
        m_panels.push_back(panel);
    }
    m_table = new QTableView(m_grid);
    m_table->setModel(m_model);
    m_table->setAccessibleName(tr("What differs"));
    m_table->setMinimumHeight(panelHeight + 60);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(24);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setShowGrid(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setColumnWidth(0, 190);
    m_table->setColumnWidth(1, 190);
    m_table->setColumnWidth(2, 190);
    auto* scroll = new QScrollArea(this);
    scroll->setWidget(m_grid);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    return scroll;
}

/// Those that both runs have numbers for.
std::vector<Topic> CompareWindow::topics() const
{
    std::vector<Topic> all{{Topic::Kind::Plot, Chart::Latency, {}},
                           {Topic::Kind::Plot, Chart::Throughput, {}}};
    std::size_t gauges = 0;
    if (m_sameKind) {
        for (const auto& topic : charts::usualTopics(m_sides[0]->trace()->about().card.state)) {
            if (topic.kind == Topic::Kind::Gauge && gauges++ == 0) {
                all.push_back(topic);
            }
        }
    }
    if (gauges == 0) {
        all.push_back({Topic::Kind::Plot, Chart::Waiting, {}});
    }
    all.push_back({Topic::Kind::Distribution, Chart::Latency, {}});
    all.push_back({Topic::Kind::Plot, Chart::Messages, {}});
    all.push_back({Topic::Kind::Plot, Chart::Writes, {}});
    all.push_back({Topic::Kind::Share, Chart::Latency, {}});
    return all;
}

/// Charts in as many columns as fit; the shares and the table below the first of them.
void CompareWindow::layPanels()
{
    auto* grid = static_cast<QGridLayout*>(m_grid->layout());
    while (grid->count() > 0) {
        delete grid->takeAt(0);
    }
    const auto columns = std::clamp(width() / panelWidth, 1, 4);
    std::vector<QWidget*> plots;
    Panel* shares = nullptr;
    for (auto* panel : m_panels) {
        if (isShare(panel)) {
            shares = panel;
        } else {
            plots.push_back(panel);
        }
    }
    // What differs is why somebody looks: right below the first row.
    const bool beside = shares != nullptr && columns > 1;
    const int below = beside || shares == nullptr ? 1 : 2;
    for (std::size_t i = 0; i < plots.size(); ++i) {
        const auto place = static_cast<int>(i);
        const auto row = place / columns;
        grid->addWidget(plots[i], row == 0 ? 0 : row + below, place % columns);
    }
    for (int i = 0; i < 4; ++i) {
        grid->setColumnStretch(i, i < columns ? 1 : 0);
    }
    if (shares != nullptr) {
        grid->addWidget(shares, 1, 0, 1, beside ? 1 : columns);
    }
    grid->addWidget(m_table, below, beside ? 1 : 0, 1, beside ? columns - 1 : columns);
}

/// What tells the one from the other: the protocols, the settings, or else their titles.
std::array<QString, 2> CompareWindow::shortTitles() const
{
    const auto& left = m_sides[0]->title();
    const auto& right = m_sides[1]->title();
    if (!m_sameKind) {
        return {q(m_sides[0]->trace()->about().card.title),
                q(m_sides[1]->trace()->about().card.title)};
    }
    const auto settings = left + QStringLiteral(" · ");
    if (right.startsWith(settings)) {
        return {tr("as written"), right.mid(settings.size())};
    }
    return {left, right};
}

Instant CompareWindow::end() const
{
    return std::max(m_sides[0]->end(), m_sides[1]->end());
}

std::uint64_t CompareWindow::events() const
{
    return std::max(m_sides[0]->trace()->size(), m_sides[1]->trace()->size());
}

void CompareWindow::order()
{
    for (std::size_t i = 0; i < 2; ++i) {
        charts::Order order;
        order.trace = m_sides.at(i)->trace();
        order.events = order.trace->size();
        order.states = m_sides.at(i)->states();
        order.window = measure::Window{{}, end() + Duration(1)};
        order.topics = topics();
        m_surveyors.at(i)->order(std::move(order));
    }
}

void CompareWindow::receive(std::size_t side, const charts::SurveyPtr& survey)
{
    m_surveys.at(side) = survey;
    if (m_surveys[0] && m_surveys[1]) {
        showSurveys();
    }
}

void CompareWindow::showSurveys()
{
    for (auto* panel : m_panels) {
        panel->show(m_surveys[0], m_surveys[1]);
    }
    m_sides[0]->showTiles(m_surveys[0]->totals, m_surveys[1]->totals);
    m_sides[1]->showTiles(m_surveys[1]->totals, m_surveys[0]->totals);
    showDifferences();
}

/// On a thread of its own: both runs' events and states have to be gone through.
void CompareWindow::findDifference()
{
    const auto found = std::make_shared<Found>();
    std::array<session::Recording, 2> runs;
    for (std::size_t i = 0; i < 2; ++i) {
        runs.at(i).trace = m_sides.at(i)->trace();
        runs.at(i).states = m_sides.at(i)->states();
    }
    m_search = std::shared_ptr<QThread>(QThread::create([found, runs, sameKind = m_sameKind] {
        for (std::size_t i = 0; i < 2; ++i) {
            const auto& run = runs.at(i);
            if (run.states) {
                found->ofStates.at(i) =
                    measure::ofStates(*run.trace, *run.states, EventId(run.trace->size()));
            }
        }
        if (sameKind) {
            const auto& left = *runs[0].trace;
            const auto& right = *runs[1].trace;
            found->difference =
                trace::firstDifference(left, EventId(left.size()), right, EventId(right.size()));
        }
    }));
    connect(m_search.get(), &QThread::finished, this, [this, found] {
        m_found = std::move(*found);
        m_searched = true;
        showDifferences();
    });
    m_search->start();
}

QString CompareWindow::eventText(std::size_t side, EventId event) const
{
    const auto& trace = *m_sides.at(side)->trace();
    return event.value > trace.size()
        ? tr("the run has ended")
        : Wording::at(trace[event].at) + QLatin1Char(' ') + Wording::sentence(trace, event);
}

void CompareWindow::showDifferences()
{
    if (!m_surveys[0] || !m_surveys[1]) {
        return;
    }
    std::vector<DifferencesModel::Row> others;
    if (m_found.difference) {
        const auto event = *m_found.difference;
        others.push_back({tr("first different event"), eventText(0, event), eventText(1, event),
                          QStringLiteral("#") + Wording::count(event.value)});
    }
    addNodes(others);
    std::array totals{m_surveys[0]->totals, m_surveys[1]->totals};
    for (std::size_t i = 0; i < 2; ++i) {
        totals.at(i).ofStates = m_found.ofStates.at(i);
    }
    m_model->show(measure::compareTotals(totals[0], totals[1]), std::move(others));
}

/// How the nodes differ at the moment: field by field, and of what is inside of lists and maps how
/// much.
void CompareWindow::addNodes(std::vector<DifferencesModel::Row>& rows) const
{
    const auto& one = m_sides[0]->run().state();
    const auto& other = m_sides[1]->run().state();
    if (!m_sameKind || !one || !other) {
        return;
    }
    const auto& about = m_sides[0]->trace()->about();
    const auto names = about.names();
    const auto text = [&](const describe::Value& value) {
        return value.exists() ? q(describe::toText(value, names)) : QStringLiteral("–");
    };
    for (const auto& diff : diffOf(*one, *other)) {
        const auto name = q(about.nameOf(diff.node));
        if (diff.one != diff.other) {
            rows.push_back({name, Wording::life(diff.one), Wording::life(diff.other), {}});
        }
        std::map<std::string, std::uint64_t> inside;
        for (const auto& change : diff.changes) {
            const auto dot = change.path.find('.');
            if (dot != std::string::npos) {
                ++inside[change.path.substr(0, dot)];
            } else {
                rows.push_back({name + QLatin1Char(' ') + q(change.path),
                                text(change.before),
                                text(change.after),
                                {}});
            }
        }
        for (const auto& [field, count] : inside) {
            rows.push_back({name + QLatin1Char(' ') + q(field),
                            {},
                            {},
                            tr("in %1 places").arg(Wording::count(count))});
        }
    }
}

QString CompareWindow::givenDifferently() const
{
    const auto& one = m_sides[0]->trace()->about();
    const auto& other = m_sides[1]->trace()->about();
    if (!m_sameKind) {
        return tr("Two protocols: %1 and %2").arg(q(one.card.title), q(other.card.title));
    }
    auto names = settingsThatDiffer(one, other);
    const auto left = session::parseScenario(one.scenario);
    const auto right = session::parseScenario(other.scenario);
    if (left && right) {
        for (const auto& setting : clusterSettingsThatDiffer(left->cluster, right->cluster)) {
            if (!names.contains(setting)) {
                names << setting;
            }
        }
        if (left->lines != right->lines) {
            names << tr("what is done");
        }
    }
    return names.isEmpty() ? tr("The same protocol, seed and parameters")
                           : tr("Given differently: %1").arg(names.join(QStringLiteral(", ")));
}

void CompareWindow::setAlign(Align align)
{
    if (m_alignment == align) {
        return;
    }
    m_alignment = align;
    const QSignalBlocker quiet(m_align);
    m_align->setCurrentIndex(align == Align::Time ? 0 : 1);
    if (align == Align::Time) {
        lookAt(m_moment);
    } else {
        lookAt(m_sides[0]->at());
    }
}

void CompareWindow::lookAt(Instant moment)
{
    m_moment = std::clamp(moment, Instant{}, end());
    m_event = trace::eventAt(*m_sides[0]->trace(), m_moment);
    for (auto* side : m_sides) {
        side->lookAt(m_moment);
    }
    refresh();
}

void CompareWindow::lookAt(EventId event)
{
    m_event = std::min(event, EventId(events()));
    for (auto* side : m_sides) {
        side->lookAt(m_event);
    }
    const auto& trace = *m_sides[0]->trace();
    const auto shown = std::min(m_event, EventId(trace.size()));
    m_moment = shown ? trace[shown].at : Instant{};
    refresh();
}

void CompareWindow::move(int place)
{
    const auto share = static_cast<double>(place) / sliderSteps;
    if (m_alignment == Align::Time) {
        const auto all = static_cast<double>(end().time_since_epoch().count());
        lookAt(Instant(Duration(static_cast<std::int64_t>(all * share))));
    } else {
        lookAt(EventId(static_cast<std::uint64_t>(static_cast<double>(events()) * share)));
    }
}

/// By an event of the left run, or of both.
void CompareWindow::step(int by)
{
    const auto most = m_alignment == Align::Time ? m_sides[0]->trace()->size() : events();
    const auto next = static_cast<std::int64_t>(m_event.value) + by;
    const EventId event(static_cast<std::uint64_t>(
        std::clamp<std::int64_t>(next, 0, static_cast<std::int64_t>(most))));
    if (m_alignment == Align::Event) {
        lookAt(event);
        return;
    }
    lookAt(event ? (*m_sides[0]->trace())[event].at : Instant{});
    m_event = event;
}

void CompareWindow::refresh()
{
    const QSignalBlocker quiet(m_slider);
    const auto share = m_alignment == Align::Time
        ? static_cast<double>(m_moment.time_since_epoch().count())
            / std::max(1.0, static_cast<double>(end().time_since_epoch().count()))
        : static_cast<double>(m_event.value) / std::max(1.0, static_cast<double>(events()));
    m_slider->setValue(static_cast<int>(share * sliderSteps));
    for (auto* panel : m_panels) {
        panel->setMoment(m_moment);
    }
    auto status = m_alignment == Align::Time
        ? tr("Both runs at %1").arg(Wording::at(m_moment))
        : tr("Both runs after event %1").arg(Wording::count(m_event.value));
    for (std::size_t i = 0; i < 2 && m_alignment == Align::Time; ++i) {
        if (m_sides.at(i)->end() < m_moment) {
            status += QStringLiteral(" · ")
                + tr("%1 ended at %2").arg(m_titles.at(i), Wording::at(m_sides.at(i)->end()));
        }
    }
    m_status->setText(status);
}

bool CompareWindow::settled() const
{
    return m_searched && m_surveys[0] && m_surveys[1] && m_surveys[0]->complete
        && m_surveys[1]->complete;
}

void CompareWindow::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        step(-1);
        break;
    case Qt::Key_Right:
        step(1);
        break;
    case Qt::Key_Home:
        move(0);
        break;
    case Qt::Key_End:
        move(sliderSteps);
        break;
    case Qt::Key_L:
        m_log->toggle();
        break;
    case Qt::Key_Escape:
        close();
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

void CompareWindow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    layPanels();
}

} // namespace lightcone::window
