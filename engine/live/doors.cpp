#include "engine/live/doors.h"

#include "engine/describe/described.h"

#include <algorithm>
#include <utility>

namespace lightcone::live {

namespace {

/// What a peer says: messages.
class PeerReceiver final : public Receiver
{
public:
    PeerReceiver(std::weak_ptr<Host> host, Log log, const MemberAddress& peer,
                 std::uint64_t incarnation)
        : m_host(std::move(host))
        , m_log(std::move(log))
        , m_peer(peer.id)
        , m_name(peer.name)
        , m_incarnation(incarnation)
    {
    }

    Result<void> onFrame(FrameKind kind, BytesView body) override
    {
        const auto host = m_host.lock();
        if (!host) {
            return fail("the node is about to leave");
        }
        if (kind != FrameKind::Message) {
            return fail("expected messages only on a peer's connection");
        }
        const auto message = readMessage(body);
        if (!message) {
            return message.error();
        }
        return host->deliver(m_peer, m_incarnation, message->header, message->rest);
    }

    void onClosed(const std::string& why) override
    {
        m_log(LogLevel::Info, "peer hung up", {{"peer", m_name}, {"why", why}});
    }

    [[nodiscard]] bool takes() const override
    {
        const auto host = m_host.lock();
        return !host || !host->paused();
    }

private:
    std::weak_ptr<Host> m_host;
    Log m_log;
    NodeId m_peer;
    std::string m_name;
    std::uint64_t m_incarnation;
};

/// What a client says: requests.
class ClientReceiver final : public Receiver,
                             public Asker,
                             public std::enable_shared_from_this<ClientReceiver>
{
public:
    ClientReceiver(std::weak_ptr<Host> host, std::shared_ptr<const std::vector<MemberAddress>> all,
                   Log log, ConnectionPtr connection)
        : m_host(std::move(host))
        , m_members(std::move(all))
        , m_log(std::move(log))
        , m_connection(std::move(connection))
    {
    }

    Result<void> onFrame(FrameKind kind, BytesView body) override
    {
        const auto host = m_host.lock();
        if (!host) {
            return fail("the node is about to leave");
        }
        if (kind != FrameKind::Request) {
            return fail("expected requests only on a client's connection");
        }
        const auto request = readRequest(body);
        if (!request) {
            return request.error();
        }
        return host->ask(request->header.request, request->rest, shared_from_this());
    }

    void onAnswer(RequestId request, node::Answer answer, const node::PayloadPtr& body) override
    {
        if (!m_connection) {
            return;
        }
        ReplyHeader header{request, answer, {}};
        if (const auto* redirect = node::payloadIf<node::Redirect>(body.get())) {
            header.address = addressOf(redirect->to);
        }
        m_head.clear();
        m_body.clear();
        append(header, m_head);
        body->encode(m_body);
        if (!m_connection->send(FrameKind::Reply, m_head, m_body)) {
            std::exchange(m_connection, nullptr)->close("too many replies wait to be taken");
        }
    }

    void onClosed(const std::string& why) override
    {
        if (const auto connection = std::exchange(m_connection, nullptr)) {
            m_log(LogLevel::Debug, "client gone",
                  {{"from", connection->visitor().address}, {"why", why}});
        }
    }

    [[nodiscard]] bool takes() const override
    {
        const auto host = m_host.lock();
        return !host || !host->paused();
    }

private:
    [[nodiscard]] std::string addressOf(NodeId node) const
    {
        for (const auto& member : *m_members) {
            if (member.id == node) {
                return member.peer;
            }
        }
        return {};
    }

    std::weak_ptr<Host> m_host;
    std::shared_ptr<const std::vector<MemberAddress>> m_members;
    Log m_log;
    ConnectionPtr m_connection;
    Bytes m_head; ///< kept for their room
    Bytes m_body;
};

Rejected stillClosed()
{
    return {Rejection::Busy, "the node is about to begin: try again"};
}

} // namespace

Welcome DoorPlate::welcome() const
{
    Welcome out;
    out.software = software;
    out.cluster = cluster;
    out.protocol = protocol;
    out.shapes = shapes;
    out.node = self;
    out.incarnation = incarnation;
    out.members = members;
    return out;
}

const MemberAddress* DoorPlate::member(NodeId id) const
{
    const auto found = std::ranges::find(members, id, &MemberAddress::id);
    return found == members.end() ? nullptr : &*found;
}

std::optional<Rejected> DoorPlate::misfit(const Hello& hello) const
{
    const bool peer = hello.purpose == Purpose::Peer;
    if ((peer || !hello.cluster.empty()) && hello.cluster != cluster) {
        return Rejected{Rejection::Cluster,
                        "this is cluster '" + cluster + "', not '" + hello.cluster + "'"};
    }
    if ((peer || !hello.protocol.empty()) && hello.protocol != protocol) {
        return Rejected{Rejection::Protocol,
                        "this cluster runs " + protocol + ", not '" + hello.protocol + "'"};
    }
    if ((peer || hello.shapes != 0) && hello.shapes != shapes) {
        return Rejected{Rejection::Build,
                        "its build (" + hello.software + ") describes " + protocol
                            + " differently from this node's (" + software
                            + "): both sides need the same version"};
    }
    if (hello.to && hello.to != self) {
        const auto* wanted = member(hello.to);
        const auto* here = member(self);
        return Rejected{
            Rejection::Node,
            "this is " + (here == nullptr ? "another node" : here->name) + ", not "
                + (wanted == nullptr ? "node " + std::to_string(hello.to.value) : wanted->name)};
    }
    return std::nullopt;
}

std::optional<Rejected> PeerDoor::whyNoPeer(const Hello& hello, const Visitor& visitor) const
{
    const auto* member = m_plate->member(hello.from);
    if (member == nullptr || hello.from == m_plate->self) {
        return Rejected{Rejection::Node,
                        "node " + std::to_string(hello.from.value)
                            + " is not one of this node's peers"};
    }
    if (visitor.proved && visitor.role != Role::Peer) {
        return Rejected{Rejection::Role,
                        "a peer needs a peer's certificate: that of '" + visitor.name + "' is for "
                            + describe::nameOf(visitor.role)};
    }
    if (visitor.proved && visitor.name != member->name) {
        return Rejected{Rejection::Node,
                        "it says that it is " + member->name + ", and its certificate is of '"
                            + visitor.name + "'"};
    }
    return std::nullopt;
}

std::variant<Porter::Entrance, Rejected> PeerDoor::onHello(const Hello& hello,
                                                           const ConnectionPtr& connection)
{
    const auto& visitor = connection->visitor();
    if (!m_plate) {
        return stillClosed();
    }
    const auto refused = [&](Rejected rejected) {
        m_log(LogLevel::Warning, "visitor refused",
              {{"port", "peer port"}, {"from", visitor.address}, {"why", rejected.reason}});
        return rejected;
    };
    if (hello.purpose == Purpose::Control) {
        return refused({Rejection::Purpose, "explorers are let in at the control port, not here"});
    }
    if (auto misfit = m_plate->misfit(hello)) {
        return refused(std::move(*misfit));
    }
    std::erase_if(m_connections, [](const auto& each) { return each.expired(); });
    if (hello.purpose == Purpose::Client) {
        if (visitor.proved && visitor.role != Role::Client && visitor.role != Role::Operator) {
            return refused({Rejection::Role,
                            "requests are for clients and operators: the certificate of '"
                                + visitor.name + "' is for " + describe::nameOf(visitor.role)});
        }
        m_connections.push_back(connection);
        auto members = std::make_shared<const std::vector<MemberAddress>>(m_plate->members);
        return Entrance{
            m_plate->welcome(),
            std::make_shared<ClientReceiver>(m_host, std::move(members), m_log, connection)};
    }
    if (auto rejected = whyNoPeer(hello, visitor)) {
        return refused(std::move(*rejected));
    }
    auto& newest = m_peers[hello.from];
    if (const auto older = newest.lock()) {
        older->close("it has connected again");
    }
    newest = connection;
    m_connections.push_back(connection);
    m_onPeer(hello.from);
    return Entrance{m_plate->welcome(),
                    std::make_shared<PeerReceiver>(m_host, m_log, *m_plate->member(hello.from),
                                                   hello.incarnation)};
}

void PeerDoor::wake()
{
    for (const auto& each : m_connections) {
        if (const auto connection = each.lock()) {
            connection->wake();
        }
    }
}

void PeerDoor::closeAll(const std::string& why)
{
    for (const auto& each : m_connections) {
        if (const auto connection = each.lock()) {
            connection->close(why);
        }
    }
}

std::size_t PeerDoor::connections() const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(m_connections, [](const auto& each) { return !each.expired(); }));
}

std::variant<Porter::Entrance, Rejected> ControlDoor::onHello(const Hello& hello,
                                                              const ConnectionPtr& connection)
{
    const auto& visitor = connection->visitor();
    if (!m_plate) {
        return stillClosed();
    }
    const auto refused = [&](Rejected rejected) {
        m_log(LogLevel::Warning, "visitor refused",
              {{"port", "control port"}, {"from", visitor.address}, {"why", rejected.reason}});
        return rejected;
    };
    if (hello.purpose != Purpose::Control) {
        return refused({Rejection::Purpose,
                        "this is the control port: peers and clients are let "
                        "in at the peer port"});
    }
    if (auto misfit = m_plate->misfit(hello)) {
        return refused(std::move(*misfit));
    }
    if (auto why = ControlPort::whyNot(visitor.role); !why.empty()) {
        return refused({Rejection::Role, std::move(why)});
    }
    m_log(LogLevel::Info, "explorer came in",
          {{"name", visitor.name},
           {"role", describe::nameOf(visitor.role)},
           {"from", visitor.address}});
    auto receiver = m_port->enter(connection);
    if (onVisitor) {
        onVisitor();
    }
    return Entrance{m_plate->welcome(), std::move(receiver)};
}

} // namespace lightcone::live
