#include "engine/kv/entries.h"

#include <algorithm>

namespace lightcone::kv {

namespace {

constexpr std::size_t mostInLeaf = 64;

} // namespace

Entries::Place Entries::placeOf(std::string_view key) const
{
    if (empty()) {
        return {};
    }
    const auto& leaves = m_shared->leaves;
    auto leaf = std::upper_bound(leaves.begin(), leaves.end(), key,
                                 [](std::string_view wanted, const auto& each) {
                                     return wanted < each->entries.front().first;
                                 });
    leaf -= leaf == leaves.begin() ? 0 : 1;
    const auto& entries = (*leaf)->entries;
    const auto at = std::ranges::lower_bound(
        entries, key, {}, [](const value_type& each) { return std::string_view(each.first); });
    return {static_cast<std::size_t>(leaf - leaves.begin()),
            static_cast<std::size_t>(at - entries.begin()),
            at != entries.end() && at->first == key};
}

/// What nobody else holds a part of. The count is read with acquire, so that whoever just let go of
/// the same entries on another thread has finished reading them.
Entries::Shared& Entries::own()
{
    if (!m_shared || m_shared->use_count() != 1) {
        boost::intrusive_ptr<Shared> copy(new Shared);
        if (m_shared) {
            copy->leaves = m_shared->leaves;
            copy->size = m_shared->size;
        }
        m_shared = std::move(copy);
    }
    return *m_shared;
}

Entries::Leaf& Entries::own(std::size_t leaf)
{
    auto& held = own().leaves[leaf];
    if (held->use_count() != 1) {
        boost::intrusive_ptr<Leaf> copy(new Leaf);
        copy->entries = held->entries;
        held = std::move(copy);
    }
    return *held;
}

const std::string* Entries::find(std::string_view key) const
{
    const auto place = placeOf(key);
    return place.found ? &m_shared->leaves[place.leaf]->entries[place.at].second : nullptr;
}

void Entries::insert_or_assign(const std::string& key, const std::string& value)
{
    auto place = placeOf(key);
    if (place.found) {
        own(place.leaf).entries[place.at].second = value;
        return;
    }
    auto& shared = own();
    if (shared.leaves.empty()) {
        shared.leaves.emplace_back(new Leaf);
    }
    auto* leaf = &own(place.leaf);
    if (leaf->entries.size() == mostInLeaf) {
        // Keys that come in their order fill leaf after leaf.
        const bool last = place.at == mostInLeaf && place.leaf + 1 == shared.leaves.size();
        const auto half = last ? mostInLeaf : mostInLeaf / 2;
        boost::intrusive_ptr<Leaf> rest(new Leaf);
        const auto from = leaf->entries.begin() + static_cast<std::ptrdiff_t>(half);
        rest->entries.assign(std::move_iterator(from), std::move_iterator(leaf->entries.end()));
        leaf->entries.erase(from, leaf->entries.end());
        if (place.at > half || last) {
            place.at -= half;
            leaf = rest.get();
        }
        const auto behind = shared.leaves.begin() + static_cast<std::ptrdiff_t>(place.leaf) + 1;
        shared.leaves.insert(behind, std::move(rest));
    }
    leaf->entries.emplace(leaf->entries.begin() + static_cast<std::ptrdiff_t>(place.at), key,
                          value);
    ++shared.size;
}

bool Entries::erase(std::string_view key)
{
    const auto place = placeOf(key);
    if (!place.found) {
        return false;
    }
    auto& entries = own(place.leaf).entries;
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(place.at));
    if (entries.empty()) {
        auto& leaves = m_shared->leaves;
        leaves.erase(leaves.begin() + static_cast<std::ptrdiff_t>(place.leaf));
    }
    --m_shared->size;
    return true;
}

bool operator==(const Entries& a, const Entries& b)
{
    return a.m_shared == b.m_shared
        || (a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin()));
}

} // namespace lightcone::kv
