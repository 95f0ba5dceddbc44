#pragma once

#include "engine/core/error.h"
#include "engine/live/connection.h"

#include <chrono>
#include <string>
#include <vector>

/// A private authority for one cluster, and the certificates that it gives.
namespace lightcone::live {

/// A certificate and its key, both PEM.
struct Credentials
{
    std::string certificate;
    std::string key;
};

/// From and until when a certificate is good, against now.
struct Validity
{
    std::chrono::seconds from = -std::chrono::hours(1); ///< clocks differ
    std::chrono::seconds until = std::chrono::hours(24 * 365 * 3);
};

/// A new authority: a key on P-256 and a certificate that it signed itself.
Result<Credentials> makeAuthority(const std::string& cluster, const Validity& = {});

/// What is to be certified.
struct Subject
{
    std::string name; ///< "n1"
    Role role = Role::Peer;
    std::string cluster;
    std::vector<std::string> hosts{}; ///< names and addresses, for tools that look at them
};
Result<Credentials> certify(const Credentials& authority, const Subject&, const Validity& = {});

} // namespace lightcone::live
