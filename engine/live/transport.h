#pragma once

#include "engine/core/error.h"
#include "engine/live/address.h"
#include "engine/live/connection.h"
#include "engine/live/link.h"
#include "engine/live/log.h"
#include "engine/live/tls.h"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

/// Sockets: ports that let visitors in, and dialing. Everything happens on one io_context.
namespace lightcone::live {

struct TransportSettings
{
    LinkSettings link{};
    Duration connect = std::chrono::seconds(3); ///< until a connection stands
    Duration handshake = std::chrono::seconds(5); ///< of TLS
    std::size_t mostFromOneAddress = 1024; ///< connections that one address may hold open
    std::size_t mostConnections = 4096; ///< that a port holds open
};

/// A port that listens. Destroying it closes the port; the connections that it let in live on.
class Listener
{
public:
    struct Plan
    {
        Address address{};
        TlsPtr tls{}; ///< none: plain text, on loopback only
        std::string token{}; ///< without TLS: what a Hello must say; empty: nothing
        /// Without TLS, what a visitor may do that said what it had to.
        Role roleWithoutTls = Role::Operator;
        std::string name{}; ///< for logs: "peer port"
        TransportSettings settings{};
    };

    /// Refuses to listen beyond loopback without TLS. The porter outlives the listener.
    static Result<std::unique_ptr<Listener>> open(boost::asio::any_io_executor, Plan, Porter&, Log);

    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    /// Where it listens, with the port that the system chose.
    [[nodiscard]] Address address() const;

private:
    class Port;
    explicit Listener(std::shared_ptr<Port> port);

    std::shared_ptr<Port> m_port;
};

/// Why a Dial failed where the machine is there and the process is not.
constexpr const char* nobodyListens = "nobody listens there";

/// One attempt to reach somebody. Destroying it before it ended gives it up, without a word.
class Dial
{
public:
    struct Plan
    {
        Address address{};
        TlsPtr tls{}; ///< none: plain text
        /// With TLS: who must be there, as the certificate's CN; empty: any peer of the cluster.
        std::string name{};
        Hello hello{};
        TransportSettings settings{};
    };

    /// The other side welcomed us. Gives who takes what comes; none: the connection is closed.
    using OnOpen = std::function<ReceiverPtr(const ConnectionPtr&, const Welcome&)>;

    /// Why not, in one sentence; rejected: where the other side said so itself.
    using OnFailed = std::function<void(const std::string& why, std::optional<Rejection> rejected)>;

    static std::unique_ptr<Dial> start(const boost::asio::any_io_executor&, Plan, OnOpen, OnFailed);

    Dial(const Dial&) = delete;
    Dial& operator=(const Dial&) = delete;
    ~Dial();

private:
    class Attempt;
    explicit Dial(std::shared_ptr<Attempt> attempt);

    std::shared_ptr<Attempt> m_attempt;
};

} // namespace lightcone::live
