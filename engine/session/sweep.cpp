#include "engine/session/sweep.h"

#include "engine/describe/text.h"
#include "engine/session/binding.h"
#include "engine/session/course.h"
#include "engine/trace/formats/wording.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <utility>

namespace lightcone::session {
namespace {

/// A moment of the undisturbed run at which somebody could crash.
struct Moment
{
    EventId after{};
    EventId event{}; ///< of the step that had just been made, the one to be told
    NodeId victim{};
};

/// Measures a run while it goes on.
class Gauge
{
public:
    explicit Gauge(const SweepWish& wish)
        : m_wish(&wish)
        , m_held(wish.whiles.size(), false)
        , m_lasted(wish.whiles.size())
    {
    }

    void look(const Runner& run)
    {
        for (std::size_t i = 0; i < m_held.size(); ++i) {
            m_lasted[i] += m_held[i] ? run.now() - m_since : Duration{};
            m_held[i] = m_wish->whiles[i].query.holds(run.cluster());
        }
        m_since = run.now();
    }
    [[nodiscard]] const std::vector<Duration>& lasted() const { return m_lasted; }

private:
    const SweepWish* m_wish;
    std::vector<bool> m_held;
    std::vector<Duration> m_lasted;
    Instant m_since{};
};

/// What of a trace goes into a row.
void count(const trace::Trace& trace, SweepRow& row)
{
    const describe::NodeNames names = trace.about().names();
    std::map<RequestId, std::size_t> places;
    bool asked = false;
    trace::forEach(trace, EventId(1), EventId(trace.size()),
                   [&](EventId, const trace::Event& event) { asked = asked || event.request; });
    bool counts = !asked;
    trace::forEach(trace, EventId(1), EventId(trace.size()), [&](EventId, const auto& event) {
        using trace::Kind;
        if (event.kind == Kind::Request) {
            counts = true;
            places[event.request] = row.answers.size();
            row.answers.emplace_back("no answer");
        } else if (event.kind == Kind::Reply) {
            const auto answer = static_cast<node::Answer>(event.detail);
            row.answers[places.at(event.request)] = answer == node::Answer::Done && event.payload
                ? describe::brief(event.payload->describe(), names)
                : describe::nameOf(answer);
        } else if (counts && event.kind == Kind::Send) {
            const auto channel = static_cast<trace::Channel>(event.detail);
            row.messages += channel == trace::Channel::Message ? 1 : 0;
        } else if (counts && event.kind == Kind::Write) {
            const auto sync = static_cast<node::Sync>(event.detail);
            row.forcedWrites += sync == node::Sync::Forced ? 1 : 0;
        }
    });
}

class Sweeper
{
public:
    Sweeper(PlanPtr plan, const SweepWish& wish, const Work& work)
        : m_plan(std::move(plan))
        , m_wish(&wish)
        , m_work(&work)
    {
    }

    Result<std::vector<SweepRow>> run()
    {
        const auto crash = readAct(*m_plan, "crash " + m_wish->who);
        if (!crash) {
            return fail("nobody to crash: " + crash.error().message);
        }
        std::vector<SweepRow> rows;
        std::vector<Moment> moments;
        {
            Course course(m_plan);
            rows.push_back(undisturbed(course, std::get<Act>(crash->line.doing), moments));
            const trace::formats::Wording wording(course.trace()->about());
            for (const auto& moment : moments) {
                const auto& event = (*course.trace())[moment.event];
                SweepRow row;
                row.victim = moment.victim;
                row.after = moment.after;
                row.at = event.at;
                row.what = wording.name(event.node) + " " + wording.sentence(event);
                rows.push_back(std::move(row));
            }
        }
        if (moments.empty()) {
            return fail("there is no moment in which " + m_wish->who + " does something");
        }
        for (std::size_t i = 1; i < rows.size(); ++i) {
            m_work->report(fmt::format("{} of {} crashes", i, rows.size() - 1));
            if (m_work->cancelled()) {
                return fail("cancelled");
            }
            if (auto done = disturbed(rows[i]); !done) {
                return done.error();
            }
        }
        return rows;
    }

private:
    SweepRow undisturbed(Course& course, const Act& crash, std::vector<Moment>& moments) const
    {
        Gauge gauge(*m_wish);
        std::optional<std::size_t> firstAsked;
        const std::vector<std::string> noRules;
        while (!course.run().over()) {
            const auto before = course.run().last();
            if (!course.advance()) {
                break;
            }
            gauge.look(course.run());
            const auto action = actionOf(crash, {m_plan.get(), &course.run().cluster(), &noRules});
            const auto* victim = action ? std::get_if<sim::Crash>(&*action) : nullptr;
            if (victim == nullptr) {
                continue; // Nobody is that just now.
            }
            const auto told = eventOf(*course.trace(), before, victim->node, !firstAsked);
            if (!told) {
                continue;
            }
            if (!firstAsked && (*course.trace())[*told].kind == trace::Kind::Request) {
                firstAsked = moments.size();
            }
            moments.push_back({course.run().last(), *told, victim->node});
        }
        moments.erase(moments.begin(),
                      moments.begin() + static_cast<std::ptrdiff_t>(firstAsked.value_or(0)));
        SweepRow row;
        finish(course, gauge, row);
        return row;
    }

