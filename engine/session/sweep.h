#pragma once

#include "engine/core/error.h"
#include "engine/core/time.h"
#include "engine/query/query.h"
#include "engine/session/plan.h"
#include "engine/session/recording.h"
#include "engine/session/runner.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::session {

/// A question that is put to every run of a sweep: "in doubt: any(inDoubt)" or only the question.
struct SweepColumn
{
    std::string label;
    query::Query query;
};
Result<SweepColumn> sweepColumn(const Plan&, std::string_view text);

/// A scenario run again and again, each time with a crash at another moment.
struct SweepWish
{
    std::string who; ///< as a scenario says it: a node's name, a role, a query in parentheses
    Duration down = std::chrono::milliseconds(500); ///< then it is started again; zero: never
    Duration settle = std::chrono::seconds(2); ///< the run goes on for so long after its last line
    std::vector<SweepColumn> whiles{}; ///< how long it held
    std::vector<SweepColumn> ends{}; ///< whether it holds at the end
};

/// What came of one of the runs. Messages and writes count from the first request on.
struct SweepRow
{
    NodeId victim{}; ///< none: nobody was crashed
    EventId after{}; ///< the crash came right after this event
    Instant at{};
    std::string what{}; ///< that event: "tm1 hears from p1: VoteYes 1"
    std::vector<std::string> answers{}; ///< how the clients' operations ended, in their order
    std::vector<Duration> whiles{};
    std::vector<bool> ends{};
    std::uint64_t messages = 0;
    std::uint64_t forcedWrites = 0;
    std::vector<Failure> failures{};
};

/// First the run without a crash, then one for each moment after which the node has made a step or
/// its disk has come further: from the first request on, where there is one. The error is that of
/// the wish, or that the work was cancelled.
Result<std::vector<SweepRow>> sweep(const PlanPtr&, const SweepWish&, const Work& = {});

} // namespace lightcone::session
