#pragma once

#include "views/export/export_dialog.h"

#include <vector>

namespace lightcone::exporting {

/// The formats that events can be written in for other programs.
std::vector<Format> eventFormats();

} // namespace lightcone::exporting
