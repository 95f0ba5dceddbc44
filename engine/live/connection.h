#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"
#include "engine/live/messages.h"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

/// Conversations as those see them who take part: no socket, no frame's length, no certificate.
namespace lightcone::live {

/// What somebody may do, as the OU of its certificate says: a peer runs a member of the cluster, a
/// client asks, an observer watches, an operator watches, asks and disturbs.
enum class Role : std::uint8_t { Peer, Client, Observer, Operator };
BOOST_DESCRIBE_ENUM(Role, Peer, Client, Observer, Operator)

/// Who is at the other end.
struct Visitor
{
    Role role = Role::Observer;
    std::string name{}; ///< of the certificate; "token", or empty where nothing was asked for
    std::string address{}; ///< "127.0.0.1:51234"
    bool proved = false; ///< by a certificate or a token; else it came in over loopback
};

/// One open conversation: both sides have greeted each other. Lives on one io_context; all its
/// functions are called there.
class Connection
{
public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    [[nodiscard]] virtual const Visitor& visitor() const = 0;

    /// Queues a frame. False when the queue is full or the connection is closed: then nothing is
    /// sent, and nothing else happens.
    virtual bool send(FrameKind, BytesView body) = 0;

    /// The same with a body in two pieces.
    virtual bool send(FrameKind, BytesView head, BytesView rest) = 0;

    /// Bytes that wait to be taken by the system.
    [[nodiscard]] virtual std::size_t queued() const = 0;

    /// Says Goodbye and why, sends what is queued as far as the other side takes it soon, and ends.
    /// Receiver::onClosed follows, later.
    virtual void close(std::string why) = 0;

    /// Receiver::takes() may have become true.
    virtual void wake() { }
};
using ConnectionPtr = std::shared_ptr<Connection>;

/// Who takes what comes over a connection.
class Receiver
{
public:
    Receiver() = default;
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;
    virtual ~Receiver() = default;

    /// The body lives until this returns. An error ends the connection and is told to the other
    /// side.
    virtual Result<void> onFrame(FrameKind, BytesView body) = 0;

    /// What was queued has been sent: there is room again.
    virtual void onDrained() { }

    /// The last thing; why is one sentence.
    virtual void onClosed(const std::string& why) = 0;

    /// Asked before each frame; false holds them back until Connection::wake(), so that the other
    /// side feels it.
    [[nodiscard]] virtual bool takes() const { return true; }
};
using ReceiverPtr = std::shared_ptr<Receiver>;

/// Who decides about strangers at a port. They have already proved what TLS or a token proves.
class Porter
{
public:
    Porter() = default;
    Porter(const Porter&) = delete;
    Porter& operator=(const Porter&) = delete;
    virtual ~Porter() = default;

    struct Entrance
    {
        Welcome welcome{};
        ReceiverPtr receiver{};
    };

    /// Lets somebody in or says why not. The connection may be used from the Receiver's first call
    /// on, not yet here.
    virtual std::variant<Entrance, Rejected> onHello(const Hello&, const ConnectionPtr&) = 0;
};

} // namespace lightcone::live
