#pragma once

#include "engine/live/connection.h"
#include "engine/live/link.h"
#include "engine/live/log.h"
#include "engine/live/tls.h"
#include "engine/live/transport.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace lightcone::live {

/// A Link on a socket: reads, writes, handshakes and keeps the time for it, and decides nothing.
/// Pending operations keep it alive.
class SocketWire final : public Connection, public std::enable_shared_from_this<SocketWire>
{
public:
    using Socket = boost::asio::ip::tcp::socket;

    /// Whoever accepted or dialed, told how it began.
    class Owner
    {
    public:
        Owner() = default;
        Owner(const Owner&) = delete;
        Owner& operator=(const Owner&) = delete;
        virtual ~Owner() = default;

        /// The handshake is over; certified: with TLS. Gives who the visitor is, or why it is not
        /// wanted.
        virtual Result<Visitor> onProved(const std::optional<Certified>& certified,
                                         const std::string& address) = 0;

        /// Of a link that was accepted.
        virtual std::variant<Porter::Entrance, Rejected> onHello(const Hello&,
                                                                 const ConnectionPtr& wire) = 0;

        /// Of a link that was dialed.
        virtual ReceiverPtr onWelcome(const Welcome&, const ConnectionPtr& wire) = 0;

        /// It ended before there was a Receiver.
        virtual void onUnborn(const Ended&, const std::string& address) = 0;
    };

    /// The owner may go before the wire does.
    SocketWire(Socket socket, TlsPtr tls, const TransportSettings& settings,
               std::weak_ptr<Owner> owner);
    ~SocketWire() override;
    SocketWire(const SocketWire&) = delete;
    SocketWire& operator=(const SocketWire&) = delete;

    void startAccepted();
    void startDialed(const Hello& hello);

    /// Ends without a word to anybody.
    void abandon();

    // Connection
    [[nodiscard]] const Visitor& visitor() const override { return m_visitor; }
    bool send(FrameKind kind, BytesView body) override { return send(kind, body, {}); }
    bool send(FrameKind, BytesView head, BytesView rest) override;
    [[nodiscard]] std::size_t queued() const override;
    void close(std::string why) override;
    void wake() override;

private:
    /// The wires of one io_context. What is still open when that goes is let go of: a wire and its
    /// receiver hold each other until one of them ends.
    class Wires;

    void start();
    void handshake();
    void proved();
    void pump();
    void handle(LinkEvent&);
    void onHello(const Hello&);
    void onWelcome(const Welcome&);
    void onFrame(const Frame&);
    void onEnded(const Ended&);
    void read();
    void onRead(const boost::system::error_code&, std::size_t count);
    void flushSoon();
    void flush();
    void onWritten(const boost::system::error_code&, std::size_t count);
    void setTimer();
    void linger();
    void drain();
    void failBeforeLink(const std::string& why);
    [[nodiscard]] std::string sentenceFor(const boost::system::error_code&) const;

    std::shared_ptr<std::set<SocketWire*>> m_wires;
    Socket m_socket;
    TlsPtr m_tls;
    std::optional<boost::asio::ssl::stream<Socket&>> m_stream;
    boost::asio::steady_timer m_timer;
    TransportSettings m_settings;
    std::weak_ptr<Owner> m_owner;
    std::optional<Hello> m_hello; ///< of a link that dials
    std::optional<Link> m_link;
    Visitor m_visitor;
    ReceiverPtr m_receiver;
    std::array<char, 512> m_sink{}; ///< for what comes after the end
    std::optional<Instant> m_timerAt;
    bool m_reading = false;
    bool m_writing = false;
    bool m_flushPosted = false;
    bool m_pumping = false;
    bool m_over = false; ///< the end has been told
    bool m_broken = false; ///< the socket failed
};

} // namespace lightcone::live
