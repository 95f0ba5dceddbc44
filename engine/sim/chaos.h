#pragma once

#include "engine/core/dice.h"
#include "engine/core/time.h"
#include "engine/sim/actions.h"
#include "engine/sim/world.h"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace lightcone::sim {

/// Which faults may strike, how often and how hard. The defaults are what a protocol for crashing
/// nodes and asynchronous networks must bear; a forgetful disk is not among them.
struct ChaosSettings
{
    Duration gap = std::chrono::milliseconds(150); ///< the mean time between two faults
    bool crashes = true;
    bool pauses = true;
    bool cuts = true; ///< both ways and one way
    bool partitions = true;
    bool losses = true;
    bool duplicates = true;
    bool reorders = true;
    bool latencies = true;
    bool clocks = true;
    bool slowDisks = true;
    bool fullDisks = true;
    bool forgetfulDisks = false;
    double mostLoss = 0.3;
    double mostDuplicate = 0.3;
    double mostReorder = 0.5;
    Duration mostLatency = std::chrono::milliseconds(40);
    Duration mostSkew = std::chrono::milliseconds(200);
    double mostDrift = 0.2; ///< a clock's rate is from 1 - that to 1 + that
    double mostSlow = 200; ///< times as slow as planned
};
BOOST_DESCRIBE_STRUCT(ChaosSettings, (),
                      (gap, crashes, pauses, cuts, partitions, losses, duplicates, reorders,
                       latencies, clocks, slowDisks, fullDisks, forgetfulDisks, mostLoss,
                       mostDuplicate, mostReorder, mostLatency, mostSkew, mostDrift, mostSlow))

/// Random faults for one world, the same for the same dice. It only proposes what can be done; the
/// caller applies it, and calls again when due() has come.
class Chaos
{
public:
    Chaos(const ChaosSettings&, Dice, Instant begin);

    /// When the next fault strikes.
    [[nodiscard]] Instant due() const { return m_due; }

    /// The fault of that moment, and the time of the next.
    Action strike(const World&);

    /// All that it takes to have every member up, every link whole and every clock and disk right.
    [[nodiscard]] static std::vector<Action> healing(const World&);

private:
    struct Choice
    {
        std::uint32_t weight;
        Action action;
    };

    void offerLives(const World&, std::vector<Choice>&);
    void offerLinks(const World&, std::vector<Choice>&);
    void offerNetwork(std::vector<Choice>&);
    void offerMachines(const World&, std::vector<Choice>&);
    [[nodiscard]] NodeId anyMember(const World&);
    [[nodiscard]] std::vector<std::vector<NodeId>> anyGroups(const World&);

    ChaosSettings m_settings;
    Dice m_dice;
    Instant m_due;
};

} // namespace lightcone::sim
