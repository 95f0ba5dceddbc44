#include "engine/trace/index.h"

#include "engine/core/check.h"

#include <algorithm>
#include <mutex>

namespace lightcone::trace {

Index::Index(TracePtr trace)
    : m_trace(std::move(trace))
{
}

Index::~Index() = default;

const Index::Lane* Index::find(NodeId node) const
{
    const std::shared_lock lock(m_lanesMutex);
    const auto found = m_lanes.find(node);
    return found != m_lanes.end() ? found->second.get() : nullptr;
}

Index::Lane& Index::lane(NodeId node)
{
    // Only the grower adds lanes, so it may look for one without the lock.
    if (node.value < m_nearLanes.size() && m_nearLanes[node.value] != nullptr) {
        return *m_nearLanes[node.value];
    }
    auto found = m_lanes.find(node);
    if (found == m_lanes.end()) {
        const std::unique_lock lock(m_lanesMutex);
        found = m_lanes.emplace(node, std::make_unique<Lane>()).first;
    }
    if (node.value < m_nearLanes.size()) {
        m_nearLanes[node.value] = found->second.get();
    }
    return *found->second;
}

void Index::addToLane(Lane& lane, std::uint32_t number, Instant at)
{
    const auto position = static_cast<std::uint32_t>(lane.events.size());
    const auto nanoseconds = at.time_since_epoch().count();
    for (unsigned i = 0; i < levelCount; ++i) {
        auto& level = lane.levels[i];
        if (level.coveredTo.load(std::memory_order_relaxed) <= position) {
            continue;
        }
        const auto bucket = nanoseconds >> (finestLevel + levelStep * i);
        const auto count = level.buckets.size();
        if (count != 0 && bucket <= level.buckets[count - 1].number) {
            break; // and so it is in the wider buckets
        }
        // Fewer than four events a bucket: going through the events is as quick.
        if (count > 1024 && count * 4 > position) {
            level.coveredTo.store(position, std::memory_order_relaxed);
            continue;
        }
        level.buckets.push({bucket, position});
    }
    // Publishes the levels too: a reader takes the lane's size first.
    lane.events.push(number);
}

void Index::grow()
{
    const auto known = m_size.load(std::memory_order_relaxed);
    const auto published = m_trace->size();
    forEach(*m_trace, EventId(known + 1), EventId(published),
            [this](EventId id, const Event& event) {
                const auto number = static_cast<std::uint32_t>(id.value);
                m_newestEffect.next();
                m_newestEffect.publish();
                if (event.cause) {
                    auto& newest = m_newestEffect[event.cause.value - 1];
                    m_olderEffect.push(newest.load(std::memory_order_relaxed));
                    newest.store(number, std::memory_order_release);
                } else {
                    m_olderEffect.push(0);
                }
                addToLane(lane(event.node), number, event.at);
            });
    m_size.store(published, std::memory_order_release);
}

std::vector<NodeId> Index::nodes() const
{
    const std::shared_lock lock(m_lanesMutex);
    std::vector<NodeId> all;
    all.reserve(m_lanes.size());
    for (const auto& [node, lane] : m_lanes) {
        all.push_back(node);
    }
    return all;
}

std::uint64_t Index::countOf(NodeId node) const
{
    const auto* lane = find(node);
    return lane != nullptr ? lane->events.size() : 0;
}

EventId Index::eventOf(NodeId node, std::uint64_t position) const
{
    const auto* lane = find(node);
    return lane != nullptr && position < lane->events.size() ? EventId(lane->events[position])
                                                             : EventId{};
}

std::uint64_t Index::positionOf(NodeId node, EventId event) const
{
    const auto* lane = find(node);
    if (lane == nullptr) {
        return 0;
    }
    std::uint64_t low = 0;
    auto high = lane->events.size();
    while (low < high) {
        const auto middle = (low + high) / 2;
        if (lane->events[middle] < event.value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

std::vector<std::uint64_t> Index::positionsOf(NodeId node, std::span<const EventId> sorted) const
{
    std::vector<std::uint64_t> positions(sorted.size());
    const auto* lane = find(node);
    if (lane == nullptr) {
        return positions;
    }
    const auto& events = lane->events;
    std::uint64_t low = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        // The next is near: look ever further ahead before halving.
        auto high = low;
        for (std::uint64_t step = 8; high < events.size() && events[high] < sorted[i].value;
             step *= 2) {
            low = high + 1;
            high += step;
        }
        high = std::min<std::uint64_t>(high, events.size());
        while (low < high) {
            const auto middle = (low + high) / 2;
            if (events[middle] < sorted[i].value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        positions[i] = low;
    }
    return positions;
}

EventId Index::nextOf(NodeId node, EventId after) const
{
    return eventOf(node, positionOf(node, EventId(after.value + 1)));
}

EventId Index::previousOf(NodeId node, EventId before) const
{
    const auto position = positionOf(node, before);
    return position > 0 ? eventOf(node, position - 1) : EventId{};
}

std::vector<EventId> Index::effectsOf(EventId cause) const
{
    std::vector<EventId> effects;
    if (!cause || cause.value > size()) {
        return effects;
    }
    auto number = m_newestEffect[cause.value - 1].load(std::memory_order_acquire);
    for (; number != 0; number = m_olderEffect[number - 1]) {
        effects.emplace_back(number);
    }
    std::reverse(effects.begin(), effects.end());
    return effects;
}

EventId Index::endOf(EventId message) const
{
    EventId end;
    if (!message || message.value > size()) {
        return end;
    }
    auto number = m_newestEffect[message.value - 1].load(std::memory_order_acquire);
    for (; number != 0; number = m_olderEffect[number - 1]) {
        const auto kind = (*m_trace)[EventId(number)].kind;
        if (kind == Kind::Deliver || kind == Kind::Drop) {
            end = EventId(number);
        }
    }
    return end;
}

EventId Index::sendOf(EventId id) const
{
    while (id && id.value <= size()) {
        const auto& event = (*m_trace)[id];
        if (event.kind == Kind::Send) {
            return id;
        }
        const bool copies = event.kind == Kind::Deliver || event.kind == Kind::Drop
            || event.kind == Kind::Duplicate;
        id = copies ? event.cause : EventId{};
    }
    return {};
}

Instant Index::instantOf(const Lane& lane, std::uint64_t position) const
{
    return (*m_trace)[EventId(lane.events[position])].at;
}

std::uint64_t Index::firstAtOrAfter(const Lane& lane, std::uint64_t from, std::uint64_t end,
                                    Instant instant) const
{
    // The answer is mostly near: look ever further before halving.
    std::uint64_t step = 1;
    auto low = from;
    auto high = from;
    while (high < end && instantOf(lane, high) < instant) {
        low = high + 1;
        high = high + step;
        step *= 2;
    }
    high = std::min(high, end);
    while (low < high) {
        const auto middle = (low + high) / 2;
        if (instantOf(lane, middle) < instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void Index::addFrom(const Lane& lane, std::uint64_t position, std::uint64_t end, unsigned k,
                    std::int64_t firstBucket, std::span<std::uint32_t> counts) const
{
    while (position < end) {
        const auto bucket = instantOf(lane, position).time_since_epoch().count() >> k;
        const auto place = bucket - firstBucket;
        if (place >= static_cast<std::int64_t>(counts.size())) {
            return;
        }
        const auto next =
            firstAtOrAfter(lane, position + 1, end, Instant(Duration((bucket + 1) << k)));
        if (place >= 0) {
            counts[static_cast<std::size_t>(place)] += static_cast<std::uint32_t>(next - position);
        }
        position = next;
    }
}

void Index::density(NodeId node, unsigned k, std::int64_t firstBucket,
                    std::span<std::uint32_t> counts) const
{
    check(k < 62, "buckets of at most 2^61 ns");
    std::fill(counts.begin(), counts.end(), 0U);
    const auto* lane = find(node);
    const auto events = lane != nullptr ? lane->events.size() : 0;
    if (events == 0 || counts.empty()) {
        return;
    }
    const auto coarsest = finestLevel + levelStep * (levelCount - 1);
    const auto step = std::min(k, coarsest) - std::min(k, finestLevel);
    const auto& level = lane->levels[step / levelStep];
    if (k < finestLevel || level.coveredTo.load(std::memory_order_relaxed) < events) {
        const Instant begin(Duration(firstBucket << k));
        addFrom(*lane, firstAtOrAfter(*lane, 0, events, begin), events, k, firstBucket, counts);
        return;
    }
    const auto shift = k - (finestLevel + step / levelStep * levelStep);
    const auto& buckets = level.buckets;
    const auto size = buckets.size();
    std::uint64_t low = 0;
    auto high = size;
    while (low < high) {
        const auto middle = (low + high) / 2;
        if (buckets[middle].number >> shift < firstBucket) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < size; ++low) {
        const auto& bucket = buckets[low];
        const auto place = (bucket.number >> shift) - firstBucket;
        if (place >= static_cast<std::int64_t>(counts.size()) || bucket.first >= events) {
            return;
        }
        const auto end =
            low + 1 < size ? std::min<std::uint64_t>(buckets[low + 1].first, events) : events;
        counts[static_cast<std::size_t>(place)] += static_cast<std::uint32_t>(end - bucket.first);
    }
}

} // namespace lightcone::trace
