#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/live/tape.h"
#include "engine/node/card.h"
#include "engine/node/effects.h"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What is said on the peer port, by peers and by clients, and how every conversation begins. The
/// README beside this file documents it to the byte.
namespace lightcone::live {

/// Versions of the wire that this build speaks. A Hello says a range; the newest of both is taken.
constexpr std::uint32_t oldestWire = 1;
constexpr std::uint32_t newestWire = 1;

/// What a frame holds. Numbers are for good; a kind that is not known ends the connection.
enum class FrameKind : std::uint8_t {
    Hello = 1, ///< the first frame of whoever dialed
    Welcome = 2, ///< the first frame of whoever accepted, or Rejected
    Rejected = 3, ///< instead of Welcome; the connection then ends
    Ping = 4, ///< either side after a silence; no body
    Pong = 5, ///< answers a Ping at once; no body
    Goodbye = 6, ///< body: why, as text; the connection then ends
    Message = 16, ///< a MessageHeader, then node::Payload::encode() of the protocol's Message
    Request = 17, ///< a RequestHeader, then the protocol's Request
    Reply = 18, ///< a ReplyHeader, then what its answer says
    Control = 32, ///< what control.h says, on the control port only
};

/// What somebody dials for.
enum class Purpose : std::uint8_t {
    Peer, ///< a node with messages for the node that it dials: they go one way
    Client, ///< requests, answered by replies
    Control, ///< watching and disturbing
};
BOOST_DESCRIBE_ENUM(Purpose, Peer, Client, Control)

/// The first thing said. Behind the members a newer build may say more, which an older one passes
/// over.
struct Hello
{
    std::uint32_t oldest = oldestWire;
    std::uint32_t newest = newestWire;
    Purpose purpose = Purpose::Peer;
    std::string software{}; ///< "lightcone 0.1.0", for logs
    std::string cluster{}; ///< its name; empty: whichever it is (not for peers)
    std::string protocol{}; ///< "raft"; empty: whichever it is (not for peers)
    std::uint64_t shapes = 0; ///< shapesOf() the protocol; 0: not known (not for peers)
    NodeId from{}; ///< a peer's id; none for others
    NodeId to{}; ///< whom it believes to have dialed; none: whoever it is
    std::uint64_t incarnation = 0; ///< a peer's: how many times it has booted
    std::string token{}; ///< on loopback without TLS, where the port asks for one
};
BOOST_DESCRIBE_STRUCT(Hello, (),
                      (oldest, newest, purpose, software, cluster, protocol, shapes, from, to,
                       incarnation, token))

/// A member of the cluster and where it is reached.
struct MemberAddress
{
    NodeId id{};
    std::string name{}; ///< "n1"
    std::string peer{}; ///< "127.0.0.1:7101", for peers and clients
    std::string control{}; ///< "127.0.0.1:7201"; empty: not known
    bool takesRequests = true;
    friend bool operator==(const MemberAddress&, const MemberAddress&) = default;
};
BOOST_DESCRIBE_STRUCT(MemberAddress, (), (id, name, peer, control, takesRequests))

/// The answer to a Hello that is welcome. It too may be longer in a newer build.
struct Welcome
{
    std::uint32_t version = newestWire; ///< what is spoken from here on
    std::string software{};
    std::string cluster{};
    std::string protocol{};
    std::uint64_t shapes = 0;
    NodeId node{};
    std::uint64_t incarnation = 0;
    std::vector<MemberAddress> members{};
};
BOOST_DESCRIBE_STRUCT(Welcome, (),
                      (version, software, cluster, protocol, shapes, node, incarnation, members))

enum class Rejection : std::uint8_t {
    Malformed, ///< not a Hello
    Version, ///< no version in common
    Cluster, ///< another cluster
    Protocol, ///< another protocol
    Build, ///< the same protocol with other shapes
    Node, ///< another node than the one wanted, or nobody's or somebody else's id
    Role, ///< the certificate's role may not do this
    Token, ///< no token, or the wrong one
    Busy, ///< too many connections
    Purpose, ///< not on this port
    Stopping, ///< the node is about to leave
};
BOOST_DESCRIBE_ENUM(Rejection, Malformed, Version, Cluster, Protocol, Build, Node, Role, Token,
                    Busy, Purpose, Stopping)

/// The answer to a Hello that is not.
struct Rejected
{
    Rejection code = Rejection::Malformed;
    std::string reason{}; ///< one sentence
};
BOOST_DESCRIBE_STRUCT(Rejected, (), (code, reason))

/// Before a message. Who sent it, and in which incarnation, its connection's Hello said.
struct MessageHeader
{
    std::uint64_t step = 0; ///< MessageName::step
    std::uint32_t index = 0; ///< MessageName::index
    HybridTime time{}; ///< the sender's when the message left
};
BOOST_DESCRIBE_STRUCT(MessageHeader, (), (step, index, time))

/// Before a request. One connection carries the operations of any number of clients.
struct RequestHeader
{
    RequestId request{}; ///< client: from firstClient on, drawn at random; the same on a retry
};
BOOST_DESCRIBE_STRUCT(RequestHeader, (), (request))

/// Before the body of a reply: of Done the protocol's Reply, of Redirected node::Redirect, of
/// Refused node::Refusal. Unknown is never sent: who hears nothing decides that by itself.
struct ReplyHeader
{
    RequestId request{};
    node::Answer answer = node::Answer::Done;
    std::string address{}; ///< of Redirected: the peer port of the node to ask, where it is known
};
BOOST_DESCRIBE_STRUCT(ReplyHeader, (), (request, answer, address))

/// A fingerprint of everything that a protocol's build puts on the wire and on the tape: builds
/// that agree in it understand each other's bytes.
std::uint64_t shapesOf(const node::Card&);

// Bodies of frames. What is read comes from strangers: an Error says what does not fit.
Bytes toBody(const Hello&);
Bytes toBody(const Welcome&);
Bytes toBody(const Rejected&);
Result<Hello> readHello(BytesView body);
Result<Welcome> readWelcome(BytesView body);
Result<Rejected> readRejected(BytesView body);

/// A header and the bytes behind it, which are part of the body that was read.
template <class Header>
struct Headed
{
    Header header{};
    BytesView rest{};
};
Result<Headed<MessageHeader>> readMessage(BytesView body);
Result<Headed<RequestHeader>> readRequest(BytesView body);
Result<Headed<ReplyHeader>> readReply(BytesView body);
void append(const MessageHeader&, Bytes& out);
void append(const RequestHeader&, Bytes& out);
void append(const ReplyHeader&, Bytes& out);

} // namespace lightcone::live
