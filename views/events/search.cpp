#include "views/events/search.h"

#include <algorithm>
#include <utility>

namespace lightcone::events {
namespace {

// A chunk takes a few milliseconds, so that stopping is quick and progress is smooth.
constexpr std::uint64_t chunk = 8192;

} // namespace

Search::Search(QObject* parent)
    : QObject(parent)
{
}

Search::~Search()
{
    stop();
}

void Search::start(const query::Query& question, const trace::TracePtr& trace, std::uint64_t events)
{
    stop();
    m_wanted = events;
    m_thread = std::thread([this, question, trace] { work(question, trace); });
}

void Search::grow(std::uint64_t events)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_wanted = events;
    }
    m_wake.notify_one();
}

void Search::stop()
{
    if (!m_thread.joinable()) {
        return;
    }
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_one();
    m_thread.join();
    m_thread = {};
    m_stop = false;
    m_told = false;
    m_found.clear();
    m_wanted = 0;
    m_judged = 0;
}

std::uint64_t Search::take(std::vector<std::uint64_t>& found)
{
    const std::scoped_lock lock(m_mutex);
    found.insert(found.end(), m_found.begin(), m_found.end());
    m_found.clear();
    m_told = false;
    return m_judged;
}

std::uint64_t Search::wanted() const
{
    const std::scoped_lock lock(m_mutex);
    return m_wanted;
}

void Search::work(query::Query question, trace::TracePtr trace)
{
    query::EventFilter filter(std::move(question), std::move(trace));
    std::vector<std::uint64_t> found;
    while (true) {
        std::uint64_t until = 0;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [&] { return m_stop || filter.judged() < m_wanted; });
            if (m_stop) {
                return;
            }
            until = std::min(m_wanted, filter.judged() + chunk);
        }
        while (filter.judged() < until) {
            if (filter.next()) {
                found.push_back(filter.judged());
            }
        }
        const std::scoped_lock lock(m_mutex);
        m_found.insert(m_found.end(), found.begin(), found.end());
        found.clear();
        m_judged = filter.judged();
        if (!m_told) {
            m_told = true;
            QMetaObject::invokeMethod(this, &Search::progressed, Qt::QueuedConnection);
        }
    }
}

} // namespace lightcone::events
