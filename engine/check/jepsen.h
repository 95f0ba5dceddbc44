#pragma once

#include "engine/check/history.h"
#include "engine/core/error.h"

#include <ostream>
#include <string_view>

namespace lightcone::checking {

/// Reads a Jepsen history: one operation map a line, a single vector of them, or records
/// (`#jepsen.history.Op{…}`, `#knossos.op.Op{…}`). Whatever is no client's (a process that is no
/// number: the nemesis) becomes a mark. `:info` retires a process. Keys come as `[key value]`,
/// as Jepsen's independent generator makes them, or as `:key`. The error has line and column.
Result<History> readJepsen(std::string_view text);

/// Writes the history as Jepsen does, one operation map a line. A Cas or Delete that missed is
/// written as failed, with `:error` and `:found`, which readJepsen() understands.
void writeJepsen(std::ostream&, const History&);

} // namespace lightcone::checking
