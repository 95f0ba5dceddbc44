#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/session/session.h"

#include <QObject>

namespace lightcone::theme {

/// Where the person is looking: the one thing that all views share besides the session. The window
/// makes it; a view reads it, moves it, and draws anew at changed().
class Cursor final : public QObject
{
    Q_OBJECT

public:
    explicit Cursor(QObject* parent = nullptr)
        : QObject(parent)
    {
    }

    [[nodiscard]] session::BranchId branch() const { return m_branch; }

    /// The event whose outcome is shown; none before the first.
    using QObject::event;
    [[nodiscard]] EventId event() const { return m_event; }

    /// The moment that is shown: at or after event(), before the next one.
    [[nodiscard]] Instant instant() const { return m_instant; }

    /// The selected node or client; none when there is none.
    [[nodiscard]] NodeId node() const { return m_node; }

    /// Whether the cursor goes along with the end of the run.
    [[nodiscard]] bool followsEnd() const { return m_followsEnd; }

    /// Whether only the causal past and future of event() is lit.
    [[nodiscard]] bool cone() const { return m_cone; }

    /// Looks at an event of the current branch, which happened at `at`; stops following the end.
    void setEvent(EventId event, Instant at);

    /// A moment between two events, while time passes; goes on following the end when it did.
    void setInstant(EventId lastEvent, Instant now);

    void setBranch(session::BranchId branch);
    void setNode(NodeId node);
    void setFollowsEnd(bool follows);
    void setCone(bool cone);

    /// The stretch of time that a chart or a search wants to be seen.
    void show(Instant first, Instant last) { emit shown(first, last); }

signals:
    /// Any of the above is another now.
    void changed();

    /// Timelines are asked to bring that stretch into view.
    void shown(Instant first, Instant last);

private:
    session::BranchId m_branch{};
    EventId m_event{};
    Instant m_instant{};
    NodeId m_node{};
    bool m_followsEnd = true;
    bool m_cone = false;
};

} // namespace lightcone::theme
