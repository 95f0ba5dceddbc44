#pragma once

#include "engine/node/out.h"
#include "engine/node/protocol.h"

#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace lightcone::node {

/// Who a node is: handed to the protocol's constructor.
template <class P>
struct Seat
{
    NodeId self;
    SetupPtr setup;

    [[nodiscard]] const typename P::Parameters& parameters() const
    {
        return *static_cast<const typename P::Parameters*>(setup->typed.get());
    }
    [[nodiscard]] const std::vector<Member>& members() const { return setup->members; }
};

/// What a protocol's author writes: a copyable class with these types and handlers.
/// - Message, Request, Reply, Write: std::variant of described structs (Reply may be one struct);
/// - Timer: a described enum; Parameters, Durable: described structs;
/// - Durable: what survives a crash, with void apply(const Write&); a described value;
/// - the class itself is described: every member that is state, private ones too;
/// - a constructor P(Seat<P>), the handlers below, and static functions:
///   Card card() (texts; the shapes, defaults and timers are filled in),
///   Result<std::vector<Member>> members(const Parameters&),
///   std::vector<std::unique_ptr<Invariant>> invariants(const SetupPtr&).
/// It may have a Session: see RemembersAnswers.
template <class P>
concept ProtocolClass =
    std::copy_constructible<P> && std::constructible_from<P, Seat<P>> && requires(
        P p, const Moment& moment, NodeId from, const typename P::Durable& durable,
        typename P::Durable& disk, const typename P::Message& message,
        const typename P::Request& request, const typename P::Write& write,
        const typename P::Parameters& parameters, Out<P>& out)
{
    p.onStart(moment, durable, out);
    p.onMessage(moment, from, message, out);
    p.onRequest(moment, RequestId{}, request, out);
    disk.apply(write);
    {
        P::card()
        } -> std::same_as<Card>;
    {
        P::members(parameters)
        } -> std::same_as<Result<std::vector<Member>>>;
    {
        P::invariants(SetupPtr{})
        } -> std::same_as<std::vector<std::unique_ptr<Invariant>>>;
};

/// A protocol whose clients bring along what they were told: Session is a described struct, empty
/// at first, that hears each answer and puts what it knows into a request.
template <class P>
concept RemembersAnswers = requires(typename P::Session session, const typename P::Session& known,
                                    const typename P::Request& request,
                                    const typename P::Reply& reply)
{
    session.hear(request, reply);
    {
        known.ask(request)
        } -> std::same_as<typename P::Request>;
};

template <class P>
class HostedDisk final : public Disk
{
public:
    using Durable = typename P::Durable;

    HostedDisk() = default;
    explicit HostedDisk(Durable durable)
        : m_durable(std::move(durable))
    {
    }

    [[nodiscard]] const Durable& durable() const { return m_durable; }
    [[nodiscard]] std::unique_ptr<Disk> clone() const override
    {
        return std::make_unique<HostedDisk>(m_durable);
    }
    void apply(const Payload& write) override
    {
        m_durable.apply(payloadAs<typename P::Write>(write));
    }
    [[nodiscard]] describe::Value describe() const override { return describe::toValue(m_durable); }
    void encode(Bytes& out) const override
    {
        ByteWriter writer(out);
        describe::encode(m_durable, writer);
    }
    [[nodiscard]] const void* typeKey() const override { return typeKeyOf<Durable>(); }

private:
    Durable m_durable{};
};

template <class P>
class HostedNode final : public Node
{
public:
    explicit HostedNode(P machine)
        : m_machine(std::move(machine))
    {
    }

    [[nodiscard]] const P& machine() const { return m_machine; }
    [[nodiscard]] std::unique_ptr<Node> clone() const override
    {
        return std::make_unique<HostedNode>(m_machine);
    }

    void onStart(const Moment& moment, const Disk& disk, Effects& effects) override
    {
        check(disk.typeKey() == typeKeyOf<typename P::Durable>(), "a disk of this protocol");
        Out<P> out(effects);
        m_machine.onStart(moment, static_cast<const HostedDisk<P>&>(disk).durable(), out);
    }

    void onMessage(const Moment& moment, NodeId from, const Payload& message,
                   Effects& effects) override
    {
        Out<P> out(effects);
        m_machine.onMessage(moment, from, payloadAs<typename P::Message>(message), out);
    }

