#include "engine/protocols/raft/durable.h"

#include "engine/core/check.h"
#include "engine/kv/image.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::raft {
namespace {

void perform(Durable& disk, const SetHardState& write)
{
    disk.term = write.term;
    disk.votedFor = write.votedFor;
}

void perform(Durable& disk, const Append& write)
{
    check(write.index == disk.lastIndex() + 1, "a disk appends at the end of its log");
    disk.log.append(write.entries);
}

void perform(Durable& disk, const Truncate& write)
{
    check(write.from >= disk.logStart && write.from <= disk.lastIndex() + 1,
          "a disk cuts its log within its length");
    disk.log.truncate(write.from - disk.logStart);
}

void perform(Durable& disk, const SaveSnapshot& write)
{
    disk.snapshot = write.snapshot;
    discardUpTo({disk.log, disk.logStart, disk.discardedTerm}, write.keepAfter);
}

void perform(Durable& disk, const SnapshotChunk& write)
{
    if (write.offset == 0) {
        disk.receiving = PartialSnapshot{write.lastIndex, write.lastTerm, {}};
    }
    check(disk.receiving && disk.receiving->data.size() == write.offset,
          "a disk appends to the snapshot that it receives");
    disk.receiving->data += write.data;
}

void perform(Durable& disk, const AdoptSnapshot& write)
{
    check(disk.receiving.has_value(), "a disk adopts a snapshot that it received");
    auto store = kv::storeFrom(disk.receiving->data);
    check(store.has_value(), "a received snapshot was verified before it was adopted");
    disk.receiving.reset();
    disk.snapshot = std::make_shared<const Snapshot>(
        Snapshot{write.lastIndex, write.lastTerm, write.configuration, std::move(*store)});
    replaceBeginning({disk.log, disk.logStart, disk.discardedTerm}, write.lastIndex,
                     write.lastTerm);
}

} // namespace

void Durable::apply(const Write& write)
{
    std::visit([this](const auto& held) { perform(*this, held); }, write);
}

void replaceBeginning(LogPlace place, Index lastIndex, Term lastTerm)
{
    const auto last = place.logStart - 1 + place.log.size();
    const bool covered = lastIndex < place.logStart;
    const bool matches =
        !covered && lastIndex <= last && place.log[lastIndex - place.logStart].term == lastTerm;
    if (covered) {
        return;
    }
    if (matches) {
        discardUpTo(place, lastIndex);
        return;
    }
    place.log.clear();
    place.logStart = lastIndex + 1;
    place.discardedTerm = lastTerm;
}

std::size_t firstFrom(const Entries& log, Term term)
{
    std::size_t low = 0;
    std::size_t high = log.size();
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (log[middle].term < term) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void discardUpTo(LogPlace place, Index index)
{
    if (index < place.logStart) {
        return;
    }
    const auto last = place.logStart - 1 + place.log.size();
    check(index <= last, "only entries that are there are discarded");
    place.discardedTerm = place.log[index - place.logStart].term;
    place.log.dropFront(index - place.logStart + 1);
    place.logStart = index + 1;
}

} // namespace lightcone::protocols::raft
