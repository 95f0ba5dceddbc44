#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace lightcone::live {

/// Where somebody listens: "127.0.0.1:7101", "[::1]:7101", "db1.example:7101". Port 0 lets the
/// system choose, where one listens.
struct Address
{
    std::string host;
    std::uint16_t port = 0;
    [[nodiscard]] std::string text() const;
    friend bool operator==(const Address&, const Address&) = default;
};

Result<Address> parseAddress(std::string_view);
/// Whether only this machine can reach it: 127.0.0.0/8, ::1 or "localhost".
bool isLoopback(const Address&);

} // namespace lightcone::live
