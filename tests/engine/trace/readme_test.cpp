#include "engine/node/effects.h"
#include "engine/trace/formats/lightcone_file.h"
#include "engine/trace/formats/xxh64.h"
#include "engine/trace/hash.h"
#include "tests/support/example_run.h"
#include "tests/support/golden.h"
#include "tests/support/trace_matchers.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace lightcone::trace::formats {
namespace {

/// The run that the README takes apart: two events of one node.
std::shared_ptr<Trace> tinyRun()
{
    About about;
    about.card.id = "tiny";
    about.members.push_back({NodeId(1), "n1", "", 0});
    about.seed = 7;
    auto trace = std::make_shared<Trace>(std::move(about));
    Event start;
    start.kind = Kind::Start;
    start.node = NodeId(1);
    trace->record(EventId(1), start);
    Event note;
    note.kind = Kind::Note;
    note.node = NodeId(1);
    note.cause = EventId(1);
    note.at = Instant(Duration(1000));
    note.payload = node::makePayload(node::Text{"hi"});
    trace->record(EventId(2), note);
    return trace;
}

Bytes tinyFile()
{
    const auto trace = tinyRun();
    std::ostringstream out;
    LightconeWriter writer(out, *trace);
    NodeState node;
    node.id = NodeId(1);
    node.life = Life::Up;
    writer.states().node(EventId(1), node, nullptr, {});
    node.unsyncedWrites = 1;
    writer.states().node(EventId(2), node, nullptr, {});
    EXPECT_TRUE(writer.finish(EventId(2)));
    return out.str();
}

/// The bytes in the README's example: of each line in a ```hex block what stands before two blanks.
Bytes bytesOfReadme()
{
    std::ifstream in(LIGHTCONE_SOURCE_DIR "/engine/trace/formats/README.md");
    Bytes bytes;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("```")) {
            inside = line == "```hex";
        } else if (inside) {
            std::istringstream words(line.substr(0, line.find("  ")));
            for (std::string word; words >> word;) {
                bytes += static_cast<char>(std::stoi(word, nullptr, 16));
            }
        }
    }
    return bytes;
}

std::string hex(BytesView bytes)
{
    std::string out;
    for (const char c : bytes) {
        out += fmt::format("{:02X} ", static_cast<unsigned char>(c));
    }
    return out;
}

TEST(Readme, TakesApartWhatTheWriterWrites)
{
    EXPECT_EQ(hex(bytesOfReadme()), hex(tinyFile()));
}

TEST(Readme, ItsExampleOpens)
{
    const auto opened = readLightcone(bytesOfReadme(), "README.md");
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->damage, std::nullopt);
    expectSameEvents(*opened->trace, *tinyRun(), 2);
    EXPECT_EQ(opened->states->at(EventId(1)).nodes.at(0).unsyncedWrites, 0U);
    EXPECT_EQ(opened->states->at(EventId(2)).nodes.at(0).unsyncedWrites, 1U);
}

/// Files that were kept when a format version came: every later build reads them.
TEST(OldFiles, OfVersion1Open)
{
    const synthetic::Example example;
    if (std::getenv("LIGHTCONE_KEEP_VERSION") != nullptr) {
        expectGolden(example.file(), "trace/version_1.lightcone");
    }
    const auto bytes = readData("trace/version_1.lightcone");
    ASSERT_FALSE(bytes.empty());
    const auto opened = readLightcone(bytes, "version_1.lightcone");
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->damage, std::nullopt);
    expectSameEvents(*opened->trace, *example.trace(), example.trace()->size());
    EXPECT_EQ(traceHash(*opened->trace), opened->hash);
    const auto state = opened->states->at(EventId(20));
    ASSERT_EQ(state.nodes.size(), 2U);
    EXPECT_EQ(describe::toText(state.nodes[0].state),
              "State{role leader, term 1, log [Entry{term 1, command x}], committed 1, votes {}}");
    ASSERT_EQ(state.nodes[0].timers.size(), 1U);
    EXPECT_EQ(state.nodes[0].timers[0].due, Instant(Duration(9'000'000)));
    const auto end = opened->states->at(EventId(37));
    ASSERT_EQ(end.links.size(), 1U);
    EXPECT_TRUE(end.links[0].cut);
    ASSERT_EQ(end.flights.size(), 1U);
    EXPECT_TRUE(end.flights[0].held);
    EXPECT_EQ(end.flights[0].due, Instant(Duration(3'900'000)));
}

TEST(OldFiles, OfANewerVersionAreRefusedByNumber)
{
    auto bytes = tinyFile();
    bytes[8] = 9;
    const auto check = static_cast<std::uint32_t>(xxh64(BytesView(bytes).substr(0, 12)));
    for (int i = 0; i < 4; ++i) {
        bytes[static_cast<std::size_t>(12 + i)] = static_cast<char>(check >> (8 * i));
    }
    EXPECT_EQ(readLightcone(bytes, "new.lightcone").error().text(),
              "new.lightcone: has format version 9, this build reads versions up to 1");
}

} // namespace
} // namespace lightcone::trace::formats
