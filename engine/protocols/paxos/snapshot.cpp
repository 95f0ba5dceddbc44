#include "engine/kv/image.h"
#include "engine/protocols/paxos/paxos.h"

#include <algorithm>
#include <utility>

// Forgetting old slots. The papers leave it open ("The Part-Time Parliament" §3.3.5 lets a priest's
// ledger be copied); here a node that lacks what others have forgotten pulls their snapshot in
// pieces.
namespace lightcone::protocols::paxos {

void Paxos::considerSnapshot(Out& out)
{
    const Slot threshold = parameters().snapshotThreshold;
    const auto last = m_snapshot ? m_snapshot->last : 0;
    if (threshold == 0 || m_lastApplied < last + threshold) {
        return;
    }
    m_snapshot = std::make_shared<const Snapshot>(Snapshot{m_lastApplied, m_store});
    // A quarter stays, so that a node that is only a little behind does not need the whole of it.
    const auto keepAfter = m_lastApplied - threshold / 4;
    place().discardUpTo(keepAfter);
    out.note("takes a snapshot up to slot {}", m_lastApplied);
    // Nobody waits for it: as long as it is not on disk, the slots are.
    out.write(SaveSnapshot{m_snapshot, keepAfter}, node::Sync::Lazy);
}

void Paxos::sendPiece(NodeId to, const Learn& question, Out& out)
{
    check(m_snapshot != nullptr, "only what a snapshot covers is discarded");
    // Whoever is in the middle of an older one gets the rest of that while it is kept.
    const bool goesOn = m_image && m_image->last == question.snapshot;
    if (!goesOn && (!m_image || m_image->last != m_snapshot->last)) {
        m_image = std::make_shared<const SnapshotImage>(
            SnapshotImage{m_snapshot->last, kv::imageOf(m_snapshot->store)});
    }
    const auto& data = m_image->data;
    const auto offset = goesOn ? std::min<std::size_t>(question.offset, data.size()) : 0;
    auto piece = data.substr(offset, parameters().snapshotChunk);
    const bool done = offset + piece.size() == data.size();
    if (offset == 0) {
        out.note("sends n{} its snapshot up to slot {}", to.value, m_image->last);
    }
    out.send(to, SnapshotPiece{m_image->last, offset, std::move(piece), done});
}

void Paxos::onMessage(const Moment& moment, NodeId from, const SnapshotPiece& message, Out& out)
{
    if (message.last <= m_chosenIndex || isSingle()) {
        m_receiving.reset();
        return; // All that it covers is here already.
    }
    if (message.offset == 0 && (!m_receiving || m_receiving->last != message.last)) {
        m_receiving = PartialSnapshot{message.last, {}};
    }
    if (!m_receiving || m_receiving->last != message.last
        || m_receiving->data.size() != message.offset) {
        return;
    }
    m_receiving->data += message.data;
    if (!message.done) {
        out.send(from, question());
        return;
    }
    auto store = kv::storeFrom(m_receiving->data);
    m_receiving.reset();
    if (!store) {
        out.note("throws away a snapshot: {}", store.error().message);
        return;
    }
    m_store = std::move(*store);
    m_snapshot = std::make_shared<const Snapshot>(Snapshot{message.last, m_store});
    m_lastApplied = message.last;
    m_chosenIndex = message.last;
    place().discardUpTo(message.last);
    m_chosenAhead.erase(m_chosenAhead.begin(), m_chosenAhead.upper_bound(message.last));
    while (m_chosenAhead.contains(m_chosenIndex + 1)) {
        m_chosenAhead.erase(++m_chosenIndex);
    }
    m_found.erase(m_found.begin(), m_found.upper_bound(m_chosenIndex));
    out.note("installs a snapshot up to slot {}", message.last);
    out.write(SaveSnapshot{m_snapshot, message.last}, node::Sync::Lazy);
    settle(moment, out);
    out.send(from, question());
}

} // namespace lightcone::protocols::paxos
