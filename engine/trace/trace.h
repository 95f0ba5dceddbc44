#pragma once

#include "engine/core/ids.h"
#include "engine/describe/text.h"
#include "engine/node/card.h"
#include "engine/trace/drawn_clients.h"
#include "engine/trace/event.h"
#include "engine/trace/lanes.h"
#include "engine/trace/sink.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace lightcone::trace {

class Vault;

/// What a trace is of: enough to show it in a build that does not know its protocol.
struct About
{
    node::Card card; ///< of a file, as far as the file says
    std::vector<node::Member> members;
    std::vector<std::string> clients; ///< names of clients 1, 2, …
    describe::Value parameters;
    std::uint64_t seed = 0;
    std::string scenario; ///< the text that replays it; empty for live runs
    std::string origin; ///< "simulated", "live", "branch of …", a file's name

    /// Of real nodes, as far as they have come; shared by copies.
    std::shared_ptr<DrawnClients> drawn = std::make_shared<DrawnClients>();

    [[nodiscard]] std::string nameOf(NodeId) const;

    /// Clients beside each other as a person counts them: by their names.
    [[nodiscard]] bool precedes(NodeId client, NodeId other) const;

    [[nodiscard]] describe::NodeNames names() const; ///< refers to this object
};

/// An append-only record of what happened. One thread appends; any thread may read what size() has
/// published, without a lock, while it goes on. Full chunks are immutable and shared between
/// branches.
class Trace final : public Sink
{
public:
    /// vault: where its events are kept; none: in memory.
    explicit Trace(About about, std::shared_ptr<Vault> vault = {});
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;
    ~Trace() override;

    [[nodiscard]] const About& about() const { return m_about; }

    /// Events that can be read: 1 … size().
    [[nodiscard]] std::uint64_t size() const { return m_size.load(std::memory_order_acquire); }

    /// 1 ≤ id ≤ size().
    [[nodiscard]] const Event& operator[](EventId id) const
    {
        const auto index = id.value - 1;
        return m_chunks[index / chunkSize]
            .load(std::memory_order_acquire)
            ->events[index % chunkSize];
    }

    /// The events from first to last that lie beside each other in memory, at least one: for going
    /// through many.
    [[nodiscard]] std::span<const Event> run(EventId first, EventId last) const;

    /// The event's cause comes before it, and its instant is not before that of the event before
    /// it.
    void record(EventId id, Event event) override;

    /// How the nodes' lanes change; filled by whoever records, as it sees their states.
    [[nodiscard]] const LaneTrack& lanes() const { return m_lanes; }
    [[nodiscard]] LaneTrack& lanes() { return m_lanes; }

    /// A trace of its own that begins with the first `last` events of this one.
    [[nodiscard]] std::shared_ptr<Trace> fork(EventId last, std::string origin) const;

    /// The same under other names.
    [[nodiscard]] std::shared_ptr<Trace> fork(EventId last, About) const;

    static constexpr std::uint64_t chunkSize = 4096;
    static constexpr std::uint64_t mostChunks = 1 << 16;
    static constexpr std::uint64_t mostEvents = chunkSize * mostChunks;

private:
    struct Chunk
    {
        std::array<Event, chunkSize> events;
    };

    [[nodiscard]] std::shared_ptr<Chunk> newChunk() const;

    About m_about;
    std::shared_ptr<Vault> m_vault;
    std::atomic<std::uint64_t> m_size{0};
    std::vector<std::atomic<Chunk*>> m_chunks;
    mutable std::mutex m_ownersMutex;
    std::vector<std::shared_ptr<Chunk>> m_owners;
    LaneTrack m_lanes;
};

using TracePtr = std::shared_ptr<const Trace>;

/// The last event at or before that instant; none when the run began later.
EventId eventAt(const Trace&, Instant);

/// Calls visit(id, event) for first … last in order.
template <class Visit>
void forEach(const Trace& trace, EventId first, EventId last, Visit visit)
{
    for (auto number = first.value; number <= last.value;) {
        for (const auto& event : trace.run(EventId(number), last)) {
            visit(EventId(number), event);
            ++number;
        }
    }
}

} // namespace lightcone::trace
