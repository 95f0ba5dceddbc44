#include "engine/session/live_deeds.h"

#include <algorithm>
#include <utility>

/// From what a scenario's line does to a simulated world to what it does to real nodes.
namespace lightcone::session {

namespace {

using trace::Direction;

bool isOneWay(Direction direction)
{
    return direction == Direction::OneWay;
}

live::RuleVerb verbOf(sim::RuleAction action)
{
    switch (action) {
    case sim::RuleAction::Hold:
        return live::RuleVerb::Hold;
    case sim::RuleAction::Drop:
        return live::RuleVerb::Drop;
    case sim::RuleAction::Delay:
        return live::RuleVerb::Delay;
    case sim::RuleAction::Duplicate:
        return live::RuleVerb::Duplicate;
    }
    return live::RuleVerb::Hold;
}

class Translator
{
public:
    explicit Translator(const Plan& plan)
        : m_plan(&plan)
    {
    }

    Result<LiveDeed> operator()(const sim::Request& request) const
    {
        LiveDeed deed;
        deed.kind = LiveDeed::Kind::Request;
        deed.targets = all();
        deed.anyone = true;
        deed.request = request.body;
        deed.only = request.to;
        return deed;
    }

    Result<LiveDeed> operator()(const sim::Crash& crash) const
    {
        auto deed = tell({crash.node}, live::CrashNode{crash.node});
        deed.kind = LiveDeed::Kind::Crash;
        return deed;
    }

    Result<LiveDeed> restart(NodeId node) const
    {
        LiveDeed deed;
        deed.kind = LiveDeed::Kind::Restart;
        deed.targets = {node};
        return deed;
    }
    Result<LiveDeed> operator()(const sim::Restart& act) const { return restart(act.node); }
    Result<LiveDeed> operator()(const sim::StartNode& act) const { return restart(act.node); }

    Result<LiveDeed> operator()(const sim::Pause& pause) const
    {
        return tell({pause.node}, live::PauseNode{pause.node});
    }
    Result<LiveDeed> operator()(const sim::Resume& resume) const
    {
        return tell({resume.node}, live::ResumeNode{resume.node});
    }

    Result<LiveDeed> operator()(const sim::Cut& cut) const
    {
        return link(cut.from, cut.to, live::CutLink{cut.from, cut.to, isOneWay(cut.direction)});
    }
    Result<LiveDeed> operator()(const sim::Heal& heal) const
    {
        return link(heal.from, heal.to,
                    live::HealLink{heal.from, heal.to, isOneWay(heal.direction)});
    }
    Result<LiveDeed> operator()(const sim::Partition& partition) const
    {
        for (const auto& group : partition.groups) {
            if (std::ranges::any_of(group, isClient)) {
                return clients();
            }
        }
        return tell(all(), live::PartitionNodes{partition.groups});
    }
    Result<LiveDeed> operator()(const sim::Isolate& isolate) const
    {
        return tell(all(), live::IsolateNode{isolate.node});
    }
    Result<LiveDeed> operator()(const sim::Rejoin& rejoin) const
    {
        return tell(all(), live::HealAll{rejoin.node});
    }
    Result<LiveDeed> operator()(const sim::HealAll&) const { return tell(all(), live::HealAll{}); }

    Result<LiveDeed> operator()(const sim::ChangeLink& act) const
    {
        auto change = changed(act.change);
        if (!change) {
            return change.error();
        }
        change->from = act.from;
        change->to = act.to;
        change->oneWay = isOneWay(act.direction);
        return link(act.from, act.to, *change);
    }
    Result<LiveDeed> operator()(const sim::ChangeNetwork& act) const
    {
        const auto change = changed(act.change);
        return change ? Result<LiveDeed>(tell(all(), *change)) : change.error();
    }
    Result<LiveDeed> operator()(const sim::ResetLink& act) const
    {
        live::ChangeLink change{act.from, act.to, isOneWay(act.direction)};
        change.reset = true;
        return link(act.from, act.to, change);
    }
    Result<LiveDeed> operator()(const sim::ResetNetwork&) const
    {
        live::ChangeLink change;
        change.reset = true;
        return tell(all(), change);
    }

