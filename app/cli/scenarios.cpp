#include "app/cli/arguments.h"
#include "app/cli/json_text.h"
#include "app/cli/load.h"
#include "engine/node/catalog.h"
#include "engine/session/library.h"

#include <iostream>

namespace lightcone::cli {

int scenarios(const Words& arguments)
{
    Options options("scenarios");
    options.add()("json", "as JSON: an array of protocol, file, title, summary");
    options.word("protocol");
    if (const auto status = options.parse(arguments)) {
        return *status;
    }
    const auto wanted = options.list("protocol");
    if (!wanted.empty() && node::findProtocol(wanted.front()) == nullptr) {
        return complain("scenarios",
                        fail("expected a protocol (see lightcone-cli protocols), found '"
                             + wanted.front() + "'"));
    }
    boost::json::array rows;
    for (const auto& entry : session::library(resources() / "scenarios")) {
        if (!wanted.empty() && entry.protocol != wanted.front()) {
            continue;
        }
        if (options.has("json")) {
            rows.push_back(boost::json::object{{"protocol", entry.protocol},
                                               {"file", entry.file.string()},
                                               {"title", entry.title},
                                               {"summary", entry.summary}});
        } else {
            std::cout << entry.file.string() << "\n  " << entry.title << '\n';
            if (!entry.summary.empty()) {
                std::cout << "  " << entry.summary << '\n';
            }
        }
    }
    if (options.has("json")) {
        std::cout << readable(rows);
    }
    return fine;
}

} // namespace lightcone::cli
