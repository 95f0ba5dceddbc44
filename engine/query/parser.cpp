#include "engine/core/check.h"
#include "engine/query/expression.h"
#include "engine/query/lexer.h"
#include "engine/query/query.h"
#include "engine/query/sort.h"
#include "engine/query/vocabulary.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace lightcone::query {

namespace {

using describe::Shape;
using describe::ShapeKind;
using describe::ShapePtr;

constexpr unsigned deepest = 100;

struct Function
{
    std::string_view name;
    Operation operation;
    Sort sort;
};

constexpr std::array functions{
    Function{"count", Operation::Count, Sort::Number},
    Function{"any", Operation::Any, Sort::Truth},
    Function{"all", Operation::All, Sort::Truth},
    Function{"max", Operation::Max, Sort::Anything},
    Function{"min", Operation::Min, Sort::Anything},
    Function{"sum", Operation::Sum, Sort::Number},
    Function{"size", Operation::Size, Sort::Number},
};

struct Comparison
{
    std::string_view symbol;
    Operation operation;
};

constexpr std::array comparisons{
    Comparison{"==", Operation::Equal},     Comparison{"=", Operation::Equal},
    Comparison{"is", Operation::Equal},     Comparison{"!=", Operation::Unequal},
    Comparison{"<=", Operation::LessEqual}, Comparison{">=", Operation::GreaterEqual},
    Comparison{"<", Operation::Less},       Comparison{">", Operation::Greater},
    Comparison{"~", Operation::Contains},
};

/// A state knows nodes by number, a person by name: steps into maps by node are made numbers.
std::string withNumbers(const ShapePtr& state, std::string_view path,
                        const describe::NodeNames& names)
{
    std::string numbered;
    for (std::size_t from = 0; from < path.size();) {
        const auto to = std::min(path.find('.', from), path.size());
        auto shape = shapeAt(state, path.substr(0, from == 0 ? 0 : from - 1));
        while (shape && shape->kind == ShapeKind::Optional) {
            shape = shape->of;
        }
        const auto step = path.substr(from, to - from);
        const bool byNode = shape && shape->kind == ShapeKind::Map && shape->key
            && shape->key->kind == ShapeKind::Node;
        const auto node = byNode ? names.find(step) : std::nullopt;
        numbered += from == 0 ? "" : ".";
        numbered += node ? describe::plainNames().name(*node) : std::string(step);
        from = to + 1;
    }
    return numbered;
}

} // namespace

/// Recursive descent, a function a level of binding. Errors are thrown inside and caught at the
/// door.
class Parser
{
public:
    Parser(std::vector<Token> tokens, const Context& context)
        : m_tokens(std::move(tokens))
        , m_context(context)
        , m_atNode(context.scope == Scope::Node)
    {
    }

    Expression whole()
    {
        auto root = condition();
        if (peek().kind != Token::Kind::End) {
            stop(peek().column, "expected 'and', 'or' or the end, found " + shown(peek()));
        }
        return root;
    }

    bool asksEvents = false;
    bool asksCluster = false;
    std::uint32_t pasts = 0;

private:
    [[noreturn]] static void stop(std::size_t column, std::string message)
    {
        throw fail(std::move(message), 0, column);
    }

    const Token& peek() const { return m_tokens[m_at]; }
    bool isWord(std::string_view word) const
    {
        return peek().kind == Token::Kind::Word && peek().text == word;
    }
    bool isSymbol(std::string_view symbol) const
    {
        return peek().kind == Token::Kind::Symbol && peek().text == symbol;
    }
    bool accept(std::string_view word, std::string_view symbol)
    {
        const bool found = isWord(word) || isSymbol(symbol);
        m_at += found ? 1 : 0;
        return found;
    }
    void expectSymbol(std::string_view symbol, const Token& opened)
    {
        if (!isSymbol(symbol)) {
            stop(peek().column,
                 "expected '" + std::string(symbol) + "' to close the '(' at column "
                     + std::to_string(opened.column) + ", found " + shown(peek()));
        }
        ++m_at;
    }

    static Expression make(Operation operation, std::size_t column, Sort sort,
                           std::vector<Expression> children = {})
    {
        Expression expression;
        expression.operation = operation;
        expression.column = column;
        expression.sort = sort;
        expression.children = std::move(children);
        return expression;
    }

    static std::vector<Expression> pair(Expression left, Expression right)
    {
        std::vector<Expression> both;
        both.push_back(std::move(left));
        both.push_back(std::move(right));
        return both;
    }

