#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace lightcone::sim {

/// Holds a T that can clone(). Copies share it until one of them changes it, so that a snapshot of
/// a world costs no more than what happens to it later. Different copies may live on different
/// threads.
template <class T>
class Shared
{
public:
    Shared() = default;
    explicit Shared(std::unique_ptr<T> held)
        : m_block(held ? new Block{{0}, std::move(held)} : nullptr)
    {
    }

    explicit operator bool() const { return m_block != nullptr; }
    [[nodiscard]] const T* get() const { return m_block ? m_block->held.get() : nullptr; }
    const T* operator->() const { return m_block->held.get(); }
    const T& operator*() const { return *m_block->held; }

    /// Ours alone, to be changed. References that were taken before may name the old one.
    T& own()
    {
        // Acquire: what another copy read before it let go of the block came before our change.
        if (m_block->references.load(std::memory_order_acquire) != 1) {
            m_block = boost::intrusive_ptr<Block>(new Block{{0}, m_block->held->clone()});
        }
        return *m_block->held;
    }

private:
    struct Block
    {
        std::atomic<std::uint32_t> references{0};
        std::unique_ptr<T> held;

        friend void intrusive_ptr_add_ref(Block* block)
        {
            block->references.fetch_add(1, std::memory_order_relaxed);
        }
        friend void intrusive_ptr_release(Block* block)
        {
            if (block->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
                delete block;
            }
        }
    };

    boost::intrusive_ptr<Block> m_block;
};

} // namespace lightcone::sim
