#pragma once

#include "engine/core/dice.h"
#include "engine/protocols/raft/raft.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::protocols::raft {

/// One Raft server driven by hand: it is told what arrives and shows what it did. Its disk is
/// quick: what a step writes is on it when the step is over.
class Server
{
public:
    static Parameters quiet()
    {
        Parameters parameters;
        parameters.preVote = false;
        return parameters;
    }

    explicit Server(std::uint32_t number = 1, const Parameters& parameters = quiet())
        : m_setup(setupOf(parameters))
        , m_machine(node::Seat<Raft>{NodeId(number), m_setup})
        , m_dice(number)
    {
        start();
    }

    static node::SetupPtr setupOf(const Parameters& parameters)
    {
        auto setup = std::make_shared<node::Setup>();
        setup->members = Raft::members(parameters).value();
        setup->parameters = describe::toValue(parameters);
        setup->typed = std::make_shared<const Parameters>(parameters);
        return setup;
    }

    void start()
    {
        m_machine = Raft(node::Seat<Raft>{m_machine.self(), m_setup});
        step([&](auto& out) { m_machine.onStart(moment(), m_disk, out); });
    }
    void receive(std::uint32_t from, Message message)
    {
        step([&](auto& out) { m_machine.onMessage(moment(), NodeId(from), message, out); });
    }
    void fire(Timer timer)
    {
        step([&](auto& out) { m_machine.onTimer(moment(), timer, out); });
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

    /// Becomes leader of the next term with the votes of n2 and n3.
    void lead()
    {
        fire(Timer::Election);
        const auto term = machine().term();
        receive(2, Vote{term, true});
        receive(3, Vote{term, true});
    }

    [[nodiscard]] const Raft& machine() const { return m_machine; }
    [[nodiscard]] const Durable& disk() const { return m_disk; }
    [[nodiscard]] Instant now() const { return m_now; }
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
            const auto& message = node::payloadAs<Message>(*send->message);
            if (const auto* held = std::get_if<T>(&message)) {
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

    /// What the last step wrote of that kind.
    template <class T>
    [[nodiscard]] std::vector<T> written() const
    {
        std::vector<T> found;
        for (const auto& effect : m_effects) {
            if (const auto* write = std::get_if<node::Write>(&effect)) {
                if (const auto* held = std::get_if<T>(&node::payloadAs<Write>(*write->record))) {
                    found.push_back(*held);
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
        for (const auto& reply : replies()) {
            if (reply.request != id) {
                continue;
            }
            if (const auto* body = node::payloadIf<Reply>(reply.body.get())) {
                if (const auto* held = std::get_if<T>(body)) {
                    return *held;
                }
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<NodeId> redirect(RequestId id) const
    {
        for (const auto& reply : replies()) {
            const auto* body = node::payloadIf<node::Redirect>(reply.body.get());
            if (reply.request == id && body != nullptr) {
                return body->to;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::string refusal(RequestId id) const
    {
        for (const auto& reply : replies()) {
            const auto* body = node::payloadIf<node::Refusal>(reply.body.get());
            if (reply.request == id && body != nullptr) {
                return body->reason;
            }
        }
        return {};
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

    template <class Function>
    void step(Function function)
    {
        m_effects.clear();
        node::Out<Raft> out(m_effects);
        function(out);
        for (const auto& effect : m_effects) {
            if (const auto* write = std::get_if<node::Write>(&effect)) {
                m_disk.apply(node::payloadAs<Write>(*write->record));
            }
        }
    }

    node::SetupPtr m_setup;
    Raft m_machine;
    Durable m_disk;
    Dice m_dice;
    Instant m_now{};
    node::Effects m_effects;
    std::uint32_t m_sequence = 0;
};

/// No-ops of these terms: a log.
inline Entries logOf(std::initializer_list<Term> terms)
{
    Entries log;
    for (const auto term : terms) {
        log.push_back(Entry{term, {}, NoOp{}});
    }
    return log;
}

/// The terms of a log.
inline std::vector<Term> termsOf(const Entries& log)
{
    std::vector<Term> terms;
    for (const auto& entry : log) {
        terms.push_back(entry.term);
    }
    return terms;
}

} // namespace lightcone::protocols::raft
