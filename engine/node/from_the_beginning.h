#pragma once

#include "engine/node/hosted.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace lightcone::node {

/// Judges with a Checker that must have seen all of a run of protocol P. Who joins real nodes in
/// the middle of one, or finds them again after a gap, does not know what was done before: where
/// some disk holds something at the first look, nothing is judged.
template <class P, class Checker>
class FromTheBeginning
{
public:
    explicit FromTheBeginning(Checker checker)
        : m_checker(std::move(checker))
    {
    }

    std::optional<std::string> observe(const Observation& seen)
    {
        if (!std::exchange(m_hasLooked, true)) {
            m_isLate = isUnderWay(seen);
        }
        return m_isLate ? std::nullopt : m_checker.observe(seen);
    }

private:
    static bool isUnderWay(const Observation& seen)
    {
        const auto blank = describe::toValue(typename P::Durable{});
        return std::any_of(seen.nodes.begin(), seen.nodes.end(), [&](const Sight& sight) {
            return sight.disk != nullptr && sight.disk->describe() != blank;
        });
    }

    Checker m_checker;
    bool m_hasLooked = false;
    bool m_isLate = false;
};

} // namespace lightcone::node
