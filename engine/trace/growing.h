#pragma once

#include "engine/core/check.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace lightcone::trace {

/// An append-only array. One thread pushes; any thread reads what size() has published, without a
/// lock. Elements never move: each chunk is twice as long as the one before.
template <class T>
class Growing
{
public:
    Growing() = default;
    Growing(const Growing&) = delete;
    Growing& operator=(const Growing&) = delete;
    ~Growing()
    {
        for (auto& chunk : m_chunks) {
            delete[] chunk.load(std::memory_order_relaxed);
        }
    }

    [[nodiscard]] std::uint64_t size() const { return m_size.load(std::memory_order_acquire); }

    [[nodiscard]] const T& operator[](std::uint64_t index) const { return *place(index); }
    [[nodiscard]] T& operator[](std::uint64_t index) { return *place(index); }

    /// The next element as it was made, for the pusher to fill before it calls publish().
    T& next()
    {
        const auto index = m_size.load(std::memory_order_relaxed);
        const auto chunk = chunkOf(index);
        if (index + firstChunk == firstChunk << chunk) {
            check(chunk < m_chunks.size(), "an array of at most 2^36 elements");
            m_chunks[chunk].store(new T[firstChunk << chunk](), std::memory_order_release);
        }
        return *place(index);
    }

    void publish()
    {
        m_size.store(m_size.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

    void push(T value)
    {
        next() = std::move(value);
        publish();
    }

private:
    static constexpr std::uint64_t firstChunk = 64;

    static unsigned chunkOf(std::uint64_t index)
    {
        return static_cast<unsigned>(std::bit_width(index + firstChunk)
                                     - std::bit_width(firstChunk));
    }

    T* place(std::uint64_t index) const
    {
        const auto chunk = chunkOf(index);
        return m_chunks[chunk].load(std::memory_order_acquire)
            + (index + firstChunk - (firstChunk << chunk));
    }

    std::atomic<std::uint64_t> m_size{0};
    std::array<std::atomic<T*>, 30> m_chunks{};
};

} // namespace lightcone::trace
