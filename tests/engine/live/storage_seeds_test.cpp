#include "engine/live/storage.h"
#include "tests/engine/live/memory_filesystem.h"
#include "tests/engine/live/notebook.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lightcone::live {
namespace {

using test::line;
using test::linesOn;
using test::MemoryFilesystem;
using test::notebook;

constexpr StorageLimits small{4 << 10, 5 << 10, 10 << 10};

/// Lives of one node whose power fails, whose file system refuses, or who stops in order, at random
/// places; each next one has to find all that an earlier one was told is durable.
class Lives
{
public:
    explicit Lives(std::uint64_t seed)
        : m_dice(seed)
    {
    }

    void run()
    {
        for (int life = 0; life < 6 && !::testing::Test::HasFailure(); ++life) {
            if (m_dice.chance(0.5)) {
                m_files.failAt(1 + m_dice.below(120));
            }
            liveOnce();
            m_files.failNever();
            if (m_dice.chance(0.6)) {
                m_files.losePower(m_dice);
            }
        }
        const auto storage = open();
        ASSERT_TRUE(storage) << storage.error().text();
        look(**storage);
    }

private:
    Result<std::unique_ptr<Storage>> open()
    {
        return Storage::open("data", notebook(), {"library", NodeId(1)}, small, m_files);
    }

    void look(const Storage& storage)
    {
        const auto& found = linesOn(storage.disk());
        ASSERT_GE(found.size(), m_durable);
        ASSERT_LE(found.size(), m_tried.size());
        ASSERT_TRUE(std::equal(found.begin(), found.end(), m_tried.begin()));
        ASSERT_GT(storage.incarnation(), m_incarnation);
        m_incarnation = storage.incarnation();
        m_tried = found;
        m_durable = found.size();
    }

    void liveOnce()
    {
        const auto before = m_files.operations();
        auto storage = open();
        if (!storage) {
            // Only what the test refuses may keep it from starting.
            ASSERT_NE(storage.error().text().find("the test refuses"), std::string::npos)
                << storage.error().text() << " after " << before << " operations";
            return;
        }
        look(**storage);
        const auto rounds = m_dice.below(25);
        for (std::uint64_t round = 0; round < rounds; ++round) {
            if (!commitOnce(**storage) || !keep(**storage)) {
                return;
            }
        }
        if (m_dice.chance(0.3)) {
            static_cast<void>((*storage)->close());
        }
    }

    bool commitOnce(Storage& storage)
    {
        std::vector<node::PayloadPtr> records;
        const auto count = 1 + m_dice.below(4);
        for (std::uint64_t i = 0; i < count; ++i) {
            auto text = std::to_string(m_number++) + std::string(m_dice.below(900), 'x');
            records.push_back(line(text));
            m_tried.push_back(std::move(text));
        }
        if (!storage.commit(records)) {
            return false;
        }
        m_durable = m_tried.size();
        return true;
    }

    bool keep(Storage& storage)
    {
        if (storage.wantsSegment() && m_dice.chance(0.6) && !storage.prepareSegment()) {
            return false;
        }
        if (m_dice.chance(0.1) && !storage.mark()) {
            return false;
        }
        if (!storage.wantsCheckpoint()) {
            return true;
        }
        const auto plan = storage.beginCheckpoint();
        const test::Lines lines{m_tried};
        // The log goes on while the checkpoint is being written.
        return plan && (!m_dice.chance(0.5) || commitOnce(storage))
            && storage.writeCheckpoint(*plan, node::HostedDisk<test::Notebook>(lines));
    }

    Dice m_dice;
    MemoryFilesystem m_files;
    std::vector<std::string> m_tried; ///< what may be found: the durable lines and what came after
    std::size_t m_durable = 0; ///< how many of them must be found
    std::uint64_t m_incarnation = 0;
    std::uint64_t m_number = 0;
};

TEST(StorageSeeds, WhatWasDurableIsFoundWhateverFails)
{
    const auto count = test::scaledSeeds(1000);
    const auto* only = std::getenv("LIGHTCONE_SEED");
    const auto first = only != nullptr ? std::strtoull(only, nullptr, 10) : 1;
    const auto last = only != nullptr ? first : count;
    for (auto seed = first; seed <= last; ++seed) {
        Lives(seed).run();
        ASSERT_FALSE(HasFailure())
            << "seed " << seed << "\n  replay it with: " << test::replayCommand(seed);
    }
}

} // namespace
} // namespace lightcone::live
