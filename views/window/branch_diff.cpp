#include "views/window/branch_diff.h"

#include <algorithm>

namespace lightcone::window {

using session::Branch;
using session::BranchId;
using trace::Kind;

namespace {

bool same(const trace::Event& a, const trace::Event& b)
{
    if (a.cause != b.cause || a.at != b.at || a.node != b.node || a.peer != b.peer
        || a.kind != b.kind || a.detail != b.detail || a.tag != b.tag || a.request != b.request
        || (a.payload == nullptr) != (b.payload == nullptr)) {
        return false;
    }
    if (a.payload == b.payload) {
        return true;
    }
    Bytes one;
    Bytes other;
    a.payload->encode(one);
    b.payload->encode(other);
    return one == other;
}

const Branch* find(const session::Snapshot& snapshot, BranchId id)
{
    const auto found = std::ranges::find(snapshot.branches, id, &Branch::id);
    return found == snapshot.branches.end() ? nullptr : &*found;
}

struct Share
{
    BranchId branch;
    std::uint64_t events;
};

// The branches that this one comes from, with how much of each it has in it.
std::vector<Share> ancestry(const session::Snapshot& snapshot, const Branch& branch)
{
    std::vector<Share> shares{{branch.id, branch.events}};
    auto least = branch.events;
    for (const auto* each = &branch; each != nullptr && each->parent;) {
        least = std::min(least, each->forkedAt.value);
        shares.push_back({each->parent, least});
        each = find(snapshot, each->parent);
    }
    return shares;
}

} // namespace

Tally tallyOf(const Branch& branch)
{
    Tally tally;
    tally.events = branch.events;
    tally.now = branch.now;
    for (std::uint64_t id = 1; id <= branch.events; ++id) {
        switch ((*branch.trace)[EventId(id)].kind) {
        case Kind::Send:
            ++tally.sent;
            break;
        case Kind::Drop:
            ++tally.dropped;
            break;
        case Kind::Request:
            ++tally.asked;
            break;
        case Kind::Reply:
            ++tally.answered;
            break;
        case Kind::Crash:
            ++tally.crashes;
            break;
        case Kind::Violation:
            ++tally.violations;
            break;
        default:
            break;
        }
    }
    return tally;
}

EventId firstDifference(const session::Snapshot& snapshot, const Branch& one, const Branch& other)
{
    std::uint64_t shared = 0;
    for (const auto& a : ancestry(snapshot, one)) {
        for (const auto& b : ancestry(snapshot, other)) {
            if (a.branch == b.branch) {
                shared = std::max(shared, std::min(a.events, b.events));
            }
        }
    }
    const auto both = std::min(one.events, other.events);
    for (auto id = std::min(shared, both) + 1; id <= both; ++id) {
        if (!same((*one.trace)[EventId(id)], (*other.trace)[EventId(id)])) {
            return EventId(id);
        }
    }
    return {};
}

std::vector<NodeDiff> diffOf(const trace::ClusterState& one, const trace::ClusterState& other)
{
    std::vector<NodeDiff> diffs;
    for (const auto& node : one.nodes) {
        const auto* there = other.node(node.id);
        if (there == nullptr) {
            continue;
        }
        NodeDiff diff;
        diff.node = node.id;
        diff.one = node.life;
        diff.other = there->life;
        if (node.state.exists() && there->state.exists()) {
            diff.changes = describe::diff(node.state, there->state);
        }
        if (diff.one != diff.other || !diff.changes.empty()) {
            diffs.push_back(std::move(diff));
        }
    }
    return diffs;
}

} // namespace lightcone::window
