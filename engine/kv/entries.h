#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace lightcone::kv {

/// Keys and values in the order of keys. A copy costs one pointer and shares the entries until one
/// of the two changes: a simulated world is copied for each snapshot and branch, its stores mostly
/// unread.
class Entries
{
public:
    using Map = std::map<std::string, std::string, std::less<>>;
    using key_type = Map::key_type;
    using mapped_type = Map::mapped_type;
    using value_type = Map::value_type;
    using const_iterator = Map::const_iterator;

    [[nodiscard]] const_iterator begin() const { return map().begin(); }
    [[nodiscard]] const_iterator end() const { return map().end(); }
    [[nodiscard]] std::size_t size() const { return map().size(); }
    [[nodiscard]] bool empty() const { return map().empty(); }

    /// nullptr where there is none.
    [[nodiscard]] const std::string* find(std::string_view key) const;

    // The name that every map has: describe fills maps through it.
    // NOLINTNEXTLINE(readability-identifier-naming)
    void insert_or_assign(const std::string& key, const std::string& value);
    bool erase(std::string_view key);

    friend bool operator==(const Entries& a, const Entries& b)
    {
        return a.m_shared == b.m_shared || a.map() == b.map();
    }

private:
    struct Shared : boost::intrusive_ref_counter<Shared>
    {
        Map map;
    };

    [[nodiscard]] const Map& map() const;
    Map& own();

    boost::intrusive_ptr<Shared> m_shared;
};

} // namespace lightcone::kv
