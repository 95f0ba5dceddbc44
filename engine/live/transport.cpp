#include "engine/live/transport.h"

#include "engine/describe/described.h"
#include "engine/live/socket_wire.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace lightcone::live {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Takes as long for a wrong token as for the right one.
bool sameToken(std::string_view given, std::string_view wanted)
{
    unsigned difference = given.size() == wanted.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size() && !wanted.empty(); ++i) {
        difference |= static_cast<unsigned char>(given[i])
            ^ static_cast<unsigned char>(wanted[i % wanted.size()]);
    }
    return difference == 0;
}

Result<std::vector<tcp::endpoint>> resolve(const asio::any_io_executor& executor,
                                           const Address& address)
{
    tcp::resolver resolver(executor);
    error_code error;
    const auto found =
        resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
    if (error || found.empty()) {
        return fail("cannot find the address of '" + address.host + "': " + error.message());
    }
    std::vector<tcp::endpoint> ends;
    for (const auto& each : found) {
        ends.push_back(each.endpoint());
    }
    return ends;
}

} // namespace

/// What a listener and the connections that it has not yet let in share.
class Listener::Port final : public SocketWire::Owner, public std::enable_shared_from_this<Port>
{
public:
    Port(const asio::any_io_executor& executor, Plan plan, Porter& porter, Log log)
        : m_plan(std::move(plan))
        , m_porter(&porter)
        , m_log(std::move(log))
        , m_acceptor(executor)
        , m_pause(executor)
    {
    }

    Result<void> open(const tcp::endpoint& end)
    {
        error_code error;
        const auto failed = [&](const char* what) {
            return fail("cannot " + std::string(what) + " " + m_plan.address.text() + " ("
                        + m_plan.name + "): " + error.message());
        };
        m_acceptor.open(end.protocol(), error);
        if (error) {
            return failed("open a socket for");
        }
        m_acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        m_acceptor.bind(end, error);
        if (error) {
            return failed("listen on");
        }
        m_acceptor.listen(tcp::acceptor::max_listen_connections, error);
        if (error) {
            return failed("listen on");
        }
        const auto local = m_acceptor.local_endpoint(error);
        m_plan.address = {local.address().to_string(), local.port()};
        return {};
    }

    [[nodiscard]] const Address& address() const { return m_plan.address; }

    void close()
    {
        error_code ignored;
        m_closed = true;
        m_acceptor.close(ignored);
        m_pause.cancel();
    }

    void accept()
    {
        m_acceptor.async_accept(
            [self = shared_from_this()](const error_code& error, tcp::socket socket) {
                if (self->m_closed) {
                    return;
                }
                if (error) {
                    self->rest(error);
                    return;
                }
                self->letKnock(std::move(socket));
                self->accept();
            });
    }

    Result<Visitor> onProved(const std::optional<Certified>& certified,
                             const std::string& address) override
    {
        Visitor visitor;
        visitor.address = address;
        if (!certified) {
            // Its token is looked at before anybody sees it.
            visitor.role = m_plan.roleWithoutTls;
            visitor.name = m_plan.token.empty() ? "" : "token";
            visitor.proved = !m_plan.token.empty();
            return visitor;
        }
        visitor.role = certified->role;
        visitor.name = certified->name;
        visitor.proved = true;
        if (certified->cluster != m_plan.tls->cluster) {
            return fail("its certificate is of cluster '" + certified->cluster + "', not of '"
                        + m_plan.tls->cluster + "'");
        }
        return visitor;
    }

    std::variant<Porter::Entrance, Rejected> onHello(const Hello& hello,
                                                     const ConnectionPtr& wire) override
    {
        if (m_closed) {
            return Rejected{Rejection::Stopping, "the node is about to leave"};
        }
        if (!m_plan.token.empty() && !sameToken(hello.token, m_plan.token)) {
            return Rejected{Rejection::Token,
                            hello.token.empty() ? "the " + m_plan.name + " asks for a token"
                                                : "the token is not this node's"};
        }
        return m_porter->onHello(hello, wire);
    }

    ReceiverPtr onWelcome(const Welcome&, const ConnectionPtr&) override { return nullptr; }

