#include "engine/session/open.h"

#include "engine/session/plan.h"
#include "engine/session/recorded_session.h"
#include "engine/session/recording.h"
#include "engine/session/simulated_session.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace lightcone::session {

Result<std::unique_ptr<Session>> openScenario(std::string_view text, std::string file,
                                              const std::vector<Setting>& overrides)
{
    auto scenario = parseScenario(text, std::move(file));
    if (!scenario) {
        return scenario.error();
    }
    auto plan = prepare(std::move(*scenario), overrides);
    if (!plan) {
        return plan.error();
    }
    return std::unique_ptr<Session>(std::make_unique<SimulatedSession>(std::move(*plan)));
}

Result<std::unique_ptr<Session>> openFile(const std::string& path,
                                          const std::vector<Setting>& overrides)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return fail("cannot open '" + path + "': " + std::strerror(errno));
    }
    // A scenario is text: no byte of it is zero, nor is its name that of a recorded run.
    std::string head(512, '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad()) {
        return fail("cannot read '" + path + "'");
    }
    in.close();
    if (path.ends_with(".lightcone") || head.find('\0') != std::string::npos) {
        auto recording = openRecording(path);
        if (!recording) {
            return recording.error();
        }
        return std::unique_ptr<Session>(std::make_unique<RecordedSession>(std::move(*recording)));
    }
    auto plan = planOf(path, overrides);
    if (!plan) {
        return plan.error();
    }
    return std::unique_ptr<Session>(std::make_unique<SimulatedSession>(std::move(*plan)));
}

} // namespace lightcone::session
