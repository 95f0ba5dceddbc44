#include "engine/live/socket_wire.h"

#include "engine/live/clocks.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/defer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/ssl/error.hpp>

#include <utility>
#include <vector>

namespace lightcone::live {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

std::string remoteAddress(const SocketWire::Socket& socket)
{
    error_code error;
    const auto end = socket.remote_endpoint(error);
    return error ? "a socket that is gone" : Address{end.address().to_string(), end.port()}.text();
}

template <class Function>
struct OnExit
{
    Function function;
    explicit OnExit(Function f)
        : function(std::move(f))
    {
    }
    OnExit(const OnExit&) = delete;
    OnExit& operator=(const OnExit&) = delete;
    ~OnExit() { function(); }
};

} // namespace

class SocketWire::Wires final : public asio::execution_context::service
{
public:
    using key_type = Wires;

    static inline asio::execution_context::id id;

    explicit Wires(asio::execution_context& context)
        : asio::execution_context::service(context)
    {
    }

    const std::shared_ptr<std::set<SocketWire*>> all = std::make_shared<std::set<SocketWire*>>();

private:
    void shutdown() override
    {
        // Letting go of one may end others.
        std::vector<std::shared_ptr<SocketWire>> open;
        for (auto* wire : *all) {
            if (auto held = wire->weak_from_this().lock()) {
                open.push_back(std::move(held));
            }
        }
        for (const auto& wire : open) {
            wire->m_over = true;
            wire->m_receiver.reset();
        }
    }
};

SocketWire::SocketWire(Socket socket, TlsPtr tls, const TransportSettings& settings,
                       std::weak_ptr<Owner> owner)
    : m_wires(
        asio::use_service<Wires>(asio::query(socket.get_executor(), asio::execution::context)).all)
    , m_socket(std::move(socket))
    , m_tls(std::move(tls))
    , m_timer(m_socket.get_executor())
    , m_settings(settings)
    , m_owner(std::move(owner))
{
    m_visitor.address = remoteAddress(m_socket);
    error_code ignored;
    m_wires->insert(this);
    // Frames are batched here: nothing is won by waiting in the system as well.
    m_socket.set_option(asio::ip::tcp::no_delay(true), ignored);
}

SocketWire::~SocketWire()
{
    m_wires->erase(this);
}

void SocketWire::startAccepted()
{
    start();
}

void SocketWire::startDialed(const Hello& hello)
{
    m_hello = hello;
    start();
}

void SocketWire::start()
{
    if (m_tls) {
        handshake();
    } else {
        proved();
    }
}

void SocketWire::handshake()
{
    m_stream.emplace(m_socket, m_tls->context);
    m_timer.expires_after(m_settings.handshake);
    m_timer.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error && !self->m_link) {
            self->failBeforeLink("no TLS handshake within " + toText(self->m_settings.handshake));
        }
    });
    const auto side = m_hello ? asio::ssl::stream_base::client : asio::ssl::stream_base::server;
    m_stream->async_handshake(side, [self = shared_from_this()](const error_code& error) {
        if (self->m_over) {
            return;
        }
        if (error) {
            self->failBeforeLink(whyHandshakeFailed(error, self->m_stream->native_handle()));
        } else {
            self->proved();
        }
    });
}

/// The other side is who it is; now it may speak.
void SocketWire::proved()
{
    std::optional<Certified> certified;
    if (m_stream) {
        auto read = certifiedBy(m_stream->native_handle());
        if (!read) {
            failBeforeLink(read.error().message);
            return;
        }
        certified = std::move(*read);
    }
    const auto owner = m_owner.lock();
    if (!owner) {
        abandon();
        return;
    }
    auto visitor = owner->onProved(certified, m_visitor.address);
    if (!visitor) {
        failBeforeLink(visitor.error().message);
        return;
    }
    m_visitor = std::move(*visitor);
    const auto now = steadyNow();
    m_link.emplace(m_hello ? Link::dialed(m_settings.link, now, *m_hello)
                           : Link::accepted(m_settings.link, now));
    m_timer.cancel();
    pump();
    read();
}

