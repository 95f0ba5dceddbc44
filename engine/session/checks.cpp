#include "engine/session/checks.h"

namespace lightcone::session {

Check checkOf(const checking::Verdict& verdict, EventId shown)
{
    const auto isShown = [&](EventId event) { return event && event <= shown; };
    Check check{verdict.card};
    if (isShown(verdict.violation)) {
        check.brokenAt = verdict.violation;
        check.how = verdict.how;
    }
    if (isShown(verdict.notJudgedFrom)) {
        check.notJudgedFrom = verdict.notJudgedFrom;
        check.notJudged = verdict.notJudged;
    }
    return check;
}

} // namespace lightcone::session
