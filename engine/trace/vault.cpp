#include "engine/trace/vault.h"

#include "engine/core/check.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#if defined(__unix__) || defined(__APPLE__)
#define LIGHTCONE_HAS_MAPPED_FILES 1
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace lightcone::trace {

namespace {

constexpr std::size_t alignment = alignof(std::max_align_t);

std::size_t aligned(std::size_t bytes)
{
    return (bytes + alignment - 1) / alignment * alignment;
}

} // namespace

/// A payload whose bytes stand right behind it.
class Vault::Kept final : public node::Payload
{
public:
    Kept(const describe::ShapePtr* shape, std::uint16_t tag, std::uint32_t size)
        : m_size(size)
        , m_tag(tag)
        , m_shape(shape)
    {
    }

    [[nodiscard]] const describe::ShapePtr& shape() const override { return *m_shape; }
    [[nodiscard]] std::uint16_t tag() const override { return m_tag; }
    [[nodiscard]] std::string_view name() const override
    {
        const auto& described = **m_shape;
        return described.kind == describe::ShapeKind::Variant ? described.fields[m_tag].name
                                                              : described.name;
    }
    [[nodiscard]] describe::Value describe() const override
    {
        auto value = describe::decodeValue(*m_shape, bytes());
        lightcone::check(value.has_value(), "what was encoded here can be decoded here");
        return std::move(*value);
    }
    void encode(Bytes& out) const override { out += bytes(); }
    [[nodiscard]] const void* typeKey() const override { return nullptr; }

    /// Memory belongs to the vault, which is told.
    static void operator delete(void*);

private:
    [[nodiscard]] BytesView bytes() const;

    std::uint32_t m_size;
    std::uint16_t m_tag;
    const describe::ShapePtr* m_shape;
};

/// The vault stands beside its payload, where it is still to be found after the payload ended.
struct Vault::Slot
{
    alignas(Kept) std::byte room[sizeof(Kept)];
    std::shared_ptr<const Vault> vault;
};

void Vault::Kept::operator delete(void* place)
{
    // It may be the last: the room is gone with it.
    const auto vault = std::move(std::launder(reinterpret_cast<Slot*>(place))->vault);
}

BytesView Vault::Kept::bytes() const
{
    return {reinterpret_cast<const char*>(this) + aligned(sizeof(Slot)), m_size};
}

std::shared_ptr<Vault> Vault::open(std::filesystem::path folder, std::size_t segmentBytes)
{
    return std::shared_ptr<Vault>(new Vault(std::move(folder), segmentBytes));
}

std::filesystem::path Vault::defaultFolder()
{
    // A folder for all users is often in memory, which would be the contrary of what is wanted.
    std::error_code none;
    const std::filesystem::path large = "/var/tmp";
    if (std::getenv("TMPDIR") == nullptr && std::filesystem::is_directory(large, none)) {
        return large;
    }
    return std::filesystem::temp_directory_path(none);
}

Vault::Vault(std::filesystem::path folder, std::size_t segmentBytes)
    : m_folder(std::move(folder))
    , m_segmentBytes(segmentBytes)
{
}

Vault::~Vault()
{
    for (const auto& segment : m_segments) {
#ifdef LIGHTCONE_HAS_MAPPED_FILES
        if (segment.mapped) {
            ::munmap(segment.begin, segment.size);
            continue;
        }
#endif
        ::operator delete (segment.begin, std::align_val_t{alignment});
    }
}

std::byte* Vault::room(std::size_t bytes)
{
    bytes = aligned(bytes);
    if (m_segments.empty() || m_segments.back().size - m_used < bytes) {
        begin(bytes);
    }
    auto* place = m_segments.back().begin + m_used;
    m_used += bytes;
    return place;
}

void Vault::begin(std::size_t least)
{
    Segment segment;
    segment.size = std::max(m_segmentBytes, least);
    segment.begin = m_inMemory == 0 ? map(segment.size) : nullptr;
    segment.mapped = segment.begin != nullptr;
    if (!segment.mapped) {
        m_inMemory += segment.size;
        segment.begin =
            static_cast<std::byte*>(::operator new (segment.size, std::align_val_t{alignment}));
    }
    m_segments.push_back(segment);
    m_used = 0;
}

/// nullptr where the folder does not have so much room. All of it is had now: later the lack of it
/// would be a signal.
std::byte* Vault::map([[maybe_unused]] std::size_t bytes) const
{
#ifdef LIGHTCONE_HAS_MAPPED_FILES
    auto name = (m_folder / "lightcone-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    if (file < 0) {
        return nullptr;
    }
    ::unlink(name.c_str());
    void* place = MAP_FAILED;
    if (::posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0) {
        place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    ::close(file);
    return place == MAP_FAILED ? nullptr : static_cast<std::byte*>(place);
#else
    return nullptr;
#endif
}

node::PayloadPtr Vault::keep(const node::PayloadPtr& payload)
{
    if (!payload) {
        return payload;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(payload.get()) / alignment;
    auto& recent = m_recent[address % m_recent.size()];
    if (recent.first == payload) {
        return recent.second;
    }
    m_buffer.clear();
    payload->encode(m_buffer);
    const auto& shape = shared(payload->shape());
    lightcone::check(m_buffer.size() <= std::numeric_limits<std::uint32_t>::max(),
                     "a payload of at most 4 GiB");
    auto* place = room(aligned(sizeof(Slot)) + m_buffer.size());
    auto* slot = new (place) Slot;
    slot->vault = shared_from_this();
    std::memcpy(place + aligned(sizeof(Slot)), m_buffer.data(), m_buffer.size());
    const node::PayloadPtr kept(
        new (slot->room) Kept(&shape, payload->tag(), static_cast<std::uint32_t>(m_buffer.size())));
    recent = {payload, kept};
    return kept;
}

/// There are few, and the last ones are wanted again.
const describe::ShapePtr& Vault::shared(const describe::ShapePtr& shape)
{
    const auto known = std::find(m_shapes.begin(), m_shapes.end(), shape);
    return known != m_shapes.end() ? *known : m_shapes.emplace_back(shape);
}

void Vault::close()
{
    m_recent = {};
}

void Vault::rest()
{
    constexpr std::size_t awake = 2;
    if (m_segments.size() < m_rested + awake + 1) {
        return;
    }
    // Older ones too: what somebody looked at meanwhile has come back into memory.
    m_rested = m_segments.size() - awake;
#ifdef LIGHTCONE_HAS_MAPPED_FILES
    for (std::size_t i = 0; i < m_rested; ++i) {
        if (m_segments[i].mapped) {
            // Of a shared mapping nothing is lost: the pages belong to the file.
            ::madvise(m_segments[i].begin, m_segments[i].size, MADV_DONTNEED);
        }
    }
#endif
}

} // namespace lightcone::trace
