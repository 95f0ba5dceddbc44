#pragma once

#include "engine/core/dice.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/node/effects.h"
#include "engine/node/payload.h"
#include "engine/sim/conditions.h"
#include "engine/sim/settings.h"
#include "engine/trace/event.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace lightcone::sim {

/// A node's or a client's place in the world's lists: members first, then clients.
using Place = std::uint32_t;

/// What a message will do as things stand.
enum class Fate : std::uint8_t { Arrives, DiesOfLoss, DiesOfRule };

/// A message under way.
struct Packet
{
    EventId name{}; ///< the number of its Send or Duplicate; none: the slot is free
    Place from = 0;
    Place to = 0;
    trace::Channel channel = trace::Channel::Message;
    node::Answer answer = node::Answer::Done; ///< of a reply
    Fate fate = Fate::Arrives;
    std::uint32_t heldBy = 0; ///< the rule that holds it
    RequestId request{};
    node::PayloadPtr payload{};
    Instant sent{};
    Instant due{};
    std::uint64_t order = 0; ///< of its line on the agenda; 0: none is in force
};

/// The links between all places, and the rules on what they carry.
class Network
{
public:
    struct Link
    {
        Dice dice;
        Instant lastArrival{};
        std::uint32_t model = 0;
        bool cut = false;
    };

    struct ActiveRule
    {
        std::uint32_t id = 0; ///< never used twice
        std::uint32_t decided = 0;
        Rule rule{};
    };

    /// Each link has dice of its own, so that what happens on one does not reshuffle the others.
    Network(std::uint32_t places, const LinkModel& plan, const Dice& root);

    [[nodiscard]] Link& link(Place from, Place to) { return m_links[from * m_places + to]; }
    [[nodiscard]] const Link& link(Place from, Place to) const
    {
        return m_links[from * m_places + to];
    }
    [[nodiscard]] const LinkModel& model(Place from, Place to) const
    {
        return m_models[link(from, to).model];
    }
    [[nodiscard]] const LinkModel& plan() const { return m_plan; }
    [[nodiscard]] const LinkModel& networkModel() const { return m_models.front(); }

    void changeAll(const LinkChange&);
    void change(Place from, Place to, const LinkChange&);
    void reset(Place from, Place to);
    void resetAll();
    [[nodiscard]] bool isChanged() const;

    /// Takes over what was done to another network: cuts, models and rules. Of links whose ends are
    /// no places there nothing is known.
    void inherit(const Network& other);

    /// Whether the link has a model of its own.
    [[nodiscard]] bool isChanged(Place from, Place to) const;

    /// When a message that leaves now arrives; takes the link's order into account.
    Instant arrival(Place from, Place to, Instant now);

    /// A latency of that link, without regard to the order on it.
    Duration drawLatency(Place from, Place to);

    [[nodiscard]] const std::vector<ActiveRule>& rules() const { return m_rules; }
    std::uint32_t addRule(const Rule&);
    ActiveRule removeRule(std::size_t index);

    /// The rule that decides what becomes of the message; nullptr when none does.
    const ActiveRule* judge(const Packet&, NodeId from, NodeId to);

private:
    void refresh();

    std::uint32_t m_places;
    LinkModel m_plan;
    LinkChange m_change; ///< of the whole network
    std::map<std::pair<Place, Place>, LinkChange> m_changes; ///< of single links
    std::vector<LinkModel> m_models; ///< the network's, then those of changed links
    std::vector<Link> m_links;
    std::vector<ActiveRule> m_rules;
    std::uint32_t m_ruleIds = 0;
};

} // namespace lightcone::sim
