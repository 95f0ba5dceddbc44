#pragma once

#include "engine/measure/meter.h"
#include "engine/node/payload.h"
#include "engine/trace/trace.h"
#include "tests/support/ring.h"

#include <chrono>
#include <memory>
#include <string>

/// Traces written event by event, so that a test can say what their numbers are.
namespace lightcone::measure {

using namespace std::chrono_literals;

constexpr Instant at(Duration time)
{
    return Instant(time);
}

constexpr NodeId n1(1);
constexpr NodeId n2(2);
constexpr NodeId c1 = clientId(1);
constexpr NodeId c2 = clientId(2);

class HandMade
{
public:
    HandMade()
    {
        trace::About about;
        about.card = test::ringProtocol().card();
        about.members = {{n1, "n1", ""}, {n2, "n2", ""}};
        about.clients = {"c1", "c2"};
        m_trace = std::make_shared<trace::Trace>(std::move(about));
    }

    [[nodiscard]] const std::shared_ptr<trace::Trace>& trace() const { return m_trace; }

    EventId event(Duration at, trace::Kind kind, NodeId node, NodeId peer = {}, EventId cause = {},
                  std::uint8_t detail = 0)
    {
        trace::Event made{cause, Instant(at), node, peer, kind, detail};
        if (kind == trace::Kind::Send || kind == trace::Kind::Deliver) {
            made.payload = node::makePayload(test::Ring::Message(test::Token{1}));
        }
        return record(std::move(made));
    }

    EventId text(Duration at, trace::Kind kind, const std::string& words, NodeId node = {},
                 EventId cause = {}, std::uint8_t detail = 0)
    {
        trace::Event made{cause, Instant(at), node, {}, kind, detail};
        made.payload = node::makePayload(node::Text{words});
        return record(std::move(made));
    }

    EventId request(Duration at, RequestId id, EventId cause = {})
    {
        trace::Event made{cause, Instant(at), id.client, n1, trace::Kind::Request};
        made.request = id;
        made.payload = node::makePayload(test::Ring::Request(test::Add{1}));
        return record(std::move(made));
    }

    EventId reply(Duration at, RequestId id, EventId cause,
                  node::Answer answer = node::Answer::Done, NodeId by = n1)
    {
        trace::Event made{cause, Instant(at), id.client, by, trace::Kind::Reply};
        made.request = id;
        made.detail = static_cast<std::uint8_t>(answer);
        return record(std::move(made));
    }

    /// An operation from one instant to another that nothing else is known of.
    void operation(Duration from, Duration to, std::uint32_t sequence,
                   node::Answer answer = node::Answer::Done)
    {
        const RequestId id{c1, sequence};
        const auto begun = request(from, id);
        reply(to, id, begun, answer);
    }

    [[nodiscard]] Meter meter(Duration patience = 100ms) const
    {
        Meter made(m_trace, patience);
        made.grow(EventId(m_trace->size()));
        return made;
    }

private:
    EventId record(trace::Event made)
    {
        const EventId id(m_trace->size() + 1);
        m_trace->record(id, std::move(made));
        return id;
    }

    std::shared_ptr<trace::Trace> m_trace;
};

} // namespace lightcone::measure
