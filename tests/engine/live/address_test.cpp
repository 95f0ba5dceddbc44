#include "engine/live/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::live {
namespace {

TEST(Address, IsReadAndWritten)
{
    for (const auto* text : {"127.0.0.1:7101", "[::1]:7101", "db1.example:0", "localhost:65535"}) {
        const auto address = parseAddress(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->text(), text);
    }
}

TEST(Address, WhatIsNoneIsSaidSo)
{
    for (const auto* text : {"", ":1", "host", "host:", "host:x", "host:65536", "host:-1",
                             "[::1:7101", "[host]:1", "::1:7101", "ho st:1", "host:1x"}) {
        const auto address = parseAddress(text);
        ASSERT_FALSE(address) << text;
        EXPECT_THAT(address.error().message,
                    ::testing::HasSubstr("expected HOST:PORT such as 127.0.0.1:7101"));
    }
}

TEST(Address, OnlyLoopbackIsLoopback)
{
    for (const auto* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
        EXPECT_TRUE(isLoopback({host, 1})) << host;
    }
    for (const auto* host : {"0.0.0.0", "::", "10.0.0.1", "localhost.evil.example", "127.0.0.1.x",
                             "::ffff:10.0.0.1"}) {
        EXPECT_FALSE(isLoopback({host, 1})) << host;
    }
}

} // namespace
} // namespace lightcone::live
