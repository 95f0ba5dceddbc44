#include "engine/core/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace lightcone {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32c, AgreesWithTheStandardsExamples)
{
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
    EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
    std::string rising;
    std::string falling;
    for (char c = 0; c < 32; ++c) {
        rising.push_back(c);
        falling.push_back(static_cast<char>(31 - c));
    }
    EXPECT_EQ(crc32c(rising), 0x46DD794EU);
    EXPECT_EQ(crc32c(falling), 0x113FDB5CU);
    EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
    EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, GoesOnFromWhatWasBefore)
{
    const std::string whole = "The quick brown fox jumps over the lazy dog, twice over.";
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        EXPECT_EQ(crc32c(whole.substr(cut), crc32c(whole.substr(0, cut))), crc32c(whole)) << cut;
    }
}

TEST(Crc32c, FindsEachFlippedBit)
{
    const std::string whole = "eleven and some more bytes";
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
        auto flipped = whole;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_NE(crc32c(flipped), crc32c(whole)) << bit;
    }
}

} // namespace
} // namespace lightcone
