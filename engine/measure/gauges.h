#pragma once

#include "engine/describe/facet.h"
#include "engine/describe/shape.h"
#include "engine/describe/value.h"
#include "engine/measure/plot.h"
#include "engine/trace/state_source.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lightcone::measure {

/// A number in a protocol's state, found by its facet: a level, an epoch, how far a log has come.
struct Gauge
{
    enum class Of : std::uint8_t {
        Value,
        Size, ///< how many elements it has
        Lag, ///< how far it is behind the farthest of the members that are up
        Share, ///< what part falls on a member, as the others' states say it (trace::sharesOf)
    };
    std::string path; ///< "commitIndex", "queue.depth"
    describe::Facet facet = describe::Facet::None;
    Of of = Of::Value;
    bool time = false; ///< a duration, in nanoseconds
    friend bool operator==(const Gauge&, const Gauge&) = default;
};

/// All that a state has, in its order; a lag right after what it is of.
std::vector<Gauge> gaugesOf(const describe::ShapePtr& state);

/// What a gauge says of one member's state; not a number where it says nothing.
double valueOf(const Gauge&, const describe::Value& state);

/// What the gauges said at some events, of each member. States are found once and kept; the way to
/// them is the state source's.
class Readings
{
public:
    /// The card of the trace says which gauges there are.
    Readings(trace::TracePtr, std::shared_ptr<const trace::StateSource>);

    [[nodiscard]] const std::vector<Gauge>& gauges() const { return m_gauges; }

    /// Reads at the end of each bucket of the cut, as far as the run has come: coarse first, so
    /// that what is known meanwhile makes a picture. False when stop() ended it early.
    bool read(const Cut&, EventId last, const std::function<bool()>& stop);

    /// From a source that knows more of the same run.
    void setStates(std::shared_ptr<const trace::StateSource> states)
    {
        m_states = std::move(states);
    }

    /// A line a member. Buckets that were not read yet, and members that were not up, say nothing;
    /// of a lag neither do members of a role (as the plan gives it) that never gets on at all.
    [[nodiscard]] std::vector<Line> linesOf(std::size_t gauge, const Cut&, EventId last) const;

private:
    using Row = std::vector<double>; ///< gauge by gauge, in each member by member

    [[nodiscard]] std::optional<EventId> eventOf(const Cut&, std::size_t bucket,
                                                 EventId last) const;
    void keep(EventId, const trace::ClusterState&);
    [[nodiscard]] std::set<std::string> rolesThatGetOn(std::size_t gauge) const;

    trace::TracePtr m_trace;
    std::shared_ptr<const trace::StateSource> m_states;
    std::vector<Gauge> m_gauges;
    std::map<EventId, Row> m_rows;
};

} // namespace lightcone::measure