    void onTimer(const Moment& moment, TimerId timer, Effects& effects) override
    {
        Out<P> out(effects);
        const auto kind = describe::enumeratorAt<typename P::Timer>(timer.kind);
        check(kind.has_value(), "a timer of this protocol");
        if constexpr (requires { m_machine.onTimer(moment, *kind, timer.about, out); }) {
            m_machine.onTimer(moment, *kind, timer.about, out);
        } else {
            m_machine.onTimer(moment, *kind, out);
        }
    }

    void onRequest(const Moment& moment, RequestId id, const Payload& request,
                   Effects& effects) override
    {
        Out<P> out(effects);
        m_machine.onRequest(moment, id, payloadAs<typename P::Request>(request), out);
    }

    [[nodiscard]] describe::Value describe() const override { return describe::toValue(m_machine); }
    [[nodiscard]] describe::Value field(std::string_view name) const override
    {
        return describe::fieldToValue(m_machine, name);
    }
    void encode(Bytes& out) const override
    {
        ByteWriter writer(out);
        describe::encode(m_machine, writer);
    }
    [[nodiscard]] const void* typeKey() const override { return typeKeyOf<P>(); }

private:
    P m_machine;
};

/// The typed machine of a node, for invariants and tests of the protocol itself.
template <class P>
const P& machineOf(const Node& node)
{
    check(node.typeKey() == typeKeyOf<P>(), "a node of the expected protocol");
    return static_cast<const HostedNode<P>&>(node).machine();
}

template <class P>
const typename P::Durable& durableOf(const Disk& disk)
{
    check(disk.typeKey() == typeKeyOf<typename P::Durable>(), "a disk of the expected protocol");
    return static_cast<const HostedDisk<P>&>(disk).durable();
}

template <class Checker>
concept NeedsWholeRun = requires
{
    requires Checker::needsWholeRun;
};

/// An Invariant from a copyable class with std::optional<std::string> observe(const Observation&).
/// A class that would see a fault where it has only missed what was done before says so:
/// `static constexpr bool needsWholeRun = true;`.
template <class Checker>
class HostedInvariant final : public Invariant
{
public:
    HostedInvariant(InvariantCard card, Checker checker)
        : m_card(std::move(card))
        , m_checker(std::move(checker))
    {
        m_card.needsWholeRun = NeedsWholeRun<Checker>;
    }

    [[nodiscard]] const InvariantCard& card() const override { return m_card; }
    [[nodiscard]] std::unique_ptr<Invariant> clone() const override
    {
        return std::make_unique<HostedInvariant>(m_card, m_checker);
    }
    [[nodiscard]] std::optional<std::string> observe(const Observation& observation) override
    {
        return m_checker.observe(observation);
    }

private:
    InvariantCard m_card;
    Checker m_checker;
};

/// Completes a card with what the types of P say: shapes, default values, timer names.
template <ProtocolClass P>
Card completeCard()
{
    auto card = P::card();
    card.state = describe::shapeOf<P>();
    card.message = describe::shapeOf<typename P::Message>();
    card.request = describe::shapeOf<typename P::Request>();
    card.reply = describe::shapeOf<typename P::Reply>();
    card.write = describe::shapeOf<typename P::Write>();
    for (const auto& timer : describe::shapeOf<typename P::Timer>()->enumerators) {
        card.timers.push_back(timer.name);
    }
    const auto defaults = describe::toValue(typename P::Parameters{});
    for (auto& parameter : card.parameters) {
        const auto* byDefault = defaults.find(parameter.name);
        check(byDefault != nullptr, "a parameter's card names a member of Parameters");
        parameter.byDefault = *byDefault;
    }
    check(card.parameters.size() == defaults.children().size(), "every parameter has a card");
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, typename P::Request>>(
        [&](auto type) {
            using Alternative = typename decltype(type)::type;
            const auto name = describe::enumeratorName(describe::typeName<Alternative>());
            for (auto& request : card.requests) {
                if (request.name == name) {
                    request.byDefault = describe::toValue(Alternative{});
                }
            }
        });
    for (const auto& request : card.requests) {
        check(request.byDefault.exists(), "a request's card names an alternative of Request");
    }
    check(card.requests.size() == std::variant_size_v<typename P::Request>,
          "every request has a card");
    return card;
}

/// The Protocol of a class P: what engine/protocols/<name>/protocol.cpp returns from its
/// protocol().
template <ProtocolClass P>
class Hosted : public Protocol
{
public:
    Hosted()
        : m_card(completeCard<P>())
    {
    }

    [[nodiscard]] const Card& card() const override { return m_card; }

