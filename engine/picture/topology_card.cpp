#include "engine/picture/topology_card.h"

#include "engine/core/time.h"
#include "engine/describe/text.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace lightcone::picture {

using describe::Facet;
using describe::ShapeKind;
using describe::Value;
using trace::Life;

Extent extentOf(CardSize size)
{
    switch (size) {
    case CardSize::Large:
        return {178, 74};
    case CardSize::Medium:
        return {124, 50};
    case CardSize::Small:
        break;
    }
    return {76, 28};
}

std::string fitted(const TextMeasure& measure, const std::string& text, Typeface face, double size,
                   double room)
{
    if (measure.width(text, face, size) <= room) {
        return text;
    }
    for (auto end = text.size(); end > 0; --end) {
        if ((static_cast<unsigned char>(text[end - 1]) & 0xC0U) == 0x80U
            || (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)) {
            continue;
        }
        const auto shorter = text.substr(0, end) + "…";
        if (measure.width(shorter, face, size) <= room) {
            return shorter;
        }
    }
    return {};
}

namespace {

/// A value's first part with that facet, however deep.
const Value* findDeep(const Value& value, Facet facet, int depth = 4)
{
    if (const auto* found = value.findFacet(facet)) {
        return found;
    }
    if (depth == 0) {
        return nullptr;
    }
    const auto& held = value.held();
    if (!held.exists() || held.kind() != ShapeKind::Record) {
        return nullptr;
    }
    for (const auto& child : held.children()) {
        if (const auto* found = findDeep(child, facet, depth - 1)) {
            return found;
        }
    }
    return nullptr;
}

/// "x=5" of an entry that puts x to 5; "green" of one that only carries that; "delete x"; "no-op".
std::string entryText(const Value& entry, const describe::NodeNames& names)
{
    const auto* key = findDeep(entry, Facet::Key);
    const auto* content = findDeep(entry, Facet::Content);
    if (key != nullptr && content != nullptr) {
        return describe::brief(*key, names) + "=" + describe::brief(*content, names);
    }
    if (key == nullptr && content != nullptr) {
        return describe::brief(*content, names);
    }
    const auto& held = entry.held();
    if (held.exists() && held.kind() == ShapeKind::Record) {
        const auto& fields = held.shape()->fields;
        for (std::size_t i = 0; i < fields.size() && i < held.children().size(); ++i) {
            if (fields[i].facet == Facet::None) {
                return describe::brief(held.children()[i], names);
            }
        }
    }
    return describe::brief(entry, names);
}

std::optional<std::uint64_t> numberOf(const Value& state, Facet facet)
{
    const auto* field = state.exists() ? state.findFacet(facet) : nullptr;
    if (field == nullptr || !field->held().exists()) {
        return std::nullopt;
    }
    const auto& held = field->held();
    if (held.kind() == ShapeKind::UInt) {
        return held.asUInt();
    }
    if (held.kind() == ShapeKind::Int && held.asInt() >= 0) {
        return static_cast<std::uint64_t>(held.asInt());
    }
    return std::nullopt;
}

/// "T" of the field "term".
std::string initialOf(const Value& state, Facet facet)
{
    const auto index = state.shape()->fieldWith(facet);
    if (!index || state.shape()->fields[*index].name.empty()) {
        return {};
    }
    const char letter = state.shape()->fields[*index].name[0];
    return {letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter};
}

/// Draws the parts of one member's card.
class Card
{
public:
    Card(Drawing& drawing, const CardContext& context, const trace::NodeState& node, Rect rect,
         CardSize size)
        : m_drawing(drawing)
        , m_context(context)
        , m_node(node)
        , m_rect(rect)
        , m_size(size)
        , m_subject{Subject::Kind::Node, node.lastStep, node.id}
        , m_down(node.life == Life::Crashed || node.life == Life::NotStarted)
    {
    }

