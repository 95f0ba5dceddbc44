#include "engine/kv/store.h"

#include "engine/core/check.h"

#include <algorithm>

namespace lightcone::kv {

const std::string& keyOf(const Operation& operation)
{
    return std::visit([](const auto& any) -> const std::string& { return any.key; }, operation);
}

Store::Store(std::uint32_t mostSessions)
    : m_mostSessions(mostSessions)
{
    check(mostSessions > 0, "a store with room for a session");
}

Result Store::apply(const Operation& operation)
{
    if (const auto* write = std::get_if<Put>(&operation)) {
        return put(*write);
    }
    if (const auto* read = std::get_if<Get>(&operation)) {
        return get(read->key);
    }
    if (const auto* removal = std::get_if<Delete>(&operation)) {
        return remove(*removal);
    }
    return compareAndSwap(std::get<Cas>(operation));
}

Result Store::apply(RequestId id, const Operation& operation)
{
    if (!id) {
        return apply(operation);
    }
    auto place = m_sessions.find(id.client);
    if (place == m_sessions.end()) {
        if (m_expired.contains(id.client)) {
            return {Outcome::Expired, {}};
        }
        if (m_sessions.size() >= m_mostSessions) {
            dropOldestSession();
        }
        place = m_sessions.emplace(id.client, Session{}).first;
    } else if (id.sequence <= place->second.sequence) {
        auto& session = place->second;
        session.lastUse = ++m_uses;
        return id.sequence == session.sequence ? session.result : Result{Outcome::Stale, {}};
    }
    auto& session = place->second;
    session.sequence = id.sequence;
    session.lastUse = ++m_uses;
    session.result = apply(operation);
    return session.result;
}

Result Store::get(std::string_view key) const
{
    const auto* value = m_entries.find(key);
    return value == nullptr ? Result{Outcome::NotFound, {}} : Result{Outcome::Found, *value};
}

bool Store::hasExecuted(RequestId id) const
{
    const auto place = m_sessions.find(id.client);
    return place != m_sessions.end() && place->second.sequence == id.sequence;
}

Result Store::put(const Put& operation)
{
    m_entries.insert_or_assign(operation.key, operation.value);
    return {Outcome::Done, {}};
}

Result Store::remove(const Delete& operation)
{
    return {m_entries.erase(operation.key) ? Outcome::Done : Outcome::NotFound, {}};
}

Result Store::compareAndSwap(const Cas& operation)
{
    const auto* held = m_entries.find(operation.key);
    if (held == nullptr && operation.expected) {
        return {Outcome::NotFound, {}};
    }
    if (held != nullptr && *held != operation.expected) {
        return {Outcome::Mismatch, *held};
    }
    m_entries.insert_or_assign(operation.key, operation.desired);
    return {Outcome::Done, {}};
}

void Store::dropOldestSession()
{
    const auto oldest =
        std::min_element(m_sessions.begin(), m_sessions.end(), [](const auto& a, const auto& b) {
            return a.second.lastUse < b.second.lastUse;
        });
    m_expired.insert(oldest->first);
    m_sessions.erase(oldest);
}

} // namespace lightcone::kv
