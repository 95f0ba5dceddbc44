#pragma once

#include "engine/core/dice.h"
#include "engine/protocols/load_balancer/parameters.h"

namespace lightcone::protocols::load_balancer {

/// How long the next request takes of a backend that is warm and well; the mean is serviceTime,
/// whatever the distribution.
Duration drawService(const Parameters&, Dice&);

} // namespace lightcone::protocols::load_balancer
