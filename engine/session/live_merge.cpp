#include "engine/session/live_merge.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace lightcone::session {

namespace {

constexpr live::HybridTime endOfTime{std::numeric_limits<std::int64_t>::max(), 0};

} // namespace

LiveMerge::LiveMerge(const std::vector<NodeId>& members, Duration now, MergeSettings settings)
    : m_settings(settings)
{
    for (const auto member : members) {
        Tape tape;
        tape.node = member;
        tape.lastWord = now;
        m_tapes.push_back(std::move(tape));
    }
}

LiveMerge::Tape* LiveMerge::find(NodeId node)
{
    const auto found = std::ranges::find(m_tapes, node, &Tape::node);
    return found == m_tapes.end() ? nullptr : &*found;
}

void LiveMerge::push(Tape& tape, const live::HybridTime& time, Duration now,
                     decltype(LiveInput::what) what)
{
    tape.known = std::max(tape.known, time);
    tape.lastWord = now;
    tape.items.push_back({time, now, !tape.live, std::move(what)});
    ++m_waiting;
}

void LiveMerge::joined(NodeId node, live::Checkpoint checkpoint, Duration now)
{
    if (auto* tape = find(node)) {
        const auto time = checkpoint.time;
        push(*tape, time, now, Joined{std::move(checkpoint)});
    }
}

void LiveMerge::told(NodeId node, std::vector<live::Entry> entries, Duration now)
{
    if (auto* tape = find(node)) {
        for (auto& entry : entries) {
            const auto time = entry.time;
            push(*tape, time, now, Happened{std::move(entry)});
        }
    }
}

void LiveMerge::missed(NodeId node, std::string why, Duration now)
{
    if (auto* tape = find(node)) {
        push(*tape, tape->known, now, Missed{std::move(why)});
    }
}

void LiveMerge::beat(NodeId node, const live::HybridTime& time, std::uint64_t /*last*/,
                     Duration now, std::optional<Duration> offset)
{
    auto* tape = find(node);
    if (tape == nullptr) {
        return;
    }
    tape->known = std::max(tape->known, time);
    tape->lastWord = now;
    tape->live = true; // a node beats when it has nothing left to tell
    tape->offset = offset ? offset : tape->offset;
    m_clock.beat(node, time, now);
}

void LiveMerge::touch(NodeId node, Duration now)
{
    if (auto* tape = find(node)) {
        tape->lastWord = now;
    }
}

void LiveMerge::opened(NodeId node, Duration now)
{
    if (auto* tape = find(node)) {
        tape->expected = false;
        tape->open = true;
        tape->live = false;
        tape->lastWord = now;
        if (std::exchange(tape->lost, false)) {
            push(*tape, tape->known, now, Heard{true, {}});
        }
    }
}

void LiveMerge::closed(NodeId node, std::string why, Duration now)
{
    if (auto* tape = find(node)) {
        m_clock.forget(node);
        tape->expected = false;
        tape->open = false;
        if (!std::exchange(tape->lost, true)) {
            push(*tape, tape->known, now, Heard{false, std::move(why)});
        }
    }
}

void LiveMerge::gone(NodeId node, std::string why, Duration now)
{
    if (auto* tape = find(node)) {
        push(*tape, tape->known, now, Gone{std::move(why)});
    }
}

void LiveMerge::add(Acted acted)
{
    m_own.emplace_back(std::move(acted));
}

void LiveMerge::add(GaveUp gaveUp)
{
    m_own.emplace_back(gaveUp);
}

/// Everything up to this time has come, from all that are waited for.
live::HybridTime LiveMerge::horizon(Duration now) const
{
    auto horizon = endOfTime;
    for (const auto& tape : m_tapes) {
        if ((tape.open || tape.expected) && now - tape.lastWord <= m_settings.silence) {
            horizon = std::min(horizon, tape.known);
        }
    }
    return horizon;
}

/// Whether it is the arrival of something whose leaving is yet to be told.
bool LiveMerge::waits(const Item& item, const LiveWorld& world, Duration now) const
{
    const auto* happened = std::get_if<Happened>(&item.what);
    if (happened == nullptr || now - item.came > m_settings.hold) {
        return false;
    }
    const auto* delivered = std::get_if<live::Delivered>(&happened->entry.what);
    return delivered != nullptr && !world.needNotWait(delivered->message);
}

/// Whether a node comes with a state that nobody has repeated.
bool LiveMerge::isArrival(const Item& item)
{
    const auto* happened = std::get_if<Happened>(&item.what);
    return std::holds_alternative<Joined>(item.what)
        || (happened != nullptr && std::holds_alternative<live::Booted>(happened->entry.what));
}

std::vector<NodeId> LiveMerge::untoldAt(const live::HybridTime& time) const
{
    std::vector<NodeId> untold;
    for (const auto& tape : m_tapes) {
        if (tape.known < time || (!tape.items.empty() && tape.items.front().time < time)) {
            untold.push_back(tape.node);
        }
    }
    return untold;
}

std::optional<LiveInput> LiveMerge::next(const LiveWorld& world, Duration now)
{
    LiveInput input;
    if (!m_own.empty()) {
        input.at = m_clock.now(now);
        input.what = std::move(m_own.front());
        m_own.pop_front();
        return input;
    }
    for (auto& tape : m_tapes) {
        tape.live = tape.live && now - tape.lastWord <= m_settings.silence;
    }
    const auto end = horizon(now);
    Tape* best = nullptr;
    for (auto& tape : m_tapes) {
        if (tape.items.empty()) {
            continue;
        }
        const auto& item = tape.items.front();
        const bool due = item.time <= end || now - item.came > m_settings.hold;
        const bool earlier = best == nullptr || item.time < best->items.front().time;
        if (due && earlier && !waits(item, world, now)) {
            best = &tape;
        }
    }
    if (best == nullptr) {
        return std::nullopt;
    }
    auto item = std::move(best->items.front());
    best->items.pop_front();
    --m_waiting;
    input.node = best->node;
    input.at = m_clock.at(item.time, item.came, item.past);
    input.offset = std::exchange(best->offset, std::nullopt);
    input.past = item.past;
    if (isArrival(item)) {
        input.untold = untoldAt(item.time);
    }
    input.what = std::move(item.what);
    return input;
}

} // namespace lightcone::session
