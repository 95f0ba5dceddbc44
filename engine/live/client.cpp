#include "engine/live/client.h"

#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/live/chance.h"
#include "engine/live/clocks.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lightcone::live {

/// What stays while something late may still come.
class ClusterClient::Inside final : public std::enable_shared_from_this<Inside>
{
public:
    Inside(boost::asio::any_io_executor executor, ClientPlan plan)
        : m_executor(std::move(executor))
        , m_plan(std::move(plan))
        , m_dice(trueChance())
        , m_timer(m_executor)
    {
    }

    void open(OnOpen onOpen)
    {
        check(!m_onOpen && !m_protocol, "a cluster is opened once");
        m_onOpen = std::move(onOpen);
        dialAddress(0, {});
    }

    void close()
    {
        m_over = true;
        m_timer.cancel();
        m_opening.reset();
        m_onOpen = nullptr;
        for (auto& [id, server] : m_servers) {
            server.dial.reset();
            server.redialing.reset();
            if (const auto connection = std::exchange(server.connection, nullptr)) {
                connection->close("the client has what it wanted");
            }
        }
        m_waiting.clear();
    }

    [[nodiscard]] const Welcome& welcome() const { return m_welcome; }
    [[nodiscard]] const node::Protocol& protocol() const
    {
        check(m_protocol != nullptr, "a cluster that was opened");
        return *m_protocol;
    }
    [[nodiscard]] const std::vector<NodeId>& servers() const { return m_order; }
    [[nodiscard]] std::size_t clients() const { return m_clients.size(); }
    [[nodiscard]] std::uint64_t silences() const { return m_silences; }

    std::size_t addClient()
    {
        check(m_protocol != nullptr, "a cluster that was opened");
        auto id = drawClient(m_dice);
        while (m_places.find(id) != m_places.end()) {
            id = drawClient(m_dice);
        }
        m_places[id] = m_clients.size();
        m_clients.emplace_back(id, m_order, m_plan.settings, *m_protocol);
        return m_clients.size() - 1;
    }

    RequestId submit(std::size_t client, node::PayloadPtr body, OnAnswered onAnswered, NodeId only)
    {
        node::Client::Effects effects;
        const auto request =
            m_clients[client].submit(steadyNow(), std::move(body), only, {}, effects);
        m_waiting[request] = {std::move(onAnswered), 0};
        perform(client, effects);
        return request;
    }

private:
    /// One node: how we are connected to it, and what waits for that.
    struct Server
    {
        MemberAddress member{};
        Address address{};
        ConnectionPtr connection{};
        std::unique_ptr<Dial> dial{};
        std::vector<node::Client::Transmit> pending{}; ///< while dialing
        Redial redial{};
        Instant notBefore{}; ///< no attempt before that
        std::unique_ptr<boost::asio::steady_timer> redialing{};
    };

    struct Waiting
    {
        OnAnswered onAnswered;
        std::uint32_t tries = 0;
    };

    class Ear final : public Receiver
    {
    public:
        Ear(std::weak_ptr<Inside> inside, NodeId server)
            : m_inside(std::move(inside))
            , m_server(server)
        {
        }
        Result<void> onFrame(FrameKind kind, BytesView body) override
        {
            const auto inside = m_inside.lock();
            if (!inside || inside->m_over) {
                return {};
            }
            if (kind != FrameKind::Reply) {
                return fail(fmt::format("a client expects replies, not a frame of kind {}",
                                        static_cast<int>(kind)));
            }
            return inside->onReply(m_server, body);
        }
        void onClosed(const std::string&) override
        {
            if (const auto inside = m_inside.lock(); inside && !inside->m_over) {
                inside->onClosed(m_server);
            }
        }

    private:
        std::weak_ptr<Inside> m_inside;
        NodeId m_server;
    };

    [[nodiscard]] Dial::Plan dialPlan(const Address& address) const
    {
        Dial::Plan plan;
        plan.address = address;
        plan.tls = m_plan.tls;
        plan.hello.purpose = Purpose::Client;
        plan.hello.software = m_plan.software;
        plan.hello.cluster = m_plan.cluster;
        plan.hello.protocol = m_plan.protocol;
        plan.settings = m_plan.transport;
        return plan;
    }

