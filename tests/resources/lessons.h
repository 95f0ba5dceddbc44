#pragma once

#include "engine/core/check.h"
#include "engine/session/library.h"
#include "engine/session/plan.h"
#include "engine/session/recording.h"
#include "engine/trace/hash.h"

#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

/// The scenarios that are shipped, for the tests of this folder.
namespace lightcone::session {

inline std::filesystem::path scenarioFolder()
{
    return LIGHTCONE_SOURCE_DIR "/resources/scenarios";
}

/// "raft/the_leader_crashes"
inline std::string lessonName(const LibraryEntry& entry)
{
    return entry.protocol + "/" + entry.file.stem().string();
}

inline std::vector<std::string> lessonNames()
{
    std::vector<std::string> names;
    for (const auto& entry : library(scenarioFolder())) {
        names.push_back(lessonName(entry));
    }
    return names;
}

/// A lesson performed to the end of its last line. What is wrong with its text is thrown.
inline Recording performLesson(const std::string& name, const std::vector<Setting>& overrides = {})
{
    const auto path = scenarioFolder() / (name + ".scenario");
    auto plan = planOf(path.string(), overrides);
    if (!plan) {
        throw std::runtime_error(plan.error().text());
    }
    auto recording = recordScenario(*plan);
    if (!recording) {
        throw std::runtime_error(recording.error().text());
    }
    return *recording;
}

/// For GoogleTest: "raft_the_leader_crashes".
inline std::string testName(const std::string& lesson)
{
    auto name = lesson;
    for (auto& c : name) {
        c = c == '/' || c == '-' || c == '.' ? '_' : c;
    }
    return name;
}

} // namespace lightcone::session
