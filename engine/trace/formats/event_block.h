#pragma once

#include "engine/describe/shape.h"
#include "engine/trace/formats/blocks.h"
#include "engine/trace/formats/file_payload.h"
#include "engine/trace/trace.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace lightcone::trace::formats {

/// Member 3 is 6, client 3 is 7: so that both are short.
constexpr std::uint64_t nodeCode(NodeId node)
{
    return isClient(node) ? (std::uint64_t{node.value} - firstClient) << 1 | 1
                          : std::uint64_t{node.value} << 1;
}

/// NodeId {} with a failed reader for what is no node's code.
NodeId nodeFromCode(ByteReader&);

enum class Column : std::uint8_t {
    Kind, ///< a byte each
    Detail, ///< a byte each
    At, ///< nanoseconds since the event before, zigzag; the first of a block since 0
    Cause, ///< how many events ago, 0: none
    Node, ///< its code
    Peer, ///< its code
    Tag,
    Request, ///< 0: none, 1: that of its cause, else the client's code and 2
    Sequence, ///< one for each client in Request
    Payload, ///< 0: none, 1: that of its cause, 2: a new one, else the one that many less 3 before
             ///< the newest
    Shape, ///< one for each new payload, as the following two
    PayloadTag,
    Size,
};
constexpr std::size_t columnCount = 13;

/// Turns a stretch of events into columns and payload bytes.
class EventEncoder
{
public:
    EventEncoder(const Trace&, describe::ShapeTable&);

    void add(EventId, const Event&);

    [[nodiscard]] EventId first() const { return m_first; }
    [[nodiscard]] std::uint32_t count() const { return m_count; }
    [[nodiscard]] const Bytes& payloads() const { return m_payloads; }
    [[nodiscard]] Bytes columns() const;

    /// Forgets what was added.
    void clear();

private:
    ByteWriter& column(Column which) { return m_writers[static_cast<std::size_t>(which)]; }
    void addRequest(const Event&);
    void addPayload(const Event&);

    const Trace* m_trace;
    describe::ShapeTable* m_shapes;
    std::array<Bytes, columnCount> m_columns;
    std::vector<ByteWriter> m_writers;
    Bytes m_payloads;
    std::unordered_map<const node::Payload*, std::uint64_t> m_known;
    EventId m_first{};
    std::uint32_t m_count = 0;
    Instant m_last{};
};

/// Where an Events block's events come from, besides its own bytes.
struct EventContext
{
    FileBytes file;
    std::shared_ptr<const std::vector<describe::ShapePtr>> shapes;
    const Block* payloads = nullptr; ///< nullptr when the file has none for it
    std::function<bool(NodeId)> knownNode;
};

/// Appends the events of a block to the trace, which ends right before it: all, or none when the
/// bytes are not an Events block's.
bool decodeEvents(const BlockHeader&, BytesView raw, const EventContext&, Trace&);

} // namespace lightcone::trace::formats
