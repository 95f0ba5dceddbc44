#pragma once

#include "engine/trace/formats/lightcone_file.h"
#include "tests/support/synthetic_run.h"

#include <gtest/gtest.h>

#include <sstream>

namespace lightcone::synthetic {

/// A short run written by hand, with an event of every kind: what golden files show.
class Example
{
public:
    Example()
        : m_trace(std::make_shared<trace::Trace>(about()))
    {
        using enum trace::Kind;
        const NodeId first(1);
        const NodeId backup(2);
        const auto client = clientId(1);
        const RequestId request{client, 1};
        add(0, Say, {}, {}, {}, 0, words("Two nodes, and a \"client\"."));
        const auto start = add(0, Start, first, {}, {});
        add(10, Start, backup, {}, {});
        const auto tick = add(1'500'000, Timer, first, {}, start);
        const auto ask = add(1'500'000, Send, first, backup, tick, 0, message(synthetic::Ask{1}));
        const auto lostAsk =
            add(1'500'000, Send, first, backup, tick, 0, message(synthetic::Ask{1}));
        add(1'600'000, Drop, first, backup, lostAsk, 0, payloadOf(lostAsk));
        const auto copy = add(1'600'000, Duplicate, first, backup, ask, 0, payloadOf(ask));
        const auto asked = add(1'700'001, Deliver, backup, first, ask, 0, payloadOf(ask));
        const auto vote = add(1'700'001, Send, backup, first, asked, 0, message(Vote{1, true}));
        add(1'800'000, Drop, first, backup, copy, 3, payloadOf(ask));
        const auto voted = add(1'900'000, Deliver, first, backup, vote, 0, payloadOf(vote));
        add(1'900'000, Note, first, {}, voted, 0, words("becomes leader of term 1"));
        const auto put = node::makePayload(Put{"x", "one, \"two\"; three"});
        const auto asks = add(2'000'000, Request, client, first, {}, 0, put, request);
        const auto sent = add(2'000'000, Send, client, first, asks, 1, put, request);
        const auto got = add(2'100'000, Deliver, first, client, sent, 1, put, request);
        const auto write =
            add(2'100'000, Write, first, {}, got, 0, node::makePayload(Entry{1, "x"}));
        add(2'300'000, Sync, first, {}, write);
        const auto reply =
            add(2'300'000, Send, first, client, got, 2, node::makePayload(Done{1}), request);
        add(2'400'000, Deliver, client, first, reply, 2, payloadOf(reply), request);
        add(2'400'000, Reply, client, first, asks, 0, payloadOf(reply), request);
        const auto act =
            add(3'000'000, Act, {}, {}, {}, 0, words("cut first <backup>; crash backup"));
        add(3'000'000, Cut, first, backup, act, 1);
        add(3'000'000, Rule, {}, {}, act, 1, words("hold Vote from backup"));
        add(3'000'000, Link, first, backup, act, 0, words("latency 50ms"));
        add(3'000'000, Clock, backup, {}, act, 0, words("+20ms"));
        add(3'000'000, Disk, backup, {}, act, 0, words("full"));
        add(3'000'000, Pause, backup, {}, act);
        add(3'100'000, Resume, backup, {}, act);
        add(3'200'000, Crash, backup, {}, act);
        add(3'300'000, Restart, backup, {}, act);
        add(3'400'000, Heal, first, backup, act, 1);
        add(3'500'000, Ask, {}, {}, {}, 0, words("Who leads?"));
        add(3'500'000, Expect, {}, {}, {}, 1, words("count(role == leader) == 1"));
        add(3'600'000, Violation, first, {}, voted, 0, words("first lost an entry"));
        add(3'700'000, Gap, backup, {}, {}, 0, words("20 events"));
        add(3'800'000, Send, first, backup, voted, 0, message(Append{1, 0, {{1, "x"}}}));
    }

    [[nodiscard]] const std::shared_ptr<trace::Trace>& trace() const { return m_trace; }

    /// The run as a .lightcone file, with a few states.
    [[nodiscard]] Bytes file() const
    {
        std::ostringstream out;
        trace::formats::LightconeWriter writer(out, *m_trace);
        State state;
        trace::NodeState node;
        const auto tell = [&](std::uint64_t event, std::uint32_t number) {
            node.id = NodeId(number);
            node.life = trace::Life::Up;
            writer.states().node(EventId(event), node, describe::shapeOf<State>(),
                                 describe::toBytes(state));
        };
        tell(2, 1);
        tell(3, 2);
        node.timers = {
            {"tick", 0, Instant(Duration(1'500'000)), Instant(Duration(9'000'000)), EventId(4)}};
        state.term = 1;
        tell(4, 1);
        state.role = Role::Leader;
        tell(12, 1);
        state.log.push_back({1, "x"});
        tell(16, 1);
        state.committed = 1;
        tell(18, 1);
        writer.states().links(EventId(23), {{NodeId(1), NodeId(2), true}});
        writer.states().flight(EventId(37), EventId(37), Instant(Duration(3'900'000)), true);
        const auto finished = writer.finish(EventId(m_trace->size()));
        EXPECT_TRUE(finished);
        return out.str();
    }

private:
    static trace::About about()
    {
        auto about = aboutOf({.seed = 18446744073709551615U, .members = 2, .clients = 1});
        about.members[0].name = "first";
        about.members[1].name = "backup";
        return about;
    }

    static node::PayloadPtr words(std::string text)
    {
        return node::makePayload(node::Text{std::move(text)});
    }

    static node::PayloadPtr message(Message message)
    {
        return node::makePayload(std::move(message));
    }

    [[nodiscard]] node::PayloadPtr payloadOf(EventId id) const { return (*m_trace)[id].payload; }

    EventId add(std::int64_t at, trace::Kind kind, NodeId node, NodeId peer, EventId cause,
                std::uint8_t detail = 0, node::PayloadPtr payload = {}, RequestId request = {})
    {
        trace::Event event;
        event.at = Instant(Duration(at));
        event.kind = kind;
        event.node = node;
        event.peer = peer;
        event.cause = cause;
        event.detail = detail;
        const bool carries = payload && kind != trace::Kind::Violation;
        event.tag = carries ? payload->tag() : std::uint16_t{0};
        event.payload = std::move(payload);
        event.request = request;
        const EventId id(m_trace->size() + 1);
        m_trace->record(id, std::move(event));
        return id;
    }

    std::shared_ptr<trace::Trace> m_trace;
};

} // namespace lightcone::synthetic
