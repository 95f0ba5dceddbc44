#include "engine/session/recorded_session.h"

#include "engine/session/course.h"
#include "engine/trace/formats/lightcone_file.h"
#include "engine/trace/hash.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lightcone::session {
namespace {

constexpr BranchId recordedBranch{1};

} // namespace

RecordedSession::RecordedSession(Recording recording, Protocols known)
    : m_recording(std::move(recording))
{
    const auto& about = m_recording.trace->about();
    if (about.scenario.empty()) {
        m_whyNot = "this is a recorded run that was not simulated: it can only be looked at";
    } else if (auto scenario = parseScenario(about.scenario); !scenario) {
        m_whyNot =
            "this is a recorded run whose scenario cannot be read: " + scenario.error().text();
    } else if (auto plan = prepare(std::move(*scenario), {}, known); !plan) {
        m_whyNot = "this is a recorded run that cannot go on here: " + plan.error().text();
    } else {
        m_plan = std::move(*plan);
    }
    readTrace();
    m_thread = std::thread([this] { work(); });
}

RecordedSession::~RecordedSession()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

/// Of a Violation, or a Note that an invariant is not judged any more: the first of them counts. An
/// invariant that the card does not have is nobody's.
void RecordedSession::readVerdict(EventId number, const std::string& words)
{
    const auto& event = (*m_recording.trace)[number];
    if (event.tag >= m_snapshot.checks.size()) {
        return;
    }
    auto& check = m_snapshot.checks[event.tag];
    const bool broken = event.kind == trace::Kind::Violation;
    auto& at = broken ? check.brokenAt : check.notJudgedFrom;
    if (!at) {
        at = number;
        (broken ? check.how : check.notJudged) = words;
    }
}

/// What a snapshot says of a run that is over, from its events.
void RecordedSession::readTrace()
{
    const auto& trace = *m_recording.trace;
    const auto& about = trace.about();
    for (const auto& card : about.card.invariants) {
        m_snapshot.checks.push_back({card, {}, {}});
    }
    for (std::uint64_t number = 1; number <= trace.size(); ++number) {
        const auto& event = trace[EventId(number)];
        using trace::Kind;
        const bool judges = event.kind == Kind::Violation || trace::isNotJudged(event);
        if (!judges && event.kind != Kind::Say && event.kind != Kind::Ask
            && event.kind != Kind::Expect) {
            continue;
        }
        const auto payload = event.payload ? event.payload->describe() : describe::Value{};
        const auto* text = payload.exists() ? payload.find("text") : nullptr;
        const auto words = text != nullptr ? text->asText() : std::string{};
        if (judges) {
            readVerdict(EventId(number), words);
            continue;
        }
        const auto state = event.kind != Kind::Expect ? Lesson::State::Told
            : event.detail != 0                       ? Lesson::State::Held
                                                      : Lesson::State::Failed;
        const auto kind = event.kind == Kind::Say ? Lesson::Kind::Say
            : event.kind == Kind::Ask             ? Lesson::Kind::Ask
                                                  : Lesson::Kind::Expect;
        m_snapshot.lessons.push_back({0, words, state, EventId(number), kind});
    }
    Branch branch{recordedBranch, "recorded"};
    branch.trace = m_recording.trace;
    branch.events = trace.size();
    branch.now = trace.size() == 0 ? Instant{} : trace[EventId(trace.size())].at;
    m_snapshot.source = Source::Recorded;
    m_snapshot.finished = true;
    m_snapshot.current = recordedBranch;
    m_snapshot.branches.push_back(std::move(branch));
    m_snapshot.doing =
        m_recording.damage ? "Recorded run, damaged: " + *m_recording.damage : "Recorded run";
    m_snapshot.problem = m_recording.damage.value_or("");
    m_snapshot.revision = 1;
}

std::shared_ptr<SimulatedSession> RecordedSession::going() const
{
    const std::lock_guard lock(m_mutex);
    return m_going;
}

void RecordedSession::tell(std::string doing, std::string problem)
{
    const std::lock_guard lock(m_mutex);
    m_snapshot.doing = std::move(doing);
    m_snapshot.problem = std::move(problem);
    ++m_snapshot.revision;
}

/// Repeats the run when it is needed for the first time, then hands over.
void RecordedSession::work()
{
    while (true) {
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_quit || !m_waiting.empty(); });
            if (m_quit) {
                return;
            }
        }
        if (!going()) {
            repeat();
        }
        const auto session = going();
        std::deque<std::function<void(SimulatedSession&)>> waiting;
        {
            const std::lock_guard lock(m_mutex);
            waiting.swap(m_waiting);
        }
        for (const auto& each : waiting) {
            if (session) {
                each(*session);
            }
        }
    }
}

void RecordedSession::repeat()
{
    if (!m_plan) {
        tell("Recorded run", m_whyNot);
        return;
    }
    const auto& recorded = *m_recording.trace;
    auto course = std::make_unique<Course>(m_plan);
    trace::TraceHasher theirs;
    trace::TraceHasher ours;
    std::uint64_t compared = 0;
    std::uint64_t steps = 0;
    while (course->run().last().value < recorded.size() && course->advance()) {
        const auto end = std::min(course->run().last().value, recorded.size());
        for (; compared < end; ++compared) {
            theirs.add(recorded[EventId(compared + 1)]);
            ours.add((*course->trace())[EventId(compared + 1)]);
        }
        if (theirs.value() != ours.value()) {
            break;
        }
        if (++steps % 4096 == 0) {
            tell(fmt::format("Repeating the run: {} %", compared * 100 / recorded.size()), "");
            const std::lock_guard lock(m_mutex);
            if (m_quit) {
                return;
            }
        }
    }
    if (compared < recorded.size() || theirs.value() != ours.value()) {
        m_whyNot = fmt::format("this build does not repeat the recorded run: it differs at event "
                               "{} or before",
                               compared);
        tell("Recorded run", m_whyNot);
        return;
    }
    auto session = std::make_shared<SimulatedSession>(m_plan, std::move(course), Source::Recorded);
    (void)session->snapshot(); // its end is where the person saw it
    const std::lock_guard lock(m_mutex);
    m_going = std::move(session);
}

