#pragma once

#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/live/address.h"
#include "engine/live/connection.h"
#include "engine/live/link.h"
#include "engine/live/messages.h"
#include "engine/live/transport.h"
#include "engine/node/client.h"
#include "engine/node/protocol.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace lightcone::live {

struct ClientPlan
{
    std::vector<Address> addresses{}; ///< peer ports of some nodes; they name the others
    TlsPtr tls{};
    std::string cluster{}; ///< empty: whichever it is
    std::string protocol{}; ///< likewise
    std::string software = "lightcone";
    node::ClientSettings settings{};
    TransportSettings transport{};
    Redial::Settings redial{std::chrono::milliseconds(20), std::chrono::milliseconds(200),
                            std::chrono::seconds(1)};

    /// By id; nullptr for what this build does not know.
    std::function<const node::Protocol*(std::string_view)> findProtocol{};
};

/// How an operation ended.
struct Answered
{
    RequestId request{};
    node::Answer answer = node::Answer::Unknown;
    NodeId by{}; ///< none when unknown
    node::PayloadPtr body{}; ///< the protocol's Reply, node::Redirect or node::Refusal; or none
    std::uint32_t tries = 0;
};

/// Clients of a cluster of real nodes: each is a node::Client, which follows redirects, asks the
/// next node when one is silent, and repeats an operation under the same RequestId. All of them
/// share one connection to each node. Everything happens on the executor, which is one thread.
class ClusterClient
{
public:
    using OnOpen = std::function<void(const Result<void>&)>;
    using OnAnswered = std::function<void(const Answered&)>;

    ClusterClient(boost::asio::any_io_executor executor, ClientPlan plan);
    ClusterClient(const ClusterClient&) = delete;
    ClusterClient& operator=(const ClusterClient&) = delete;
    ~ClusterClient(); ///< no callback comes after it

    /// Asks one address after the other until somebody lets us in. The error says of each why not.
    void open(OnOpen onOpen);

    // After it was opened.
    [[nodiscard]] const Welcome& welcome() const;
    [[nodiscard]] const node::Protocol& protocol() const;

    /// The members that take requests, in the order in which they are tried.
    [[nodiscard]] const std::vector<NodeId>& servers() const;

    /// A client with a random id of its own; gives its place, from 0.
    std::size_t addClient();
    [[nodiscard]] std::size_t clients() const;

    /// What that client wants next; it waits in line behind what it wanted before. `only`: asks
    /// this node and no other.
    RequestId submit(std::size_t client, node::PayloadPtr body, OnAnswered onAnswered,
                     NodeId only = {});

    /// How often an operation was tried again because a node was silent or gone.
    [[nodiscard]] std::uint64_t silences() const;

private:
    class Inside;
    std::shared_ptr<Inside> m_inside;
};

} // namespace lightcone::live
