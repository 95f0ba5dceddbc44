#include "engine/core/bytes.h"
#include "engine/core/dice.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace lightcone {
namespace {

template <class Write>
Bytes written(Write write)
{
    Bytes out;
    ByteWriter writer(out);
    write(writer);
    return out;
}

TEST(Bytes, VarintsAreSevenBitsAByteFromTheLowest)
{
    EXPECT_EQ(written([](auto& w) { w.varint(0); }), Bytes("\0", 1));
    EXPECT_EQ(written([](auto& w) { w.varint(127); }), "\x7F");
    EXPECT_EQ(written([](auto& w) { w.varint(128); }), "\x80\x01");
    EXPECT_EQ(written([](auto& w) { w.varint(300); }), "\xAC\x02");
    EXPECT_EQ(written([](auto& w) { w.varint(UINT64_MAX); }).size(), 10U);
}

TEST(Bytes, ZigzagKeepsSmallMagnitudesShort)
{
    EXPECT_EQ(written([](auto& w) { w.zigzag(0); }), Bytes("\0", 1));
    EXPECT_EQ(written([](auto& w) { w.zigzag(-1); }), "\x01");
    EXPECT_EQ(written([](auto& w) { w.zigzag(1); }), "\x02");
    EXPECT_EQ(written([](auto& w) { w.zigzag(-64); }), "\x7F");
}

TEST(Bytes, FixedNumbersAreLittleEndian)
{
    EXPECT_EQ(written([](auto& w) { w.fixed32(0x01020304); }), "\x04\x03\x02\x01");
    EXPECT_EQ(written([](auto& w) { w.fixed64(0x0102030405060708); }),
              "\x08\x07\x06\x05\x04\x03\x02\x01");
}

TEST(Bytes, ReadsWhatItWrote)
{
    std::vector<std::uint64_t> numbers{0, 1, 127, 128, UINT32_MAX, UINT64_MAX};
    for (unsigned shift = 0; shift < 64; ++shift) {
        numbers.push_back(std::uint64_t{1} << shift);
        numbers.push_back((std::uint64_t{1} << shift) - 1);
    }
    for (const auto number : numbers) {
        const auto bytes = written([&](auto& w) {
            w.varint(number);
            w.zigzag(static_cast<std::int64_t>(number));
            w.fixed32(static_cast<std::uint32_t>(number));
            w.fixed64(number);
            w.text("two");
            w.byte(7);
        });
        ByteReader reader(bytes);
        EXPECT_EQ(reader.varint(), number);
        EXPECT_EQ(reader.zigzag(), static_cast<std::int64_t>(number));
        EXPECT_EQ(reader.fixed32(), static_cast<std::uint32_t>(number));
        EXPECT_EQ(reader.fixed64(), number);
        EXPECT_EQ(reader.text(), "two");
        EXPECT_EQ(reader.position(), bytes.size() - 1);
        EXPECT_EQ(reader.byte(), 7);
        EXPECT_TRUE(reader.ok());
        EXPECT_TRUE(reader.atEnd());
    }
}

TEST(ByteReader, RefusesAVarintThatDoesNotFit)
{
    for (const Bytes& bytes :
         {Bytes("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 10),
          Bytes("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11), Bytes("\x80", 1), Bytes()}) {
        ByteReader reader(bytes);
        EXPECT_EQ(reader.varint(), 0U);
        EXPECT_FALSE(reader.ok());
    }
}

TEST(ByteReader, StaysWrongAfterTheFirstThingThatDoesNotFit)
{
    ByteReader reader("\x05two words");
    EXPECT_EQ(reader.text(), "two w");
    EXPECT_EQ(reader.raw(5), "");
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.byte(), 0);
    EXPECT_EQ(reader.varint(), 0U);
    EXPECT_EQ(reader.zigzag(), 0);
    EXPECT_EQ(reader.fixed32(), 0U);
    EXPECT_EQ(reader.fixed64(), 0U);
    EXPECT_EQ(reader.text(), "");
    EXPECT_EQ(reader.count(), 0U);
    EXPECT_EQ(reader.left(), 4U) << "nothing is consumed any more";
}

TEST(ByteReader, RefusesLengthsAndCountsThatCannotBeTrue)
{
    const auto huge = written([](auto& w) {
        w.varint(UINT64_MAX);
        w.raw("abc");
    });
    EXPECT_EQ(ByteReader(huge).text(), "");
    EXPECT_EQ(ByteReader(huge).count(), 0U);
    const Bytes four("\x04"
                     "abcd");
    EXPECT_EQ(ByteReader(four).count(), 4U);
    EXPECT_EQ(ByteReader(four).count(2), 0U);
    const Bytes two("\x02"
                    "abcd");
    EXPECT_EQ(ByteReader(two).count(2), 2U);
}

TEST(ByteReader, EndsWhateverTheBytesAre)
{
    Dice dice(42);
    for (int round = 0; round < 20'000; ++round) {
        Bytes bytes;
        for (auto left = dice.below(24); left > 0; --left) {
            bytes.push_back(static_cast<char>(dice.next()));
        }
        ByteReader reader(bytes);
        while (reader.ok() && !reader.atEnd()) {
            const auto before = reader.left();
            switch (dice.below(6)) {
            case 0:
                reader.byte();
                break;
            case 1:
                reader.varint();
                break;
            case 2:
                reader.zigzag();
                break;
            case 3:
                reader.fixed32();
                break;
            case 4:
                reader.text();
                break;
            default:
                EXPECT_LE(reader.count(), before);
                break;
            }
            ASSERT_LE(reader.left(), before);
            ASSERT_EQ(reader.position() + reader.left(), bytes.size());
        }
    }
}

} // namespace
} // namespace lightcone
