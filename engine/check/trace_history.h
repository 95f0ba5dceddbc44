#pragma once

#include "engine/check/history.h"
#include "engine/describe/value.h"
#include "engine/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace lightcone::checking {

/// Whether the protocol's requests are those of the key-value state machine (engine/kv), so that a
/// run of it has a history. Told by shapes: of a build that does not know the protocol too.
bool hasHistory(const trace::About&);

/// The operation on the key-value state machine that a request asks for; none for other requests.
std::optional<Operation> operationOf(const describe::Value& request);

/// Ends an operation on the key-value state machine at that place, as the reply to it says.
void endAnswered(History&, std::size_t place, Instant, const describe::Value& reply);

/// Gathers the history of a trace while it grows: what clients asked of the key-value state machine
/// and were answered. Other requests are passed over.
class TraceHistory
{
public:
    explicit TraceHistory(trace::TracePtr);

    /// Takes in the events up to that one; true when the history is another for it.
    bool grow(EventId last);

    [[nodiscard]] EventId size() const { return m_size; }

    /// What is under way is unknown. What a client read and no client of the trace wrote was there
    /// before: it comes as writes by nobody, unknown, before all else.
    [[nodiscard]] History history() const;

    /// The process that stands for what was there before.
    static constexpr std::uint64_t before = 0;

private:
    struct Known
    {
        std::size_t place = 0;
        std::uint32_t sent = 0; ///< times that the client sent it
    };

    void request(EventId, const trace::Event&);
    void reply(EventId, const trace::Event&);

    trace::TracePtr m_trace;
    EventId m_size{};
    History m_history;
    std::map<RequestId, Known> m_open;
};

} // namespace lightcone::checking
