#include "engine/kv/image.h"
#include "engine/protocols/replication/replication.h"

#include <algorithm>
#include <utility>

// Forgetting what all have, and bringing a node up to date that needs what was forgotten.
namespace lightcone::protocols::replication {

namespace {

kv::Operation operationOf(const Command& command)
{
    return std::visit([](const auto& held) { return kv::Operation(held); }, command);
}

} // namespace

void Replication::takeSnapshot(Out& out)
{
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->last = m_applied;
    for (const auto& [epoch, start] : m_starts) {
        if (start <= m_applied) {
            snapshot->starts.emplace(epoch, start);
        }
    }
    snapshot->store = m_store;
    m_snapshot = std::move(snapshot);
    // A few are kept, so that who lacks little needs no snapshot.
    const auto spare = parameters().snapshotThreshold / 4;
    const auto keepAfter = m_applied > spare ? m_applied - spare : 0;
    out.write(SaveSnapshot{m_snapshot, keepAfter});
    place().forgetUpTo(keepAfter);
}

void Replication::sendPiece(NodeId to, const Missing& missing, Out& out)
{
    if (!m_snapshot) {
        takeSnapshot(out);
    }
    if (!m_image || (m_image->last != m_snapshot->last && missing.snapshot != m_image->last)) {
        m_image = std::make_shared<const SnapshotImage>(
            SnapshotImage{m_snapshot->last, m_snapshot->starts, kv::imageOf(m_snapshot->store)});
    }
    const auto& image = *m_image;
    const bool goesOn = missing.snapshot == image.last && missing.offset <= image.data.size();
    Piece piece;
    piece.view = view();
    piece.last = image.last;
    piece.starts = image.starts;
    piece.offset = goesOn ? missing.offset : 0;
    piece.data = image.data.substr(piece.offset, parameters().snapshotChunk);
    piece.done = piece.offset + piece.data.size() == image.data.size();
    if (piece.offset == 0) {
        out.note("sends n{} a snapshot up to number {}", to.value, image.last);
    }
    out.send(to, std::move(piece));
}

void Replication::onMessage(const Moment& moment, NodeId from, const Piece& piece, Out& out)
{
    if (piece.view.epoch > m_epoch && piece.view.epoch >= m_promised) {
        takeView(moment, piece.view, out);
    }
    if (!accepts(from, piece.view, out)) {
        return;
    }
    const bool has =
        piece.last <= last() && epochAt(piece.last) == viewOf(piece.starts, piece.last);
    if (has && piece.last > 0) {
        m_receiving.reset();
        return;
    }
    if (piece.offset == 0) {
        m_receiving = PartialSnapshot{piece.last, piece.starts, {}};
    }
    const bool fits =
        m_receiving && m_receiving->last == piece.last && m_receiving->data.size() == piece.offset;
    if (!fits) {
        return; // a repeat, or of another snapshot: the next heartbeat asks again
    }
    m_receiving->data += piece.data;
    if (!piece.done) {
        askFor(moment, from, 0, out);
        return;
    }
    rebuildFrom(*std::exchange(m_receiving, std::nullopt), out);
    askFor(moment, from, last() + 1, out);
}

/// The other's state takes the place of this node's. What this log had beyond the place where the
/// two parted is gone.
void Replication::rebuildFrom(const PartialSnapshot& received, Out& out)
{
    auto store = kv::storeFrom(received.data);
    if (!store) {
        out.note("cannot use the snapshot: {}", store.error().message);
        return;
    }
    auto common = std::min(last(), received.last);
    while (common > 0 && epochAt(common) != viewOf(received.starts, common)) {
        --common;
    }
    auto lost = lostFrom(common + 1);
    auto snapshot =
        std::make_shared<Snapshot>(Snapshot{received.last, received.starts, std::move(*store)});
    out.note("is rebuilt from a snapshot up to number {}{}", received.last,
             common < last()
                 ? fmt::format(", and throws away {} writes of its own", last() - common)
                 : std::string());
    for (const auto& [epoch, range] : lost) {
        addLost(m_lost, epoch, range);
    }
    m_snapshot = snapshot;
    m_store = snapshot->store;
    m_starts = snapshot->starts;
    m_applied = m_commit = snapshot->last;
    place().restartAfter(snapshot->last);
    out.write(Rebuild{snapshot, std::move(lost)});
}

/// Undoes writes that were applied and have gone from the log.
void Replication::rollBackTo(Index index)
{
    m_store = m_snapshot ? m_snapshot->store : kv::Store();
    m_applied = m_snapshot ? m_snapshot->last : 0;
    while (m_applied < index) {
        ++m_applied;
        const auto& entry = *entryAt(m_applied);
        m_store.apply(entry.request, operationOf(entry.command));
    }
}

} // namespace lightcone::protocols::replication
