#include "engine/describe/diff.h"

#include "engine/describe/text.h"
#include "engine/describe/words.h"

#include <algorithm>
#include <map>

namespace lightcone::describe {

namespace {

Bytes bytesOf(const Value& value)
{
    Bytes out;
    encode(value, out);
    return out;
}

/// A step that holds a dot is quoted, as Value::findPath reads it.
std::string joined(const std::string& path, const std::string& step)
{
    const bool plain = !step.empty() && step.find('.') == std::string::npos && step.front() != '"';
    const auto shown = plain ? step : quoted(step);
    return path.empty() ? shown : path + "." + shown;
}

class Comparison
{
public:
    void compare(const std::string& path, const Value& before, const Value& after)
    {
        if (before == after) {
            return;
        }
        const bool alike = before.exists() && after.exists() && before.kind() == after.kind()
            && before.name() == after.name();
        if (!alike) {
            changed(path, before, after);
            return;
        }
        switch (before.kind()) {
        case ShapeKind::Record:
            records(path, before, after);
            return;
        case ShapeKind::List:
            lists(path, before.children(), after.children());
            return;
        case ShapeKind::Set:
            sets(path, before.children(), after.children());
            return;
        case ShapeKind::Map:
            maps(path, before.children(), after.children());
            return;
        case ShapeKind::Optional:
        case ShapeKind::Variant:
            // The same alternative: what changed is within. None and some: the optional itself.
            if (!before.children().empty() && !after.children().empty()) {
                compare(path, before.children().front(), after.children().front());
                return;
            }
            break;
        default:
            break;
        }
        changed(path, before, after);
    }

    std::vector<Change> take() { return std::move(m_changes); }

private:
    void changed(const std::string& path, const Value& before, const Value& after)
    {
        m_changes.push_back({path, before, after});
    }

    /// By name: the two may come from builds that list their fields differently.
    void records(const std::string& path, const Value& before, const Value& after)
    {
        const auto field = [](const Value& record, const std::string& name) -> const Value& {
            static const Value nothing;
            const auto index = record.shape()->fieldIndex(name);
            return index && *index < record.children().size() ? record.children()[*index] : nothing;
        };
        for (const auto& row : before.shape()->fields) {
            compare(joined(path, row.name), field(before, row.name), field(after, row.name));
        }
        for (const auto& row : after.shape()->fields) {
            if (!before.shape()->fieldIndex(row.name)) {
                compare(joined(path, row.name), {}, field(after, row.name));
            }
        }
    }

    void lists(const std::string& path, const Value::List& before, const Value::List& after)
    {
        for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
            compare(joined(path, std::to_string(i)), i < before.size() ? before[i] : Value{},
                    i < after.size() ? after[i] : Value{});
        }
    }

    void sets(const std::string& path, const Value::List& before, const Value::List& after)
    {
        const auto sorted = [](const Value::List& elements) {
            std::vector<Bytes> all;
            all.reserve(elements.size());
            for (const auto& element : elements) {
                all.push_back(bytesOf(element));
            }
            std::sort(all.begin(), all.end());
            return all;
        };
        const auto old = sorted(before);
        const auto now = sorted(after);
        for (const auto& element : before) {
            if (!std::binary_search(now.begin(), now.end(), bytesOf(element))) {
                changed(path, element, {});
            }
        }
        for (const auto& element : after) {
            if (!std::binary_search(old.begin(), old.end(), bytesOf(element))) {
                changed(path, {}, element);
            }
        }
    }

    void maps(const std::string& path, const Value::List& before, const Value::List& after)
    {
        std::map<Bytes, std::size_t> old;
        for (std::size_t i = 0; i + 1 < before.size(); i += 2) {
            old.emplace(bytesOf(before[i]), i + 1);
        }
        std::map<Bytes, std::size_t> now;
        for (std::size_t i = 0; i + 1 < after.size(); i += 2) {
            now.emplace(bytesOf(after[i]), i + 1);
        }
        for (std::size_t i = 0; i + 1 < before.size(); i += 2) {
            const auto place = now.find(bytesOf(before[i]));
            compare(entry(path, before[i]), before[i + 1],
                    place != now.end() ? after[place->second] : Value{});
        }
        for (std::size_t i = 0; i + 1 < after.size(); i += 2) {
            if (!old.contains(bytesOf(after[i]))) {
                compare(entry(path, after[i]), {}, after[i + 1]);
            }
        }
    }

    static std::string entry(const std::string& path, const Value& key)
    {
        return joined(path, key.kind() == ShapeKind::Text ? key.asText() : toText(key));
    }

    std::vector<Change> m_changes;
};

} // namespace

std::vector<Change> diff(const Value& before, const Value& after)
{
    Comparison comparison;
    comparison.compare({}, before, after);
    return comparison.take();
}

} // namespace lightcone::describe
