#include "app/cli/arguments.h"
#include "app/cli/json_text.h"
#include "app/cli/load.h"
#include "engine/trace/formats/event_line.h"
#include "engine/trace/hash.h"

#include <fmt/format.h>
#include <iostream>

namespace lightcone::cli {

int replay(const Words& arguments)
{
    Options given("replay");
    given.add()("json", "as JSON: identical, events, and the first event that differs");
    given.word("file");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto recording = loadOne(given);
    if (!recording) {
        return complain("replay", recording.error());
    }
    const auto compared = session::replay(*recording, ShownWork("replaying").work());
    if (!compared) {
        return complain("replay", compared.error());
    }
    const auto& again = compared->again;
    const auto& first = compared->firstDifference;
    const bool identical = !first;
    const trace::formats::Wording wording(recording->trace->about());
    const auto line = [&](const trace::Trace& trace) {
        return first && first->value <= trace.size()
            ? trace::formats::eventLine(trace, *first, wording)
            : "nothing";
    };
    if (given.has("json")) {
        boost::json::object object{
            {"identical", identical},
            {"events", recording->trace->size()},
            {"hash", fmt::format("{:016x}", trace::traceHash(*recording->trace))}};
        if (first) {
            object["firstDifference"] = first->value;
            object["recorded"] = line(*recording->trace);
            object["replayed"] = line(*again);
        }
        std::cout << readable(object);
    } else if (identical) {
        std::cout << fmt::format("identical{}: {} events, trace {:016x}\n",
                                 recording->damage ? " up to where the file is damaged" : "",
                                 recording->trace->size(), trace::traceHash(*recording->trace));
    } else {
        std::cout << fmt::format("different from event #{} on\n  recorded: {}\n  replayed: {}\n",
                                 first->value, line(*recording->trace), line(*again));
    }
    return recording->damage ? wrong : identical ? fine : failed;
}

} // namespace lightcone::cli
