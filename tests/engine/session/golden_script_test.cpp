#include "engine/describe/text.h"
#include "engine/node/catalog.h"
#include "engine/session/runner.h"
#include "engine/trace/hash.h"
#include "tests/engine/session/ring_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

/// Runs that are kept: scenarios with their printed run below "----", compared line by line, and
/// the fingerprints of all that are shipped. LIGHTCONE_REWRITE=1 writes them anew; the diff is then
/// what is reviewed.
namespace lightcone::session {
namespace {

namespace fs = std::filesystem;

const fs::path root = LIGHTCONE_SOURCE_DIR;
constexpr std::string_view divider = "----\n";

bool rewrites()
{
    const auto* value = std::getenv("LIGHTCONE_REWRITE");
    return value != nullptr && std::string_view(value) == "1";
}

std::string contentOf(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

Result<PlanPtr> planFor(const std::string& text, const std::string& file)
{
    static const auto known = [] {
        std::vector<const node::Protocol*> all(node::catalog().begin(), node::catalog().end());
        all.push_back(&test::ringProtocol());
        return all;
    }();
    auto scenario = parseScenario(text, file);
    return scenario ? prepare(std::move(*scenario), {}, known) : scenario.error();
}

/// "#12 20.1 ms n1 -> n2 send Vote{term 1} because #9"
std::string printed(const trace::Trace& trace, EventId id)
{
    const auto& event = trace[id];
    const auto& about = trace.about();
    std::string line = fmt::format("#{} {}", id.value, toText(event.at));
    if (event.node) {
        line += " " + about.nameOf(event.node);
    }
    if (event.peer) {
        const bool arrives = event.kind == trace::Kind::Deliver || event.kind == trace::Kind::Reply;
        line += (arrives ? " <- " : " -> ") + about.nameOf(event.peer);
    }
    line += " " + describe::nameOf(event.kind);
    if (event.detail != 0) {
        line += fmt::format(" ({})", event.detail);
    }
    if (const auto* words = node::payloadIf<node::Text>(event.payload.get())) {
        line += " \"" + words->text + "\"";
    } else if (event.payload) {
        line += " " + describe::toText(event.payload->describe(), about.names());
    }
    return event.cause ? line + fmt::format(" because #{}", event.cause.value) : line;
}

std::string printedRun(const Performed& done)
{
    std::string text;
    for (std::uint64_t number = 1; number <= done.trace->size(); ++number) {
        text += printed(*done.trace, EventId(number)) + "\n";
    }
    for (const auto& failure : done.run->failures()) {
        text += fmt::format("failed: line {}: {}\n", failure.line, failure.text);
    }
    return text + fmt::format("fingerprint {:016x}\n", trace::traceHash(*done.trace));
}

std::vector<fs::path> filesIn(const fs::path& folder, const std::string& extension)
{
    std::vector<fs::path> files;
    if (fs::exists(folder)) {
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (entry.path().extension() == extension) {
                files.push_back(entry.path());
            }
        }
    }
    std::ranges::sort(files);
    return files;
}

TEST(GoldenRuns, AreAsTheyWerePrinted)
{
    const auto files = filesIn(root / "tests/data/golden", ".txt");
    EXPECT_GE(files.size(), 4U);
    for (const auto& file : files) {
        const auto content = contentOf(file);
        const auto cut = content.find(divider);
        const auto scenario = content.substr(0, cut);
        const auto plan = planFor(scenario, file.filename().string());
        ASSERT_TRUE(plan) << plan.error().text();
        const auto run = printedRun(performed(*plan, 100'000));
        if (rewrites()) {
            std::ofstream(file, std::ios::binary) << scenario << divider << run;
            continue;
        }
        ASSERT_NE(cut, std::string::npos) << file << " has no printed run: LIGHTCONE_REWRITE=1";
        std::istringstream expected(content.substr(cut + divider.size()));
        std::istringstream found(run);
        std::string a;
        std::string b;
        for (std::size_t line = 1; std::getline(expected, a); ++line) {
            b.clear();
            std::getline(found, b);
            ASSERT_EQ(a, b) << file << ", line " << line << " of the run";
        }
        EXPECT_FALSE(std::getline(found, b)) << file << ": the run goes on: " << b;
    }
}

TEST(ShippedScenarios, RunToTheTracesWhoseFingerprintsAreKept)
{
    const auto kept = root / "tests/data/scenario_hashes.txt";
    std::map<std::string, std::string> known;
    std::ifstream in(kept);
    for (std::string name, hash; in >> name >> hash;) {
        known[name] = hash;
    }
    std::string text;
    for (const auto& file : filesIn(root / "resources/scenarios", ".scenario")) {
        const auto name = fs::relative(file, root / "resources/scenarios").string();
        const auto plan = planFor(contentOf(file), name);
        ASSERT_TRUE(plan) << plan.error().text();
        const auto done = performed(*plan);
        for (const auto& failure : done.run->failures()) {
            ADD_FAILURE() << name << ":" << failure.line << ": " << failure.text;
        }
        const auto hash = fmt::format("{:016x}", trace::traceHash(*done.trace));
        text += name + " " + hash + "\n";
        if (!rewrites()) {
            EXPECT_EQ(known[name], hash) << name << ": LIGHTCONE_REWRITE=1 if it should change";
            known.erase(name);
        }
    }
    if (rewrites()) {
        std::ofstream(kept) << text;
        return;
    }
    for (const auto& [name, hash] : known) {
        EXPECT_EQ(hash, "") << name << " is not shipped any more";
    }
}

} // namespace
} // namespace lightcone::session
