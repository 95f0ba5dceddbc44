#include "views/timeline/preparer.h"

#include <algorithm>
#include <bitset>
#include <utility>

namespace lightcone::timeline {

namespace {

/// What lasts from one picture to the next.
class Pictures
{
public:
    /// The picture, and whether there is more to judge before it is the last word.
    std::pair<PreparedPtr, bool> make(Order& order)
    {
        // Whoever opens another run may order a picture of it before its version is another.
        if (!m_index || m_version != order.version || &m_index->trace() != order.trace.get()) {
            m_index = std::make_unique<picture::TimelineIndex>(order.trace);
            m_version = order.version;
            m_questionVersion = 0;
            m_kinds.reset();
            m_kindsUpTo = 0;
            m_cone = {};
            m_filter.reset();
        }
        m_index->grow();
        const bool more = judge(order);
        countKinds();

        auto made = std::make_shared<Prepared>();
        auto& options = order.options;
        if (options.lanes.empty()) {
            options.lanes = picture::allLanes(*m_index, options.clients);
        }
        auto& scale = order.scale;
        scale.gutter = picture::gutterFor(*m_index, options, *order.measure);
        const auto places = picture::placeLanes(options.lanes.size(), scale.height);
        options.scroll = std::clamp(options.scroll, 0.0, places.mostScroll);
        made->lanes = options.lanes;
        made->mostScroll = places.mostScroll;
        const auto size = m_index->size();
        const auto end = std::max(size > 0 ? order.trace->operator[](EventId(size)).at : Instant{},
                                  options.cursor);
        if (options.lightCone) {
            // The future of an event grows with the trace.
            if (m_cone.apex() != options.selected || m_coneSize != size) {
                m_cone = picture::Cone::of(*m_index, options.selected);
                m_coneSize = size;
            }
            options.cone = options.pastOnly ? m_cone.past() : m_cone;
            options.lightCone = static_cast<bool>(m_cone.apex());
        }
        options.matches = order.question ? m_matches.get() : nullptr;
        made->scale = scale;
        made->drawing = picture::timeline(*m_index, scale, options, *order.measure);
        made->image = order.painter->image(made->drawing, order.pixelRatio);
        made->minimapScale = {scale.width, order.minimapHeight, end};
        const auto minimap = picture::minimap(*m_index, made->minimapScale, scale.first,
                                              scale.last(), options.cursor, options.matches);
        made->minimap = order.painter->image(minimap, order.pixelRatio);
        made->events = size;
        made->kinds = m_kinds.count();
        made->serial = order.serial;
        if (order.question) {
            made->judged = m_filter->judged();
            made->matches = m_matches->size();
            made->found = m_matches;
        }
        return {made, more};
    }

private:
    /// Puts the question to a stretch of events; whether some are left.
    bool judge(const Order& order)
    {
        if (!order.question) {
            m_filter.reset();
            m_questionVersion = 0;
            return false;
        }
        if (!m_filter || m_questionVersion != order.questionVersion) {
            m_filter.emplace(*order.question, order.trace);
            m_matches = std::make_shared<std::vector<std::uint32_t>>();
            m_questionVersion = order.questionVersion;
        }
        // A stretch of some milliseconds, so that the picture keeps up with the hand.
        const auto until = std::min(m_index->size(), m_filter->judged() + 60'000);
        auto matches = m_matches;
        if (m_filter->judged() < until) {
            matches = std::make_shared<std::vector<std::uint32_t>>(*m_matches);
        }
        while (m_filter->judged() < until) {
            if (m_filter->next()) {
                matches->push_back(static_cast<std::uint32_t>(m_filter->judged()));
            }
        }
        m_matches = std::move(matches);
        return until < m_index->size();
    }

    void countKinds()
    {
        // Kinds seldom come late: after the first stretches a sample does.
        const auto size = m_index->size();
        const auto until = std::min(size, m_kindsUpTo + 200'000);
        for (; m_kindsUpTo < until; ++m_kindsUpTo) {
            m_kinds.set(static_cast<std::size_t>(m_index->trace()[EventId(m_kindsUpTo + 1)].kind));
        }
    }

    std::unique_ptr<picture::TimelineIndex> m_index;
    std::uint64_t m_version = 0;
    picture::Cone m_cone;
    std::uint64_t m_coneSize = 0;
    std::uint64_t m_questionVersion = 0;
    std::optional<query::EventFilter> m_filter;
    std::shared_ptr<std::vector<std::uint32_t>> m_matches;
    std::bitset<64> m_kinds;
    std::uint64_t m_kindsUpTo = 0;
};

} // namespace

Preparer::Preparer(QObject* parent)
    : QObject(parent)
    , m_worker([this, work = std::make_shared<Pictures>()](Order& order) {
        auto [picture, more] = work->make(order);
        // Queued by itself: the receiver lives on another thread.
        emit prepared(picture);
        return more;
    })
{
}

} // namespace lightcone::timeline
