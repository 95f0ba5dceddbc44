#include "app/cli/json_text.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace lightcone::cli {

namespace {

constexpr std::size_t shortLine = 96;

void write(const boost::json::value& value, std::string& out, std::size_t level)
{
    const auto* array = value.if_array();
    const auto* object = value.if_object();
    auto line = boost::json::serialize(value);
    if ((array == nullptr && object == nullptr) || line.size() + 2 * level <= shortLine) {
        out += line;
        return;
    }
    const std::string inner(2 * (level + 1), ' ');
    out += array != nullptr ? "[\n" : "{\n";
    bool first = true;
    const auto next = [&] {
        out += (first ? "" : ",\n") + inner;
        first = false;
    };
    if (array != nullptr) {
        for (const auto& element : *array) {
            next();
            write(element, out, level + 1);
        }
    } else {
        for (const auto& [key, member] : *object) {
            next();
            out += boost::json::serialize(boost::json::value(key)) + ": ";
            write(member, out, level + 1);
        }
    }
    out += "\n" + std::string(2 * level, ' ') + (array != nullptr ? "]" : "}");
}

} // namespace

std::string readable(const boost::json::value& value)
{
    std::string out;
    write(value, out, 0);
    return out + "\n";
}

} // namespace lightcone::cli
