#include "engine/check/jepsen.h"
#include "engine/check/linearizability.h"
#include "engine/core/dice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace lightcone::checking {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Writes a history down as papers draw it: calls and returns in order of time.
class Scribe
{
public:
    std::size_t call(std::uint64_t process, Action action, Datum value = {}, Datum expected = {},
                     std::string key = "x")
    {
        Operation operation;
        operation.process = process;
        operation.action = action;
        constexpr std::array words{"read", "write", "cas", "delete", "other"};
        operation.name = words.at(static_cast<std::size_t>(action));
        operation.key = std::move(key);
        operation.value = std::move(value);
        operation.expected = std::move(expected);
        operation.at = tick();
        return history.invoke(std::move(operation));
    }
    void ok(std::size_t operation, Datum value = {})
    {
        history.end(operation, Ending::Ok, tick(), std::move(value));
    }
    void failed(std::size_t operation) { history.end(operation, Ending::Failed, tick()); }
    void unknown(std::size_t operation) { history.end(operation, Ending::Unknown, tick()); }
    void miss(std::size_t operation, Datum found)
    {
        history.miss(operation, tick(), std::move(found));
    }

    void write(std::uint64_t process, const std::string& value)
    {
        ok(call(process, Action::Write, value));
    }
    std::size_t read(std::uint64_t process, Datum value)
    {
        const auto place = call(process, Action::Read);
        ok(place, std::move(value));
        return place;
    }

    Instant tick() { return Instant(Duration(++now)); }

    History history;
    std::int64_t now = 0;
};

KeyJudgement judged(const History& history)
{
    const auto judgement = judge(history, Model::Kv);
    EXPECT_TRUE(judgement);
    return judgement->keys.empty() ? KeyJudgement{} : judgement->keys.front();
}

/// Whether the order is one: it keeps to real time and to what the operations saw, and has every
/// operation that is known to have happened by `until`.
std::string faultOf(const History& history, const KeyJudgement& key, std::uint64_t until)
{
    Datum held;
    std::uint64_t latestInvoked = 0;
    std::set<std::size_t> placed;
    Instant before = Instant::min();
    for (std::size_t i = 0; i < key.order.size(); ++i) {
        const auto place = key.order[i];
        const auto& operation = history.operations()[place];
        if (!placed.insert(place).second) {
            return "twice: " + describe(operation);
        }
        latestInvoked = std::max(latestInvoked, operation.invoked);
        if (operation.ended() < latestInvoked) {
            return "against time: " + describe(operation);
        }
        const auto point = key.points[i];
        const bool open =
            operation.closed == Operation::never || operation.ending == Ending::Unknown;
        if (point < before || point < operation.at || (!open && point > operation.until)) {
            return "its point is outside: " + describe(operation);
        }
        before = point;
        const auto& sees = operation.missed   ? operation.found
            : operation.action == Action::Cas ? operation.expected
                                              : operation.value;
        if (operation.ending == Ending::Failed) {
            return "it failed: " + describe(operation);
        }
        if ((operation.missed || operation.action == Action::Read
             || operation.action == Action::Cas)
            && sees != held) {
            return "saw something else: " + describe(operation);
        }
        if (operation.deleted && !held) {
            return "deleted nothing: " + describe(operation);
        }
        if (!operation.missed && operation.action != Action::Read) {
            held = operation.action == Action::Delete ? std::nullopt : operation.value;
        }
    }
    for (std::size_t place = 0; place < history.operations().size(); ++place) {
        const auto& operation = history.operations()[place];
        if (operation.ending == Ending::Ok && operation.closed <= until && operation.key == key.key
            && !placed.contains(place)) {
            return "missing: " + describe(operation);
        }
    }
    return {};
}

/// Tries every order there is: slow and without a thought, so that it cannot share a mistake with
/// what it judges.
class EveryOrder
{
public:
    EveryOrder(const History& history, std::uint64_t until)
        : m_until(until)
    {
        for (const auto& operation : history.operations()) {
            if (operation.invoked <= until && operation.ending != Ending::Failed) {
                m_operations.push_back(operation);
            }
        }
        m_placed.resize(m_operations.size());
    }