    void descend(std::size_t column)
    {
        if (++m_depth > deepest) {
            stop(column, "the question nests more than 100 deep");
        }
    }

    /// An expression that is true or false.
    Expression condition()
    {
        descend(peek().column);
        auto left = chain(Operation::Or, "or", "||", &Parser::conjunction);
        --m_depth;
        return left;
    }

    Expression conjunction() { return chain(Operation::And, "and", "&&", &Parser::negation); }

    /// One operand, or a flat list of them, however long.
    Expression chain(Operation operation, std::string_view word, std::string_view symbol,
                     Expression (Parser::*operand)())
    {
        auto first = (this->*operand)();
        const auto column = peek().column;
        if (!accept(word, symbol)) {
            return first;
        }
        auto all = make(operation, column, Sort::Truth, pair(std::move(first), (this->*operand)()));
        while (accept(word, symbol)) {
            all.children.push_back((this->*operand)());
        }
        return all;
    }

    Expression negation()
    {
        const auto column = peek().column;
        if (accept("not", "!")) {
            descend(column);
            auto denied = negation();
            --m_depth;
            return make(Operation::Not, column, Sort::Truth, {std::move(denied)});
        }
        auto left = truth();
        if (!isWord("preceded")) {
            return left;
        }
        const auto where = peek().column;
        ++m_at;
        if (!accept("by", "by")) {
            stop(peek().column, "expected 'by' after 'preceded', found " + shown(peek()));
        }
        if (m_context.scope == Scope::Cluster || m_context.scope == Scope::Node || m_atNode) {
            stop(where, "'preceded by' asks about events, and here only states can be asked about");
        }
        asksEvents = true;
        auto both = make(Operation::PrecededBy, where, Sort::Truth, pair(std::move(left), truth()));
        both.past = pasts++;
        return both;
    }

    /// A comparison, or something that is true or false by itself.
    Expression truth()
    {
        auto left = comparison();
        if (left.sort != Sort::Truth && left.sort != Sort::Anything) {
            stop(peek().column,
                 "expected a comparison after '" + left.text + "' (it is "
                     + std::string(nameOf(left.sort)) + "), found " + shown(peek()));
        }
        return left;
    }

    Expression comparison()
    {
        const auto begin = m_at;
        const bool before = std::exchange(m_tookKey, false);
        auto left = total();
        const bool leftIsKey = std::exchange(m_tookKey, before);
        const auto& token = peek();
        const auto found =
            std::find_if(comparisons.begin(), comparisons.end(), [&](const Comparison& known) {
                return known.symbol == "is" ? isWord("is") : isSymbol(known.symbol);
            });
        if (found == comparisons.end()) {
            if (isUnknown(left)) {
                unknownWord(m_tokens[begin]);
            }
            return left;
        }
        ++m_at;
        const auto rightToken = m_at;
        auto right = isUnknown(left) ? total() : operandFor(left, leftIsKey, found->operation);
        if (isUnknown(left)) {
            left = wordFor(right, std::move(left), m_tokens[begin], found->operation);
        } else if (isUnknown(right)) {
            right = wordFor(left, std::move(right), m_tokens[rightToken], found->operation);
        }
        match(left, right, m_tokens[rightToken], found->operation);
        return make(found->operation, token.column, Sort::Truth,
                    pair(std::move(left), std::move(right)));
    }

    /// A word that fits what the left side can be is that, even where it is also the name of
    /// something else.
    Expression operandFor(const Expression& left, bool leftIsKey, Operation operation)
    {
        if (operation != Operation::Contains && peek().kind == Token::Kind::Word) {
            const auto words = wordsOf(left);
            if (std::find(words.begin(), words.end(), peek().text) != words.end()) {
                return unknown(m_tokens[m_at++]);
            }
            // A misspelt one is that too, and not a key of something; nor are both sides keys, or
            // two misspelt words would be a question.
            const bool before = std::exchange(m_takesKeys, words.empty() && !leftIsKey);
            auto operand = total();
            m_takesKeys = before;
            return operand;
        }
        return total();
    }

    std::vector<std::string> wordsOf(const Expression& expression) const
    {
        std::vector<std::string> words;
        if (expression.operation == Operation::EventAttribute) {
            words = query::wordsOf(expression.text, *m_context.card);
        } else if (expression.operation == Operation::Message) {
            words = expression.text.empty() ? messageNames(*m_context.card)
                                            : messageWords(*m_context.card, expression.text);
        } else if (const auto* shape = enumOf(innermost(expression).shape)) {
            for (const auto& enumerator : shape->enumerators) {
                words.push_back(enumerator.name);
            }
        }
        return words;
    }

