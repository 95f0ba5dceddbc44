#include "engine/session/load_history.h"

#include "engine/check/edn.h"
#include "engine/check/trace_history.h"

#include <fmt/format.h>
#include <utility>

namespace lightcone::session {

namespace {

using checking::Ending;

} // namespace

void LoadHistory::begun(const live::LoadOperation& load)
{
    auto operation = checking::operationOf(load.body->describe());
    if (!operation) {
        return;
    }
    if (m_idle.empty()) {
        m_idle.push_back(m_processes++);
    }
    const auto process = m_idle.back();
    m_idle.pop_back();
    operation->process = process;
    operation->at = load.begun;
    m_open[{load.client, load.number}] = {m_history.invoke(std::move(*operation)), process};
}

void LoadHistory::ended(const live::LoadOperation& load)
{
    const auto open = m_open.find({load.client, load.number});
    if (open == m_open.end()) {
        return;
    }
    const auto [place, process] = open->second;
    m_open.erase(open);
    const auto& answered = load.answered;
    if (answered.answer == node::Answer::Done && answered.body) {
        checking::endAnswered(m_history, place, load.ended, answered.body->describe());
    } else {
        // Who said no did nothing; an earlier try of the same operation may have reached another.
        const bool failed = answered.answer != node::Answer::Unknown && answered.tries <= 1;
        m_history.operation(place).error =
            answered.answer == node::Answer::Unknown ? ":timeout" : ":refused";
        m_history.end(place, failed ? Ending::Failed : Ending::Unknown, load.ended);
    }
    if (m_history.operations()[place].ending != Ending::Unknown) {
        m_idle.push_back(process);
    }
}

void LoadHistory::mark(Instant at, const std::string& text)
{
    m_history.mark(at,
                   fmt::format("{{:process :nemesis, :type :info, :f :act, :time {}, :value {}}}",
                               at.time_since_epoch().count(), checking::edn::quoted(text)));
}

} // namespace lightcone::session
