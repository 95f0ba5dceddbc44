#pragma once

#include "engine/core/ids.h"
#include "engine/session/runner.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace lightcone::session {

using Frame = std::shared_ptr<const Runner>;

/// Moments of a branch that are kept whole, so that the way to any other is short. Thinned out as
/// the branch grows: their number and their memory stay bounded. Any thread may call.
class Keyframes
{
public:
    explicit Keyframes(Frame first);

    /// Keeps a copy when the run has come far enough since the last one.
    void offer(const Runner&);

    /// The last one at or before that event.
    [[nodiscard]] Frame before(EventId) const;

    /// Those at or before that event, for a branch that begins there.
    [[nodiscard]] std::shared_ptr<Keyframes> fork(EventId) const;

    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] std::uint64_t interval() const;

    /// What one more copy of the run would take, as last seen: bytes of its nodes' states.
    [[nodiscard]] std::size_t frameSize() const;

private:
    void thin();

    mutable std::mutex m_mutex;
    std::map<EventId, Frame> m_frames;
    std::uint64_t m_interval = 1024;
    std::size_t m_frameSize = 0;
};

} // namespace lightcone::session