    Result<LiveDeed> operator()(const sim::AddRule& act) const
    {
        const auto& rule = act.rule;
        if ((rule.from && isClient(*rule.from)) || (rule.to && isClient(*rule.to))) {
            return clients();
        }
        live::AddRule made;
        made.verb = verbOf(rule.action);
        made.type = rule.message;
        made.from = rule.from.value_or(NodeId{});
        made.to = rule.to.value_or(NodeId{});
        made.chance = rule.chance;
        made.by = rule.delay;
        made.times = rule.limit;
        return tell(all(), made);
    }
    Result<LiveDeed> operator()(const sim::RemoveRule& act) const
    {
        return tell(all(), live::RemoveRule{std::to_string(act.number)});
    }
    Result<LiveDeed> operator()(const sim::ClearRules&) const
    {
        return tell(all(), live::RemoveRule{});
    }

    Result<LiveDeed> operator()(const sim::SetClock& act) const
    {
        return tell({act.node}, live::SetClock{act.node, act.offset, act.rate});
    }
    Result<LiveDeed> operator()(const sim::SetDisk& act) const
    {
        const auto& wanted = act.condition;
        live::SetDisk disk{act.node};
        switch (wanted.kind) {
        case sim::DiskKind::Healthy:
            break;
        case sim::DiskKind::Slow:
            if (wanted.latency > Duration::zero()) {
                disk.latency = wanted.latency;
            } else {
                disk.factor = wanted.factor;
            }
            break;
        case sim::DiskKind::Full:
            disk.full = true;
            break;
        case sim::DiskKind::Forgetful:
            return fail("a real disk cannot be made to forget: continue as a simulation for that");
        }
        return tell({act.node}, disk);
    }

    Result<LiveDeed> operator()(const sim::Load&) const
    {
        return fail("a load on real nodes comes from lightcone-cli load");
    }
    Result<LiveDeed> operator()(const sim::StopLoad&) const
    {
        return fail("a load on real nodes is stopped where lightcone-cli load was started");
    }

    template <class Other>
    Result<LiveDeed> operator()(const Other&) const
    {
        return fail("what happens next cannot be picked on real nodes: add a rule that holds, "
                    "drops or delays messages, or continue as a simulation");
    }

private:
    [[nodiscard]] std::vector<NodeId> all() const
    {
        std::vector<NodeId> ids;
        for (const auto& member : m_plan->setup->members) {
            ids.push_back(member.id);
        }
        return ids;
    }

    static LiveDeed tell(std::vector<NodeId> targets, live::Disturbance what)
    {
        LiveDeed deed;
        deed.targets = std::move(targets);
        deed.what = std::move(what);
        return deed;
    }

    static Error clients()
    {
        return fail("the way between a real client and a node cannot be disturbed");
    }

    /// One end that hears it is enough: it mutes what leaves and discards what comes.
    static Result<LiveDeed> link(NodeId from, NodeId to, live::Disturbance what)
    {
        if (isClient(from) || isClient(to)) {
            return clients();
        }
        auto deed = tell({from, to}, std::move(what));
        deed.anyone = true;
        return deed;
    }

    static Result<live::ChangeLink> changed(const sim::LinkChange& change)
    {
        live::ChangeLink made;
        if (change.duplicate || change.reorder || change.reorderBy) {
            return fail("on a real link messages can be delayed and lost; copies are a rule's: "
                        "rule duplicate any");
        }
        made.loss = change.loss.value_or(0);
        if (change.latency) {
            made.latency = change.latency->typical;
            if (change.latency->kind == sim::LatencyKind::Uniform) {
                made.jitter = change.latency->high - change.latency->typical;
            } else if (change.latency->kind != sim::LatencyKind::Constant) {
                return fail("expected a latency that is constant or even on real links: 50ms or "
                            "20ms..80ms");
            }
        }
        return made;
    }

    const Plan* m_plan;
};

} // namespace

Result<LiveDeed> liveDeed(const sim::Action& action, const Plan& plan)
{
    return std::visit(Translator(plan), action);
}

} // namespace lightcone::session
