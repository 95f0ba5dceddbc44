#include "engine/protocols/replication/replication.h"

#include <algorithm>
#include <utility>

// Reads and writes of a quorum store: whoever is asked coordinates (Dynamo §4.5).
namespace lightcone::protocols::replication {

void Replication::coordinate(const Moment& moment, Coordination operation, Out& out)
{
    for (const auto& [number, each] : m_operations) {
        if (each.request == operation.request && !each.answered) {
            return; // A retry of what is under way waits for the same answer.
        }
    }
    const auto number = std::max<std::uint64_t>(moment.dice.next(), 1);
    operation.begunAt = moment.now;
    // To be later than all that was acknowledged before, a timestamp needs to know of it.
    operation.looksFirst |= parameters().versions == Versioning::LastWriterWins;
    operation.looksFirst &= !operation.isRead && !makes(Mistake::TrustsClocks);
    auto& held = m_operations[number] = std::move(operation);
    out.arm(Timer::GiveUp, parameters().giveUpAfter, number);
    if (held.isRead || held.looksFirst) {
        begin(moment, number, held, out);
    } else {
        beginWriting(moment, number, held, out);
    }
}

/// Asks all N, and of those that seem gone a stand-in as well.
void Replication::begin(const Moment& moment, std::uint64_t number, Coordination& operation,
                        Out& out)
{
    operation.asked.clear();
    const bool keepsIt = m_ring.keeps(self(), m_ring.rangeOf(operation.key));
    const auto keepers = m_ring.keepers(m_ring.rangeOf(operation.key));
    for (const auto keeper : keepers) {
        ask(number, operation, keeper, {}, out);
    }
    out.arm(Timer::Hint, parameters().hintAfter, number);
    const bool seemsGone = std::any_of(keepers.begin(), keepers.end(),
                                       [&](NodeId each) { return m_suspects.contains(each); });
    if (parameters().sloppy && seemsGone) {
        standIn(moment, number, out);
    }
    if (keepsIt && m_operations.contains(number)) {
        answerMyself(moment, number, {}, out);
    }
}

void Replication::ask(std::uint64_t number, Coordination& operation, NodeId node, NodeId owner,
                      Out& out)
{
    operation.asked.insert(node);
    if (node == self()) {
        return; // no message: answerMyself()
    }
    if (operation.phase == Phase::Reading) {
        out.send(node, Fetch{number, operation.key});
    } else {
        out.send(node, StoreVersions{number, operation.key, operation.versions, owner});
    }
}

void Replication::answerMyself(const Moment& moment, std::uint64_t number, NodeId owner, Out& out)
{
    const auto& operation = m_operations.find(number)->second;
    if (operation.phase == Phase::Reading) {
        gathered(moment, number, self(), versionsOf(operation.key), out);
        return;
    }
    if (owner) {
        holdFor({owner, operation.key}, operation.versions, out);
    } else {
        keep(operation.key, operation.versions, out);
    }
    written(number, self(), out);
}

/// "the first N healthy nodes" (§4.6): somebody stands in for a node that has not answered, keeps
/// the version with a hint of whose it is, and answers reads meanwhile.
void Replication::standIn(const Moment& moment, std::uint64_t number, Out& out)
{
    const auto found = m_operations.find(number);
    if (found == m_operations.end() || (found->second.isRead && found->second.answered)) {
        return;
    }
    auto& operation = found->second;
    const auto range = m_ring.rangeOf(operation.key);
    const auto keepers = m_ring.keepers(range);
    const auto walk = m_ring.walk(range);
    auto next = walk.begin() + static_cast<std::ptrdiff_t>(keepers.size());
    NodeId mine;
    for (const auto keeper : keepers) {
        const bool answers =
            keeper == self() || operation.found.contains(keeper) || operation.acks.contains(keeper);
        if (answers) {
            continue;
        }
        if (m_suspects.insert(keeper).second) {
            out.note("n{} does not answer", keeper.value);
        }
        if (!parameters().sloppy) {
            continue;
        }
        while (next != walk.end()
               && (operation.asked.contains(*next) || m_suspects.contains(*next))) {
            ++next;
        }
        if (next == walk.end()) {
            break;
        }
        mine = *next == self() ? keeper : mine;
        ask(number, operation, *next, keeper, out);
    }
    out.arm(Timer::Hint, parameters().hintAfter, number);
    if (mine) {
        answerMyself(moment, number, mine, out);
    }
}

void Replication::giveUp(std::uint64_t number, Out& out)
{
    const auto found = m_operations.find(number);
    if (found == m_operations.end()) {
        return;
    }
    auto& operation = found->second;
    if (!operation.answered) {
        const bool reading = operation.phase == Phase::Reading;
        out.note("gives up: {} of {} answered",
                 reading ? operation.found.size() : operation.acks.size(),
                 reading ? readQuorum(parameters()) : parameters().w);
    }
    end(number, out);
}

void Replication::end(std::uint64_t number, Out& out)
{
    const auto found = m_operations.find(number);
    if (found->second.isRead && found->second.answered) {
        repair(found->second, out);
    }
    m_operations.erase(found);
    out.disarm(Timer::GiveUp, number);
    out.disarm(Timer::Hint, number);
}

void Replication::onMessage(const Moment& moment, NodeId from, const Fetched& fetched, Out& out)
{
    const auto found = m_operations.find(fetched.operation);
    if (found != m_operations.end() && found->second.phase == Phase::Reading
        && found->second.asked.contains(from)) {
        gathered(moment, fetched.operation, from, fetched.versions, out);
    }
}

void Replication::gathered(const Moment& moment, std::uint64_t number, NodeId from,
                           const Siblings& versions, Out& out)
{
    auto& operation = m_operations.find(number)->second;
    operation.found[from] = versions;
    mergeInto(operation.versions, versions, parameters().versions);
    if (!operation.answered && operation.found.size() >= readQuorum(parameters())) {
        if (!operation.isRead) {
            beginWriting(moment, number, operation, out);
            return;
        }
        operation.answered = operation.versions;
        Found reply;
        reply.values = valuesOf(operation.versions);
        reply.outcome = reply.values.empty() ? kv::Outcome::NotFound : kv::Outcome::Found;
        if (reply.values.size() == 1) {
            reply.value = reply.values.front();
        }
        reply.context = contextOf(operation.versions);
        out.reply(operation.request, std::move(reply));
    }
    if (operation.answered && operation.found.size() == operation.asked.size()) {
        end(number, out);
    }
}

void Replication::beginWriting(const Moment& moment, std::uint64_t number, Coordination& operation,
                               Out& out)
{
    const bool byTime = parameters().versions == Versioning::LastWriterWins;
    Version version;
    version.dot = {self(), ++m_issued[operation.key]};
    version.at = moment.now;
    for (const auto& seen : operation.versions) {
        version.at = std::max(version.at, seen.at + Duration(1));
    }
    if (!byTime) {
        version.context = operation.context;
        version.context.add(contextOf(operation.versions));
    }
    version.request = operation.request;
    version.value = operation.value;
    out.write(Issue{operation.key, version.dot.number});
    operation.phase = Phase::Writing;
    operation.versions = {std::move(version)};
    operation.found.clear();
    begin(moment, number, operation, out);
}

void Replication::onMessage(const Moment&, NodeId from, const Stored& stored, Out& out)
{
    const auto found = m_operations.find(stored.operation);
    if (found != m_operations.end() && found->second.phase == Phase::Writing
        && found->second.asked.contains(from)) {
        written(stored.operation, from, out);
    }
}

void Replication::written(std::uint64_t number, NodeId from, Out& out)
{
    auto& operation = m_operations.find(number)->second;
    operation.acks.insert(from);
    if (!operation.answered && operation.acks.size() >= parameters().w) {
        operation.answered = operation.versions;
        Found reply;
        reply.context = contextOf(operation.versions);
        reply.written = operation.versions.front().dot;
        out.reply(operation.request, std::move(reply));
    }
    if (operation.answered && operation.acks.size() == operation.asked.size()) {
        m_operations.erase(number);
        out.disarm(Timer::GiveUp, number);
        out.disarm(Timer::Hint, number);
    }
}

void Replication::onMessage(const Moment&, NodeId from, const StoreVersions& store, Out& out)
{
    if (store.owner && store.owner != self()) {
        holdFor({store.owner, store.key}, store.versions, out);
    } else {
        keep(store.key, store.versions, out);
    }
    if (store.operation != 0) {
        out.send(from, Stored{store.operation});
    }
}

void Replication::onMessage(const Moment&, NodeId from, const Fetch& fetch, Out& out)
{
    out.send(from, Fetched{fetch.operation, versionsOf(fetch.key)});
}

/// Its own, and what it holds for others.
Siblings Replication::versionsOf(const std::string& key) const
{
    Siblings versions;
    if (const auto own = m_versions.find(key); own != m_versions.end()) {
        versions = own->second;
    }
    for (const auto& [hint, held] : m_hints) {
        if (hint.key == key) {
            mergeInto(versions, held, parameters().versions);
        }
    }
    return versions;
}

bool Replication::keep(const std::string& key, const Siblings& versions, Out& out)
{
    auto& mine = m_versions[key];
    const bool conflicted = mine.size() > 1;
    if (!mergeInto(mine, versions, parameters().versions)) {
        return false;
    }
    m_conflicts += (mine.size() > 1 ? 1 : 0) - (conflicted ? 1 : 0);
    if (mine.size() > 1) {
        out.note("{} has {} versions that had not seen each other", key, mine.size());
    }
    out.write(Keep{key, mine});
    return true;
}

} // namespace lightcone::protocols::replication
