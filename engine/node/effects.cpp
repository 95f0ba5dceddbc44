#include "engine/node/effects.h"

namespace lightcone::node {

template class TypedPayload<Redirect>;
template class TypedPayload<Refusal>;
template class TypedPayload<Text>;

} // namespace lightcone::node
