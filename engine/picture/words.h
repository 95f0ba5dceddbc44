#pragma once

#include "engine/describe/text.h"
#include "engine/describe/value.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace lightcone::picture {

/// What pictures say in a human language, apart from what the protocol and the person named. A
/// window hands in translations; {} stands for names, in order.
struct Words
{
    std::string crashed = "{} crashed";
    std::string restarted = "{} restarted";
    std::string paused = "{} paused";
    std::string resumed = "{} resumed";
    std::string cut = "{} to {} cut";
    std::string healed = "{} to {} healed";
    std::string isCrashed = "crashed"; ///< on a node's card
    std::string isPaused = "paused";
    std::string notStarted = "not started";
    std::string times = "×{}"; ///< of a bundle
    std::string more = "+{}"; ///< how many do not fit
    std::string clients = "{} clients";
    std::string waitsFor = "waits for {}";
};

/// The pattern with its {} replaced in order.
std::string fill(std::string_view pattern, std::initializer_list<std::string_view> names);

/// "1,284": digits in groups of three.
std::string grouped(std::uint64_t);

/// "preCandidate" as people say it: "pre-candidate".
std::string spoken(std::string_view name);

/// What there is no picture for in a node's state: badges, whom it waits for, how many there are of
/// something. A badge comes first: it may be an alarm.
std::string stateInWords(const describe::Value& state, const describe::NodeNames&, const Words&);

} // namespace lightcone::picture
