#pragma once

#include "engine/core/error.h"
#include "engine/live/address.h"
#include "engine/live/control_port.h"
#include "engine/live/host.h"
#include "engine/live/log.h"
#include "engine/live/peers.h"
#include "engine/live/storage.h"
#include "engine/live/transport.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::live {

/// All that one live node is told before it begins.
struct DaemonPlan
{
    const node::Protocol* protocol = nullptr;
    node::SetupPtr setup{};
    NodeId self{};
    std::string cluster{};
    std::string directory{}; ///< where its data is
    Address peer{}; ///< where it listens for peers and clients
    std::optional<Address> control{}; ///< where it listens for explorers
    TlsPtr tls{}; ///< none: loopback only
    std::string token{}; ///< without TLS: what explorers must say
    bool allowFaults = false;
    std::string software = "lightcone";
    TransportSettings transport{};
    Redial::Settings redial{};
    StorageLimits storage{};
    FeedLimits feed{};
    Filesystem* files = nullptr; ///< none: the system's
};

/// One live node, whole: storage, host, ports and links. Everything happens on one io_context.
class Daemon
{
public:
    /// Takes the data directory and opens the ports. Nobody is let in yet.
    static Result<std::unique_ptr<Daemon>> open(const boost::asio::any_io_executor&, DaemonPlan,
                                                Log);

    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon();

    /// Where it listens, with the ports that the system chose.
    [[nodiscard]] Address peerAddress() const;
    [[nodiscard]] std::optional<Address> controlAddress() const;

    /// Boots the node among these members, which are those of the setup.
    void begin(std::vector<MemberAddress> members);

    /// Clean: the tape says why, everybody hears goodbye, what is written is on disk when the
    /// daemon is destroyed.
    void stop(const std::string& why);

    /// Called at most once, when the node cannot go on; it has stopped then.
    std::function<void(const Error&)> onFailed;

    /// What an operator's crash does.
    std::function<void()> onCrash;

    [[nodiscard]] Host& host();

    /// What a clean end waits for: connections that are still saying goodbye.
    [[nodiscard]] std::size_t connections() const;

private:
    class Inside;
    explicit Daemon(std::shared_ptr<Inside> inside);

    std::shared_ptr<Inside> m_inside;
};

} // namespace lightcone::live
