#include "engine/protocols/replication/durable.h"

#include <algorithm>

namespace lightcone::protocols::replication {
namespace {

LogPlace logOf(Durable& disk)
{
    return {disk.log, disk.logStart};
}

void addLost(Durable& disk, const LostRanges& lost)
{
    for (const auto& [epoch, range] : lost) {
        replication::addLost(disk.lost, epoch, range);
    }
}

void perform(Durable& disk, const Append& write)
{
    logOf(disk).append(write.first, write.entries);
}

void perform(Durable& disk, const TakeView& write)
{
    disk.view = write.view;
    disk.promised = std::max(disk.promised, write.view.epoch);
    disk.required.clear();
}

void perform(Durable& disk, const Promise& write)
{
    disk.promised = std::max(disk.promised, write.epoch);
}

void perform(Durable& disk, const Require& write)
{
    disk.required.insert(write.node);
}

void perform(Durable& disk, const Discard& write)
{
    logOf(disk).cut(write.first);
    addLost(disk, write.lost);
}

void perform(Durable& disk, const SaveSnapshot& write)
{
    disk.snapshot = write.snapshot;
    logOf(disk).forgetUpTo(write.keepAfter);
}

void perform(Durable& disk, const Rebuild& write)
{
    disk.snapshot = write.snapshot;
    logOf(disk).restartAfter(write.snapshot->last);
    addLost(disk, write.lost);
}

void perform(Durable& disk, const Keep& write)
{
    disk.versions[write.key] = write.versions;
}

void perform(Durable& disk, const Hold& write)
{
    if (write.versions.empty()) {
        disk.hints.erase(write.hint);
    } else {
        disk.hints[write.hint] = write.versions;
    }
}

void perform(Durable& disk, const Issue& write)
{
    auto& number = disk.issued[write.key];
    number = std::max(number, write.number);
}

} // namespace

void LogPlace::append(Index first, const Log& entries) const
{
    cut(first);
    const auto known = last() + 1 - std::min(first, last() + 1);
    if (known < entries.size()) {
        log.append(entries.slice(known, entries.size() - known));
    }
}

void LogPlace::cut(Index first) const
{
    log.truncate(std::min<std::size_t>(log.size(), first <= logStart ? 0 : first - logStart));
}

void LogPlace::forgetUpTo(Index index) const
{
    if (index < logStart || index > last()) {
        return;
    }
    log.dropFront(index + 1 - logStart);
    logStart = index + 1;
}

void LogPlace::restartAfter(Index index) const
{
    log.clear();
    logStart = index + 1;
}

void Durable::apply(const Write& write)
{
    std::visit([this](const auto& held) { perform(*this, held); }, write);
}

} // namespace lightcone::protocols::replication
