#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/describe/text.h"
#include "engine/query/expression.h"
#include "engine/query/query.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace lightcone::query {

namespace {

using describe::ShapeKind;
using describe::Value;

/// What a question is being put to.
struct Place
{
    const Cluster* cluster = nullptr;
    std::optional<std::size_t> node{};
    const trace::Trace* trace = nullptr;
    EventId event{};
    const std::vector<std::vector<bool>>* pasts =
        nullptr; ///< strictly before the event, by "preceded by"
};

Datum truthDatum(bool truth)
{
    Datum datum;
    datum.kind = Datum::Kind::Truth;
    datum.truth = truth;
    return datum;
}

Datum numberDatum(double number)
{
    Datum datum;
    datum.kind = Datum::Kind::Number;
    datum.number = number;
    return datum;
}

Datum wordDatum(std::string_view word)
{
    Datum datum;
    datum.kind = Datum::Kind::Word;
    datum.word = word;
    return datum;
}

Datum nodeDatum(NodeId node)
{
    Datum datum;
    datum.kind = node ? Datum::Kind::Node : Datum::Kind::Missing;
    datum.node = node;
    return datum;
}

Datum datumOf(const Value& given)
{
    if (!given.exists()) {
        return {};
    }
    if (given.isEmptyOptional()) {
        return wordDatum("none");
    }
    const auto& value = given.kind() == ShapeKind::Optional ? given.held() : given;
    switch (value.kind()) {
    case ShapeKind::Bool:
        return truthDatum(value.asBool());
    case ShapeKind::Int:
    case ShapeKind::UInt:
    case ShapeKind::Real:
    case ShapeKind::Duration:
    case ShapeKind::Instant:
        return numberDatum(value.asReal());
    case ShapeKind::Node:
        return value.asNode() ? nodeDatum(value.asNode()) : wordDatum("none");
    case ShapeKind::Enum:
        return wordDatum(value.name());
    case ShapeKind::Text: {
        Datum datum;
        datum.kept = value;
        datum.kind = Datum::Kind::Word;
        datum.word = {}; // in kept
        return datum;
    }
    default: {
        Datum datum;
        datum.kind = Datum::Kind::Compound;
        datum.kept = value;
        return datum;
    }
    }
}

std::string_view wordOf(const Datum& datum)
{
    return datum.kept.exists() && datum.kept.kind() == ShapeKind::Text
        ? std::string_view(datum.kept.asText())
        : datum.word;
}

bool equal(const Datum& a, const Datum& b)
{
    using Kind = Datum::Kind;
    if (a.kind == Kind::Missing || b.kind == Kind::Missing) {
        return false;
    }
    if (a.kind == Kind::Compound || b.kind == Kind::Compound) {
        const auto& compound = a.kind == Kind::Compound ? a : b;
        const auto& other = a.kind == Kind::Compound ? b : a;
        return other.kind == Kind::Compound ? compound.kept == other.kept
                                            : describe::toText(compound.kept) == wordOf(other);
    }
    // A text field that happens to hold digits compares with a number as it was written.
    if (a.kind == Kind::Word || b.kind == Kind::Word) {
        return wordOf(a) == wordOf(b);
    }
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
    case Kind::Truth:
        return a.truth == b.truth;
    case Kind::Number:
        return a.number == b.number;
    default:
        return a.node == b.node;
    }
}

bool containsText(std::string_view whole, std::string_view part)
{
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a))
            == std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(whole.begin(), whole.end(), part.begin(), part.end(), same) != whole.end()
        || part.empty();
}

bool contains(const Datum& whole, const Datum& part)
{
    if (whole.kind == Datum::Kind::Missing || part.kind == Datum::Kind::Missing) {
        return false;
    }
    if (whole.kind == Datum::Kind::Compound) {
        const auto& children = whole.kept.children();
        const std::size_t stride = whole.kept.kind() == ShapeKind::Map ? 2 : 1;
        for (std::size_t i = 0; i < children.size(); i += stride) {
            if (equal(datumOf(children[i]), part)) {
                return true;
            }
        }
        return containsText(describe::toText(whole.kept), wordOf(part));
    }
    return containsText(wordOf(whole), wordOf(part));
}