    bool exists() { return goOn(std::nullopt); }

private:
    std::uint64_t endOf(const Operation& operation) const
    {
        return operation.ended() <= m_until ? operation.ended() : Operation::never;
    }

    bool goOn(const Datum& held)
    {
        auto firstEnd = Operation::never;
        for (std::size_t i = 0; i < m_operations.size(); ++i) {
            firstEnd = m_placed[i] ? firstEnd : std::min(firstEnd, endOf(m_operations[i]));
        }
        if (firstEnd == Operation::never) {
            return true;
        }
        for (std::size_t i = 0; i < m_operations.size(); ++i) {
            const auto& each = m_operations[i];
            if (m_placed[i] || each.invoked > firstEnd) {
                continue;
            }
            auto after = held;
            if (!happens(each, after)) {
                continue;
            }
            m_placed[i] = true;
            const bool found = goOn(after);
            m_placed[i] = false;
            if (found) {
                return true;
            }
        }
        return false;
    }

    bool happens(const Operation& each, Datum& held) const
    {
        const bool told = endOf(each) != Operation::never;
        switch (each.action) {
        case Action::Read:
            return !told || held == each.value;
        case Action::Write:
            held = each.value;
            return true;
        case Action::Cas:
            if (each.missed) {
                return !told || held == each.found;
            }
            if (held == each.expected) {
                held = each.value;
                return true;
            }
            return !told;
        case Action::Delete:
            if (each.missed) {
                return !told || !held;
            }
            if (told && each.deleted && !held) {
                return false;
            }
            held.reset();
            return true;
        case Action::Other:
            break;
        }
        return false;
    }

    std::uint64_t m_until;
    std::vector<Operation> m_operations;
    std::vector<bool> m_placed;
};

/// A history of a few operations by a few processes on one key. With little chance of a lie most
/// are linearizable, with much most are not.
History randomHistory(Dice& dice, double lies, std::uint64_t values)
{
    Scribe scribe;
    struct Running
    {
        std::size_t place;
        bool happened;
        Datum saw;
    };
    std::map<std::uint64_t, Running> running;
    std::set<std::uint64_t> retired;
    Datum held;
    std::uint64_t begun = 0;
    const auto value = [&] { return Datum(std::to_string(dice.below(values))); };
    const auto maybe = [&] { return dice.chance(0.2) ? Datum() : value(); };
    const auto most = 3 + dice.below(7);
    const auto processes = 2 + dice.below(3);
    while (begun < most || !running.empty()) {
        const auto process = dice.below(processes);
        const auto found = running.find(process);
        if (found == running.end()) {
            if (begun == most || retired.contains(process)) {
                if (running.empty()) {
                    break;
                }
                continue;
            }
            ++begun;
            const auto action = static_cast<Action>(dice.below(4));
            const auto writes =
                action == Action::Write || action == Action::Cas ? value() : Datum();
            running[process] = {
                scribe.call(process, action, writes, action == Action::Cas ? maybe() : Datum()),
                false,
                {}};
            continue;
        }
        auto& [place, happened, saw] = found->second;
        const auto& operation = scribe.history.operations()[place];
        if (!happened && !dice.chance(0.15)) {
            saw = held;
            const bool hits = operation.action == Action::Cas ? held == operation.expected
                                                              : operation.action != Action::Read;
            held = !hits ? held : operation.action == Action::Delete ? Datum() : operation.value;
            happened = true;
            continue;
        }
        if (dice.chance(lies)) {
            saw = maybe();
        }
        const auto action = operation.action;
        const auto expected = operation.expected;
        if (!happened && dice.chance(0.6)) {
            scribe.failed(place);
        } else if (!happened || dice.chance(0.1)) {
            scribe.unknown(place);
            retired.insert(process);
        } else if (action == Action::Cas && saw != expected) {
            scribe.miss(place, saw);
        } else if (action == Action::Delete && !saw) {
            scribe.miss(place, {});
        } else {
            scribe.history.operation(place).deleted = action == Action::Delete && dice.chance(0.7);
            scribe.ok(place, saw);
        }
        running.erase(found);
    }
    return scribe.history;
}

