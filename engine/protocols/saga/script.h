#pragma once

#include "engine/core/error.h"
#include "engine/core/time.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A saga as a person writes it down: services and the numbers they own, and sagas as named steps
/// on them. README.md teaches the language.
namespace lightcone::protocols::saga {

using Amount = std::int64_t;

/// Numbers stay within this on both sides of zero, whatever is added.
constexpr Amount mostAmount = 1'000'000'000'000'000;

constexpr std::size_t longestScript = 1 << 16;
constexpr std::size_t mostServices = 32;
constexpr std::size_t mostSagas = 32;
constexpr std::size_t mostSteps = 32;
constexpr std::size_t mostOperations = 16;
constexpr std::size_t mostParameters = 8;
constexpr std::uint32_t mostRetries = 100;

/// Richardson, Microservices Patterns, §4.1.3 and §4.3.2.
enum class StepKind : std::uint8_t {
    Compensatable, ///< can be undone by a compensation
    Pivot, ///< the go or no-go point: once it is done, the saga runs to its end
    Retriable, ///< follows the pivot and is tried until it succeeds
};

/// One part of a sum.
struct Term
{
    enum class Kind : std::uint8_t { Number, Value, Key };
    Kind kind = Kind::Number;
    bool minus = false;
    Amount number = 0;
    std::string
        name{}; ///< of a parameter or a value that was read; of one of the service's numbers
};
using Sum = std::vector<Term>;

enum class Verb : std::uint8_t {
    Add, ///< adds to a number, whatever it is
    Take, ///< takes from a number what is there, or declines
    Set, ///< overwrites a number
    Read, ///< keeps a number's value for later steps
    Need, ///< declines unless a comparison holds
};

enum class Comparison : std::uint8_t { Less, LessEqual, Greater, GreaterEqual, Equal, Unequal };

struct Operation
{
    Verb verb = Verb::Add;
    std::string key{}; ///< of Need: none
    bool keyIsParameter = false; ///< the key is what the saga was given under that name
    Sum sum{}; ///< of Need: the left side
    Comparison comparison = Comparison::Equal; ///< of Need
    Sum right{}; ///< of Need
    std::string into{}; ///< of Read
};

/// When something fails, by the number of the try, from 1.
struct Failures
{
    bool always = false;
    double chance = 0;
    std::vector<std::uint32_t> tries{};

    [[nodiscard]] bool none() const { return !always && chance == 0 && tries.empty(); }
};

/// What a service does in one local transaction.
struct Deed
{
    std::vector<Operation> operations{};
    Failures fails{}; ///< and may be tried again
    Failures declines{}; ///< and means it

    [[nodiscard]] bool changesData() const;
};

struct StepPlan
{
    std::string name;
    std::size_t service = 0; ///< its place in Script::services
    Deed action{};
    std::optional<Deed> undo{};
    StepKind kind = StepKind::Compensatable;
    std::optional<Duration> timeout{};
    std::optional<std::uint32_t> retries{};
    std::optional<Duration> backOff{};
    std::optional<Duration> mostBackOff{};
};

struct ParameterPlan
{
    enum class Use : std::uint8_t { None, Number, Key };
    std::string name;
    Use use = Use::None;
    std::optional<std::string> byDefault{};
};

struct SagaPlan
{
    std::string name;
    std::vector<ParameterPlan> parameters{};
    std::vector<StepPlan> steps{};

    /// How many steps lie before the point of no return, itself included: once they are done the
    /// saga runs to its end. That is the pivot, or else the last step that is not retriable.
    std::size_t pointOfNoReturn = 0;

    [[nodiscard]] std::optional<std::size_t> indexOf(std::string_view step) const;
};

struct ServicePlan
{
    std::string name;
    std::map<std::string, Amount, std::less<>> data{}; ///< its numbers when the run begins
};

struct Script
{
    std::vector<ServicePlan> services{};
    std::vector<SagaPlan> sagas{};

    /// nullptr where there is none of that name; of no name: the first.
    [[nodiscard]] const SagaPlan* find(std::string_view saga) const;
};

/// The script of a text, or one sentence with the column (in bytes, from 1) of what is wrong and
/// what was expected there. Total, whatever the text is.
Result<Script> parseScript(std::string_view text);

/// Whether a word can be the name of a number.
bool isScriptName(std::string_view word);

/// The number that a word is, within mostAmount.
std::optional<Amount> amountOf(std::string_view word);

} // namespace lightcone::protocols::saga
