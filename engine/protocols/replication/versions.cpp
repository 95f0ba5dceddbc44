#include "engine/protocols/replication/versions.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::replication {
namespace {

/// Last writer wins: the later timestamp, and of two alike the higher dot.
bool isNewer(const Version& a, const Version& b)
{
    return std::pair(a.at, a.dot) > std::pair(b.at, b.dot);
}

bool replaces(const Version& a, const Version& b, Versioning versioning)
{
    return versioning == Versioning::VectorClock ? a.context.has(b.dot) : isNewer(a, b);
}

} // namespace

bool Clock::has(const Dot& dot) const
{
    const auto known = upTo.find(dot.node);
    return (known != upTo.end() && dot.number <= known->second) || beyond.contains(dot);
}

void Clock::add(const Dot& dot)
{
    if (!dot.node || has(dot)) {
        return;
    }
    beyond.insert(dot);
    const auto known = upTo.find(dot.node);
    auto number = known == upTo.end() ? 0 : known->second;
    const auto before = number;
    while (beyond.erase(Dot{dot.node, number + 1}) > 0) {
        ++number;
    }
    if (number != before) {
        upTo[dot.node] = number;
    }
}

void Clock::add(const Clock& clock)
{
    for (const auto& [node, number] : clock.upTo) {
        auto& mine = upTo[node];
        mine = std::max(mine, number);
    }
    auto dots = std::exchange(beyond, {});
    dots.insert(clock.beyond.begin(), clock.beyond.end());
    for (const auto& dot : dots) {
        add(dot);
    }
    // What stood beyond a gap may follow on from a higher number now.
    for (auto& [node, number] : upTo) {
        while (beyond.erase(Dot{node, number + 1}) > 0) {
            ++number;
        }
    }
}

bool mergeInto(Siblings& siblings, const Siblings& more, Versioning versioning)
{
    bool changed = false;
    for (const auto& version : more) {
        const bool known = std::any_of(siblings.begin(), siblings.end(), [&](const auto& each) {
            return each.dot == version.dot || replaces(each, version, versioning);
        });
        if (known) {
            continue;
        }
        siblings.erase(
            std::remove_if(siblings.begin(), siblings.end(),
                           [&](const auto& each) { return replaces(version, each, versioning); }),
            siblings.end());
        const auto place =
            std::lower_bound(siblings.begin(), siblings.end(), version,
                             [](const Version& a, const Version& b) { return a.dot < b.dot; });
        siblings.insert(place, version);
        changed = true;
    }
    return changed;
}

bool covers(const Siblings& siblings, const Siblings& needed, Versioning versioning)
{
    return std::all_of(needed.begin(), needed.end(), [&](const Version& version) {
        return std::any_of(siblings.begin(), siblings.end(), [&](const auto& each) {
            return each.dot == version.dot || replaces(each, version, versioning);
        });
    });
}

Clock contextOf(const Siblings& siblings)
{
    Clock context;
    for (const auto& version : siblings) {
        context.add(version.context);
        context.add(version.dot);
    }
    return context;
}

std::vector<std::string> valuesOf(const Siblings& siblings)
{
    std::vector<std::string> values;
    for (const auto& version : siblings) {
        if (version.value) {
            values.push_back(*version.value);
        }
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

} // namespace lightcone::protocols::replication