bool compare(Operation operation, const Datum& a, const Datum& b)
{
    const bool present = a.kind != Datum::Kind::Missing && b.kind != Datum::Kind::Missing;
    const bool numbers = a.kind == Datum::Kind::Number && b.kind == Datum::Kind::Number;
    switch (operation) {
    case Operation::Equal:
        return equal(a, b);
    case Operation::Unequal:
        return present && !equal(a, b);
    case Operation::Less:
        return numbers && a.number < b.number;
    case Operation::LessEqual:
        return numbers && a.number <= b.number;
    case Operation::Greater:
        return numbers && a.number > b.number;
    case Operation::GreaterEqual:
        return numbers && a.number >= b.number;
    default:
        return contains(a, b);
    }
}

Datum evaluate(const Expression& expression, const Place& place);

bool isTrue(const Expression& expression, const Place& place)
{
    const auto datum = evaluate(expression, place);
    return datum.kind == Datum::Kind::Truth && datum.truth;
}

Datum nodeAttribute(const Expression& expression, const Place& place)
{
    const auto life = place.cluster->life(*place.node);
    const std::string_view name = expression.text;
    if (name == "id") {
        return nodeDatum(place.cluster->id(*place.node));
    }
    return truthDatum(name == "up"            ? life == trace::Life::Up
                          : name == "crashed" ? life == trace::Life::Crashed
                          : name == "paused"  ? life == trace::Life::Paused
                                              : life != trace::Life::NotStarted);
}

Datum nodeField(const Expression& expression, const Place& place)
{
    const std::string_view path = expression.text;
    const auto dot = path.find('.');
    const auto& field = place.cluster->field(*place.node, path.substr(0, dot));
    if (!field.exists() || dot == std::string_view::npos) {
        return datumOf(field);
    }
    const auto* inner = field.findPath(path.substr(dot + 1));
    return inner != nullptr ? datumOf(*inner) : Datum{};
}

template <class Enum>
Datum enumeratorDatum(std::uint8_t detail)
{
    const auto& names = describe::shapeOf<Enum>()->enumerators;
    return detail < names.size() ? wordDatum(names[detail].name) : Datum{};
}

Datum payloadText(const trace::Event& event)
{
    if (!event.payload) {
        return {};
    }
    if (const auto* text = node::payloadIf<node::Text>(event.payload.get())) {
        Datum datum = wordDatum({});
        datum.kept = describe::toValue(text->text);
        return datum;
    }
    Datum datum = wordDatum({});
    const auto value = event.payload->describe();
    const auto* text = value.find("text");
    const bool isText = event.payload->name() == "Text" && text != nullptr;
    datum.kept = isText ? *text : describe::toValue(describe::toText(value));
    return datum;
}

Datum detailOf(const std::string_view name, const trace::Event& event)
{
    using trace::Kind;
    const auto kind = event.kind;
    if (name == "reason") {
        return kind == Kind::Drop ? enumeratorDatum<trace::DropReason>(event.detail)
            : kind == Kind::Crash ? enumeratorDatum<trace::CrashReason>(event.detail)
                                  : Datum{};
    }
    if (name == "channel") {
        return kind == Kind::Send || kind == Kind::Deliver
            ? enumeratorDatum<trace::Channel>(event.detail)
            : Datum{};
    }
    return kind == Kind::Reply ? enumeratorDatum<node::Answer>(event.detail) : Datum{};
}

