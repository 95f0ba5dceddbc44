#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"
#include "engine/session/live_input.h"

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace lightcone::session {

/// All that a live run was told, in order. Older parts lie in a file that only this process knows
/// and that vanishes with it, so that hours of watching do not fill the memory; where no file can
/// be had they stay in memory. One thread appends; any thread reads.
class LiveLog
{
public:
    LiveLog();
    LiveLog(const LiveLog&) = delete;
    LiveLog& operator=(const LiveLog&) = delete;
    ~LiveLog();

    void append(const LiveInput&);
    [[nodiscard]] std::uint64_t size() const;

    /// Visits inputs from that place on, from 0, until the visitor says false or there are no more.
    void forEach(std::uint64_t from, const std::function<bool(const LiveInput&)>& visit) const;

    /// Bytes that are in memory.
    [[nodiscard]] std::size_t memory() const;

    static constexpr std::uint64_t blockSize = 4096;

private:
    struct Block
    {
        std::shared_ptr<const Bytes> bytes{}; ///< nullptr: in the file
        long offset = 0;
        std::size_t size = 0;
    };

    [[nodiscard]] std::shared_ptr<const Bytes> load(const Block&) const;
    void seal();

    mutable std::mutex m_mutex;
    std::vector<Block> m_blocks; ///< whole ones
    Bytes m_open;
    std::uint64_t m_count = 0;
    std::size_t m_sealed = 0; ///< bytes of whole blocks that are in memory
    std::FILE* m_file = nullptr;
    long m_end = 0;
};

} // namespace lightcone::session
