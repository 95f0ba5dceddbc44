#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace lightcone::live {

enum class LogLevel : unsigned char { Debug, Info, Warning, Error };

struct LogField
{
    std::string_view key;
    std::string value;
};

/// What happened in a few words, always the same for the same thing, and its particulars.
using LogSink =
    std::function<void(LogLevel, std::string_view what, std::span<const LogField> fields)>;

/// Tells a sink, where there is one.
class Log
{
public:
    Log() = default;
    explicit Log(LogSink sink)
        : m_sink(std::move(sink))
    {
    }

    void operator()(LogLevel level, std::string_view what,
                    std::initializer_list<LogField> fields = {}) const
    {
        if (m_sink) {
            m_sink(level, what, std::span<const LogField>(fields.begin(), fields.size()));
        }
    }

private:
    LogSink m_sink;
};

} // namespace lightcone::live
