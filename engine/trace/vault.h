#pragma once

#include "engine/core/bytes.h"
#include "engine/describe/shape.h"
#include "engine/node/payload.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace lightcone::trace {

/// Where a run that goes on for hours keeps what happened: files that only this process knows,
/// mapped into memory. What lies there is read as any memory, without a lock; the system writes it
/// out in the background, and brings back what somebody looks at. One thread makes room; any
/// thread reads. It lives as long as anything in it does.
class Vault : public std::enable_shared_from_this<Vault>
{
public:
    /// segmentBytes: what is had at once; the newest two stay in memory.
    static std::shared_ptr<Vault> open(std::filesystem::path folder = defaultFolder(),
                                       std::size_t segmentBytes = std::size_t{16} << 20);

    /// TMPDIR, or where this system keeps large temporary files.
    static std::filesystem::path defaultFolder();

    Vault(const Vault&) = delete;
    Vault& operator=(const Vault&) = delete;
    ~Vault();

    /// Room for so many bytes, aligned for anything.
    [[nodiscard]] std::byte* room(std::size_t bytes);

    /// The same, kept here as bytes, and decoded each time somebody looks. What is kept again soon
    /// is kept once.
    [[nodiscard]] node::PayloadPtr keep(const node::PayloadPtr&);

    /// Lets go of the memory of all but the newest.
    void rest();

    /// Nothing more is kept: what was kept last need not be known any more.
    void close();

    /// Bytes that are in ordinary memory, because the folder had no more room.
    [[nodiscard]] std::size_t inMemory() const { return m_inMemory; }
    [[nodiscard]] const std::filesystem::path& folder() const { return m_folder; }

private:
    class Kept;
    struct Slot;
    struct Segment
    {
        std::byte* begin = nullptr;
        std::size_t size = 0;
        bool mapped = false;
    };

    Vault(std::filesystem::path folder, std::size_t segmentBytes);
    void begin(std::size_t least);
    [[nodiscard]] std::byte* map(std::size_t bytes) const;
    const describe::ShapePtr& shared(const describe::ShapePtr&);

    std::filesystem::path m_folder;
    std::size_t m_segmentBytes;
    std::vector<Segment> m_segments;
    std::size_t m_used = 0; ///< of the newest
    std::size_t m_rested = 0; ///< segments
    std::size_t m_inMemory = 0;
    std::deque<describe::ShapePtr> m_shapes;
    Bytes m_buffer;
    std::array<std::pair<node::PayloadPtr, node::PayloadPtr>, 1024> m_recent{}; ///< given, kept
};

} // namespace lightcone::trace
