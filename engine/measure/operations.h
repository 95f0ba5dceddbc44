#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/node/effects.h"
#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace lightcone::measure {

/// One operation of a client, from when it was wanted to its end.
struct Operation
{
    Instant wanted{}; ///< when it arrived, though it may have waited for a free client
    Instant ended{};
    EventId request{};
    EventId reply{};
    NodeId by{}; ///< who answered; none when nobody did
    std::uint16_t kind = 0; ///< the request's place in its variant
    std::uint16_t hops = 0; ///< messages, one after the other, from the request to its answer
    std::uint16_t tries = 0;
    node::Answer answer = node::Answer::Unknown;

    [[nodiscard]] Duration latency() const { return ended - wanted; }
    [[nodiscard]] bool done() const { return answer == node::Answer::Done; }
};

/// A stretch of time in which clients wanted something and nobody was served.
struct Stretch
{
    Instant from{};
    Instant to{};
    friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// What clients saw of a run, gathered while its trace grows.
class Operations
{
public:
    /// Longer than patience without an answer is unavailable.
    Operations(trace::TracePtr, Duration patience);

    /// The events of the trace in order.
    void add(EventId, const trace::Event&);

    /// In the order in which they ended.
    [[nodiscard]] const std::vector<Operation>& ended() const { return m_ended; }

    // Instants, in order: when operations were wanted, and when a client began them.
    [[nodiscard]] const std::vector<Instant>& wanted() const { return m_wanted; }
    [[nodiscard]] const std::vector<Instant>& begun() const { return m_begun; }

    /// Sends of requests, first ones and retries.
    [[nodiscard]] std::uint64_t tries() const { return m_tries; }

    /// How many are under way or wait for a client.
    [[nodiscard]] std::uint64_t open() const { return m_wanted.size() - m_ended.size(); }

    [[nodiscard]] Duration patience() const { return m_patience; }

    /// In order, up to now: a stretch that goes on ends there.
    [[nodiscard]] std::vector<Stretch> unavailable(Instant now) const;

private:
    struct Open
    {
        Operation operation;
        EventId answer{}; ///< the newest message to the client about it
    };

    void request(EventId, const trace::Event&);
    void reply(EventId, const trace::Event&);
    void want(Instant);
    void served(Instant);
    void failed(Instant);
    [[nodiscard]] std::uint16_t hopsOf(EventId answer, EventId request) const;

    trace::TracePtr m_trace;
    Duration m_patience;
    std::map<RequestId, Open> m_open;
    std::vector<Operation> m_ended;
    std::vector<Instant> m_wanted;
    std::vector<Instant> m_begun;
    std::uint64_t m_tries = 0;
    std::vector<Stretch> m_stretches;
    std::optional<Instant> m_unserved; ///< since then somebody has wanted something
    std::optional<Instant> m_gaveUp; ///< since then nobody wants anything, though not served
};

} // namespace lightcone::measure
