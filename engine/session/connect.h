#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/session/session.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Watching real nodes.
namespace lightcone::session {

/// Who runs the nodes' processes on this machine, where somebody does. Called on the session's
/// thread; what they do may take its time.
class Keeper
{
public:
    Keeper() = default;
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    virtual ~Keeper() = default;

    /// Ends the node's process at once, as a crash would.
    virtual void kill(const std::string& node) = 0;

    /// Starts it again.
    virtual void start(const std::string& node) = 0;
};

/// Where nodes are and with what one is let in.
struct ConnectPlan
{
    std::vector<std::string> addresses{}; ///< of control ports; the other members are found there
    std::string cluster{}; ///< which it must be; empty: whichever it is
    std::string authority{}; ///< files in PEM; empty: no TLS, on loopback only
    std::string certificate{};
    std::string key{};
    std::string token{}; ///< without TLS, where one is asked for
    bool fromOldest = true; ///< as far back as the nodes remember, else from now
    std::shared_ptr<Keeper> keeper{}; ///< none: the processes are somebody else's
    Duration patience = std::chrono::seconds(10); ///< until one node must have answered
    std::string software = "lightcone";
};

/// Reads a cluster.toml, as `lightcone-node init` writes it for observers and operators. The error
/// says file and line.
Result<ConnectPlan> readConnectPlan(const std::string& path);

/// What is wrong with an address of a control port; nothing when it is one.
std::string wrongAddress(std::string_view address);

/// A port from which on so many are free on this machine, and so many a hundred above: what
/// `lightcone-node init --base-port` takes.
Result<std::uint16_t> freePorts(int count);

/// Waits until one node has said who it is, then watches all of its cluster. The error is one
/// sentence that says of every address why not.
Result<std::unique_ptr<Session>> connect(const ConnectPlan&, const Progress&);

} // namespace lightcone::session
