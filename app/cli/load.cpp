#include "app/cli/load.h"

#include "engine/query/query.h"
#include "engine/session/resources.h"

// Without a library of its own.
#define BOOST_DLL_USE_STD_FS
#include <boost/dll/runtime_symbol_info.hpp>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

namespace lightcone::cli {

ShownWork::ShownWork(std::string what)
    : m_progress(std::move(what))
{
    m_work.report = [this](const std::string& soFar) { m_progress.report(soFar); };
}

std::filesystem::path resources()
{
    return session::resourceFolder(boost::dll::program_location(), LIGHTCONE_RESOURCE_DIR);
}

Result<std::vector<session::Setting>> settingsOf(const Options& options, const std::string& option)
{
    std::vector<session::Setting> settings;
    for (const auto& given : options.list(option)) {
        const auto equals = given.find('=');
        if (equals == 0 || equals == std::string::npos) {
            return fail("expected --" + option + " KEY=VALUE, found '" + given + "'");
        }
        settings.push_back({given.substr(0, equals), given.substr(equals + 1)});
    }
    return settings;
}

Result<std::vector<session::Setting>> overridesOf(const Options& options)
{
    auto overrides = settingsOf(options, "set");
    if (overrides && options.has("seed")) {
        overrides->push_back({"seed", std::to_string(options.get<std::uint64_t>("seed"))});
    }
    return overrides;
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

Result<Where> whereOf(const Options& options, const trace::TracePtr& trace)
{
    if (!options.has("where")) {
        return Where{};
    }
    auto question = query::Query::parse(options.get<std::string>("where"),
                                        query::Context::of(trace->about(), query::Scope::Events));
    if (!question) {
        return fail("--where: " + question.error().text());
    }
    const auto filter = std::make_shared<query::EventFilter>(std::move(*question), trace);
    return Where([filter](EventId, const trace::Event&) { return filter->next(); });
}

int statusOf(const session::Recording& recording)
{
    return recording.damage ? wrong : fine;
}

} // namespace lightcone::cli
