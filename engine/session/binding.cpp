#include "engine/session/binding.h"

#include "engine/describe/naming.h"
#include "engine/describe/text.h"
#include "engine/session/load.h"
#include "engine/session/nearest.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace lightcone::session {
namespace {

/// Of whom a verb is true: a role or a query means the first such node.
enum class Fit : std::uint8_t { Up, Crashed, NotStarted, Paused };

enum class Allowed : std::uint8_t { Members, Clients, All };

bool fits(trace::Life life, Fit fit)
{
    switch (fit) {
    case Fit::Up:
        return life == trace::Life::Up || life == trace::Life::Paused;
    case Fit::Crashed:
        return life == trace::Life::Crashed;
    case Fit::NotStarted:
        return life == trace::Life::NotStarted;
    case Fit::Paused:
        return life == trace::Life::Paused;
    }
    return false;
}

/// Binds one act. What does not fit is thrown as an Error and caught in actionOf().
class Binder
{
public:
    explicit Binder(const Bearings& bearings)
        : m_plan(*bearings.plan)
        , m_card(bearings.plan->protocol->card())
        , m_cluster(bearings.cluster)
        , m_ruleNames(bearings.ruleNames)
    {
    }

    sim::Action operator()(const OnNode& act) const
    {
        switch (act.verb) {
        case NodeVerb::Crash:
            return sim::Crash{member(act.node)};
        case NodeVerb::Restart:
            return sim::Restart{member(act.node, Fit::Crashed)};
        case NodeVerb::Start:
            return sim::StartNode{member(act.node, Fit::NotStarted)};
        case NodeVerb::Pause:
            return sim::Pause{member(act.node)};
        case NodeVerb::Resume:
            return sim::Resume{member(act.node, Fit::Paused)};
        case NodeVerb::Isolate:
            break;
        }
        return sim::Isolate{member(act.node)};
    }

    sim::Action operator()(const Cut& act) const
    {
        return sim::Cut{any(act.from), any(act.to), direction(act.oneWay)};
    }

    sim::Action operator()(const Heal& act) const
    {
        if (!act.from) {
            return sim::HealAll{};
        }
        if (!act.to) {
            return sim::Rejoin{member(*act.from)};
        }
        return sim::Heal{any(*act.from), any(*act.to), direction(act.oneWay)};
    }

    sim::Action operator()(const Partition& act) const
    {
        sim::Partition partition;
        for (const auto& group : act.groups) {
            partition.groups.emplace_back();
            for (const auto& who : group) {
                partition.groups.back().push_back(any(who));
            }
        }
        return partition;
    }

    sim::Action operator()(const Link& act) const
    {
        if (!act.from || !act.to) {
            return act.settings.empty() ? sim::Action(sim::ResetNetwork{})
                                        : sim::ChangeNetwork{change(act.settings)};
        }
        const auto from = any(*act.from);
        const auto to = any(*act.to);
        if (act.settings.empty()) {
            return sim::ResetLink{from, to, direction(act.oneWay)};
        }
        return sim::ChangeLink{from, to, direction(act.oneWay), change(act.settings)};
    }

    sim::Action operator()(const OnMessage& act) const
    {
        switch (act.verb) {
        case MessageVerb::Deliver:
            return sim::DeliverMessage{act.message, sim::When::Now};
        case MessageVerb::Pick:
            return sim::DeliverMessage{act.message, sim::When::Due};
        case MessageVerb::Drop:
            return sim::DropMessage{act.message};
        case MessageVerb::Duplicate:
            return sim::DuplicateMessage{act.message};
        case MessageVerb::Delay:
            break;
        }
        return sim::DelayMessage{act.message, act.by};
    }

