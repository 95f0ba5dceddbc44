#pragma once

#include "engine/core/error.h"
#include "engine/live/connection.h"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <string>

/// TLS 1.3 with certificates on both sides. A cluster has its own authority; a certificate says
/// who somebody is (CN), what it may do (OU: peer, client, observer or operator) and of which
/// cluster (O). Host names and addresses say nothing here: whoever has the key is the node.
namespace lightcone::live {

/// Files in PEM.
struct TlsFiles
{
    std::string authority; ///< the certificate of the cluster's authority
    std::string certificate; ///< one's own
    std::string key; ///< to it

    [[nodiscard]] bool given() const { return !authority.empty(); }
};

/// What both sides of a handshake need. Shared by all connections.
struct Tls
{
    boost::asio::ssl::context context;
    Role role = Role::Peer; ///< of the own certificate
    std::string name; ///< of the own certificate
    std::string cluster; ///< of the own certificate
};
using TlsPtr = std::shared_ptr<Tls>;

/// Reads and checks the files: that they are there, that the key fits the certificate, that the
/// certificate is the authority's and has not expired, that it names a role.
Result<TlsPtr> openTls(const TlsFiles&);

/// Who the certificate of the other side says it is. To be asked after the handshake.
struct Certified
{
    Role role = Role::Observer;
    std::string name;
    std::string cluster;
};
Result<Certified> certifiedBy(SSL*);

/// Why a handshake failed, in one sentence about the other side.
std::string whyHandshakeFailed(const boost::system::error_code&, SSL*);

/// Whether an error of a socket under TLS is news from the other side about the handshake, as a
/// sentence; empty where it is not.
std::string whyRefusedByTls(const boost::system::error_code&);

} // namespace lightcone::live
