#include "engine/trace/hash.h"
#include "tests/support/synthetic_run.h"

#include <gtest/gtest.h>

#include <set>

namespace lightcone::trace {
namespace {

TEST(TraceHash, IsTheSameForTheSameRunOnEveryMachine)
{
    EXPECT_EQ(traceHash(*synthetic::makeTrace({.seed = 1}, 5000)),
              traceHash(*synthetic::makeTrace({.seed = 1}, 5000)));
}

TEST(TraceHash, IsTheNumberThatItAlwaysWas)
{
    TraceHasher hasher;
    Event event;
    event.cause = EventId(3);
    event.at = Instant(Duration(1'000'000'007));
    event.node = NodeId(2);
    event.peer = clientId(1);
    event.kind = Kind::Send;
    event.detail = 2;
    event.tag = 1;
    event.request = {clientId(1), 9};
    hasher.add(event);
    event.payload = node::makePayload(node::Text{"a text"});
    hasher.add(event);
    // Scenarios keep such numbers: another one here makes theirs wrong.
    EXPECT_EQ(hasher.value(), 15649120705111641969U);
}

TEST(TraceHash, DependsOnEveryField)
{
    Event event;
    event.node = NodeId(1);
    event.kind = Kind::Send;
    std::vector<Event> events(10, event);
    events[1].cause = EventId(1);
    events[2].at = Instant(Duration(1));
    events[3].node = NodeId(2);
    events[4].peer = NodeId(1);
    events[5].kind = Kind::Deliver;
    events[6].detail = 1;
    events[7].tag = 1;
    events[8].request = {clientId(1), 1};
    events[9].payload = node::makePayload(node::Text{"x"});
    events.push_back(events[9]);
    events.back().payload = node::makePayload(node::Text{"y"});
    events.push_back(events[9]);
    events.back().payload = node::makePayload(node::Refusal{"x"});
    std::set<std::uint64_t> hashes;
    for (const auto& each : events) {
        TraceHasher hasher;
        hasher.add(each);
        hashes.insert(hasher.value());
    }
    EXPECT_EQ(hashes.size(), events.size());
}

TEST(TraceHash, SeesPayloadsByContentNotByAddress)
{
    TraceHasher shared;
    TraceHasher apart;
    Event event;
    event.payload = node::makePayload(node::Text{"x"});
    for (int i = 0; i < 2; ++i) {
        shared.add(event);
        Event again;
        again.payload = node::makePayload(node::Text{"x"});
        apart.add(again);
    }
    EXPECT_EQ(shared.value(), apart.value());
}

} // namespace
} // namespace lightcone::trace
