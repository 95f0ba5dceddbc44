#pragma once

#include "engine/describe/text.h"
#include "engine/trace/event.h"
#include "engine/trace/formats/format.h"
#include "engine/trace/trace.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace lightcone::trace::formats {

/// What a format says of events, the same in all of them.
class Wording
{
public:
    explicit Wording(const About&);

    [[nodiscard]] const describe::NodeNames& names() const { return m_names; }
    [[nodiscard]] std::string name(NodeId id) const { return m_about->nameOf(id); }

    /// "loss", "message", "done": what `detail` means for the event's kind; empty where nothing.
    [[nodiscard]] std::string detail(const Event&) const;

    /// A payload as a short phrase, a text as itself; empty when there is none.
    [[nodiscard]] std::string brief(const Event&) const;

    /// Whether the payload is words and nothing else.
    [[nodiscard]] static bool isText(const Event&);

    /// A payload in one line, whole; a text as itself.
    [[nodiscard]] std::string whole(const Event&) const;

    /// "c1#7"; empty when there is none.
    [[nodiscard]] std::string request(const Event&) const;

    /// The timer that ran out; the invariant that was broken.
    [[nodiscard]] std::string tag(const Event&) const;

    /// What happened to the event's node, without naming it: "sends Vote 3 to n2".
    [[nodiscard]] std::string sentence(const Event&) const;

private:
    [[nodiscard]] std::string aboutMessage(const Event&) const;
    [[nodiscard]] std::string aboutWorld(const Event&) const;

    const About* m_about;
    describe::NodeNames m_names;
};

/// "preCandidate" of an enumerator: what shapes and JSON call it.
std::string kindName(Kind);

/// Calls visit(id, event) for what the excerpt asks for, in order, and reports. The error is that
/// of who cancelled it, or of the stream.
template <class Visit>
Result<void> forEachAsked(const Excerpt&, std::ostream&, Visit visit);

/// Of the trace, so that `last` is an event of it and first is at least 1.
Excerpt bounded(Excerpt);

template <class Visit>
Result<void> forEachAsked(const Excerpt& excerpt, std::ostream& out, Visit visit)
{
    constexpr std::uint64_t slice = 4096;
    const auto first = excerpt.first.value;
    const auto last = excerpt.last.value;
    for (auto begin = first; begin <= last; begin += slice) {
        if (excerpt.watch.cancelled()) {
            return fail("export was cancelled");
        }
        if (!out) {
            return fail("could not be written: is the disk full?");
        }
        const EventId end(std::min(begin + slice - 1, last));
        forEach(*excerpt.trace, EventId(begin), end, [&](EventId id, const Event& event) {
            if (!excerpt.where || excerpt.where(id, event)) {
                visit(id, event);
            }
        });
        excerpt.watch.report(static_cast<double>(end.value - first + 1)
                             / static_cast<double>(last - first + 1));
    }
    return {};
}

} // namespace lightcone::trace::formats
