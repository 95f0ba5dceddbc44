#pragma once

#include "engine/node/hosted.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// A small protocol for the tests of the rooms that drive protocols: a token goes round a ring,
/// each node makes its number durable before it passes it on; the first node keeps a total that
/// clients add to, once each.
namespace lightcone::test {

struct Token
{
    std::uint64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(Token, (), (round))

struct Ack
{
    std::uint64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(Ack, (), (round))

struct Add
{
    std::int64_t amount = 1;
};
BOOST_DESCRIBE_STRUCT(Add, (), (amount))

/// Answered by any node from what it knows.
struct Look
{
    std::string what{};
};
BOOST_DESCRIBE_STRUCT(Look, (), (what))

struct Total
{
    std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(Total, (), (total))

struct Passed
{
    std::uint64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(Passed, (), (round))

struct Added
{
    RequestId request{};
    std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(Added, (), (request, amount))

enum class RingTimer : std::uint8_t { Pass, Resend };
BOOST_DESCRIBE_ENUM(RingTimer, Pass, Resend)

struct RingParameters
{
    std::uint32_t nodes = 3;
    std::uint32_t spares = 0;
    Duration hold = std::chrono::milliseconds(2);
    Duration resend = std::chrono::milliseconds(40);
    bool lazy = false; ///< the known mistake: passes on what is not durable
};
BOOST_DESCRIBE_STRUCT(RingParameters, (), (nodes, spares, hold, resend, lazy))

struct RingDurable
{
    std::uint64_t round = 0;
    std::int64_t total = 0;
    std::map<NodeId, std::uint32_t> done{};

    void apply(const std::variant<Passed, Added>& write)
    {
        if (const auto* passed = std::get_if<Passed>(&write)) {
            round = std::max(round, passed->round);
        } else {
            const auto& added = std::get<Added>(write);
            total += added.amount;
            done[added.request.client] = added.request.sequence;
        }
    }
};
BOOST_DESCRIBE_STRUCT(RingDurable, (), (round, total, done))

class Ring
{
public:
    using Message = std::variant<Token, Ack>;
    using Request = std::variant<Add, Look>;
    using Reply = Total;
    using Write = std::variant<Passed, Added>;
    using Timer = RingTimer;
    using Parameters = RingParameters;
    using Durable = RingDurable;
    using Output = node::Out<Ring>;

    explicit Ring(const node::Seat<Ring>& seat)
        : m_self(seat.self)
        , m_parameters(seat.parameters())
    {
    }

    static node::Card card()
    {
        node::Card card;
        card.id = "ring";
        card.title = "Token ring";
        card.family = "Tests";
        card.summary = "A token goes round.";
        for (const auto* name : {"nodes", "spares", "hold", "resend", "lazy"}) {
            card.parameters.push_back({name, "A parameter.", {}});
        }
        card.requests.push_back({"add", "Adds to the total.", "add 1", {}});
        card.requests.push_back({"look", "The total as this node knows it.", "look", {}, true});
        card.invariants.push_back(invariantCard());
        card.mistakes.push_back(
            {"lazy", "Passes on what is not durable.", "durable before passed"});
        return card;
    }

    static Result<std::vector<node::Member>> members(const Parameters& parameters)
    {
        if (parameters.nodes < 2) {
            return fail("nodes: expected at least 2");
        }
        std::vector<node::Member> members;
        for (std::uint32_t i = 1; i <= parameters.nodes + parameters.spares; ++i) {
            node::Member member{NodeId(i), "n" + std::to_string(i), ""};
            member.spare = i > parameters.nodes;
            members.push_back(std::move(member));
        }
        return members;
    }

    static node::InvariantCard invariantCard()
    {
        return {"durable before passed", "Who passed a round on has it on its disk.", "this file"};
    }

    struct DurableBeforePassed
    {
        std::uint32_t nodes = 0;
        std::optional<std::string> observe(const node::Observation& seen) const;
    };

    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr& setup)
    {
        const auto nodes = static_cast<const Parameters*>(setup->typed.get())->nodes;
        std::vector<std::unique_ptr<node::Invariant>> all;
        all.push_back(std::make_unique<node::HostedInvariant<DurableBeforePassed>>(
            invariantCard(), DurableBeforePassed{nodes}));
        return all;
    }

    void onStart(const node::Moment&, const Durable& durable, Output& out)
    {
        m_round = durable.round;
        m_total = durable.total;
        m_done = durable.done;
        if (m_round > 0 || m_self == NodeId(1)) {
            out.arm(Timer::Pass, m_parameters.hold);
        }
        out.note("starts at round {}", m_round);
    }

    void onMessage(const node::Moment&, NodeId from, const Message& message, Output& out)
    {
        if (const auto* token = std::get_if<Token>(&message)) {
            if (token->round > m_round) {
                m_round = token->round;
                const auto sync = m_parameters.lazy ? node::Sync::Lazy : node::Sync::Forced;
                out.write(Passed{m_round}, sync);
                out.arm(Timer::Pass, m_parameters.hold);
            }
            out.send(from, Ack{token->round});
        } else if (std::get<Ack>(message).round == m_round + 1) {
            out.disarm(Timer::Resend);
        }
    }

    void onTimer(const node::Moment&, Timer, Output& out)
    {
        out.send(next(), Token{m_round + 1});
        out.arm(Timer::Resend, m_parameters.resend);
    }

    void onRequest(const node::Moment&, RequestId id, const Request& request, Output& out)
    {
        if (std::holds_alternative<Look>(request)) {
            out.reply(id, Total{m_total});
        } else if (m_self != NodeId(1)) {
            out.redirect(id, NodeId(1));
        } else {
            add(id, std::get<Add>(request).amount, out);
        }
    }

    [[nodiscard]] std::uint64_t round() const { return m_round; }
    [[nodiscard]] std::int64_t total() const { return m_total; }

private:
    BOOST_DESCRIBE_CLASS(Ring, (), (), (), (m_self, m_round, m_total, m_done))

    void add(RequestId id, std::int64_t amount, Output& out)
    {
        if (amount < 0) {
            out.refuse(id, "the total only grows");
            return;
        }
        auto& done = m_done[id.client];
        if (id.sequence > done) {
            done = id.sequence;
            m_total += amount;
            out.write(Added{id, amount});
        }
        out.reply(id, Total{m_total});
    }

    [[nodiscard]] NodeId next() const { return NodeId(m_self.value % m_parameters.nodes + 1); }

    NodeId m_self;
    RingParameters m_parameters;
    std::uint64_t m_round = 0;
    std::int64_t m_total = 0;
    std::map<NodeId, std::uint32_t> m_done;
};

const node::Protocol& ringProtocol();
node::SetupPtr ringSetup(const RingParameters& parameters = {});
node::PayloadPtr ringRequest(Ring::Request request);

} // namespace lightcone::test

// Instantiated once, in ring.cpp.
namespace lightcone::node {
extern template class TypedPayload<test::Ring::Message>;
extern template class TypedPayload<test::Ring::Request>;
extern template class TypedPayload<test::Ring::Reply>;
extern template class TypedPayload<test::Ring::Write>;
} // namespace lightcone::node
