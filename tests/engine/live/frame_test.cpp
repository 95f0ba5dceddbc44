#include "engine/live/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace lightcone::live {
namespace {

using ::testing::HasSubstr;

struct Read
{
    FrameKind kind;
    Bytes body;
    friend bool operator==(const Read&, const Read&) = default;
};

/// What a reader makes of a stream that comes in pieces of that size.
struct Outcome
{
    std::vector<Read> frames;
    std::string error;
};

Outcome readAll(BytesView stream, std::size_t piece, std::size_t most)
{
    FrameReader reader(most);
    Outcome outcome;
    while (!stream.empty()) {
        const auto space = reader.space();
        const auto count = std::min({piece, stream.size(), space.size()});
        std::memcpy(space.data(), stream.data(), count);
        reader.arrived(count);
        stream.remove_prefix(count);
        while (true) {
            auto frame = reader.next();
            if (!frame) {
                outcome.error = frame.error().message;
                return outcome;
            }
            if (!*frame) {
                break;
            }
            outcome.frames.push_back({(*frame)->kind, Bytes((*frame)->body)});
        }
    }
    return outcome;
}

Bytes frame(FrameKind kind, BytesView body)
{
    Bytes out;
    appendFrame(kind, body, {}, out);
    return out;
}

TEST(Frame, BytesAreAsDocumented)
{
    Bytes out;
    appendFrame(FrameKind::Message, "ab", "c", out);
    EXPECT_EQ(out,
              Bytes("\x04\x00\x00\x00\x10"
                    "abc",
                    8));
}

TEST(Frame, ComeWholeHoweverTheStreamIsCut)
{
    Bytes stream;
    std::vector<Read> expected;
    for (std::size_t size : {0U, 1U, 100U, 1000U, 70'000U, 3U}) {
        Bytes body(size, static_cast<char>('a' + size % 26));
        appendFrame(FrameKind::Message, body, {}, stream);
        expected.push_back({FrameKind::Message, std::move(body)});
    }
    appendFrame(FrameKind::Ping, {}, {}, stream);
    expected.push_back({FrameKind::Ping, {}});
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U, 65'536U, 1'000'000U}) {
        const auto outcome = readAll(stream, piece, 80'000);
        EXPECT_EQ(outcome.error, "");
        EXPECT_EQ(outcome.frames, expected) << "in pieces of " << piece;
    }
}

TEST(Frame, OfExactlyTheLimitIsTakenAndOneMoreIsNot)
{
    const auto most = readAll(frame(FrameKind::Hello, Bytes(1023, 'x')), 10, 1024);
    EXPECT_EQ(most.frames.size(), 1u);
    const auto more = readAll(frame(FrameKind::Hello, Bytes(1024, 'x')), 10, 1024);
    EXPECT_TRUE(more.frames.empty());
    EXPECT_THAT(more.error, HasSubstr("at most 1024 bytes, found one of 1025"));
}

TEST(Frame, AClaimedLengthTakesNoMemory)
{
    FrameReader reader(std::size_t{32} << 20);
    const auto space = reader.space();
    const char claim[] = {0, 0, 0, 1, 16};
    std::memcpy(space.data(), claim, sizeof claim);
    reader.arrived(sizeof claim);
    ASSERT_TRUE(reader.next().has_value());
    EXPECT_LT(reader.space().size(), std::size_t{1} << 20);
}

TEST(Frame, WhoSpeaksSomethingElseIsToldSo)
{
    EXPECT_THAT(readAll("GET / HTTP/1.1\r\n\r\n", 100, 1024).error, HasSubstr("it reads 'GET '"));
    EXPECT_EQ(readAll("\x16\x03\x01\x02\x01", 100, 1024).error,
              "it speaks TLS, and this port does not");
    EXPECT_THAT(readAll(BytesView("\0\0\0\0", 4), 100, 1024).error, HasSubstr("an empty one"));
    EXPECT_THAT(readAll(BytesView("\1\0\0\0\x63", 5), 100, 1024).error,
                HasSubstr("known kind of frame, found 99"));
}

TEST(Frame, AnErrorStays)
{
    FrameReader reader(10);
    const auto space = reader.space();
    std::memcpy(space.data(), "\xFF\xFF\xFF\xFF", 4);
    reader.arrived(4);
    EXPECT_FALSE(reader.next().has_value());
    EXPECT_FALSE(reader.next().has_value());
}

} // namespace
} // namespace lightcone::live
