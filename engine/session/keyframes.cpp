#include "engine/session/keyframes.h"

#include "engine/core/check.h"

#include <iterator>
#include <utility>

namespace lightcone::session {
namespace {

constexpr std::size_t mostFrames = 256;
constexpr std::size_t mostBytes = std::size_t{256} << 20;

std::size_t sizeOf(const Runner& run)
{
    std::size_t size = 0;
    for (const auto& sight : run.world().sights()) {
        Bytes bytes;
        if (sight.node != nullptr) {
            sight.node->encode(bytes);
        }
        if (sight.disk != nullptr) {
            sight.disk->encode(bytes);
        }
        size += bytes.size();
    }
    return size;
}

} // namespace

Keyframes::Keyframes(Frame first)
{
    const auto at = first->last();
    m_frames.emplace(at, std::move(first));
}

void Keyframes::offer(const Runner& run)
{
    {
        const std::lock_guard lock(m_mutex);
        if (run.last().value < m_frames.rbegin()->first.value + m_interval) {
            return;
        }
    }
    auto frame = std::make_shared<const Runner>(run);
    const auto size = sizeOf(run);
    const std::lock_guard lock(m_mutex);
    m_frames.emplace(run.last(), std::move(frame));
    m_frameSize = size;
    while (m_frames.size() > 8
           && (m_frames.size() > mostFrames || m_frames.size() * m_frameSize > mostBytes)) {
        thin();
    }
}

/// Every other one goes, the first stays: the way between two doubles.
void Keyframes::thin()
{
    for (auto frame = std::next(m_frames.begin()); frame != m_frames.end();) {
        frame = m_frames.erase(frame);
        if (frame != m_frames.end()) {
            ++frame;
        }
    }
    m_interval *= 2;
}

Frame Keyframes::before(EventId event) const
{
    const std::lock_guard lock(m_mutex);
    auto after = m_frames.upper_bound(event);
    check(after != m_frames.begin(), "a keyframe before every event");
    return std::prev(after)->second;
}

std::shared_ptr<Keyframes> Keyframes::fork(EventId event) const
{
    const std::lock_guard lock(m_mutex);
    auto result = std::make_shared<Keyframes>(m_frames.begin()->second);
    for (const auto& [at, frame] : m_frames) {
        if (at <= event) {
            result->m_frames.emplace(at, frame);
        }
    }
    result->m_interval = m_interval;
    result->m_frameSize = m_frameSize;
    return result;
}

std::size_t Keyframes::count() const
{
    const std::lock_guard lock(m_mutex);
    return m_frames.size();
}

std::uint64_t Keyframes::interval() const
{
    const std::lock_guard lock(m_mutex);
    return m_interval;
}

std::size_t Keyframes::frameSize() const
{
    const std::lock_guard lock(m_mutex);
    return m_frameSize;
}

} // namespace lightcone::session
