#include "engine/session/open.h"

#include "engine/session/plan.h"
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
    std::string text(std::size_t{1} << 21, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) {
        return fail("cannot read '" + path + "'");
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    return openScenario(text, path, overrides);
}

} // namespace lightcone::session
