#pragma once

#include "engine/core/error.h"
#include "engine/trace/formats/watch.h"
#include "engine/trace/state_source.h"
#include "engine/trace/trace.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace lightcone::trace::formats {

/// A file that was opened, as far as it is whole.
struct Opened
{
    std::shared_ptr<Trace> trace;
    std::shared_ptr<const StateSource> states; ///< nullptr when the file has none
    std::optional<std::uint64_t> hash{}; ///< traceHash() of the run when it was saved
    std::optional<std::string> damage{}; ///< what was lost, in one sentence
};

/// Opens a .lightcone file up to its first damage. Payloads and states stay packed until somebody
/// looks. The error says why nothing of it can be shown.
Result<Opened> openLightcone(const std::string& path, const Watch& = {});

/// The same of a file's bytes; the name is for errors.
Result<Opened> readLightcone(Bytes file, const std::string& name, const Watch& = {});

/// What a list of files shows of one, without reading it whole.
struct Glance
{
    About about;
    std::optional<std::uint64_t> events; ///< not known when the file was not written to its end
};
Result<Glance> glanceAt(const std::string& path);

/// Writes a .lightcone file as a run goes on. What is told to states() about an event must come
/// before advance() passes a later one; memory does not grow with the run.
class LightconeWriter
{
public:
    LightconeWriter(std::ostream&, const Trace&);

    /// Says something else of the run than its trace does.
    LightconeWriter(std::ostream&, const Trace&, const About&);
    ~LightconeWriter();
    LightconeWriter(const LightconeWriter&) = delete;
    LightconeWriter& operator=(const LightconeWriter&) = delete;

    [[nodiscard]] StateRecorder& states();

    /// Writes the events up to that one, but for the last few, which wait for more.
    void advance(EventId last);

    /// Writes the rest and the file's end. The error is that of the stream.
    Result<void> finish(EventId last);

private:
    class Work;
    std::unique_ptr<Work> m_work;
};

struct SaveOptions
{
    const StateSource* states = nullptr;
    std::optional<std::string> scenario{}; ///< that replays the run, where it is not the trace's
    Watch watch{};
};

/// Writes the events 1 … last.
Result<void> saveLightcone(std::ostream&, const Trace&, EventId last, const SaveOptions& = {});

/// The same to a file, which appears under its name when it is whole.
Result<void> saveLightcone(const std::string& path, const Trace&, EventId last,
                           const SaveOptions& = {});

} // namespace lightcone::trace::formats
