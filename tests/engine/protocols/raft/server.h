#pragma once

#include "engine/protocols/raft/raft.h"
#include "tests/support/driven_node.h"

#include <vector>

namespace lightcone::protocols::raft {

/// One Raft server driven by hand.
class Server final : public test::DrivenNode<Raft>
{
public:
    static Parameters quiet()
    {
        Parameters parameters;
        parameters.preVote = false;
        return parameters;
    }

    explicit Server(std::uint32_t number = 1, const Parameters& parameters = quiet())
        : DrivenNode(number, parameters)
    {
    }

    /// Becomes leader of the next term with the votes of n2 and n3.
    void lead()
    {
        fire(Timer::Election);
        const auto term = machine().term();
        receive(2, Vote{term, true});
        receive(3, Vote{term, true});
    }

    /// What the last step wrote of that kind.
    template <class T>
    [[nodiscard]] std::vector<T> written() const
    {
        std::vector<T> found;
        for (auto& [record, sync] : DrivenNode::written<T>()) {
            found.push_back(std::move(record));
        }
        return found;
    }
};

/// No-ops of these terms: a log.
inline Entries logOf(std::initializer_list<Term> terms)
{
    Entries log;
    for (const auto term : terms) {
        log.push_back(Entry{term, {}, NoOp{}});
    }
    return log;
}

/// The terms of a log.
inline std::vector<Term> termsOf(const Entries& log)
{
    std::vector<Term> terms;
    for (const auto& entry : log) {
        terms.push_back(entry.term);
    }
    return terms;
}

} // namespace lightcone::protocols::raft
