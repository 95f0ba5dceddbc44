#include "engine/core/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace lightcone {

namespace {

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

// Eight bytes a round: table k says what a byte does to the sum k bytes later (Kounavis and Berry
// 2005, slicing by eight).
constexpr Table makeTable()
{
    constexpr std::uint32_t reversedPolynomial = 0x82F63B78;
    Table table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        auto sum = byte;
        for (int bit = 0; bit < 8; ++bit) {
            sum = (sum >> 1) ^ ((sum & 1) != 0 ? reversedPolynomial : 0);
        }
        table[0][byte] = sum;
    }
    for (std::size_t k = 1; k < table.size(); ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const auto sum = table[k - 1][byte];
            table[k][byte] = (sum >> 8) ^ table[0][sum & 0xFF];
        }
    }
    return table;
}

constexpr Table theTable = makeTable();

std::uint32_t withTables(BytesView bytes, std::uint32_t sum)
{
    while (bytes.size() >= 8) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < 8; ++i) {
            word |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
        }
        word ^= sum;
        sum = 0;
        for (std::size_t i = 0; i < 8; ++i) {
            sum ^= theTable[7 - i][(word >> (8 * i)) & 0xFF];
        }
        bytes.remove_prefix(8);
    }
    for (const char c : bytes) {
        sum = (sum >> 8) ^ theTable[0][(sum ^ static_cast<std::uint8_t>(c)) & 0xFF];
    }
    return sum;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) std::uint32_t withInstruction(BytesView bytes, std::uint32_t sum)
{
    std::uint64_t wide = sum;
    while (bytes.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
        bytes.remove_prefix(8);
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (const char c : bytes) {
        narrow = __builtin_ia32_crc32qi(narrow, static_cast<std::uint8_t>(c));
    }
    return narrow;
}

std::uint32_t advance(BytesView bytes, std::uint32_t sum)
{
    static const bool hasInstruction = __builtin_cpu_supports("sse4.2") != 0;
    return hasInstruction ? withInstruction(bytes, sum) : withTables(bytes, sum);
}

#else

std::uint32_t advance(BytesView bytes, std::uint32_t sum)
{
    return withTables(bytes, sum);
}

#endif

} // namespace

std::uint32_t crc32c(BytesView bytes, std::uint32_t before)
{
    return ~advance(bytes, ~before);
}

} // namespace lightcone
