#pragma once

#include "engine/core/dice.h"
#include "engine/describe/described.h"
#include "engine/node/hosted.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lightcone::test {

/// One node of a protocol driven by hand: it is told what arrives and shows what it did. Its disk
/// is quick: what a step writes is on it when the step is over.
template <class P>
class DrivenNode
{
public:
    using Message = typename P::Message;
    using Request = typename P::Request;
    using Reply = typename P::Reply;
    using Write = typename P::Write;
    using Timer = typename P::Timer;
    using Parameters = typename P::Parameters;

    DrivenNode(std::uint32_t number, const Parameters& parameters)
        : m_setup(setupOf(parameters))
        , m_machine(node::Seat<P>{NodeId(number), m_setup})
        , m_dice(number)
    {
        start();
    }

    static node::SetupPtr setupOf(const Parameters& parameters)
    {
        auto setup = std::make_shared<node::Setup>();
        setup->members = P::members(parameters).value();
        setup->parameters = describe::toValue(parameters);
        setup->typed = std::make_shared<const Parameters>(parameters);
        return setup;
    }

    /// First boot, and after that a crash and a restart.
    void start()
    {
        m_machine = P(node::Seat<P>{m_machine.self(), m_setup});
        step([&](auto& out) { m_machine.onStart(moment(), m_disk, out); });
    }
    void receive(std::uint32_t from, Message message)
    {
        step([&](auto& out) { m_machine.onMessage(moment(), NodeId(from), message, out); });
    }
    /// Of several timers of a kind the one about that.
    void fire(Timer timer, std::uint64_t about = 0)
    {
        step([&](auto& out) {
            if constexpr (requires { m_machine.onTimer(moment(), timer, about, out); }) {
                m_machine.onTimer(moment(), timer, about, out);
            } else {
                m_machine.onTimer(moment(), timer, out);
            }
        });
    }
    RequestId ask(Request request, std::uint32_t client = 1)
    {
        const RequestId id{clientId(client), ++m_sequence};
        askAgain(id, std::move(request));
        return id;
    }
    void askAgain(RequestId id, Request request)
    {
        step([&](auto& out) { m_machine.onRequest(moment(), id, request, out); });
    }
    void wait(Duration duration) { m_now += duration; }

    [[nodiscard]] const P& machine() const { return m_machine; }
    [[nodiscard]] const typename P::Durable& disk() const { return m_disk; }
    [[nodiscard]] Instant now() const { return m_now; }
    [[nodiscard]] const node::SetupPtr& setup() const { return m_setup; }
    [[nodiscard]] const node::Effects& effects() const { return m_effects; }

    /// What the last step sent of that kind.
    template <class T>
    [[nodiscard]] std::vector<std::pair<NodeId, T>> sent() const
    {
        std::vector<std::pair<NodeId, T>> found;
        for (const auto& effect : m_effects) {
            const auto* send = std::get_if<node::Send>(&effect);
            if (send == nullptr) {
                continue;
            }
            if (const auto* held = std::get_if<T>(&node::payloadAs<Message>(*send->message))) {
                found.emplace_back(send->to, *held);
            }
        }
        return found;
    }

    template <class T>
    [[nodiscard]] std::optional<T> sentTo(std::uint32_t node) const
    {
        std::optional<T> newest;
        for (auto& [to, message] : sent<T>()) {
            if (to == NodeId(node)) {
                newest = std::move(message);
            }
        }
        return newest;
    }

    /// What the last step wrote of that kind, in what way.
    template <class T>
    [[nodiscard]] std::vector<std::pair<T, node::Sync>> written() const
    {
        std::vector<std::pair<T, node::Sync>> found;
        for (const auto& effect : m_effects) {
            if (const auto* write = std::get_if<node::Write>(&effect)) {
                if (const auto* held = std::get_if<T>(&node::payloadAs<Write>(*write->record))) {
                    found.emplace_back(*held, write->sync);
                }
            }
        }
        return found;
    }

    [[nodiscard]] std::vector<node::Reply> replies() const
    {
        std::vector<node::Reply> found;
        for (const auto& effect : m_effects) {
            if (const auto* reply = std::get_if<node::Reply>(&effect)) {
                found.push_back(*reply);
            }
        }
        return found;
    }

    /// What the last step answered to that request, of that kind of body.
    template <class T>
    [[nodiscard]] std::optional<T> answer(RequestId id) const
    {
        const auto* body = bodyFor<Reply>(id);
        const auto* held = body != nullptr ? std::get_if<T>(body) : nullptr;
        return held != nullptr ? std::optional(*held) : std::nullopt;
    }

    [[nodiscard]] std::optional<NodeId> redirect(RequestId id) const
    {
        const auto* body = bodyFor<node::Redirect>(id);
        return body != nullptr ? std::optional(body->to) : std::nullopt;
    }

    [[nodiscard]] std::string refusal(RequestId id) const
    {
        const auto* body = bodyFor<node::Refusal>(id);
        return body != nullptr ? body->reason : std::string();
    }

    [[nodiscard]] std::optional<Duration> armed(Timer timer) const
    {
        std::optional<Duration> after;
        for (const auto& effect : m_effects) {
            const auto* arm = std::get_if<node::Arm>(&effect);
            if (arm != nullptr && arm->timer.kind == describe::indexOf(timer)) {
                after = arm->after;
            }
        }
        return after;
    }

    [[nodiscard]] bool noted(std::string_view words) const
    {
        for (const auto& effect : m_effects) {
            const auto* note = std::get_if<node::Note>(&effect);
            if (note != nullptr && note->text.find(words) != std::string::npos) {
                return true;
            }
        }
        return false;
    }

private:
    [[nodiscard]] node::Moment moment() { return {m_now, m_dice}; }

    template <class Body>
    [[nodiscard]] const Body* bodyFor(RequestId id) const
    {
        for (const auto& effect : m_effects) {
            const auto* reply = std::get_if<node::Reply>(&effect);
            const auto* body =
                reply != nullptr ? node::payloadIf<Body>(reply->body.get()) : nullptr;
            if (body != nullptr && reply->request == id) {
                return body;
            }
        }
        return nullptr;
    }

    template <class Function>
    void step(Function function)
    {
        m_effects.clear();
        node::Out<P> out(m_effects);
        function(out);
        for (const auto& effect : m_effects) {
            if (const auto* write = std::get_if<node::Write>(&effect)) {
                m_disk.apply(node::payloadAs<Write>(*write->record));
            }
        }
    }

    node::SetupPtr m_setup;
    P m_machine;
    typename P::Durable m_disk;
    Dice m_dice;
    Instant m_now{};
    node::Effects m_effects;
    std::uint32_t m_sequence = 0;
};

} // namespace lightcone::test
