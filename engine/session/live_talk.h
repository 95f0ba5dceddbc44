#pragma once

#include "engine/session/live_session.h"

#include <string>

namespace lightcone::session {

/// With one node: what it says goes to its ear or to who asked.
class LiveSession::Talk final : public live::Watcher
{
public:
    Talk(LiveSession& session, const live::MemberAddress& member);

    Result<live::Wish> onOpened(const live::Welcome&) override;
    Result<void> onWord(live::Word&) override;
    void onClosed(const std::string& why) override;
    void onFailed(const std::string& why, bool absent, bool rejected) override;

    /// Begins anew when what is repeated has lost the node.
    void checkFollowed();

    [[nodiscard]] const LiveNode& status() const { return m_status; }
    [[nodiscard]] live::Explorer* explorer() { return m_explorer ? &*m_explorer : nullptr; }
    [[nodiscard]] NodeId id() const { return m_status.id; }

private:
    void turn(LiveNode::State state, std::string why);

    LiveSession* m_session;
    LiveNode m_status;
    LiveEar m_ear;
    bool m_wasHeard = false; ///< since its process was last known to be gone
    Duration m_lastWord{};
    Duration m_beganAnew{};
    std::optional<live::Explorer> m_explorer;
};

} // namespace lightcone::session