Datum eventAttribute(const Expression& expression, const Place& place)
{
    using trace::Kind;
    const std::string_view name = expression.text;
    const auto& event = (*place.trace)[place.event];
    if (name == "kind") {
        return wordDatum(
            describe::shapeOf<Kind>()->enumerators[static_cast<std::size_t>(event.kind)].name);
    }
    if (name == "node" || name == "peer") {
        return nodeDatum(name == "node" ? event.node : event.peer);
    }
    if (name == "from" || name == "to") {
        const bool arrives = event.kind == Kind::Deliver || event.kind == Kind::Reply;
        return nodeDatum((name == "from") == arrives ? event.peer : event.node);
    }
    if (name == "client") {
        return nodeDatum(event.request.client);
    }
    if (name == "note") {
        return event.kind == Kind::Note ? payloadText(event) : Datum{};
    }
    if (name == "text") {
        return payloadText(event);
    }
    if (name == "event" || name == "cause") {
        return numberDatum(
            static_cast<double>((name == "event" ? place.event : event.cause).value));
    }
    if (name == "time") {
        return numberDatum(static_cast<double>(event.at.time_since_epoch().count()));
    }
    return detailOf(name, event);
}

Datum message(const Expression& expression, const Place& place)
{
    const auto& event = (*place.trace)[place.event];
    if (!event.payload) {
        return {};
    }
    if (expression.text.empty()) {
        return wordDatum(event.payload->name());
    }
    const auto value = event.payload->describe();
    const auto* field = value.findPath(expression.text);
    if (field == nullptr) {
        return {};
    }
    // An enumerator's name lives in its shape, which the payload keeps.
    return datumOf(*field);
}

Datum overNodes(const Expression& expression, const Place& place)
{
    const auto& argument = expression.children.front();
    auto at = place;
    double count = 0;
    Datum best;
    double sum = 0;
    for (std::size_t i = 0; i < place.cluster->size(); ++i) {
        at.node = i;
        auto datum = evaluate(argument, at);
        if (datum.kind == Datum::Kind::Truth && datum.truth) {
            ++count;
        }
        if (datum.kind != Datum::Kind::Number) {
            continue;
        }
        sum += datum.number;
        const bool first = best.kind == Datum::Kind::Missing;
        if (first
            || (expression.operation == Operation::Max ? datum.number > best.number
                                                       : datum.number < best.number)) {
            best = std::move(datum);
        }
    }
    switch (expression.operation) {
    case Operation::Count:
        return numberDatum(count);
    case Operation::Any:
        return truthDatum(count > 0);
    case Operation::All:
        return truthDatum(count == static_cast<double>(place.cluster->size()));
    case Operation::Sum:
        return numberDatum(sum);
    default:
        return best;
    }
}

Datum sizeOf(const Datum& datum)
{
    if (datum.kind == Datum::Kind::Compound) {
        const auto count = datum.kept.children().size();
        return numberDatum(
            static_cast<double>(datum.kept.kind() == ShapeKind::Map ? count / 2 : count));
    }
    return datum.kind == Datum::Kind::Word ? numberDatum(static_cast<double>(wordOf(datum).size()))
                                           : Datum{};
}

Datum arithmetic(const Expression& expression, const Place& place)
{
    const auto left = evaluate(expression.children[0], place);
    const auto right = evaluate(expression.children[1], place);
    if (left.kind != Datum::Kind::Number || right.kind != Datum::Kind::Number) {
        return {};
    }
    return numberDatum(expression.operation == Operation::Plus ? left.number + right.number
                                                               : left.number - right.number);
}

Datum ofNode(const Expression& expression, const Place& place)
{
    auto at = place;
    for (std::size_t i = 0; i < place.cluster->size(); ++i) {
        if (place.cluster->id(i) == expression.node) {
            at.node = i;
            return evaluate(expression.children.front(), at);
        }
    }
    return {};
}

Datum literal(const Expression& expression)
{
    switch (expression.sort) {
    case Sort::Number:
    case Sort::Time: {
        auto datum = numberDatum(expression.number);
        datum.word = expression.text;
        return datum;
    }
    case Sort::Truth:
        return truthDatum(expression.truth);
    case Sort::Node: {
        auto datum = nodeDatum(expression.node);
        datum.word = expression.text;
        return datum;
    }
    default:
        return wordDatum(expression.text);
    }
}

