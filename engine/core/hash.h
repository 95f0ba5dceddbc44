#pragma once

#include <cstdint>
#include <string_view>

namespace lightcone {

/// A 64-bit fingerprint that is the same on every machine and build. Not for adversaries.
class Hasher
{
public:
    void add(std::uint64_t word)
    {
        m_state ^= word;
        m_state *= 0x9E3779B97F4A7C15ULL;
        m_state ^= m_state >> 32;
    }

    void add(std::string_view bytes)
    {
        add(static_cast<std::uint64_t>(bytes.size()));
        std::uint64_t word = 0;
        unsigned filled = 0;
        for (const char c : bytes) {
            word |= static_cast<std::uint64_t>(static_cast<unsigned char>(c)) << (8 * filled);
            if (++filled == 8) {
                add(word);
                word = 0;
                filled = 0;
            }
        }
        if (filled != 0) {
            add(word);
        }
    }

    [[nodiscard]] std::uint64_t value() const
    {
        auto mixed = m_state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
        return mixed ^ (mixed >> 31);
    }

private:
    std::uint64_t m_state = 0x243F6A8885A308D3ULL;
};

} // namespace lightcone
