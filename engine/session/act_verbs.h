#pragma once

#include "engine/session/scenario.h"
#include "engine/session/words.h"

#include <span>
#include <string_view>

namespace lightcone::session {

/// A verb that does something to the cluster, and who reads the words behind it.
struct ActVerb
{
    std::string_view verb;
    Act (*read)(Words&);
};

std::span<const ActVerb> actVerbs();

} // namespace lightcone::session
