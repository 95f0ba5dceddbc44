#include "engine/trace/formats/wording.h"
#include "engine/trace/formats/writers.h"
#include "engine/trace/index.h"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <vector>

namespace lightcone::trace::formats {

namespace {

std::string quoted(std::string_view text)
{
    return boost::json::serialize(boost::json::string(text));
}

/// Microseconds, exact to the nanosecond.
std::string microseconds(Instant at)
{
    const auto count = at.time_since_epoch().count();
    const auto size =
        count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    return fmt::format("{}{}.{:03}", count < 0 ? "-" : "", size / 1000, size % 1000);
}

/// A field of a node's state that is drawn as a curve.
struct Curve
{
    EventId event;
    NodeId node;
    std::string name;
    std::int64_t value = 0;
};

/// Hears how states change and keeps the changes of the epoch and of what is committed.
class CurveRecorder final : public StateRecorder
{
public:
    void node(EventId event, const NodeState& node, const describe::ShapePtr& shape,
              BytesView state) override
    {
        const auto value =
            shape ? describe::decodeValue(shape, state) : Result<describe::Value>(fail(""));
        if (!value) {
            return;
        }
        for (const auto facet : {describe::Facet::Epoch, describe::Facet::Committed}) {
            const auto* found = value->findFacet(facet);
            if (found == nullptr || !found->isNumber()) {
                continue;
            }
            const auto index = value->held().shape()->fieldWith(facet);
            const auto number = found->asInt();
            const auto known = m_newest.find({node.id, facet});
            if (known == m_newest.end() || known->second != number) {
                m_newest[{node.id, facet}] = number;
                changes.push_back(
                    {event, node.id, value->held().shape()->fields[*index].name, number});
            }
        }
    }
    void flight(EventId, EventId, Instant, bool) override { }
    void links(EventId, const std::vector<LinkState>&) override { }
    void rules(EventId, const std::vector<std::string>&) override { }

    std::vector<Curve> changes;

private:
    std::map<std::pair<NodeId, describe::Facet>, std::int64_t> m_newest;
};

constexpr int stepThread = 1;
constexpr int sendThread = 2;

class ChromeWriter
{
public:
    ChromeWriter(const Excerpt& excerpt, std::ostream& out)
        : m_excerpt(&excerpt)
        , m_out(&out)
        , m_wording(excerpt.trace->about())
        , m_index(TracePtr(TracePtr{}, excerpt.trace))
    {
        m_index.grow();
    }

    Result<void> write()
    {
        *m_out << "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"protocol\":"
               << quoted(m_excerpt->trace->about().card.id)
               << ",\"seed\":" << quoted(std::to_string(m_excerpt->trace->about().seed))
               << "},\n\"traceEvents\":[";
        nameProcesses();
        auto written = forEachAsked(*m_excerpt, *m_out, [this](EventId id, const Event& event) {
            writeCurves(id);
            writeEvent(id, event);
        });
        if (written && m_excerpt->last >= m_excerpt->first) {
            writeCurves(m_excerpt->last);
        }
        closeOperations();
        *m_out << "\n]}\n";
        return written;
    }

private:
    static std::uint32_t process(NodeId node) { return node.value; }

    void row(const std::string& fields)
    {
        *m_out << (m_first ? "\n{" : ",\n{") << fields << "}";
        m_first = false;
    }

    void nameProcesses()
    {
        std::set<NodeId> nodes;
        const auto& about = m_excerpt->trace->about();
        for (const auto& member : about.members) {
            nodes.insert(member.id);
        }
        for (std::uint32_t i = 1; i <= about.clients.size(); ++i) {
            nodes.insert(clientId(i));
        }
        for (const auto node : m_index.nodes()) {
            nodes.insert(node);
        }
        nodes.erase(NodeId{});
        int order = 0;
        for (const auto node : nodes) {
            const auto pid = process(node);
            row(fmt::format(R"("ph":"M","name":"process_name","pid":{},"args":{{"name":{}}})", pid,
                            quoted(m_wording.name(node))));
            row(fmt::format(R"("ph":"M","name":"process_sort_index","pid":{},)"
                            R"("args":{{"sort_index":{}}})",
                            pid, order++));
            row(fmt::format(R"("ph":"M","name":"thread_name","pid":{},"tid":{},)"
                            R"("args":{{"name":"steps"}})",
                            pid, stepThread));
            row(fmt::format(R"("ph":"M","name":"thread_name","pid":{},"tid":{},)"
                            R"("args":{{"name":"sends"}})",
                            pid, sendThread));
        }
    }

    [[nodiscard]] bool asked(EventId id) const
    {
        return id && id >= m_excerpt->first && id <= m_excerpt->last
            && (!m_excerpt->where || m_excerpt->where(id, (*m_excerpt->trace)[id]));
    }

    /// A step takes no virtual time; it is drawn a microsecond long, or less if the next comes
    /// sooner, so that there is something to click on and for arrows to begin at.
    [[nodiscard]] Duration length(EventId id, const Event& event) const
    {
        constexpr Duration most{1000};
        constexpr Duration least{1};
        auto next = m_index.nextOf(event.node, id);
        for (int i = 0; i < 64 && next && (*m_excerpt->trace)[next].at <= event.at; ++i) {
            next = m_index.nextOf(event.node, next);
        }
        const auto gap = next ? (*m_excerpt->trace)[next].at - event.at : most;
        return std::clamp(gap, least, most);
    }