    [[nodiscard]] Result<SetupPtr> setup(const describe::Value& parameters) const override
    {
        auto typed = describe::fromValue<typename P::Parameters>(parameters);
        if (!typed) {
            return typed.error();
        }
        auto members = P::members(*typed);
        if (!members) {
            return members.error();
        }
        auto setup = std::make_shared<Setup>();
        setup->members = std::move(*members);
        setup->parameters = describe::toValue(*typed);
        setup->typed = std::make_shared<const typename P::Parameters>(std::move(*typed));
        return SetupPtr(std::move(setup));
    }

    [[nodiscard]] std::unique_ptr<Node> makeNode(NodeId self, const SetupPtr& setup) const override
    {
        return std::make_unique<HostedNode<P>>(P(Seat<P>{self, setup}));
    }

    [[nodiscard]] std::unique_ptr<Disk> makeDisk() const override
    {
        return std::make_unique<HostedDisk<P>>();
    }

    [[nodiscard]] std::vector<std::unique_ptr<Invariant>>
    invariants(const SetupPtr& setup) const override
    {
        return P::invariants(setup);
    }

    [[nodiscard]] Result<std::unique_ptr<Node>>
    restoreNode(NodeId self, const SetupPtr& setup, const describe::Value& state) const override
    {
        P machine(Seat<P>{self, setup});
        if (const auto misfit = describe::detail::assign(state, machine)) {
            return misfit->error();
        }
        return std::unique_ptr<Node>(std::make_unique<HostedNode<P>>(std::move(machine)));
    }

    [[nodiscard]] Result<std::unique_ptr<Disk>>
    restoreDisk(const describe::Value& value) const override
    {
        auto durable = describe::fromValue<typename P::Durable>(value);
        if (!durable) {
            return durable.error();
        }
        return std::unique_ptr<Disk>(std::make_unique<HostedDisk<P>>(std::move(*durable)));
    }

    [[nodiscard]] Result<std::unique_ptr<Disk>> disk(BytesView bytes) const override
    {
        auto durable = describe::fromBytes<typename P::Durable>(bytes);
        if (!durable) {
            return durable.error();
        }
        return std::unique_ptr<Disk>(std::make_unique<HostedDisk<P>>(std::move(*durable)));
    }

    [[nodiscard]] Result<PayloadPtr> payload(PayloadRole role,
                                             const describe::Value& value) const override
    {
        return withType(role, [&](auto type) -> Result<PayloadPtr> {
            auto typed = describe::fromValue<typename decltype(type)::type>(value);
            return typed ? Result<PayloadPtr>(makePayload(std::move(*typed))) : typed.error();
        });
    }

    [[nodiscard]] Result<PayloadPtr> payload(PayloadRole role, BytesView bytes) const override
    {
        return withType(role, [&](auto type) -> Result<PayloadPtr> {
            auto typed = describe::fromBytes<typename decltype(type)::type>(bytes);
            return typed ? Result<PayloadPtr>(makePayload(std::move(*typed))) : typed.error();
        });
    }

    [[nodiscard]] PayloadPtr remember(PayloadPtr session, const Payload& request,
                                      const Payload& reply) const override
    {
        if constexpr (RemembersAnswers<P>) {
            auto next = session ? payloadAs<typename P::Session>(*session) : typename P::Session{};
            next.hear(payloadAs<typename P::Request>(request), payloadAs<typename P::Reply>(reply));
            return makePayload(std::move(next));
        }
        return session;
    }

    [[nodiscard]] PayloadPtr recall(const PayloadPtr& session, PayloadPtr request) const override
    {
        if constexpr (RemembersAnswers<P>) {
            if (session) {
                return makePayload(payloadAs<typename P::Session>(*session).ask(
                    payloadAs<typename P::Request>(*request)));
            }
        }
        return request;
    }

private:
    template <class Function>
    static Result<PayloadPtr> withType(PayloadRole role, Function function)
    {
        switch (role) {
        case PayloadRole::Message:
            return function(std::type_identity<typename P::Message>{});
        case PayloadRole::Request:
            return function(std::type_identity<typename P::Request>{});
        case PayloadRole::Reply:
            return function(std::type_identity<typename P::Reply>{});
        case PayloadRole::Write:
            return function(std::type_identity<typename P::Write>{});
        }
        checkFailed("a known payload role", BOOST_CURRENT_LOCATION);
    }

    Card m_card;
};

} // namespace lightcone::node