    sim::Action operator()(const Fire& act) const
    {
        const auto node = any(act.node);
        const auto when = act.picked ? sim::When::Due : sim::When::Now;
        const auto found = std::ranges::find(m_card.timers, act.timer);
        if (isClient(node)) {
            if (act.timer == "arrival") {
                return sim::Arrive{node, when};
            }
            if (act.timer != "retry") {
                wrong(act.timerPlace,
                      "a client has no timer but 'retry' and 'arrival', found '" + act.timer + "'");
            }
            return sim::WakeClient{node, when};
        }
        if (found == m_card.timers.end() && act.timer == "disk") {
            return sim::FinishSync{node, when};
        }
        if (found == m_card.timers.end() && !(act.timer == "retry" && !node)) {
            auto known = m_card.timers;
            known.emplace_back("disk");
            wrong(act.timerPlace,
                  "'" + act.timer + "' is no timer of " + m_card.id + ": "
                      + suggestion(act.timer, known));
        }
        const auto kind = static_cast<std::uint16_t>(found - m_card.timers.begin());
        return sim::FireTimer{node, {kind, act.about}, when};
    }

    sim::Action operator()(const AddRule& act) const
    {
        static constexpr sim::RuleAction actions[] = {sim::RuleAction::Hold, sim::RuleAction::Drop,
                                                      sim::RuleAction::Delay,
                                                      sim::RuleAction::Duplicate};
        sim::Rule rule;
        rule.action = actions[static_cast<std::size_t>(act.verb)];
        rule.delay = act.by;
        rule.chance = act.chance.value_or(1);
        rule.limit = act.times.value_or(0);
        if (act.from) {
            rule.from = any(*act.from);
        }
        if (act.to) {
            rule.to = any(*act.to);
        }
        if (act.type != "any") {
            rule.message = messageType(act);
        }
        return sim::AddRule{rule};
    }

    sim::Action operator()(const RemoveRule& act) const
    {
        if (act.name.empty()) {
            return sim::ClearRules{};
        }
        std::uint32_t number = 0;
        const auto* end = act.name.data() + act.name.size();
        if (std::from_chars(act.name.data(), end, number) == std::from_chars_result{end, {}}) {
            return sim::RemoveRule{number};
        }
        if (m_ruleNames == nullptr) {
            return sim::RemoveRule{};
        }
        const auto found = std::ranges::find(*m_ruleNames, act.name);
        if (found == m_ruleNames->end()) {
            wrong({}, "there is no rule of the name '" + act.name + "' now");
        }
        return sim::RemoveRule{static_cast<std::uint32_t>(found - m_ruleNames->begin() + 1)};
    }

    sim::Action operator()(const SetClock& act) const
    {
        return sim::SetClock{member(act.node), act.skew, act.drift};
    }

    sim::Action operator()(const SetDisk& act) const
    {
        sim::DiskCondition condition;
        switch (act.state) {
        case DiskState::Ok:
            break;
        case DiskState::Full:
            condition.kind = sim::DiskKind::Full;
            break;
        case DiskState::Slow:
            condition.kind = sim::DiskKind::Slow;
            condition.factor = act.factor;
            condition.latency = act.latency;
            break;
        case DiskState::Forgets:
            condition.kind = sim::DiskKind::Forgetful;
            condition.writes = act.writes;
            break;
        }
        return sim::SetDisk{member(act.node), condition};
    }

    sim::Action operator()(const Request& act) const
    {
        auto body = requestOf(act.words, m_plan);
        if (!body) {
            throw body.error();
        }
        const auto client = act.from ? resolve(*act.from, Fit::Up, Allowed::Clients) : clientId(1);
        return sim::Request{client, *body, act.to ? member(*act.to) : NodeId{}};
    }

    sim::Action operator()(const Load& act) const
    {
        auto action = loadOf(act, m_plan);
        if (!action) {
            throw action.error();
        }
        return std::move(*action);
    }

private:
    [[noreturn]] static void wrong(Place place, std::string message)
    {
        throw fail(std::move(message), place.line, place.column);
    }

    static trace::Direction direction(bool oneWay)
    {
        return oneWay ? trace::Direction::OneWay : trace::Direction::Both;
    }

    [[nodiscard]] NodeId member(const Who& who, Fit fit = Fit::Up) const
    {
        return resolve(who, fit, Allowed::Members);
    }
    [[nodiscard]] NodeId any(const Who& who) const { return resolve(who, Fit::Up, Allowed::All); }

