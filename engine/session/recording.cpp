#include "engine/session/recording.h"

#include "engine/session/course.h"
#include "engine/session/course_states.h"
#include "engine/trace/formats/lightcone_file.h"
#include "engine/trace/hash.h"

#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace lightcone::session {

namespace {

constexpr std::uint64_t mostScenarioBytes = 1 << 20;
constexpr std::uint64_t betweenReports = 8192;

Result<std::string> textOf(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return Error{"the file cannot be read", path};
    }
    std::string text;
    text.resize(mostScenarioBytes + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > mostScenarioBytes) {
        return Error{"a scenario of more than 1 MiB cannot be right", path};
    }
    return Result<std::string>(boost::system::in_place_value, std::move(text));
}

trace::formats::Watch watchOf(const Work& work)
{
    return {[&work](double share) { work.report(fmt::format("{:.0f} %", share * 100)); },
            work.cancelled};
}

} // namespace

Result<PlanPtr> planOf(const std::string& path, const std::vector<Setting>& overrides)
{
    const auto text = textOf(path);
    if (!text) {
        return text.error();
    }
    auto scenario = parseScenario(*text, path);
    return scenario ? prepare(std::move(*scenario), overrides) : scenario.error();
}

Result<Recording> recordScenario(const PlanPtr& plan, const Work& work)
{
    Course course(plan);
    std::uint64_t nextReport = betweenReports;
    while (!course.run().over() && course.advance()) {
        if (course.run().last().value < nextReport) {
            continue;
        }
        nextReport = course.run().last().value + betweenReports;
        work.report(
            fmt::format("{} events, {}", course.run().last().value, toText(course.run().now())));
        if (work.cancelled()) {
            return fail("cancelled");
        }
    }
    Recording recording;
    recording.trace = course.trace();
    recording.states = std::make_shared<CourseStates>(course.view());
    recording.run = std::make_shared<const Runner>(course.run());
    return recording;
}

Result<Recording> openRecording(const std::string& path, const Work& work)
{
    if (path.ends_with(".scenario")) {
        const auto plan = planOf(path);
        return plan ? recordScenario(*plan, work) : plan.error();
    }
    auto opened = trace::formats::openLightcone(path, watchOf(work));
    if (!opened) {
        return opened.error();
    }
    Recording recording;
    recording.trace = std::move(opened->trace);
    recording.states = std::move(opened->states);
    recording.savedHash = opened->hash;
    recording.damage = std::move(opened->damage);
    return recording;
}

Result<void> saveRecording(const Recording& recording, const std::string& path, const Work& work)
{
    trace::formats::SaveOptions options;
    options.states = recording.states.get();
    options.watch = watchOf(work);
    return trace::formats::saveLightcone(path, *recording.trace, EventId(recording.trace->size()),
                                         options);
}

Result<Replayed> replay(const Recording& recording, const Work& work)
{
    const auto& about = recording.trace->about();
    if (about.scenario.empty()) {
        return fail("the run was not simulated: there is nothing to do again");
    }
    auto scenario = parseScenario(about.scenario, about.origin);
    if (!scenario) {
        return scenario.error();
    }
    const auto plan = prepare(std::move(*scenario));
    if (!plan) {
        return plan.error();
    }
    Course course(*plan);
    std::uint64_t nextReport = betweenReports;
    const auto end = recording.trace->size();
    while (course.run().last().value < end && course.advance()) {
        if (course.run().last().value >= nextReport) {
            nextReport += betweenReports;
            work.report(fmt::format("{} of {} events", course.run().last().value, end));
            if (work.cancelled()) {
                return fail("cancelled");
            }
        }
    }
    Replayed replayed;
    replayed.again = course.trace();
    replayed.firstDifference = trace::firstDifference(
        *recording.trace, EventId(end), *replayed.again, EventId(replayed.again->size()));
    // A step makes several events: what the other made beyond the recording's end is no difference.
    if (replayed.firstDifference && replayed.firstDifference->value == end + 1
        && replayed.again->size() > end) {
        replayed.firstDifference.reset();
    }
    return replayed;
}

} // namespace lightcone::session
