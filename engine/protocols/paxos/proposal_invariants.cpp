#include "engine/protocols/paxos/ledger.h"

#include <algorithm>
#include <map>
#include <utility>

// What always holds of ballots, promises and proposals. Each looks only at the node that has just
// made a step, and only at what is new there.
namespace lightcone::protocols::paxos {
namespace {

class UniqueBallots
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        const auto look = [&](Ballot ballot) {
            const auto [found, fresh] = m_owners.emplace(ballot, step.node());
            if (!fresh && found->second != step.node() && !verdict) {
                verdict = fmt::format("{} uses ballot {}, which is {}'s", nameOf(step.node()),
                                      ballot, nameOf(found->second));
            }
        };
        auto& newest = m_newest[step.place()];
        const auto lookOnce = [&](NodeId, const auto& message) {
            if (message.ballot != newest) {
                newest = message.ballot;
                look(message.ballot);
            }
        };
        step.forEachSent<Prepare>(lookOnce);
        step.forEachSent<Accept>(lookOnce);
        return verdict;
    }

private:
    PerPlace<Ballot> m_newest;
    std::map<Ballot, NodeId> m_owners;
};

/// A promise counts from when its proposer counts it: then it has left the acceptor.
class PromisesAreKept
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.there()) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        auto& given = m_given[step.place()];
        if (machine.ballot() < given.ballot) {
            const auto promised = std::exchange(given, {});
            return fmt::format("{} has promised ballot {} to {} and knows only of {}",
                               nameOf(step.node()), promised.ballot, nameOf(promised.to),
                               machine.ballot());
        }
        Verdict verdict;
        step.forEachWritten<Vote>([&](const Vote& vote) {
            const auto ballot = vote.entries.empty() ? machine.ballot() : vote.entries[0].ballot;
            if (ballot < given.ballot && !verdict) {
                verdict = fmt::format("{} accepts a proposal of ballot {}, and has promised {}",
                                      nameOf(step.node()), ballot, given.ballot);
            }
        });
        note(step, machine);
        return verdict;
    }

private:
    struct Given
    {
        Ballot ballot = 0;
        NodeId to{};
    };

    void note(const Step& step, const Paxos& machine)
    {
        if (machine.role() != Role::Preparing && machine.role() != Role::Leader
            && machine.role() != Role::Proposing) {
            return;
        }
        const auto& promised =
            machine.role() == Role::Preparing ? machine.votes() : machine.promisedBy();
        for (std::size_t place = 0; place < step.nodes().size(); ++place) {
            const auto node = step.nodes()[place].id;
            if (node != step.node() && promised.contains(node)
                && m_given[place].ballot < machine.ballot()) {
                m_given[place] = {machine.ballot(), step.node()};
            }
        }
    }

    PerPlace<Given> m_given;
};

class Validity
{
public:
    static constexpr bool needsWholeRun = true;

    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        for (const auto& want : step.machine().wants()) {
            remember(want);
        }
        // A node that is a quorum of its own answers in the step in which it was asked.
        NodeSet answered;
        const auto note = [&](RequestId request, const auto&) { answered.insert(request.client); };
        step.forEachReply<kv::Result>(note);
        step.forEachReply<Decision>(note);
        step.forEachWritten<Vote>([&](const Vote& vote) {
            for (std::size_t i = 0; i < vote.entries.size() && !verdict; ++i) {
                const auto& entry = vote.entries[i];
                if (answered.contains(entry.request.client)) {
                    remember({entry.request, entry.command, 0});
                }
                if (!isProposed(entry)) {
                    verdict = fmt::format("{} accepts {} in slot {}, which nobody has asked for",
                                          nameOf(step.node()), textOf(entry), vote.first + i);
                }
            }
        });
        return verdict;
    }

private:
    using Asked = std::deque<std::pair<std::uint32_t, Command>>;

    void remember(const Want& want)
    {
        auto& asked = m_asked[want.request.client];
        const auto found = std::find_if(asked.rbegin(), asked.rend(), [&](const auto& each) {
            return each.first == want.request.sequence;
        });
        if (found == asked.rend()) {
            asked.emplace_back(want.request.sequence, want.command);
            if (asked.size() > mostKept) {
                asked.pop_front();
                m_forgets = true;
            }
        }
    }

    [[nodiscard]] bool isProposed(const Entry& entry) const
    {
        if (std::holds_alternative<NoOp>(entry.command)) {
            return true;
        }
        const auto client = m_asked.find(entry.request.client);
        if (client == m_asked.end()) {
            return false;
        }
        const auto& asked = client->second;
        const auto found = std::find_if(asked.rbegin(), asked.rend(), [&](const auto& each) {
            return each.first == entry.request.sequence;
        });
        // A client has one operation under way: what it asked for long ago cannot be told.
        return found == asked.rend() ? m_forgets && entry.request.sequence < asked.front().first
                                     : found->second == entry.command;
    }

    static constexpr std::size_t mostKept = 64;

    std::map<NodeId, Asked> m_asked;
    bool m_forgets = false;
};

