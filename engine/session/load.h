#pragma once

#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/time.h"
#include "engine/session/scenario.h"
#include "engine/sim/actions.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lightcone::session {

struct Plan;

/// What a `load` line asks for: requests that come at random (exponentially apart), each from one
/// of the clients, of one of the kinds, about one of the keys.
struct LoadModel
{
    struct Share
    {
        std::size_t request; ///< its place on the card
        double weight;
    };
    std::uint32_t clients = 1;
    double rate = 100; ///< requests a second, of all clients together
    Duration duration = std::chrono::seconds(1);
    std::vector<Share> mix;
    std::uint64_t keys = 5;
    std::uint64_t seed = 0; ///< of its own dice, beside the run's seed
};

/// The error names the setting and what was expected.
Result<LoadModel> readLoad(const Load&, const Plan&);

/// A load that goes on: a value, so that a copy of the run asks the same.
class LoadSource
{
public:
    LoadSource(LoadModel, const Plan&, Instant begin);

    [[nodiscard]] bool done() const { return m_next > m_end; }
    [[nodiscard]] Instant next() const { return m_next; }

    /// The request that is due, and goes on to the next.
    sim::Request take(const Plan&);

private:
    void plan();

    LoadModel m_model;
    Dice m_dice;
    Instant m_next;
    Instant m_end;
    std::uint64_t m_count = 0;
};

} // namespace lightcone::session
