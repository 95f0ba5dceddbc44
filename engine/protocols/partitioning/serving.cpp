#include "engine/protocols/partitioning/partitioning.h"

#include <algorithm>
#include <iterator>
#include <utility>

// A storage node: what it answers for, what it says when it does not, how it is split and merged.
namespace lightcone::protocols::partitioning {
namespace {

constexpr std::size_t mostRecent = 32; ///< points remembered of a shard
constexpr std::size_t fewestRecent = 8; ///< of which a split by load wants at least so many
constexpr std::size_t mostHeld = 256; ///< operations that wait for shards

} // namespace

void Partitioning::foundStore(Out& out)
{
    if (!m_holdings.founded) {
        Places mine;
        for (auto& place : m_placement->initialPlaces()) {
            if (place.owner == self()) {
                mine.push_back(std::move(place));
            }
        }
        commit(FoundStore{std::move(mine)}, out);
        return;
    }
    std::vector<ShardId> frozen;
    for (const auto& [id, shard] : m_holdings.shards) {
        if (shard.standing == Standing::Frozen) {
            frozen.push_back(id);
        } else if (shard.standing == Standing::Retired) {
            out.arm(Timer::Discard, parameters().retention, id);
        }
    }
    for (const auto id : frozen) {
        // The new owner may have all of it or nothing: the handover begins again.
        const auto& shard = m_holdings.shards.at(id);
        beginAttempt(id, shard.handed, shard.to, out);
    }
}

bool Partitioning::mayServe(const Moment& moment) const
{
    return parameters().lease == Duration(0) || moment.now < m_leaseUntil;
}

bool Partitioning::serves(const Moment& moment, ShardId id, Epoch epoch,
                          std::string_view point) const
{
    const auto found = m_holdings.shards.find(id);
    if (found == m_holdings.shards.end()) {
        return false;
    }
    const auto& shard = found->second;
    if (makes(Mistake::NoVersionCheck)) {
        return shard.hasData() && shard.span().contains(point);
    }
    return shard.standing == Standing::Owned && shard.epoch == epoch && shard.span().contains(point)
        && mayServe(moment);
}

void Partitioning::onMessage(const Moment& moment, NodeId, const Do& ask, Out& out)
{
    const auto point = m_placement->pointOf(kv::keyOf(ask.operation));
    if (m_role != Role::Storage || !point) {
        return;
    }
    if (serves(moment, ask.shard, ask.epoch, *point)) {
        serve(ask.shard, ask, out);
        return;
    }
    const auto found = m_holdings.shards.find(ask.shard);
    if (found != m_holdings.shards.end() && found->second.standing == Standing::Frozen
        && found->second.epoch == ask.epoch) {
        auto forwarded = ask;
        forwarded.epoch = found->second.handed;
        out.send(found->second.to, std::move(forwarded));
        return;
    }
    const auto arriving = m_holdings.incoming.find(ask.shard);
    if (arriving != m_holdings.incoming.end() && arriving->second.number == ask.epoch
        && m_held.size() < mostHeld) {
        m_held.push_back(ask);
        return;
    }
    sayMoved(ask.router, ask.request, {{*point, *point + '\0'}}, out);
}

void Partitioning::serve(ShardId id, const Do& ask, Out& out)
{
    const auto& key = kv::keyOf(ask.operation);
    countRequest(id, *m_placement->pointOf(key));
    const auto& shard = m_holdings.shards.at(id);
    if (kv::isRead(ask.operation)) {
        out.send(ask.router, Done{ask.request, id, shard.epoch, shard.read(key)});
        return;
    }
    if (!shard.repeated(ask.request)) {
        commit(Execute{id, ask.request, ask.operation}, out);
        noteWrite(id, key);
    }
    out.send(ask.router, Done{ask.request, id, shard.epoch, *shard.repeated(ask.request)});
}

void Partitioning::serveHeld(const Moment& moment, ShardId id, Out& out)
{
    const auto held = std::exchange(m_held, {});
    for (const auto& ask : held) {
        if (ask.shard == id) {
            onMessage(moment, self(), ask, out);
        } else {
            m_held.push_back(ask);
        }
    }
}

Cells Partitioning::cellsOf(const Shard& shard, const Span& span, const Gather& wanted) const
{
    Cells cells;
    for (const auto& [key, value] : shard.entries) {
        const auto row = rowOf(key);
        const bool inside = wanted.to
            ? row >= wanted.from && (wanted.to->empty() || row < *wanted.to)
            : row == wanted.from;
        const bool column =
            wanted.columns.empty() || wanted.columns.contains(std::string(columnOf(key)));
        if (inside && column && span.contains(*m_placement->pointOf(key))) {
            cells.push_back({key, value});
        }
    }
    return cells;
}

void Partitioning::onMessage(const Moment& moment, NodeId from, const Gather& ask, Out& out)
{
    Gathered part{ask.request, {}, {}};
    Spans elsewhere;
    for (const auto& place : ask.spans) {
        if (!serves(moment, place.shard, place.epoch, place.begin)) {
            elsewhere.push_back(place.span());
            continue;
        }
        const auto& shard = m_holdings.shards.at(place.shard);
        const auto span = shard.span().with(place.span());
        auto cells = cellsOf(shard, span, ask);
        std::ranges::move(cells, std::back_inserter(part.cells));
        part.covered.push_back(span);
        countRequest(place.shard, span.begin);
    }
    if (!part.covered.empty()) {
        out.send(from, std::move(part));
    }
    if (!elsewhere.empty()) {
        sayMoved(from, ask.request, elsewhere, out);
    }
}

std::optional<Place> Partitioning::knowledgeOf(std::string_view point) const
{
    std::optional<Place> best;
    for (const auto& [id, shard] : m_holdings.shards) {
        if (!shard.span().contains(point)) {
            continue;
        }
        const bool owned = shard.standing == Standing::Owned;
        if (!owned && shard.to == self()) {
            continue; // Merged into another shard, which is here or was.
        }
        const auto epoch = owned ? shard.epoch : shard.handed;
        if (!best || epoch > best->epoch) {
            best = Place{shard.begin, shard.end, id, epoch, owned ? self() : shard.to, {}, 0};
        }
    }
    return best;
}

void Partitioning::sayMoved(NodeId router, RequestId request, const Spans& spans, Out& out)
{
    Moved moved{request, {}};
    for (const auto& span : spans) {
        if (auto place = knowledgeOf(span.begin)) {
            moved.places.push_back(std::move(*place));
        }
    }
    out.send(router, std::move(moved));
}

void Partitioning::countRequest(ShardId id, const Point& point)
{
    auto& asked = m_asked[id];
    ++asked.requests;
    ++m_load;
    if (parameters().splitLoad == 0) {
        return;
    }
    if (asked.recent.size() == mostRecent) {
        asked.recent.erase(asked.recent.begin());
    }
    asked.recent.push_back(point);
}

void Partitioning::report(const Moment& moment, Out& out)
{
    Report news;
    news.round = ++m_round;
    news.over = moment.now - m_reportedAt;
    for (const auto& [id, shard] : m_holdings.shards) {
        if (shard.standing == Standing::Owned) {
            news.loads.push_back({id, shard.entries.size(), m_asked[id].requests});
        }
    }
    for (auto& [id, asked] : m_asked) {
        asked.requests = 0;
    }
    m_load = 0;
    m_reportedAt = moment.now;
    if (parameters().lease != Duration(0)) {
        m_reports[m_round] = moment.now;
    }
    out.send(mapService(), std::move(news));
    out.arm(Timer::Report, parameters().report);
}

void Partitioning::onMessage(const Moment&, NodeId, const Heard& heard, Out&)
{
    m_version = std::max(m_version, heard.version);
    const auto sent = m_reports.find(heard.round);
    if (sent == m_reports.end()) {
        return;
    }
    m_leaseUntil = std::max(m_leaseUntil, sent->second + parameters().lease);
    m_reports.erase(m_reports.begin(), std::next(sent));
}

Point Partitioning::middleOf(ShardId id) const
{
    const auto& shard = m_holdings.shards.at(id);
    std::vector<Point> points;
    if (const auto asked = m_asked.find(id);
        asked != m_asked.end() && asked->second.recent.size() >= fewestRecent) {
        points = asked->second.recent;
    } else {
        for (const auto& [key, value] : shard.entries) {
            points.push_back(*m_placement->pointOf(key));
        }
        points.erase(std::unique(points.begin(), points.end()), points.end());
    }
    std::erase_if(points, [&](const Point& point) { return !shard.span().contains(point); });
    std::sort(points.begin(), points.end());
    if (points.empty()) {
        return {};
    }
    const auto middle = points.begin() + static_cast<std::ptrdiff_t>(points.size() / 2);
    // One row alone cannot be divided, however often it is asked for.
    const auto at = *middle > points.front()
        ? middle
        : std::upper_bound(points.begin(), points.end(), points.front());
    return at != points.end() && *at > shard.begin ? *at : Point();
}

void Partitioning::onMessage(const Moment&, NodeId from, const SplitShard& order, Out& out)
{
    const auto found = m_holdings.shards.find(order.shard);
    if (found == m_holdings.shards.end()) {
        return;
    }
    const auto& shard = found->second;
    if (shard.asked == order.number) {
        const bool done = shard.epoch == order.number;
        out.send(from, Reshaped{order.number, done, done ? shard.end : Point()});
        return;
    }
    if (shard.standing != Standing::Owned || order.number <= std::max(shard.epoch, shard.asked)) {
        return;
    }
    auto at = order.at.empty() ? middleOf(order.shard) : order.at;
    if (at <= shard.begin || !shard.span().contains(at)) {
        at.clear();
    }
    CutShard cut{order.shard, order.number, order.into, at, {}};
    for (const auto& [key, value] : shard.entries) {
        if (!at.empty() && *m_placement->pointOf(key) >= at) {
            cut.right.push_back(key);
        }
    }
    m_asked.erase(order.shard);
    commit(std::move(cut), out);
    if (at.empty()) {
        out.note("cannot split shard {}: it has a single row", order.shard);
    } else {
        out.note("splits shard {} at {}: shard {} begins there", order.shard, at, order.into);
    }
    out.send(from, Reshaped{order.number, !at.empty(), at});
}

void Partitioning::onMessage(const Moment&, NodeId from, const MergeShards& order, Out& out)
{
    const auto left = m_holdings.shards.find(order.left);
    const auto right = m_holdings.shards.find(order.right);
    if (left == m_holdings.shards.end() || right == m_holdings.shards.end()) {
        return;
    }
    if (left->second.asked == order.number) {
        out.send(from, Reshaped{order.number, left->second.epoch == order.number, {}});
        return;
    }
    const auto& a = left->second;
    const auto& b = right->second;
    if (a.standing != Standing::Owned || order.number <= std::max(a.epoch, a.asked)) {
        return;
    }
    const bool done = b.standing == Standing::Owned && a.end == b.begin;
    m_asked.erase(order.right);
    commit(JoinShards{order.left, order.right, order.number, done, self()}, out);
    if (done) {
        out.note("merges shard {} into shard {}", order.right, order.left);
    }
    out.send(from, Reshaped{order.number, done, {}});
}

} // namespace lightcone::protocols::partitioning
