#pragma once

#include "engine/protocols/two_phase_commit/two_phase_commit.h"
#include "tests/support/driven_node.h"
#include "tests/support/simulated_cluster.h"

#include <string>

namespace lightcone::protocols::two_phase_commit {

inline const node::Protocol& theProtocol()
{
    return *node::findProtocol("two_phase_commit");
}

inline node::SetupPtr setupOf(const Parameters& parameters)
{
    return theProtocol().setup(describe::toValue(parameters)).value();
}

/// a is p1's, b is p2's, c is p3's; each holds 100.
inline Parameters withMoney(Variant variant = Variant::PresumedAbort)
{
    Parameters parameters;
    parameters.variant = variant;
    parameters.data = "p1: a=100; p2: b=100; p3: c=100";
    return parameters;
}

/// A simulated cluster, every invariant asked after every step. The members' numbers are tm1 = 1,
/// p1 = 2, p2 = 3, p3 = 4.
class Cluster final : public test::SimulatedCluster<TwoPhaseCommit>
{
public:
    explicit Cluster(const Parameters& parameters, const sim::Settings& settings = steady())
        : SimulatedCluster(theProtocol(), setupOf(parameters), settings)
    {
    }

    static constexpr std::uint32_t tm = 1;
    static constexpr std::uint32_t p1 = 2;
    static constexpr std::uint32_t p2 = 3;
    static constexpr std::uint32_t p3 = 4;

    [[nodiscard]] std::string valueAt(std::uint32_t number, std::string_view key) const
    {
        const auto* value = at(number).store().find(key);
        return value != nullptr ? *value : "none";
    }
    bool untilPhase(std::uint32_t number, Phase phase)
    {
        return until([&] { return at(number).phase() == phase; });
    }

    /// Nothing is under way, and nobody holds a lock.
    [[nodiscard]] bool isQuiet()
    {
        for (std::uint32_t number = 1; number <= world().sights().size(); ++number) {
            const auto& machine = at(number);
            if (!machine.transactions().empty() || !machine.branches().empty()
                || !machine.locks().empty() || !machine.reruns().empty()) {
                return false;
            }
        }
        return true;
    }
};

/// A coordinator (1) or a participant (2, …) driven by hand.
class Process final : public test::DrivenNode<TwoPhaseCommit>
{
public:
    explicit Process(std::uint32_t number, const Parameters& parameters = withMoney())
        : DrivenNode(number, parameters)
    {
    }
};

/// tm1 with transaction 1, which adds to a of p1 (2) and to b of p2 (3), about to collect votes.
inline Process collecting(const Parameters& parameters = withMoney())
{
    Process tm(1, parameters);
    tm.ask(Transact{{Add{"a", 1}, Add{"b", 1}}});
    tm.receive(2, Worked{1, 1, 1, {}});
    tm.receive(3, Worked{1, 2, 1, {}});
    return tm;
}

inline NodeSet both()
{
    return {NodeId(2), NodeId(3)};
}

/// p1 with its part of that transaction done.
inline Process working(const Parameters& parameters = withMoney(), std::uint32_t number = 2)
{
    Process participant(number, parameters);
    participant.receive(1, Work{1, 1, 1, 0, 1, {Add{number == 2 ? "a" : "b", 1}}});
    return participant;
}

/// And has voted yes.
inline Process prepared(const Parameters& parameters = withMoney(), std::uint32_t number = 2)
{
    auto participant = working(parameters, number);
    participant.receive(1, Prepare{1, 1, both(), 1});
    return participant;
}

} // namespace lightcone::protocols::two_phase_commit
