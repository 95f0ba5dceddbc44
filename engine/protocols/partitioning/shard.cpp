#include "engine/protocols/partitioning/shard.h"

namespace lightcone::protocols::partitioning {
namespace {

void putInto(kv::Entries& entries, const Cells& cells)
{
    for (const auto& cell : cells) {
        if (cell.value) {
            entries.insert_or_assign(cell.key, *cell.value);
        } else {
            entries.erase(cell.key);
        }
    }
}

kv::Result performed(kv::Entries& entries, const kv::Operation& operation)
{
    if (const auto* write = std::get_if<kv::Put>(&operation)) {
        entries.insert_or_assign(write->key, write->value);
        return {kv::Outcome::Done, {}};
    }
    if (const auto* removal = std::get_if<kv::Delete>(&operation)) {
        return {entries.erase(removal->key) ? kv::Outcome::Done : kv::Outcome::NotFound, {}};
    }
    const auto* swap = std::get_if<kv::Cas>(&operation);
    if (swap == nullptr) {
        return {};
    }
    const auto* held = entries.find(swap->key);
    if (held == nullptr && swap->expected) {
        return {kv::Outcome::NotFound, {}};
    }
    if (held != nullptr && *held != swap->expected) {
        return {kv::Outcome::Mismatch, *held};
    }
    entries.insert_or_assign(swap->key, swap->desired);
    return {kv::Outcome::Done, {}};
}

} // namespace

std::optional<kv::Result> Shard::repeated(RequestId id) const
{
    const auto session = sessions.find(id.client);
    if (session == sessions.end() || id.sequence > session->second.sequence) {
        return std::nullopt;
    }
    return id.sequence == session->second.sequence ? session->second.result
                                                   : kv::Result{kv::Outcome::Stale, {}};
}

void Shard::execute(RequestId id, const kv::Operation& operation)
{
    auto& session = sessions[id.client];
    session.sequence = id.sequence;
    session.result = performed(entries, operation);
}

kv::Result Shard::read(std::string_view key) const
{
    const auto* value = entries.find(key);
    return value == nullptr ? kv::Result{kv::Outcome::NotFound, {}}
                            : kv::Result{kv::Outcome::Found, *value};
}

void Shard::put(const Cells& cells)
{
    putInto(entries, cells);
}

void Incoming::put(const Cells& cells)
{
    putInto(entries, cells);
}

void mergeSessions(Sessions& into, const Sessions& other)
{
    for (const auto& [client, session] : other) {
        auto& mine = into[client];
        if (mine.sequence < session.sequence) {
            mine = session;
        }
    }
}

} // namespace lightcone::protocols::partitioning
