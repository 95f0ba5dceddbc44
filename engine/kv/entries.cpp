#include "engine/kv/entries.h"

#include <utility>

namespace lightcone::kv {

const Entries::Map& Entries::map() const
{
    static const Map none;
    return m_shared ? m_shared->map : none;
}

/// The map, of which nobody else holds a part. The count is read with acquire, so that whoever just
/// let go of the same entries on another thread has finished reading them.
Entries::Map& Entries::own()
{
    if (!m_shared || m_shared->use_count() != 1) {
        boost::intrusive_ptr<Shared> copy(new Shared);
        copy->map = map();
        m_shared = std::move(copy);
    }
    return m_shared->map;
}

const std::string* Entries::find(std::string_view key) const
{
    const auto& entries = map();
    const auto place = entries.find(key);
    return place != entries.end() ? &place->second : nullptr;
}

void Entries::insert_or_assign(const std::string& key, const std::string& value)
{
    own().insert_or_assign(key, value);
}

bool Entries::erase(std::string_view key)
{
    if (find(key) == nullptr) {
        return false;
    }
    auto& entries = own();
    entries.erase(entries.find(key));
    return true;
}

} // namespace lightcone::kv
