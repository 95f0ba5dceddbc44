#pragma once

#include "engine/core/error.h"
#include "engine/trace/formats/format.h"

#include <ostream>

/// One function a format; README.md in this folder says what each writes.
namespace lightcone::trace::formats {

Result<void> writeChrome(const Excerpt&, std::ostream&);
Result<void> writeCsv(const Excerpt&, std::ostream&);
Result<void> writeJson(const Excerpt&, std::ostream&);
Result<void> writeMermaid(const Excerpt&, std::ostream&);
Result<void> writeShiviz(const Excerpt&, std::ostream&);

} // namespace lightcone::trace::formats
