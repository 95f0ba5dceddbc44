#include "engine/measure/traffic.h"

#include "engine/node/effects.h"

#include <algorithm>

namespace lightcone::measure {

using trace::Channel;
using trace::Event;
using trace::Kind;

namespace {

void halve(Counts& counts)
{
    auto& buckets = counts.byBucket;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const auto times = buckets[i];
        buckets[i] = 0;
        buckets[i / 2] += times;
    }
    buckets.resize((buckets.size() + 1) / 2);
}

} // namespace

Traffic::Traffic(Instant origin, unsigned k)
    : m_width(k)
    , m_first(origin.time_since_epoch().count() >> k)
{
}

/// Finds the bucket of that instant; false when it lies before all of them.
bool Traffic::place(Instant at)
{
    auto bucket = (at.time_since_epoch().count() >> m_width) - m_first;
    while (bucket >= static_cast<std::int64_t>(most)) {
        widen();
        bucket = (at.time_since_epoch().count() >> m_width) - m_first;
    }
    m_bucket = static_cast<std::size_t>(std::max<std::int64_t>(bucket, 0));
    return bucket >= 0;
}

void Traffic::widen()
{
    // A first bucket with an odd number is the second half of its wider one.
    const bool odd = (m_first & 1) != 0;
    const auto each = [&](Counts& counts) {
        if (odd) {
            counts.byBucket.insert(counts.byBucket.begin(), 0);
        }
        halve(counts);
    };
    for (auto& kind : m_kinds) {
        each(kind.sent);
        each(kind.bytes);
    }
    for (auto& node : m_nodes) {
        each(node.steps);
        each(node.messages);
        each(node.requests);
        each(node.sent);
        each(node.forced);
    }
    ++m_width;
    m_first >>= 1;
}

void Traffic::count(Counts& counts, std::uint64_t times) const
{
    if (counts.byBucket.size() <= m_bucket) {
        counts.byBucket.resize(m_bucket + 1);
    }
    counts.byBucket[m_bucket] += times;
    counts.total += times;
}

void Traffic::add(const Event& event)
{
    if (!place(event.at)) {
        return;
    }
    if (trace::isStep(event)) {
        count(workOf(event.node).steps);
    }
    switch (event.kind) {
    case Kind::Send:
    case Kind::Duplicate:
        sent(event);
        break;
    case Kind::Deliver:
        delivered(event);
        break;
    case Kind::Drop:
        ++m_dropped;
        break;
    case Kind::Write:
        if (static_cast<node::Sync>(event.detail) == node::Sync::Forced) {
            count(workOf(event.node).forced);
        } else {
            ++workOf(event.node).lazy;
        }
        break;
    case Kind::Sync:
        ++workOf(event.node).syncs;
        break;
    default:
        break;
    }
}

void Traffic::sent(const Event& event)
{
    if (!event.payload) {
        return;
    }
    auto& kind = kindOf(event, static_cast<Channel>(event.detail));
    count(kind.sent);
    count(kind.bytes, sizeOf(event.payload));
    if (event.kind == Kind::Send && !isClient(event.node)) {
        count(workOf(event.node).sent);
    }
}

void Traffic::delivered(const Event& event)
{
    if (isClient(event.node)) {
        return;
    }
    auto& work = workOf(event.node);
    count(static_cast<Channel>(event.detail) == Channel::Request ? work.requests : work.messages);
}

MessageKind& Traffic::kindOf(const Event& event, Channel channel)
{
    const auto* shape = event.payload->shape().get();
    for (const auto& known : m_known) {
        if (known.shape == shape && known.tag == event.tag && known.channel == channel) {
            return m_kinds[known.kind];
        }
    }
    const auto name = event.payload->name();
    auto found = std::ranges::find_if(m_kinds, [&](const MessageKind& kind) {
        return kind.channel == channel && kind.name == name;
    });
    if (found == m_kinds.end()) {
        found = m_kinds.insert(found, MessageKind{channel, std::string(name)});
    }
    m_known.push_back(
        {shape, channel, event.tag, static_cast<std::size_t>(found - m_kinds.begin())});
    return *found;
}

NodeWork& Traffic::workOf(NodeId node)
{
    const auto found = std::ranges::lower_bound(m_nodes, node, {}, &NodeWork::node);
    return found != m_nodes.end() && found->node == node ? *found
                                                         : *m_nodes.insert(found, NodeWork{node});
}

std::uint64_t Traffic::sizeOf(const node::PayloadPtr& payload)
{
    // Where it is kept follows from an address, what is found never does.
    auto& known = m_sizes[(reinterpret_cast<std::uintptr_t>(payload.get()) >> 4) % m_sizes.size()];
    if (known.payload != payload) {
        m_bytes.clear();
        payload->encode(m_bytes);
        known = {payload, m_bytes.size()};
    }
    return known.bytes;
}

} // namespace lightcone::measure
