#include "app/cli/arguments.h"
#include "app/cli/json_text.h"
#include "app/cli/load.h"
#include "engine/describe/described.h"
#include "engine/describe/json.h"
#include "engine/describe/text.h"

#include <boost/program_options/value_semantic.hpp>

#include <iostream>
#include <optional>

namespace lightcone::cli {

namespace {

boost::json::object toJson(const trace::NodeState& node, const trace::About& about)
{
    const auto names = about.names();
    boost::json::array timers;
    for (const auto& timer : node.timers) {
        timers.push_back(boost::json::object{{"name", timer.name},
                                             {"about", timer.about},
                                             {"due", timer.due.time_since_epoch().count()}});
    }
    boost::json::object object{{"node", about.nameOf(node.id)},
                               {"life", describe::nameOf(node.life)}};
    object["state"] = node.state.exists() ? describe::toJson(node.state, names) : nullptr;
    object["timers"] = std::move(timers);
    object["unsyncedWrites"] = node.unsyncedWrites;
    object["disk"] = node.disk;
    return object;
}

void print(const trace::NodeState& node, const trace::About& about)
{
    const auto names = about.names();
    std::cout << about.nameOf(node.id) << "  " << describe::nameOf(node.life)
              << (node.disk.empty() ? "" : "  disk " + node.disk) << '\n';
    if (node.state.exists()) {
        const auto& fields = node.state.shape()->fields;
        for (std::size_t i = 0; i < fields.size() && i < node.state.children().size(); ++i) {
            std::cout << "  " << fields[i].name << ' '
                      << describe::toText(node.state.children()[i], names) << '\n';
        }
    }
    for (const auto& timer : node.timers) {
        std::cout << "  timer " << timer.name << " due " << toText(timer.due) << '\n';
    }
}

} // namespace

int state(const Words& arguments)
{
    namespace options = boost::program_options;
    Options given("state");
    given.add()("at", options::value<std::uint64_t>(), "the event's number; 0 is before the first")(
        "node", options::value<std::string>(),
        "only this node")("json", "as JSON: an array with an object a node");
    given.word("file");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    if (!given.has("at")) {
        return complain("state", fail("expected --at EVENT"));
    }
    const auto recording = loadOne(given);
    if (!recording) {
        return complain("state", recording.error());
    }
    const auto& about = recording->trace->about();
    const EventId at(given.get<std::uint64_t>("at"));
    if (at.value > recording->trace->size()) {
        return complain("state",
                        fail("expected an event from 0 to "
                             + std::to_string(recording->trace->size()) + ", found "
                             + std::to_string(at.value)));
    }
    if (recording->states == nullptr) {
        return complain(
            "state", fail("the file carries no states, and this build does not know its protocol"));
    }
    std::optional<NodeId> only;
    if (given.has("node")) {
        only = about.names().find(given.get<std::string>("node"));
        if (!only) {
            return complain("state",
                            fail("expected a node such as " + about.members.front().name
                                 + ", found '" + given.get<std::string>("node") + "'"));
        }
    }
    boost::json::array rows;
    const auto cluster = recording->states->at(at);
    for (const auto& node : cluster.nodes) {
        if (only && node.id != *only) {
            continue;
        }
        if (given.has("json")) {
            rows.push_back(toJson(node, about));
        } else {
            print(node, about);
        }
    }
    if (given.has("json")) {
        std::cout << readable(rows);
    }
    return statusOf(*recording);
}

} // namespace lightcone::cli
