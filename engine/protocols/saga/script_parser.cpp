#include "engine/protocols/saga/script.h"
#include "engine/protocols/saga/script_lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

namespace lightcone::protocols::saga {
namespace {

constexpr std::array<std::string_view, 20> keywords{
    "service", "saga",    "step",    "on",   "undo",  "pivot",    "retriable",
    "timeout", "retries", "backoff", "to",   "fails", "declines", "always",
    "add",     "take",    "set",     "read", "need",  "as"};

bool isKeyword(std::string_view word)
{
    return std::find(keywords.begin(), keywords.end(), word) != keywords.end() || word == "nothing";
}

/// "n1" and "c1" are what nodes and clients are called that have no name.
bool looksLikeNode(std::string_view word)
{
    return word.size() > 1 && (word[0] == 'n' || word[0] == 'c')
        && word.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

/// Recursive descent over the tokens. What does not fit is thrown and caught at the door.
class Parser
{
public:
    explicit Parser(std::vector<Token> tokens)
        : m_tokens(std::move(tokens))
    {
    }

    Script whole()
    {
        while (!isAt(Token::Kind::End)) {
            if (acceptWord("service")) {
                service();
            } else if (acceptWord("saga")) {
                saga();
            } else {
                expected("service or saga");
            }
        }
        if (m_script.sagas.empty()) {
            expected(m_script.services.empty() ? "a service, such as: service cards balance=100"
                                               : "a saga, such as: saga trip step pay on "
                             + m_script.services.front().name + ": …");
        }
        return std::move(m_script);
    }

private:
    [[noreturn]] static void stop(const Token& where, std::string message)
    {
        throw fail("script: " + std::move(message), 0, where.column);
    }

    [[noreturn]] void expected(const std::string& what) const
    {
        stop(peek(), "expected " + what + ", found " + shown(peek()));
    }

    [[nodiscard]] const Token& peek() const { return m_tokens[m_at]; }
    [[nodiscard]] bool isAt(Token::Kind kind) const { return peek().kind == kind; }
    [[nodiscard]] bool isSymbol(std::string_view symbol) const
    {
        return isAt(Token::Kind::Symbol) && peek().text == symbol;
    }
    [[nodiscard]] bool isWord(std::string_view word) const
    {
        return isAt(Token::Kind::Name) && peek().text == word;
    }
    Token take() { return m_tokens[isAt(Token::Kind::End) ? m_at : m_at++]; }
    bool acceptWord(std::string_view word)
    {
        const bool found = isWord(word);
        m_at += found ? 1 : 0;
        return found;
    }
    bool acceptSymbol(std::string_view symbol)
    {
        const bool found = isSymbol(symbol);
        m_at += found ? 1 : 0;
        return found;
    }

    Token name(const std::string& what)
    {
        if (!isAt(Token::Kind::Name) || isKeyword(peek().text)) {
            expected(what);
        }
        return take();
    }

    template <class List>
    void keepRoom(const List& list, std::size_t most, const std::string& what) const
    {
        if (list.size() >= most) {
            stop(peek(), "expected at most " + std::to_string(most) + " " + what);
        }
    }

    Amount number(const std::string& what)
    {
        const bool minus = acceptSymbol("-");
        const auto value = isAt(Token::Kind::Number) ? amountOf(peek().text) : std::nullopt;
        if (!value) {
            expected(what + " up to " + std::to_string(mostAmount));
        }
        take();
        return minus ? -*value : *value;
    }

    std::uint32_t count(const std::string& what, std::uint32_t low, std::uint32_t high)
    {
        const auto value = isAt(Token::Kind::Number) ? amountOf(peek().text) : std::nullopt;
        if (!value || *value < low || *value > high) {
            expected(what + " from " + std::to_string(low) + " to " + std::to_string(high));
        }
        take();
        return static_cast<std::uint32_t>(*value);
    }

    Duration duration(const std::string& what)
    {
        const auto value =
            isAt(Token::Kind::Measure) ? parseDuration(peek().text) : fail("no duration");
        if (!value || *value < std::chrono::microseconds(1) || *value > std::chrono::hours(24)) {
            expected(what + " from 1us to a day, such as 50ms");
        }
        take();
        return *value;
    }

    void service()
    {
        keepRoom(m_script.services, mostServices, "services");
        const auto token = name("a service's name");
        if (token.text == "orchestrator" || looksLikeNode(token.text)) {
            stop(token, "expected a service's name, found " + shown(token) + ", which is a node's");
        }
        for (const auto& each : m_script.services) {
            if (each.name == token.text) {
                stop(token, "there are two services called " + shown(token));
            }
        }
        ServicePlan plan{std::string(token.text), {}};
        while (isAt(Token::Kind::Name) && !isKeyword(peek().text)) {
            const auto key = take();
            if (!acceptSymbol("=")) {
                expected("'=' and a number after " + shown(key));
            }
            if (!plan.data.emplace(key.text, number("a number")).second) {
                stop(key, shown(key) + " is given twice");
            }
        }
        acceptSymbol(";");
        m_script.services.push_back(std::move(plan));
    }

    void saga()
    {
        keepRoom(m_script.sagas, mostSagas, "sagas");
        const auto token = name("a saga's name");
        if (m_script.find(token.text) != nullptr) {
            stop(token, "there are two sagas called " + shown(token));
        }
        m_plan = SagaPlan{};
        m_plan.name = std::string(token.text);
        m_values.clear();
        if (acceptSymbol("(")) {
            parameters();
        }
        while (acceptWord("step")) {
            step();
        }
        if (m_plan.steps.empty()) {
            expected("a step, such as: step pay on cards: take balance 10");
        }
        checkDefaults();
        m_plan.pointOfNoReturn = 0;
        for (std::size_t i = 0; i < m_plan.steps.size(); ++i) {
            if (m_plan.steps[i].kind != StepKind::Retriable) {
                m_plan.pointOfNoReturn = i + 1;
            }
        }
        m_script.sagas.push_back(std::move(m_plan));
    }

    void parameters()
    {
        m_defaults.clear();
        while (!acceptSymbol(")")) {
            keepRoom(m_plan.parameters, mostParameters, "parameters");
            const auto token = name("a parameter's name");
            if (findParameter(token.text) != nullptr) {
                stop(token, "there are two parameters called " + shown(token));
            }
            ParameterPlan plan{std::string(token.text), ParameterPlan::Use::None, {}};
            m_defaults.push_back(peek());
            if (acceptSymbol("=")) {
                m_defaults.back() = peek();
                plan.byDefault = isAt(Token::Kind::Name)
                    ? std::string(take().text)
                    : std::to_string(number("a number or a name"));
            }
            m_plan.parameters.push_back(std::move(plan));
            if (!acceptSymbol(",") && !isSymbol(")")) {
                expected("',' or ')'");
            }
        }
    }

    /// What a parameter is used as is known when all steps have been read.
    void checkDefaults()
    {
        for (std::size_t i = 0; i < m_plan.parameters.size(); ++i) {
            const auto& parameter = m_plan.parameters[i];
            if (!parameter.byDefault || parameter.use == ParameterPlan::Use::None) {
                continue;
            }
            const bool isNumber = amountOf(*parameter.byDefault).has_value();
            if (isNumber != (parameter.use == ParameterPlan::Use::Number)) {
                stop(m_defaults[i],
                     "expected " + std::string(isNumber ? "a name" : "a number") + " for '"
                         + parameter.name + "', which is used as one, found "
                         + shown(m_defaults[i]));
            }
        }
    }

    [[nodiscard]] ParameterPlan* findParameter(std::string_view wanted)
    {
        const auto found = std::find_if(m_plan.parameters.begin(), m_plan.parameters.end(),
                                        [&](const auto& each) { return each.name == wanted; });
        return found == m_plan.parameters.end() ? nullptr : &*found;
    }

    void use(const Token& token, ParameterPlan& parameter, ParameterPlan::Use wanted)
    {
        if (parameter.use != ParameterPlan::Use::None && parameter.use != wanted) {
            stop(token, shown(token) + " is used as a number and as the name of one");
        }
        parameter.use = wanted;
    }

    void step()
    {
        keepRoom(m_plan.steps, mostSteps, "steps");
        const auto token = name("a step's name");
        if (m_plan.indexOf(token.text)) {
            stop(token, "there are two steps called " + shown(token));
        }
        StepPlan plan;
        plan.name = std::string(token.text);
        if (!acceptWord("on")) {
            expected("'on' and a service");
        }
        plan.service = serviceIndex();
        m_service = &m_script.services[plan.service];
        if (!acceptSymbol(":")) {
            expected("':' and what the step does");
        }
        plan.action = deed();
        clauses(plan);
        acceptSymbol(";");
        judge(token, plan);
        m_plan.steps.push_back(std::move(plan));
    }

    std::size_t serviceIndex()
    {
        std::string known;
        for (std::size_t i = 0; i < m_script.services.size(); ++i) {
            if (isWord(m_script.services[i].name)) {
                take();
                return i;
            }
            known += (i == 0 ? "" : ", ") + m_script.services[i].name;
        }
        expected(known.empty() ? "a service that was named before"
                               : "one of the services: " + known);
    }

    void clauses(StepPlan& plan)
    {
        auto* deedAtHand = &plan.action;
        std::set<std::string_view> given;
        const auto once = [&](std::string_view clause) {
            const auto token = peek();
            const bool found = acceptWord(clause);
            if (found && !given.insert(clause).second) {
                stop(token, shown(token) + " is given twice");
            }
            return found;
        };
        while (true) {
            const auto token = peek();
            if (once("undo")) {
                plan.undo = deed();
                deedAtHand = &*plan.undo;
            } else if (once("pivot")) {
                plan.kind = StepKind::Pivot;
            } else if (once("retriable")) {
                plan.kind = StepKind::Retriable;
            } else if (once("timeout")) {
                plan.timeout = duration("a duration");
            } else if (once("retries")) {
                plan.retries = count("a number of retries", 0, mostRetries);
            } else if (once("backoff")) {
                plan.backOff = duration("a duration");
                if (acceptWord("to")) {
                    plan.mostBackOff = duration("a duration");
                }
            } else if (isWord("fails") || isWord("declines")) {
                const auto word = take();
                auto& into = word.text == "fails" ? deedAtHand->fails : deedAtHand->declines;
                if (!into.none()) {
                    stop(token, shown(token) + " is given twice");
                }
                into = failures();
                if (word.text == "declines" && deedAtHand != &plan.action) {
                    stop(token, "a compensation cannot decline: expected fails");
                }
            } else {
                return;
            }
            if (plan.kind == StepKind::Pivot && given.contains("retriable")) {
                stop(token, "a step is either the pivot or retriable");
            }
        }
    }

    Failures failures()
    {
        Failures plan;
        if (acceptWord("always")) {
            plan.always = true;
            return plan;
        }
        const std::string what = "always, a chance such as 20%, or numbers of tries such as 1 2";
        if (isAt(Token::Kind::Measure)) {
            const auto text = peek().text;
            const auto* end = text.data() + text.size() - 1;
            const auto [last, error] = std::from_chars(text.data(), end, plan.chance);
            plan.chance /= 100;
            if (*end != '%' || error != std::errc{} || last != end
                || !(plan.chance > 0 && plan.chance <= 1)) {
                expected(what);
            }
            take();
            return plan;
        }
        if (!isAt(Token::Kind::Number)) {
            expected(what);
        }
        while (isAt(Token::Kind::Number)) {
            keepRoom(plan.tries, mostRetries, "tries");
            plan.tries.push_back(count("the number of a try", 1, 1'000'000));
        }
        return plan;
    }

    /// What kind of step may stand here, and whether it can be undone.
    void judge(const Token& token, const StepPlan& plan)
    {
        const auto named = "step " + shown(token);
        const bool past =
            std::any_of(m_plan.steps.begin(), m_plan.steps.end(),
                        [](const auto& each) { return each.kind != StepKind::Compensatable; });
        if (past && plan.kind == StepKind::Pivot) {
            stop(token,
                 named + " is a pivot after the pivot or a retriable step: expected one "
                     + "pivot, and what follows it retriable");
        }
        if (past && plan.kind != StepKind::Retriable) {
            stop(token, named + " follows the pivot or a retriable step: expected retriable");
        }
        if (plan.kind != StepKind::Compensatable && plan.undo) {
            stop(token,
                 named + " is never undone, as it is "
                     + (plan.kind == StepKind::Pivot ? "the pivot" : "retriable")
                     + ": expected no undo");
        }
        if (plan.kind == StepKind::Compensatable && !plan.undo && plan.action.changesData()) {
            stop(token, named + " changes numbers: expected undo, pivot or retriable");
        }
        if (plan.kind != StepKind::Retriable) {
            return;
        }
        const auto& operations = plan.action.operations;
        const bool mayDecline = !plan.action.declines.none()
            || std::any_of(operations.begin(), operations.end(), [](const auto& each) {
                   return each.verb == Verb::Take || each.verb == Verb::Need;
               });
        if (mayDecline) {
            stop(token,
                 named + " is retriable, so it must succeed in the end: expected no take, "
                     + "need or declines");
        }
    }

    Deed deed()
    {
        Deed plan;
        if (acceptWord("nothing")) {
            return plan;
        }
        do {
            keepRoom(plan.operations, mostOperations, "operations");
            plan.operations.push_back(operation());
        } while (acceptSymbol(","));
        return plan;
    }

    Operation operation()
    {
        Operation plan;
        if (acceptWord("need")) {
            plan.verb = Verb::Need;
            plan.sum = sum();
            plan.comparison = comparison();
            plan.right = sum();
            return plan;
        }
        if (acceptWord("read")) {
            plan.verb = Verb::Read;
            key(plan);
            plan.into = plan.key;
            if (acceptWord("as")) {
                const auto into = name("a name for what is read");
                plan.into = std::string(into.text);
            }
            if (findParameter(plan.into) != nullptr) {
                stop(m_tokens[m_at - 1],
                     "'" + plan.into + "' is a parameter: expected 'as' and another name");
            }
            m_values.insert(plan.into);
            return plan;
        }
        plan.verb = isWord("add") ? Verb::Add : isWord("take") ? Verb::Take : Verb::Set;
        if (!acceptWord("add") && !acceptWord("take") && !acceptWord("set")) {
            expected("add, take, set, read, need or nothing");
        }
        key(plan);
        plan.sum = sum();
        return plan;
    }

    void key(Operation& plan)
    {
        const auto token = name("the name of a number");
        plan.key = std::string(token.text);
        if (auto* parameter = findParameter(token.text)) {
            use(token, *parameter, ParameterPlan::Use::Key);
            plan.keyIsParameter = true;
        } else if (!m_service->data.contains(token.text)) {
            stop(token, m_service->name + " has no number " + shown(token) + numbersOf());
        }
    }

    [[nodiscard]] std::string numbersOf() const
    {
        std::string known;
        for (const auto& [each, value] : m_service->data) {
            known += (known.empty() ? ": expected one of " : ", ") + each;
        }
        return known.empty() ? ": it owns none" : known;
    }

    Comparison comparison()
    {
        constexpr std::array<std::pair<std::string_view, Comparison>, 7> known{
            {{"<", Comparison::Less},
             {"<=", Comparison::LessEqual},
             {">", Comparison::Greater},
             {">=", Comparison::GreaterEqual},
             {"==", Comparison::Equal},
             {"=", Comparison::Equal},
             {"!=", Comparison::Unequal}}};
        for (const auto& [symbol, meaning] : known) {
            if (acceptSymbol(symbol)) {
                return meaning;
            }
        }
        expected("a comparison: < <= > >= == !=");
    }

    Sum sum()
    {
        Sum plan;
        bool minus = acceptSymbol("-");
        while (true) {
            keepRoom(plan, mostOperations, "parts of a sum");
            plan.push_back(term());
            plan.back().minus = minus;
            if (!isSymbol("+") && !isSymbol("-")) {
                return plan;
            }
            minus = take().text == "-";
        }
    }

    Term term()
    {
        Term plan;
        if (isAt(Token::Kind::Number)) {
            plan.number = number("a number");
            return plan;
        }
        const auto token = name("a number, a parameter or a value that was read");
        plan.name = std::string(token.text);
        plan.kind = Term::Kind::Value;
        if (auto* parameter = findParameter(token.text)) {
            use(token, *parameter, ParameterPlan::Use::Number);
        } else if (m_values.contains(plan.name)) {
            return plan;
        } else if (m_service->data.contains(token.text)) {
            plan.kind = Term::Kind::Key;
        } else {
            stop(token,
                 shown(token) + " is no parameter of '" + m_plan.name
                     + "', was not read before, and " + m_service->name + " has no such number"
                     + numbersOf());
        }
        return plan;
    }

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    Script m_script;
    SagaPlan m_plan;
    std::vector<Token> m_defaults; ///< of the saga's parameters, in order
    std::set<std::string> m_values; ///< that steps have read so far
    const ServicePlan* m_service = nullptr;
};

} // namespace

bool Deed::changesData() const
{
    return std::any_of(operations.begin(), operations.end(), [](const Operation& each) {
        return each.verb != Verb::Read && each.verb != Verb::Need;
    });
}

std::optional<std::size_t> SagaPlan::indexOf(std::string_view step) const
{
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].name == step) {
            return i;
        }
    }
    return std::nullopt;
}

const SagaPlan* Script::find(std::string_view saga) const
{
    for (const auto& each : sagas) {
        if (saga.empty() || each.name == saga) {
            return &each;
        }
    }
    return nullptr;
}

bool isScriptName(std::string_view word)
{
    const auto tokens = tokenize(word);
    return tokens && tokens->size() == 2 && tokens->front().kind == Token::Kind::Name
        && tokens->front().text == word && !isKeyword(word);
}

std::optional<Amount> amountOf(std::string_view word)
{
    Amount value = 0;
    const auto* end = word.data() + word.size();
    const auto [last, error] = std::from_chars(word.data(), end, value);
    const bool fits = value >= -mostAmount && value <= mostAmount;
    return error == std::errc{} && last == end && fits ? std::optional(value) : std::nullopt;
}

Result<Script> parseScript(std::string_view text)
{
    auto tokens = tokenize(text);
    if (!tokens) {
        return tokens.error();
    }
    try {
        return Parser(std::move(*tokens)).whole();
    } catch (Error& error) {
        return std::move(error);
    }
}

} // namespace lightcone::protocols::saga
