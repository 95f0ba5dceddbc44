#include "app/node/logging.h"

#include <boost/json.hpp>

#include <memory>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace lightcone::node_program {

namespace {

spdlog::level::level_enum levelOf(live::LogLevel level)
{
    switch (level) {
    case live::LogLevel::Debug:
        return spdlog::level::debug;
    case live::LogLevel::Info:
        return spdlog::level::info;
    case live::LogLevel::Warning:
        return spdlog::level::warn;
    case live::LogLevel::Error:
        return spdlog::level::err;
    }
    return spdlog::level::info;
}

bool isPlain(std::string_view text)
{
    return !text.empty() && text.find_first_of(" \"=\t\r\n\\") == std::string_view::npos;
}

std::string asText(std::string_view what, std::span<const live::LogField> fields)
{
    std::string line(what);
    for (const auto& field : fields) {
        line += ' ';
        line += field.key;
        line += '=';
        line += isPlain(field.value) ? field.value
                                     : boost::json::serialize(boost::json::string(field.value));
    }
    return line;
}

/// Without the braces: the pattern adds time and level.
std::string asJson(std::string_view what, std::span<const live::LogField> fields)
{
    std::string line = "\"what\":" + boost::json::serialize(boost::json::string(what));
    for (const auto& field : fields) {
        line += ",\"" + std::string(field.key)
            + "\":" + boost::json::serialize(boost::json::string(field.value));
    }
    return line;
}

} // namespace

live::Log openLog(const Settings& settings)
{
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>(settings.name, std::move(sink));
    const bool json = settings.logFormat == LogFormat::Json;
    logger->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","node":"%n",%v})"
                             : "%Y-%m-%dT%H:%M:%S.%fZ %l %n: %v",
                        spdlog::pattern_time_type::utc);
    logger->set_level(spdlog::level::from_str(settings.logLevel));
    logger->flush_on(spdlog::level::debug);
    return live::Log([logger, json](live::LogLevel level, std::string_view what,
                                    std::span<const live::LogField> fields) {
        const auto at = levelOf(level);
        if (logger->should_log(at)) {
            logger->log(at, json ? asJson(what, fields) : asText(what, fields));
        }
    });
}

} // namespace lightcone::node_program
