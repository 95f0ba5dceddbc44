#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lightcone::kv {

/// Keys and values in the order of keys. A copy costs one pointer and shares the entries until one
/// of the two changes, and then all but the few that lie beside what changes: a simulated world is
/// copied for each snapshot and branch, its stores mostly unread, and a real node goes on while
/// copies of what it holds are written down.
class Entries
{
public:
    using key_type = std::string;
    using mapped_type = std::string;
    using value_type = std::pair<std::string, std::string>;

private:
    /// At least one entry, and so few that moving or copying them is quick.
    struct Leaf : boost::intrusive_ref_counter<Leaf>
    {
        std::vector<value_type> entries;
    };

    struct Shared : boost::intrusive_ref_counter<Shared>
    {
        std::vector<boost::intrusive_ptr<Leaf>> leaves;
        std::size_t size = 0;
    };

public:
    class const_iterator
    {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = Entries::value_type;
        using difference_type = std::ptrdiff_t;
        using pointer = const value_type*;
        using reference = const value_type&;

        const_iterator() = default;
        reference operator*() const { return m_shared->leaves[m_leaf]->entries[m_at]; }
        pointer operator->() const { return &**this; }
        const_iterator& operator++()
        {
            if (++m_at == m_shared->leaves[m_leaf]->entries.size()) {
                ++m_leaf;
                m_at = 0;
            }
            return *this;
        }
        const_iterator operator++(int)
        {
            auto before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const const_iterator&, const const_iterator&) = default;

    private:
        friend class Entries;
        const_iterator(const Shared* shared, std::size_t leaf)
            : m_shared(shared)
            , m_leaf(leaf)
        {
        }

        const Shared* m_shared = nullptr;
        std::size_t m_leaf = 0;
        std::size_t m_at = 0;
    };

    [[nodiscard]] const_iterator begin() const { return {m_shared.get(), 0}; }
    [[nodiscard]] const_iterator end() const
    {
        return {m_shared.get(), m_shared ? m_shared->leaves.size() : 0};
    }
    [[nodiscard]] std::size_t size() const { return m_shared ? m_shared->size : 0; }
    [[nodiscard]] bool empty() const { return size() == 0; }

    /// nullptr where there is none.
    [[nodiscard]] const std::string* find(std::string_view key) const;

    // The name that every map has: describe fills maps through it.
    // NOLINTNEXTLINE(readability-identifier-naming)
    void insert_or_assign(const std::string& key, const std::string& value);
    bool erase(std::string_view key);

    friend bool operator==(const Entries&, const Entries&);

private:
    /// Where a key is, or where it belongs.
    struct Place
    {
        std::size_t leaf = 0;
        std::size_t at = 0;
        bool found = false;
    };

    [[nodiscard]] Place placeOf(std::string_view key) const;
    Shared& own();
    Leaf& own(std::size_t leaf);

    boost::intrusive_ptr<Shared> m_shared;
};

} // namespace lightcone::kv
