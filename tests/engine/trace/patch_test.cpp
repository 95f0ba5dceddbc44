#include "engine/core/dice.h"
#include "engine/trace/formats/blocks.h"
#include "engine/trace/formats/patch.h"
#include "engine/trace/formats/xxh64.h"

#include <gtest/gtest.h>

namespace lightcone::trace::formats {
namespace {

Bytes patched(BytesView before, BytesView patch)
{
    ByteReader reader(patch);
    Bytes after;
    applyPatch(before, reader, after);
    EXPECT_TRUE(reader.ok());
    EXPECT_TRUE(reader.atEnd());
    return after;
}

Bytes noise(Dice& dice, std::size_t size)
{
    Bytes bytes(size, '\0');
    for (auto& each : bytes) {
        each = static_cast<char>(dice.below(256));
    }
    return bytes;
}

TEST(Patch, TurnsTheOneIntoTheOther)
{
    Dice dice(1);
    for (int i = 0; i < 3000; ++i) {
        const auto before = noise(dice, dice.below(600));
        auto after = before;
        for (auto edits = dice.below(5); edits > 0; --edits) {
            const auto place = dice.below(after.size() + 1);
            after.replace(place, dice.below(40), noise(dice, dice.below(300)));
        }
        Bytes patch;
        makePatch(before, after, patch);
        ASSERT_EQ(patched(before, patch), after);
    }
}

TEST(Patch, IsSmallWhereSmallThingsChange)
{
    Dice dice(2);
    const auto log = noise(dice, 20000);
    const auto costs = [](const Bytes& before, const Bytes& after) {
        Bytes patch;
        makePatch(before, after, patch);
        EXPECT_EQ(patched(before, patch), after);
        return patch.size();
    };
    EXPECT_LE(costs(log, log), 8U);
    // What a node does all the time: a number in front changes and an entry comes at the end.
    EXPECT_LE(costs("\x05 head" + log + "tail", "\x06 head" + log + "ten bytes." + "tail"), 40U);
    // A list's length takes a byte more, its first half is gone, or one in the middle.
    EXPECT_LE(costs("\x7F" + log, "\x80\x01" + log), 20U);
    EXPECT_LE(costs(log, log.substr(9000)), 16U);
    EXPECT_LE(costs(log, log.substr(0, 9000) + log.substr(9100)), 24U);
    EXPECT_LE(
        costs(log, log.substr(0, 5000) + "xyz" + log.substr(5003, 4000) + "uvw" + log.substr(9003)),
        40U);
}

TEST(Patch, RefusesWhatDoesNotFit)
{
    Dice dice(3);
    const auto before = noise(dice, 300);
    auto after = before;
    after.replace(40, 20, noise(dice, 90));
    Bytes patch;
    makePatch(before, after, patch);
    for (int i = 0; i < 5000; ++i) {
        auto wrong = patch;
        wrong[dice.below(wrong.size())] = static_cast<char>(dice.below(256));
        wrong.resize(dice.below(wrong.size()) + 1);
        ByteReader reader(wrong);
        Bytes result;
        applyPatch(before, reader, result);
        ASSERT_LE(result.size(), before.size() + wrong.size());
    }
    ByteReader empty(BytesView{});
    Bytes result;
    applyPatch(before, empty, result);
    EXPECT_FALSE(empty.ok());
}

// The check values of the specification's reference implementation.
TEST(Xxh64, GivesThePublishedValues)
{
    EXPECT_EQ(xxh64(""), 0xEF46DB3751D8E999U);
    EXPECT_EQ(xxh64("a"), 0xD24EC4F1A98C6E5BU);
    EXPECT_EQ(xxh64("abc"), 0x44BC2CF5AD770999U);
    EXPECT_EQ(xxh64("Nobody inspects the spammish repetition"), 0xFBCEA83C8A378BF1U);
}

TEST(Blocks, UnpackToWhatWasPacked)
{
    Dice dice(4);
    for (const std::size_t size : {0, 1, 511, 512, 5000, 300000}) {
        for (const auto& raw : {noise(dice, size), Bytes(size, 'x')}) {
            const auto bytes = makeBlock(BlockKind::Events, EventId(7), 9, raw);
            const auto header = readHeader(bytes);
            ASSERT_TRUE(header);
            EXPECT_EQ(header->stored, bytes.size() - blockHeaderSize);
            EXPECT_EQ(header->raw, size);
            EXPECT_EQ(header->first, EventId(7));
            EXPECT_EQ(header->last(), EventId(15));
            EXPECT_LE(size, mostExpansion * (header->stored + 1));
            EXPECT_EQ(unpack({*header, 0, BytesView(bytes).substr(blockHeaderSize)}), raw);
        }
    }
}

TEST(Blocks, ThatDeclareMoreThanTheyAreAreNotUnpacked)
{
    const auto bytes = makeBlock(BlockKind::Events, EventId(1), 1, Bytes(100000, 'x'));
    auto header = *readHeader(bytes);
    const auto stored = BytesView(bytes).substr(blockHeaderSize);
    EXPECT_TRUE(unpack({header, 0, stored}));
    header.raw = 1U << 31;
    EXPECT_FALSE(unpack({header, 0, stored}));
    header.raw = 99999;
    EXPECT_FALSE(unpack({header, 0, stored}));
    header.packing = static_cast<Packing>(2);
    EXPECT_FALSE(unpack({header, 0, stored}));
}

} // namespace
} // namespace lightcone::trace::formats
