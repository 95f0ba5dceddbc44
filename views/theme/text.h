#pragma once

#include <QString>

#include <string>

namespace lightcone {

/// The engine's texts are UTF-8.
inline QString q(const std::string& text)
{
    return QString::fromStdString(text);
}

} // namespace lightcone
