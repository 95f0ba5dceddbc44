#include "engine/session/resources.h"

#include <system_error>

namespace lightcone::session {

std::filesystem::path resourceFolder(const std::filesystem::path& program,
                                     const std::filesystem::path& built)
{
    std::error_code ignored;
    const auto whole = std::filesystem::weakly_canonical(program, ignored);
    const auto beside = whole.parent_path().parent_path() / "share" / "lightcone";
    return std::filesystem::is_directory(beside / "scenarios", ignored) ? beside : built;
}

} // namespace lightcone::session
