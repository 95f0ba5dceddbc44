#include "engine/check/linearizability.h"
#include "engine/check/trace_history.h"
#include "engine/kv/operation.h"
#include "engine/node/effects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <variant>

namespace lightcone::checking {
namespace {

using testing::ElementsAre;

struct AddServer
{
    std::uint32_t id = 0;
};
BOOST_DESCRIBE_STRUCT(AddServer, (), (id))

using Request = std::variant<AddServer, kv::Put, kv::Get, kv::Delete, kv::Cas>;
using Reply = std::variant<kv::Result, AddServer>;

/// Two clients of a store, as a trace tells of them.
class TraceHistoryTest : public testing::Test
{
protected:
    static trace::About about(std::string origin)
    {
        trace::About about;
        about.card.request = describe::shapeOf<Request>();
        about.origin = std::move(origin);
        return about;
    }

    void start(const std::string& origin = "simulated")
    {
        trace = std::make_shared<trace::Trace>(about(origin));
    }

    EventId record(trace::Event event)
    {
        event.at = Instant(Duration(static_cast<std::int64_t>(trace->size() + 1) * 10));
        const EventId id(trace->size() + 1);
        trace->record(id, std::move(event));
        return id;
    }

    RequestId ask(std::uint32_t client, Request request, int times = 1)
    {
        const RequestId id{clientId(client), ++sequence};
        trace::Event event;
        event.kind = trace::Kind::Request;
        event.node = clientId(client);
        event.peer = NodeId(1);
        event.request = id;
        event.payload = node::makePayload(std::move(request));
        auto begun = record(event);
        for (int i = 0; i < times; ++i) {
            event.kind = trace::Kind::Send;
            event.detail = static_cast<std::uint8_t>(trace::Channel::Request);
            event.cause = begun;
            record(event);
        }
        return id;
    }

    void answer(RequestId id, node::Answer answer, node::PayloadPtr body = {})
    {
        trace::Event event;
        event.kind = trace::Kind::Reply;
        event.node = id.client;
        event.request = id;
        event.detail = static_cast<std::uint8_t>(answer);
        event.payload = std::move(body);
        record(event);
    }

    void done(RequestId id, kv::Outcome outcome, std::optional<std::string> value = {})
    {
        answer(id, node::Answer::Done,
               node::makePayload(Reply(kv::Result{outcome, std::move(value)})));
    }

    History history() const
    {
        TraceHistory gathered(trace);
        gathered.grow(EventId(trace->size()));
        return gathered.history();
    }

    static std::vector<std::string> words(const History& history)
    {
        std::vector<std::string> all;
        for (const auto& operation : history.operations()) {
            const auto* end = operation.ending == Ending::Ok ? ""
                : operation.ending == Ending::Failed         ? " failed"
                                                             : " unknown";
            all.push_back(describe(operation) + end);
        }
        return all;
    }

