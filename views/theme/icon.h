#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

namespace lightcone::theme {

/// An SVG drawn in `currentColor`, rendered in the given colour at whatever size and scale is
/// asked for. Empty when the file cannot be read.
QIcon tintedIcon(const QString& path, const QColor& colour, const QColor& disabled);

} // namespace lightcone::theme
