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

void Durable::apply(const Write& write)
{
    std::visit([this](const auto& held) { perform(*this, held); }, write);
}

} // namespace lightcone::protocols::replication
