#include "engine/trace/formats/wording.h"
#include "engine/trace/formats/writers.h"

#include <fmt/format.h>

namespace lightcone::trace::formats {

namespace {

/// A field as RFC 4180 §2 wants it: quoted where it must be, quotes doubled.
std::string field(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c;
        if (c == '"') {
            quoted += '"';
        }
    }
    return quoted + "\"";
}

} // namespace

Result<void> writeCsv(const Excerpt& asked, std::ostream& out)
{
    const auto excerpt = bounded(asked);
    const Wording wording(excerpt.trace->about());
    out << "event,nanoseconds,kind,node,peer,cause,detail,request,what,payload\r\n";
    return forEachAsked(excerpt, out, [&](EventId id, const Event& event) {
        const auto node = [&](NodeId each) { return each ? wording.name(each) : std::string{}; };
        const auto tag = wording.tag(event);
        const auto what = !tag.empty()                 ? tag
            : event.payload && !Wording::isText(event) ? std::string(event.payload->name())
                                                       : std::string{};
        out << fmt::format(
            "{},{},{},{},{},{},{},{},{},{}\r\n", id.value, event.at.time_since_epoch().count(),
            kindName(event.kind), field(node(event.node)), field(node(event.peer)),
            event.cause ? std::to_string(event.cause.value) : "", wording.detail(event),
            field(wording.request(event)), field(what), field(wording.whole(event)));
    });
}

} // namespace lightcone::trace::formats
