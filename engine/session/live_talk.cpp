#include "engine/session/live_talk.h"

#include "engine/describe/described.h"
#include "engine/live/clocks.h"

#include <utility>

namespace lightcone::session {

namespace {

/// Nodes beat twenty times a second.
constexpr Duration silentAfter = std::chrono::seconds(2);
constexpr Duration betweenNewBeginnings = std::chrono::seconds(2);

} // namespace

LiveSession::Talk::Talk(LiveSession& session, const live::MemberAddress& member)
    : m_session(&session)
    , m_ear(member.id, session.m_merge,
            session.m_cluster.fromOldest ? live::From::Oldest : live::From::Now)
{
    m_status.id = member.id;
    m_status.name = member.name;
    m_status.address = member.control;
    m_status.whyNoFaults = "it is not connected";
    const auto address = live::parseAddress(member.control);
    if (!address) {
        turn(LiveNode::State::Refused,
             member.control.empty() ? "the address of its control port is not known"
                                    : address.error().message);
        m_ear.end(m_status.why, {});
        return;
    }
    live::Explorer::Plan plan;
    plan.address = *address;
    plan.tls = session.m_cluster.tls;
    plan.nodeName = member.name;
    plan.hello = live::explorersHello(session.m_cluster.software, session.m_cluster.name,
                                      session.m_cluster.token);
    plan.hello.to = member.id;
    plan.seed = member.id.value;
    m_explorer.emplace(session.m_io.get_executor(), std::move(plan), *this);
    m_explorer->start();
}

void LiveSession::Talk::turn(LiveNode::State state, std::string why)
{
    m_status.state = state;
    m_status.why = std::move(why);
    m_session->m_busy = true;
}

Result<live::Wish> LiveSession::Talk::onOpened(const live::Welcome& welcome)
{
    const auto& card = m_session->m_plan->protocol->card();
    if (welcome.protocol != card.id || welcome.node != m_status.id) {
        return fail("expected " + m_status.name + " of a cluster of " + card.id
                    + " at that address, found node " + std::to_string(welcome.node.value) + " of "
                    + welcome.protocol);
    }
    if (welcome.shapes != live::shapesOf(card)) {
        return fail("it runs another build of " + card.id + " (" + welcome.software
                    + "), whose steps this one cannot repeat");
    }
    turn(LiveNode::State::Connected, {});
    m_wasHeard = true;
    m_lastWord = m_session->now();
    return live::Wish(m_ear.begin(m_session->now()));
}

Result<void> LiveSession::Talk::onWord(live::Word& word)
{
    m_lastWord = m_session->now();
    if (m_status.state == LiveNode::State::Silent) {
        turn(LiveNode::State::Connected, {});
    }
    if (const auto* terms = std::get_if<live::Terms>(&word)) {
        Bytes ours;
        describe::encode(m_session->m_plan->setup->parameters, ours);
        if (terms->parameters != ours) {
            return fail("its parameters are not those of the other nodes");
        }
        m_status.whyNoFaults = terms->whyNoFaults;
        m_status.whyNoRequests = terms->whyNoRequests;
        m_session->m_busy = true;
        return {};
    }
    const auto heard = m_ear.hear(word, m_lastWord, live::wallNow());
    if (!heard) {
        m_ear.startOver();
        return heard.error();
    }
    if (!*heard) {
        m_session->answers(m_status.id, word);
    }
    if (m_status.clockOffset != m_ear.clockOffset()) {
        m_status.clockOffset = m_ear.clockOffset();
        m_session->m_busy = true;
    }
    return {};
}

void LiveSession::Talk::onClosed(const std::string& why)
{
    m_status.whyNoFaults = "it is not connected";
    turn(LiveNode::State::Unreachable, why);
    m_ear.end(why, m_session->now());
}

void LiveSession::Talk::onFailed(const std::string& why, bool absent, bool rejected)
{
    if (absent && std::exchange(m_wasHeard, false)) {
        m_ear.gone({}, m_session->now());
    }
    const auto state = rejected ? LiveNode::State::Refused
        : absent                ? LiveNode::State::Ended
                                : LiveNode::State::Unreachable;
    if (m_status.state == LiveNode::State::Connecting) {
        m_ear.end(why, m_session->now());
    }
    if (m_status.state != state || m_status.why != why) {
        turn(state, why);
    }
}

void LiveSession::Talk::checkFollowed()
{
    const auto now = m_session->now();
    if (m_status.state == LiveNode::State::Connected && now - m_lastWord > silentAfter) {
        turn(LiveNode::State::Silent, "it is connected but says nothing");
    }
    const auto& world = m_session->m_course.world();
    const bool lost = m_explorer && m_explorer->isOpen() && m_session->m_merge.waiting() == 0
        && bool(world.entry(m_status.id)) && !world.follows(m_status.id);
    if (lost && now - m_beganAnew > betweenNewBeginnings) {
        m_beganAnew = now;
        m_ear.startOver();
        m_explorer->again("its tape could not be followed");
    }
}

} // namespace lightcone::session
