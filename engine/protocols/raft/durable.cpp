#include "engine/protocols/raft/durable.h"

#include "engine/core/check.h"
#include "engine/describe/described.h"

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
    auto store = decodeStore(disk.receiving->data);
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

std::string encodeStore(const kv::Store& store)
{
    constexpr std::string_view digits = "0123456789abcdef";
    const auto bytes = describe::toBytes(store);
    std::string data;
    data.reserve(2 * bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        data.push_back(digits[byte >> 4]);
        data.push_back(digits[byte & 15]);
    }
    return data;
}

Result<kv::Store> decodeStore(std::string_view data)
{
    const auto valueOf = [](char digit) {
        return digit >= '0' && digit <= '9' ? digit - '0'
            : digit >= 'a' && digit <= 'f'  ? digit - 'a' + 10
                                            : -1;
    };
    Bytes bytes;
    bytes.reserve(data.size() / 2);
    if (data.size() % 2 != 0) {
        return fail("a snapshot's data has an odd number of digits");
    }
    for (std::size_t i = 0; i < data.size(); i += 2) {
        const auto high = valueOf(data[i]);
        const auto low = valueOf(data[i + 1]);
        if (high < 0 || low < 0) {
            return fail("a snapshot's data holds something else than hexadecimal digits");
        }
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return describe::fromBytes<kv::Store>(bytes);
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