void SocketWire::failBeforeLink(const std::string& why)
{
    if (!m_over) {
        m_over = true;
        if (const auto owner = m_owner.lock()) {
            owner->onUnborn({why, {}}, m_visitor.address);
        }
        // A TLS alert may be on its way: the other side shall hear why.
        linger();
    }
}

void SocketWire::abandon()
{
    m_over = true;
    m_broken = true;
    m_receiver.reset();
    error_code ignored;
    m_timer.cancel();
    m_socket.close(ignored);
}

bool SocketWire::send(FrameKind kind, BytesView head, BytesView rest)
{
    if (!m_link || !m_link->send(kind, head, rest)) {
        return false;
    }
    flushSoon();
    return true;
}

std::size_t SocketWire::queued() const
{
    return m_link ? m_link->queued() : 0;
}

void SocketWire::close(std::string why)
{
    if (m_over) {
        return;
    }
    if (!m_link) {
        failBeforeLink(why);
        return;
    }
    m_link->close(steadyNow(), why);
    flushSoon();
}

void SocketWire::wake()
{
    if (m_link && !m_over && m_receiver && m_receiver->takes()) {
        m_link->setReading(steadyNow(), true);
        asio::post(m_socket.get_executor(), [self = shared_from_this()] {
            self->pump();
            self->read();
        });
    }
}

/// Tells what happened, then writes what there is to say.
void SocketWire::pump()
{
    if (m_pumping || m_over || !m_link) {
        return;
    }
    m_pumping = true;
    const auto self = shared_from_this();
    {
        const OnExit done([this] { m_pumping = false; });
        while (!m_over) {
            if (m_receiver && m_link->phase() == Link::Phase::Open && !m_receiver->takes()) {
                m_link->setReading(steadyNow(), false);
                break;
            }
            auto event = m_link->next();
            if (!event) {
                break;
            }
            handle(*event);
        }
    }
    flush();
    setTimer();
}

void SocketWire::handle(LinkEvent& event)
{
    if (const auto* hello = std::get_if<HelloCame>(&event)) {
        onHello(hello->hello);
    } else if (const auto* welcome = std::get_if<WelcomeCame>(&event)) {
        onWelcome(welcome->welcome);
    } else if (const auto* frame = std::get_if<FrameCame>(&event)) {
        onFrame(frame->frame);
    } else {
        onEnded(std::get<Ended>(event));
    }
}

void SocketWire::onHello(const Hello& hello)
{
    const auto owner = m_owner.lock();
    const auto now = steadyNow();
    if (!owner) {
        m_link->reject(now, {Rejection::Stopping, "the node is about to leave"});
        return;
    }
    auto answer = owner->onHello(hello, shared_from_this());
    if (const auto* rejected = std::get_if<Rejected>(&answer)) {
        m_link->reject(now, *rejected);
        return;
    }
    auto& entrance = std::get<Porter::Entrance>(answer);
    m_receiver = std::move(entrance.receiver);
    m_link->welcome(now, std::move(entrance.welcome));
}

void SocketWire::onWelcome(const Welcome& welcome)
{
    const auto owner = m_owner.lock();
    m_receiver = owner ? owner->onWelcome(welcome, shared_from_this()) : nullptr;
    if (!m_receiver) {
        m_link->close(steadyNow(), "it is not needed any more");
    }
}

void SocketWire::onFrame(const Frame& frame)
{
    if (!m_receiver) {
        return;
    }
    // It may let go of itself.
    const auto receiver = m_receiver;
    if (auto taken = receiver->onFrame(frame.kind, frame.body); !taken) {
        m_link->close(steadyNow(), taken.error().message);
    }
}

void SocketWire::onEnded(const Ended& ended)
{
    m_over = true;
    const auto receiver = std::exchange(m_receiver, nullptr);
    if (receiver) {
        receiver->onClosed(ended.why);
    } else if (const auto owner = m_owner.lock()) {
        owner->onUnborn(ended, m_visitor.address);
    }
    linger();
}

