#include "engine/core/check.h"
#include "engine/session/session.h"

#include <algorithm>

namespace lightcone::session {

const Branch& Snapshot::branch() const
{
    const auto found = std::ranges::find(branches, current, &Branch::id);
    check(found != branches.end(), "the current branch is one of the branches");
    return *found;
}

} // namespace lightcone::session
