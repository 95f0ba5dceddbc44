#pragma once

#include "engine/picture/minimap.h"
#include "engine/picture/timeline.h"
#include "engine/query/query.h"
#include "views/theme/painter.h"
#include "views/theme/theme.h"

#include <QImage>
#include <QObject>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
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
    ~Preparer() override;

    void order(Order order);

    /// Nothing ordered is being made or waits.
    [[nodiscard]] bool idle() const;

signals:
    void prepared(const lightcone::timeline::PreparedPtr& picture);

private:
    class Work;
    void run();

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::optional<Order> m_next;
    bool m_busy = false;
    bool m_stop = false;
    std::thread m_thread; ///< last: it uses all of the above
};

} // namespace lightcone::timeline
