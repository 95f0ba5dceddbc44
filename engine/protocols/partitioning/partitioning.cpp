#include "engine/protocols/partitioning/partitioning.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace lightcone::protocols::partitioning {
namespace {

template <class T>
constexpr bool isOperators =
    std::is_same_v<
        T,
        Add> || std::is_same_v<T, Drain> || std::is_same_v<T, Lose> || std::is_same_v<T, Move> || std::is_same_v<T, Split> || std::is_same_v<T, Merge> || std::is_same_v<T, Rebalance>;

} // namespace

Partitioning::Partitioning(node::Seat<Partitioning> seat)
    : m_seat(std::move(seat))
    , m_placement(std::make_shared<const Placement>(m_seat.parameters()))
{
    const auto map = mapService();
    m_role = self() < map ? Role::Router : self() == map ? Role::MapService : Role::Storage;
}

void Partitioning::onStart(const Moment& moment, const Durable& disk, Out& out)
{
    m_directory = disk.directory;
    m_holdings = disk.holdings;
    switch (m_role) {
    case Role::Router:
        askMap(out);
        break;
    case Role::MapService:
        foundMap(moment, out);
        break;
    case Role::Storage:
        foundStore(out);
        m_reportedAt = moment.now;
        report(moment, out);
        break;
    }
}

void Partitioning::onMessage(const Moment& moment, NodeId from, const Message& message, Out& out)
{
    std::visit([&](const auto& held) { onMessage(moment, from, held, out); }, message);
}

void Partitioning::onTimer(const Moment& moment, Timer timer, std::uint64_t about, Out& out)
{
    switch (timer) {
    case Timer::Again:
        tryAgain(about, out);
        break;
    case Timer::Drive:
        driveAll(moment, out);
        break;
    case Timer::Report:
        report(moment, out);
        break;
    case Timer::Resend:
        sendPiece(about, out);
        break;
    case Timer::Discard:
        if (const auto shard = m_holdings.shards.find(about);
            shard != m_holdings.shards.end() && shard->second.standing == Standing::Retired) {
            commit(Discard{about}, out);
        }
        break;
    }
}

void Partitioning::onRequest(const Moment& moment, RequestId id, const Request& request, Out& out)
{
    std::visit(
        [&](const auto& held) {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (isOperators<Held>) {
                if (m_role != Role::MapService) {
                    out.redirect(id, mapService());
                } else if (!repeatAnswer(id, out)) {
                    operate(moment, id, held, out);
                }
            } else if (m_role != Role::Router) {
                // Clients spread over the routers.
                const auto turn = (id.client.value - firstClient) % parameters().routers;
                out.redirect(id, routerId(turn + 1));
            } else if constexpr (std::is_same_v<Held, Scan>) {
                gather(moment, id, Query{held.from, held.to, held.columns},
                       m_placement->spansOfRows(held.from, held.to, held.columns), out);
            } else if constexpr (std::is_same_v<Held, Project>) {
                gather(moment, id, Query{held.row, std::nullopt, held.columns},
                       m_placement->pointsOfRow(held.row, held.columns), out);
            } else {
                route(moment, id, held, out);
            }
        },
        request);
}

void Partitioning::commit(Write write, Out& out)
{
    perform(write, m_directory, m_holdings);
    m_version = std::max(m_version, m_directory.version);
    out.write(std::move(write));
}

std::string Partitioning::nameOf(NodeId node) const
{
    const auto* member = m_seat.setup->member(node);
    return member != nullptr ? member->name : fmt::format("n{}", node.value);
}

} // namespace lightcone::protocols::partitioning
