#include "engine/picture/minimap.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace lightcone::picture {

namespace {

constexpr double margin = 4;
constexpr double bar = 7;
constexpr double rowHeight = 20;

} // namespace

double MinimapScale::x(Instant instant) const
{
    const auto whole =
        static_cast<double>(std::max<std::int64_t>(1, end.time_since_epoch().count()));
    return margin
        + static_cast<double>(instant.time_since_epoch().count()) / whole * (width - 2 * margin);
}

Instant MinimapScale::at(double place) const
{
    const double share = std::clamp((place - margin) / std::max(1.0, width - 2 * margin), 0.0, 1.0);
    return Instant(
        Duration(std::llround(share * static_cast<double>(end.time_since_epoch().count()))));
}

Drawing minimap(const TimelineIndex& index, const MinimapScale& scale, Instant viewFirst,
                Instant viewLast, Instant cursor, const std::vector<std::uint32_t>* matches)
{
    Drawing drawing;
    drawing.width = scale.width;
    drawing.height = scale.height;
    const Subject subject{Subject::Kind::Minimap};
    const Rect frame{0.5, 0.5, scale.width - 1, scale.height - 1};
    drawing.add(RectItem{frame, 5, {Ink::Ground}, true, {Ink::Line, 1}, true}, subject);
    if (index.size() == 0) {
        return drawing;
    }
    struct Column
    {
        double x;
        std::uint64_t count;
        bool found;
    };
    std::vector<Column> columns;
    std::uint64_t most = 1;
    auto before = EventId(1);
    for (double x = margin; x + bar <= scale.width - margin; x += bar) {
        const bool last = x + 2 * bar > scale.width - margin;
        const auto next =
            last ? EventId(index.size() + 1) : index.firstAtOrAfter(scale.at(x + bar));
        bool found = false;
        if (matches != nullptr && next > before) {
            const auto [low, high] =
                TimelineIndex::between(*matches, before, EventId(next.value - 1));
            found = low != high;
        }
        columns.push_back({x, next.value - before.value, found});
        most = std::max(most, next.value - before.value);
        before = next;
    }
    const double room = scale.height - 8;
    for (const auto& column : columns) {
        if (column.count == 0) {
            continue;
        }
        const double share =
            std::sqrt(static_cast<double>(column.count) / static_cast<double>(most));
        const double height = std::max(2.0, std::round(room * share));
        const auto ink = column.found ? Ink::Cursor : Ink::Calm;
        drawing.add(RectItem{{column.x, scale.height - 4 - height, bar - 1, height},
                             0,
                             {ink, column.found ? 0.8 : 0.42}},
                    subject);
    }
    double free = -1;
    for (std::size_t i = 0; i < index.landmarks().size();) {
        const auto& event = index.trace()[EventId(index.landmarks()[i])];
        const double x = scale.x(event.at);
        const bool fault = event.kind == trace::Kind::Crash || event.kind == trace::Kind::Cut
            || event.kind == trace::Kind::Violation || event.kind == trace::Kind::Gap;
        if (fault && x >= free) {
            drawing.add(RectItem{{std::round(x) - 1, 2, 2, scale.height - 4}, 0, {Ink::Bad}},
                        subject);
            free = x + 3;
            // On to what a marker of its own could show.
            const auto next = index.firstAtOrAfter(scale.at(free));
            i = std::max(
                i + 1,
                TimelineIndex::between(index.landmarks(), next, EventId(index.size())).first);
            continue;
        }
        ++i;
    }
    const double at = scale.x(cursor);
    drawing.add(LineItem{{at, 2}, {at, scale.height - 2}, {Ink::Cursor, 1}, false}, subject);
    const double from = std::clamp(scale.x(viewFirst), 0.0, scale.width - 6);
    const double to = std::clamp(scale.x(viewLast), from + 6, scale.width);
    drawing.add(RectItem{{from, 1, to - from, scale.height - 2},
                         4,
                         {Ink::Cursor, 0.07},
                         true,
                         {Ink::Cursor, 1.4},
                         true},
                subject);
    return drawing;
}

double branchesHeight(std::size_t branches)
{
    return branches < 2 ? 0 : 6 + rowHeight * static_cast<double>(branches);
}

Drawing branches(const std::vector<BranchLine>& lines, double width, double left, Instant cursor,
                 const std::string& title, const TextMeasure& measure)
{
    Drawing drawing;
    drawing.width = width;
    drawing.height = branchesHeight(lines.size());
    Instant end{Duration(1)};
    for (const auto& line : lines) {
        end = std::max(end, line.to);
    }
    drawing.add(TextItem{{4, 3 + rowHeight / 2 + 4}, title, Ink::Muted, 11.5, Typeface::UiBold});
    const double room = std::max(1.0, width - left - 220);
    const auto x = [&](Instant instant) {
        return left
            + room * static_cast<double>(instant.time_since_epoch().count())
            / static_cast<double>(end.time_since_epoch().count());
    };
    std::map<std::uint32_t, double> rows;
    double y = 3 + rowHeight / 2;
    for (const auto& line : lines) {
        rows[line.id] = y;
        y += rowHeight;
    }
    for (const auto& line : lines) {
        const Subject subject{Subject::Kind::Branch, {}, {}, {}, line.id};
        const double own = rows[line.id];
        const double from = x(line.from);
        const double to = std::max(x(line.to), from + 4);
        const Stroke stroke{line.current ? Ink::Busy : Ink::Faint, line.current ? 2.2 : 1.6};
        // The whole row answers to the pointer.
        drawing.add(RectItem{{left - 6, own - rowHeight / 2, width - left + 6, rowHeight},
                             3,
                             {Ink::Selected, line.current ? 0.35 : 0.0}},
                    subject);
        const auto parent = rows.find(line.parent);
        if (parent != rows.end() && parent->second < own) {
            PathItem bend;
            const double reach = std::min(18.0, std::max(4.0, to - from));
            for (int i = 0; i <= 12; ++i) {
                const double share = i / 12.0;
                const double eased = share * share * (3 - 2 * share);
                bend.points.push_back(
                    {from + reach * share, parent->second + (own - parent->second) * eased});
            }
            bend.points.push_back({std::max(to, from + reach), own});
            bend.stroke = stroke;
            drawing.add(std::move(bend), subject);
            drawing.add(EllipseItem{{from, parent->second}, 3.5, 3.5, {Ink::Faint}}, subject);
        } else {
            drawing.add(LineItem{{from, own}, {to, own}, stroke, false}, subject);
        }
        if (line.current && cursor >= line.from) {
            const double at = std::clamp(x(cursor), left, left + room);
            drawing.add(EllipseItem{{at, own}, 4.5, 4.5, {Ink::Cursor}}, subject);
        }
        auto name = line.name;
        while (name.size() > 4 && measure.width(name, Typeface::Ui, 10.5) > 200) {
            name.pop_back();
            while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0xC0U) == 0x80U) {
                name.pop_back();
            }
        }
        drawing.add(TextItem{{std::max(to, from) + 12, own + 3.8},
                             name == line.name ? name : name + "…",
                             line.current ? Ink::Busy : Ink::Muted,
                             10.5},
                    subject);
    }
    return drawing;
}

} // namespace lightcone::picture