    static const Expression& innermost(const Expression& expression)
    {
        const auto* found = &expression;
        while ((found->operation == Operation::OfNode || found->operation == Operation::Max
                || found->operation == Operation::Min)
               && !found->children.empty()) {
            found = &found->children.front();
        }
        return *found;
    }

    static bool isUnknown(const Expression& expression)
    {
        return expression.operation == Operation::Literal && expression.sort == Sort::Word
            && !expression.truth;
    }

    /// A word that names nothing by itself: a value, if the other side of a comparison takes it.
    static Expression unknown(const Token& token)
    {
        auto word = make(Operation::Literal, token.column, Sort::Word);
        word.text = token.text;
        return word;
    }

    Expression wordFor(const Expression& other, Expression word, const Token& token,
                       Operation operation) const
    {
        const auto words = wordsOf(other);
        const bool listed = std::find(words.begin(), words.end(), word.text) != words.end();
        const bool isNone = word.text == "none";
        if (operation != Operation::Contains && !words.empty() && !listed && !isNone) {
            stop(token.column,
                 "expected " + oneOf(words, word.text) + ", found '" + word.text + "'");
        }
        if (other.sort == Sort::Node && !isNone) {
            stop(token.column,
                 "expected a node such as " + m_context.names.name(NodeId(1)) + ", found '"
                     + word.text + "'");
        }
        if (isUnknown(other)) {
            unknownWord(token);
        }
        word.truth = true; // settled
        if (isNone && other.sort != Sort::Word) {
            word.sort = Sort::Anything;
        }
        return word;
    }

    void match(const Expression& left, const Expression& right, const Token& token,
               Operation operation) const
    {
        if (operation == Operation::Contains) {
            return;
        }
        const auto settled = [](Sort sort) { return sort != Sort::Anything; };
        if (settled(left.sort) && settled(right.sort) && left.sort != right.sort) {
            stop(token.column,
                 "expected " + std::string(nameOf(left.sort)) + " to compare '" + left.text
                     + "' with, found " + shown(token));
        }
        const bool ordered = operation != Operation::Equal && operation != Operation::Unequal;
        if (ordered
            && (left.sort == Sort::Word || left.sort == Sort::Truth || left.sort == Sort::Node)) {
            stop(token.column,
                 "'" + left.text + "' is " + std::string(nameOf(left.sort))
                     + ": expected == or != to compare it with");
        }
    }

    Expression total()
    {
        auto left = primary();
        while (isSymbol("+") || isSymbol("-")) {
            const auto& token = peek();
            ++m_at;
            auto right = primary();
            for (const auto* side : {&left, &right}) {
                if (side->sort == Sort::Word || side->sort == Sort::Truth
                    || side->sort == Sort::Node) {
                    stop(token.column, "expected numbers on both sides of '" + token.text + "'");
                }
            }
            const auto sort = left.sort == Sort::Anything ? right.sort : left.sort;
            const auto operation = token.text == "+" ? Operation::Plus : Operation::Minus;
            left = make(operation, token.column, sort, pair(std::move(left), std::move(right)));
        }
        return left;
    }

    Expression primary()
    {
        const auto token = peek();
        Expression literal;
        literal.column = token.column;
        literal.text = token.text;
        switch (token.kind) {
        case Token::Kind::Number:
        case Token::Kind::Duration:
            ++m_at;
            literal.number = token.number;
            literal.sort = token.kind == Token::Kind::Number ? Sort::Number : Sort::Time;
            return literal;
        case Token::Kind::Text:
            ++m_at;
            literal.sort = Sort::Word;
            literal.truth = true; // quoted words name nothing but themselves
            return literal;
        case Token::Kind::Word:
            return word();
        default:
            break;
        }
        if (isSymbol("-")) {
            ++m_at;
            descend(token.column);
            auto negative = primary();
            --m_depth;
            if (negative.sort != Sort::Number && negative.sort != Sort::Time) {
                stop(token.column, "expected a number after '-'");
            }
            return make(Operation::Minus, token.column, negative.sort,
                        {make(Operation::Literal, token.column, negative.sort), negative});
        }
        if (isSymbol("(")) {
            ++m_at;
            auto inner = condition();
            expectSymbol(")", token);
            return inner;
        }
        stop(token.column,
             "expected a field, an attribute, a node, a value or '(', found " + shown(token));
    }

