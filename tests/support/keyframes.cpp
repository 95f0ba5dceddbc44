#include "tests/support/keyframes.h"

#include "engine/core/check.h"

#include <algorithm>

namespace lightcone::test {

Keyframes::Keyframes(World begin, std::uint64_t every, std::size_t most)
    : m_every(every)
    , m_most(most)
    , m_next(begin.last().value + every)
{
    check(every > 0 && most > 1, "keyframes at some distance");
    m_frames.push_back({std::make_shared<const World>(std::move(begin)), 0});
}

Result<void> Keyframes::apply(World& world, const Action& action, std::string_view text,
                              trace::Sink* sink)
{
    Intervention intervention{world.last(), world.instant(), std::string(text), action};
    auto done = world.apply(action, text, sink);
    if (done) {
        m_interventions.push_back(std::move(intervention));
        passed(world);
    }
    return done;
}

World Keyframes::at(EventId wanted) const
{
    const auto after = std::upper_bound(
        m_frames.begin(), m_frames.end(), wanted,
        [](EventId event, const Frame& frame) { return event < frame.world->last(); });
    const auto& frame = after == m_frames.begin() ? m_frames.front() : *(after - 1);
    World world = *frame.world;
    auto next = frame.done;
    while (world.last() < wanted) {
        if (next < m_interventions.size() && m_interventions[next].after == world.last()) {
            const auto& intervention = m_interventions[next++];
            world.waitUntil(intervention.at);
            const auto done = world.apply(intervention.action, intervention.text, nullptr);
            check(done.has_value(), "what could be done once can be done again");
        } else if (!world.step(nullptr)) {
            break;
        }
    }
    return world;
}

trace::ClusterState Keyframes::stateAt(EventId wanted) const
{
    auto state = at(wanted).state();
    if (state.event > wanted) {
        state.event = wanted;
        std::erase_if(state.flights,
                      [&](const trace::Flight& flight) { return flight.message > wanted; });
    }
    return state;
}

Keyframes Keyframes::upTo(EventId last) const
{
    auto before = *this;
    std::erase_if(before.m_frames, [&](const Frame& frame) { return frame.world->last() > last; });
    std::erase_if(before.m_interventions,
                  [&](const Intervention& each) { return each.after >= last; });
    check(!before.m_frames.empty(), "a branch that begins where the run was");
    before.m_next = EventId(before.m_frames.back().world->last().value + m_every);
    return before;
}

void Keyframes::keep(const World& world)
{
    m_frames.push_back({std::make_shared<const World>(world), m_interventions.size()});
    if (m_frames.size() > m_most) {
        thin();
    }
    m_next = EventId(world.last().value + m_every);
}

void Keyframes::thin()
{
    std::vector<Frame> kept;
    for (std::size_t i = 0; i < m_frames.size(); i += 2) {
        kept.push_back(std::move(m_frames[i]));
    }
    m_frames = std::move(kept);
    m_every *= 2;
}

} // namespace lightcone::test
