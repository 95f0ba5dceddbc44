#include "engine/picture/timeline_index.h"

#include <algorithm>
#include <iterator>

namespace lightcone::picture {

namespace {

constexpr std::uint64_t blockSize = 512;

using trace::Kind;

bool begins(Kind kind)
{
    return kind == Kind::Send || kind == Kind::Duplicate || kind == Kind::Request;
}

bool isLandmark(Kind kind)
{
    switch (kind) {
    case Kind::Crash:
    case Kind::Restart:
    case Kind::Pause:
    case Kind::Resume:
    case Kind::Cut:
    case Kind::Heal:
    case Kind::Rule:
    case Kind::Link:
    case Kind::Clock:
    case Kind::Disk:
    case Kind::Act:
    case Kind::Say:
    case Kind::Ask:
    case Kind::Expect:
    case Kind::Violation:
    case Kind::Gap:
        return true;
    default:
        return false;
    }
}

} // namespace

TimelineIndex::TimelineIndex(trace::TracePtr trace)
    : m_index(std::move(trace))
{
}

void TimelineIndex::grow()
{
    m_index.grow();
    const auto end = m_index.size();
    m_blockEnd.resize(end / blockSize + 1);
    for (auto number = m_size + 1; number <= end; ++number) {
        const auto& event = trace()[EventId(number)];
        if ((number - 1) % stretchSize == 0) {
            m_instants.push_back(event.at);
        }
        takeIn(EventId(number), event);
    }
    m_size = end;
    takeInLanes(EventId(end));
}

void TimelineIndex::takeIn(EventId id, const trace::Event& event)
{
    const auto number = static_cast<std::uint32_t>(id.value);
    switch (event.kind) {
    case Kind::Send:
    case Kind::Duplicate:
        m_routes[{event.node, event.peer}].push_back(number);
        m_open.push_back(number);
        break;
    case Kind::Request:
        m_operations[event.node].push_back({id});
        m_requests.push_back(number);
        m_open.push_back(number);
        break;
    case Kind::Deliver:
    case Kind::Drop:
        end(event.cause, id);
        break;
    case Kind::Reply: {
        auto& operations = m_operations[event.node];
        const auto own = std::ranges::find_if(
            operations.rbegin(), operations.rend(),
            [&](const Operation& operation) { return operation.request <= event.cause; });
        if (own != operations.rend() && own->request == event.cause) {
            own->reply = id;
        }
        end(event.cause, id);
        break;
    }
    case Kind::Note:
        m_notes.push_back(number);
        break;
    default:
        if (isLandmark(event.kind)) {
            m_landmarks.push_back(number);
        }
        break;
    }
}

void TimelineIndex::end(EventId begun, EventId by)
{
    const auto number = static_cast<std::uint32_t>(begun.value);
    // Mostly what began last ends first: look from the back.
    for (auto open = m_open.rbegin(); open != m_open.rend() && *open >= number; ++open) {
        if (*open == number) {
            m_open.erase(std::next(open).base());
            auto& last = m_blockEnd[begun.value / blockSize];
            last = std::max(last, static_cast<std::uint32_t>(by.value));
            return;
        }
    }
}

void TimelineIndex::takeInLanes(EventId last)
{
    const auto& track = trace().lanes();
    const auto published = track.size();
    if (published > 0) {
        if (m_lanesFromEvents) {
            m_lanes.clear();
            m_lanesFromEvents = false;
        }
        for (; m_laneChanges < published && track[m_laneChanges].event <= last; ++m_laneChanges) {
            m_lanes[track[m_laneChanges].node].push_back(track[m_laneChanges]);
        }
        return;
    }
    // Nobody saw the states: the lanes at least show who is up.
    m_lanesFromEvents = true;
    m_lanes.clear();
    const auto put = [&](std::uint64_t number, trace::Life life) {
        const EventId id(number);
        const auto node = trace()[id].node;
        m_lanes[node].push_back({id, node, life});
    };
    for (const auto node : m_index.nodes()) {
        if (node && !isClient(node) && m_index.countOf(node) > 0) {
            put(m_index.eventOf(node, 0).value, trace::Life::Up);
        }
    }
    for (const auto number : m_landmarks) {
        switch (trace()[EventId(number)].kind) {
        case Kind::Crash:
            put(number, trace::Life::Crashed);
            break;
        case Kind::Restart:
        case Kind::Resume:
            put(number, trace::Life::Up);
            break;
        case Kind::Pause:
            put(number, trace::Life::Paused);
            break;
        default:
            break;
        }
    }
}

EventId TimelineIndex::firstAtOrAfter(Instant instant) const
{
    // The stretch first, then within it: the whole trace does not fit into a processor's cache.
    const auto stretch = std::ranges::lower_bound(m_instants, instant) - m_instants.begin();
    std::uint64_t low = stretch > 0 ? static_cast<std::uint64_t>(stretch - 1) * stretchSize + 1 : 1;
    auto high = std::min(static_cast<std::uint64_t>(stretch) * stretchSize + 1, m_size + 1);
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (trace()[EventId(middle)].at < instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return EventId(low);
}

std::vector<EventId> TimelineIndex::underWayAt(EventId first) const
{
    std::vector<EventId> found;
    for (std::size_t block = 0; block * blockSize < first.value && block < m_blockEnd.size();
         ++block) {
        if (m_blockEnd[block] < first.value) {
            continue;
        }
        const auto end = std::min((block + 1) * blockSize, first.value);
        for (auto number = std::max<std::uint64_t>(1, block * blockSize); number < end; ++number) {
            const EventId id(number);
            const auto kind = trace()[id].kind;
            if (!begins(kind)) {
                continue;
            }
            const auto ended = kind == Kind::Request ? replyOf(id) : m_index.endOf(id);
            if (ended >= first) {
                found.push_back(id);
            }
        }
    }
    for (const auto number : m_open) {
        if (number < first.value) {
            found.emplace_back(number);
        }
    }
    std::ranges::sort(found);
    return found;
}

EventId TimelineIndex::replyOf(EventId request) const
{
    const auto operations = m_operations.find(trace()[request].node);
    if (operations == m_operations.end()) {
        return {};
    }
    const auto found =
        std::ranges::lower_bound(operations->second, request, {}, &Operation::request);
    return found != operations->second.end() && found->request == request ? found->reply
                                                                          : EventId{};
}

std::pair<std::size_t, std::size_t> TimelineIndex::between(const std::vector<std::uint32_t>& sorted,
                                                           EventId first, EventId last)
{
    const auto low = std::lower_bound(sorted.begin(), sorted.end(), first.value);
    const auto high = std::upper_bound(low, sorted.end(), last.value);
    return {static_cast<std::size_t>(low - sorted.begin()),
            static_cast<std::size_t>(high - sorted.begin())};
}

} // namespace lightcone::picture
