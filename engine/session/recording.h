#pragma once

#include "engine/session/plan.h"
#include "engine/session/runner.h"
#include "engine/trace/state_source.h"
#include "engine/trace/trace.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::session {

/// A run that has ended, whole: just simulated, or read from a file.
struct Recording
{
    trace::TracePtr trace;
    std::shared_ptr<const trace::StateSource> states; ///< nullptr when nobody knows them
    std::shared_ptr<const Runner> run{}; ///< its end, when it was simulated just now
    std::optional<std::uint64_t> savedHash{}; ///< what a file says its trace's hash was
    std::optional<std::string> damage{}; ///< what of a file was lost, in one sentence
};

/// How long work tells how far it has come; true from cancelled() asks it to stop.
struct Work
{
    std::function<void(const std::string& soFar)> report = [](const std::string&) {};
    std::function<bool()> cancelled = [] { return false; };
};

/// Performs a scenario until its last line is done. The error is that of the text, or that the work
/// was cancelled.
Result<Recording> recordScenario(const PlanPtr&, const Work& = {});

/// Reads a scenario's file and prepares it.
Result<PlanPtr> planOf(const std::string& path, const std::vector<Setting>& overrides = {});

/// Opens a .lightcone file as it is, or performs a .scenario.
Result<Recording> openRecording(const std::string& path, const Work& = {});

/// Writes a .lightcone file with the states.
Result<void> saveRecording(const Recording&, const std::string& path, const Work& = {});

/// A simulation done again from what its recording says of it.
struct Replayed
{
    trace::TracePtr again;
    std::optional<EventId> firstDifference; ///< nothing when the two are identical
};

/// The error says why it cannot be done again: not simulated, of a protocol that this build does
/// not know, …
Result<Replayed> replay(const Recording&, const Work& = {});

} // namespace lightcone::session
