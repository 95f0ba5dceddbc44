#include "engine/session/plan.h"

#include "engine/describe/text.h"
#include "engine/session/binding.h"
#include "engine/session/nearest.h"
#include "engine/sim/world.h"

#include <algorithm>
#include <set>
#include <utility>

namespace lightcone::session {
namespace {

const node::ParameterCard* findParameter(const node::Card& card, const std::string& name)
{
    const auto found = std::ranges::find(card.parameters, name, &node::ParameterCard::name);
    return found == card.parameters.end() ? nullptr : &*found;
}

std::vector<std::string> settingNames(const node::Card& card)
{
    std::vector<std::string> names;
    for (const auto& each : card.parameters) {
        names.push_back(each.name);
    }
    for (const auto& each : sim::settingCards()) {
        names.push_back(each.name);
    }
    return names;
}

/// What is given beside the scenario has no place in it.
void override(Cluster& cluster, const std::vector<Setting>& overrides)
{
    for (const auto& setting : overrides) {
        const auto given = std::ranges::find(cluster.settings, setting.key, &Setting::key);
        auto& into = given == cluster.settings.end() ? cluster.settings.emplace_back() : *given;
        into = {setting.key, setting.value, Place{0, 0}, Place{0, 0}, {}};
    }
}

/// The error of a setting that was given on the command line has no place in the file.
Error settingError(const Setting& setting, const std::string& message, const std::string& file)
{
    auto error = setting.valuePlace.line == 0 ? fail(message) : failAt(setting.valuePlace, message);
    if (error.line != 0) {
        error.file = file;
    }
    return error;
}

/// What a protocol says of its parameters begins with the name of the first that is wrong; a column
/// counts the bytes of that parameter's text.
Error setupError(const Cluster& cluster, const Error& error, const std::string& file)
{
    const std::string_view message = error.message;
    const auto name = message.substr(0, std::min(message.find(','), message.find(':')));
    const auto setting = std::ranges::find(cluster.settings, name, &Setting::key);
    if (setting == cluster.settings.end()) {
        return failAt(cluster.place, error.message);
    }
    if (setting->valuePlace.line != 0) {
        return failAt(error.column == 0 ? setting->valuePlace : setting->placeOf(error.column - 1),
                      error.message);
    }
    const auto column =
        error.column == 0 ? std::string() : " (column " + std::to_string(error.column) + ")";
    return settingError(*setting, error.message + column, file);
}

/// A text parameter takes the whole value as it is; its quotes are gone already.
Result<describe::Value> readParameter(const describe::ShapePtr& shape, const std::string& value)
{
    return shape->kind == describe::ShapeKind::Text ? describe::Value::text(shape, value)
                                                    : describe::parse(shape, value);
}

Result<void> readCluster(Plan& plan, Protocols protocols)
{
    const auto& cluster = plan.scenario.cluster;
    std::vector<std::string> known;
    for (const auto* each : protocols) {
        known.push_back(each->card().id);
        plan.protocol = known.back() == cluster.protocol ? each : plan.protocol;
    }
    if (plan.protocol == nullptr) {
        return failAt(cluster.place,
                      "'" + cluster.protocol
                          + "' is no protocol: " + suggestion(cluster.protocol, known));
    }
    const auto& card = plan.protocol->card();
    describe::Value::List values;
    auto shape = std::make_shared<describe::Shape>();
    shape->kind = describe::ShapeKind::Record;
    shape->name = "Parameters";
    for (const auto& parameter : card.parameters) {
        shape->fields.push_back({parameter.name, parameter.byDefault.shape()});
        values.push_back(parameter.byDefault);
    }
    for (const auto& setting : cluster.settings) {
        if (const auto* parameter = findParameter(card, setting.key)) {
            auto value = readParameter(parameter->byDefault.shape(), setting.value);
            if (!value) {
                return settingError(setting, setting.key + ": " + value.error().message,
                                    plan.scenario.file);
            }
            const auto place = static_cast<std::size_t>(parameter - card.parameters.data());
            values[place] = std::move(*value);
        } else if (sim::isSetting(setting.key)) {
            if (auto done = sim::assign(plan.settings, setting.key, setting.value); !done) {
                return settingError(setting, done.error().message, plan.scenario.file);
            }
        } else {
            auto unknown = setting;
            unknown.valuePlace = setting.place;
            return settingError(unknown,
                                "'" + setting.key + "' is no setting of " + card.id + ": "
                                    + suggestion(setting.key, settingNames(card)),
                                plan.scenario.file);
        }
    }
    auto setup = plan.protocol->setup(
        describe::Value::list(describe::ShapePtr(std::move(shape)), std::move(values)));
    if (!setup) {
        return setupError(cluster, setup.error(), plan.scenario.file);
    }
    plan.setup = std::move(*setup);
    return {};
}

Result<query::Query> readQuery(const Piece& piece, const Plan& plan)
{
    auto query =
        query::Query::parse(piece.text, query::Context::of(plan.about, query::Scope::Both));
    if (query) {
        return *query;
    }
    const auto column = query.error().column;
    return failAt(piece.placeOf(column == 0 ? 0 : column - 1), query.error().message);
}

Result<void> readExpectation(const Plan& plan, const Expect& expect, PlannedLine& line)
{
    if (expect.when != Expect::When::Broken) {
        auto query = readQuery(expect.query, plan);
        if (!query) {
            return query.error();
        }
        line.query = std::move(*query);
        return {};
    }
    if (expect.query.text.empty()) {
        return {};
    }
    const auto& invariants = plan.protocol->card().invariants;
    const auto found = std::ranges::find(invariants, expect.query.text, &node::InvariantCard::name);
    if (found == invariants.end()) {
        std::vector<std::string> names;
        for (const auto& each : invariants) {
            names.push_back(each.name);
        }
        return failAt(expect.query.place(),
                      "'" + expect.query.text + "' is no invariant of " + plan.protocol->card().id
                          + ": " + suggestion(expect.query.text, names));
    }
    line.invariant = static_cast<std::size_t>(found - invariants.begin());
    return {};
}

} // namespace

Result<PlannedLine> planLine(const Plan& plan, Line line)
{
    PlannedLine planned{std::move(line)};
    planned.text = toText(planned.line.doing);
    const auto& doing = planned.line.doing;
    if (const auto* act = std::get_if<Act>(&doing)) {
        if (auto bound = actionOf(*act, Bearings{&plan}); !bound) {
            return bound.error();
        }
    } else if (const auto* until = std::get_if<Until>(&doing)) {
        if (until->query) {
            auto query = readQuery(*until->query, plan);
            if (!query) {
                return query.error();
            }
            planned.query = std::move(*query);
        }
    } else if (const auto* expect = std::get_if<Expect>(&doing)) {
        if (auto done = readExpectation(plan, *expect, planned); !done) {
            return done.error();
        }
    }
    return planned;
}

Result<PlanPtr> prepare(Scenario scenario, const std::vector<Setting>& overrides, Protocols known)
{
    auto plan = std::make_shared<Plan>();
    plan->scenario = std::move(scenario);
    override(plan->scenario.cluster, overrides);
    const auto& file = plan->scenario.file;
    const auto in = [&file](Error error) {
        if (error.line != 0) {
            error.file = file;
        }
        return error;
    };
    if (auto done = readCluster(*plan, known); !done) {
        return in(done.error());
    }
    plan->about = sim::World(*plan->protocol, plan->setup, plan->settings).about();
    plan->about.scenario = overrides.empty() ? plan->scenario.text : textOf(plan->scenario, true);
    plan->about.origin = "simulated";
    for (const auto& line : plan->scenario.lines) {
        auto planned = planLine(*plan, line);
        if (!planned) {
            return in(planned.error());
        }
        const bool deed = line.when && line.when->kind == When::Kind::Event;
        (deed ? plan->deeds : plan->lines).push_back(std::move(*planned));
    }
    std::ranges::stable_sort(plan->deeds, {}, [](const PlannedLine& each) {
        return std::pair(each.line.when->event, each.line.when->time);
    });
    return PlanPtr(std::move(plan));
}

Result<PlannedLine> readAct(const Plan& plan, std::string_view text)
{
    auto line = parseLine(text);
    if (!line) {
        return line.error();
    }
    if (line->when) {
        return fail("what is done by hand is done now: expected no 'at'", 1, 1);
    }
    if (!std::holds_alternative<Act>(line->doing)) {
        return fail("only what is done to the cluster can be done by hand, not '"
                        + toText(line->doing) + "'",
                    1, 1);
    }
    return planLine(plan, std::move(*line));
}

std::string textOf(const Scenario& scenario, bool withDeeds)
{
    std::set<std::size_t> gone;
    const auto remove = [&gone](std::size_t first, std::size_t last) {
        for (auto line = first; line <= last; ++line) {
            gone.insert(line);
        }
    };
    remove(scenario.cluster.firstLine, scenario.cluster.lastLine);
    for (const auto& line : scenario.lines) {
        if (!withDeeds && line.when && line.when->kind == When::Kind::Event) {
            remove(line.place.line, line.lastLine);
        }
    }
    std::string text;
    std::string_view rest = scenario.text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto end = std::min(rest.find('\n'), rest.size());
        if (number == scenario.cluster.firstLine) {
            text += toText(scenario.cluster) + "\n";
        }
        if (!gone.contains(number)) {
            text += std::string(rest.substr(0, end)) + "\n";
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return text;
}

} // namespace lightcone::session