    // Finding the cluster.

    void dialAddress(std::size_t index, std::string whyNot)
    {
        if (index == m_plan.addresses.size()) {
            opened(
                fail("no node lets us in: " + (whyNot.empty() ? "no address was given" : whyNot)));
            return;
        }
        const auto& address = m_plan.addresses[index];
        const auto next = [self = weak_from_this(), index, whyNot, text = address.text()](
                              const std::string& why, const std::optional<Rejection>&) {
            if (const auto inside = self.lock(); inside && !inside->m_over) {
                const auto separator = whyNot.empty() ? "" : "; ";
                inside->dialAddress(index + 1, whyNot + separator + text + ": " + why);
            }
        };
        m_opening = Dial::start(
            m_executor, dialPlan(address),
            [self = weak_from_this()](const ConnectionPtr& connection,
                                      const Welcome& welcome) -> ReceiverPtr {
                const auto inside = self.lock();
                return inside && !inside->m_over ? inside->onWelcome(connection, welcome) : nullptr;
            },
            next);
    }

    ReceiverPtr onWelcome(const ConnectionPtr& connection, const Welcome& welcome)
    {
        m_welcome = welcome;
        if (auto known = learn(); !known) {
            // Told from the executor: whoever hears it may destroy us.
            boost::asio::post(m_executor, [self = weak_from_this(), error = known.error()] {
                if (const auto inside = self.lock(); inside && !inside->m_over) {
                    inside->opened(error);
                }
            });
            return nullptr;
        }
        auto& server = m_servers[welcome.node];
        server.connection = connection;
        boost::asio::post(m_executor, [self = weak_from_this()] {
            if (const auto inside = self.lock(); inside && !inside->m_over) {
                inside->opened({});
            }
        });
        return std::make_shared<Ear>(weak_from_this(), welcome.node);
    }

    /// What the welcome says of the cluster.
    Result<void> learn()
    {
        const auto* protocol =
            m_plan.findProtocol ? m_plan.findProtocol(m_welcome.protocol) : nullptr;
        if (protocol == nullptr) {
            return fail("the cluster runs '" + m_welcome.protocol
                        + "', a protocol that this build does not know");
        }
        if (m_welcome.shapes != shapesOf(protocol->card())) {
            return fail("the cluster runs another build of " + m_welcome.protocol + " ("
                        + m_welcome.software + "), whose requests look different");
        }
        for (const auto& member : m_welcome.members) {
            if (!member.takesRequests) {
                continue;
            }
            const auto address = parseAddress(member.peer);
            if (!address) {
                return fail("the cluster names an address of " + member.name
                            + " that is none: " + address.error().message);
            }
            auto& server = m_servers[member.id];
            server.member = member;
            server.address = *address;
            server.redial = Redial(m_plan.redial);
            m_order.push_back(member.id);
        }
        if (m_order.empty()) {
            return fail("no member of the cluster takes requests");
        }
        // Whoever let us in is asked first.
        const auto first = std::find(m_order.begin(), m_order.end(), m_welcome.node);
        if (first != m_order.end()) {
            std::rotate(m_order.begin(), first, m_order.end());
        }
        m_protocol = protocol;
        return {};
    }

    void opened(const Result<void>& result)
    {
        if (const auto onOpen = std::exchange(m_onOpen, nullptr)) {
            onOpen(result);
        }
    }

    // Talking to one node.

    void transmit(const node::Client::Transmit& what)
    {
        auto& server = m_servers[what.to];
        if (server.connection) {
            send(server, what);
            return;
        }
        if (!server.dial && steadyNow() < server.notBefore) {
            unreachable(what.to, what.request);
            return;
        }
        server.pending.push_back(what);
        if (!server.dial) {
            dial(what.to);
        }
    }

    void send(Server& server, const node::Client::Transmit& what)
    {
        m_head.clear();
        m_body.clear();
        append(RequestHeader{what.request}, m_head);
        what.body->encode(m_body);
        // Where the queue is full the time-out is the answer: the node does not keep up.
        server.connection->send(FrameKind::Request, m_head, m_body);
    }

