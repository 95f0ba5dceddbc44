#include "engine/query/vocabulary.h"

#include "engine/describe/described.h"
#include "engine/query/sort.h"

#include <algorithm>
#include <array>

namespace lightcone::query {

namespace {

constexpr std::array theEventAttributes{
    Attribute{"kind", Sort::Word, "what happened: send, deliver, drop, timer, crash, note, …"},
    Attribute{"node", Sort::Node, "where it happened"},
    Attribute{"peer", Sort::Node, "the other end of a message, or who answered"},
    Attribute{"from", Sort::Node, "a message's sender"},
    Attribute{"to", Sort::Node, "a message's receiver"},
    Attribute{"client", Sort::Node, "the client whose operation it belongs to"},
    Attribute{"reason", Sort::Word, "why a message was dropped or a node crashed"},
    Attribute{"channel", Sort::Word, "message, request or reply"},
    Attribute{"answer", Sort::Word, "how an operation ended: done, refused, redirected, unknown"},
    Attribute{"note", Sort::Word, "what a node noted; use with ~"},
    Attribute{"text", Sort::Word, "the whole payload as text; use with ~"},
    Attribute{"event", Sort::Number, "its number"},
    Attribute{"cause", Sort::Number, "the number of its cause"},
    Attribute{"time", Sort::Time, "when it happened, as 412ms"},
};

constexpr std::array theNodeAttributes{
    Attribute{"up", Sort::Truth, "started and neither crashed nor paused"},
    Attribute{"crashed", Sort::Truth, "crashed and not restarted"},
    Attribute{"paused", Sort::Truth, "paused and not resumed"},
    Attribute{"started", Sort::Truth, "not a spare that never ran"},
    Attribute{"id", Sort::Node, "the node itself"},
};

template <class Enum>
void addNames(std::vector<std::string>& words)
{
    for (const auto& enumerator : describe::shapeOf<Enum>()->enumerators) {
        words.push_back(enumerator.name);
    }
}

template <class Function>
void forEachRecord(const node::Card& card, Function function)
{
    for (const auto& shape : {card.message, card.request, card.reply, card.write}) {
        if (!shape) {
            continue;
        }
        if (shape->kind == describe::ShapeKind::Variant) {
            for (const auto& alternative : shape->fields) {
                function(alternative.name, *alternative.shape);
            }
        } else {
            function(shape->name, *shape);
        }
    }
}

std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto above = row[j];
            row[j] =
                std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

} // namespace

std::span<const Attribute> eventAttributes()
{
    return theEventAttributes;
}

std::span<const Attribute> nodeAttributes()
{
    return theNodeAttributes;
}

const Attribute* find(std::span<const Attribute> attributes, std::string_view name)
{
    const auto found =
        std::find_if(attributes.begin(), attributes.end(),
                     [&](const Attribute& attribute) { return attribute.name == name; });
    return found != attributes.end() ? &*found : nullptr;
}

std::vector<std::string> wordsOf(std::string_view attribute, const node::Card& card)
{
    std::vector<std::string> words;
    if (attribute == "kind") {
        addNames<trace::Kind>(words);
    } else if (attribute == "reason") {
        addNames<trace::DropReason>(words);
        addNames<trace::CrashReason>(words);
    } else if (attribute == "channel") {
        addNames<trace::Channel>(words);
    } else if (attribute == "answer") {
        addNames<node::Answer>(words);
    } else if (attribute == "msg") {
        words = messageNames(card);
    }
    return words;
}

std::vector<std::string> messageNames(const node::Card& card)
{
    std::vector<std::string> names;
    forEachRecord(card,
                  [&](const std::string& name, const describe::Shape&) { names.push_back(name); });
    for (const auto* shared : {"Redirect", "Refusal", "Text"}) {
        names.emplace_back(shared);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

bool isMessageField(const node::Card& card, std::string_view field)
{
    bool found = false;
    forEachRecord(card, [&](const std::string&, const describe::Shape& shape) {
        found = found || shape.fieldIndex(field).has_value();
    });
    return found;
}

std::vector<std::string> messageWords(const node::Card& card, std::string_view path)
{
    std::vector<std::string> words;
    bool onlyWords = true;
    forEachRecord(card, [&](const std::string&, const describe::Shape& record) {
        describe::ShapePtr found;
        const auto* shape = &record;
        for (auto rest = path; shape != nullptr && !rest.empty();) {
            const auto dot = rest.find('.');
            const auto index = shape->fieldIndex(rest.substr(0, dot));
            found = index ? shape->fields[*index].shape : nullptr;
            shape = found.get();
            rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
        }
        if (!found) {
            return;
        }
        const auto* listed = enumOf(found);
        onlyWords = onlyWords && listed != nullptr;
        for (std::size_t i = 0; listed != nullptr && i < listed->enumerators.size(); ++i) {
            words.push_back(listed->enumerators[i].name);
        }
    });
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return onlyWords ? words : std::vector<std::string>{};
}

std::string oneOf(const std::vector<std::string>& words, std::string_view found)
{
    constexpr std::size_t most = 8;
    auto nearest = words;
    if (nearest.size() > most) {
        std::stable_sort(nearest.begin(), nearest.end(),
                         [&](const std::string& a, const std::string& b) {
                             return distance(a, found) < distance(b, found);
                         });
        nearest.resize(most);
    }
    std::string text;
    for (std::size_t i = 0; i < nearest.size(); ++i) {
        const bool last = i + 1 == nearest.size();
        text += (i == 0 ? "" : last && words.size() <= most ? " or " : ", ") + nearest[i];
    }
    return words.size() > most ? text + ", …" : text;
}

std::vector<std::string> vocabulary(const Context& context)
{
    std::vector<std::string> words{"and",  "or",   "not",  "preceded by", "is",    "count(", "any(",
                                   "all(", "max(", "min(", "sum(",        "size(", "now"};
    if (context.scope == Scope::Events || context.scope == Scope::Both) {
        for (const auto& attribute : theEventAttributes) {
            words.emplace_back(attribute.name);
        }
        words.emplace_back("msg");
        for (auto& name : messageNames(*context.card)) {
            words.push_back(std::move(name));
        }
        addNames<trace::Kind>(words);
        forEachRecord(*context.card, [&](const std::string&, const describe::Shape& shape) {
            for (const auto& field : shape.fields) {
                words.push_back("msg." + field.name);
            }
        });
    }
    if (context.scope != Scope::Events) {
        for (const auto& attribute : theNodeAttributes) {
            words.emplace_back(attribute.name);
        }
        if (context.card->state) {
            for (const auto& field : context.card->state->fields) {
                words.push_back(field.name);
                for (const auto& enumerator : field.shape->enumerators) {
                    words.push_back(enumerator.name);
                }
            }
        }
    }
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

} // namespace lightcone::query
