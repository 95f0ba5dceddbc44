#include "engine/trace/formats/wording.h"
#include "engine/trace/formats/writers.h"
#include "engine/trace/index.h"

#include <fmt/format.h>
#include <map>

namespace lightcone::trace::formats {

namespace {

/// Text that Mermaid takes for text: what it reads as syntax becomes an entity.
std::string escaped(const std::string& text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '#':
            out += "#35;";
            break;
        case ';':
            out += "#59;";
            break;
        case '%':
            out += "#37;";
            break;
        case '<':
            out += "#lt;";
            break;
        case '>':
            out += "#gt;";
            break;
        case '\r':
            break;
        case '\n':
            out += "<br/>";
            break;
        default:
            out += c;
        }
    }
    return out.empty() ? "#32;" : out;
}

class Diagram
{
public:
    Diagram(const Excerpt& excerpt, std::ostream& out)
        : m_excerpt(&excerpt)
        , m_out(&out)
        , m_wording(excerpt.trace->about())
        , m_index(TracePtr(TracePtr{}, excerpt.trace))
    {
        m_index.grow();
    }

    Result<void> write()
    {
        *m_out << "sequenceDiagram\n";
        const auto& about = m_excerpt->trace->about();
        for (const auto& member : about.members) {
            declare(member.id, "participant");
        }
        for (std::uint32_t i = 1; i <= about.clients.size(); ++i) {
            declare(clientId(i), "actor");
        }
        // Whom the plan does not name must be declared before the first line, too.
        for (const auto node : m_index.nodes()) {
            declare(node, isClient(node) ? "actor" : "participant");
        }
        return forEachAsked(*m_excerpt, *m_out,
                            [this](EventId id, const Event& event) { line(id, event); });
    }

private:
    static std::string participant(NodeId node)
    {
        return isClient(node) ? fmt::format("c{}", node.value - firstClient)
                              : fmt::format("n{}", node.value);
    }

    void declare(NodeId node, std::string_view how)
    {
        if (node && m_declared.emplace(node, true).second) {
            *m_out << fmt::format("    {} {} as {}\n", how, participant(node),
                                  escaped(m_wording.name(node)));
        }
    }

    void note(NodeId node, const std::string& text)
    {
        if (node) {
            declare(node, "participant");
            *m_out << fmt::format("    Note over {}: {}\n", participant(node), escaped(text));
        } else if (!m_declared.empty()) {
            const auto first = m_declared.begin()->first;
            const auto last = m_declared.rbegin()->first;
            *m_out << (first == last ? fmt::format("    Note over {}: {}\n", participant(first),
                                                   escaped(text))
                                     : fmt::format("    Note over {},{}: {}\n", participant(first),
                                                   participant(last), escaped(text)));
        }
    }

    void arrow(NodeId from, std::string_view how, NodeId to, const std::string& text)
    {
        declare(from, "participant");
        declare(to, "participant");
        *m_out << fmt::format("    {}{}{}: {}\n", participant(from), how, participant(to),
                              escaped(text));
    }

    void line(EventId id, const Event& event)
    {
        switch (event.kind) {
        case Kind::Deliver:
            arrow(event.peer, "->>", event.node, m_wording.brief(event));
            return;
        case Kind::Drop:
            arrow(event.node, "--x", event.peer,
                  fmt::format("{} ({})", m_wording.brief(event), m_wording.detail(event)));
            return;
        case Kind::Send: {
            // Shown where it ends, unless that is nowhere to be seen.
            const auto end = m_index.endOf(id);
            if (!end || end > m_excerpt->last) {
                arrow(event.node, "-)", event.peer, m_wording.brief(event) + " (under way)");
            }
            return;
        }
        case Kind::Cut:
        case Kind::Heal:
            if (event.node && event.peer) {
                declare(event.node, "participant");
                declare(event.peer, "participant");
                *m_out << fmt::format("    Note over {},{}: {}\n", participant(event.node),
                                      participant(event.peer), escaped(m_wording.sentence(event)));
            }
            return;
        case Kind::Write:
        case Kind::Sync:
        case Kind::Duplicate:
            return; // of no arrow and no word in a sequence diagram
        default:
            note(event.node, m_wording.sentence(event));
        }
    }

    const Excerpt* m_excerpt;
    std::ostream* m_out;
    Wording m_wording;
    Index m_index;
    std::map<NodeId, bool> m_declared;
};

} // namespace

Result<void> writeMermaid(const Excerpt& asked, std::ostream& out)
{
    const auto excerpt = bounded(asked);
    return Diagram(excerpt, out).write();
}

} // namespace lightcone::trace::formats