    Expression word()
    {
        const auto token = m_tokens[m_at++];
        if (isSymbol("(")) {
            return call(token);
        }
        if (token.text == "true" || token.text == "false") {
            auto literal = make(Operation::Literal, token.column, Sort::Truth);
            literal.text = token.text;
            literal.truth = token.text == "true";
            return literal;
        }
        if (token.text == "now") {
            asksCluster = asksCluster || m_context.scope != Scope::Events;
            auto now = make(Operation::Now, token.column, Sort::Time);
            now.text = token.text;
            return now;
        }
        if (m_atNode) {
            if (auto found = nodeWord(token, token.text)) {
                return *found;
            }
        } else if (auto found = eventWord(token)) {
            return *found;
        }
        if (auto found = nodePath(token)) {
            return *found;
        }
        const auto head = token.text.substr(0, token.text.find('.'));
        if (!m_atNode && takesEvents() && isMessageField(*m_context.card, head)) {
            asksEvents = true;
            auto message = make(Operation::Message, token.column, Sort::Anything);
            message.text = token.text;
            return message;
        }
        if (m_atNode && m_takesKeys) {
            if (auto found = contentWord(token, token.text)) {
                return *found;
            }
        }
        return unknown(token);
    }

    /// What is no field of a node may be one of the numbers that it keeps by name.
    std::optional<Expression> contentWord(const Token& token, std::string_view path)
    {
        const auto contents = m_context.card->state ? m_context.card->state->contents()
                                                    : std::optional<std::size_t>();
        if (!contents) {
            return std::nullopt;
        }
        const auto& field = m_context.card->state->fields[*contents];
        const bool numbers = field.shape->key && field.shape->key->kind == ShapeKind::Text
            && sortOf(field.shape->of) == Sort::Number;
        if (!numbers) {
            return std::nullopt;
        }
        auto found = nodeWord(token, field.name + "." + std::string(path));
        m_tookKey = true;
        return found;
    }

    bool takesEvents() const
    {
        return m_context.scope == Scope::Events || m_context.scope == Scope::Both;
    }

    Expression call(const Token& name)
    {
        const auto found =
            std::find_if(functions.begin(), functions.end(),
                         [&](const Function& known) { return known.name == name.text; });
        if (found == functions.end()) {
            stop(name.column,
                 "expected a function (count, any, all, max, min, sum or size), found '" + name.text
                     + "'");
        }
        const auto opened = peek();
        ++m_at;
        const bool overNodes = found->operation != Operation::Size;
        if (overNodes && m_context.scope == Scope::Events) {
            stop(name.column,
                 "'" + name.text
                     + "' asks about the nodes' states, and here only events can be asked about");
        }
        const bool before = m_atNode;
        if (overNodes) {
            m_atNode = true;
            asksCluster = true;
        }
        const bool takesCondition = found->operation == Operation::Count
            || found->operation == Operation::Any || found->operation == Operation::All;
        descend(name.column);
        const auto first = m_at;
        const bool keysBefore = std::exchange(m_takesKeys, true);
        auto argument = takesCondition ? condition() : total();
        m_takesKeys = keysBefore;
        --m_depth;
        if (isUnknown(argument)) {
            unknownWord(m_tokens[first]);
        }
        m_atNode = before;
        expectSymbol(")", opened);
        auto sort = found->sort;
        if (found->operation == Operation::Max || found->operation == Operation::Min) {
            sort = argument.sort;
        }
        if (found->operation == Operation::Sum && argument.sort != Sort::Number
            && argument.sort != Sort::Anything && argument.sort != Sort::Time) {
            stop(m_tokens[first].column, "expected a number to sum, found '" + argument.text + "'");
        }
        auto result = make(found->operation, name.column, sort, {std::move(argument)});
        result.text = name.text + "(…)";
        return result;
    }

    std::optional<Expression> eventWord(const Token& token)
    {
        const auto dot = token.text.find('.');
        const auto head = std::string_view(token.text).substr(0, dot);
        const auto* attribute = dot == std::string::npos ? find(eventAttributes(), head) : nullptr;
        if (attribute == nullptr && head != "msg") {
            return std::nullopt;
        }
        if (!takesEvents()) {
            stop(token.column,
                 "'" + token.text
                     + "' asks about an event, and here only the nodes' states can be asked about");
        }
        asksEvents = true;
        if (attribute != nullptr) {
            auto expression = make(Operation::EventAttribute, token.column, attribute->sort);
            expression.text = token.text;
            return expression;
        }
        auto message = make(Operation::Message, token.column,
                            dot == std::string::npos ? Sort::Word : Sort::Anything);
        message.text = dot == std::string::npos ? std::string{} : token.text.substr(dot + 1);
        if (dot != std::string::npos) {
            const auto field = message.text.substr(0, message.text.find('.'));
            if (!isMessageField(*m_context.card, field)) {
                stop(token.column + 4, "no message has a field '" + field + "'");
            }
        }
        return message;
    }

