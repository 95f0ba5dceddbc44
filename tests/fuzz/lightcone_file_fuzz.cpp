#include "engine/core/bytes.h"
#include "engine/core/check.h"
#include "engine/describe/text.h"
#include "engine/trace/formats/blocks.h"
#include "engine/trace/formats/lightcone_file.h"
#include "engine/trace/formats/xxh64.h"
#include "engine/trace/hash.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string_view>

namespace {

using namespace lightcone;
using namespace lightcone::trace;
using namespace lightcone::trace::formats;

constexpr std::uint64_t mostLookedAt = 300;

void stamp(Bytes& file, std::size_t at, std::uint64_t number, std::size_t size)
{
    for (std::size_t i = 0; i < size; ++i) {
        file[at + i] = static_cast<char>(number >> (8 * i));
    }
}

/// The same bytes with sizes and checksums that hold, so that what lies behind them is reached.
Bytes reseal(Bytes file)
{
    if (file.size() < preambleSize) {
        return file;
    }
    stamp(file, 12, xxh64(BytesView(file).substr(0, 12)), 4);
    auto at = file.find(blockMark, preambleSize);
    while (at != Bytes::npos && file.size() - at >= blockHeaderSize) {
        ByteReader sizes(BytesView(file).substr(at + 8, 8));
        const std::size_t left = file.size() - at - blockHeaderSize;
        const auto stored = std::min<std::size_t>(sizes.fixed32(), left);
        stamp(file, at + 8, stored, 4);
        if (static_cast<Packing>(file[at + 5]) == Packing::Plain) {
            stamp(file, at + 12, stored, 4);
        }
        stamp(file, at + 28, xxh64(BytesView(file).substr(at, 28)), 4);
        stamp(file, at + 32, xxh64(BytesView(file).substr(at + blockHeaderSize, stored)), 8);
        at = file.find(blockMark, at + blockHeaderSize + stored);
    }
    return file;
}

/// Whatever was opened can be looked at, every event of it and the states between.
void lookAt(const Opened& opened)
{
    const auto& trace = *opened.trace;
    const auto last = std::min(trace.size(), mostLookedAt);
    for (std::uint64_t id = 1; id <= last; ++id) {
        const auto& event = trace[EventId(id)];
        check(event.cause.value < id, "a cause before its event");
        if (event.payload) {
            (void)describe::brief(event.payload->describe());
        }
    }
    if (opened.states) {
        for (const auto id : {std::uint64_t{0}, last / 2, last}) {
            (void)opened.states->at(EventId(id));
        }
    }
    (void)opened.trace->lanes().after(EventId(last));
    if (opened.damage) {
        check(!opened.damage->empty(), "damage that is named");
    }
}

/// What could be opened can be saved, and is then whole and the same run.
void saveAndOpenAgain(const Opened& opened)
{
    std::ostringstream out;
    const EventId last(opened.trace->size());
    const SaveOptions options{opened.states.get(), {}, {}};
    check(saveLightcone(out, *opened.trace, last, options).has_value(),
          "a trace that can be saved");
    const auto again = readLightcone(out.str(), "again.lightcone");
    check(again.has_value(), "a saved file that opens");
    check(!again->damage, "a saved file that is whole");
    check(traceHash(*again->trace) == traceHash(*opened.trace), "the same run");
}

void open(Bytes bytes)
{
    const auto opened = readLightcone(std::move(bytes), "fuzz.lightcone");
    if (!opened) {
        check(!opened.error().message.empty(), "an error that says something");
        return;
    }
    lookAt(*opened);
    if (opened->trace->size() <= mostLookedAt) {
        saveAndOpenAgain(*opened);
    }
}

} // namespace

/// Any bytes are a file, a file up to its damage, or one sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const Bytes bytes(reinterpret_cast<const char*>(data), size);
    open(bytes);
    open(reseal(bytes));
    return 0;
}
