#include "engine/trace/lanes.h"

#include "engine/core/check.h"

#include <algorithm>

namespace lightcone::trace {

LaneTrack::LaneTrack()
    : m_chunks(mostChunks)
{
}

std::uint64_t LaneTrack::after(EventId event) const
{
    std::uint64_t low = 0;
    std::uint64_t high = size();
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if ((*this)[middle].event <= event) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void LaneTrack::append(const LaneChange& change)
{
    const auto index = m_size.load(std::memory_order_relaxed);
    check(index == 0 || (*this)[index - 1].event <= change.event, "lane changes in order");
    if (index == mostChanges) {
        return;
    }
    const auto slot = index / chunkSize;
    if (index % chunkSize == 0) {
        m_owners.push_back(std::make_unique<Chunk>());
        m_chunks[slot].store(m_owners.back().get(), std::memory_order_release);
    }
    m_chunks[slot].load(std::memory_order_relaxed)->changes[index % chunkSize] = change;
    m_size.store(index + 1, std::memory_order_release);
}

void LaneTrack::copy(const LaneTrack& from, EventId last)
{
    const auto end = from.after(last);
    for (std::uint64_t i = 0; i < end; ++i) {
        append(from[i]);
    }
}

namespace {

std::string fieldWith(const describe::ShapePtr& state, describe::Facet facet)
{
    if (!state) {
        return {};
    }
    const auto index = state->fieldWith(facet);
    return index ? state->fields[*index].name : std::string();
}

} // namespace

LaneRecorder::LaneRecorder(LaneTrack& track, const describe::ShapePtr& state)
    : m_track(&track)
    , m_roleField(fieldWith(state, describe::Facet::Role))
    , m_epochField(fieldWith(state, describe::Facet::Epoch))
{
    // A branch goes on from where its parent's track had come.
    for (std::uint64_t i = 0; i < track.size(); ++i) {
        m_newest[track[i].node] = track[i];
    }
}

void LaneRecorder::put(const LaneChange& change)
{
    auto& newest = m_newest[change.node];
    if (!newest.event || !newest.looksLike(change)) {
        newest = change;
        m_track->append(change);
    }
}

void LaneRecorder::stepped(EventId event, NodeId node, const describe::Value& role,
                           const describe::Value& epoch)
{
    const auto known = m_newest.find(node);
    auto change = known != m_newest.end() ? known->second : LaneChange{};
    change.event = event;
    change.node = node;
    if (change.life == Life::NotStarted) {
        change.life = Life::Up;
    }
    if (role.exists() && role.held().exists() && role.held().kind() == describe::ShapeKind::Enum) {
        const auto& held = role.held();
        const auto index = held.asUInt();
        const auto& enumerators = held.shape()->enumerators;
        change.role = static_cast<std::uint16_t>(index);
        change.tone =
            index < enumerators.size() ? enumerators[index].tone : describe::Tone::Neutral;
    }
    if (epoch.exists() && epoch.held().exists()
        && epoch.held().kind() == describe::ShapeKind::UInt) {
        change.epoch = epoch.held().asUInt();
    }
    put(change);
}

void LaneRecorder::lived(EventId event, NodeId node, Kind kind)
{
    const auto known = m_newest.find(node);
    auto change = known != m_newest.end() ? known->second : LaneChange{};
    change.event = event;
    change.node = node;
    switch (kind) {
    case Kind::Start:
    case Kind::Restart:
    case Kind::Resume:
        change.life = Life::Up;
        break;
    case Kind::Crash:
        change.life = Life::Crashed;
        break;
    case Kind::Pause:
        change.life = Life::Paused;
        break;
    default:
        return;
    }
    put(change);
}

} // namespace lightcone::trace
