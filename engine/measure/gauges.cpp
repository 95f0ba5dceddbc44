#include "engine/measure/gauges.h"

#include "engine/trace/shares.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace lightcone::measure {

using describe::Facet;
using describe::Shape;
using describe::ShapeKind;
using describe::Value;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t mostRows = 20'000;

const Shape& held(const Shape& shape)
{
    return shape.kind == ShapeKind::Optional ? held(*shape.of) : shape;
}

bool isNumber(ShapeKind kind)
{
    return kind == ShapeKind::Int || kind == ShapeKind::UInt || kind == ShapeKind::Real
        || kind == ShapeKind::Duration;
}

bool isContainer(ShapeKind kind)
{
    return kind == ShapeKind::List || kind == ShapeKind::Set || kind == ShapeKind::Map;
}

bool countsElements(Facet facet)
{
    return facet == Facet::Log || facet == Facet::Level || facet == Facet::Badge
        || facet == Facet::WaitingFor || facet == Facet::Progress;
}

void collect(const Shape& record, const std::string& before, std::vector<Gauge>& all)
{
    for (const auto& field : record.fields) {
        const auto& shape = held(*field.shape);
        const auto path = before + field.name;
        if (shape.kind == ShapeKind::Record && field.facet != Facet::Detail) {
            collect(shape, path + ".", all);
        } else if (isNumber(shape.kind) && field.facet != Facet::None
                   && field.facet != Facet::Detail) {
            const bool time = shape.kind == ShapeKind::Duration;
            all.push_back({path, field.facet, Gauge::Of::Value, time});
            if (field.facet == Facet::Committed || field.facet == Facet::Applied) {
                all.push_back({path, field.facet, Gauge::Of::Lag, time});
            }
        } else if (isContainer(shape.kind) && countsElements(field.facet)) {
            all.push_back({path, field.facet, Gauge::Of::Size});
        }
    }
}

bool isUp(const trace::NodeState& node)
{
    return node.life == trace::Life::Up || node.life == trace::Life::Paused;
}

} // namespace

double valueOf(const Gauge& gauge, const Value& state)
{
    const auto* found = state.exists() ? state.findPath(gauge.path) : nullptr;
    if (found == nullptr || found->isEmptyOptional()) {
        return unknown;
    }
    const auto& value = found->held();
    if (gauge.of == Gauge::Of::Size) {
        const auto size = value.children().size();
        return static_cast<double>(value.kind() == ShapeKind::Map ? size / 2 : size);
    }
    return value.kind() == ShapeKind::Duration ? static_cast<double>(value.asDuration().count())
                                               : value.asReal();
}

std::vector<Gauge> gaugesOf(const describe::ShapePtr& state)
{
    std::vector<Gauge> all;
    if (state && state->kind == ShapeKind::Record) {
        collect(*state, "", all);
        if (auto path = trace::shareIn(state); !path.empty()) {
            all.push_back({std::move(path), Facet::Share, Gauge::Of::Share});
        }
    }
    return all;
}

Readings::Readings(trace::TracePtr trace, std::shared_ptr<const trace::StateSource> states)
    : m_trace(std::move(trace))
    , m_states(std::move(states))
    , m_gauges(gaugesOf(m_trace->about().card.state))
{
}

std::optional<EventId> Readings::eventOf(const Cut& cut, std::size_t bucket, EventId last) const
{
    if (!last || cut.begin(bucket) > (*m_trace)[last].at) {
        return std::nullopt;
    }
    const auto event = std::min(eventAt(*m_trace, cut.begin(bucket + 1) - Duration(1)), last);
    return event ? std::optional(event) : std::nullopt;
}

void Readings::keep(EventId event, const trace::ClusterState& state)
{
    const auto& members = m_trace->about().members;
    Row row;
    for (const auto& gauge : m_gauges) {
        if (gauge.of == Gauge::Of::Share) {
            const auto shares = trace::sharesOf(state);
            for (const auto& member : members) {
                const auto share = shares.find(member.id);
                row.push_back(share != shares.end() ? share->second : unknown);
            }
            continue;
        }
        double farthest = unknown;
        const auto begin = row.size();
        for (const auto& member : members) {
            const auto* node = state.node(member.id);
            const bool up = node != nullptr && isUp(*node);
            row.push_back(up ? valueOf(gauge, node->state) : unknown);
            farthest = std::fmax(farthest, row.back());
        }
        for (auto i = begin; gauge.of == Gauge::Of::Lag && i < row.size(); ++i) {
            row[i] = farthest - row[i];
        }
    }
    if (m_rows.size() >= mostRows) {
        m_rows.clear();
    }
    m_rows[event] = std::move(row);
}

bool Readings::read(const Cut& cut, EventId last, const std::function<bool()>& stop)
{
    if (!m_states || m_gauges.empty()) {
        return true;
    }
    std::vector<EventId> wanted;
    for (std::size_t stride = 16; stride > 0; stride /= 4) {
        wanted.clear();
        for (std::size_t bucket = stride - 1; bucket < cut.count; bucket += stride) {
            const auto event = eventOf(cut, bucket, last);
            const bool known =
                !event || m_rows.contains(*event) || (!wanted.empty() && wanted.back() == *event);
            if (!known) {
                wanted.push_back(*event);
            }
        }
        bool stopped = false;
        m_states->visit(wanted, [&](EventId event, const trace::ClusterState& state) {
            keep(event, state);
            stopped = stop();
            return !stopped;
        });
        if (stopped) {
            return false;
        }
    }
    return true;
}

/// Who is of a kind that has no such log, as a monitor beside its replicas, is not behind.
std::set<std::string> Readings::rolesThatGetOn(std::size_t gauge) const
{
    const auto& members = m_trace->about().members;
    std::set<std::string> roles;
    for (const auto& [event, row] : m_rows) {
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (row[gauge * members.size() + i] > 0) {
                roles.insert(members[i].role);
            }
        }
    }
    return roles;
}

std::vector<Line> Readings::linesOf(std::size_t gauge, const Cut& cut, EventId last) const
{
    const auto& members = m_trace->about().members;
    std::vector<Line> lines;
    for (const auto& member : members) {
        lines.push_back({member.name, std::vector<double>(cut.count, unknown)});
    }
    for (std::size_t bucket = 0; bucket < cut.count; ++bucket) {
        const auto event = eventOf(cut, bucket, last);
        const auto row = event ? m_rows.find(*event) : m_rows.end();
        for (std::size_t i = 0; row != m_rows.end() && i < members.size(); ++i) {
            lines[i].values[bucket] = row->second[gauge * members.size() + i];
        }
    }
    if (m_gauges[gauge].of == Gauge::Of::Lag) {
        const auto roles = rolesThatGetOn(gauge - 1);
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (!roles.empty() && !roles.contains(members[i].role)) {
                lines[i].values.assign(cut.count, unknown);
            }
        }
    }
    return lines;
}

} // namespace lightcone::measure
