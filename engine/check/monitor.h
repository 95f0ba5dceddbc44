#pragma once

#include "engine/core/ids.h"
#include "engine/node/invariant.h"
#include "engine/node/protocol.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace lightcone::checking {

/// One invariant, as judged so far.
struct Verdict
{
    node::InvariantCard card;
    EventId brokenBy{}; ///< the step that broke it first; none while it holds
    EventId violation{}; ///< the event that says so, once it is recorded
    std::string how{};
    std::string notJudged{}; ///< why it is not judged any more; empty while it is
    EventId notJudgedFrom{}; ///< the event that says so, once it is recorded
};

/// Shows each step of a run to the protocol's invariants. A value: a copy goes on with its own copy
/// of the run, so that branches and keyframes carry their checks with them.
class Monitor
{
public:
    Monitor() = default;
    Monitor(const node::Protocol&, const node::SetupPtr&);
    Monitor(const Monitor&);
    Monitor(Monitor&&) noexcept = default;
    Monitor& operator=(const Monitor&);
    Monitor& operator=(Monitor&&) noexcept = default;
    ~Monitor() = default;

    /// The places (in verdicts()) of the invariants that this step broke. What is broken stays
    /// broken and is not shown any more.
    std::vector<std::size_t> observe(const node::Observation&);

    /// Begins anew with what it was not shown in between: what was broken stays broken, of the rest
    /// nothing is remembered. The same protocol and setup as in the beginning.
    void forget(const node::Protocol&, const node::SetupPtr&);

    /// A part of the run was not seen, for the reason that is given: invariants that need the whole
    /// run are not judged any more. Gives the places of those that were until now.
    std::vector<std::size_t> suspend(const std::string& why);

    /// Tells which event records that the invariant was broken, or is not judged from there on.
    void recorded(std::size_t place, EventId event);

    /// In the order of the protocol's card.
    [[nodiscard]] const std::vector<Verdict>& verdicts() const { return m_verdicts; }
    [[nodiscard]] bool allHold() const;

private:
    std::vector<std::unique_ptr<node::Invariant>> m_invariants;
    std::vector<Verdict> m_verdicts;
};

} // namespace lightcone::checking
