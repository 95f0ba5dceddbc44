#include "engine/protocols/partitioning/ledger.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

// Who owns what: one owner at a time, a whole map that only grows newer, moves within their limits.
namespace lightcone::protocols::partitioning {
namespace {

/// Whoever answers for a shard is the newest who took it, and has not handed it over.
class OneOwner
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there() || step.machine().role() != Role::Storage) {
            return verdict;
        }
        if (step.restarted()) {
            recollect(step);
        }
        if (m_looked.insert(step.node()).second) {
            takeItsWord(step);
        }
        const auto claim = [&](ShardId shard, Epoch epoch) {
            auto& known = m_claims[shard];
            if (known.epoch >= epoch && known.node != step.node() && !verdict) {
                verdict =
                    fmt::format("{} takes shard {} with change {}, {} has it since change {}",
                                step.name(), shard, epoch, step.name(known.node), known.epoch);
            }
            known = {epoch, step.node(), {}};
        };
        const auto served = [&](NodeId, const Done& done) {
            if (!verdict) {
                verdict = judge(step, done);
            }
        };
        step.forEachWritten<FoundStore>([&](const FoundStore& write) {
            for (const auto& place : write.places) {
                claim(place.shard, place.epoch);
            }
        });
        step.forEachWritten<TakeOver>(
            [&](const TakeOver& write) { claim(write.grant.shard, write.grant.number); });
        step.forEachWritten<CutShard>([&](const CutShard& write) {
            if (!write.at.empty()) {
                claim(write.shard, write.number);
                claim(write.into, write.number);
            }
        });
        step.forEachWritten<JoinShards>([&](const JoinShards& write) {
            if (write.done) {
                claim(write.left, write.number);
                claim(write.right, write.number);
            }
        });
        step.forEachWritten<Adopt>(
            [&](const Adopt& write) { claim(write.piece.shard, write.piece.number); });
        step.forEachSent<Done>(served);
        step.forEachSent<Copy>([&](NodeId to, const Copy& piece) {
            auto& known = m_claims[piece.shard];
            if (piece.last && known.node == step.node()) {
                known.handedTo = to;
            }
        });
        return verdict;
    }

private:
    struct Claim
    {
        Epoch epoch = 0;
        NodeId node{};
        NodeId handedTo{}; ///< none while it was not handed over
    };

    Verdict judge(const Step& step, const Done& done) const
    {
        const auto found = m_claims.find(done.shard);
        if (found == m_claims.end()) {
            return fmt::format("{} answers for shard {}, which nobody has taken", step.name(),
                               done.shard);
        }
        const auto& claim = found->second;
        if (claim.node != step.node() || claim.epoch != done.epoch) {
            return fmt::format("{} answers for shard {} as of change {}, which {} owns since "
                               "change {}",
                               step.name(), done.shard, done.epoch, step.name(claim.node),
                               claim.epoch);
        }
        if (claim.handedTo) {
            return fmt::format("{} answers for shard {} after it has handed it over to {}",
                               step.name(), done.shard, step.name(claim.handedTo));
        }
        return std::nullopt;
    }

    /// What was not on disk when the node crashed, nobody has seen.
    void recollect(const Step& step)
    {
        const auto& shards = step.machine().holdings().shards;
        for (auto& [id, claim] : m_claims) {
            const auto held = shards.find(id);
            if (claim.node == step.node() && held != shards.end()
                && held->second.standing == Standing::Owned) {
                claim = {held->second.epoch, step.node(), {}};
            } else if (claim.node == step.node() && held == shards.end()) {
                claim = {};
            }
        }
    }

    /// Who looks at a node for the first time knows of what it took before by what it owns.
    void takeItsWord(const Step& step)
    {
        for (const auto& [id, shard] : step.machine().holdings().shards) {
            auto& known = m_claims[id];
            if (shard.standing == Standing::Owned && known.epoch < shard.epoch) {
                known = {shard.epoch, step.node(), {}};
            }
        }
    }

    std::map<ShardId, Claim> m_claims;
    std::set<NodeId> m_looked;
};