    void draw()
    {
        readRole();
        border();
        title(share(epoch()));
        if (m_size != CardSize::Small) {
            timer();
            body();
        }
        conditions();
        if (m_node.life == Life::Crashed) {
            add(MarkItem{Mark::Crash, {m_rect.x + 2, m_rect.y + 2}, 15, Ink::Bad});
        } else if (m_node.life == Life::Paused) {
            add(MarkItem{Mark::Pause, {m_rect.x + 2, m_rect.y + 2}, 15, Ink::Strong});
        }
    }

private:
    void add(Shape shape) { m_drawing.add(std::move(shape), m_subject); }

    void readRole()
    {
        const auto* role = m_node.state.exists() ? m_node.state.findFacet(Facet::Role) : nullptr;
        if (role != nullptr && role->held().exists() && role->held().kind() == ShapeKind::Enum) {
            const auto& held = role->held();
            const auto index = held.asUInt();
            if (index < held.shape()->enumerators.size()) {
                m_role = spoken(held.shape()->enumerators[index].name);
                m_tone = held.shape()->enumerators[index].tone;
            }
        }
        if (m_role.empty()) {
            for (const auto& member : m_context.about.members) {
                m_role = member.id == m_node.id ? member.role : m_role;
            }
        }
        const auto& words = m_context.options.words;
        if (m_node.life == Life::Crashed) {
            m_role = words.isCrashed;
        } else if (m_node.life == Life::Paused) {
            m_role = words.isPaused;
        } else if (m_node.life == Life::NotStarted) {
            m_role = words.notStarted;
        }
    }

    [[nodiscard]] bool plain() const
    {
        return m_tone == describe::Tone::Neutral || m_tone == describe::Tone::Calm;
    }

    void border()
    {
        const double radius = m_size == CardSize::Small ? 6 : 10;
        if (m_context.options.selected == m_node.id) {
            add(RectItem{m_rect.grown(4), radius + 4, {}, false, {Ink::Cursor, 1.4}, true});
        }
        if (m_down) {
            add(RectItem{
                m_rect, radius, {Ink::Ground}, true, {Ink::Faint, 1.2, Dash::Dashed}, true});
            return;
        }
        const bool paused = m_node.life == Life::Paused;
        const auto ink = paused ? Ink::Faint : plain() ? Ink::Line : inkOf(m_tone);
        const auto dash = paused ? Dash::Dotted : Dash::Solid;
        add(RectItem{m_rect, radius, {Ink::Raised}, true, {ink, plain() ? 1.2 : 2, dash}, true});
        // Who has authority is seen without colours too: a border within the border.
        if (m_tone == describe::Tone::Strong && !paused) {
            add(RectItem{m_rect.grown(-3.5), radius - 3, {}, false, {ink, 1}, true});
        }
    }

    /// Gives where the badge begins.
    double epoch()
    {
        const double right = m_rect.x + m_rect.width - (m_size == CardSize::Large ? 10 : 7);
        const auto number =
            m_node.state.exists() ? numberOf(m_node.state, Facet::Epoch) : std::nullopt;
        if (!number) {
            return right;
        }
        const auto text = initialOf(m_node.state, Facet::Epoch) + std::to_string(*number);
        const double size = m_size == CardSize::Small ? 9.5 : 10.5;
        const double height = m_size == CardSize::Large ? 18 : 15;
        const double least = m_size == CardSize::Large ? 28 : 20;
        const double width =
            std::max(least, m_context.measure.width(text, Typeface::UiBold, size) + 10);
        const double y = m_rect.y + (m_size == CardSize::Large ? 7 : 6);
        const Rect badge{right - width, y, width, height};
        add(RectItem{badge, 4, {m_down ? Ink::Selected : epochInk(*number), m_down ? 0.5 : 1.0}});
        add(TextItem{{badge.x + width / 2, y + height / 2 + size * 0.36},
                     text,
                     m_down ? Ink::Faint : Ink::Text,
                     size,
                     Typeface::UiBold,
                     Align::Centre});
        return badge.x;
    }