void SocketWire::read()
{
    if (m_reading || m_over || !m_link || m_link->phase() == Link::Phase::Ended) {
        return;
    }
    if (m_receiver && m_link->phase() == Link::Phase::Open && !m_receiver->takes()) {
        return;
    }
    m_reading = true;
    const auto space = m_link->space();
    const asio::mutable_buffer buffer(space.data(), space.size());
    const auto handler = [self = shared_from_this()](const error_code& error, std::size_t count) {
        self->onRead(error, count);
    };
    if (m_stream) {
        m_stream->async_read_some(buffer, handler);
    } else {
        m_socket.async_read_some(buffer, handler);
    }
}

void SocketWire::onRead(const error_code& error, std::size_t count)
{
    m_reading = false;
    if (m_over) {
        return;
    }
    if (count > 0) {
        m_link->arrived(steadyNow(), count);
    }
    if (error) {
        // What came before the end is still heard.
        pump();
        if (!m_over) {
            m_broken = true;
            m_link->broke(sentenceFor(error));
        }
    }
    pump();
    read();
}

void SocketWire::flushSoon()
{
    if (m_writing || m_flushPosted || m_over) {
        return;
    }
    m_flushPosted = true;
    // Later: what else is ready to be done now may have more to say, and goes with it.
    asio::defer(m_socket.get_executor(), [self = shared_from_this()] {
        self->m_flushPosted = false;
        self->pump();
    });
}

void SocketWire::flush()
{
    if (m_writing || m_over || !m_link || m_broken) {
        return;
    }
    const auto bytes = m_link->toWrite();
    if (bytes.empty()) {
        return;
    }
    m_writing = true;
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    const auto handler = [self = shared_from_this()](const error_code& error, std::size_t count) {
        self->onWritten(error, count);
    };
    if (m_stream) {
        m_stream->async_write_some(buffer, handler);
    } else {
        m_socket.async_write_some(buffer, handler);
    }
}

void SocketWire::onWritten(const error_code& error, std::size_t count)
{
    m_writing = false;
    if (m_over) {
        return;
    }
    if (error) {
        m_broken = true;
        m_link->broke(sentenceFor(error));
        pump();
        return;
    }
    const bool drained = m_link->written(steadyNow(), count);
    if (drained && m_receiver && m_link->phase() == Link::Phase::Open) {
        const auto receiver = m_receiver;
        receiver->onDrained();
    }
    pump();
}

/// The timer is rarely moved: it comes early, looks, and waits again.
void SocketWire::setTimer()
{
    if (m_over || !m_link) {
        return;
    }
    const auto due = m_link->due();
    if (!due || (m_timerAt && *m_timerAt <= *due)) {
        return;
    }
    m_timerAt = due;
    m_timer.expires_after(*due - steadyNow());
    m_timer.async_wait([self = shared_from_this()](const error_code& error) {
        if (error || self->m_over) {
            return;
        }
        self->m_timerAt.reset();
        self->m_link->tick(steadyNow());
        self->pump();
    });
}

/// Closing a socket with unread bytes resets the connection, and the last words would be lost: say
/// that nothing more comes, then swallow what the other side still says, for a while.
void SocketWire::linger()
{
    error_code error;
    if (!m_broken) {
        m_socket.shutdown(Socket::shutdown_send, error);
    }
    if (m_broken || error) {
        m_timer.cancel();
        m_socket.close(error);
        return;
    }
    m_timer.expires_after(m_settings.link.parting);
    m_timer.async_wait([self = shared_from_this()](const error_code& cancelled) {
        if (!cancelled) {
            error_code ignored;
            self->m_socket.close(ignored);
        }
    });
    drain();
}

void SocketWire::drain()
{
    m_socket.async_read_some(asio::buffer(m_sink),
                             [self = shared_from_this()](const error_code& error, std::size_t) {
                                 if (!error) {
                                     self->drain();
                                     return;
                                 }
                                 self->m_timer.cancel();
                                 error_code ignored;
                                 self->m_socket.close(ignored);
                             });
}

std::string SocketWire::sentenceFor(const error_code& error) const
{
    auto refused = whyRefusedByTls(error);
    if (!refused.empty()) {
        return refused;
    }
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
        return "it hung up";
    }
    if (error == asio::error::connection_reset || error == asio::error::broken_pipe) {
        return "the connection was reset";
    }
    return error.message();
}

} // namespace lightcone::live
