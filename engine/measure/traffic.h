#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/trace/event.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lightcone::measure {

/// How often something happened: in all, and in each stretch of 2^k nanoseconds.
struct Counts
{
    std::uint64_t total = 0;
    std::vector<std::uint64_t> byBucket{}; ///< up to the last that has any
};

/// A kind of message, by what people call it.
struct MessageKind
{
    trace::Channel channel = trace::Channel::Message;
    std::string name;
    Counts sent{};
    Counts bytes{}; ///< of those, as the wire encodes them, without frames
};

/// What one member did.
struct NodeWork
{
    NodeId node;
    Counts steps{}; ///< how often its state machine ran
    Counts messages{}; ///< that it took from other members
    Counts requests{}; ///< that it took from clients
    Counts sent{}; ///< to whomever
    Counts forced{}; ///< writes that what it sent waited for
    std::uint64_t lazy = 0; ///< other writes
    std::uint64_t syncs = 0;
};

/// Counts what goes over the wire and what members do, over time: in stretches that double in width
/// when the run outgrows `most` of them, so that memory and the cost of reading stay bounded
/// however long it is.
class Traffic
{
public:
    static constexpr std::size_t most = 4096;
    static constexpr unsigned finest = 10; ///< 2^10 ns, about a microsecond

    /// Bucket 0 begins there, rounded down to a multiple of the width.
    explicit Traffic(Instant origin = {}, unsigned k = finest);

    /// Events in order of time; those before the origin do not count.
    void add(const trace::Event&);

    [[nodiscard]] unsigned width() const { return m_width; } ///< the k of 2^k ns
    [[nodiscard]] std::int64_t firstBucket() const
    {
        return m_first;
    } ///< its number: instant / 2^k

    [[nodiscard]] const std::vector<MessageKind>& kinds() const { return m_kinds; }
    [[nodiscard]] const std::vector<NodeWork>& nodes() const { return m_nodes; }
    [[nodiscard]] std::uint64_t dropped() const { return m_dropped; }

private:
    struct Known
    {
        const describe::Shape* shape = nullptr;
        trace::Channel channel{};
        std::uint16_t tag = 0;
        std::size_t kind = 0;
    };
    struct Sized
    {
        node::PayloadPtr payload;
        std::uint64_t bytes = 0;
    };

    [[nodiscard]] bool place(Instant);
    void count(Counts&, std::uint64_t times = 1) const;
    void widen();
    void sent(const trace::Event&);
    void delivered(const trace::Event&);
    MessageKind& kindOf(const trace::Event&, trace::Channel);
    NodeWork& workOf(NodeId);
    std::uint64_t sizeOf(const node::PayloadPtr&);

    unsigned m_width;
    std::int64_t m_first;
    std::size_t m_bucket = 0; ///< of the event being counted
    std::vector<MessageKind> m_kinds;
    std::vector<Known> m_known;
    std::vector<NodeWork> m_nodes;
    std::uint64_t m_dropped = 0;
    std::array<Sized, 256> m_sizes; ///< a broadcast's payload comes again
    Bytes m_bytes;
};

} // namespace lightcone::measure