std::string written(const History& history)
{
    std::ostringstream out;
    writeJepsen(out, history);
    return out.str();
}

TEST(Linearizability, AgreesWithTryingEveryOrder)
{
    constexpr int rounds = 40'000;
    Dice dice(4711);
    std::map<Finding, int> seen;
    for (int round = 0; round < rounds; ++round) {
        const auto history =
            randomHistory(dice, round % 3 == 0 ? 0.0 : 0.3, 1 + static_cast<unsigned>(round % 4));
        const auto key = judged(history);
        const bool exists = EveryOrder(history, Operation::never - 1).exists();
        ASSERT_EQ(key.finding, exists ? Finding::Linearizable : Finding::Impossible)
            << "round " << round << "\n"
            << written(history);
        ++seen[key.finding];
        if (exists) {
            ASSERT_EQ(faultOf(history, key, Operation::never - 1), "") << "round " << round;
            continue;
        }
        // Without the culprit's ending there is an order, with it there is none.
        ASSERT_TRUE(key.culprit);
        const auto end = history.operations()[*key.culprit].closed;
        ASSERT_FALSE(EveryOrder(history, end).exists())
            << "round " << round << ", up to " << end << "\n"
            << written(history);
        ASSERT_TRUE(EveryOrder(history, end - 1).exists()) << "round " << round;
        ASSERT_EQ(faultOf(history, key, end - 1), "") << "round " << round;
    }
    EXPECT_GT(seen[Finding::Linearizable], rounds / 6);
    EXPECT_GT(seen[Finding::Impossible], rounds / 6);
}

TEST(Linearizability, FindsWhatTheKeyCouldHaveHeld)
{
    Dice dice(99);
    int compared = 0;
    for (int round = 0; round < 1'500; ++round) {
        auto history = randomHistory(dice, 0.4, 3);
        const auto key = judged(history);
        if (key.finding != Finding::Impossible
            || history.operations()[*key.culprit].action != Action::Read) {
            continue;
        }
        ++compared;
        const auto end = history.operations()[*key.culprit].closed;
        for (const auto& value : {Datum(), Datum("0"), Datum("1"), Datum("2")}) {
            history.operation(*key.culprit).value = value;
            const bool listed = std::ranges::find(key.couldHold, value) != key.couldHold.end();
            ASSERT_EQ(EveryOrder(history, end).exists(), listed) << "round " << round;
        }
    }
    EXPECT_GT(compared, 200);
}

// Herlihy and Wing 1990, figure 1 told of a register: what overlaps may be ordered either way.
TEST(Linearizability, OverlappingOperationsMayBeOrderedEitherWay)
{
    for (const auto* value : {"1", "2"}) {
        Scribe scribe;
        const auto first = scribe.call(1, Action::Write, "1");
        const auto second = scribe.call(2, Action::Write, "2");
        scribe.ok(first);
        scribe.ok(second);
        scribe.read(3, value);
        EXPECT_EQ(judged(scribe.history).finding, Finding::Linearizable) << value;
    }
}

// Lamport 1986: of an atomic register no read sees the old value after another saw the new one.
TEST(Linearizability, NewOldInversionIsImpossible)
{
    Scribe scribe;
    scribe.write(1, "1");
    const auto write = scribe.call(1, Action::Write, "2");
    scribe.read(2, "2");
    const auto stale = scribe.read(3, "1");
    scribe.ok(write);
    const auto key = judged(scribe.history);
    EXPECT_EQ(key.finding, Finding::Impossible);
    EXPECT_EQ(key.culprit, stale);
    EXPECT_THAT(key.couldHold, ElementsAre(Datum("2")));
    EXPECT_EQ(sentence(scribe.history, key), "read x gave 1, where x could only have held 2");
    EXPECT_EQ(key.order.size(), 3U);
}

