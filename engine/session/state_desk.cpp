#include "engine/session/state_desk.h"

#include <algorithm>
#include <utility>

namespace lightcone::session {
namespace {

constexpr std::size_t mostKnown = 64;

} // namespace

StateDesk::StateDesk()
    : m_thread([this] { work(); })
{
}

StateDesk::~StateDesk()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
        ++m_newest;
    }
    m_wake.notify_all();
    m_thread.join();
}

void StateDesk::ask(Finder find, Answer answer)
{
    {
        const std::lock_guard lock(m_mutex);
        m_waiting.push_back({std::move(find), std::move(answer), ++m_newest});
    }
    m_wake.notify_all();
}

bool StateDesk::isStale(std::uint64_t number) const
{
    const std::lock_guard lock(m_mutex);
    return number != m_newest;
}

void StateDesk::work()
{
    while (true) {
        std::vector<Question> questions;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_stop || !m_waiting.empty(); });
            questions.swap(m_waiting);
            if (m_stop && questions.empty()) {
                return;
            }
        }
        for (const auto& question : questions) {
            const auto stale = [this, &question] { return isStale(question.number); };
            question.answer(stale() ? nullptr : question.find(stale));
        }
    }
}

StatePtr StateFinder::find(const CourseView& view, EventId event, const StateDesk::Stale& stale)
{
    if (event.value > view.events) {
        return nullptr;
    }
    const auto known = std::ranges::find_if(m_known, [&](const Known& each) {
        return each.trace == view.trace && each.event == event;
    });
    if (known != m_known.end()) {
        m_known.splice(m_known.begin(), m_known, known);
        return m_known.front().state;
    }
    auto from = m_runTrace == view.trace ? std::move(m_run) : nullptr;
    m_run = view.runAt(view.momentOf(event), std::move(from), stale);
    m_runTrace = view.trace;
    if (!m_run) {
        return nullptr;
    }
    m_known.push_front({view.trace, event, view.stateAt(event, *m_run)});
    if (m_known.size() > mostKnown) {
        m_known.pop_back();
    }
    return m_known.front().state;
}

} // namespace lightcone::session
