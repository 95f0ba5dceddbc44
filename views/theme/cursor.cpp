#include "views/theme/cursor.h"

namespace lightcone::theme {

void Cursor::setEvent(EventId event, Instant at)
{
    if (m_event == event && m_instant == at && !m_followsEnd) {
        return;
    }
    m_event = event;
    m_instant = at;
    m_followsEnd = false;
    emit changed();
}

void Cursor::setInstant(EventId lastEvent, Instant now)
{
    if (m_event == lastEvent && m_instant == now) {
        return;
    }
    m_event = lastEvent;
    m_instant = now;
    emit changed();
}

void Cursor::setBranch(session::BranchId branch)
{
    if (m_branch != branch) {
        m_branch = branch;
        emit changed();
    }
}

void Cursor::setNode(NodeId node)
{
    if (m_node != node) {
        m_node = node;
        emit changed();
    }
}

void Cursor::setFollowsEnd(bool follows)
{
    if (m_followsEnd != follows) {
        m_followsEnd = follows;
        emit changed();
    }
}

void Cursor::setCone(bool cone)
{
    if (m_cone != cone) {
        m_cone = cone;
        emit changed();
    }
}

} // namespace lightcone::theme
