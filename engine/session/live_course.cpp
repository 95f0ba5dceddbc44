#include "engine/session/live_course.h"

#include "engine/core/check.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace lightcone::session {

using trace::Kind;

namespace {

constexpr std::size_t mostLiveFrames = 256;

/// How far ahead the end of a message is looked for.
constexpr std::uint64_t longestFlight = 20'000;

} // namespace

LiveFrames::LiveFrames(LiveFramePtr first)
{
    const auto at = first->world.last();
    m_frames.emplace(at, std::move(first));
}

void LiveFrames::offer(const LiveWorld& world, std::uint64_t inputs)
{
    {
        const std::lock_guard lock(m_mutex);
        if (world.last().value < m_frames.rbegin()->first.value + m_interval) {
            return;
        }
    }
    auto frame = std::make_shared<const LiveFrame>(LiveFrame{world, inputs});
    const std::lock_guard lock(m_mutex);
    m_frames.emplace(world.last(), std::move(frame));
    if (m_frames.size() <= mostLiveFrames) {
        return;
    }
    // Every other one goes, the first stays: the way between two doubles.
    for (auto each = std::next(m_frames.begin()); each != m_frames.end();) {
        each = m_frames.erase(each);
        if (each != m_frames.end()) {
            ++each;
        }
    }
    m_interval *= 2;
}

LiveFramePtr LiveFrames::before(EventId event) const
{
    const std::lock_guard lock(m_mutex);
    auto after = m_frames.upper_bound(event);
    check(after != m_frames.begin(), "a moment before every event");
    return std::prev(after)->second;
}

std::unique_ptr<LiveFrame> LiveView::frameAt(EventId event, const std::function<bool()>& stop) const
{
    auto frame = std::make_unique<LiveFrame>(*frames->before(event));
    return advance(*frame, event, stop) ? std::move(frame) : nullptr;
}

bool LiveView::advance(LiveFrame& frame, EventId event, const std::function<bool()>& stop) const
{
    if (frame.world.last() >= event) {
        return true;
    }
    bool stopped = false;
    log->forEach(frame.inputs, [&](const LiveInput& input) {
        stopped = ++frame.inputs % 64 == 0 && stop();
        frame.world.take(input, nullptr);
        return !stopped && frame.world.last() < event;
    });
    return !stopped;
}

trace::ClusterState LiveView::stateOf(EventId event, const LiveWorld& world) const
{
    auto state = world.state();
    state.event = event;
    state.now = event ? (*trace)[event].at : Instant{};
    // What the rest of the step sent has not left yet.
    std::erase_if(state.flights, [&](const auto& each) { return each.message > event; });
    std::map<EventId, trace::Flight*> waiting;
    for (auto& flight : state.flights) {
        waiting.emplace(flight.message, &flight);
    }
    const auto end = std::min(events, event.value + longestFlight);
    for (auto number = event.value + 1; number <= end && !waiting.empty(); ++number) {
        const auto& later = (*trace)[EventId(number)];
        const bool ends = later.kind == Kind::Deliver || later.kind == Kind::Drop;
        if (const auto found = waiting.find(later.cause); ends && found != waiting.end()) {
            found->second->due = later.at;
            waiting.erase(found);
        }
    }
    for (const auto& [message, flight] : waiting) {
        flight->due = std::max(flight->due, state.now + std::chrono::milliseconds(1));
    }
    std::ranges::sort(state.flights, {},
                      [](const auto& each) { return std::tie(each.due, each.message); });
    return state;
}

LiveCourse::LiveCourse(const PlanPtr& plan)
    : m_vault(trace::Vault::open())
    , m_trace(std::make_shared<trace::Trace>(plan->about, m_vault))
    , m_lanes(m_trace->lanes(), plan->protocol->card().state)
    , m_world(plan)
    , m_log(std::make_shared<LiveLog>())
    , m_frames(
          std::make_shared<LiveFrames>(std::make_shared<const LiveFrame>(LiveFrame{m_world, 0})))
{
}

LiveView LiveCourse::view() const
{
    return {m_trace, m_frames, m_log, m_world.last().value};
}

void LiveCourse::take(const LiveInput& input)
{
    const auto before = m_world.last();
    m_log->append(input);
    m_world.take(input, m_trace.get());
    for (auto number = before.value + 1; number <= m_world.last().value; ++number) {
        const auto& event = (*m_trace)[EventId(number)];
        m_lanes.lived(EventId(number), event.node, event.kind);
        const bool joined = std::holds_alternative<Joined>(input.what);
        const auto* node = joined || trace::isStep(event) ? m_world.nodeOf(event.node) : nullptr;
        if (node != nullptr) {
            m_lanes.stepped(EventId(number), event.node, node->field(m_lanes.roleField()),
                            node->field(m_lanes.epochField()));
        }
    }
    m_frames->offer(m_world, m_log->size());
}

LiveStates::LiveStates(LiveView view)
    : m_view(std::move(view))
{
}

trace::ClusterState LiveStates::at(EventId event) const
{
    event = std::min(event, EventId(m_view.events));
    const auto frame = m_view.frameAt(event);
    return m_view.stateOf(event, frame->world);
}

void LiveStates::visit(std::span<const EventId> events,
                       const std::function<bool(EventId, const trace::ClusterState&)>& see) const
{
    std::unique_ptr<LiveFrame> frame;
    for (const auto event : events) {
        const auto kept = m_view.frames->before(event);
        if (!frame || frame->world.last() < kept->world.last()) {
            frame = std::make_unique<LiveFrame>(*kept);
        }
        m_view.advance(*frame, event, [] { return false; });
        if (!see(event, m_view.stateOf(event, frame->world))) {
            return;
        }
    }
}

void LiveStates::tell(EventId first, EventId last, trace::StateRecorder& recorder) const
{
    last = std::min(last, EventId(m_view.events));
    const auto before = std::min(EventId(first.value - 1), last);
    auto frame = m_view.frameAt(before);
    auto& world = frame->world;
    recorder.cluster(m_view.stateOf(before, world));
    std::set<NodeId> touched;
    Bytes bytes;
    m_view.log->forEach(frame->inputs, [&](const LiveInput& input) {
        const EventId next(world.last().value + 1);
        world.take(input, nullptr);
        if (world.last() < next) {
            return true;
        }
        if (next > last) {
            return false;
        }
        const auto end = std::min(world.last(), last);
        bool network = false;
        touched.clear();
        trace::forEach(*m_view.trace, next, end, [&](EventId, const trace::Event& event) {
            network = network || event.kind == Kind::Act;
            if (event.node && !isClient(event.node)) {
                touched.insert(event.node);
            }
        });
        for (const auto node : touched) {
            bytes.clear();
            const auto shape = world.encodeState(node, bytes);
            recorder.node(next, world.conditionOf(node), shape, bytes);
        }
        if (network) {
            const auto state = world.state();
            recorder.links(next, state.links);
            recorder.rules(next, state.rules);
        }
        return world.last() < last;
    });
}

} // namespace lightcone::session