    void onUnborn(const Ended& ended, const std::string& address) override
    {
        // A mere knock (a port scan, a health check) is no news.
        const bool knock = ended.why == "it hung up";
        m_log(knock ? LogLevel::Debug : LogLevel::Warning, "visitor refused",
              {{"port", m_plan.name}, {"from", address}, {"why", ended.why}});
    }

private:
    void letKnock(tcp::socket socket)
    {
        error_code error;
        const auto remote = socket.remote_endpoint(error);
        if (error) {
            return;
        }
        const auto host = remote.address().to_string();
        auto& count = m_open[host];
        if (count >= m_plan.settings.mostFromOneAddress
            || m_total >= m_plan.settings.mostConnections) {
            const auto most = count >= m_plan.settings.mostFromOneAddress
                ? std::to_string(count) + " connections from this address"
                : std::to_string(m_total) + " connections";
            onUnborn({"there are " + most + " already", {}}, host);
            return;
        }
        ++count;
        ++m_total;
        const auto& settings = m_plan.settings;
        auto* wire = new SocketWire(std::move(socket), m_plan.tls, settings, weak_from_this());
        // The place is free again when the last one has let go of the wire.
        const std::shared_ptr<SocketWire> shared(wire,
                                                 [weak = weak_from_this(), host](SocketWire* gone) {
                                                     delete gone;
                                                     if (const auto port = weak.lock()) {
                                                         port->leave(host);
                                                     }
                                                 });
        shared->startAccepted();
    }

    void leave(const std::string& host)
    {
        --m_total;
        const auto found = m_open.find(host);
        if (--found->second == 0) {
            m_open.erase(found);
        }
    }

    /// Out of file descriptors, say: try again when somebody may have left.
    void rest(const error_code& error)
    {
        m_log(LogLevel::Warning, "cannot accept a connection",
              {{"port", m_plan.name}, {"why", error.message()}});
        m_pause.expires_after(std::chrono::milliseconds(100));
        m_pause.async_wait([self = shared_from_this()](const error_code& cancelled) {
            if (!cancelled && !self->m_closed) {
                self->accept();
            }
        });
    }

    Plan m_plan;
    Porter* m_porter;
    Log m_log;
    tcp::acceptor m_acceptor;
    asio::steady_timer m_pause;
    std::map<std::string, std::size_t> m_open;
    std::size_t m_total = 0;
    bool m_closed = false;
};

Listener::Listener(std::shared_ptr<Port> port)
    : m_port(std::move(port))
{
}

Listener::~Listener()
{
    m_port->close();
}

Address Listener::address() const
{
    return m_port->address();
}

Result<std::unique_ptr<Listener>> Listener::open(asio::any_io_executor executor, Plan plan,
                                                 Porter& porter, Log log)
{
    auto ends = resolve(executor, plan.address);
    if (!ends) {
        return ends.error();
    }
    const auto end = ends->front();
    if (!plan.tls && !end.address().is_loopback()) {
        return fail("the " + plan.name + " would listen on " + plan.address.text()
                    + " without TLS, where everybody could come in: give it certificates, or an "
                      "address that only this machine reaches, such as 127.0.0.1");
    }
    auto port = std::make_shared<Port>(executor, std::move(plan), porter, std::move(log));
    if (auto opened = port->open(end); !opened) {
        return opened.error();
    }
    port->accept();
    return std::unique_ptr<Listener>(new Listener(std::move(port)));
}

class Dial::Attempt final : public SocketWire::Owner, public std::enable_shared_from_this<Attempt>
{
public:
    Attempt(const asio::any_io_executor& executor, Plan plan, OnOpen onOpen, OnFailed onFailed)
        : m_plan(std::move(plan))
        , m_onOpen(std::move(onOpen))
        , m_onFailed(std::move(onFailed))
        , m_resolver(executor)
        , m_socket(executor)
        , m_timer(executor)
    {
    }

    void start()
    {
        m_timer.expires_after(m_plan.settings.connect);
        m_timer.async_wait([self = shared_from_this()](const error_code& cancelled) {
            if (!cancelled && !self->m_wire) {
                self->fails("no connection within " + toText(self->m_plan.settings.connect), {});
            }
        });
        error_code notNumeric;
        const auto address = asio::ip::make_address(m_plan.address.host, notNumeric);
        if (!notNumeric) {
            m_ends.emplace_back(address, m_plan.address.port);
            connect(0);
            return;
        }
        m_resolver.async_resolve(
            m_plan.address.host, std::to_string(m_plan.address.port),
            [self = shared_from_this()](const error_code& error,
                                        const tcp::resolver::results_type& found) {
                if (error) {
                    self->fails("cannot find the address of '" + self->m_plan.address.host
                                    + "': " + error.message(),
                                {});
                    return;
                }
                for (const auto& each : found) {
                    self->m_ends.push_back(each.endpoint());
                }
                self->connect(0);
            });
    }

