#pragma once

#include "engine/core/error.h"
#include "engine/describe/text.h"
#include "engine/node/workload.h"

#include <string>
#include <string_view>
#include <vector>

/// The words for a workload, the same in a scenario's load line and on the command line.
namespace lightcone::session {

/// "put:1 get:3", or with commas: names of the card's requests, which stand for their samples, or a
/// request's words in braces, "{cas x 1 2}:1". Without a weight it is 1. The error is one sentence
/// without a place.
Result<std::vector<node::RequestShare>> parseMix(std::string_view, const node::Protocol&,
                                                 const describe::NodeNames&);

/// The mix of nothing but the card's first request; an error where it has none.
Result<std::vector<node::RequestShare>> plainMix(const node::Protocol&, const describe::NodeNames&);

/// "uniform", "zipf 0.99", "hot 10% 90%".
Result<node::KeyChoice> parseKeyChoice(std::string_view);

/// "200/s" or "200": operations a second. "max" is none of them.
Result<double> parseRate(std::string_view);

} // namespace lightcone::session