    /// Of the events since then the one that makes it a moment of its own: a step of the node, or
    /// its disk; the first request of all, wherever it is.
    static std::optional<EventId> eventOf(const trace::Trace& trace, EventId before, NodeId node,
                                          bool requests)
    {
        for (auto number = before.value + 1; number <= trace.size(); ++number) {
            const auto& event = trace[EventId(number)];
            const bool own =
                event.node == node && (trace::isStep(event) || event.kind == trace::Kind::Sync);
            if (own || (requests && event.kind == trace::Kind::Request)) {
                return EventId(number);
            }
        }
        return std::nullopt;
    }

    Result<void> disturbed(SweepRow& row) const
    {
        Course course(m_plan);
        Gauge gauge(*m_wish);
        while (course.run().last() < row.after && course.advance()) {
            gauge.look(course.run());
        }
        const auto name = m_plan->about.nameOf(row.victim);
        if (auto done = act(course, "crash " + name); !done) {
            return done;
        }
        gauge.look(course.run());
        if (m_wish->down > Duration::zero()) {
            goOn(course, gauge, course.run().now() + m_wish->down);
            const auto restart = readAct(*m_plan, "restart " + name);
            if (restart && !course.run().whyNot(*restart)) {
                if (auto done = act(course, "restart " + name); !done) {
                    return done;
                }
                gauge.look(course.run());
            }
        }
        while (!course.run().over() && course.advance()) {
            gauge.look(course.run());
        }
        finish(course, gauge, row);
        return {};
    }

    Result<void> act(Course& course, const std::string& text) const
    {
        auto line = readAct(*m_plan, text);
        return line ? course.intervene(std::move(*line)) : line.error();
    }

    static void goOn(Course& course, Gauge& gauge, Instant until)
    {
        for (auto next = course.nextAt(); next && *next <= until; next = course.nextAt()) {
            if (!course.advance()) {
                break;
            }
            gauge.look(course.run());
        }
        course.waitUntil(until);
    }

    void finish(Course& course, Gauge& gauge, SweepRow& row) const
    {
        goOn(course, gauge, course.run().now() + m_wish->settle);
        gauge.look(course.run());
        row.whiles = gauge.lasted();
        for (const auto& column : m_wish->ends) {
            row.ends.push_back(column.query.holds(course.run().cluster()));
        }
        row.failures = course.run().failures();
        count(*course.trace(), row);
    }

    PlanPtr m_plan;
    const SweepWish* m_wish;
    const Work* m_work;
};

} // namespace

Result<SweepColumn> sweepColumn(const Plan& plan, std::string_view text)
{
    const auto colon = text.find(": ");
    const auto question = colon == std::string_view::npos ? text : text.substr(colon + 2);
    auto query =
        query::Query::parse(question, query::Context::of(plan.about, query::Scope::Cluster));
    if (!query) {
        return query.error();
    }
    return SweepColumn{std::string(text.substr(0, colon)), std::move(*query)};
}

Result<std::vector<SweepRow>> sweep(const PlanPtr& plan, const SweepWish& wish, const Work& work)
{
    return Sweeper(plan, wish, work).run();
}

} // namespace lightcone::session