    /// Nobody wants to know any more.
    void giveUp()
    {
        m_over = true;
        stop();
        if (m_wire) {
            m_wire->abandon();
        }
    }

    Result<Visitor> onProved(const std::optional<Certified>& certified,
                             const std::string& address) override
    {
        Visitor visitor{Role::Peer, {}, address, false};
        if (!certified) {
            return visitor;
        }
        visitor.role = certified->role;
        visitor.name = certified->name;
        visitor.proved = true;
        if (certified->role != Role::Peer) {
            return fail("the certificate of '" + certified->name
                        + "' there is not a node's: its role is "
                        + describe::nameOf(certified->role));
        }
        if (certified->cluster != m_plan.tls->cluster) {
            return fail("the certificate there is of cluster '" + certified->cluster + "', not of '"
                        + m_plan.tls->cluster + "'");
        }
        if (!m_plan.name.empty() && certified->name != m_plan.name) {
            return fail("the certificate there is of '" + certified->name + "', not of '"
                        + m_plan.name + "'");
        }
        return visitor;
    }

    std::variant<Porter::Entrance, Rejected> onHello(const Hello&, const ConnectionPtr&) override
    {
        return Rejected{Rejection::Purpose, "nobody listens here"};
    }

    ReceiverPtr onWelcome(const Welcome& welcome, const ConnectionPtr& wire) override
    {
        if (m_over) {
            return nullptr;
        }
        m_over = true;
        m_wire.reset(); // it belongs to the receiver now
        const auto self = shared_from_this();
        return std::exchange(m_onOpen, nullptr)(wire, welcome);
    }

    void onUnborn(const Ended& ended, const std::string&) override
    {
        fails(ended.why, ended.rejected);
    }

private:
    void connect(std::size_t index)
    {
        m_socket.async_connect(m_ends[index],
                               [self = shared_from_this(), index](const error_code& error) {
                                   if (!self->m_over) {
                                       self->connected(index, error);
                                   }
                               });
    }

    void connected(std::size_t index, const error_code& error)
    {
        if (error && index + 1 < m_ends.size()) {
            error_code ignored;
            m_socket.close(ignored);
            connect(index + 1);
            return;
        }
        if (error) {
            fails(error == asio::error::connection_refused ? nobodyListens : error.message(), {});
            return;
        }
        m_timer.cancel();
        m_wire = std::make_shared<SocketWire>(std::move(m_socket), m_plan.tls, m_plan.settings,
                                              weak_from_this());
        m_wire->startDialed(m_plan.hello);
    }

    void fails(const std::string& why, std::optional<Rejection> rejected)
    {
        if (m_over) {
            return;
        }
        m_over = true;
        stop();
        const auto self = shared_from_this();
        std::exchange(m_onFailed, nullptr)(why, rejected);
    }

    void stop()
    {
        error_code ignored;
        m_resolver.cancel();
        m_timer.cancel();
        m_socket.close(ignored);
    }

    Plan m_plan;
    OnOpen m_onOpen;
    OnFailed m_onFailed;
    tcp::resolver m_resolver;
    tcp::socket m_socket;
    asio::steady_timer m_timer;
    std::vector<tcp::endpoint> m_ends;
    std::shared_ptr<SocketWire> m_wire;
    bool m_over = false;
};

Dial::Dial(std::shared_ptr<Attempt> attempt)
    : m_attempt(std::move(attempt))
{
}

Dial::~Dial()
{
    m_attempt->giveUp();
}

std::unique_ptr<Dial> Dial::start(const asio::any_io_executor& executor, Plan plan, OnOpen onOpen,
                                  OnFailed onFailed)
{
    auto attempt = std::make_shared<Attempt>(executor, std::move(plan), std::move(onOpen),
                                             std::move(onFailed));
    attempt->start();
    return std::unique_ptr<Dial>(new Dial(std::move(attempt)));
}

} // namespace lightcone::live
