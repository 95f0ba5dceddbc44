#pragma once

#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/live/disturbance.h"
#include "engine/trace/event.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::live {

/// What becomes of one message that leaves.
struct Fate
{
    std::optional<trace::DropReason> dies{};
    std::optional<std::uint64_t> heldBy{}; ///< until that rule goes
    Duration delay{}; ///< on top of what the network takes
    bool twice = false;
};

/// What operators have made of one node's links, and what that means for its messages. A state
/// machine with dice of its own.
class Faults
{
public:
    Faults(NodeId self, std::vector<NodeId> members, std::uint64_t seed);

    // The disturbances that are about links. The error: a node that is no member, a number that
    // makes no sense; then nothing has changed.
    Result<void> apply(const CutLink&);
    Result<void> apply(const HealLink&);
    Result<void> apply(const PartitionNodes&);
    Result<void> apply(const IsolateNode&);
    Result<void> apply(const HealAll&);
    Result<void> apply(const ChangeLink&);
    Result<void> apply(const AddRule&);

    /// Gives the rules that are gone: what they held is free.
    Result<std::vector<std::uint64_t>> apply(const RemoveRule&);

    /// A message of that type leaves now.
    Fate fateOf(NodeId to, std::string_view type);

    /// Whether messages from there are discarded.
    [[nodiscard]] bool isDeaf(NodeId from) const { return m_deaf.contains(from); }

    /// Whether there is nothing to ask.
    [[nodiscard]] bool none() const
    {
        return m_mute.empty() && m_deaf.empty() && m_links.empty() && m_rules.empty();
    }

private:
    struct Rule
    {
        std::uint64_t id = 0; ///< never used twice
        std::uint32_t decided = 0;
        AddRule rule{};
    };

    [[nodiscard]] Result<void> known(NodeId) const;
    [[nodiscard]] Result<void> known(NodeId from, NodeId to) const;
    void setCut(NodeId from, NodeId to, bool cut);
    Fate fateByRule(NodeId to, std::string_view type, bool& decided);

    NodeId m_self;
    std::vector<NodeId> m_members;
    Dice m_dice;
    std::set<NodeId> m_mute; ///< links away from here that are cut
    std::set<NodeId> m_deaf; ///< links towards here that are cut
    std::map<NodeId, ChangeLink> m_links;
    std::vector<Rule> m_rules;
    std::uint64_t m_ruleIds = 0;
};

} // namespace lightcone::live
