#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/live/control.h"
#include "engine/live/feed.h"

#include <cstddef>
#include <cstdint>

/// Any bytes are a word of an explorer or a node, a stretch of a tape, a checkpoint, or an error;
/// what was understood is written back as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lightcone;
    const BytesView bytes(reinterpret_cast<const char*>(data), size);
    if (const auto wish = live::readWish(bytes)) {
        const auto again = live::readWish(live::toBody(*wish));
        check(again.has_value(), "a wish that was read can be read again");
    }
    if (const auto word = live::readWord(bytes)) {
        const auto again = live::readWord(live::toBody(*word));
        check(again.has_value(), "a word that was read can be read again");
        if (const auto* told = std::get_if<live::Told>(&*word)) {
            const auto entries = live::entriesOf(told->stretch);
            check(!entries || entries->size() == told->stretch.count, "as many as it says");
        }
    }
    const auto checkpoint = describe::fromBytes<live::Checkpoint>(bytes);
    if (checkpoint) {
        (void)live::diceOf(checkpoint->dice);
    }
    return 0;
}
