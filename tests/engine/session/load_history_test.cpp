#include "engine/check/jepsen.h"
#include "engine/check/linearizability.h"
#include "engine/kv/operation.h"
#include "engine/session/load_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <variant>

namespace lightcone::session {
namespace {

using checking::Ending;
using live::LoadOperation;
using testing::HasSubstr;

class LoadHistoryTest : public testing::Test
{
protected:
    LoadOperation begin(kv::Operation asked, std::uint32_t client)
    {
        return begin(node::makePayload(std::move(asked)), client);
    }

    LoadOperation begin(node::PayloadPtr body, std::uint32_t client)
    {
        LoadOperation operation;
        operation.client = client;
        operation.number = ++numbers;
        operation.body = std::move(body);
        operation.begun = ++now;
        history.begun(operation);
        return operation;
    }

    static kv::Put put(std::string value) { return {"x", std::move(value)}; }

    void end(LoadOperation operation, node::Answer answer, kv::Result result = {},
             std::uint32_t tries = 1)
    {
        operation.ended = ++now;
        operation.answered.answer = answer;
        operation.answered.tries = tries;
        if (answer == node::Answer::Done) {
            operation.answered.body =
                node::makePayload(std::variant<kv::Result>(std::move(result)));
        }
        history.ended(operation);
    }

    struct Ticking
    {
        Instant at{};
        Instant operator++() { return at += Duration(1); }
    };

    const checking::Operation& last() { return history.history().operations().back(); }

    LoadHistory history;
    Ticking now;
    std::uint64_t numbers = 0;
};

TEST_F(LoadHistoryTest, SaysWhatWasAskedAndAnswered)
{
    end(begin(put("5"), 0), node::Answer::Done);
    EXPECT_EQ(last().ending, Ending::Ok);
    end(begin(kv::Get{"x"}, 0), node::Answer::Done, {kv::Outcome::Found, "5"});
    EXPECT_EQ(checking::describe(last()), "get x gave 5");
    end(begin(kv::Cas{"x", {}, "6"}, 0), node::Answer::Done, {kv::Outcome::Mismatch, "5"});
    EXPECT_TRUE(last().missed);
    end(begin(kv::Delete{"x"}, 0), node::Answer::Done);
    EXPECT_TRUE(last().deleted);
    end(begin(kv::Get{"x"}, 0), node::Answer::Done, {kv::Outcome::NotFound, {}});
    EXPECT_EQ(last().value, std::nullopt);
    const auto judged = checking::judge(history.history(), checking::Model::Kv);
    ASSERT_TRUE(judged);
    EXPECT_EQ(judged->finding, checking::Finding::Linearizable);
}

TEST_F(LoadHistoryTest, KnowsNothingOfOtherRequests)
{
    end(begin(node::makePayload(node::Text{"commit"}), 0), node::Answer::Done);
    EXPECT_TRUE(history.history().operations().empty());
}

TEST_F(LoadHistoryTest, WhatIsWrongIsFoundInIt)
{
    end(begin(put("5"), 0), node::Answer::Done);
    end(begin(kv::Get{"x"}, 1), node::Answer::Done, {kv::Outcome::Found, "4"});
    const auto judged = checking::judge(history.history(), checking::Model::Kv);
    ASSERT_TRUE(judged);
    EXPECT_EQ(judged->finding, checking::Finding::Impossible);
}

/// A refusal means that nothing happened, unless an earlier try may have reached somebody else.
TEST_F(LoadHistoryTest, ARefusalAfterSeveralTriesSaysNothing)
{
    end(begin(put("1"), 0), node::Answer::Refused);
    EXPECT_EQ(last().ending, Ending::Failed);
    end(begin(put("2"), 0), node::Answer::Refused, {}, 2);
    EXPECT_EQ(last().ending, Ending::Unknown);
    end(begin(put("3"), 0), node::Answer::Unknown);
    EXPECT_EQ(last().ending, Ending::Unknown);
}

TEST_F(LoadHistoryTest, AProcessDoesOneThingAtATimeAndNothingAfterAnUnknownEnd)
{
    const auto first = begin(put("1"), 0);
    const auto second = begin(put("2"), 0); // an open loop does not wait
    EXPECT_NE(history.history().operations()[0].process, history.history().operations()[1].process);
    end(first, node::Answer::Unknown);
    end(second, node::Answer::Done);
    const auto retired = history.history().operations()[0].process;
    for (int i = 0; i < 5; ++i) {
        end(begin(put("3"), 0), node::Answer::Done);
        EXPECT_NE(last().process, retired);
    }
    history.mark(++now, "kill n1");
    std::ostringstream out;
    checking::writeJepsen(out, history.history());
    const auto read = checking::readJepsen(out.str());
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->operations().size(), 7U);
    ASSERT_EQ(read->marks().size(), 1U);
    EXPECT_THAT(read->marks().front().text, HasSubstr("\"kill n1\""));
}

} // namespace
} // namespace lightcone::session
