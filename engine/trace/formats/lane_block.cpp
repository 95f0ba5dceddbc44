#include "engine/trace/formats/lane_block.h"

#include "engine/trace/formats/event_block.h"

#include <limits>

namespace lightcone::trace::formats {

Bytes encodeLanes(const LaneTrack& lanes, EventId last)
{
    Bytes out;
    ByteWriter writer(out);
    const auto count = lanes.after(last);
    EventId before;
    writer.varint(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto& change = lanes[i];
        writer.varint(change.event.value - before.value);
        before = change.event;
        writer.varint(nodeCode(change.node));
        writer.byte(static_cast<std::uint8_t>(change.life));
        writer.byte(static_cast<std::uint8_t>(change.tone));
        writer.varint(change.role);
        writer.varint(change.epoch);
    }
    return out;
}

std::shared_ptr<LaneTrack> decodeLanes(BytesView bytes, EventId last)
{
    auto lanes = std::make_shared<LaneTrack>();
    ByteReader reader(bytes);
    std::uint64_t event = 0;
    for (auto count = reader.count(6); count > 0 && reader.ok(); --count) {
        LaneChange change;
        const auto after = reader.varint();
        change.node = nodeFromCode(reader);
        const auto life = reader.byte();
        const auto tone = reader.byte();
        const auto role = reader.varint();
        change.epoch = reader.varint();
        if (!reader.ok() || life > static_cast<std::uint8_t>(Life::Crashed)
            || role > std::numeric_limits<std::uint16_t>::max()
            || after > std::numeric_limits<std::uint64_t>::max() - event) {
            return nullptr;
        }
        event += after;
        if (event > last.value) {
            return lanes;
        }
        const auto lastTone = static_cast<std::uint8_t>(describe::Tone::Bad);
        change.event = EventId(event);
        change.life = static_cast<Life>(life);
        // A tone of a newer build means nothing here.
        change.tone =
            tone <= lastTone ? static_cast<describe::Tone>(tone) : describe::Tone::Neutral;
        change.role = static_cast<std::uint16_t>(role);
        lanes->append(change);
    }
    return reader.ok() ? lanes : nullptr;
}

} // namespace lightcone::trace::formats
