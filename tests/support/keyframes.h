#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/sim/actions.h"
#include "engine/sim/world.h"
#include "engine/trace/sink.h"
#include "engine/trace/state.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::test {

using sim::Action;
using sim::World;

/// Something that was done to a run: right after that event, at that instant.
struct Intervention
{
    EventId after{};
    Instant at{};
    std::string text{};
    Action action{};
};

/// The way back to any event of a run: copies of its world every so many events, what was done to
/// it, and the certainty that the rest comes out the same again. A copy of this shares the worlds.
class Keyframes
{
public:
    /// From a world before anything has been done to it since its newest event. Keeps at most so
    /// many worlds: past that every second one goes, and they lie twice as far apart.
    explicit Keyframes(World begin, std::uint64_t every = 16384, std::size_t most = 256);

    /// Does it to the run's world and remembers it.
    Result<void> apply(World&, const Action&, std::string_view text, trace::Sink*);

    /// To be told after each step (or every few) how far the run's world has come.
    void passed(const World& world)
    {
        if (world.last() >= m_next) {
            keep(world);
        }
    }

    /// The world right after the step or act that made this event; EventId{}: before the first.
    /// Anything later than the run has come gives the end of what was done to it.
    [[nodiscard]] World at(EventId) const;

    /// The cluster as at() has it, without messages that the step sent after this event.
    [[nodiscard]] trace::ClusterState stateAt(EventId) const;

    /// The way as it was at that event, for a branch that begins there.
    [[nodiscard]] Keyframes upTo(EventId) const;

    [[nodiscard]] const std::vector<Intervention>& interventions() const { return m_interventions; }
    [[nodiscard]] std::size_t frames() const { return m_frames.size(); }

private:
    struct Frame
    {
        std::shared_ptr<const World> world;
        std::size_t done; ///< how many interventions lie before it
    };

    void keep(const World&);
    void thin();

    std::uint64_t m_every;
    std::size_t m_most;
    EventId m_next;
    std::vector<Frame> m_frames;
    std::vector<Intervention> m_interventions;
};

} // namespace lightcone::test