    /// What part of all falls on it; left of the epoch. Gives where it begins.
    double share(double right)
    {
        const auto part = m_context.shares.find(m_node.id);
        if (part == m_context.shares.end()) {
            return right;
        }
        const auto text = std::to_string(std::lround(100 * part->second)) + "%";
        const bool large = m_size == CardSize::Large;
        const double size = m_size == CardSize::Small ? 9.5 : 10.5;
        const double height = large ? 18 : 15;
        const double width = m_context.measure.width(text, Typeface::UiBold, size) + 10;
        const auto end = m_rect.x + m_rect.width - (large ? 10 : 7);
        const double left = (right < end ? right - 4 : right) - width;
        const Rect badge{left, m_rect.y + (large ? 7 : 6), width, height};
        add(RectItem{badge, 4, {m_down ? Ink::Faint : Ink::Calm, 0.16}});
        add(TextItem{{left + width / 2, badge.y + height / 2 + size * 0.36},
                     text,
                     m_down ? Ink::Faint : Ink::Calm,
                     size,
                     Typeface::UiBold,
                     Align::Centre});
        return left;
    }

    void title(double badgeLeft)
    {
        const bool large = m_size == CardSize::Large;
        const double size = large ? 14 : m_size == CardSize::Medium ? 12.5 : 11.5;
        const double left = m_rect.x + (large ? 12 : 9);
        const double base = m_rect.y + (large ? 21 : m_size == CardSize::Medium ? 18 : 18.5);
        const auto& measure = m_context.measure;
        const auto name = fitted(measure, m_context.about.nameOf(m_node.id), Typeface::UiBold, size,
                                 badgeLeft - left - 4);
        add(TextItem{{left, base}, name, m_down ? Ink::Faint : Ink::Text, size, Typeface::UiBold});
        if (m_size == CardSize::Small) {
            return;
        }
        const double roleSize = large ? 11.5 : 10.5;
        const double from = left + measure.width(name, Typeface::UiBold, size) + (large ? 8 : 6);
        auto text = m_role + votes();
        if (measure.width(text, Typeface::Ui, roleSize) > badgeLeft - from - 6) {
            text = fitted(measure, m_role, Typeface::Ui, roleSize, badgeLeft - from - 6);
        }
        const auto ink = m_node.life == Life::Crashed ? Ink::Bad
            : m_down                                  ? Ink::Faint
            : plain()                                 ? Ink::Muted
                                                      : inkOf(m_tone);
        add(TextItem{{from, base}, text, ink, roleSize});
    }

    /// " 2/3" while votes are being gathered.
    [[nodiscard]] std::string votes() const
    {
        const auto* set = m_node.state.exists() ? m_node.state.findFacet(Facet::Votes) : nullptr;
        if (set == nullptr || m_down || set->held().children().empty()) {
            return {};
        }
        const auto count = set->held().children().size();
        const auto needed = numberOf(m_node.state, Facet::Quorum);
        if (!needed || count >= *needed) {
            return {};
        }
        return " " + std::to_string(count) + "/" + std::to_string(*needed);
    }

    void timer()
    {
        if (m_down || m_node.timers.empty()) {
            return;
        }
        const auto soonest = std::ranges::min_element(
            m_node.timers, {}, [](const trace::ArmedTimer& timer) { return timer.due; });
        const double whole = static_cast<double>((soonest->due - soonest->armed).count());
        const double gone = static_cast<double>((m_context.options.now - soonest->armed).count());
        const double left = whole > 0 ? std::clamp(1 - gone / whole, 0.0, 1.0) : 0;
        const bool large = m_size == CardSize::Large;
        const double radius = large ? 8 : 5.5;
        const Point centre{m_rect.x + m_rect.width - (large ? 20 : 14),
                           m_rect.y + m_rect.height - (large ? 21 : 13)};
        const double width = large ? 3 : 2.2;
        add(ArcItem{centre, radius, 0, 360, {Ink::Line, width}});
        if (left > 0.002) {
            add(ArcItem{centre, radius, 0, 360 * left, {Ink::Cursor, width}});
        }
        m_bodyRight = centre.x - radius - 8;
    }

