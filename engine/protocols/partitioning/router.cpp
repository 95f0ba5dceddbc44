#include "engine/protocols/partitioning/partitioning.h"

#include <algorithm>
#include <utility>

// A router: clients ask it, it asks the owners of the keys, by its own copy of the map.
namespace lightcone::protocols::partitioning {
namespace {

/// After so many tries it leaves a client to its time-out.
constexpr std::uint32_t mostTries = 40;

} // namespace

void Partitioning::askMap(Out& out)
{
    out.send(mapService(), AskMap{m_version});
}

Ask& Partitioning::newAsk(const Moment& moment, RequestId id)
{
    auto& ask = m_asks[id];
    ask.number = ++m_asksBegun;
    ask.begun = moment.now;
    m_load = m_asks.size();
    return ask;
}

void Partitioning::route(const Moment& moment, RequestId id, kv::Operation operation, Out& out)
{
    const auto& key = kv::keyOf(operation);
    if (!m_placement->pointOf(key)) {
        out.refuse(id,
                   fmt::format("no group of columns has '{}': groups are {}", columnOf(key),
                               parameters().groups));
        return;
    }
    if (m_asks.contains(id)) {
        return; // A retry waits for the same answer.
    }
    auto& ask = newAsk(moment, id);
    ask.operation = std::move(operation);
    dispatch(id, ask, out);
}

void Partitioning::gather(const Moment& moment, RequestId id, Query query, Spans spans, Out& out)
{
    if (spans.empty()) {
        out.refuse(
            id,
            fmt::format("no group has any of these columns: groups are {}", parameters().groups));
        return;
    }
    if (query.to && !query.to->empty() && *query.to <= query.from) {
        out.refuse(id, "a scan needs an end behind its beginning");
        return;
    }
    if (m_asks.contains(id)) {
        return;
    }
    auto& ask = newAsk(moment, id);
    ask.query = std::move(query);
    ask.missing = std::move(spans);
    dispatch(id, ask, out);
}

void Partitioning::dispatch(RequestId id, Ask& ask, Out& out)
{
    ask.waits = false;
    out.arm(Timer::Again, parameters().retry, ask.number);
    if (ask.query) {
        sendGathers(id, ask, out);
        return;
    }
    const auto point = *m_placement->pointOf(kv::keyOf(*ask.operation));
    const auto* place = find(m_places, point);
    if (place == nullptr) {
        ask.waits = true;
        askMap(out);
        return;
    }
    const auto epoch = makes(Mistake::NoVersionCheck) ? 0 : place->epoch;
    out.send(place->owner, Do{id, self(), place->shard, epoch, *ask.operation});
}

void Partitioning::sendGathers(RequestId id, Ask& ask, Out& out)
{
    PerNode<Places> parts;
    auto unknown = ask.missing;
    for (const auto& span : ask.missing) {
        for (const auto& place : m_places) {
            if (place.span().overlaps(span)) {
                const auto common = place.span().with(span);
                auto& part = parts[place.owner];
                part.push_back(place);
                part.back().begin = common.begin;
                part.back().end = common.end;
                unknown = without(unknown, common);
            }
        }
    }
    for (auto& [node, spans] : parts) {
        out.send(node,
                 Gather{id, std::move(spans), ask.query->from, ask.query->to, ask.query->columns});
    }
    if (!unknown.empty()) {
        ask.waits = true;
        askMap(out);
    }
}

void Partitioning::tryAgain(std::uint64_t number, Out& out)
{
    const auto found = std::ranges::find_if(
        m_asks, [&](const auto& each) { return each.second.number == number; });
    if (found == m_asks.end()) {
        return;
    }
    auto& [id, ask] = *found;
    if (++ask.tries >= mostTries) {
        out.note("gives up: nobody has answered {} times", ask.tries);
        m_asks.erase(found);
        m_load = m_asks.size();
        return;
    }
    askMap(out);
    dispatch(id, ask, out);
}

void Partitioning::onMessage(const Moment&, NodeId, const NewMap& map, Out& out)
{
    if (m_role != Role::Router) {
        return;
    }
    const bool newer = map.version > m_version;
    bool learned = false;
    for (const auto& place : map.places) {
        learned = learn(m_places, place) || learned;
    }
    if (newer) {
        out.note("has the map of version {}", map.version);
        m_version = map.version;
    }
    if (!newer && !learned) {
        return;
    }
    for (auto& [id, ask] : m_asks) {
        if (ask.waits) {
            dispatch(id, ask, out);
        }
    }
}

void Partitioning::onMessage(const Moment& moment, NodeId from, const Done& done, Out& out)
{
    const auto found = m_asks.find(done.request);
    if (found == m_asks.end() || !found->second.operation) {
        return; // It was answered before.
    }
    found->second.nodes = {from};
    count(moment, from, found->second);
    out.disarm(Timer::Again, found->second.number);
    out.reply(done.request, done.result);
    m_asks.erase(found);
    m_load = m_asks.size();
}

void Partitioning::onMessage(const Moment& moment, NodeId from, const Gathered& part, Out& out)
{
    const auto found = m_asks.find(part.request);
    if (found == m_asks.end() || !found->second.query) {
        return;
    }
    auto& ask = found->second;
    for (const auto& cell : part.cells) {
        ask.found[cell.key] = cell.value.value_or("");
    }
    for (const auto& span : part.covered) {
        ask.missing = without(ask.missing, span);
    }
    ask.nodes.insert(from);
    if (!ask.missing.empty()) {
        return;
    }
    Found whole;
    for (const auto& [key, value] : ask.found) {
        whole.cells.push_back({key, value});
    }
    whole.nodes = ask.nodes;
    count(moment, from, ask);
    if (ask.nodes.size() > 1) {
        out.note("has asked {} nodes; {} was the last to answer, after {}", ask.nodes.size(),
                 nameOf(from), toText(moment.now - ask.begun));
    }
    out.disarm(Timer::Again, ask.number);
    out.reply(part.request, std::move(whole));
    m_asks.erase(found);
    m_load = m_asks.size();
}

void Partitioning::onMessage(const Moment&, NodeId, const Moved& moved, Out& out)
{
    bool learned = false;
    for (const auto& place : moved.places) {
        learned = learn(m_places, place) || learned;
    }
    const auto found = m_asks.find(moved.request);
    if (found == m_asks.end()) {
        return;
    }
    if (learned) {
        dispatch(found->first, found->second, out);
    } else {
        // Whoever said so knows no more than this router does: the map service may.
        found->second.waits = true;
        askMap(out);
    }
}

void Partitioning::count(const Moment& moment, NodeId last, const Ask& ask)
{
    ++(ask.nodes.size() > 1 ? m_touching.several : m_touching.one);
    m_touching.nodes = ask.nodes.size();
    m_touching.last = last;
    m_touching.took = moment.now - ask.begun;
}

} // namespace lightcone::protocols::partitioning
