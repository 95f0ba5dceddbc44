#include "app/cli/arguments.h"
#include "app/cli/load.h"
#include "engine/query/query.h"
#include "engine/trace/event_text.h"

#include <boost/program_options/value_semantic.hpp>

#include <iostream>
#include <limits>
#include <optional>

namespace lightcone::cli {

int show(const Words& arguments)
{
    namespace options = boost::program_options;
    Options given("show");
    given.add()("where", options::value<std::string>(),
                "only events for which this question holds (kind == drop and to == n3)")(
        "limit", options::value<std::uint64_t>(), "at most so many")("json",
                                                                     "as JSON: an object a line");
    given.word("file");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto recording = loadOne(given);
    if (!recording) {
        return complain("show", recording.error());
    }
    const auto& trace = recording->trace;
    std::optional<query::EventFilter> filter;
    if (given.has("where")) {
        auto question =
            query::Query::parse(given.get<std::string>("where"),
                                query::Context::of(trace->about(), query::Scope::Events));
        if (!question) {
            auto error = question.error();
            error.message = "--where: " + error.text();
            error.line = error.column = 0;
            return complain("show", error);
        }
        filter.emplace(std::move(*question), trace);
    }
    auto left = given.has("limit") ? given.get<std::uint64_t>("limit")
                                   : std::numeric_limits<std::uint64_t>::max();
    for (std::uint64_t number = 1; number <= trace->size() && left > 0; ++number) {
        if (filter && !filter->next()) {
            continue;
        }
        --left;
        std::cout << trace::eventLine(*trace, EventId(number)) << '\n';
    }
    return statusOf(*recording);
}

} // namespace lightcone::cli