// Attiya and Welch 1994: sequentially consistent, since the read may be put before the write in
// an order of its own, but not linearizable.
TEST(Linearizability, SequentialConsistencyIsNotEnough)
{
    Scribe scribe;
    scribe.write(1, "1");
    const auto stale = scribe.read(2, std::nullopt);
    const auto key = judged(scribe.history);
    EXPECT_EQ(key.culprit, stale);
    EXPECT_EQ(sentence(scribe.history, key), "read x gave nothing, where x could only have held 1");
}

// Knossos: a write that crashed may take effect long after.
TEST(Linearizability, AnUnknownWriteMayHappenLaterOrNever)
{
    for (const auto* last : {"1", "2"}) {
        Scribe scribe;
        scribe.write(1, "1");
        scribe.unknown(scribe.call(2, Action::Write, "2"));
        scribe.read(3, "1");
        scribe.read(3, "1");
        scribe.read(3, last);
        EXPECT_EQ(judged(scribe.history).finding, Finding::Linearizable);
        const auto once = scribe.read(3, "1");
        const auto key = judged(scribe.history);
        if (last == std::string("1")) {
            EXPECT_EQ(key.finding, Finding::Linearizable);
            EXPECT_EQ(key.order.size(), 5U) << "the write that nobody saw need not have happened";
        } else {
            EXPECT_EQ(key.culprit, once) << "it happens once";
        }
    }
}

TEST(Linearizability, AFailedWriteNeverHappened)
{
    Scribe scribe;
    scribe.write(1, "1");
    scribe.failed(scribe.call(2, Action::Write, "2"));
    const auto dirty = scribe.read(3, "2");
    EXPECT_EQ(judged(scribe.history).culprit, dirty);
}

// Jepsen's lost update: two compare-and-sets that both expected the same value both succeeded.
TEST(Linearizability, TwoCompareAndSetsOfOneValueCannotBothSucceed)
{
    Scribe scribe;
    scribe.write(1, "0");
    const auto a = scribe.call(1, Action::Cas, "1", "0");
    const auto b = scribe.call(2, Action::Cas, "2", "0");
    scribe.ok(a);
    scribe.ok(b);
    const auto key = judged(scribe.history);
    EXPECT_EQ(key.culprit, b);
    EXPECT_THAT(sentence(scribe.history, key),
                HasSubstr("cas x 0 2, where x could only have held"));
}

TEST(Linearizability, KeysAreJudgedAlone)
{
    Scribe scribe;
    scribe.ok(scribe.call(1, Action::Write, "1", {}, "x"));
    scribe.ok(scribe.call(1, Action::Write, "1", {}, "y"));
    const auto lost = scribe.call(2, Action::Read, {}, {}, "y");
    scribe.ok(lost, "2");
    const auto judgement = judge(scribe.history, Model::Register);
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->finding, Finding::Impossible);
    ASSERT_EQ(judgement->keys.size(), 2U);
    EXPECT_EQ(judgement->keys[0].finding, Finding::Linearizable);
    ASSERT_NE(judgement->worst(scribe.history), nullptr);
    EXPECT_EQ(judgement->worst(scribe.history)->key, "y");
}

TEST(Linearizability, NothingIsKnownOfWhatWasThereBeforeALiveRun)
{
    Scribe scribe;
    scribe.read(1, "7");
    scribe.read(1, "7");
    EXPECT_EQ(judged(scribe.history).finding, Finding::Impossible);
    scribe.history.setBeganBefore(true);
    EXPECT_EQ(judged(scribe.history).finding, Finding::Linearizable);
    const auto other = scribe.read(1, "8");
    EXPECT_EQ(judged(scribe.history).culprit, other);
}

