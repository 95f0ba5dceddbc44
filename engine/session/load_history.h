#pragma once

#include "engine/check/history.h"
#include "engine/live/load.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace lightcone::session {

/// The history of a load on real nodes, for checking::judge and for files. A client that asks
/// before it was answered (an open loop) is several processes, and so is one that was not told how
/// an operation ended: a process does one thing at a time and nothing after an unknown end.
class LoadHistory
{
public:
    /// To be called from Load::onBegun and Load::onEnded. Requests of which a history of keys and
    /// values knows nothing are passed over.
    void begun(const live::LoadOperation&);
    void ended(const live::LoadOperation&);

    /// Something that was done to the cluster meanwhile.
    void mark(Instant, const std::string& text);

    [[nodiscard]] const checking::History& history() const { return m_history; }

private:
    struct Open
    {
        std::size_t place = 0;
        std::uint64_t process = 0;
    };
    using Name = std::pair<std::uint32_t, std::uint64_t>; ///< client, number of its operation

    checking::History m_history;
    std::map<Name, Open> m_open;
    std::vector<std::uint64_t> m_idle; ///< processes that may ask again
    std::uint64_t m_processes = 0;
};

} // namespace lightcone::session
