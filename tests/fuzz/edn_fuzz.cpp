#include "engine/check/edn.h"
#include "engine/check/jepsen.h"
#include "engine/check/linearizability.h"
#include "engine/core/check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>

namespace {

using namespace lightcone;

constexpr std::size_t longestText = 8192;

void checkPlace(const Error& error, std::string_view text)
{
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    check(!error.message.empty(), "an error that says something");
    check(error.line >= 1 && error.line <= lines, "a line of the text");
    check(error.column >= 1 && error.column <= text.size() + 1, "a column of the text");
}

/// A value is written in one way, and read back as the same.
void checkValues(std::string_view text)
{
    checking::edn::Reader reader(text);
    while (true) {
        const auto value = reader.next();
        if (!value) {
            checkPlace(value.error(), text);
            return;
        }
        if (!*value) {
            return;
        }
        const auto written = checking::edn::toText(**value);
        checking::edn::Reader again(written);
        const auto back = again.next();
        check(back.has_value() && back->has_value(), "a written value that can be read");
        check(checking::edn::toText(**back) == written, "a written value that says the same");
    }
}

} // namespace

/// Any bytes are EDN values and a history, or one sentence with its place; a history is judged
/// within its patience, and writing it down loses nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, longestText));
    checkValues(text);
    const auto history = checking::readJepsen(text);
    if (!history) {
        checkPlace(history.error(), text);
        return 0;
    }
    const auto judgement =
        checking::judge(*history, checking::modelFor(*history), {.steps = 20'000});
    check(judgement.has_value() || judgement.error().line >= 1, "an operation that is no model's");
    if (judgement) {
        for (const auto& key : judgement->keys) {
            check(key.culprit.has_value() == (key.finding == checking::Finding::Impossible),
                  "an impossible history has its culprit");
            check(key.order.size() == key.points.size(), "a point for each operation");
        }
        std::ostringstream out;
        checking::writeJepsen(out, *history);
        const auto written = out.str();
        const auto again = checking::readJepsen(written);
        check(again.has_value(), "a written history that can be read");
        check(again->operations().size() == history->operations().size(), "all of the operations");
    }
    return 0;
}
