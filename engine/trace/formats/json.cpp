#include "engine/describe/json.h"

#include "engine/trace/formats/wording.h"
#include "engine/trace/formats/writers.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace lightcone::trace::formats {

namespace {

namespace json = boost::json;

json::object aboutOf(const About& about, const Wording& wording)
{
    json::array members;
    for (const auto& member : about.members) {
        members.push_back(json::object{{"number", member.id.value},
                                       {"name", member.name},
                                       {"role", member.role},
                                       {"tier", member.tier},
                                       {"takesRequests", member.takesRequests},
                                       {"spare", member.spare}});
    }
    json::array clients;
    for (const auto& client : about.clients) {
        clients.emplace_back(client);
    }
    json::object object{{"protocol", about.card.id},
                        {"title", about.card.title},
                        {"origin", about.origin},
                        // A number of JSON's readers holds 53 bits, a seed has 64.
                        {"seed", std::to_string(about.seed)},
                        {"scenario", about.scenario},
                        {"members", std::move(members)},
                        {"clients", std::move(clients)}};
    object["parameters"] = about.parameters.exists()
        ? describe::toJson(about.parameters, wording.names())
        : json::value(nullptr);
    return object;
}

json::object eventOf(EventId id, const Event& event, const Wording& wording)
{
    json::object object{{"event", id.value},
                        {"at", event.at.time_since_epoch().count()},
                        {"kind", kindName(event.kind)}};
    const auto put = [&](json::string_view key, std::string text) {
        if (!text.empty()) {
            object[key] = std::move(text);
        }
    };
    put("node", event.node ? wording.name(event.node) : std::string{});
    put("peer", event.peer ? wording.name(event.peer) : std::string{});
    if (event.cause) {
        object["cause"] = event.cause.value;
    }
    put("detail", wording.detail(event));
    put("request", wording.request(event));
    put(event.kind == Kind::Timer ? "timer" : "invariant", wording.tag(event));
    if (event.payload) {
        object["what"] = json::string(event.payload->name());
        object["payload"] = describe::toJson(event.payload->describe(), wording.names());
    }
    return object;
}

} // namespace

Result<void> writeJson(const Excerpt& asked, std::ostream& out)
{
    const auto excerpt = bounded(asked);
    const auto& about = excerpt.trace->about();
    const Wording wording(about);
    out << "{\"format\":\"lightcone\",\"version\":1,\n\"about\":"
        << json::serialize(aboutOf(about, wording)) << ",\n\"events\":[";
    bool first = true;
    auto written = forEachAsked(excerpt, out, [&](EventId id, const Event& event) {
        out << (first ? "\n" : ",\n") << json::serialize(eventOf(id, event, wording));
        first = false;
    });
    out << "\n]}\n";
    return written;
}

} // namespace lightcone::trace::formats
