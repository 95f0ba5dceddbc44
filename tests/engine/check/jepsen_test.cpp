#include "engine/check/jepsen.h"
#include "engine/check/linearizability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <tuple>

namespace lightcone::checking {
namespace {

using testing::HasSubstr;

std::string fileText(const std::string& name)
{
    std::ifstream in(LIGHTCONE_SOURCE_DIR "/tests/data/histories/" + name, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_FALSE(text.str().empty()) << name;
    return text.str();
}

Judgement judgementOf(const History& history)
{
    auto judgement = judge(history, modelFor(history), {.steps = 1'000'000});
    EXPECT_TRUE(judgement);
    return *judgement;
}

TEST(Jepsen, ReadsOneOperationALine)
{
    const auto history = readJepsen(R"(
{:process 0, :type :invoke, :f :write, :value 3, :time 10}
{:process 1, :type :invoke, :f :read, :value nil, :time 20}
{:process 0, :type :ok, :f :write, :value 3, :time 30}
{:process :nemesis, :type :info, :f :kill, :value ["n1"], :time 35}
{:process 1, :type :ok, :f :read, :value 3, :time 40}
{:process 2, :type :invoke, :f :cas, :value [3 4], :time 50}
{:process 2, :type :info, :f :cas, :value [3 4], :time 60, :error :timeout}
{:process 3, :type :invoke, :f :cas, :value [1 2], :time 70}
{:process 3, :type :fail, :f :cas, :value [1 2], :time 80}
)");
    ASSERT_TRUE(history) << history.error().text();
    EXPECT_FALSE(history->keyed());
    const auto& operations = history->operations();
    ASSERT_EQ(operations.size(), 4U);
    EXPECT_EQ(describe(operations[0]), "write 3");
    EXPECT_EQ(describe(operations[1]), "read gave 3");
    EXPECT_EQ(operations[1].at, Instant(Duration(20)));
    EXPECT_EQ(operations[1].until, Instant(Duration(40)));
    EXPECT_EQ(operations[1].line, 3U);
    EXPECT_EQ(operations[1].lineEnded, 6U);
    EXPECT_EQ(operations[2].ending, Ending::Unknown);
    EXPECT_EQ(operations[2].expected, "3");
    EXPECT_EQ(operations[2].value, "4");
    EXPECT_EQ(operations[2].error, ":timeout");
    EXPECT_EQ(operations[3].ending, Ending::Failed);
    ASSERT_EQ(history->marks().size(), 1U);
    EXPECT_THAT(history->marks()[0].text, HasSubstr(":f :kill"));
    EXPECT_EQ(judgementOf(*history).finding, Finding::Linearizable);
}

TEST(Jepsen, ReadsRecordsVectorsAndKeys)
{
    const std::string lines = "#jepsen.history.Op{:index 0, :time 1, :type :invoke, :process 0, "
                              ":f :write, :value [\"k\" 1]}\n"
                              "#jepsen.history.Op{:index 1, :time 2, :type :ok, :process 0, :f "
                              ":write, :value [\"k\" 1]}\n";
    for (const auto& text : {lines, "[" + lines + "]", "(" + lines + ")"}) {
        const auto history = readJepsen(text);
        ASSERT_TRUE(history) << history.error().text();
        ASSERT_EQ(history->operations().size(), 1U);
        EXPECT_TRUE(history->keyed());
        EXPECT_EQ(history->operations()[0].key, "\"k\"");
        EXPECT_EQ(history->operations()[0].value, "1");
    }
    const auto named = readJepsen("{:process 0 :type :invoke :f :write :key :k :value 1}");
    ASSERT_TRUE(named);
    EXPECT_EQ(named->operations()[0].key, ":k");
    EXPECT_EQ(named->operations()[0].value, "1");
}

// [1 2] is a key and a value only where nothing else can be meant.
TEST(Jepsen, TellsKeysFromValuesThatArePairs)
{
    const auto keyedOf = [](const std::string& text) {
        const auto history = readJepsen(text);
        EXPECT_TRUE(history) << text;
        return history->keyed();
    };
    EXPECT_FALSE(keyedOf("{:process 0 :type :invoke :f :cas :value [1 2]}"));
    EXPECT_TRUE(keyedOf("{:process 0 :type :invoke :f :cas :value [1 [2 3]]}"));
    EXPECT_TRUE(keyedOf("{:process 0 :type :invoke :f :read :value [1 nil]}"));
    EXPECT_FALSE(keyedOf("{:process 0 :type :invoke :f :read :value nil}\n"
                         "{:process 0 :type :ok :f :read :value [1 2]}"));
}

TEST(Jepsen, AnErrorSaysWhereAndWhatWasExpected)
{
    const std::string invoke = "{:process 3, :type :invoke, :f :write, :value 1}\n";
    const std::vector<std::tuple<std::string, std::size_t, std::size_t, std::string>> cases{
        {"7", 1, 1, "expected an operation's map {:process …, :type …, :f …, :value …}, found 7"},
        {"{:type :ok}", 1, 1, "expected :process in an operation's map"},
        {"{:process -1 :type :ok :f :read}", 1, 11, "expected a process's number from 0, found -1"},
        {"{:process 1 :type :done :f :read}", 1, 1,
         "expected :type :invoke, :ok, :fail or :info in an operation's map"},
        {"{:process 1 :type :ok}", 1, 1, "expected :f with a keyword in an operation's map"},
        {"{:process 1 :type :ok :f :read}", 1, 1,
         "expected an :invoke of process 1 before its :ok"},
        {invoke + "{:process 3 :type :ok :f :read :value 1}", 2, 1,
         "expected the end of :write, which process 3 began at line 1, found :read"},
        {invoke + invoke, 2, 1,
         "process 3 begins an operation while the one of line 1 is under way"},
        {invoke + "{:process 3 :type :info :f :write}\n" + invoke, 3, 1,
         "process 3 was retired by :info at line 2 and cannot begin another operation"},
        {"{:process 1 :type :invoke :f :cas :value 4}", 1, 42,
         "expected [old new] as the :value of a :cas"},
    };
    for (const auto& [text, line, column, message] : cases) {
        const auto history = readJepsen(text);
        ASSERT_FALSE(history) << text;
        EXPECT_EQ(history.error().message, message) << text;
        EXPECT_EQ(history.error().line, line) << text;
        EXPECT_EQ(history.error().column, column) << text;
    }
}

TEST(Jepsen, WhatIsWrittenIsReadAgain)
{
    for (const auto* name : {"etcd_like.edn", "one_vector.edn", "many_unknown.edn",
                             "stale_read.edn", "lost_update.edn"}) {
        const auto history = readJepsen(fileText(name));
        ASSERT_TRUE(history) << name << ": " << history.error().text();
        std::ostringstream out;
        writeJepsen(out, *history);
        const auto again = readJepsen(out.str());
        ASSERT_TRUE(again) << name << ": " << again.error().text() << "\n" << out.str();
        std::ostringstream once;
        writeJepsen(once, *again);
        EXPECT_EQ(out.str(), once.str()) << name;
        EXPECT_EQ(history->operations().size(), again->operations().size());
        EXPECT_EQ(history->marks().size(), again->marks().size());
        EXPECT_EQ(judgementOf(*history).finding, judgementOf(*again).finding) << name;
    }
}

TEST(Jepsen, MissesSurviveWriting)
{
    History history;
    const auto invoke = [&](Action action, Datum value, Datum expected) {
        Operation operation;
        operation.action = action;
        operation.key = "\"x\"";
        operation.value = std::move(value);
        operation.expected = std::move(expected);
        return history.invoke(std::move(operation));
    };
    history.miss(invoke(Action::Cas, "2", "1"), {}, "7");
    history.miss(invoke(Action::Cas, "2", "1"), {}, {});
    history.miss(invoke(Action::Delete, {}, {}), {}, {});
    std::ostringstream out;
    writeJepsen(out, history);
    EXPECT_THAT(out.str(),
                HasSubstr(":type :fail, :f :cas, :time 0, :index 1, :value [\"x\" [1 "
                          "2]], :error :mismatch, :found 7}"));
    const auto again = readJepsen(out.str());
    ASSERT_TRUE(again) << again.error().text();
    ASSERT_EQ(again->operations().size(), 3U);
    for (const auto& operation : again->operations()) {
        EXPECT_TRUE(operation.missed);
    }
    EXPECT_EQ(again->operations()[0].found, "7");
    EXPECT_EQ(again->operations()[2].action, Action::Delete);
}

TEST(Jepsen, JudgesTheShippedHistories)
{
    for (const auto* name : {"etcd_like.edn", "one_vector.edn", "many_unknown.edn"}) {
        EXPECT_EQ(judgementOf(*readJepsen(fileText(name))).finding, Finding::Linearizable) << name;
    }
    const auto stale = *readJepsen(fileText("stale_read.edn"));
    const auto judgement = judgementOf(stale);
    const auto* worst = judgement.worst(stale);
    ASSERT_NE(worst, nullptr);
    EXPECT_EQ(sentence(stale, *worst), "read x gave 1, where x could only have held 2 or 3");
    EXPECT_EQ(stale.operations()[*worst->culprit].lineEnded, 11U);
    const auto lost = *readJepsen(fileText("lost_update.edn"));
    const auto lostJudgement = judgementOf(lost);
    ASSERT_NE(lostJudgement.worst(lost), nullptr);
    EXPECT_EQ(lost.operations()[*lostJudgement.worst(lost)->culprit].lineEnded, 9U);
}

} // namespace
} // namespace lightcone::checking