    std::shared_ptr<trace::Trace> trace;
    std::uint32_t sequence = 0;
};

TEST_F(TraceHistoryTest, TellsWhatClientsAskedAndWereAnswered)
{
    start();
    done(ask(1, kv::Put{"x", "1"}), kv::Outcome::Done);
    done(ask(2, kv::Get{"x"}), kv::Outcome::Found, "1");
    done(ask(2, kv::Get{"a b"}), kv::Outcome::NotFound);
    done(ask(1, kv::Cas{"x", "1", "2"}), kv::Outcome::Done);
    done(ask(1, kv::Cas{"x", "1", "3"}), kv::Outcome::Mismatch, "2");
    done(ask(1, kv::Cas{"x", std::nullopt, "3"}), kv::Outcome::Mismatch, "2");
    done(ask(1, kv::Delete{"x"}), kv::Outcome::Done);
    done(ask(1, kv::Delete{"x"}), kv::Outcome::NotFound);
    done(ask(1, AddServer{4}), kv::Outcome::Done);
    ask(2, kv::Put{"x", "9"});
    const auto gathered = history();
    EXPECT_THAT(words(gathered),
                ElementsAre("put x 1", "get x gave 1", "get a b gave nothing", "cas x 1 2",
                            "cas x 1 3 found 2", "cas x nothing 3 found 2", "delete x",
                            "delete x found nothing", "put x 9 unknown"));
    const auto& get = gathered.operations()[1];
    EXPECT_EQ(get.process, 2U);
    EXPECT_EQ((*trace)[get.request].kind, trace::Kind::Request);
    EXPECT_EQ((*trace)[get.reply].kind, trace::Kind::Reply);
    EXPECT_EQ(get.at, (*trace)[get.request].at);
    EXPECT_EQ(get.until, (*trace)[get.reply].at);
    EXPECT_TRUE(gathered.operations()[6].deleted);
    EXPECT_EQ(judge(gathered, Model::Kv)->finding, Finding::Linearizable);
    EXPECT_TRUE(hasHistory(trace->about()));
    EXPECT_FALSE(hasHistory(trace::About{}));
}

// What timed out or was refused after an earlier try may have happened all the same.
TEST_F(TraceHistoryTest, OnlyWhatWasRefusedAtTheFirstTryNeverHappened)
{
    start();
    answer(ask(1, kv::Put{"x", "1"}, 1), node::Answer::Refused);
    answer(ask(1, kv::Put{"x", "2"}, 2), node::Answer::Refused);
    answer(ask(1, kv::Put{"x", "3"}, 1), node::Answer::Redirected);
    answer(ask(1, kv::Put{"x", "4"}, 1), node::Answer::Unknown);
    done(ask(1, kv::Put{"x", "5"}), kv::Outcome::Stale);
    done(ask(1, kv::Put{"x", "6"}), kv::Outcome::Expired);
    EXPECT_THAT(words(history()),
                ElementsAre("put x 1 failed", "put x 2 unknown", "put x 3 failed",
                            "put x 4 unknown", "put x 5 unknown", "put x 6 unknown"));
}

// Logs that a run begins with hold values that no client of it wrote.
TEST_F(TraceHistoryTest, WhatNobodyWroteWasThereBefore)
{
    start();
    done(ask(1, kv::Get{"x"}), kv::Outcome::NotFound);
    done(ask(1, kv::Get{"x"}), kv::Outcome::Found, "old");
    EXPECT_EQ(judge(history(), Model::Kv)->finding, Finding::Linearizable);
    done(ask(1, kv::Put{"x", "new"}), kv::Outcome::Done);
    done(ask(1, kv::Get{"x"}), kv::Outcome::Found, "old");
    EXPECT_EQ(judge(history(), Model::Kv)->finding, Finding::Impossible);
}

TEST_F(TraceHistoryTest, ALiveRunBeganBeforeAndMayHaveLostEvents)
{
    start("live");
    EXPECT_TRUE(history().beganBefore());
    EXPECT_FALSE(history().incomplete());
    trace::Event gap;
    gap.kind = trace::Kind::Gap;
    gap.node = NodeId(1);
    record(gap);
    EXPECT_TRUE(history().incomplete());
}

TEST_F(TraceHistoryTest, GrowsWithTheTrace)
{
    start();
    TraceHistory gathered(trace);
    const auto put = ask(1, kv::Put{"x", "1"});
    EXPECT_TRUE(gathered.grow(EventId(trace->size())));
    EXPECT_FALSE(gathered.grow(EventId(trace->size())));
    EXPECT_EQ(gathered.history().operations()[0].ending, Ending::Unknown);
    done(put, kv::Outcome::Done);
    EXPECT_TRUE(gathered.grow(EventId(trace->size())));
    EXPECT_EQ(gathered.history().operations()[0].ending, Ending::Ok);
    record({.kind = trace::Kind::Note});
    EXPECT_FALSE(gathered.grow(EventId(trace->size())));
}

} // namespace
} // namespace lightcone::checking
