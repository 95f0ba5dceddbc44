#include "engine/live/clocks.h"
#include "engine/live/host.h"

#include <utility>

/// How an operator disturbs a node.
namespace lightcone::live {

Result<void> Host::here(NodeId node) const
{
    if (node != m_plan.self) {
        return fail("this is node " + std::to_string(m_plan.self.value) + ", not "
                    + std::to_string(node.value));
    }
    return {};
}

Result<void> Host::disturb(const Disturbance& what, const std::string& by, const std::string& line)
{
    if (m_over) {
        return fail("the node is about to leave");
    }
    // The tape has it before its consequences, and not at all where it cannot be done.
    const Tell tell = [&] {
        append(Disturbed{by, line}, tick());
        m_log(LogLevel::Warning, "disturbed", {{"by", by}, {"line", line}});
    };
    return std::visit([&](const auto& each) { return apply(each, tell); }, what);
}

Result<void> Host::apply(const CrashNode& crash, const Tell& tell)
{
    if (auto mine = here(crash.node); !mine) {
        return mine;
    }
    if (!onCrash) {
        return fail("this host cannot crash");
    }
    tell();
    m_over = true;
    m_timer.cancel();
    onCrash();
    return {};
}

Result<void> Host::apply(const PauseNode& pause, const Tell& tell)
{
    if (auto mine = here(pause.node); !mine) {
        return mine;
    }
    if (m_paused) {
        return fail("the node is paused already");
    }
    tell();
    m_paused = true;
    append(Turned{Pulse::Paused, {}}, tick());
    return {};
}

Result<void> Host::apply(const ResumeNode& resumed, const Tell& tell)
{
    if (auto mine = here(resumed.node); !mine) {
        return mine;
    }
    if (!m_paused) {
        return fail("the node is not paused");
    }
    tell();
    resume();
    return {};
}

/// What waited happens now: the disk's answers, then requests, then what runs out; messages wait in
/// their sockets and come when they are asked for.
void Host::resume()
{
    m_paused = false;
    append(Turned{Pulse::Resumed, {}}, tick());
    if (const auto upTo = std::exchange(m_syncedWhilePaused, 0); upTo != 0) {
        onSynced(upTo);
    }
    for (const auto& each : std::exchange(m_parked, {})) {
        request(each.request, each.body);
    }
    for (const auto& each : std::exchange(m_toSelf, {})) {
        deliverToSelf(each.header, each.body);
    }
    wakeAt();
    if (onResumed) {
        onResumed();
    }
}

Result<void> Host::apply(const SetClock& set, const Tell& tell)
{
    constexpr double slowest = 0.01;
    constexpr double fastest = 100;
    if (auto mine = here(set.node); !mine) {
        return mine;
    }
    if (set.rate && !(*set.rate >= slowest && *set.rate <= fastest)) {
        return fail("expected a rate from 0.01 to 100");
    }
    tell();
    const auto now = steadyNow();
    const auto before = m_local.rate();
    m_local.set(now, set.skew, set.rate);
    m_alarms.rescale(now, before / m_local.rate());
    // An alarm may be due earlier than the timer that waits for it.
    m_timerAt.reset();
    wakeAt();
    return {};
}

Result<void> Host::apply(const SetDisk& set, const Tell& tell)
{
    constexpr double slowest = 1e6;
    if (auto mine = here(set.node); !mine) {
        return mine;
    }
    if (!(set.factor >= 1 && set.factor <= slowest) || set.latency < Duration::zero()) {
        return fail("expected a factor from 1 to 1000000 and a latency that is not negative");
    }
    tell();
    m_committer->setFault({set.factor, set.latency, set.full});
    return {};
}

Result<void> Host::apply(const RemoveRule& remove, const Tell& tell)
{
    auto gone = m_faults.apply(remove);
    if (!gone) {
        return gone.error();
    }
    tell();
    release(*gone);
    return {};
}

} // namespace lightcone::live