Datum evaluate(const Expression& expression, const Place& place)
{
    const auto& children = expression.children;
    switch (expression.operation) {
    case Operation::Literal:
        return literal(expression);
    case Operation::EventAttribute:
        return place.trace != nullptr ? eventAttribute(expression, place) : Datum{};
    case Operation::Message:
        return place.trace != nullptr ? message(expression, place) : Datum{};
    case Operation::NodeField:
        return place.cluster != nullptr && place.node ? nodeField(expression, place) : Datum{};
    case Operation::NodeAttribute:
        return place.cluster != nullptr && place.node ? nodeAttribute(expression, place) : Datum{};
    case Operation::OfNode:
        return place.cluster != nullptr ? ofNode(expression, place) : Datum{};
    case Operation::Now:
        if (place.cluster != nullptr) {
            return numberDatum(
                static_cast<double>(place.cluster->now().time_since_epoch().count()));
        }
        return numberDatum(
            static_cast<double>((*place.trace)[place.event].at.time_since_epoch().count()));
    case Operation::And:
        return truthDatum(
            std::all_of(children.begin(), children.end(),
                        [&](const Expression& child) { return isTrue(child, place); }));
    case Operation::Or:
        return truthDatum(
            std::any_of(children.begin(), children.end(),
                        [&](const Expression& child) { return isTrue(child, place); }));
    case Operation::Not:
        return truthDatum(!isTrue(children[0], place));
    case Operation::Plus:
    case Operation::Minus:
        return arithmetic(expression, place);
    case Operation::Count:
    case Operation::Any:
    case Operation::All:
    case Operation::Max:
    case Operation::Min:
    case Operation::Sum:
        return place.cluster != nullptr ? overNodes(expression, place) : Datum{};
    case Operation::Size:
        return sizeOf(evaluate(children[0], place));
    case Operation::PrecededBy:
        return truthDatum(place.pasts != nullptr
                          && (*place.pasts)[expression.past][place.event.value]
                          && isTrue(children[0], place));
    default:
        return truthDatum(compare(expression.operation, evaluate(children[0], place),
                                  evaluate(children[1], place)));
    }
}

void collectPasts(const Expression& expression, std::vector<const Expression*>& out)
{
    if (expression.operation == Operation::PrecededBy) {
        out[expression.past] = &expression.children[1];
    }
    for (const auto& child : expression.children) {
        collectPasts(child, out);
    }
}

} // namespace

bool Query::holds(const Cluster& cluster) const
{
    return isTrue(*m_root, Place{.cluster = &cluster});
}

bool Query::holdsFor(const Cluster& cluster, std::size_t index) const
{
    return isTrue(*m_root, Place{.cluster = &cluster, .node = index});
}

EventFilter::EventFilter(Query query, trace::TracePtr trace)
    : m_query(std::move(query))
    , m_trace(std::move(trace))
    , m_before(m_query.m_pasts, {false})
    , m_after(m_query.m_pasts, {false})
    , m_sought(m_query.m_pasts)
{
    if (m_query.m_pasts != 0) {
        collectPasts(*m_query.m_root, m_sought);
    }
}

bool EventFilter::next(const Cluster* cluster)
{
    const EventId id(++m_judged);
    const auto& event = (*m_trace)[id];
    Place place{
        .cluster = cluster, .node = {}, .trace = m_trace.get(), .event = id, .pasts = &m_before};
    // What lies before an event: before and at its cause, and before and at the one before it on
    // its lane.
    auto& last = m_lastOf[event.node];
    for (std::size_t i = 0; i < m_sought.size(); ++i) {
        const bool before = m_after[i][event.cause.value] || (event.node && m_after[i][last.value]);
        m_before[i].push_back(before);
        m_after[i].push_back(before || isTrue(*m_sought[i], place));
    }
    last = id;
    return isTrue(*m_query.m_root, place);
}

} // namespace lightcone::query
