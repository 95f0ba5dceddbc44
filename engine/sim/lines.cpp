#include "engine/sim/lines.h"

#include "engine/describe/described.h"

#include <fmt/format.h>
#include <string_view>

namespace lightcone::sim {

namespace {

template <class E>
std::string wordOf(E value)
{
    return std::string(describe::toValue(value).name());
}

struct Writer
{
    const describe::NodeNames& names;
    std::span<const std::string> timers;

    [[nodiscard]] std::string of(NodeId node) const { return names.name(node); }

    [[nodiscard]] std::string ends(NodeId from, NodeId to, trace::Direction direction) const
    {
        const bool oneWay = direction == trace::Direction::OneWay;
        return of(from) + (oneWay ? " -> " : " ") + of(to);
    }

    [[nodiscard]] static std::string settings(const LinkChange& change)
    {
        std::string text;
        const auto add = [&](std::string_view key, const std::string& value) {
            const bool quotes = value.find(' ') != std::string::npos;
            text +=
                quotes ? fmt::format(" {}=\"{}\"", key, value) : fmt::format(" {}={}", key, value);
        };
        if (change.latency) {
            add("latency", toText(*change.latency));
        }
        if (change.loss) {
            add("loss", chanceText(*change.loss));
        }
        if (change.duplicate) {
            add("duplicate", chanceText(*change.duplicate));
        }
        if (change.reorder) {
            add("reorder", chanceText(*change.reorder));
        }
        if (change.reorderBy) {
            add("reorderBy", toScenarioText(*change.reorderBy));
        }
        return text;
    }

    [[nodiscard]] std::string request(const node::Payload& body) const
    {
        std::string text(body.name());
        text = describe::enumeratorName(text);
        const auto value = body.describe();
        const auto& held = value.held();
        const auto& fields = held.shape()->fields;
        for (std::size_t i = 0; i < held.children().size(); ++i) {
            text +=
                fmt::format(" {}={}", fields[i].name, describe::toText(held.children()[i], names));
        }
        return text;
    }

    std::string operator()(const Request& act) const
    {
        auto text = "request " + request(*act.body);
        if (act.client != clientId(1)) {
            text += " from " + of(act.client);
        }
        return act.to ? text + " to " + of(act.to) : text;
    }
    std::string operator()(const Load& act) const
    {
        return fmt::format("(load of {} clients)", act.clients.size());
    }
    std::string operator()(const StopLoad&) const { return "(no more load)"; }
    std::string operator()(const Crash& act) const { return "crash " + of(act.node); }
    std::string operator()(const Restart& act) const { return "restart " + of(act.node); }
    std::string operator()(const StartNode& act) const { return "start " + of(act.node); }
    std::string operator()(const Pause& act) const { return "pause " + of(act.node); }
    std::string operator()(const Resume& act) const { return "resume " + of(act.node); }
    std::string operator()(const Cut& act) const
    {
        return "cut " + ends(act.from, act.to, act.direction);
    }
    std::string operator()(const Heal& act) const
    {
        return "heal " + ends(act.from, act.to, act.direction);
    }
    std::string operator()(const Partition& act) const
    {
        std::string text = "partition";
        for (const auto& group : act.groups) {
            std::string inside;
            for (const auto node : group) {
                inside += (inside.empty() ? "" : " ") + of(node);
            }
            text += " {" + inside + "}";
        }
        return text;
    }
    std::string operator()(const Isolate& act) const { return "isolate " + of(act.node); }
    std::string operator()(const Rejoin& act) const { return "heal " + of(act.node); }
    std::string operator()(const HealAll&) const { return "heal"; }
    std::string operator()(const ChangeNetwork& act) const
    {
        return "network" + settings(act.change);
    }
    std::string operator()(const ChangeLink& act) const
    {
        return "link " + ends(act.from, act.to, act.direction) + settings(act.change);
    }
    std::string operator()(const ResetLink& act) const
    {
        return "link " + ends(act.from, act.to, act.direction) + " reset";
    }
    std::string operator()(const ResetNetwork&) const { return "network reset"; }
    std::string operator()(const AddRule& act) const { return toLine(act.rule, names); }
    std::string operator()(const RemoveRule& act) const
    {
        return fmt::format("unrule {}", act.number);
    }
    std::string operator()(const ClearRules&) const { return "unrule"; }
    std::string operator()(const SetClock& act) const
    {
        auto text = "clock " + of(act.node);
        if (act.offset) {
            text += fmt::format(" skew={}{}", *act.offset < Duration::zero() ? "" : "+",
                                toScenarioText(*act.offset));
        }
        return act.rate ? text + fmt::format(" drift={}", *act.rate) : text;
    }
    std::string operator()(const SetDisk& act) const
    {
        const auto& disk = act.condition;
        const auto text = "disk " + of(act.node);
        switch (disk.kind) {
        case DiskKind::Healthy:
            return text + " ok";
        case DiskKind::Full:
            return text + " full";
        case DiskKind::Forgetful:
            return text + fmt::format(" forgets={}", disk.writes);
        case DiskKind::Slow:
            break;
        }
        return text
            + (disk.latency > Duration::zero() ? " slow=" + toScenarioText(disk.latency)
                                               : fmt::format(" slow={}", disk.factor));
    }
    std::string operator()(const DeliverMessage& act) const
    {
        return fmt::format("{} #{}", act.when == When::Now ? "deliver" : "pick", act.message.value);
    }
    std::string operator()(const DropMessage& act) const
    {
        return fmt::format("drop #{}", act.message.value);
    }
    std::string operator()(const DuplicateMessage& act) const
    {
        return fmt::format("duplicate #{}", act.message.value);
    }
    std::string operator()(const DelayMessage& act) const
    {
        return fmt::format("delay #{} {}", act.message.value, toScenarioText(act.by));
    }
    std::string operator()(const FireTimer& act) const
    {
        const auto kind = act.timer.kind;
        const auto name = kind < timers.size() ? timers[kind] : std::to_string(kind);
        const auto about =
            act.timer.about == 0 ? std::string{} : fmt::format(" about={}", act.timer.about);
        return verb(act.when) + of(act.node) + " " + name + about;
    }
    std::string operator()(const FinishSync& act) const
    {
        return verb(act.when) + of(act.node) + " disk";
    }
    std::string operator()(const WakeClient& act) const
    {
        return verb(act.when) + of(act.client) + " retry";
    }
    std::string operator()(const Arrive& act) const
    {
        return verb(act.when) + of(act.client) + " arrival";
    }
    std::string operator()(const Remark& act) const
    {
        return fmt::format("({}: {})", wordOf(act.kind), act.text);
    }

    static std::string verb(When when) { return when == When::Now ? "fire " : "pick "; }
};

} // namespace

std::string toLine(const Action& action, const describe::NodeNames& names,
                   std::span<const std::string> timers)
{
    return std::visit(Writer{names, timers}, action);
}

std::string toLine(const Rule& rule, const describe::NodeNames& names)
{
    auto text = "rule " + wordOf(rule.action);
    if (rule.action == RuleAction::Delay) {
        text += " " + toScenarioText(rule.delay);
    }
    text += " " + (rule.message.empty() ? std::string("any") : rule.message);
    if (rule.from) {
        text += " from " + names.name(*rule.from);
    }
    if (rule.to) {
        text += " to " + names.name(*rule.to);
    }
    if (rule.limit > 0) {
        text += fmt::format(" times {}", rule.limit);
    }
    return rule.chance < 1 ? text + fmt::format(" chance {}", rule.chance) : text;
}

} // namespace lightcone::sim
