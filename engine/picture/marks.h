#pragma once

#include "engine/picture/drawing.h"

#include <vector>

namespace lightcone::picture {

/// What a sign is made of: lines, discs, polygons; never marks or texts.
std::vector<Shape> shapesOf(const MarkItem& mark);

} // namespace lightcone::picture
