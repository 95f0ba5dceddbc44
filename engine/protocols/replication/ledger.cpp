#include "engine/protocols/replication/ledger.h"

#include "engine/describe/text.h"

#include <algorithm>

namespace lightcone::protocols::replication {

void Acknowledgements::learnPlaces(const Step& step)
{
    constexpr std::uint32_t remembered = 16;
    step.forEachWritten<Append>([&](const Append& write) {
        for (std::size_t i = 0; i < write.entries.size(); ++i) {
            const auto& request = write.entries[i].request;
            const Token place{write.entries[i].epoch, write.first + i};
            auto& places = m_asked[request];
            if (std::find(places.begin(), places.end(), place) == places.end()) {
                places.push_back(place);
            }
            if (request.sequence > remembered) {
                const RequestId old{request.client, request.sequence - remembered};
                m_asked.erase(m_asked.lower_bound({request.client, 0}), m_asked.lower_bound(old));
            }
        }
    });
}

/// A retry may stand in the log twice: it is the copy that was executed in this step that is
/// acknowledged.
Acknowledgements::News Acknowledgements::observe(const Step& step)
{
    const auto& machine = step.machine();
    auto& applied = m_applied[step.place()];
    if (step.restarted()) {
        applied = std::min(applied, machine.applied());
        std::erase_if(m_waiting, [&](const Write& each) { return each.by == step.node(); });
    }
    learnPlaces(step);
    News news;
    step.forEachDone([&](RequestId request, const Reply&) {
        const auto asked = m_asked.find(request);
        if (asked == m_asked.end()) {
            news.reads.push_back(request);
            return;
        }
        for (const auto& place : asked->second) {
            const bool isNew = place.index > applied && place.index <= machine.applied();
            if (isNew && machine.holds(place)) {
                news.said.push_back({request, place, step.at(), step.node()});
                return;
            }
        }
    });
    applied = machine.applied();
    m_waiting.insert(m_waiting.end(), news.said.begin(), news.said.end());
    std::erase_if(m_waiting, [&](const Write& each) {
        const auto* disk = step.diskOf(each.by);
        const auto* entry = disk != nullptr ? disk->at(each.place.index) : nullptr;
        const bool settled = disk != nullptr
            && (each.place.index < disk->logStart
                || (entry != nullptr && entry->epoch == each.place.epoch));
        if (settled) {
            news.settled.push_back(each);
        }
        return settled;
    });
    return news;
}

std::string nameOf(NodeId node)
{
    return fmt::format("n{}", node.value);
}

std::string textOf(const Entry& entry)
{
    return describe::brief(describe::toValue(entry.command));
}

std::vector<std::unique_ptr<node::Invariant>> Replication::invariants(const node::SetupPtr&)
{
    std::vector<std::unique_ptr<node::Invariant>> list;
    addServingInvariants(list);
    addLogInvariants(list);
    addReadInvariants(list);
    addQuorumInvariants(list);
    return list;
}

} // namespace lightcone::protocols::replication
