#pragma once

#include "engine/picture/minimap.h"
#include "engine/picture/timeline.h"
#include "engine/query/query.h"
#include "views/run/worker.h"
#include "views/theme/painter.h"
#include "views/theme/theme.h"

#include <QImage>
#include <QObject>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace lightcone::timeline {

/// What a picture is made from.
struct Order
{
    trace::TracePtr trace{};
    std::uint64_t version = 0; ///< another one: the trace is another, start over
    picture::Scale scale{};
    picture::TimelineOptions options{};
    std::optional<query::Query> question{};
    std::uint64_t questionVersion = 0;
    double minimapHeight = 30;
    double pixelRatio = 1;
    std::shared_ptr<theme::Painter> painter{};
    std::shared_ptr<const picture::TextMeasure> measure{};
    std::uint64_t serial = 0;
};

/// A picture, ready to be put on the screen and to be pointed at.
struct Prepared
{
    picture::Scale scale{};
    picture::Drawing drawing{};
    QImage image{};
    picture::MinimapScale minimapScale{};
    QImage minimap{};
    std::vector<NodeId> lanes{};
    double mostScroll = 0;
    std::uint64_t events = 0;
    std::uint64_t judged = 0; ///< events that the question was put to
    std::uint64_t matches = 0;
    std::size_t kinds = 0;
    std::uint64_t serial = 0;
    std::shared_ptr<const std::vector<std::uint32_t>> found{};
};

using PreparedPtr = std::shared_ptr<const Prepared>;

/// Makes pictures on a thread of its own: lays out, paints, puts the question to new events. Orders
/// that wait when a newer one comes are never carried out.
class Preparer final : public QObject
{
    Q_OBJECT

public:
    explicit Preparer(QObject* parent = nullptr);

    void order(Order order) { m_worker.order(std::move(order)); }

    /// Nothing ordered is being made or waits.
    [[nodiscard]] bool idle() const { return m_worker.idle(); }

signals:
    void prepared(const lightcone::timeline::PreparedPtr& picture);

private:
    run::Worker<Order> m_worker;
};

} // namespace lightcone::timeline