    /// up, or a path into the state of the node at hand.
    std::optional<Expression> nodeWord(const Token& token, std::string_view path)
    {
        const auto head = path.substr(0, path.find('.'));
        if (const auto* attribute = find(nodeAttributes(), path)) {
            auto expression = make(Operation::NodeAttribute, token.column, attribute->sort);
            expression.text = path;
            asksCluster = true;
            return expression;
        }
        if (!m_context.card->state || !m_context.card->state->fieldIndex(head)) {
            return std::nullopt;
        }
        asksCluster = true;
        auto expression = make(Operation::NodeField, token.column, Sort::Anything);
        expression.text = withNumbers(m_context.card->state, path, m_context.names);
        expression.shape = shapeAt(m_context.card->state, path);
        expression.sort = sortOf(expression.shape);
        return expression;
    }

    /// n4, or n4.role.
    std::optional<Expression> nodePath(const Token& token)
    {
        const auto dot = token.text.find('.');
        const auto node = m_context.names.find(token.text.substr(0, dot));
        if (!node) {
            return std::nullopt;
        }
        if (dot == std::string::npos) {
            auto literal = make(Operation::Literal, token.column, Sort::Node);
            literal.text = token.text;
            literal.node = *node;
            return literal;
        }
        if (m_context.scope == Scope::Events) {
            stop(token.column,
                 "'" + token.text
                     + "' asks about a node's state, and here only events can be asked about");
        }
        const auto path = std::string_view(token.text).substr(dot + 1);
        auto inner = nodeWord(token, path);
        if (!inner) {
            inner = contentWord(token, path);
        }
        if (!inner) {
            stop(token.column + dot + 1,
                 "expected a field of a node (" + oneOf(fieldNames(), path) + "), found '"
                     + std::string(path) + "'");
        }
        auto expression = make(Operation::OfNode, token.column, inner->sort);
        expression.text = token.text;
        expression.node = *node;
        expression.shape = inner->shape;
        expression.children.push_back(std::move(*inner));
        return expression;
    }

    std::vector<std::string> fieldNames() const
    {
        std::vector<std::string> names;
        if (m_context.card->state) {
            for (const auto& field : m_context.card->state->fields) {
                names.push_back(field.name);
            }
        }
        for (const auto& attribute : nodeAttributes()) {
            names.emplace_back(attribute.name);
        }
        return names;
    }

    [[noreturn]] void unknownWord(const Token& token) const
    {
        const auto names = fieldNames();
        const bool isField = std::find(names.begin(), names.end(), token.text) != names.end();
        if (isField && !m_atNode && m_context.scope != Scope::Events) {
            stop(token.column,
                 "'" + token.text + "' is a node's: expected a node before it as in "
                     + m_context.names.name(NodeId(1)) + "." + token.text
                     + ", or a question over all as in count(" + token.text + " …)");
        }
        stop(token.column,
             "expected a field, an attribute or a node (" + oneOf(vocabulary(m_context), token.text)
                 + "), found " + shown(token));
    }

    std::vector<Token> m_tokens;
    const Context& m_context;
    std::size_t m_at = 0;
    unsigned m_depth = 0;
    bool m_atNode;
    bool m_takesKeys = true; ///< a word may be a key of what a node keeps
    bool m_tookKey = false; ///< one was
};

Context Context::of(const trace::About& about, Scope scope)
{
    return {scope, &about.card, about.names()};
}

Result<Query> Query::parse(std::string_view text, const Context& context)
{
    check(context.card != nullptr, "a context that knows its protocol");
    auto tokens = tokenize(text);
    if (!tokens) {
        return tokens.error();
    }
    Parser parser(std::move(*tokens), context);
    try {
        Query query;
        query.m_root = std::make_shared<const Expression>(parser.whole());
        query.m_text = text;
        query.m_asksEvents = parser.asksEvents;
        query.m_asksCluster = parser.asksCluster;
        query.m_pasts = parser.pasts;
        return query;
    } catch (Error& error) {
        return std::move(error);
    }
}

} // namespace lightcone::query
