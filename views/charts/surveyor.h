#pragma once

#include "engine/measure/gauges.h"
#include "engine/measure/meter.h"
#include "views/charts/topic.h"
#include "views/run/worker.h"

#include <QObject>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace lightcone::charts {

/// What is to be measured.
struct Order
{
    trace::TracePtr trace{};
    std::uint64_t version = 0; ///< another one: the trace is another, start over
    std::uint64_t events = 0; ///< that may be read
    std::shared_ptr<const trace::StateSource> states{}; ///< nullptr: no gauges
    std::optional<measure::Window> window{}; ///< nothing: the whole run
    std::size_t buckets = 128; ///< at most
    std::vector<Topic> topics{};
    std::uint64_t serial = 0;
};

/// One topic in numbers.
struct Figure
{
    Topic topic{};
    std::vector<measure::Line> lines{}; ///< one value a bucket of the survey's cut
    Histogram latency{}; ///< of Distribution
    std::vector<measure::Share> shares{}; ///< of Share
};

/// A stretch of a run in numbers.
struct Survey
{
    measure::Window window{};
    measure::Cut cut{};
    Instant begin{}; ///< of the run
    Instant now{}; ///< how far the run has been measured
    std::uint64_t events = 0;
    bool complete = false; ///< all that was asked for is here
    std::vector<Figure> figures{};
    std::vector<measure::Mark> marks{}; ///< within the window
    measure::Totals totals{}; ///< of the run as far as it has been measured
    trace::TracePtr trace{};
    std::uint64_t version = 0;
    std::uint64_t serial = 0;

    [[nodiscard]] const Figure* figure(const Topic& topic) const;
};

using SurveyPtr = std::shared_ptr<const Survey>;

/// Measures on a thread of its own, a stretch of events at a time, so that pictures come early and
/// grow. Orders that wait when a newer one comes are never carried out.
class Surveyor final : public QObject
{
    Q_OBJECT

public:
    explicit Surveyor(QObject* parent = nullptr);

    void order(Order order) { m_worker.order(std::move(order)); }

    /// Nothing ordered is being measured or waits.
    [[nodiscard]] bool idle() const { return m_worker.idle(); }

signals:
    void surveyed(const lightcone::charts::SurveyPtr& survey);

private:
    run::Worker<Order> m_worker;
};

} // namespace lightcone::charts
