#include "views/charts/surveyor.h"

#include <algorithm>
#include <utility>

namespace lightcone::charts {

namespace {

/// Some tenths of a second of work, then a picture.
constexpr std::uint64_t stretchOfEvents = 1'000'000;
constexpr int readingsAtOnce = 24;

} // namespace

const Figure* Survey::figure(const Topic& topic) const
{
    const auto found = std::ranges::find(figures, topic, &Figure::topic);
    return found == figures.end() ? nullptr : &*found;
}

namespace {

/// What lasts from one survey to the next.
class Surveys
{
public:
    /// The survey, and whether there is more to measure before it is the last word.
    template <class Stale>
    SurveyPtr make(const Order& order, Stale stale)
    {
        if (!m_meter || m_version != order.version || m_meter->trace() != order.trace) {
            m_meter = std::make_unique<measure::Meter>(order.trace);
            m_readings = std::make_unique<measure::Readings>(order.trace, order.states);
            m_version = order.version;
        }
        m_readings->setStates(order.states);
        m_meter->grow(EventId(std::min(order.events, m_meter->size().value + stretchOfEvents)));
        auto made = std::make_shared<Survey>();
        made->trace = order.trace;
        made->version = order.version;
        made->serial = order.serial;
        made->events = m_meter->size().value;
        made->now = m_meter->now();
        made->begin = made->events > 0 ? (*order.trace)[EventId(1)].at : Instant{};
        made->window = order.window.value_or(measure::Window{made->begin, endOf(*made)});
        made->cut = measure::Cut::of(made->window, order.buckets);
        made->totals = measure::totalsOf(*m_meter);
        for (const auto& mark : m_meter->marks()) {
            if (mark.at >= made->window.from && mark.at <= made->window.to) {
                made->marks.push_back(mark);
            }
        }
        made->complete = made->events >= order.events && read(order, made->cut, stale);
        for (const auto& topic : order.topics) {
            made->figures.push_back(figureOf(topic, *made));
        }
        return made;
    }

private:
    /// A little more than nothing, so that an empty run has an axis.
    static Instant endOf(const Survey& survey)
    {
        return std::max(survey.now, survey.begin + Duration(1'000'000)) + Duration(1);
    }

    /// States are dear: so many, then a picture.
    template <class Stale>
    bool read(const Order& order, const measure::Cut& cut, Stale stale)
    {
        const bool any = std::ranges::any_of(
            order.topics, [](const Topic& topic) { return topic.kind == Topic::Kind::Gauge; });
        int left = readingsAtOnce;
        return !any
            || m_readings->read(cut, m_meter->size(), [&] { return --left <= 0 || stale(); });
    }

    Figure figureOf(const Topic& topic, const Survey& survey) const
    {
        Figure figure{topic};
        switch (topic.kind) {
        case Topic::Kind::Plot:
            figure.lines = measure::plotOf(*m_meter, topic.chart, survey.cut).lines;
            break;
        case Topic::Kind::Distribution:
            figure.latency = measure::latencyIn(*m_meter, survey.window);
            break;
        case Topic::Kind::Share:
            figure.shares = measure::sharesIn(*m_meter, survey.window);
            break;
        case Topic::Kind::Gauge: {
            const auto& gauges = m_readings->gauges();
            const auto found = std::ranges::find(gauges, topic.gauge);
            if (found != gauges.end()) {
                figure.lines = m_readings->linesOf(static_cast<std::size_t>(found - gauges.begin()),
                                                   survey.cut, m_meter->size());
            }
            break;
        }
        }
        return figure;
    }

    std::unique_ptr<measure::Meter> m_meter;
    std::unique_ptr<measure::Readings> m_readings;
    std::uint64_t m_version = 0;
};

} // namespace

Surveyor::Surveyor(QObject* parent)
    : QObject(parent)
    , m_worker([this, work = std::make_shared<Surveys>()](Order& order) {
        auto survey = work->make(order, [this] { return m_worker.isStale(); });
        // Queued by itself: the receiver lives on another thread.
        emit surveyed(survey);
        return !survey->complete;
    })
{
}

} // namespace lightcone::charts
