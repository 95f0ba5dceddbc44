#include "app/cli/arguments.h"
#include "app/cli/load.h"
#include "engine/trace/formats/event_line.h"
#include "engine/trace/formats/format.h"

#include <boost/program_options/value_semantic.hpp>

#include <iostream>
#include <limits>

namespace lightcone::cli {

int show(const Words& arguments)
{
    namespace options = boost::program_options;
    Options given("show");
    given.add()("where", options::value<std::string>(),
                "only events for which this question holds (kind == drop and to == n3)")(
        "limit", options::value<std::uint64_t>(),
        "at most so many")("json", "as the json export of those events: an object a line");
    given.word("file");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto recording = loadOne(given);
    if (!recording) {
        return complain("show", recording.error());
    }
    const auto& trace = recording->trace;
    const auto where = whereOf(given, trace);
    if (!where) {
        return complain("show", where.error());
    }
    auto left = given.has("limit") ? given.get<std::uint64_t>("limit")
                                   : std::numeric_limits<std::uint64_t>::max();
    trace::formats::Excerpt excerpt;
    excerpt.trace = trace.get();
    excerpt.where = [&](EventId id, const trace::Event& event) {
        return left > 0 && (!*where || (*where)(id, event)) && left-- > 0;
    };
    if (given.has("json")) {
        const auto written = trace::formats::findFormat("json")->write(excerpt, std::cout);
        return written ? statusOf(*recording) : complain("show", written.error());
    }
    const trace::formats::Wording wording(trace->about());
    for (std::uint64_t number = 1; number <= trace->size() && left > 0; ++number) {
        if (excerpt.where(EventId(number), (*trace)[EventId(number)])) {
            std::cout << trace::formats::eventLine(*trace, EventId(number), wording) << '\n';
        }
    }
    return statusOf(*recording);
}

} // namespace lightcone::cli
