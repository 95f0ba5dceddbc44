#pragma once

#include "engine/live/connection.h"
#include "engine/live/control_port.h"
#include "engine/live/host.h"
#include "engine/live/log.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Who is let in at a node's two ports, and what they may say there.
namespace lightcone::live {

/// What a node says of itself to whoever knocks.
struct DoorPlate
{
    std::string software{};
    std::string cluster{};
    std::string protocol{};
    std::uint64_t shapes = 0;
    NodeId self{};
    std::uint64_t incarnation = 0;
    std::vector<MemberAddress> members{};

    [[nodiscard]] Welcome welcome() const;
    [[nodiscard]] const MemberAddress* member(NodeId) const;

    /// Nothing when the visitor wants this cluster, this protocol and this node, in a build that
    /// reads the same bytes.
    [[nodiscard]] std::optional<Rejected> misfit(const Hello&) const;
};

/// The peer port: messages of peers and requests of clients.
class PeerDoor final : public Porter
{
public:
    using OnPeer = std::function<void(NodeId)>;

    /// onPeer: somebody came in as that peer.
    PeerDoor(std::weak_ptr<Host> host, Log log, OnPeer onPeer)
        : m_host(std::move(host))
        , m_log(std::move(log))
        , m_onPeer(std::move(onPeer))
    {
    }

    /// Opens the door.
    void hang(DoorPlate plate) { m_plate = std::move(plate); }

    std::variant<Entrance, Rejected> onHello(const Hello&, const ConnectionPtr&) override;

    /// Who was held back may go on.
    void wake();

    void closeAll(const std::string& why);

    [[nodiscard]] std::size_t connections() const;

private:
    [[nodiscard]] std::optional<Rejected> whyNoPeer(const Hello&, const Visitor&) const;

    std::weak_ptr<Host> m_host;
    Log m_log;
    OnPeer m_onPeer;
    std::optional<DoorPlate> m_plate;
    std::vector<std::weak_ptr<Connection>> m_connections;
    std::map<NodeId, std::weak_ptr<Connection>> m_peers; ///< the newest of each
};

/// The control port: explorers.
class ControlDoor final : public Porter
{
public:
    ControlDoor(ControlPort& port, Log log)
        : m_port(&port)
        , m_log(std::move(log))
    {
    }

    void hang(DoorPlate plate) { m_plate = std::move(plate); }

    /// Called when somebody came in.
    std::function<void()> onVisitor;

    std::variant<Entrance, Rejected> onHello(const Hello&, const ConnectionPtr&) override;

private:
    ControlPort* m_port;
    Log m_log;
    std::optional<DoorPlate> m_plate;
};

} // namespace lightcone::live