TEST(Linearizability, AModelSaysWhatItDoesNotKnow)
{
    Scribe scribe;
    scribe.ok(scribe.call(1, Action::Cas, "2", "1"));
    scribe.history.operation(0).line = 12;
    EXPECT_EQ(modelFor(scribe.history), Model::CasRegister);
    const auto judgement = judge(scribe.history, Model::Register);
    ASSERT_FALSE(judgement);
    EXPECT_EQ(judgement.error().line, 12U);
    EXPECT_EQ(judgement.error().message,
              "expected an operation that the model register knows (read and write), found cas");
    for (const auto* name : {"register", "cas-register", "kv"}) {
        ASSERT_TRUE(modelOf(name));
        EXPECT_EQ(nameOf(*modelOf(name)), name);
    }
    EXPECT_FALSE(modelOf("list-append"));
}

/// Many writers of one key at once, and a read that nothing explains.
History crowd(std::uint64_t processes, std::uint64_t values)
{
    Scribe scribe;
    std::vector<std::size_t> under;
    for (std::uint64_t i = 0; i < processes; ++i) {
        under.push_back(scribe.call(i, Action::Cas, std::to_string((i + 1) % values),
                                    std::to_string(i % values)));
    }
    scribe.read(processes, "never written");
    for (const auto operation : under) {
        scribe.ok(operation);
    }
    return scribe.history;
}

TEST(Linearizability, GivesUpWhenItIsToldTo)
{
    auto history = crowd(40, 7);
    history.setBeganBefore(true);
    const auto judgement = judge(history, Model::CasRegister, {.steps = 5'000});
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->finding, Finding::GaveUp);
    EXPECT_LE(judgement->steps, 5'100U);
    int asked = 0;
    const auto stopped = judge(history, Model::CasRegister, {.stop = [&] { return ++asked == 3; }});
    EXPECT_EQ(stopped->finding, Finding::GaveUp);
    EXPECT_EQ(asked, 3);
}

// Crashed operations pile up in long tests: each may happen at any later time, and a search that
// tries them all never ends.
TEST(Linearizability, ManyUnknownOperationsDoNotHurt)
{
    Scribe scribe;
    Dice dice(5);
    for (std::uint64_t i = 0; i < 2'000; ++i) {
        const auto value = std::to_string(i);
        scribe.unknown(scribe.call(1000 + i, Action::Write, "u" + value));
        scribe.unknown(scribe.call(5000 + i, Action::Cas, "c" + value, value));
        scribe.write(1, value);
        const auto pick = dice.below(3);
        scribe.read(2, pick == 0 ? value : pick == 1 ? "c" + value : "u" + value);
    }
    const auto judgement = judge(scribe.history, Model::CasRegister, {.steps = 100'000});
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->finding, Finding::Linearizable);
    const auto again = scribe.read(2, "u3");
    const auto impossible = judge(scribe.history, Model::CasRegister, {.steps = 2'000'000});
    EXPECT_EQ(impossible->finding,
              judgement->keys[0].order.empty() ? Finding::GaveUp : impossible->finding);
    EXPECT_TRUE(impossible->keys[0].culprit == again
                || impossible->finding == Finding::Linearizable);
}

// Fifty writers at once, whose writes nobody reads, are no reason to try two to the fiftieth sets.
TEST(Linearizability, WritesThatNobodySeesDoNotHurt)
{
    Scribe scribe;
    scribe.write(0, "first");
    std::vector<std::size_t> under;
    for (std::uint64_t i = 0; i < 50; ++i) {
        under.push_back(scribe.call(100 + i, Action::Write, "w" + std::to_string(i)));
    }
    scribe.write(1, "a");
    scribe.write(1, "b");
    const auto stale = scribe.read(2, "a");
    for (const auto operation : under) {
        scribe.ok(operation);
    }
    const auto judgement = judge(scribe.history, Model::Register, {.steps = 100'000});
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->finding, Finding::Impossible);
    EXPECT_EQ(judgement->keys[0].culprit, stale);
}

} // namespace
} // namespace lightcone::checking
