#include "engine/session/live_ear.h"

#include "engine/describe/described.h"

#include <fmt/format.h>
#include <utility>

namespace lightcone::session {

live::Watch LiveEar::begin(Duration now)
{
    m_pieces.clear();
    m_offset = {};
    m_merge->opened(m_node, now);
    if (!m_position) {
        return {m_first, 0, 0};
    }
    return {live::From::After, m_position->incarnation, m_position->entry};
}

void LiveEar::end(const std::string& why, Duration now)
{
    m_pieces.clear();
    m_merge->closed(m_node, why, now);
}

Result<bool> LiveEar::hear(live::Word& word, Duration now, std::int64_t ours)
{
    if (const auto* piece = std::get_if<live::Piece>(&word)) {
        return piece->id == 0 ? hear(*piece, now) : Result<bool>(false);
    }
    if (const auto* told = std::get_if<live::Told>(&word)) {
        return hear(*told, now);
    }
    if (const auto* missing = std::get_if<live::Missing>(&word)) {
        return hear(*missing, now);
    }
    if (const auto* beat = std::get_if<live::Beat>(&word)) {
        m_merge->beat(m_node, beat->time, beat->last, now, m_offset.beat(beat->wall, ours));
        return true;
    }
    return false;
}

Result<bool> LiveEar::hear(const live::Piece& piece, Duration now)
{
    m_merge->touch(m_node, now);
    if (m_pieces.size() + piece.bytes.size() > live::mostCheckpointBytes) {
        return fail(fmt::format("its state is larger than {} bytes", live::mostCheckpointBytes));
    }
    m_pieces += piece.bytes;
    if (!piece.last) {
        return true;
    }
    auto checkpoint = describe::fromBytes<live::Checkpoint>(std::exchange(m_pieces, {}));
    if (!checkpoint) {
        return checkpoint.error();
    }
    m_position = {checkpoint->incarnation, checkpoint->entry};
    m_merge->joined(m_node, std::move(*checkpoint), now);
    return true;
}

Result<bool> LiveEar::hear(const live::Told& told, Duration now)
{
    auto entries = live::entriesOf(told.stretch);
    if (!entries) {
        return entries.error();
    }
    if (!m_position || told.stretch.first != m_position->entry + 1) {
        return fail(fmt::format("entry {} was told where {} was expected", told.stretch.first,
                                m_position ? m_position->entry + 1 : 0));
    }
    m_position->entry += told.stretch.count;
    m_merge->told(m_node, std::move(*entries), now);
    return true;
}

Result<bool> LiveEar::hear(const live::Missing& missing, Duration now)
{
    // Whether it was born again its checkpoint will say; a life that is over ends here.
    if (missing.bornAgain) {
        m_merge->gone(m_node, {}, now);
    }
    m_merge->missed(m_node, missing.why, now);
    return true;
}

} // namespace lightcone::session
