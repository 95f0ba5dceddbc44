#include "engine/describe/text.h"
#include "engine/picture/topology_card.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lightcone::picture {

using describe::Facet;
using describe::ShapeKind;
using describe::Value;
using trace::Life;

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

/// Draws what the node has and does, below its title: its log, its steps, its queue, or words.
class CardBody
{
public:
    CardBody(Drawing& drawing, const CardContext& context, const trace::NodeState& node, Rect rect,
             CardSize size, double right)
        : m_drawing(drawing)
        , m_context(context)
        , m_node(node)
        , m_rect(rect)
        , m_size(size)
        , m_right(right)
        , m_subject{Subject::Kind::Node, node.lastStep, node.id}
        , m_down(node.life == Life::Crashed || node.life == Life::NotStarted)
    {
    }

    void draw()
    {
        if (!m_node.state.exists()) {
            return;
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

private:
    void add(Shape shape) { m_drawing.add(std::move(shape), m_subject); }

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
            if (left + used + cell.width > m_right - keep) {
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

    /// A step is felt by its enumerator that has tones, and known by its text or other enumerator.
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
                const auto& all = part.shape()->enumerators;
                const auto& one = all[part.asUInt()];
                const bool felt =
                    std::ranges::any_of(all, [](const describe::EnumeratorShape& each) {
                        return each.tone != describe::Tone::Neutral;
                    });
                if (felt) {
                    stage.tone = one.tone;
                } else if (stage.name.empty()) {
                    stage.name = spoken(one.name);
                }
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
        const double room = m_right - left;
        const double least = large ? 12 : 7;
        const auto fit = static_cast<std::size_t>((room + gap) / (least + gap));
        const auto shown = std::min(count, std::max<std::size_t>(1, fit));
        const auto number = static_cast<double>(shown);
        const double width = std::min(46.0, (room - gap * (number - 1)) / number);
        const double top = m_rect.y + (large ? 34 : 28);
        for (std::size_t i = 0; i < shown; ++i) {
            const double x = left + static_cast<double>(i) * (width + gap);
            stage(stageOf(list.children()[count - shown + i]),
                  {x, top, width, large ? 18.0 : 15.0});
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
        if (rect.width >= 20) {
            const double size = m_size == CardSize::Large ? 9.5 : 9;
            const auto text =
                fitted(m_context.measure, stage.name, Typeface::Data, size, rect.width - 4);
            add(TextItem{{rect.x + rect.width / 2, rect.y + rect.height / 2 + size * 0.37},
                         text,
                         m_down || ahead ? Ink::Faint : Ink::Text,
                         size,
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
        const double room = m_right - left - 30;
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

    /// "a=90  b=110": the data that the node keeps.
    [[nodiscard]] std::string stored() const
    {
        const auto* store = m_node.state.findFacet(Facet::Store);
        if (store == nullptr || store->held().kind() != ShapeKind::Map) {
            return {};
        }
        const auto names = m_context.about.names();
        const auto& pairs = store->held().children();
        const std::size_t most = 24; // more never fit
        std::string text;
        for (std::size_t i = 0; i + 1 < pairs.size() && i < 2 * most; i += 2) {
            text += (i > 0 ? "  " : "") + describe::brief(pairs[i], names) + "="
                + describe::brief(pairs[i + 1], names);
        }
        return text;
    }

    /// What is urgent, else what the node keeps; on two lines where one has no room.
    void words(double base)
    {
        auto text = stateInWords(m_node.state, m_context.about.names(), m_context.options.words);
        if (text.empty()) {
            text = stored();
        }
        const double room = m_right - m_rect.x - (m_size == CardSize::Large ? 12 : 9);
        const bool wide = m_context.measure.width(text, Typeface::Data, 10.5) > room;
        const auto cut = text.find(between);
        if (wide && cut != std::string::npos && base + 22 <= m_rect.y + m_rect.height) {
            line(text.substr(0, cut), base);
            line(text.substr(cut + between.size()), base + 15);
        } else {
            line(text, base);
        }
    }

    void line(const std::string& text, double base)
    {
        const double left = m_rect.x + (m_size == CardSize::Large ? 12 : 9);
        const auto shown = fitted(m_context.measure, text, Typeface::Data, 10.5, m_right - left);
        if (!shown.empty()) {
            add(TextItem{{left, base}, shown, Ink::Muted, 10.5, Typeface::Data});
        }
    }

    static constexpr std::string_view between = " · ";

    Drawing& m_drawing;
    const CardContext& m_context;
    const trace::NodeState& m_node;
    Rect m_rect;
    CardSize m_size;
    double m_right; ///< how far the body goes: there is the timer
    Subject m_subject;
    bool m_down = false;
};

} // namespace

void drawCardBody(Drawing& drawing, const CardContext& context, const trace::NodeState& node,
                  const Rect& rect, CardSize size, double right)
{
    CardBody(drawing, context, node, rect, size, right).draw();
}

} // namespace lightcone::picture