    void dial(NodeId id)
    {
        auto& server = m_servers[id];
        auto plan = dialPlan(server.address);
        plan.hello.cluster = m_welcome.cluster;
        plan.hello.protocol = m_welcome.protocol;
        plan.hello.shapes = m_welcome.shapes;
        plan.hello.to = id;
        plan.name = m_plan.tls ? server.member.name : "";
        server.dial = Dial::start(
            m_executor, std::move(plan),
            [self = weak_from_this(), id](const ConnectionPtr& connection,
                                          const Welcome&) -> ReceiverPtr {
                const auto inside = self.lock();
                if (!inside || inside->m_over) {
                    return nullptr;
                }
                inside->m_servers[id].connection = connection;
                boost::asio::post(inside->m_executor, [self, id] {
                    if (const auto still = self.lock(); still && !still->m_over) {
                        still->connected(id);
                    }
                });
                return std::make_shared<Ear>(self, id);
            },
            [self = weak_from_this(), id](const std::string&,
                                          const std::optional<Rejection>& rejected) {
                if (const auto inside = self.lock(); inside && !inside->m_over) {
                    inside->notConnected(id, rejected.has_value());
                }
            });
    }

    void connected(NodeId id)
    {
        auto& server = m_servers[id];
        server.dial.reset();
        server.redial.succeeded();
        const auto pending = std::exchange(server.pending, {});
        for (const auto& each : pending) {
            if (server.connection && isCurrent(each.request)) {
                send(server, each);
            }
        }
    }

    void notConnected(NodeId id, bool wasRejected)
    {
        auto& server = m_servers[id];
        server.dial.reset();
        server.notBefore = steadyNow() + server.redial.failed(m_dice, wasRejected);
        for (const auto& each : std::exchange(server.pending, {})) {
            unreachable(id, each.request);
        }
    }

    void onClosed(NodeId id)
    {
        m_servers[id].connection = nullptr;
        for (std::size_t place = 0; place < m_clients.size(); ++place) {
            if (const auto request = m_clients[place].current()) {
                unreachable(id, *request);
            }
        }
    }

    void unreachable(NodeId id, RequestId request)
    {
        const auto place = m_places.find(request.client);
        node::Client::Effects effects;
        m_clients[place->second].onUnreachable(steadyNow(), id, request, effects);
        perform(place->second, effects);
    }

    [[nodiscard]] bool isCurrent(RequestId request) const
    {
        return m_clients[m_places.at(request.client)].current() == request;
    }

    Result<void> onReply(NodeId from, BytesView frame)
    {
        const auto reply = readReply(frame);
        if (!reply) {
            return reply.error();
        }
        const auto& header = reply->header;
        const auto place = m_places.find(header.request.client);
        if (place == m_places.end()) {
            return fail("a reply to somebody who is not here");
        }
        if (!isCurrent(header.request)) {
            return {}; // the answer to an earlier try
        }
        const auto body = bodyOf(header.answer, reply->rest);
        if (!body) {
            return body.error();
        }
        node::Client::Effects effects;
        m_clients[place->second].onReply(steadyNow(), from, header.request, header.answer, *body,
                                         effects);
        perform(place->second, effects);
        return {};
    }

    [[nodiscard]] Result<node::PayloadPtr> bodyOf(node::Answer answer, BytesView bytes) const
    {
        switch (answer) {
        case node::Answer::Done:
            return m_protocol->payload(node::PayloadRole::Reply, bytes);
        case node::Answer::Redirected:
            return typed<node::Redirect>(bytes);
        case node::Answer::Refused:
            return typed<node::Refusal>(bytes);
        case node::Answer::Unknown:
            break;
        }
        return fail("a reply that says that nothing is known");
    }

    template <class T>
    static Result<node::PayloadPtr> typed(BytesView bytes)
    {
        auto value = describe::fromBytes<T>(bytes);
        return value ? Result<node::PayloadPtr>(node::makePayload(std::move(*value)))
                     : value.error();
    }

    // What the clients want.

