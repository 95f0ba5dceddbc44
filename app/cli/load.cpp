#include "app/cli/load.h"

#include <iostream>

namespace lightcone::cli {

ShownWork::ShownWork(std::string what)
    : m_progress(std::move(what))
{
    m_work.report = [this](const std::string& soFar) { m_progress.report(soFar); };
}

Result<session::Recording> loadOne(const Options& options)
{
    const auto files = options.list("file");
    if (files.size() != 1) {
        return fail("expected one file (a .lightcone trace or a .scenario)");
    }
    auto recording = session::openRecording(files.front(), ShownWork(files.front()).work());
    if (recording && recording->damage) {
        std::cerr << "lightcone-cli: " << files.front() << ": " << *recording->damage << '\n';
    }
    return recording;
}

int statusOf(const session::Recording& recording)
{
    return recording.damage ? wrong : fine;
}

} // namespace lightcone::cli
