#pragma once

#include "engine/core/dice.h"
#include "engine/live/host.h"
#include "engine/live/link.h"
#include "engine/live/log.h"
#include "engine/live/transport.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lightcone::live {

/// A node's own connections to its peers, one to each, over which its messages leave. It dials
/// until it is let in, and again when a connection ends. While there is none, messages die.
class Peers final : public Outlet
{
public:
    struct Plan
    {
        Hello hello{}; ///< as every peer is told; `to` is filled in
        std::vector<MemberAddress> members{}; ///< oneself may be among them
        TlsPtr tls{};
        TransportSettings transport{};
        Redial::Settings redial{};
        std::uint64_t seed = 0; ///< of the jitter
    };

    using OnContact = std::function<void(NodeId peer, bool up, const std::string& why)>;

    Peers(const boost::asio::any_io_executor&, Plan, OnContact, Log);
    ~Peers() override;
    Peers(const Peers&) = delete;
    Peers& operator=(const Peers&) = delete;

    /// Begins to dial.
    void start();

    /// Says goodbye to everybody; nothing is dialed any more.
    void stop(const std::string& why);

    /// That peer is there, as it has just said itself: it is dialed now, not when its turn comes.
    void hint(NodeId peer);

    bool send(NodeId to, const MessageHeader&, const node::PayloadPtr&) override;

    [[nodiscard]] bool isUp(NodeId peer) const;

private:
    struct Road;
    class Ear;

    void dial(Road&);
    void later(Road&, bool wasRejected);
    void opened(Road&, const ConnectionPtr&);
    void closed(Road&, const std::string& why);

    boost::asio::any_io_executor m_executor;
    Plan m_plan;
    OnContact m_onContact;
    Log m_log;
    Dice m_dice;
    std::map<NodeId, std::unique_ptr<Road>> m_roads;
    Bytes m_header; ///< kept for its room
    Bytes m_body;
    node::PayloadPtr m_encoded; ///< what m_body holds: a broadcast is encoded once
    bool m_stopped = false;
    std::shared_ptr<Peers*> m_self; ///< for what comes late
};

} // namespace lightcone::live