    [[nodiscard]] NodeId resolve(const Who& who, Fit fit, Allowed allowed) const
    {
        if (who.query) {
            return byQuery(who, fit);
        }
        if (const auto named = m_plan.about.names().find(who.words.text)) {
            if (allowed == Allowed::Members && isClient(*named)) {
                wrong(who.words.place(), "'" + who.words.text + "' is a client: expected a node");
            }
            if (allowed == Allowed::Clients && !isClient(*named)) {
                wrong(who.words.place(), "'" + who.words.text + "' is a node: expected a client");
            }
            return *named;
        }
        return byRole(who, fit, allowed);
    }

    [[nodiscard]] NodeId byQuery(const Who& who, Fit fit) const
    {
        const auto query = query::Query::parse(
            who.words.text, query::Context::of(m_plan.about, query::Scope::Node));
        if (!query) {
            const auto column = query.error().column;
            wrong(who.words.placeOf(column == 0 ? 0 : column - 1), query.error().message);
        }
        if (m_cluster == nullptr) {
            return {};
        }
        for (std::size_t i = 0; i < m_cluster->size(); ++i) {
            if (fits(m_cluster->life(i), fit) && query->holdsFor(*m_cluster, i)) {
                return m_cluster->id(i);
            }
        }
        wrong(who.words.place(), "no node fits (" + who.words.text + ") now");
    }

    [[nodiscard]] NodeId byRole(const Who& who, Fit fit, Allowed allowed) const
    {
        const auto& word = who.words.text;
        const auto* role = stateField(describe::Facet::Role);
        std::vector<std::string> known;
        if (allowed != Allowed::Clients) {
            for (const auto& member : m_plan.setup->members) {
                known.push_back(member.name);
            }
        }
        if (allowed != Allowed::Members) {
            known.insert(known.end(), m_plan.about.clients.begin(), m_plan.about.clients.end());
        }
        bool isRole = false;
        if (role != nullptr && allowed != Allowed::Clients) {
            for (const auto& each : role->shape->enumerators) {
                known.push_back(each.name);
                isRole = isRole || each.name == word;
            }
        }
        for (const auto& member : m_plan.setup->members) {
            isRole = isRole || (!member.role.empty() && member.role == word);
        }
        if (!isRole) {
            wrong(who.words.place(), "'" + word + "' is nobody here: " + suggestion(word, known));
        }
        return m_cluster == nullptr ? NodeId{} : withRole(who, role, fit);
    }

    /// nullptr where the protocol's state has no such field.
    [[nodiscard]] const describe::FieldShape* stateField(describe::Facet facet) const
    {
        const auto index = m_card.state ? m_card.state->fieldWith(facet) : std::nullopt;
        return index ? &m_card.state->fields[*index] : nullptr;
    }

    [[nodiscard]] NodeId withRole(const Who& who, const describe::FieldShape* role, Fit fit) const
    {
        const auto& word = who.words.text;
        const auto* epoch = stateField(describe::Facet::Epoch);
        std::optional<std::size_t> best;
        std::uint64_t bestEpoch = 0;
        for (std::size_t i = 0; i < m_cluster->size(); ++i) {
            const auto* given = m_plan.setup->member(m_cluster->id(i));
            bool plays = given != nullptr && given->role == word;
            if (role != nullptr) {
                const auto& value = m_cluster->field(i, role->name);
                plays = plays || (value.exists() && value.name() == word);
            }
            if (!plays || !fits(m_cluster->life(i), fit)) {
                continue;
            }
            const auto& value =
                epoch != nullptr ? m_cluster->field(i, epoch->name) : describe::Value{};
            const auto number = value.exists() && value.kind() == describe::ShapeKind::UInt
                ? value.asUInt()
                : std::uint64_t{0};
            if (!best || number > bestEpoch) {
                best = i;
                bestEpoch = number;
            }
        }
        if (!best) {
            wrong(who.words.place(), "no node is " + word + " now");
        }
        return m_cluster->id(*best);
    }

