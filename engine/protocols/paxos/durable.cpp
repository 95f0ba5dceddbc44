#include "engine/protocols/paxos/durable.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::paxos {
namespace {

void perform(Durable& disk, const Pledge& write)
{
    disk.ballot = std::max(disk.ballot, write.ballot);
}

void perform(Durable& disk, const Vote& write)
{
    const LogPlace place{disk.log, disk.logStart};
    for (std::size_t i = 0; i < write.entries.size(); ++i) {
        disk.ballot = std::max(disk.ballot, write.entries[i].ballot);
        place.put(write.first + i, write.entries[i]);
    }
    disk.chosen = std::max(disk.chosen, write.chosen);
}

void perform(Durable& disk, const Lesson& write)
{
    const LogPlace place{disk.log, disk.logStart};
    for (std::size_t i = 0; i < write.entries.size(); ++i) {
        place.putChosen(write.first + i, write.entries[i]);
    }
    disk.chosen = std::max(disk.chosen, write.chosen);
}

void perform(Durable& disk, const SaveSnapshot& write)
{
    disk.snapshot = write.snapshot;
    LogPlace{disk.log, disk.logStart}.discardUpTo(write.keepAfter);
    disk.chosen = std::max(disk.chosen, write.snapshot->last);
}

} // namespace

void Durable::apply(const Write& write)
{
    std::visit([this](const auto& held) { perform(*this, held); }, write);
}

void LogPlace::put(Slot slot, const Entry& entry) const
{
    if (slot < logStart) {
        return;
    }
    while (last() + 1 < slot) {
        log.push_back(Entry{});
    }
    if (slot == last() + 1) {
        log.push_back(entry);
    } else {
        log.set(slot - logStart, entry);
    }
}

void LogPlace::putChosen(Slot slot, const Entry& entry) const
{
    const auto* mine = at(slot);
    const bool same = mine != nullptr && sameValue(*mine, entry);
    if (!same || mine->ballot < entry.ballot) {
        put(slot, entry);
    }
}

void LogPlace::discardUpTo(Slot slot) const
{
    if (slot < logStart) {
        return;
    }
    log.dropFront(std::min<std::size_t>(log.size(), slot + 1 - logStart));
    logStart = slot + 1;
}

} // namespace lightcone::protocols::paxos
