#include "engine/trace/causality.h"
#include "engine/trace/formats/wording.h"
#include "engine/trace/formats/writers.h"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <fmt/format.h>
#include <map>
#include <vector>

namespace lightcone::trace::formats {

namespace {

/// A host's name is all that stands before a blank.
std::string host(std::string name)
{
    for (auto& c : name) {
        if (static_cast<unsigned char>(c) <= ' ') {
            c = '_';
        }
    }
    return name.empty() ? "_" : name;
}

std::string oneLine(std::string text)
{
    for (auto& c : text) {
        if (c == '\n' || c == '\r') {
            c = ' ';
        }
    }
    return text;
}

/// ShiViz wants each host to count 1, 2, 3 …: clocks count what is written, not what happened.
class Counts
{
public:
    /// The node's next event is written or left out.
    void add(NodeId node, bool written)
    {
        auto& counts = m_written[node];
        counts.push_back((counts.empty() ? 0 : counts.back()) + (written ? 1 : 0));
    }

    /// How many of the node's first `known` events are written.
    [[nodiscard]] std::uint32_t of(NodeId node, std::uint32_t known) const
    {
        const auto found = m_written.find(node);
        return found != m_written.end() && known > 0 && known <= found->second.size()
            ? found->second[known - 1]
            : 0;
    }

private:
    std::map<NodeId, std::vector<std::uint32_t>> m_written;
};

} // namespace

Result<void> writeShiviz(const Excerpt& asked, std::ostream& out)
{
    const auto excerpt = bounded(asked);
    const auto& trace = *excerpt.trace;
    const Wording wording(trace.about());
    // The trace lives as long as the excerpt: nobody need share it.
    const TracePtr borrowed(TracePtr{}, &trace);
    Causality causality(borrowed);
    Counts counts;
    Result<void> result;
    const auto write = [&](EventId id, const Event& event, const auto& clock) {
        const bool asks = id >= excerpt.first && (!excerpt.where || excerpt.where(id, event));
        counts.add(event.node, asks);
        if (!asks) {
            return;
        }
        std::string entries;
        for (const auto& [node, known] : clock) {
            if (const auto count = counts.of(node, known); count > 0) {
                entries += fmt::format(
                    "{}{}:{}", entries.empty() ? "" : ", ",
                    boost::json::serialize(boost::json::string(host(wording.name(node)))), count);
            }
        }
        out << host(wording.name(event.node)) << " {" << entries << "}\n"
            << oneLine(wording.sentence(event)) << "\n";
    };
    constexpr std::uint64_t slice = 16384;
    for (std::uint64_t first = 1; first <= excerpt.last.value; first += slice) {
        if (excerpt.watch.cancelled()) {
            return fail("export was cancelled");
        }
        if (!out) {
            return fail("could not be written: is the disk full?");
        }
        const EventId last(std::min(first + slice - 1, excerpt.last.value));
        causality.walk(EventId(first), last, [&](EventId id, const auto& clock) {
            if (isLocal(trace[id])) {
                write(id, trace[id], clock);
            }
        });
        excerpt.watch.report(static_cast<double>(last.value)
                             / static_cast<double>(excerpt.last.value));
    }
    return {};
}

} // namespace lightcone::trace::formats
