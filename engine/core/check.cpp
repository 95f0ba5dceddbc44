#include "engine/core/check.h"

#include <cstdio>
#include <cstdlib>

namespace lightcone {

void checkFailed(std::string_view what, const boost::source_location& where)
{
    std::fprintf(stderr, "%s:%u: %s does not hold: %.*s\n", where.file_name(),
                 static_cast<unsigned>(where.line()), where.function_name(),
                 static_cast<int>(what.size()), what.data());
    std::abort();
}

} // namespace lightcone
