#include "engine/session/linearity.h"

#include "engine/check/linearizability.h"
#include "engine/check/trace_history.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace lightcone::session {

namespace {

using Clock = std::chrono::steady_clock;

std::shared_ptr<const picture::Linearization> placesOf(const checking::History& history,
                                                       const checking::Judgement& judgement)
{
    auto places = std::make_shared<picture::Linearization>();
    const auto& operations = history.operations();
    for (const auto& key : judgement.keys) {
        for (std::size_t i = 0; i < key.order.size(); ++i) {
            // What was there before the run has no bar to be drawn on.
            if (const auto request = operations[key.order[i]].request) {
                places->points.push_back({request, key.points[i]});
            }
        }
        if (key.culprit) {
            const auto& culprit = operations[*key.culprit];
            places->impossible.push_back({culprit.request, culprit.reply});
        }
    }
    std::ranges::sort(places->points, {}, &picture::Linearization::Point::request);
    std::ranges::sort(places->impossible, {}, &picture::Linearization::Impossible::request);
    return places;
}

Linearity judged(const checking::History& history, const checking::Patience& patience)
{
    Linearity linearity;
    linearity.operations = history.operations().size();
    if (history.incomplete()) {
        linearity.state = Linearity::State::GaveUp;
        linearity.how = "events of the run were lost, so that operations may be missing";
        return linearity;
    }
    const auto judgement = checking::judge(history, checking::Model::Kv, patience);
    if (!judgement) {
        linearity.state = Linearity::State::GaveUp;
        linearity.how = judgement.error().message;
        return linearity;
    }
    linearity.places = placesOf(history, *judgement);
    switch (judgement->finding) {
    case checking::Finding::Linearizable:
        linearity.state = Linearity::State::Holds;
        break;
    case checking::Finding::Impossible: {
        const auto* worst = judgement->worst(history);
        const auto& culprit = history.operations()[*worst->culprit];
        linearity.state = Linearity::State::Broken;
        linearity.request = culprit.request;
        linearity.reply = culprit.reply;
        linearity.how = checking::sentence(history, *worst);
        break;
    }
    case checking::Finding::GaveUp:
        linearity.state = Linearity::State::GaveUp;
        linearity.how = "it takes longer than this window waits; lightcone-cli check waits as long "
                        "as it is told to";
        break;
    }
    return linearity;
}

LinearityPtr initialOf(const trace::TracePtr& trace)
{
    auto linearity = std::make_shared<Linearity>();
    linearity->state = trace && checking::hasHistory(trace->about())
        ? Linearity::State::Judging
        : Linearity::State::NotApplicable;
    return linearity;
}

} // namespace

LinearityDesk::LinearityDesk(LinearityLimits limits)
    : m_limits(limits)
    , m_newest(initialOf({}))
    , m_thread([this] { run(); })
{
}

LinearityDesk::~LinearityDesk()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
        ++m_version;
    }
    m_wake.notify_one();
    m_thread.join();
}

void LinearityDesk::look(const trace::TracePtr& trace, std::uint64_t events)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (trace != m_trace || events < m_events) {
            m_trace = trace;
            m_judged = 0;
            ++m_version;
            m_newest = initialOf(trace);
        } else if (events == m_events) {
            return;
        }
        m_events = events;
        if (m_newest->state == Linearity::State::NotApplicable) {
            m_judged = events;
            return;
        }
    }
    m_wake.notify_one();
}

LinearityPtr LinearityDesk::newest() const
{
    const std::scoped_lock lock(m_mutex);
    return m_newest;
}

bool LinearityDesk::settled() const
{
    const std::scoped_lock lock(m_mutex);
    return m_judged == m_events;
}

void LinearityDesk::run()
{
    std::optional<checking::TraceHistory> gathered;
    std::uint64_t version = 0;
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [&] { return m_stop || m_judged != m_events; });
        if (m_stop) {
            return;
        }
        if (version != m_version) {
            gathered.emplace(m_trace);
            version = m_version;
        }
        const auto events = m_events;
        const auto begun = Clock::now();
        lock.unlock();
        const bool news = gathered->grow(EventId(events));
        const auto deadline = begun + m_limits.longest;
        checking::Patience patience;
        patience.stop = [&] {
            const std::scoped_lock asking(m_mutex);
            return version != m_version || Clock::now() >= deadline;
        };
        LinearityPtr made;
        if (news) {
            auto linearity = judged(gathered->history(), patience);
            linearity.events = events;
            made = std::make_shared<const Linearity>(std::move(linearity));
        }
        lock.lock();
        if (version != m_version) {
            continue;
        }
        if (made) {
            m_newest = std::move(made);
        } else if (m_newest->state == Linearity::State::Judging) {
            auto linearity = *m_newest;
            linearity.state = Linearity::State::Holds;
            m_newest = std::make_shared<const Linearity>(std::move(linearity));
        }
        m_judged = events;
        const auto took = Clock::now() - begun;
        const auto rest = std::max<Clock::duration>(m_limits.rest, took * m_limits.restFactor);
        m_wake.wait_for(lock, rest, [&] { return m_stop || version != m_version; });
    }
}

} // namespace lightcone::session
