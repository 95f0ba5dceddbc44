#include "engine/trace/trace.h"

#include "engine/core/check.h"
#include "engine/trace/vault.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace lightcone::trace {

namespace {

/// "c3" → 3; 0 where it is no such name.
std::uint32_t drawnPlace(std::string_view name)
{
    std::uint32_t place = 0;
    const auto* end = name.data() + name.size();
    if (!name.starts_with('c')) {
        return 0;
    }
    const auto read = std::from_chars(name.data() + 1, end, place);
    return read.ec == std::errc() && read.ptr == end ? place : 0;
}

} // namespace

std::string About::nameOf(NodeId id) const
{
    if (isClient(id)) {
        const auto number = id.value - firstClient;
        if (number >= 1 && number <= clients.size()) {
            return clients[number - 1];
        }
        const auto place = isDrawn(id) ? drawn->placeOf(id) : 0;
        return "c" + std::to_string(place != 0 ? place : number);
    }
    for (const auto& member : members) {
        if (member.id == id) {
            return member.name;
        }
    }
    return id ? "n" + std::to_string(id.value) : "none";
}

bool About::precedes(NodeId client, NodeId other) const
{
    // A what-if of a live run has both: its own clients count on from those that had come.
    const auto order = [this](NodeId id) {
        const auto place = isDrawn(id) ? drawn->placeOf(id) : 0;
        return std::pair(place == 0, place != 0 ? place : id.value);
    };
    return order(client) < order(other);
}

describe::NodeNames About::names() const
{
    const auto find = [this](std::string_view name) -> std::optional<NodeId> {
        for (const auto& member : members) {
            if (member.name == name) {
                return member.id;
            }
        }
        for (std::size_t i = 0; i < clients.size(); ++i) {
            if (clients[i] == name) {
                return clientId(static_cast<std::uint32_t>(i + 1));
            }
        }
        if (const auto client = drawn->at(drawnPlace(name))) {
            return client;
        }
        return std::nullopt;
    };
    return {[this](NodeId id) { return nameOf(id); }, find};
}

Trace::Trace(About about, std::shared_ptr<Vault> vault)
    : m_about(std::move(about))
    , m_vault(std::move(vault))
    , m_chunks(mostChunks)
{
}

Trace::~Trace()
{
    if (m_vault) {
        m_vault->close();
    }
}

std::shared_ptr<Trace::Chunk> Trace::newChunk() const
{
    if (!m_vault) {
        return std::make_shared<Chunk>();
    }
    m_vault->rest();
    return {new (m_vault->room(sizeof(Chunk))) Chunk,
            [vault = m_vault](Chunk* chunk) { std::destroy_at(chunk); }};
}

void Trace::record(EventId id, Event event)
{
    const auto index = m_size.load(std::memory_order_relaxed);
    check(id.value == index + 1, "events recorded in the order of their numbers");
    check(index < mostEvents, "a trace of at most 268 million events");
    check(event.cause < id, "a cause that comes before its effect");
    if (isDrawn(event.node)) {
        m_about.drawn->add(event.node);
    }
    const auto slot = index / chunkSize;
    if (m_vault) {
        event.payload = m_vault->keep(event.payload);
    }
    if (index % chunkSize == 0) {
        auto chunk = newChunk();
        m_chunks[slot].store(chunk.get(), std::memory_order_release);
        const std::lock_guard lock(m_ownersMutex);
        m_owners.push_back(std::move(chunk));
    }
    m_chunks[slot].load(std::memory_order_relaxed)->events[index % chunkSize] = std::move(event);
    m_size.store(index + 1, std::memory_order_release);
}

std::span<const Event> Trace::run(EventId first, EventId last) const
{
    const auto index = first.value - 1;
    const auto* chunk = m_chunks[index / chunkSize].load(std::memory_order_acquire);
    const auto begin = index % chunkSize;
    const auto count = std::min(chunkSize - begin, last.value - index);
    return std::span(chunk->events).subspan(begin, count);
}

std::shared_ptr<Trace> Trace::fork(EventId last, std::string origin) const
{
    auto about = m_about;
    about.origin = std::move(origin);
    return fork(last, std::move(about));
}

std::shared_ptr<Trace> Trace::fork(EventId last, About about) const
{
    check(last.value <= size(), "a fork at an event that there is");
    auto branch = std::make_shared<Trace>(std::move(about));
    const auto whole = last.value / chunkSize;
    {
        const std::lock_guard lock(m_ownersMutex);
        for (std::uint64_t i = 0; i < whole; ++i) {
            branch->m_chunks[i].store(m_owners[i].get(), std::memory_order_release);
            branch->m_owners.push_back(m_owners[i]);
        }
    }
    branch->m_size.store(whole * chunkSize, std::memory_order_release);
    for (auto number = whole * chunkSize + 1; number <= last.value; ++number) {
        branch->record(EventId(number), (*this)[EventId(number)]);
    }
    branch->m_lanes.copy(m_lanes, last);
    return branch;
}

EventId eventAt(const Trace& trace, Instant instant)
{
    std::uint64_t low = 0;
    auto high = trace.size();
    while (low < high) {
        const auto middle = low + (high - low + 1) / 2;
        if (trace[EventId(middle)].at <= instant) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return EventId(low);
}

} // namespace lightcone::trace
