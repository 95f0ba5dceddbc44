// What a stranger says to a port, in pieces whose sizes it chooses: the first byte of the input is
// the size of the first piece, and so on. The link neither fails nor takes more memory than was
// sent, and its last words are frames.
#include "engine/core/check.h"
#include "engine/live/link.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

using namespace lightcone;
using namespace lightcone::live;

namespace {

/// What happened is looked at as a node does; true when that was all.
bool events(Link& link, Instant now)
{
    while (auto event = link.next()) {
        if (const auto* hello = std::get_if<HelloCame>(&*event)) {
            if (hello->hello.purpose == Purpose::Control) {
                link.reject(now, {Rejection::Purpose, hello->hello.cluster});
            } else {
                link.welcome(now, Welcome{});
            }
        } else if (const auto* frame = std::get_if<FrameCame>(&*event)) {
            (void)link.send(FrameKind::Reply, frame->frame.body, {});
        } else if (std::holds_alternative<Ended>(*event)) {
            check(!link.next().has_value(), "nothing after the end");
            return true;
        }
    }
    return false;
}

/// What the link says is frames, and the other side can read them.
void drain(Link& link, FrameReader& reader, Instant now)
{
    for (auto bytes = link.toWrite(); !bytes.empty(); bytes = link.toWrite()) {
        const auto space = reader.space();
        const auto count = std::min(space.size(), bytes.size());
        std::memcpy(space.data(), bytes.data(), count);
        reader.arrived(count);
        link.written(now, count);
        for (auto frame = reader.next();; frame = reader.next()) {
            check(frame.has_value(), "frames that can be read");
            if (!*frame) {
                break;
            }
        }
    }
}

void run(BytesView bytes, Link link)
{
    LinkSettings settings;
    FrameReader reader(settings.mostFrame);
    Instant now{};
    while (!bytes.empty()) {
        const auto size = std::max<std::size_t>(1, static_cast<unsigned char>(bytes.front()));
        bytes.remove_prefix(1);
        const auto space = link.space();
        check(!space.empty() && space.size() < (std::size_t{1} << 20), "room, and not too much");
        const auto count = std::min({size, bytes.size(), space.size()});
        std::memcpy(space.data(), bytes.data(), count);
        bytes.remove_prefix(count);
        now += std::chrono::milliseconds(count);
        link.arrived(now, count);
        if (events(link, now)) {
            return;
        }
        drain(link, reader, now);
        link.tick(now);
        if (events(link, now)) {
            return;
        }
    }
    link.broke("it hung up");
    check(events(link, now), "an end");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const BytesView bytes(reinterpret_cast<const char*>(data), size);
    run(bytes, Link::accepted({}, {}));
    run(bytes, Link::dialed({}, {}, Hello{}));
    return 0;
}
