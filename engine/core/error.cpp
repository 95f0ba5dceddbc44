#include "engine/core/error.h"

namespace lightcone {

std::string Error::text() const
{
    std::string where = file;
    if (line != 0) {
        where += (where.empty() ? "line " : ":") + std::to_string(line);
        if (column != 0) {
            where += (file.empty() ? ", column " : ":") + std::to_string(column);
        }
    } else if (column != 0) {
        where += (where.empty() ? "column " : ", column ") + std::to_string(column);
    }
    return where.empty() ? message : where + ": " + message;
}

} // namespace lightcone
