#include "tests/tidy/rules.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string_view>

namespace lightcone::tidy {
namespace {

using namespace std::string_literals;

constexpr std::size_t maximumLines = 700;

// The floors of the engine, from the ground. Rooms on one floor do not know each other.
const std::map<std::string, int>& engineFloors()
{
    static const std::map<std::string, int> floors{
        {"core", 0},      {"describe", 1}, {"kv", 2},      {"node", 3}, {"trace", 4},
        {"protocols", 4}, {"query", 5},    {"check", 5},   {"sim", 5},  {"live", 5},
        {"picture", 5},   {"measure", 5},  {"session", 6},
    };
    return floors;
}

// The views stand on what they share; the window holds them all.
int viewsFloor(const std::string& room)
{
    static const std::map<std::string, int> floors{
        {"theme", 0},
        {"cursor", 1},
        {"run", 2},
        {"window", 4},
    };
    const auto found = floors.find(room);
    return found == floors.end() ? 3 : found->second;
}

const std::set<std::string>& roomsOpenToViews()
{
    static const std::set<std::string> rooms{"session", "picture",  "query", "measure",
                                             "trace",   "describe", "core"};
    return rooms;
}

std::vector<std::string> partsOf(std::string_view path)
{
    std::vector<std::string> parts;
    while (true) {
        const auto slash = path.find('/');
        parts.emplace_back(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            return parts;
        }
        path.remove_prefix(slash + 1);
    }
}

/// Where a file lives: `engine/protocols/raft/raft.h` is side engine, room protocols, folder raft.
struct Place
{
    std::string side; ///< engine, views, app or tests.
    std::string room; ///< The folder below.
    std::string folder; ///< The folder below that, when there is one.
};

Place placeOf(std::string_view path)
{
    const auto parts = partsOf(path);
    Place place;
    place.side = parts[0];
    if (parts.size() > 2) {
        place.room = parts[1];
    }
    if (parts.size() > 3) {
        place.folder = parts[2];
    }
    return place;
}

bool isQt(const Include& include)
{
    static const std::regex pattern("^Q[A-Z]|^Qt");
    return std::regex_search(include.target, pattern);
}

using Complaint = std::optional<std::string>;

Complaint arrowFromEngine(const Place& from, const Place& to)
{
    if (to.side != "engine") {
        return "the engine stands on nothing above it: no \"" + to.side + "/\"";
    }
    if (from.room == to.room) {
        if (from.room == "protocols" && from.folder != to.folder) {
            return "a protocol does not know another protocol: \"" + to.folder + "\"";
        }
        return std::nullopt;
    }
    if (to.room == "protocols") {
        return "nobody includes a protocol; the catalog hands it out";
    }
    const auto& floors = engineFloors();
    const auto here = floors.find(from.room);
    const auto there = floors.find(to.room);
    if (here == floors.end() || there == floors.end()) {
        return "engine/" + (here == floors.end() ? from.room : to.room)
            + " is not a room of the house: give it a floor in tests/tidy/rules.cpp";
    }
    if (there->second >= here->second) {
        return "engine/" + from.room + " may include lower floors only, and engine/" + to.room
            + " is not below it";
    }
    return std::nullopt;
}

Complaint arrowFromViews(const Place& from, const Place& to, const std::string& target)
{
    if (to.side == "views") {
        const bool allowed = from.room == to.room || viewsFloor(to.room) < viewsFloor(from.room);
        return allowed ? Complaint()
                       : "views/" + from.room + " includes another view, views/" + to.room
                + ": what two views share goes to views/theme, views/cursor or views/run";
    }
    if (to.side != "engine") {
        return "views stand on nothing above them: no \"" + to.side + "/\"";
    }
    if (target == "engine/node/card.h" || roomsOpenToViews().contains(to.room)) {
        return std::nullopt;
    }
    return "views see session, picture, query, measure, trace, describe, core and "
           "engine/node/card.h, not \""
        + target + "\"";
}

Complaint arrowFromTests(const std::string& path, const Place& to)
{
    const bool ownTests =
        path.starts_with("tests/engine/protocols/" + to.folder + "/") && !to.folder.empty();
    if (to.side == "engine" && to.room == "protocols" && !ownTests) {
        return "only a protocol's own tests include it; others take it from the catalog";
    }
    return std::nullopt;
}

Complaint arrow(const std::string& path, const Include& include)
{
    const Place from = placeOf(path);
    const bool withoutQt = from.side == "engine" || path.starts_with("app/cli/")
        || path.starts_with("app/node/") || path.starts_with("tests/engine/")
        || path.starts_with("tests/support/");
    if (withoutQt && isQt(include)) {
        return "no Qt here: <" + include.target + ">";
    }
    if (!include.quoted || include.target.ends_with(".moc")) {
        return std::nullopt;
    }
    const Place to = placeOf(include.target);
    static const std::set<std::string> sides{"engine", "views", "app", "tests"};
    if (!sides.contains(to.side)) {
        return "includes start at the project's root: \"" + include.target + "\"";
    }
    if (from.side == "tests") {
        return arrowFromTests(path, to);
    }
    if (to.side == "tests") {
        return "the product does not include its tests: \"" + include.target + "\"";
    }
    if (from.side == "engine") {
        return arrowFromEngine(from, to);
    }
    if (from.side == "views") {
        return arrowFromViews(from, to, include.target);
    }
    if (to.side == "engine" && to.room == "protocols") {
        return "nobody includes a protocol; the catalog hands it out";
    }
    return std::nullopt;
}

/// A pattern that is forbidden in some rooms of the engine.
struct Ban
{
    std::regex pattern;
    std::set<std::string> rooms;
    std::string sentence;
};

const std::vector<Ban>& bans()
{
    const std::set<std::string> pure{"core",  "describe", "kv",  "node",   "protocols",
                                     "query", "check",    "sim", "picture"};
    const std::set<std::string> machines{"kv", "protocols", "sim"};
    static const std::vector<Ban> list{
        {std::regex(R"(\b(random_device|mt19937|\w+_distribution|drand48)\b|\bs?rand\s*\()"), pure,
         "chance comes from the dice of engine/core, whose numbers are the same everywhere"},
        {std::regex(
             R"(\b(system|steady|high_resolution|utc|tai|gps|file)_clock\b|::now\s*\(\s*\))"
             R"(|\b(gettimeofday|clock_gettime|localtime|gmtime)\b|\btime\s*\(\s*(nullptr|NULL|0)\s*\))"),
         pure, "time is handed in as a moment; nothing here reads a clock"},
        {std::regex(R"(\bstd::(j?thread|async|mutex|shared_mutex|condition_variable)\b)"
                    R"(|\bthread_local\b|\bsleep_(for|until)\b)"),
         pure, "no thread, lock or sleep here: the room is a pure function of its input"},
        {std::regex(R"(\bunordered_(flat_|node_)?(multi)?(map|set)\b)"), machines,
         "the order of a hash differs between libraries: use an ordered container"},
        {std::regex(R"(\b(map|set)<\s*(const\s+)?[\w:]+(\s+const)?\s*\*)"), machines,
         "the order of pointers differs between runs: order by id"},
    };
    return list;
}

const std::map<std::string, std::string>& bannedHeaders()
{
    static const std::map<std::string, std::string> headers{
        {"random", "<random> gives other numbers in another library: use the dice of engine/core"},
        {"thread", "no thread here"},
        {"mutex", "no lock here"},
        {"future", "no thread here"},
        {"condition_variable", "no lock here"},
        {"ctime", "nothing here reads a clock"},
    };
    return headers;
}

void checkBannedHeaders(const Source& source, std::vector<Finding>& findings)
{
    for (const Include& include : includesOf(source)) {
        const auto ban = bannedHeaders().find(include.target);
        if (ban != bannedHeaders().end()) {
            findings.push_back({source.path, include.line, ban->second});
        }
    }
}

void checkNamespace(const Source& source, std::vector<Finding>& findings)
{
    const Place place = placeOf(source.path);
    if (place.side != "engine" || place.room.empty() || !source.path.ends_with(".h")) {
        return;
    }
    std::string expected = "namespace lightcone";
    if (place.room == "protocols" && !place.folder.empty()) {
        expected += "::protocols::" + place.folder;
    } else if (place.room == "check") {
        expected += "::checking"; // check() is core's
    } else if (place.room == "check") {
        expected += "::checking"; // lightcone::check is core's assertion
    } else if (place.room != "core") {
        expected += "::" + place.room;
    }
    const std::regex pattern(expected + R"(\b)");
    // A header that only gathers others has no namespace to show.
    const bool gathers = std::ranges::all_of(source.code, [](const std::string& line) {
        const auto first = line.find_first_not_of(' ');
        return first == std::string::npos || line[first] == '#';
    });
    const bool found = gathers || std::ranges::any_of(source.code, [&](const std::string& line) {
                           return std::regex_search(line, pattern);
                       });
    if (!found) {
        findings.push_back(
            {source.path, 1, "a folder is a namespace: expected \"" + expected + "\""});
    }
}

} // namespace

std::vector<Finding> checkArrows(const Source& source)
{
    std::vector<Finding> findings;
    for (const Include& include : includesOf(source)) {
        if (const Complaint complaint = arrow(source.path, include)) {
            findings.push_back({source.path, include.line, *complaint});
        }
    }
    return findings;
}

std::vector<Finding> checkDeterminism(const Source& source)
{
    std::vector<Finding> findings;
    const Place place = placeOf(source.path);
    if (place.side != "engine") {
        return findings;
    }
    if (place.room == "protocols" || place.room == "sim" || place.room == "kv") {
        checkBannedHeaders(source, findings);
    }
    for (const Ban& ban : bans()) {
        if (!ban.rooms.contains(place.room)) {
            continue;
        }
        for (std::size_t i = 0; i < source.code.size(); ++i) {
            if (std::regex_search(source.code[i], ban.pattern)) {
                findings.push_back({source.path, static_cast<int>(i) + 1, ban.sentence});
            }
        }
    }
    return findings;
}

std::vector<Finding> checkShape(const Source& source)
{
    std::vector<Finding> findings;
    if (source.lines.size() > maximumLines) {
        findings.push_back({source.path, static_cast<int>(source.lines.size()),
                            std::to_string(source.lines.size()) + " lines, at most "
                                + std::to_string(maximumLines) + ": split it by conversation"});
    }
    if (source.path.ends_with(".h")
        && std::ranges::find(source.lines, "#pragma once"s) == source.lines.end()) {
        findings.push_back({source.path, 1, "a header begins with #pragma once"});
    }
    static const std::regex unfinished(R"(\b(TO)(DO)\b|\b(FIX)(ME)\b|\bXX(X)\b)");
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
        if (std::regex_search(source.lines[i], unfinished)) {
            findings.push_back({source.path, static_cast<int>(i) + 1,
                                "unfinished work belongs in the tracker, not in the code"});
        }
    }
    checkNamespace(source, findings);
    return findings;
}

std::vector<Finding> checkAll(const Source& source)
{
    std::vector<Finding> findings = checkArrows(source);
    for (auto check : {checkDeterminism, checkShape}) {
        const auto more = check(source);
        findings.insert(findings.end(), more.begin(), more.end());
    }
    return findings;
}

} // namespace lightcone::tidy
