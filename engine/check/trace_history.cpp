#include "engine/check/trace_history.h"

#include "engine/describe/shape_of.h"
#include "engine/kv/operation.h"
#include "engine/node/effects.h"

#include <algorithm>
#include <utility>

namespace lightcone::checking {

namespace {

using trace::Event;
template <class T>
bool is(const describe::ShapePtr& shape)
{
    static const auto wanted = describe::fingerprint(*describe::shapeOf<T>());
    return shape && shape->kind == describe::ShapeKind::Record
        && shape->name == describe::shapeOf<T>()->name && describe::fingerprint(*shape) == wanted;
}

std::string textOf(const describe::Value& record, std::string_view field)
{
    const auto* value = record.find(field);
    return value != nullptr ? datum(value->held().asText()) : std::string();
}

Datum optionalOf(const describe::Value& record, std::string_view field)
{
    const auto* value = record.find(field);
    if (value == nullptr || value->isEmptyOptional()) {
        return std::nullopt;
    }
    return datum(value->held().asText());
}

bool isOfKeyValue(const describe::Shape& shape)
{
    const auto any = [](const describe::ShapePtr& each) {
        return is<kv::Get>(each) || is<kv::Put>(each) || is<kv::Delete>(each) || is<kv::Cas>(each);
    };
    return std::ranges::any_of(shape.fields, any, &describe::FieldShape::shape);
}

} // namespace

std::optional<Operation> operationOf(const describe::Value& request)
{
    const auto& asked = request.held();
    const auto& shape = asked.shape();
    Operation operation;
    if (is<kv::Get>(shape)) {
        operation.action = Action::Read;
        operation.name = "get";
    } else if (is<kv::Put>(shape)) {
        operation.action = Action::Write;
        operation.name = "put";
        operation.value = textOf(asked, "value");
    } else if (is<kv::Delete>(shape)) {
        operation.action = Action::Delete;
        operation.name = "delete";
    } else if (is<kv::Cas>(shape)) {
        operation.action = Action::Cas;
        operation.name = "cas";
        operation.expected = optionalOf(asked, "expected");
        operation.value = textOf(asked, "desired");
    } else {
        return std::nullopt;
    }
    operation.key = textOf(asked, "key");
    return operation;
}

void endAnswered(History& history, std::size_t place, Instant at, const describe::Value& reply)
{
    const auto& result = reply.held();
    const auto* outcome = is<kv::Result>(result.shape()) ? result.find("outcome") : nullptr;
    const auto word = outcome != nullptr ? outcome->name() : std::string_view();
    auto value = outcome != nullptr ? optionalOf(result, "value") : Datum();
    const auto action = history.operations()[place].action;
    if (action == Action::Read && (word == "found" || word == "notFound")) {
        history.end(place, Ending::Ok, at, std::move(value));
    } else if (word == "done") {
        history.operation(place).deleted = action == Action::Delete;
        history.end(place, Ending::Ok, at);
    } else if (word == "notFound" || word == "mismatch") {
        history.miss(place, at, std::move(value));
    } else {
        // Stale and expired sessions: an earlier try may have been executed all the same.
        history.operation(place).error = ":" + std::string(word.empty() ? "other" : word);
        history.end(place, Ending::Unknown, at);
    }
}

bool hasHistory(const trace::About& about)
{
    return about.card.request && isOfKeyValue(*about.card.request);
}

TraceHistory::TraceHistory(trace::TracePtr trace)
    : m_trace(std::move(trace))
{
    m_history.setBeganBefore(m_trace->about().origin == "live");
}

bool TraceHistory::grow(EventId last)
{
    const auto places = m_history.places();
    trace::forEach(*m_trace, EventId(m_size.value + 1), last, [&](EventId id, const Event& event) {
        if (event.kind == trace::Kind::Request) {
            request(id, event);
        } else if (event.kind == trace::Kind::Reply) {
            reply(id, event);
        } else if (event.kind == trace::Kind::Gap) {
            m_history.setIncomplete();
        } else if (event.kind == trace::Kind::Send && isClient(event.node)) {
            if (const auto open = m_open.find(event.request); open != m_open.end()) {
                ++open->second.sent;
            }
        }
    });
    m_size = std::max(m_size, last);
    return m_history.places() != places;
}

void TraceHistory::request(EventId id, const Event& event)
{
    if (!event.payload) {
        return;
    }
    auto operation = operationOf(event.payload->describe());
    if (!operation) {
        return;
    }
    operation->process = event.node.value >= firstClient ? event.node.value - firstClient : 0;
    operation->at = event.at;
    operation->request = id;
    m_open[event.request] = {m_history.invoke(std::move(*operation)), 0};
}

void TraceHistory::reply(EventId id, const Event& event)
{
    const auto open = m_open.find(event.request);
    if (open == m_open.end()) {
        return;
    }
    const auto known = open->second;
    m_open.erase(open);
    m_history.operation(known.place).reply = id;
    const auto ending = static_cast<node::Answer>(event.detail);
    if (ending == node::Answer::Done && event.payload) {
        endAnswered(m_history, known.place, event.at, event.payload->describe());
        return;
    }
    // Who said no did nothing; an earlier try of the same operation may have reached another.
    const bool refused = ending == node::Answer::Refused || ending == node::Answer::Redirected;
    m_history.operation(known.place).error = refused ? ":refused" : ":timeout";
    m_history.end(known.place, refused && known.sent <= 1 ? Ending::Failed : Ending::Unknown,
                  event.at);
}

History TraceHistory::history() const
{
    std::map<std::string, std::set<std::string>> foreign;
    for (const auto& operation : m_history.operations()) {
        if (operation.ending != Ending::Ok) {
            continue;
        }
        const auto saw = [&](const Datum& value) {
            if (value) {
                foreign[operation.key].insert(*value);
            }
        };
        if (operation.action == Action::Read) {
            saw(operation.value);
        } else if (operation.action == Action::Cas) {
            saw(operation.missed ? operation.found : operation.expected);
        }
    }
    for (const auto& operation : m_history.operations()) {
        if (operation.action == Action::Write || operation.action == Action::Cas) {
            if (const auto values = foreign.find(operation.key);
                values != foreign.end() && operation.value) {
                values->second.erase(*operation.value);
            }
        }
    }
    History history = m_history;
    for (const auto& [key, values] : foreign) {
        for (const auto& value : values) {
            Operation was;
            was.process = before;
            was.action = Action::Write;
            was.name = "was";
            was.key = key;
            was.value = value;
            history.invokeBefore(std::move(was));
        }
    }
    return history;
}

} // namespace lightcone::checking
