#pragma once

#include "engine/check/monitor.h"
#include "engine/core/error.h"
#include "engine/query/cluster.h"
#include "engine/session/plan.h"
#include "engine/sim/world.h"
#include "engine/trace/sink.h"
#include "engine/trace/trace.h"

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::session {

/// What a run writes to, and where it can read what it has written. Without a sink it repeats what
/// the history already holds.
struct Pen
{
    trace::Sink* sink = nullptr;
    trace::TracePtr history{};
};

/// How one line came out so far.
struct LineState
{
    enum class Is : std::uint8_t { Ahead, Waiting, Done, Held, Failed };
    Is is = Is::Ahead;
    EventId at{};
};

/// Something that should not have been.
struct Failure
{
    std::size_t line =
        0; ///< of the scenario's text; 0 for an invariant that nobody expected broken
    EventId at{};
    std::string text; ///< one sentence
};

using Deeds = std::shared_ptr<const std::vector<PlannedLine>>;

/// A scenario being performed: the world, its checks, and how far the lines have come. One value: a
/// copy is a snapshot, a copy that goes on is a branch; the same plan and deeds always give the
/// same events. A line waits for nothing but what was done before it, so that it does not matter
/// when anybody looks.
class Runner
{
public:
    explicit Runner(PlanPtr);
    Runner(const Runner&);
    Runner& operator=(const Runner&) = delete;

    /// Goes on in a world that has been somewhere already, with the invariants that were shown what
    /// was before; the plan has no lines.
    Runner(PlanPtr plan, sim::World world, checking::Monitor monitor);
    ~Runner() = default;

    [[nodiscard]] const Plan& plan() const { return *m_plan; }
    [[nodiscard]] const PlanPtr& planPtr() const { return m_plan; }
    [[nodiscard]] const sim::World& world() const { return m_world; }
    [[nodiscard]] const checking::Monitor& monitor() const { return m_monitor; }

    /// The nodes as they are now, for queries. Valid until the run goes on.
    [[nodiscard]] const query::Cluster& cluster() const;

    /// The newest event; none before the first.
    [[nodiscard]] EventId last() const { return m_world.last(); }
    [[nodiscard]] Instant now() const { return m_world.instant(); }

    /// Whether all lines and deeds are done, or one said stop. The world may still go on.
    [[nodiscard]] bool over() const;

    /// When the next thing happens; nothing when nothing ever will.
    [[nodiscard]] std::optional<Instant> nextAt(const Pen&) const;

    /// Lets the next thing happen: a deed, a line, or a step of the world. False when there is
    /// none.
    bool advance(const Pen&);

    /// Time passes without anything happening; not past nextAt().
    void waitUntil(Instant at) { m_world.waitUntil(at); }

    /// Does something now that no scenario said, and forgets the deeds that were still to come. The
    /// error says why it cannot be done, and then nothing has changed.
    Result<void> intervene(PlannedLine, const Pen&);

    /// nothing when it can be done now.
    [[nodiscard]] std::optional<std::string> whyNot(const PlannedLine&) const;

    /// All deeds, those done and those to come.
    [[nodiscard]] const Deeds& deeds() const { return m_deeds; }
    [[nodiscard]] std::size_t deedsDone() const { return m_nextDeed; }

    /// The deeds of a branch that this run is an earlier moment of.
    void setDeeds(Deeds deeds) { m_deeds = std::move(deeds); }

    /// Of Plan::lines, in order.
    [[nodiscard]] const std::vector<LineState>& lines() const { return m_lines; }

    /// The line whose question was asked last and has not been passed since.
    [[nodiscard]] std::optional<std::size_t> asked() const { return m_asked; }
    void answered() { m_asked.reset(); }

    /// What went wrong so far: failed lines and, when it is over, invariants that nobody expected
    /// broken.
    [[nodiscard]] std::vector<Failure> failures() const;

private:
    struct Next
    {
        enum class What : std::uint8_t { Nothing, Wait, Deed, Line, Step, Deadline };
        What what = What::Nothing;
        Instant at{};
        std::size_t which = 0; ///< of a Deadline: the line
    };

    /// A query that is put to every step from some line on.
    struct Watch
    {
        std::size_t line;
        std::optional<Instant> deadline{};
    };

    struct Truth
    {
        bool any = false;
        bool all = true;
    };

    [[nodiscard]] Next next(const Pen&) const;
    [[nodiscard]] std::optional<Instant> readyAt() const;
    void settle(const Pen&);
    void moved(const Pen&);
    void judgeWatches(const Pen&);
    void performLine(const Pen&);
    void performDeed(const Pen&);
    void passDeadline(std::size_t line, const Pen&);
    Result<void> performAct(const Act&, const std::string& text, const Pen&);
    void startExpectation(std::size_t line, const Expect&, const Pen&);
    void conclude(std::size_t line, bool held, const std::string& why, const Pen&);
    void lineFailed(std::size_t line, const std::string& why);
    void pass(LineState::Is);
    EventId remark(trace::Kind, std::string text, std::uint8_t detail, const Pen&);
    Truth ask(std::size_t line, const Pen&);
    [[nodiscard]] bool untilHolds(std::size_t line, const Pen&);
    [[nodiscard]] const Until* currentUntil() const;
    [[nodiscard]] bool brokenAsExpected(std::optional<std::size_t> invariant) const;

    PlanPtr m_plan;
    sim::World m_world;
    checking::Monitor m_monitor;

    std::vector<LineState> m_lines;
    std::size_t m_nextLine = 0;
    Instant m_arrived{}; ///< when the line before was done
    Instant m_lineBegan{}; ///< when the until or run that goes on was reached
    std::vector<Watch> m_watches;
    std::vector<Failure> m_failures;
    std::optional<std::size_t> m_asked;
    bool m_stopped = false;

    Deeds m_deeds;
    std::size_t m_nextDeed = 0;
    std::vector<std::string> m_ruleNames;
    boost::container::small_vector<bool, 16> m_paused;

    std::map<std::size_t, std::uint64_t> m_judged; ///< by line: events that its query has seen

    // Made again when they are needed, so that a copy begins without them.
    std::map<std::size_t, query::EventFilter> m_filters;
    mutable std::unique_ptr<query::RunningCluster> m_cluster;
    mutable bool m_clusterFresh = false;
    mutable NodeId m_stepped{};
};

} // namespace lightcone::session