    void body()
    {
        if (!m_node.state.exists()) {
            return;
        }
        if (m_bodyRight == 0) {
            m_bodyRight = m_rect.x + m_rect.width - 10;
        }
        const auto* log = m_node.state.findFacet(Facet::Log);
        const bool noLog = log == nullptr
            || (log->held().children().empty()
                && numberOf(m_node.state, Facet::LogStart).value_or(1) <= 1);
        if (!noLog) {
            logStrip(log->held());
        } else if (const auto* progress = m_node.state.findFacet(Facet::Progress);
                   progress != nullptr && !progress->held().children().empty()) {
            steps(progress->held());
        } else if (const auto* level = m_node.state.findFacet(Facet::Level);
                   level != nullptr && log == nullptr) {
            gauge(level->held());
        } else {
            words(m_rect.y + (m_size == CardSize::Large ? 48 : 36));
        }
    }

    struct Cell
    {
        std::string text;
        std::uint64_t epoch = 0;
        std::uint64_t index = 0;
        double width = 0;
    };

    [[nodiscard]] Cell cellOf(const Value& entry, std::uint64_t index) const
    {
        Cell cell;
        cell.index = index;
        const auto* epoch = findDeep(entry, Facet::Epoch);
        if (epoch != nullptr && epoch->held().exists() && epoch->held().kind() == ShapeKind::UInt) {
            cell.epoch = epoch->held().asUInt();
        }
        if (m_size == CardSize::Large) {
            const auto text = spoken(entryText(entry, m_context.about.names()));
            cell.text = fitted(m_context.measure, text, Typeface::Data, 9.5, 46);
            const double width = m_context.measure.width(cell.text, Typeface::Data, 9.5) + 10;
            cell.width = std::max(26.0, width);
        } else {
            cell.width = 9;
        }
        return cell;
    }

    /// The last entries that fit, and how far they are committed.
    void logStrip(const Value& log)
    {
        const auto& entries = log.children();
        if (log.kind() != ShapeKind::List) {
            return;
        }
        const bool large = m_size == CardSize::Large;
        const double gap = large ? 3 : 2;
        const double left = m_rect.x + (large ? 12 : 9);
        const double top = m_rect.y + (large ? 35 : 27);
        const double height = large ? 18 : 9;
        const auto start = numberOf(m_node.state, Facet::LogStart).value_or(1);
        const double moreRoom = large ? 26 : 18;
        std::vector<Cell> cells;
        double used = 0;
        for (auto i = entries.size(); i > 0; --i) {
            auto cell = cellOf(entries[i - 1], start + i - 1);
            const double keep = i > 1 || start > 1 ? moreRoom : 0;
            if (left + used + cell.width > m_bodyRight - keep) {
                break;
            }
            used += cell.width + gap;
            cells.insert(cells.begin(), std::move(cell));
        }
        double x = left;
        const auto hidden = start - 1 + entries.size() - cells.size();
        if (hidden > 0) {
            const auto text = fill(m_context.options.words.more, {grouped(hidden)});
            const double size = large ? 9.5 : 8.5;
            add(TextItem{
                {x, top + height / 2 + size * 0.36}, text, Ink::Faint, size, Typeface::Data});
            x += m_context.measure.width(text, Typeface::Data, size) + 4;
        }
        const auto committed = numberOf(m_node.state, Facet::Committed);
        const double first = x;
        double agreed = x;
        for (const auto& cell : cells) {
            const Rect rect{x, top, cell.width, height};
            add(RectItem{rect, large ? 3.0 : 2.0, {m_down ? Ink::Raised : epochInk(cell.epoch)}});
            if (large) {
                add(TextItem{{x + cell.width / 2, top + 12.6},
                             cell.text,
                             m_down ? Ink::Faint : Ink::Text,
                             9.5,
                             Typeface::Data,
                             Align::Centre});
            }
            if (committed && cell.index <= *committed) {
                agreed = x + cell.width;
            }
            x += cell.width + gap;
        }
        const double y = top + height + (large ? 8 : 4);
        if (committed && agreed > first) {
            add(LineItem{{left, y},
                         {agreed, y},
                         {m_down ? Ink::Faint : Ink::Good, large ? 2.5 : 2.0},
                         false});
        }
    }

