#pragma once

#include "engine/node/step.h"
#include "engine/protocols/replication/replication.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step, and what they remember of a run.
namespace lightcone::protocols::replication {

using node::PerPlace;
using node::Verdict;

class Step : public node::Step<Replication>
{
public:
    using node::Step<Replication>::Step;

    /// Whether it is a step of that strategy's node with a state.
    [[nodiscard]] bool isOf(Strategy strategy) const
    {
        return there() && parameters().strategy == strategy;
    }
    [[nodiscard]] const Parameters& parameters() const { return machine().parameters(); }

    /// Requests that the step answered as done, with what it said.
    template <class Function>
    void forEachDone(Function function) const
    {
        forEachAnswer([&](RequestId request, node::Answer answer, const Reply* body) {
            if (answer == node::Answer::Done && body != nullptr) {
                function(request, *body);
            }
        });
    }
};

/// Which writes of the log clients have been told of. An answer leaves when the node's own disk
/// has all that it wrote before: a crash takes back what was only said. Each invariant that needs
/// it keeps its own.
class Acknowledgements
{
public:
    struct Write
    {
        RequestId request{};
        Token place{}; ///< where it stands
        Instant at{}; ///< when the client was told
        NodeId by{};
    };

    struct News
    {
        std::vector<Write> said{}; ///< writes that this step answers
        std::vector<Write> settled{}; ///< writes whose answers have left by now
        std::vector<RequestId> reads{}; ///< reads that this step answers
    };
    News observe(const Step& step);

private:
    using Places = std::vector<Token>;

    void learnPlaces(const Step& step);

    std::map<RequestId, Places> m_asked; ///< where a request stands: a retry stands twice
    std::vector<Write> m_waiting; ///< said, and not settled
    PerPlace<Index> m_applied;
};

/// "n1", for sentences.
std::string nameOf(NodeId node);

/// "put x=1", for sentences.
std::string textOf(const Entry& entry);

// ledger.h's users.
void addServingInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addLogInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addReadInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addQuorumInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);

template <class Checker>
void addInvariant(std::vector<std::unique_ptr<node::Invariant>>& list, std::string name,
                  std::string text, std::string source)
{
    node::InvariantCard card{std::move(name), std::move(text), std::move(source)};
    list.push_back(std::make_unique<node::HostedInvariant<Checker>>(std::move(card), Checker()));
}

} // namespace lightcone::protocols::replication
