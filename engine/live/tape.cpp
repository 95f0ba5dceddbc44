#include "engine/live/tape.h"

namespace lightcone::live {

DiceState stateOf(const Dice& dice)
{
    const auto& words = dice.state();
    return {words[0], words[1], words[2], words[3], dice.seed()};
}

std::optional<Dice> diceOf(const DiceState& state)
{
    return Dice::restored({state.a, state.b, state.c, state.d}, state.seed);
}

} // namespace lightcone::live