class VersionsOnlyGrow
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        auto& known = m_known[step.node()];
        if (step.restarted()) {
            known.epochs.clear();
            known.version = 0;
        }
        const auto kept = step.disk().directory.version;
        if (kept < known.kept) {
            return fmt::format("{} had version {} on its disk and has {}", step.name(), known.kept,
                               kept);
        }
        known.kept = kept;
        const auto version = step.machine().version();
        if (version < known.version) {
            return fmt::format("{} had version {} of the map and has {}", step.name(),
                               known.version, version);
        }
        known.version = version;
        step.forEachSent<Do>([&](NodeId, const Do& ask) {
            const auto& key = kv::keyOf(ask.operation);
            auto& epoch = known.epochs[key];
            if (step.machine().role() == Role::Router && ask.epoch != 0 && ask.epoch < epoch
                && !verdict) {
                verdict = fmt::format("{} asks for {} as of change {}, and knew of change {}",
                                      step.name(), key, ask.epoch, epoch);
            }
            epoch = std::max(epoch, ask.epoch);
        });
        return verdict;
    }

private:
    struct Known
    {
        Epoch version = 0;
        Epoch kept = 0;
        std::map<std::string, Epoch> epochs{}; ///< by key
    };
    std::map<NodeId, Known> m_known;
};

/// The map gives each key to one storage node.
class WholeMap
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.there() || step.machine().role() != Role::MapService
            || step.machine().version() == m_version) {
            return std::nullopt;
        }
        m_version = step.machine().version();
        Point reached;
        bool ended = false;
        for (const auto& place : step.machine().directory().places) {
            if (place.begin != reached || ended) {
                return fmt::format("version {} of the map has shard {} from '{}' on, expected one "
                                   "from '{}' on",
                                   m_version, place.shard, place.begin, reached);
            }
            if (!place.end.empty() && place.end <= place.begin) {
                return fmt::format("version {} of the map has shard {} from '{}' to '{}'",
                                   m_version, place.shard, place.begin, place.end);
            }
            if (!place.owner) {
                return fmt::format("version {} of the map gives shard {} to nobody", m_version,
                                   place.shard);
            }
            reached = place.end;
            ended = place.end.empty();
        }
        if (!ended) {
            return fmt::format("version {} of the map ends at '{}'", m_version, reached);
        }
        return std::nullopt;
    }

private:
    Epoch m_version = 0;
};

class LimitedMoves
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.there() || step.machine().role() != Role::MapService) {
            return std::nullopt;
        }
        const auto moves =
            std::ranges::count_if(step.machine().directory().changes, [](const auto& each) {
                return each.second.kind == ChangeKind::Move;
            });
        const auto most = step.machine().parameters().concurrentMoves;
        if (moves > static_cast<std::ptrdiff_t>(most)) {
            return fmt::format("{} shards move at once, at most {} may", moves, most);
        }
        return std::nullopt;
    }
};

/// Monotonicity: where a bucket is added an item may move to it, but not from one old bucket to
/// another (Karger et al. 1997, §4).
class MonotoneResizing
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        std::optional<Resize> resize;
        step.forEachWritten<SetStore>([&](const SetStore& write) {
            if (write.resize.monotone) {
                resize = write.resize;
            }
        });
        if (!resize) {
            return verdict;
        }
        step.forEachWritten<SetWishes>([&](const SetWishes& write) {
            const bool its = write.wishes.size() == std::exchange(resize->shards, 0);
            for (const auto& wish : its ? write.wishes : std::vector<Wish>{}) {
                const bool right =
                    wish.was == wish.to || (resize->joins ? wish.to : wish.was) == resize->node;
                if (!right && !verdict) {
                    verdict =
                        fmt::format("{} {}, and shard {} is to move from {} to {}",
                                    step.name(resize->node), resize->joins ? "joins" : "leaves",
                                    wish.shard, step.name(wish.was), step.name(wish.to));
                }
            }
        });
        return verdict;
    }
};

} // namespace

void addOwnershipInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<OneOwner>(list, "one owner",
                           "Whoever answers for a key is its only owner at that instant.",
                           "Chang et al. 2006, §5.2; Corbett et al. 2012, §2.2");
    addInvariant<VersionsOnlyGrow>(
        list, "versions only grow",
        "No node's version of the map goes back, nor what a router goes by.",
        "Chang et al. 2006, §5.1");
    addInvariant<WholeMap>(list, "the map is whole", "The map gives each key to exactly one node.",
                           "Chang et al. 2006, §5; Karger et al. 1997, §4");
    addInvariant<LimitedMoves>(list, "limited moves",
                               "No more shards move at once than concurrentMoves allows.",
                               "DeCandia et al. 2007, §6.5");
    addInvariant<MonotoneResizing>(
        list, "monotone resizing",
        "A strategy that promises it moves keys only to a node that joins, and only from one that "
        "leaves.",
        "Karger et al. 1997, §4; Thaler and Ravishankar 1998");
}

} // namespace lightcone::protocols::partitioning