    [[nodiscard]] std::string messageType(const AddRule& act) const
    {
        std::vector<std::string> known;
        for (const auto& shape : {m_card.message, m_card.request, m_card.reply}) {
            if (!shape) {
                continue;
            }
            if (shape->kind != describe::ShapeKind::Variant) {
                known.push_back(shape->name);
                continue;
            }
            for (const auto& field : shape->fields) {
                known.push_back(field.name);
            }
        }
        if (std::ranges::find(known, act.type) == known.end()) {
            known.emplace_back("any");
            wrong(act.typePlace,
                  "'" + act.type + "' is no message of " + m_card.id + ": "
                      + suggestion(act.type, known));
        }
        return act.type;
    }

    static sim::LinkChange change(const std::vector<Setting>& settings)
    {
        sim::LinkChange change;
        const auto take = [](const Setting& setting, auto parsed, auto& into) {
            if (!parsed) {
                wrong(setting.valuePlace, setting.key + ": " + parsed.error().message);
            }
            into = *parsed;
        };
        for (const auto& setting : settings) {
            if (setting.key == "latency") {
                take(setting, sim::parseLatency(setting.value), change.latency);
            } else if (setting.key == "loss") {
                take(setting, sim::parseChance(setting.value), change.loss);
            } else if (setting.key == "duplicate") {
                take(setting, sim::parseChance(setting.value), change.duplicate);
            } else if (setting.key == "reorder") {
                take(setting, sim::parseChance(setting.value), change.reorder);
            } else if (setting.key == "reorderBy") {
                take(setting, parseDuration(setting.value), change.reorderBy);
            } else {
                wrong(setting.place,
                      "'" + setting.key + "' is no setting of a link: "
                          + suggestion(setting.key,
                                       {"latency", "loss", "duplicate", "reorder", "reorderBy"}));
            }
        }
        return change;
    }

    const Plan& m_plan;
    const node::Card& m_card;
    const query::Cluster* m_cluster;
    const std::vector<std::string>* m_ruleNames;
};

} // namespace

Result<sim::Action> actionOf(const Act& act, const Bearings& bearings)
{
    try {
        return std::visit(Binder(bearings), act);
    } catch (const Error& error) {
        return error;
    }
}

Result<node::PayloadPtr> requestOf(const Piece& words, const Plan& plan)
{
    return requestOf(words, *plan.protocol, plan.about.names());
}

Result<node::PayloadPtr> requestOf(const Piece& words, const node::Protocol& protocol,
                                   const describe::NodeNames& names)
{
    const auto& card = protocol.card();
    const auto end = words.text.find(' ');
    const auto name = words.text.substr(0, end);
    const auto request = std::ranges::find(card.requests, name, &node::RequestCard::name);
    const auto place = words.place();
    if (request == card.requests.end()) {
        std::vector<std::string> known;
        for (const auto& each : card.requests) {
            known.push_back(each.name);
        }
        return fail("'" + name + "' is no request of " + card.id + ": " + suggestion(name, known),
                    place.line, place.column);
    }
    const auto from = end == std::string::npos ? words.text.size() : end + 1;
    const auto rest = std::string_view(words.text).substr(from);
    const auto fields = describe::parseFields(request->byDefault, rest, names);
    if (!fields) {
        const auto column = fields.error().column;
        const auto where = words.placeOf(from + (column == 0 ? 0 : column - 1));
        return fail(fields.error().message, where.line, where.column);
    }
    const auto& alternatives = card.request->fields;
    const auto alternative = std::ranges::find_if(alternatives, [&](const auto& each) {
        return describe::enumeratorName(each.name) == name;
    });
    const auto index = static_cast<std::size_t>(alternative - alternatives.begin());
    auto payload = protocol.payload(node::PayloadRole::Request,
                                    describe::Value::alternative(card.request, index, *fields));
    if (!payload) {
        return fail(payload.error().message, place.line, place.column);
    }
    return payload;
}

} // namespace lightcone::session
