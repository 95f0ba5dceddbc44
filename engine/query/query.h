#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/describe/text.h"
#include "engine/node/card.h"
#include "engine/query/cluster.h"
#include "engine/trace/trace.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The one language for asking. engine/query/README.md teaches it.
namespace lightcone::query {

struct Expression;

/// What a question is put to.
enum class Scope : std::uint8_t {
    Events, ///< one event: kind == drop and to == n3
    Cluster, ///< the nodes' states: count(role == leader) <= 1
    Node, ///< one node's state: role == follower and up
    Both, ///< a breakpoint: the states after a step, or any event of it
};

/// Which words there are: the protocol's fields and messages, and the names of nodes.
struct Context
{
    Scope scope = Scope::Both;
    const node::Card* card = nullptr; ///< must not be null while parsing
    describe::NodeNames names = describe::plainNames();

    static Context of(const trace::About&, Scope);
};

/// A question that was understood. Copies share it.
class Query
{
public:
    /// The error points at the column (from 1) and says what was expected there.
    static Result<Query> parse(std::string_view text, const Context&);

    [[nodiscard]] const std::string& text() const { return m_text; }

    /// Whether it speaks of events (kind, msg, …) or of the nodes' states. Neither for "true".
    [[nodiscard]] bool asksEvents() const { return m_asksEvents; }
    [[nodiscard]] bool asksCluster() const { return m_asksCluster; }
    [[nodiscard]] bool asksPast() const { return m_pasts != 0; }

    /// For Scope::Cluster, and Scope::Both where nothing is asked of events.
    [[nodiscard]] bool holds(const Cluster&) const;

    /// For Scope::Node.
    [[nodiscard]] bool holdsFor(const Cluster&, std::size_t index) const;

private:
    friend class EventFilter;

    std::string m_text;
    std::shared_ptr<const Expression> m_root;
    bool m_asksEvents = false;
    bool m_asksCluster = false;
    std::uint32_t m_pasts = 0; ///< how many "preceded by" there are
};

/// Puts a question to the events of a trace, in order. "A preceded by B" holds at an A in whose
/// causal past there is a B.
class EventFilter
{
public:
    EventFilter(Query, trace::TracePtr);

    /// The next event, which must exist. cluster: the states after its step, where the question
    /// asks for them.
    bool next(const Cluster* cluster = nullptr);

    /// How many events were judged so far.
    [[nodiscard]] std::uint64_t judged() const { return m_judged; }

private:
    Query m_query;
    trace::TracePtr m_trace;
    std::uint64_t m_judged = 0;
    // By "preceded by", then event; [0] is before all events.
    std::vector<std::vector<bool>> m_before; ///< whether a B lies in its past
    std::vector<std::vector<bool>> m_after; ///< the same, or it is one itself
    std::vector<const Expression*> m_sought;
    std::map<NodeId, EventId> m_lastOf; ///< the newest event of a lane
};

/// Words that may begin or continue a question here, for completion: fields, attributes, nodes,
/// functions, message types.
std::vector<std::string> vocabulary(const Context&);

} // namespace lightcone::query