    void slice(EventId id, const Event& event, int thread, const char* category)
    {
        row(fmt::format(
            R"("ph":"X","cat":"{}","name":{},"pid":{},"tid":{},"ts":{},"dur":{},"args":{{"event":{},"cause":{},"payload":{}}})",
            category, quoted(m_wording.sentence(event)), process(event.node), thread,
            microseconds(event.at), microseconds(Instant(length(id, event))), id.value,
            event.cause.value, quoted(m_wording.whole(event))));
    }

    void flow(char phase, EventId message, const Event& at, int thread)
    {
        row(fmt::format(
            R"("ph":"{}","cat":"message","name":"message","id":{},"pid":{},"tid":{},"ts":{}{})",
            phase, message.value, process(at.node), thread, microseconds(at.at),
            phase == 'f' ? R"(,"bp":"e")" : ""));
    }

    void instant(const Event& event, char scope)
    {
        row(fmt::format(R"("ph":"i","cat":{},"name":{},"pid":{},"tid":{},"ts":{},"s":"{}")",
                        quoted(kindName(event.kind)), quoted(m_wording.sentence(event)),
                        process(event.node), stepThread, microseconds(event.at),
                        event.node ? scope : 'g'));
    }

    void operation(char phase, RequestId request, const std::string& name, Instant at)
    {
        row(fmt::format(
            R"("ph":"{}","cat":"operation","name":{},"id":"{}.{}","pid":{},"tid":{},"ts":{})",
            phase, quoted(name), request.client.value, request.sequence, process(request.client),
            stepThread, microseconds(at)));
    }

    void writeMessage(EventId id, const Event& event)
    {
        slice(id, event, sendThread, "send");
        const auto end = m_index.endOf(id);
        if (asked(end) && (*m_excerpt->trace)[end].kind == Kind::Deliver) {
            flow('s', id, event, sendThread);
        }
    }

    void writeEvent(EventId id, const Event& event)
    {
        switch (event.kind) {
        case Kind::Send:
        case Kind::Duplicate:
            writeMessage(id, event);
            break;
        case Kind::Deliver:
            slice(id, event, stepThread, "step");
            if (asked(event.cause) && m_index.endOf(event.cause) == id) {
                flow('f', event.cause, event, stepThread);
            }
            break;
        case Kind::Start:
        case Kind::Restart:
        case Kind::Timer:
            slice(id, event, stepThread, "step");
            break;
        case Kind::Request:
            if (m_open.emplace(event.request, m_wording.brief(event)).second) {
                operation('b', event.request, m_wording.brief(event), event.at);
            }
            break;
        case Kind::Reply:
            if (const auto open = m_open.find(event.request); open != m_open.end()) {
                operation('e', event.request, open->second, event.at);
                m_open.erase(open);
            }
            break;
        case Kind::Note:
            instant(event, 't');
            break;
        case Kind::Write:
        case Kind::Sync:
            instant(event, 't');
            break;
        default:
            instant(event, 'p');
        }
        m_now = std::max(m_now, event.at);
    }

    /// Operations that nobody answered end with the run.
    void closeOperations()
    {
        for (const auto& [request, name] : m_open) {
            operation('e', request, name, m_now);
        }
    }

    /// The changes of curves up to an event; learns of them a stretch at a time.
    void writeCurves(EventId upTo)
    {
        if (m_excerpt->states == nullptr) {
            return;
        }
        constexpr std::uint64_t stretch = 4096;
        while (m_heard < upTo) {
            const auto first = std::max(m_heard.value + 1, m_excerpt->first.value);
            const EventId last(std::min(first + stretch - 1, m_excerpt->last.value));
            m_curves.changes.clear();
            m_nextCurve = 0;
            m_excerpt->states->tell(EventId(first), last, m_curves);
            m_heard = last;
            if (upTo > m_heard) {
                writeCurves(m_heard);
            }
        }
        for (; m_nextCurve < m_curves.changes.size() && m_curves.changes[m_nextCurve].event <= upTo;
             ++m_nextCurve) {
            const auto& curve = m_curves.changes[m_nextCurve];
            const auto event = std::max(curve.event, m_excerpt->first);
            row(fmt::format(R"("ph":"C","name":{},"pid":{},"ts":{},"args":{{"value":{}}})",
                            quoted(curve.name), process(curve.node),
                            microseconds((*m_excerpt->trace)[event].at), curve.value));
        }
    }

    const Excerpt* m_excerpt;
    std::ostream* m_out;
    Wording m_wording;
    Index m_index;
    bool m_first = true;
    Instant m_now{};
    std::map<RequestId, std::string> m_open;
    CurveRecorder m_curves;
    std::size_t m_nextCurve = 0;
    EventId m_heard{};
};

} // namespace

Result<void> writeChrome(const Excerpt& asked, std::ostream& out)
{
    const auto excerpt = bounded(asked);
    return ChromeWriter(excerpt, out).write();
}

} // namespace lightcone::trace::formats
