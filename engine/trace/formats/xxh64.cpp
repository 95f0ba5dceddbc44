#include "engine/trace/formats/xxh64.h"

#include <array>
#include <bit>
#include <cstring>

namespace lightcone::trace::formats {

namespace {

constexpr std::uint64_t prime1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t prime2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t prime3 = 0x165667B19E3779F9;
constexpr std::uint64_t prime4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t prime5 = 0x27D4EB2F165667C5;

template <class T>
T readLittle(const char* place)
{
    T value = 0;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&value, place, sizeof value);
    } else {
        for (std::size_t i = 0; i < sizeof value; ++i) {
            value |= static_cast<T>(static_cast<unsigned char>(place[i])) << (8 * i);
        }
    }
    return value;
}

std::uint64_t round(std::uint64_t lane, std::uint64_t input)
{
    return std::rotl(lane + input * prime2, 31) * prime1;
}

std::uint64_t finish(std::uint64_t hash, BytesView rest)
{
    for (; rest.size() >= 8; rest.remove_prefix(8)) {
        hash ^= round(0, readLittle<std::uint64_t>(rest.data()));
        hash = std::rotl(hash, 27) * prime1 + prime4;
    }
    if (rest.size() >= 4) {
        hash ^= readLittle<std::uint32_t>(rest.data()) * prime1;
        hash = std::rotl(hash, 23) * prime2 + prime3;
        rest.remove_prefix(4);
    }
    for (const char c : rest) {
        hash ^= static_cast<unsigned char>(c) * prime5;
        hash = std::rotl(hash, 11) * prime1;
    }
    hash = (hash ^ (hash >> 33)) * prime2;
    hash = (hash ^ (hash >> 29)) * prime3;
    return hash ^ (hash >> 32);
}

} // namespace

std::uint64_t xxh64(BytesView bytes, std::uint64_t seed)
{
    const auto size = static_cast<std::uint64_t>(bytes.size());
    if (size < 32) {
        return finish(seed + prime5 + size, bytes);
    }
    std::array<std::uint64_t, 4> lanes{seed + prime1 + prime2, seed + prime2, seed, seed - prime1};
    for (; bytes.size() >= 32; bytes.remove_prefix(32)) {
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            lanes[i] = round(lanes[i], readLittle<std::uint64_t>(bytes.data() + 8 * i));
        }
    }
    auto hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12)
        + std::rotl(lanes[3], 18);
    for (const auto lane : lanes) {
        hash = (hash ^ round(0, lane)) * prime1 + prime4;
    }
    return finish(hash + size, bytes);
}

} // namespace lightcone::trace::formats
