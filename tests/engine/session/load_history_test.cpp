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
using live::Deed;
using live::LoadOperation;
using testing::HasSubstr;

class LoadHistoryTest : public testing::Test
{
protected:
    LoadOperation begin(Deed deed, std::uint32_t client, const std::string& value = {})
    {
        LoadOperation operation;
        operation.client = client;
        operation.number = ++numbers;
        operation.deed = deed;
        operation.key = "x";
        operation.value = value;
        operation.begun = ++now;
        history.begun(operation);
        return operation;
    }

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
    end(begin(Deed::Put, 0, "5"), node::Answer::Done);
    EXPECT_EQ(last().ending, Ending::Ok);
    end(begin(Deed::Get, 0), node::Answer::Done, {kv::Outcome::Found, "5"});
    EXPECT_EQ(checking::describe(last()), "get x gave 5");
    end(begin(Deed::Cas, 0, "6"), node::Answer::Done, {kv::Outcome::Mismatch, "5"});
    EXPECT_TRUE(last().missed);
    end(begin(Deed::Delete, 0), node::Answer::Done);
    EXPECT_TRUE(last().deleted);
    end(begin(Deed::Get, 0), node::Answer::Done, {kv::Outcome::NotFound, {}});
    EXPECT_EQ(last().value, std::nullopt);
    const auto judged = checking::judge(history.history(), checking::Model::Kv);
    ASSERT_TRUE(judged);
    EXPECT_EQ(judged->finding, checking::Finding::Linearizable);
}

TEST_F(LoadHistoryTest, WhatIsWrongIsFoundInIt)
{
    end(begin(Deed::Put, 0, "5"), node::Answer::Done);
    end(begin(Deed::Get, 1), node::Answer::Done, {kv::Outcome::Found, "4"});
    const auto judged = checking::judge(history.history(), checking::Model::Kv);
    ASSERT_TRUE(judged);
    EXPECT_EQ(judged->finding, checking::Finding::Impossible);
}

/// A refusal means that nothing happened, unless an earlier try may have reached somebody else.
TEST_F(LoadHistoryTest, ARefusalAfterSeveralTriesSaysNothing)
{
    end(begin(Deed::Put, 0, "1"), node::Answer::Refused);
    EXPECT_EQ(last().ending, Ending::Failed);
    end(begin(Deed::Put, 0, "2"), node::Answer::Refused, {}, 2);
    EXPECT_EQ(last().ending, Ending::Unknown);
    end(begin(Deed::Put, 0, "3"), node::Answer::Unknown);
    EXPECT_EQ(last().ending, Ending::Unknown);
}

TEST_F(LoadHistoryTest, AProcessDoesOneThingAtATimeAndNothingAfterAnUnknownEnd)
{
    const auto first = begin(Deed::Put, 0, "1");
    const auto second = begin(Deed::Put, 0, "2"); // an open loop does not wait
    EXPECT_NE(history.history().operations()[0].process, history.history().operations()[1].process);
    end(first, node::Answer::Unknown);
    end(second, node::Answer::Done);
    const auto retired = history.history().operations()[0].process;
    for (int i = 0; i < 5; ++i) {
        end(begin(Deed::Put, 0, "3"), node::Answer::Done);
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
