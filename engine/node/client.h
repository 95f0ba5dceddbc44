#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/node/effects.h"
#include "engine/node/payload.h"

#include <boost/describe.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lightcone::node {

class Protocol;

struct ClientSettings
{
    Duration timeout = std::chrono::milliseconds(500); ///< for one node's answer
    Duration backOff = std::chrono::milliseconds(20); ///< before the next try; doubles each time
    Duration mostBackOff = std::chrono::milliseconds(320);
    Duration patience = std::chrono::seconds(5); ///< for the whole operation
    bool retryRefused = false;
};

enum class ClientPhase : std::uint8_t { Idle, Waiting, Pausing };
BOOST_DESCRIBE_ENUM(ClientPhase, Idle, Waiting, Pausing)

/// What a client shows of itself.
struct ClientState
{
    ClientPhase phase = ClientPhase::Idle;
    std::string operation{}; ///< "Put"
    std::optional<NodeId> asks{};
    std::uint32_t tries = 0;
    std::optional<NodeId> believes{}; ///< whom it would ask next
    std::uint64_t queued = 0;
    std::uint32_t begun = 0; ///< operations so far
    std::string session{}; ///< what it brings along, in words; empty: nothing
};
BOOST_DESCRIBE_STRUCT(ClientState, (),
                      (phase, operation, asks, tries, believes, queued, begun, session))

/// The client that every protocol's cluster is asked by: one operation at a time, the others wait
/// in line. It asks the node that it believes to be the right one, follows redirects, and after a
/// time-out tries the next node with the same RequestId: doing it once is the protocol's part (Raft
/// dissertation §6.3). What the protocol has it remember of an answer (its session) it brings along
/// with what it asks next. A deterministic state machine: a driver tells it what happened and
/// performs the effects.
class Client
{
public:
    struct Operation
    {
        std::uint32_t sequence = 0;
        PayloadPtr body{};
        NodeId only{}; ///< asks this node and no other; none: whoever it believes in
        EventId origin{}; ///< who wanted it, for the trace
    };

    /// The first thing of an operation.
    struct Begin
    {
        RequestId request;
        NodeId to;
        PayloadPtr body;
        EventId origin;
    };
    struct Transmit
    {
        RequestId request;
        NodeId to;
        PayloadPtr body;
    };
    /// Nobody answered in time; another try follows, unless a Finish does.
    struct TimedOut
    {
        RequestId request;
        NodeId silent;
        Duration waited;
    };
    /// The last thing of an operation.
    struct Finish
    {
        RequestId request;
        Answer answer;
        NodeId by; ///< none when unknown
        PayloadPtr body; ///< none when unknown
    };
    using Effect = std::variant<Begin, Transmit, TimedOut, Finish>;
    using Effects = std::vector<Effect>;

    /// The servers are those that take requests, in the order in which it tries them.
    Client(NodeId self, std::vector<NodeId> servers, ClientSettings settings, const Protocol&);

    [[nodiscard]] NodeId self() const { return m_self; }

    /// Queues an operation and begins it when none is under way.
    RequestId submit(Instant now, PayloadPtr body, NodeId only, EventId origin, Effects&);

    void onReply(Instant now, NodeId from, RequestId, Answer, const PayloadPtr& body, Effects&);

    /// Nobody can answer there, which is known before the time is up: the connection is gone.
    void onUnreachable(Instant now, NodeId to, RequestId, Effects&);

    /// To be called when due() has come.
    void onDue(Instant now, Effects&);

    /// When it wants to be woken: a time-out or the end of a pause.
    [[nodiscard]] std::optional<Instant> due() const { return m_due; }

    /// Operations that were submitted and have not finished.
    [[nodiscard]] std::size_t open() const { return m_queue.size() + (m_current ? 1 : 0); }

    [[nodiscard]] std::optional<RequestId> current() const;

    [[nodiscard]] ClientState state() const;

private:
    enum class Wait : std::uint8_t { Answer, Pause };

    struct Current
    {
        Operation operation;
        NodeId asked{};
        Wait wait = Wait::Answer;
        Instant begun{};
        Instant askedAt{};
        std::uint32_t tries = 0;
        std::uint32_t redirects = 0; ///< since the last pause
        Duration pause{};
    };

    void beginNext(Instant now, Effects&);
    void ask(Instant now, NodeId to, Effects&);
    void giveUpOnAnswer(Instant now, Effects&);
    void pauseBeforeNext(Instant now);
    void finish(Instant now, Answer, NodeId by, PayloadPtr body, Effects&);
    void redirected(Instant now, NodeId from, const PayloadPtr& body, Effects&);
    [[nodiscard]] bool isServer(NodeId) const;
    [[nodiscard]] NodeId serverAfter(NodeId) const;
    [[nodiscard]] RequestId idOf(const Operation&) const;
    [[nodiscard]] Instant deadline() const { return m_current->begun + m_settings.patience; }

    NodeId m_self;
    std::vector<NodeId> m_servers;
    ClientSettings m_settings;
    const Protocol* m_protocol;
    NodeId m_believed;
    PayloadPtr m_session; ///< what Protocol::remember() gave, if anything
    std::uint32_t m_sequence = 0;
    std::deque<Operation> m_queue;
    std::optional<Current> m_current;
    std::optional<Instant> m_due;
};

} // namespace lightcone::node
