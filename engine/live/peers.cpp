#include "engine/live/peers.h"

#include <utility>

namespace lightcone::live {

/// The way to one peer.
struct Peers::Road
{
    Road(const boost::asio::any_io_executor& executor, MemberAddress to,
         const Redial::Settings& settings)
        : peer(std::move(to))
        , redial(settings)
        , timer(executor)
    {
    }

    MemberAddress peer;
    Redial redial;
    boost::asio::steady_timer timer;
    std::unique_ptr<Dial> dialing;
    ConnectionPtr connection;
    std::string lastWhy; ///< why the last attempt failed: told once
};

/// Peers answer nothing on this connection.
class Peers::Ear final : public Receiver
{
public:
    Ear(std::weak_ptr<Peers*> peers, NodeId peer)
        : m_peers(std::move(peers))
        , m_peer(peer)
    {
    }

    Result<void> onFrame(FrameKind, BytesView) override
    {
        return fail("expected nothing on a connection whose messages go the other way");
    }

    void onClosed(const std::string& why) override
    {
        if (const auto peers = m_peers.lock()) {
            (*peers)->closed(*(*peers)->m_roads.at(m_peer), why);
        }
    }

private:
    std::weak_ptr<Peers*> m_peers;
    NodeId m_peer;
};

Peers::Peers(const boost::asio::any_io_executor& executor, Plan plan, OnContact onContact, Log log)
    : m_executor(executor)
    , m_plan(std::move(plan))
    , m_onContact(std::move(onContact))
    , m_log(std::move(log))
    , m_dice(m_plan.seed)
    , m_self(std::make_shared<Peers*>(this))
{
    for (const auto& member : m_plan.members) {
        if (member.id != m_plan.hello.from) {
            m_roads.emplace(member.id, std::make_unique<Road>(executor, member, m_plan.redial));
        }
    }
}

Peers::~Peers() = default;

void Peers::start()
{
    for (auto& [id, road] : m_roads) {
        dial(*road);
    }
}

void Peers::stop(const std::string& why)
{
    m_stopped = true;
    for (auto& [id, road] : m_roads) {
        road->timer.cancel();
        road->dialing.reset();
        if (const auto connection = std::exchange(road->connection, nullptr)) {
            connection->close(why);
        }
    }
}

void Peers::hint(NodeId peer)
{
    const auto found = m_roads.find(peer);
    if (found == m_roads.end() || m_stopped) {
        return;
    }
    auto& road = *found->second;
    if (!road.connection && !road.dialing && road.timer.cancel() > 0) {
        road.redial.succeeded();
        dial(road);
    }
}

bool Peers::isUp(NodeId peer) const
{
    const auto found = m_roads.find(peer);
    return found != m_roads.end() && found->second->connection;
}

bool Peers::send(NodeId to, const MessageHeader& header, const node::PayloadPtr& message)
{
    const auto found = m_roads.find(to);
    if (found == m_roads.end() || !found->second->connection) {
        return false;
    }
    if (m_encoded != message) {
        m_body.clear();
        message->encode(m_body);
        m_encoded = message;
    }
    // The header and the message are two pieces to whoever encodes and one to the frame.
    m_header.clear();
    append(header, m_header);
    return found->second->connection->send(FrameKind::Message, m_header, m_body);
}

void Peers::dial(Road& road)
{
    const auto address = parseAddress(road.peer.peer);
    if (!address) {
        m_log(LogLevel::Error, "cannot dial a peer",
              {{"peer", road.peer.name}, {"why", address.error().message}});
        return;
    }
    Dial::Plan plan;
    plan.address = *address;
    plan.tls = m_plan.tls;
    plan.name = road.peer.name;
    plan.hello = m_plan.hello;
    plan.hello.to = road.peer.id;
    plan.settings = m_plan.transport;
    const auto id = road.peer.id;
    const std::weak_ptr weak(m_self);
    road.dialing = Dial::start(
        m_executor, std::move(plan),
        [weak, id](const ConnectionPtr& connection, const Welcome&) -> ReceiverPtr {
            const auto self = weak.lock();
            if (!self || (*self)->m_stopped) {
                return nullptr;
            }
            (*self)->opened(*(*self)->m_roads.at(id), connection);
            return std::make_shared<Ear>(weak, id);
        },
        [weak, id](const std::string& why, std::optional<Rejection> rejected) {
            const auto self = weak.lock();
            if (!self) {
                return;
            }
            auto& there = *(*self)->m_roads.at(id);
            if (why != there.lastWhy) {
                there.lastWhy = why;
                (*self)->m_log(rejected ? LogLevel::Warning : LogLevel::Info, "cannot reach a peer",
                               {{"peer", there.peer.name}, {"at", there.peer.peer}, {"why", why}});
            }
            (*self)->later(there, rejected.has_value());
        });
}

void Peers::opened(Road& road, const ConnectionPtr& connection)
{
    road.connection = connection;
    road.redial.succeeded();
    road.lastWhy.clear();
    m_log(LogLevel::Info, "peer reached", {{"peer", road.peer.name}, {"at", road.peer.peer}});
    m_onContact(road.peer.id, true, {});
}

void Peers::closed(Road& road, const std::string& why)
{
    if (m_stopped) {
        return;
    }
    road.connection.reset();
    m_log(LogLevel::Info, "peer lost", {{"peer", road.peer.name}, {"why", why}});
    m_onContact(road.peer.id, false, why);
    later(road, false);
}

void Peers::later(Road& road, bool wasRejected)
{
    if (m_stopped) {
        return;
    }
    road.timer.expires_after(road.redial.failed(m_dice, wasRejected));
    road.timer.async_wait([weak = std::weak_ptr(m_self),
                           id = road.peer.id](const boost::system::error_code& cancelled) {
        const auto self = weak.lock();
        if (!cancelled && self && !(*self)->m_stopped) {
            (*self)->dial(*(*self)->m_roads.at(id));
        }
    });
    // The attempt that failed may be what calls: it is put away when it is over.
    road.dialing.reset();
}

} // namespace lightcone::live
