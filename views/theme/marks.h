#pragma once

#include "engine/picture/drawing.h"

#include <QColor>

class QPainter;

namespace lightcone::theme {

/// Draws a sign within its square; `ground` fills what shall not show what lies behind.
void paintMark(QPainter& painter, const picture::MarkItem& mark, const QColor& ink,
               const QColor& ground);

} // namespace lightcone::theme
