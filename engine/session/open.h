#pragma once

#include "engine/core/error.h"
#include "engine/session/scenario.h"
#include "engine/session/session.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::session {

/// A session of a scenario's text. Overrides replace settings of its cluster line (--seed, --set).
/// The error names file, line and column.
Result<std::unique_ptr<Session>> openScenario(std::string_view text, std::string file = {},
                                              const std::vector<Setting>& overrides = {});

/// A session of a file: a scenario or a recorded run, told apart by what is in it.
Result<std::unique_ptr<Session>> openFile(const std::string& path,
                                          const std::vector<Setting>& overrides = {});

} // namespace lightcone::session
