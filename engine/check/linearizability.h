#pragma once

#include "engine/check/history.h"
#include "engine/core/error.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::checking {

/// What the operations are about. A key of its own is a thing of its own: linearizability is local
/// (Herlihy and Wing 1990, theorem 1), so that each is judged alone.
enum class Model : std::uint8_t {
    Register, ///< read, write
    CasRegister, ///< and compare-and-set
    Kv, ///< and delete, with misses that say what they found
};

std::optional<Model> modelOf(std::string_view name);
std::string_view nameOf(Model);

/// The least of the models that knows every operation of the history.
Model modelFor(const History&);

/// When to stop looking. A step is one operation put into an order.
struct Patience
{
    std::uint64_t steps = std::numeric_limits<std::uint64_t>::max(); ///< over all keys
    std::function<bool()> stop = [] { return false; }; ///< asked now and then
};

enum class Finding : std::uint8_t {
    Linearizable,
    Impossible, ///< no order explains what the clients saw
    GaveUp,
};

/// What was found of one key. Operations are places in the history.
struct KeyJudgement
{
    std::string key;
    Finding finding = Finding::Linearizable;

    /// An order that explains all; of an Impossible one the order that was possible until the
    /// culprit's end. Unknown operations that need not have happened are not in it.
    std::vector<std::size_t> order;

    /// Where order[i] may have happened; never decreases, within each operation's own time.
    std::vector<Instant> points;

    /// The operation at whose end the history stops being explicable: without this ending
    /// everything up to it has an order. What was under way then may have happened or not, but for
    /// what turned out later to have changed nothing.
    std::optional<std::size_t> culprit;

    /// Of an Impossible one: what the key could have held instead at the culprit, as far as it was
    /// looked for.
    std::vector<Datum> couldHold;
    std::size_t operations = 0;
};

struct Judgement
{
    Finding finding = Finding::Linearizable;
    std::vector<KeyJudgement> keys; ///< by key
    std::uint64_t steps = 0;

    /// The key to look at first: the one whose culprit ended first; nullptr when none is
    /// impossible.
    [[nodiscard]] const KeyJudgement* worst(const History&) const;
};

/// Wing and Gong's search (1993) with Lowe's memory of what was tried (2017), for each key alone.
/// The error names the operation that the model does not know, with its line.
Result<Judgement> judge(const History&, Model, const Patience& = {});

/// Why the key's history is impossible, in one sentence: "get x gave 1, where x could only have
/// held 2".
std::string sentence(const History&, const KeyJudgement&);

} // namespace lightcone::checking