/// P2c, with the acceptors on whose promises the proposal rests as its set S.
class ValuesFollowPromises
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        auto& proposer = m_proposers[step.place()];
        const auto& machine = step.machine();
        if (!std::exchange(proposer.looked, true)) {
            proposer.unseen = machine.ballot();
        }
        if (machine.role() == Role::Preparing && proposer.ballot != machine.ballot()) {
            // What its own acceptor has accepted before it accepts its own proposals.
            proposer = {machine.ballot(), machine.log(), machine.logStart(), {}, 0, true};
        }
        step.forEachSent<Accept>([&](NodeId, const Accept& message) {
            if (message.ballot != machine.ballot() || message.ballot == proposer.unseen
                || verdict) {
                return;
            }
            for (std::size_t i = 0; i < message.entries.size() && !verdict; ++i) {
                const auto slot = message.first + i;
                if (proposer.issued.insert(slot).second) {
                    verdict = judge(step, proposer, slot, message.entries[i]);
                }
            }
            trim(proposer, machine.chosenIndex());
        });
        return verdict;
    }

private:
    struct Proposer
    {
        Ballot ballot = 0;
        Slots log{};
        Slot logStart = 1;
        boost::container::flat_set<Slot> issued{};
        Ballot unseen = 0; ///< what was accepted before it is not known
        bool looked = false;
    };

    static void trim(Proposer& proposer, Slot chosen)
    {
        constexpr std::size_t enough = 256;
        if (proposer.issued.size() > enough) {
            proposer.issued.erase(proposer.issued.begin(), proposer.issued.lower_bound(chosen + 1));
        }
    }

    static Verdict judge(const Step& step, Proposer& proposer, Slot slot, const Entry& issued)
    {
        const Entry* highest = nullptr;
        NodeId holder{};
        for (const auto node : step.machine().promisedBy()) {
            const auto* machine = step.machineOf(node);
            if (machine == nullptr) {
                continue;
            }
            const bool own = node == step.node();
            const auto* entry =
                own ? LogPlace{proposer.log, proposer.logStart}.at(slot) : machine->entryAt(slot);
            const bool unclear = !own
                && (machine->knows(slot) || (entry != nullptr && entry->ballot >= issued.ballot));
            if (unclear) {
                return std::nullopt; // It has gone on since it promised.
            }
            if (entry != nullptr && !entry->isGap()
                && (highest == nullptr || entry->ballot > highest->ballot)) {
                highest = entry;
                holder = node;
            }
        }
        if (highest == nullptr || sameValue(*highest, issued)) {
            return std::nullopt;
        }
        return fmt::format("{} proposes {} in slot {} with ballot {}, although {}, which promised "
                           "it, had accepted {} with ballot {}",
                           nameOf(step.node()), textOf(issued), slot, issued.ballot, nameOf(holder),
                           textOf(*highest), highest->ballot);
    }

    PerPlace<Proposer> m_proposers;
};

} // namespace

void addProposalInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<UniqueBallots>(list, "ballots are unique",
                                "No two proposers ever use the same ballot.",
                                "The Part-Time Parliament, B1; Paxos Made Simple, §2.5");
    addInvariant<PromisesAreKept>(
        list, "promises are kept",
        "An acceptor never forgets a promise, and never accepts a proposal below it.",
        "Paxos Made Simple, §2.2, P1a");
    addInvariant<Validity>(list, "validity", "Only a value that has been proposed may be chosen.",
                           "Paxos Made Simple, §2.1");
    addInvariant<ValuesFollowPromises>(
        list, "values follow promises",
        "A proposal has the value of the highest-numbered one that its quorum had accepted, if "
        "there is any.",
        "Paxos Made Simple, §2.2, P2c");
}

} // namespace lightcone::protocols::paxos
