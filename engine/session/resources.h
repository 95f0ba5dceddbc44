#pragma once

#include <filesystem>

namespace lightcone::session {

/// Where scenarios, the theme and the like lie: beside an installed program
/// (PREFIX/bin/lightcone and PREFIX/share/lightcone), else where it was built.
std::filesystem::path resourceFolder(const std::filesystem::path& program,
                                     const std::filesystem::path& built);

} // namespace lightcone::session
