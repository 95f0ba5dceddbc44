#pragma once

#include "engine/node/effects.h"

#include <fmt/format.h>
#include <string>
#include <utility>

namespace lightcone::node {

/// How the handlers of protocol P say what is to be done. Keeps the order in which things were
/// said.
template <class P>
class Out
{
public:
    explicit Out(Effects& effects)
        : m_effects(&effects)
    {
    }

    void send(NodeId to, typename P::Message message, Leaves leaves = Leaves::Durable)
    {
        m_effects->emplace_back(Send{to, makePayload(std::move(message)), leaves});
    }

    /// One message, shared by all its receivers.
    template <class Nodes>
    void broadcast(const Nodes& nodes, typename P::Message message, Leaves leaves = Leaves::Durable)
    {
        const auto payload = makePayload(std::move(message));
        for (const NodeId to : nodes) {
            m_effects->emplace_back(Send{to, payload, leaves});
        }
    }

    void arm(typename P::Timer timer, Duration after, std::uint64_t about = 0)
    {
        m_effects->emplace_back(Arm{{timerKind(timer), about}, after});
    }

    void disarm(typename P::Timer timer, std::uint64_t about = 0)
    {
        m_effects->emplace_back(Disarm{{timerKind(timer), about}});
    }

    void write(typename P::Write record, Sync sync = Sync::Forced)
    {
        m_effects->emplace_back(Write{makePayload(std::move(record)), sync});
    }

    void reply(RequestId request, typename P::Reply body, Leaves leaves = Leaves::Durable)
    {
        m_effects->emplace_back(Reply{request, Answer::Done, makePayload(std::move(body)), leaves});
    }

    /// Ask that node instead; NodeId{} when nobody is known to be better, then the client tries
    /// another.
    void redirect(RequestId request, NodeId to)
    {
        m_effects->emplace_back(Reply{request, Answer::Redirected, makePayload(Redirect{to})});
    }

    /// It did not and will not happen.
    void refuse(RequestId request, std::string reason)
    {
        m_effects->emplace_back(
            Reply{request, Answer::Refused, makePayload(Refusal{std::move(reason)})});
    }

    template <class... Args>
    void note(fmt::format_string<Args...> format, Args&&... args)
    {
        m_effects->emplace_back(Note{fmt::format(format, std::forward<Args>(args)...)});
    }

private:
    static std::uint16_t timerKind(typename P::Timer timer)
    {
        return static_cast<std::uint16_t>(describe::indexOf(timer));
    }

    Effects* m_effects;
};

} // namespace lightcone::node
