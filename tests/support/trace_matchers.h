#pragma once

#include "engine/describe/text.h"
#include "engine/trace/state.h"
#include "engine/trace/trace.h"

#include <gtest/gtest.h>

namespace lightcone::trace {

/// Field by field, payloads by name and bytes.
inline void expectSameEvents(const Trace& found, const Trace& expected, std::uint64_t count)
{
    ASSERT_EQ(found.size(), count);
    forEach(found, EventId(1), EventId(count), [&](EventId id, const Event& event) {
        const auto& truth = expected[id];
        ASSERT_EQ(event.cause, truth.cause) << id.value;
        ASSERT_EQ(event.at, truth.at) << id.value;
        ASSERT_EQ(event.node, truth.node) << id.value;
        ASSERT_EQ(event.peer, truth.peer) << id.value;
        ASSERT_EQ(event.kind, truth.kind) << id.value;
        ASSERT_EQ(event.detail, truth.detail) << id.value;
        ASSERT_EQ(event.tag, truth.tag) << id.value;
        ASSERT_EQ(event.request, truth.request) << id.value;
        ASSERT_EQ(event.payload == nullptr, truth.payload == nullptr) << id.value;
        if (truth.payload) {
            Bytes bytes;
            Bytes truthBytes;
            event.payload->encode(bytes);
            truth.payload->encode(truthBytes);
            ASSERT_EQ(bytes, truthBytes) << id.value;
            ASSERT_EQ(event.payload->name(), truth.payload->name()) << id.value;
            ASSERT_EQ(event.payload->tag(), truth.payload->tag()) << id.value;
        }
    });
}

inline void expectSameNode(const NodeState& found, const NodeState& expected, EventId at)
{
    ASSERT_EQ(found.id, expected.id) << at.value;
    ASSERT_EQ(found.life, expected.life) << at.value;
    ASSERT_EQ(found.state.exists(), expected.state.exists()) << at.value;
    if (found.state.exists()) {
        ASSERT_EQ(found.state, expected.state) << at.value << ": " << describe::toText(found.state)
                                               << " is not " << describe::toText(expected.state);
    }
    ASSERT_EQ(found.lastStep, expected.lastStep) << at.value;
    ASSERT_EQ(found.unsyncedWrites, expected.unsyncedWrites) << at.value;
    ASSERT_EQ(found.clockOffset, expected.clockOffset) << at.value;
    ASSERT_EQ(found.clockRate, expected.clockRate) << at.value;
    ASSERT_EQ(found.disk, expected.disk) << at.value;
    ASSERT_EQ(found.timers.size(), expected.timers.size()) << at.value;
    for (std::size_t i = 0; i < found.timers.size(); ++i) {
        ASSERT_EQ(found.timers[i].name, expected.timers[i].name) << at.value;
        ASSERT_EQ(found.timers[i].about, expected.timers[i].about) << at.value;
        ASSERT_EQ(found.timers[i].armed, expected.timers[i].armed) << at.value;
        ASSERT_EQ(found.timers[i].due, expected.timers[i].due) << at.value;
        ASSERT_EQ(found.timers[i].cause, expected.timers[i].cause) << at.value;
    }
}

inline void expectSameState(const ClusterState& found, const ClusterState& expected)
{
    const auto at = expected.event;
    ASSERT_EQ(found.event, at);
    ASSERT_EQ(found.now, expected.now);
    ASSERT_EQ(found.nodes.size(), expected.nodes.size()) << at.value;
    for (std::size_t i = 0; i < found.nodes.size(); ++i) {
        expectSameNode(found.nodes[i], expected.nodes[i], at);
    }
    ASSERT_EQ(found.flights.size(), expected.flights.size()) << at.value;
    for (std::size_t i = 0; i < found.flights.size(); ++i) {
        const auto& flight = found.flights[i];
        const auto& truth = expected.flights[i];
        ASSERT_EQ(flight.message, truth.message) << at.value;
        ASSERT_EQ(flight.from, truth.from) << at.value;
        ASSERT_EQ(flight.to, truth.to) << at.value;
        ASSERT_EQ(flight.channel, truth.channel) << at.value;
        ASSERT_EQ(flight.request, truth.request) << at.value;
        ASSERT_EQ(flight.sent, truth.sent) << at.value;
        ASSERT_EQ(flight.due, truth.due) << at.value;
        ASSERT_EQ(flight.held, truth.held) << at.value;
    }
    ASSERT_EQ(found.links.size(), expected.links.size()) << at.value;
    for (std::size_t i = 0; i < found.links.size(); ++i) {
        ASSERT_EQ(found.links[i].from, expected.links[i].from) << at.value;
        ASSERT_EQ(found.links[i].to, expected.links[i].to) << at.value;
        ASSERT_EQ(found.links[i].cut, expected.links[i].cut) << at.value;
        ASSERT_EQ(found.links[i].model, expected.links[i].model) << at.value;
    }
    ASSERT_EQ(found.rules, expected.rules) << at.value;
}

} // namespace lightcone::trace
