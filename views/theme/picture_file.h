#pragma once

#include "engine/core/error.h"

#include <QSizeF>
#include <QString>

#include <functional>

class QPainter;

namespace lightcone::theme {

/// Paints a picture in the coordinates of its own size.
using Paint = std::function<void(QPainter&)>;

/// Writes a picture as SVG, PNG (at twice its size) or PDF, by the file's ending. The error names
/// the endings that there are, or why the file cannot be written.
Result<void> writePicture(const QString& path, QSizeF size, const Paint& paint);

/// "svg", "png", "pdf".
bool isPictureEnding(const QString& ending);

} // namespace lightcone::theme
