#include "engine/trace/drawn_clients.h"

namespace lightcone::trace {

void DrawnClients::add(NodeId client)
{
    const std::lock_guard lock(m_mutex);
    if (m_places.emplace(client, m_clients.size() + 1).second) {
        m_clients.push_back(client);
    }
}

std::uint32_t DrawnClients::placeOf(NodeId client) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_places.find(client);
    return found == m_places.end() ? 0 : found->second;
}

NodeId DrawnClients::at(std::uint32_t place) const
{
    const std::lock_guard lock(m_mutex);
    return place == 0 || place > m_clients.size() ? NodeId() : m_clients[place - 1];
}

std::uint32_t DrawnClients::count() const
{
    const std::lock_guard lock(m_mutex);
    return static_cast<std::uint32_t>(m_clients.size());
}

} // namespace lightcone::trace
