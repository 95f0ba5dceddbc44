#include "engine/describe/text.h"
#include "engine/protocols/replication/replication.h"

#include <algorithm>
#include <utility>

// How replicas of a quorum store come to hold the same: read repair, hints that go home, and
// comparing Merkle trees (Dynamo §4.6 and §4.7).
namespace lightcone::protocols::replication {

/// A read that all have answered, or nobody waits for any more: who lacked something gets it, and
/// now it is known whether the client was told the newest.
void Replication::repair(const Coordination& operation, Out& out)
{
    const auto versioning = parameters().versions;
    Duration missed{};
    for (const auto& version : operation.versions) {
        if (!covers(*operation.answered, {version}, versioning)) {
            missed = std::max(missed, Duration(operation.begunAt - version.at));
        }
    }
    if (missed > Duration{}) {
        ++m_staleReads;
        m_worstStaleness = std::max(m_worstStaleness, missed);
        out.note("the read of {} was stale: it missed a write begun {} before", operation.key,
                 toText(missed));
    }
    if (!parameters().readRepair) {
        return;
    }
    const auto range = m_ring.rangeOf(operation.key);
    for (const auto& [node, versions] : operation.found) {
        if (!m_ring.keeps(node, range) || covers(versions, operation.versions, versioning)) {
            continue;
        }
        ++m_repaired;
        out.note("brings n{} up to date on {}", node.value, operation.key);
        if (node == self()) {
            keep(operation.key, operation.versions, out);
        } else {
            out.send(node, StoreVersions{0, operation.key, operation.versions, {}});
        }
    }
}

/// The versions that are held for a node, as they are now; none: it has them.
void Replication::hold(const HintKey& hint, const Siblings& versions, Out& out)
{
    if (versions.empty()) {
        m_hints.erase(hint);
    } else {
        m_hints[hint] = versions;
    }
    m_lagEntries = m_hints.size();
    out.write(Hold{hint, versions});
}

void Replication::holdFor(const HintKey& hint, const Siblings& versions, Out& out)
{
    const auto held = m_hints.find(hint);
    auto merged = held == m_hints.end() ? Siblings{} : held->second;
    if (mergeInto(merged, versions, parameters().versions)) {
        out.note("holds {} for n{}", hint.key, hint.owner.value);
        hold(hint, merged, out);
    }
}

void Replication::handOff(Out& out)
{
    for (const auto& [hint, versions] : m_hints) {
        out.send(hint.owner, HandOff{hint.key, versions});
    }
    out.arm(Timer::Handoff, parameters().handoff);
}

void Replication::onMessage(const Moment&, NodeId from, const HandOff& hint, Out& out)
{
    keep(hint.key, hint.versions, out);
    Clock received;
    for (const auto& version : hint.versions) {
        received.add(version.dot);
    }
    out.send(from, HandedOff{hint.key, std::move(received)});
}

void Replication::onMessage(const Moment&, NodeId from, const HandedOff& handed, Out& out)
{
    const auto held = m_hints.find({from, handed.key});
    if (held == m_hints.end()) {
        return;
    }
    auto rest = held->second;
    rest.erase(std::remove_if(rest.begin(), rest.end(),
                              [&](const Version& each) { return handed.received.has(each.dot); }),
               rest.end());
    if (rest.size() == held->second.size()) {
        return;
    }
    ++m_repaired;
    out.note("has handed {} over to n{}", handed.key, from.value);
    hold({from, handed.key}, rest, out);
}

/// One range with one of those who keep it too, and the next one next time.
void Replication::compareNext(Out& out)
{
    std::vector<std::pair<NodeId, std::uint32_t>> pairs;
    for (std::uint32_t range = 0; range < m_ring.ranges(); ++range) {
        if (!m_ring.keeps(self(), range)) {
            continue;
        }
        for (const auto keeper : m_ring.keepers(range)) {
            if (keeper != self()) {
                pairs.emplace_back(keeper, range);
            }
        }
    }
    if (!pairs.empty()) {
        const auto [node, range] = pairs[m_compared++ % pairs.size()];
        const MerkleTree tree(m_versions, m_ring, range, parameters().merkleDepth);
        out.send(node, Compare{range, 1, tree.hashAt(1)});
    }
    out.arm(Timer::AntiEntropy, parameters().antiEntropy);
}

void Replication::onMessage(const Moment&, NodeId from, const Compare& compare, Out& out)
{
    if (compare.range >= m_ring.ranges()) {
        return;
    }
    const MerkleTree tree(m_versions, m_ring, compare.range, parameters().merkleDepth);
    if (!tree.has(compare.place) || tree.hashAt(compare.place) == compare.hash) {
        return;
    }
    if (!tree.isLeaf(compare.place)) {
        for (const auto child : {2 * compare.place, 2 * compare.place + 1}) {
            out.send(from, Compare{compare.range, child, tree.hashAt(child)});
        }
        return;
    }
    out.send(from,
             Exchange{compare.range, compare.place, keysOf(compare.range, compare.place), true});
}

Versions Replication::keysOf(std::uint32_t range, std::uint64_t leaf) const
{
    Versions keys;
    for (const auto& [key, versions] : m_versions) {
        if (m_ring.rangeOf(key) == range
            && MerkleTree::leafOf(key, parameters().merkleDepth) == leaf) {
            keys.emplace(key, versions);
        }
    }
    return keys;
}

void Replication::onMessage(const Moment&, NodeId from, const Exchange& exchange, Out& out)
{
    if (exchange.range >= m_ring.ranges() || !m_ring.keeps(self(), exchange.range)) {
        return;
    }
    auto mine = keysOf(exchange.range, exchange.place);
    std::string changed;
    for (const auto& [key, versions] : exchange.keys) {
        if (m_ring.rangeOf(key) == exchange.range && keep(key, versions, out)) {
            changed += (changed.empty() ? "" : ", ") + key;
        }
    }
    if (!changed.empty()) {
        out.note("learns of {} by comparing with n{}", changed, from.value);
    }
    if (!exchange.reply) {
        return;
    }
    for (auto each = mine.begin(); each != mine.end();) {
        const auto theirs = exchange.keys.find(each->first);
        const bool known = theirs != exchange.keys.end()
            && covers(theirs->second, each->second, parameters().versions);
        each = known ? mine.erase(each) : std::next(each);
    }
    if (!mine.empty()) {
        m_repaired += mine.size();
        out.send(from, Exchange{exchange.range, exchange.place, std::move(mine), false});
    }
}

} // namespace lightcone::protocols::replication