    struct Stage
    {
        std::string name;
        describe::Tone tone = describe::Tone::Neutral;
    };

    /// A step is known by its text and felt by its enumerator.
    [[nodiscard]] static Stage stageOf(const Value& step)
    {
        Stage stage;
        const auto& held = step.held();
        const auto& parts = held.kind() == ShapeKind::Record ? held.children() : Value::List{held};
        for (const auto& part : parts) {
            if (!part.exists()) {
                continue;
            }
            if (part.kind() == ShapeKind::Enum
                && part.asUInt() < part.shape()->enumerators.size()) {
                stage.tone = part.shape()->enumerators[part.asUInt()].tone;
            } else if (part.kind() == ShapeKind::Text && stage.name.empty()) {
                stage.name = part.asText();
            }
        }
        return stage;
    }

    /// Named steps as a strip that fills and unwinds, seen without colours too: what is ahead is
    /// faint, what is done is full, what is under way is half full, what was taken back is an empty
    /// frame. Badges and whom the node waits for stand below.
    void steps(const Value& list)
    {
        const auto count = list.children().size();
        const bool large = m_size == CardSize::Large;
        const double left = m_rect.x + (large ? 12 : 9);
        if (count == 0 || list.kind() != ShapeKind::List) {
            words(m_rect.y + (large ? 48 : 36));
            return;
        }
        const double gap = large ? 3 : 2;
        const double room = m_bodyRight - left;
        const double least = large ? 12 : 7;
        const auto fit = static_cast<std::size_t>((room + gap) / (least + gap));
        const auto shown = std::min(count, std::max<std::size_t>(1, fit));
        const auto number = static_cast<double>(shown);
        const double most = large ? 46 : 20;
        const double width = std::min(most, (room - gap * (number - 1)) / number);
        const double top = m_rect.y + (large ? 34 : 28);
        for (std::size_t i = 0; i < shown; ++i) {
            const double x = left + static_cast<double>(i) * (width + gap);
            stage(stageOf(list.children()[count - shown + i]),
                  {x, top, width, large ? 18.0 : 10.0});
        }
        if (large) {
            words(m_rect.y + 66);
        }
    }

    void stage(const Stage& stage, const Rect& rect)
    {
        using describe::Tone;
        const double radius = m_size == CardSize::Large ? 3 : 2;
        const bool ahead = stage.tone == Tone::Neutral;
        const bool undone = stage.tone == Tone::Calm;
        const bool underWay = stage.tone == Tone::Busy || stage.tone == Tone::Strong;
        const auto ink = m_down || ahead ? Ink::Faint : inkOf(stage.tone);
        if (!ahead && !undone) {
            auto filled = rect;
            filled.width = underWay ? rect.width / 2 : rect.width;
            add(RectItem{filled, radius, {ink, m_down ? 0.3 : 0.45}});
        }
        add(RectItem{rect,
                     radius,
                     {},
                     false,
                     {ink, ahead ? 0.8 : 1.2, undone ? Dash::Dashed : Dash::Solid},
                     true});
        if (m_size == CardSize::Large && rect.width >= 20) {
            const auto text =
                fitted(m_context.measure, stage.name, Typeface::Data, 9.5, rect.width - 4);
            add(TextItem{{rect.x + rect.width / 2, rect.y + 12.6},
                         text,
                         m_down || ahead ? Ink::Faint : Ink::Text,
                         9.5,
                         Typeface::Data,
                         Align::Centre});
        }
    }

