#include "engine/session/narration.h"

#include <gtest/gtest.h>

namespace lightcone::session {
namespace {

TEST(Narration, TranslatesWhatItKnowsAndLeavesTheRest)
{
    const auto narration =
        Narration::parse("# by hand\nNobody leads.\n= 没有领导者。\n\nWho leads?\n= 谁领导？\n");
    ASSERT_TRUE(narration) << narration.error().text();
    EXPECT_EQ((*narration)("Nobody leads."), "没有领导者。");
    EXPECT_EQ((*narration)("Who leads?"), "谁领导？");
    EXPECT_EQ((*narration)("Another."), "Another.");
    EXPECT_TRUE(narration->knows("Who leads?"));
    EXPECT_FALSE(narration->knows("Another."));
}

TEST(Narration, SaysWhichLineIsWrong)
{
    EXPECT_EQ(Narration::parse("one\ntwo\n", "a.txt").error().text(),
              "a.txt:2:1: expected '= ' and the translation of line 1");
    EXPECT_EQ(Narration::parse("= eins\n", "a.txt").error().text(),
              "a.txt:1:1: a translation follows the text that it is of");
    EXPECT_EQ(Narration::parse("one\n= eins\none\n= uno\n", "a.txt").error().text(),
              "a.txt:3:1: this text was translated above already");
    EXPECT_EQ(Narration::parse("one\n", "a.txt").error().text(),
              "a.txt:1:1: expected '= ' and a translation after the last line");
}

TEST(Narration, IsEmptyWhereThereIsNoFile)
{
    const auto narration = Narration::beside("/nowhere/at_all.scenario", "zh_CN");
    ASSERT_TRUE(narration);
    EXPECT_EQ((*narration)("Text."), "Text.");
}

} // namespace
} // namespace lightcone::session
