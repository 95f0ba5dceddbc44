#include "engine/trace/formats/patch.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace lightcone::trace::formats {

namespace {

std::size_t commonPrefix(BytesView a, BytesView b)
{
    const auto most = std::min(a.size(), b.size());
    std::size_t size = 0;
    while (size + 8 <= most && std::memcmp(a.data() + size, b.data() + size, 8) == 0) {
        size += 8;
    }
    while (size < most && a[size] == b[size]) {
        ++size;
    }
    return size;
}

std::size_t commonSuffix(BytesView a, BytesView b)
{
    const auto most = std::min(a.size(), b.size());
    const char* endA = a.data() + a.size();
    const char* endB = b.data() + b.size();
    std::size_t size = 0;
    while (size + 8 <= most && std::memcmp(endA - size - 8, endB - size - 8, 8) == 0) {
        size += 8;
    }
    while (size < most && *(endA - size - 1) == *(endB - size - 1)) {
        ++size;
    }
    return size;
}

struct Hunk
{
    std::size_t skip = 0;
    std::size_t insert = 0;
};

constexpr std::size_t sure = 12; ///< so many equal bytes are no accident
constexpr std::size_t nearby = 24;
constexpr std::size_t farOff = 256;

/// The smallest edit after which the two go on alike: a number that changed, an element that came
/// or went. Nothing when there is none nearby.
std::optional<Hunk> smallEdit(BytesView before, BytesView after)
{
    const auto alike = [&](std::size_t skip, std::size_t insert) {
        return skip + sure <= before.size() && insert + sure <= after.size()
            && std::memcmp(before.data() + skip, after.data() + insert, sure) == 0;
    };
    for (std::size_t size = 1; size <= nearby; ++size) {
        for (std::size_t skip = 0; skip <= size; ++skip) {
            if (alike(skip, size - skip)) {
                return Hunk{skip, size - skip};
            }
        }
    }
    for (std::size_t size = nearby + 1; size <= farOff; ++size) {
        if (alike(size, 0)) {
            return Hunk{size, 0};
        }
        if (alike(0, size)) {
            return Hunk{0, size};
        }
    }
    return std::nullopt;
}

} // namespace

void makePatch(BytesView before, BytesView after, Bytes& patch)
{
    ByteWriter writer(patch);
    writer.varint(after.size());
    auto suffix = std::string_view::npos;
    while (!after.empty()) {
        const auto copy = commonPrefix(before, after);
        before.remove_prefix(copy);
        after.remove_prefix(copy);
        if (suffix == std::string_view::npos) {
            suffix = commonSuffix(before, after);
        }
        const auto tail = std::min({suffix, before.size(), after.size()});
        Hunk hunk{before.size() - tail, after.size() - tail};
        if (hunk.skip > 2 * sure && hunk.insert > 2 * sure) {
            hunk = smallEdit(before, after).value_or(hunk);
        }
        writer.varint(copy);
        writer.varint(hunk.skip);
        writer.text(after.substr(0, hunk.insert));
        before.remove_prefix(hunk.skip);
        after.remove_prefix(hunk.insert);
    }
}

void applyPatch(BytesView before, ByteReader& patch, Bytes& after)
{
    after.clear();
    const auto size = patch.varint();
    if (size > before.size() + patch.left()) {
        patch.fail();
    }
    while (patch.ok() && after.size() < size) {
        const auto copy = patch.varint();
        const auto skip = patch.varint();
        const auto insert = patch.text();
        if (copy > before.size() || skip > before.size() - copy
            || copy + skip + insert.size() == 0) {
            patch.fail();
            return;
        }
        after.append(before.substr(0, copy));
        after.append(insert);
        before.remove_prefix(copy + skip);
    }
    if (after.size() != size) {
        patch.fail();
    }
}

} // namespace lightcone::trace::formats
