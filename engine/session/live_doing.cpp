#include "engine/describe/described.h"
#include "engine/session/binding.h"
#include "engine/session/live_talk.h"
#include "engine/sim/lines.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

/// What a person does to real nodes.
namespace lightcone::session {

void LiveSession::complain(const std::string& line, const std::string& why)
{
    m_problem = "Cannot " + line + ": " + why;
    m_busy = true;
}

LiveSession::Talk* LiveSession::talkTo(NodeId id)
{
    const auto found =
        std::ranges::find_if(m_talks, [&](const auto& each) { return each->id() == id; });
    return found == m_talks.end() ? nullptr : found->get();
}

const LiveNode* LiveSession::nodeOf(NodeId id, const Snapshot& snapshot) const
{
    const auto found = std::ranges::find(snapshot.nodes, id, &LiveNode::id);
    return found == snapshot.nodes.end() ? nullptr : &*found;
}

Result<LiveDeed> LiveSession::deedOf(const PlannedLine& planned, const LiveWorld& world) const
{
    Asked asked;
    asked.update(world);
    const std::vector<std::string> names(world.network().rules().size());
    const auto action =
        actionOf(std::get<Act>(planned.line.doing), Bearings{m_plan.get(), &asked.cluster, &names});
    if (!action) {
        return action.error();
    }
    return liveDeed(*action, *m_plan);
}

std::optional<std::string> LiveSession::whyNot(const LiveDeed& deed, const Snapshot& snapshot,
                                               const LiveWorld& world) const
{
    if (deed.kind == LiveDeed::Kind::Restart) {
        const auto name = m_plan->about.nameOf(deed.targets.front());
        if (world.life(deed.targets.front()) == trace::Life::Up) {
            return name + " is up";
        }
        return m_cluster.keeper ? std::nullopt
                                : std::optional(name
                                                + " is a process that somebody else runs: "
                                                  "start it where it is");
    }
    if (deed.kind == LiveDeed::Kind::Crash && m_cluster.keeper) {
        const auto life = world.life(deed.targets.front());
        const bool up = life == trace::Life::Up || life == trace::Life::Paused;
        return up ? std::nullopt : std::optional(std::string("its process does not run"));
    }
    std::optional<std::string> why;
    for (const auto target : deed.targets) {
        const auto* node = nodeOf(target, snapshot);
        std::string wrong;
        if (node == nullptr) {
            wrong = "it is no member";
        } else if (node->state != LiveNode::State::Connected) {
            wrong = node->name + " is not connected";
        } else {
            const auto& denied =
                deed.kind == LiveDeed::Kind::Request ? node->whyNoRequests : node->whyNoFaults;
            wrong = denied.empty() ? denied : node->name + ": " + denied;
        }
        if (wrong.empty()) {
            return std::nullopt; // who is not reached is told as soon as possible: see perform
        }
        why = why ? why : std::optional(wrong);
    }
    return why;
}

std::optional<std::string> LiveSession::whyNot(std::string_view line) const
{
    if (const auto simulation = simulated()) {
        return simulation->whyNot(line);
    }
    const auto planned = readAct(*m_plan, line);
    if (!planned) {
        return planned.error().message;
    }
    std::shared_ptr<const Published> published;
    {
        const std::lock_guard lock(m_mutex);
        published = m_published;
    }
    const auto deed = deedOf(*planned, *published->moment);
    return deed ? whyNot(*deed, published->snapshot, *published->moment)
                : std::optional(deed.error().message);
}

void LiveSession::perform(const PlannedLine& planned)
{
    m_problem.clear();
    const auto& world = m_course.world();
    auto deed = deedOf(planned, world);
    if (!deed) {
        complain(planned.text, deed.error().message);
        return;
    }
    if (const auto why = whyNot(*deed, describe(), world)) {
        complain(planned.text, *why);
        return;
    }
    // Roles and questions mean certain nodes now: nodes are told their names.
    Asked asked;
    asked.update(world);
    std::vector<std::string> names(world.network().rules().size());
    const auto action =
        actionOf(std::get<Act>(planned.line.doing), Bearings{m_plan.get(), &asked.cluster, &names});
    const auto line = action
        ? sim::toLine(*action, m_plan->about.names(), m_plan->protocol->card().timers)
        : planned.text;
    if (m_going.mode == Mode::Stopped) {
        m_going = {}; // who acts wants to see what comes of it
        m_doing.clear();
    }
    switch (deed->kind) {
    case LiveDeed::Kind::Request:
        performRequest(*deed, planned.text);
        break;
    case LiveDeed::Kind::Crash:
        performCrash(*deed, line);
        break;
    case LiveDeed::Kind::Restart:
        performRestart(*deed, line);
        break;
    case LiveDeed::Kind::Disturb:
        performDisturb(std::move(*deed), line);
        break;
    }
}

void LiveSession::performCrash(const LiveDeed& deed, const std::string& line)
{
    const auto node = deed.targets.front();
    m_merge.add(Acted{line, {}, node});
    if (m_cluster.keeper) {
        m_cluster.keeper->kill(m_plan->about.nameOf(node));
    } else {
        performDisturb(deed, line);
    }
}

void LiveSession::performRestart(const LiveDeed& deed, const std::string& line)
{
    const auto node = deed.targets.front();
    m_merge.add(Acted{line, {}, node});
    m_cluster.keeper->start(m_plan->about.nameOf(node));
    if (auto* talk = talkTo(node); talk != nullptr && talk->explorer() != nullptr) {
        talk->explorer()->hurry();
    }
}

void LiveSession::performDisturb(LiveDeed deed, const std::string& line)
{
    if (auto* rule = std::get_if<live::AddRule>(&deed.what)) {
        rule->name = fmt::format("explorer {} rule {}", m_client.self().value, m_ids + 1);
        m_ruleNames.push_back(rule->name);
    }
    if (auto* rule = std::get_if<live::RemoveRule>(&deed.what)) {
        if (rule->name.empty()) {
            m_ruleNames.clear();
        } else {
            const auto place = std::stoul(rule->name) - 1;
            if (place >= m_ruleNames.size()) {
                complain(line, "that rule is not one of this explorer's");
                return;
            }
            rule->name = m_ruleNames[place];
            m_ruleNames.erase(m_ruleNames.begin() + static_cast<std::ptrdiff_t>(place));
        }
    }
    std::string unreached;
    for (const auto target : deed.targets) {
        auto* talk = talkTo(target);
        const bool said = talk != nullptr && talk->explorer() != nullptr
            && talk->explorer()->say(live::Disturb{++m_ids, deed.what, line});
        if (said) {
            m_pending[m_ids] = {line, target, {}};
        } else if (!deed.anyone) {
            unreached += (unreached.empty() ? "" : ", ") + m_plan->about.nameOf(target);
        }
    }
    if (!unreached.empty()) {
        complain(line, "not everybody could be told: " + unreached + " is not connected");
    }
}

void LiveSession::performRequest(const LiveDeed& deed, const std::string& line)
{
    node::Client::Effects effects;
    const auto request = m_client.submit(Instant(now()), deed.request, deed.only, {}, effects);
    m_merge.add(Acted{line, request, {}});
    clientEffects(effects);
}

void LiveSession::clientEffects(node::Client::Effects& effects)
{
    for (const auto& effect : effects) {
        if (const auto* transmit = std::get_if<node::Client::Transmit>(&effect)) {
            auto* talk = talkTo(transmit->to);
            Bytes body;
            transmit->body->encode(body);
            if (talk != nullptr && talk->explorer() != nullptr
                && talk->explorer()->say(
                    live::Submit{++m_ids, transmit->request, std::move(body)})) {
                m_pending[m_ids] = {{}, transmit->to, transmit->request};
            }
        } else if (const auto* finish = std::get_if<node::Client::Finish>(&effect)) {
            if (finish->answer == node::Answer::Unknown) {
                m_merge.add(GaveUp{finish->request});
            }
            std::erase_if(m_pending,
                          [&](const auto& each) { return each.second.request == finish->request; });
        }
    }
    effects.clear();
}

void LiveSession::tickClient()
{
    const Instant time(now());
    node::Client::Effects effects;
    if (const auto due = m_client.due(); due && *due <= time) {
        m_client.onDue(time, effects);
        clientEffects(effects);
    }
}

/// What answers something that was asked; false when it answers nothing.
bool LiveSession::answers(NodeId from, const live::Word& word)
{
    const auto take = [&](std::uint64_t id) -> std::optional<Pending> {
        auto pending = m_pending.extract(id);
        return pending && pending.mapped().node == from ? std::optional(pending.mapped())
                                                        : std::nullopt;
    };
    if (const auto* denied = std::get_if<live::Denied>(&word)) {
        if (const auto pending = take(denied->id)) {
            complain(pending->line.empty() ? "ask" : pending->line,
                     m_plan->about.nameOf(from) + ": " + denied->why);
        }
        return true;
    }
    if (const auto* obeyed = std::get_if<live::Obeyed>(&word)) {
        (void)take(obeyed->id);
        return true;
    }
    const auto* replied = std::get_if<live::Replied>(&word);
    if (replied == nullptr) {
        return false;
    }
    const auto pending = take(replied->id);
    if (!pending) {
        return true;
    }
    Result<node::PayloadPtr> body = fail("");
    if (replied->answer == node::Answer::Done) {
        body = m_plan->protocol->payload(node::PayloadRole::Reply, BytesView(replied->body));
    } else if (replied->answer == node::Answer::Redirected) {
        const auto redirect = describe::fromBytes<node::Redirect>(replied->body);
        body = redirect ? Result<node::PayloadPtr>(node::makePayload(*redirect)) : redirect.error();
    } else {
        const auto refusal = describe::fromBytes<node::Refusal>(replied->body);
        body = refusal ? Result<node::PayloadPtr>(node::makePayload(*refusal)) : refusal.error();
    }
    if (body) {
        node::Client::Effects effects;
        m_client.onReply(Instant(now()), from, pending->request, replied->answer, *body, effects);
        clientEffects(effects);
    }
    return true;
}

} // namespace lightcone::session