void RecordedSession::goOn(std::function<void(SimulatedSession&)> act)
{
    if (const auto session = going()) {
        act(*session);
        return;
    }
    {
        const std::lock_guard lock(m_mutex);
        m_waiting.push_back(std::move(act));
    }
    m_wake.notify_all();
}

Snapshot RecordedSession::snapshot() const
{
    std::uint64_t before = 0;
    {
        const std::lock_guard lock(m_mutex);
        if (!m_going) {
            return m_snapshot;
        }
        before = m_snapshot.revision;
    }
    auto snapshot = going()->snapshot();
    snapshot.revision += before;
    return snapshot;
}

void RecordedSession::stateAt(BranchId branch, EventId event, std::function<void(StatePtr)> done)
{
    if (const auto session = going()) {
        session->stateAt(branch, event, std::move(done));
        return;
    }
    m_desk.ask(
        [this, event](const StateDesk::Stale&) -> StatePtr {
            if (!m_recording.states || event.value > m_recording.trace->size()) {
                return nullptr;
            }
            return std::make_shared<const trace::ClusterState>(m_recording.states->at(event));
        },
        std::move(done));
}

std::optional<std::string> RecordedSession::whyNot(std::string_view line) const
{
    if (const auto session = going()) {
        return session->whyNot(line);
    }
    if (!m_plan) {
        return m_whyNot;
    }
    const auto read = readAct(*m_plan, line);
    return read ? std::nullopt : std::optional(read.error().message);
}

void RecordedSession::play(Pace pace)
{
    goOn([pace](SimulatedSession& session) { session.play(pace); });
}

void RecordedSession::pause()
{
    if (const auto session = going()) {
        session->pause();
    }
}

void RecordedSession::step(std::uint64_t steps)
{
    goOn([steps](SimulatedSession& session) { session.step(steps); });
}

Result<void> RecordedSession::runUntil(std::string_view query)
{
    const auto parsed = query::Query::parse(
        query, query::Context::of(m_recording.trace->about(), query::Scope::Both));
    if (!parsed) {
        return parsed.error();
    }
    goOn([text = std::string(query)](SimulatedSession& session) { (void)session.runUntil(text); });
    return {};
}

void RecordedSession::runFor(Duration time)
{
    goOn([time](SimulatedSession& session) { session.runFor(time); });
}

Result<void> RecordedSession::act(std::string_view line, EventId at)
{
    if (m_plan) {
        if (auto read = readAct(*m_plan, line); !read) {
            return read.error();
        }
    }
    goOn(
        [text = std::string(line), at](SimulatedSession& session) { (void)session.act(text, at); });
    return {};
}

void RecordedSession::fork(EventId at, std::string name)
{
    goOn([at, name = std::move(name)](SimulatedSession& session) { session.fork(at, name); });
}

void RecordedSession::switchTo(BranchId branch)
{
    if (const auto session = going()) {
        session->switchTo(branch);
    }
}

void RecordedSession::rename(BranchId branch, std::string name)
{
    if (const auto session = going()) {
        session->rename(branch, std::move(name));
        return;
    }
    const std::lock_guard lock(m_mutex);
    m_snapshot.branches.front().name = std::move(name);
    ++m_snapshot.revision;
}

void RecordedSession::remove(BranchId branch)
{
    if (const auto session = going()) {
        session->remove(branch);
    }
}

void RecordedSession::undo()
{
    if (const auto session = going()) {
        session->undo();
    }
}

void RecordedSession::redo()
{
    if (const auto session = going()) {
        session->redo();
    }
}

bool RecordedSession::canUndo() const
{
    const auto session = going();
    return session && session->canUndo();
}

bool RecordedSession::canRedo() const
{
    const auto session = going();
    return session && session->canRedo();
}

void RecordedSession::answer(std::string choice)
{
    if (const auto session = going()) {
        session->answer(std::move(choice));
    }
}

Result<std::string> RecordedSession::asScenario() const
{
    if (const auto session = going()) {
        return session->asScenario();
    }
    if (m_recording.trace->about().scenario.empty()) {
        return fail("a run that was not simulated has no scenario");
    }
    return Result<std::string>(boost::system::in_place_value, m_recording.trace->about().scenario);
}

std::shared_ptr<const trace::StateSource> RecordedSession::states(BranchId branch)
{
    const auto session = going();
    return session ? session->states(branch) : m_recording.states;
}

Result<void> RecordedSession::save(const std::string& path, const Progress& progress)
{
    if (const auto session = going()) {
        return session->save(path, progress);
    }
    trace::formats::SaveOptions options;
    options.states = m_recording.states.get();
    options.watch = {progress.report, progress.cancelled};
    return trace::formats::saveLightcone(path, *m_recording.trace,
                                         EventId(m_recording.trace->size()), options);
}

} // namespace lightcone::session