    void perform(std::size_t place, const node::Client::Effects& effects)
    {
        for (const auto& effect : effects) {
            if (m_over) {
                return;
            }
            std::visit([this](const auto& what) { carryOut(what); }, effect);
        }
        if (!m_over) {
            wakeFor(m_clients[place]);
        }
    }

    void carryOut(const node::Client::Begin&) { }

    void carryOut(const node::Client::Transmit& what)
    {
        if (const auto waiting = m_waiting.find(what.request); waiting != m_waiting.end()) {
            ++waiting->second.tries;
        }
        transmit(what);
    }

    void carryOut(const node::Client::TimedOut&) { ++m_silences; }

    void carryOut(const node::Client::Finish& what)
    {
        const auto waiting = m_waiting.find(what.request);
        if (waiting == m_waiting.end()) {
            return;
        }
        const auto told = std::move(waiting->second);
        m_waiting.erase(waiting);
        if (told.onAnswered) {
            told.onAnswered({what.request, what.answer, what.by, what.body, told.tries});
        }
    }

    void wakeFor(const node::Client& client)
    {
        const auto due = client.due();
        if (due && (!m_timerAt || *due < *m_timerAt)) {
            wakeAt(*due);
        }
    }

    void wakeAt(Instant due)
    {
        m_timerAt = due;
        m_timer.expires_after(std::max(due - steadyNow(), Duration::zero()));
        m_timer.async_wait([self = weak_from_this()](const boost::system::error_code& cancelled) {
            if (const auto inside = self.lock(); inside && !cancelled && !inside->m_over) {
                inside->onTimer();
            }
        });
    }

    void onTimer()
    {
        m_timerAt.reset();
        const auto now = steadyNow();
        std::optional<Instant> next;
        for (std::size_t place = 0; place < m_clients.size() && !m_over; ++place) {
            if (const auto due = m_clients[place].due(); due && *due <= now) {
                node::Client::Effects effects;
                m_clients[place].onDue(now, effects);
                perform(place, effects);
            }
            if (m_over) {
                return;
            }
            if (const auto due = m_clients[place].due(); due && (!next || *due < *next)) {
                next = due;
            }
        }
        if (next && (!m_timerAt || *next < *m_timerAt)) {
            wakeAt(*next);
        }
    }

    boost::asio::any_io_executor m_executor;
    ClientPlan m_plan;
    Dice m_dice;
    boost::asio::steady_timer m_timer;
    std::optional<Instant> m_timerAt;
    OnOpen m_onOpen;
    std::unique_ptr<Dial> m_opening;
    Welcome m_welcome;
    const node::Protocol* m_protocol = nullptr;
    std::map<NodeId, Server> m_servers;
    std::vector<NodeId> m_order;
    std::vector<node::Client> m_clients;
    std::unordered_map<NodeId, std::size_t> m_places;
    std::map<RequestId, Waiting> m_waiting;
    Bytes m_head;
    Bytes m_body;
    std::uint64_t m_silences = 0;
    bool m_over = false;
};

ClusterClient::ClusterClient(boost::asio::any_io_executor executor, ClientPlan plan)
    : m_inside(std::make_shared<Inside>(std::move(executor), std::move(plan)))
{
}

ClusterClient::~ClusterClient()
{
    m_inside->close();
}

void ClusterClient::open(OnOpen onOpen)
{
    m_inside->open(std::move(onOpen));
}

const Welcome& ClusterClient::welcome() const
{
    return m_inside->welcome();
}

const node::Protocol& ClusterClient::protocol() const
{
    return m_inside->protocol();
}

const std::vector<NodeId>& ClusterClient::servers() const
{
    return m_inside->servers();
}

std::size_t ClusterClient::addClient()
{
    return m_inside->addClient();
}

std::size_t ClusterClient::clients() const
{
    return m_inside->clients();
}

RequestId ClusterClient::submit(std::size_t client, node::PayloadPtr body, OnAnswered onAnswered,
                                NodeId only)
{
    return m_inside->submit(client, std::move(body), std::move(onAnswered), only);
}

std::uint64_t ClusterClient::silences() const
{
    return m_inside->silences();
}

} // namespace lightcone::live