    /// A queue as blocks, one each, and how many more there are.
    void gauge(const Value& level)
    {
        std::uint64_t count = 0;
        if (level.kind() == ShapeKind::UInt) {
            count = level.asUInt();
        } else if (level.isNumber()) {
            count = static_cast<std::uint64_t>(std::max(0.0, level.asReal()));
        } else {
            count = level.children().size();
        }
        const bool large = m_size == CardSize::Large;
        const double left = m_rect.x + (large ? 12 : 9);
        const double top = m_rect.y + (large ? 36 : 28);
        const double height = large ? 12 : 9;
        const double room = m_bodyRight - left - 30;
        const auto fit = static_cast<std::uint64_t>(std::max(0.0, room / 9));
        const auto shown = std::min(count, fit);
        const auto ink = count > fit ? Ink::Bad : Ink::Calm;
        for (std::uint64_t i = 0; i < shown; ++i) {
            add(RectItem{{left + 9.0 * static_cast<double>(i), top, 7, height}, 2, {ink}});
        }
        if (count > shown) {
            add(TextItem{{left + 9.0 * static_cast<double>(shown) + 3, top + height - 2},
                         fill(m_context.options.words.more, {grouped(count - shown)}),
                         ink,
                         10.5,
                         Typeface::Data});
        }
    }

    void words(double base)
    {
        const double left = m_rect.x + (m_size == CardSize::Large ? 12 : 9);
        const auto shown =
            fitted(m_context.measure,
                   stateInWords(m_node.state, m_context.about.names(), m_context.options.words),
                   Typeface::Data, 10.5, m_bodyRight - left);
        if (!shown.empty()) {
            add(TextItem{{left, base}, shown, Ink::Muted, 10.5, Typeface::Data});
        }
    }

    /// Disk and clock, on the lower border.
    void conditions()
    {
        double x = m_rect.x + 10;
        const auto pill = [&](Mark mark, const std::string& text) {
            const double size = 9.5;
            const double width = m_context.measure.width(text, Typeface::Ui, size) + 24;
            const Rect rect{x, m_rect.y + m_rect.height - 7, width, 15};
            if (x + width > m_rect.x + m_rect.width) {
                return;
            }
            add(RectItem{rect, 7.5, {Ink::Ground}, true, {Ink::Bad, 1}, true});
            add(MarkItem{mark, {x + 8.5, rect.y + 7.5}, 11, Ink::Bad});
            add(TextItem{{x + 17, rect.y + 11}, text, Ink::Bad, size});
            x += width + 5;
        };
        if (!m_node.disk.empty()) {
            pill(Mark::Disk, m_node.disk);
        }
        if (m_node.clockOffset != Duration{} || m_node.clockRate != 1.0) {
            auto text = m_node.clockOffset != Duration{}
                ? (m_node.clockOffset > Duration{} ? "+" : "−")
                    + toText(m_node.clockOffset > Duration{} ? m_node.clockOffset
                                                             : -m_node.clockOffset)
                : std::string();
            if (text.empty()) {
                const auto rate = std::to_string(m_node.clockRate);
                text = "×" + rate.substr(0, std::min<std::size_t>(5, rate.size()));
            }
            pill(Mark::Clock, text);
        }
    }

    Drawing& m_drawing;
    const CardContext& m_context;
    const trace::NodeState& m_node;
    Rect m_rect;
    CardSize m_size;
    Subject m_subject;
    bool m_down = false;
    std::string m_role{};
    describe::Tone m_tone = describe::Tone::Neutral;
    double m_bodyRight = 0;
};

} // namespace

void drawCard(Drawing& drawing, const CardContext& context, const trace::NodeState& node,
              const Rect& rect, CardSize size)
{
    Card(drawing, context, node, rect, size).draw();
}

void drawClient(Drawing& drawing, const CardContext& context, NodeId client, const Rect& rect)
{
    const Subject subject{Subject::Kind::Node, {}, client};
    const bool selected = context.options.selected == client;
    drawing.add(RectItem{rect,
                         6,
                         {Ink::Panel},
                         true,
                         {selected ? Ink::Cursor : Ink::Line, selected ? 1.6 : 1.2},
                         true},
                subject);
    const auto name =
        fitted(context.measure, context.about.nameOf(client), Typeface::Ui, 11.5, rect.width - 12);
    drawing.add(TextItem{{rect.x + rect.width / 2, rect.y + rect.height / 2 + 4},
                         name,
                         Ink::Muted,
                         11.5,
                         Typeface::Ui,
                         Align::Centre},
                subject);
}

} // namespace lightcone::picture
