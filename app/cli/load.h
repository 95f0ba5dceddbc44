#pragma once

#include "app/cli/arguments.h"
#include "app/cli/progress.h"
#include "engine/session/recording.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lightcone::cli {

/// Work whose progress shows on a terminal.
class ShownWork
{
public:
    explicit ShownWork(std::string what);
    [[nodiscard]] const session::Work& work() const { return m_work; }

private:
    Progress m_progress;
    session::Work m_work;
};

/// Where scenarios and the theme lie.
std::filesystem::path resources();

/// The KEY=VALUEs that an option was given, for a scenario's cluster line.
Result<std::vector<session::Setting>> settingsOf(const Options&, const std::string& option);

/// What --set and --seed change in a scenario.
Result<std::vector<session::Setting>> overridesOf(const Options&);

/// Opens the one file that the verb was given; says on stderr what of it was lost.
Result<session::Recording> loadOne(const Options&);

/// The events that --where asks for, to be asked in order; an empty function when it was not given.
using Where = std::function<bool(EventId, const trace::Event&)>;
Result<Where> whereOf(const Options&, const trace::TracePtr&);

/// What a verb that showed all that there is ends with: a damaged file is wrong input all the same.
int statusOf(const session::Recording&);

} // namespace lightcone::cli
