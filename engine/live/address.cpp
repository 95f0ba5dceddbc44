#include "engine/live/address.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>

namespace lightcone::live {

namespace {

constexpr std::size_t longestHost = 253; // RFC 1035, section 2.3.4

bool isHostName(std::string_view host)
{
    return !host.empty() && host.size() <= longestHost
        && std::all_of(host.begin(), host.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
           });
}

Error wrong(std::string_view text)
{
    return fail("expected HOST:PORT such as 127.0.0.1:7101, found '"
                + std::string(text.substr(0, 80)) + "'");
}

} // namespace

Result<Address> parseAddress(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return wrong(text);
    }
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    Address out;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        return wrong(text);
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        boost::system::error_code failed;
        boost::asio::ip::make_address_v6(std::string(host), failed);
        if (failed) {
            return wrong(text);
        }
    } else if (!isHostName(host)) {
        return wrong(text);
    }
    out.host = std::string(host);
    return out;
}

std::string Address::text() const
{
    const bool bracketed = host.find(':') != std::string::npos;
    return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool isLoopback(const Address& address)
{
    if (address.host == "localhost") {
        return true;
    }
    boost::system::error_code failed;
    const auto parsed = boost::asio::ip::make_address(address.host, failed);
    return !failed && parsed.is_loopback();
}

} // namespace lightcone::live
