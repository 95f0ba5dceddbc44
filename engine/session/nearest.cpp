#include "engine/session/nearest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace lightcone::session {
namespace {

char lower(char c)
{
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Letters to add, take away, change or swap (Damerau 1964), case aside.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::vector<std::size_t>> rows(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            rows[i][j] = std::min(
                {rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2])
                && lower(a[i - 2]) == lower(b[j - 1])) {
                rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
            }
        }
    }
    return rows[a.size()][b.size()];
}

} // namespace

std::string suggestion(std::string_view word, const std::vector<std::string>& known)
{
    if (known.empty()) {
        return {};
    }
    constexpr std::size_t longest = 64;
    if (word.size() <= longest) {
        std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
        const std::string* nearest = nullptr;
        for (const auto& each : known) {
            const auto far = each.size() <= longest ? distance(word, each) : longest;
            if (far < best) {
                best = far;
                nearest = &each;
            }
        }
        if (nearest != nullptr) {
            return "did you mean '" + *nearest + "'?";
        }
    }
    std::string all = "expected one of: ";
    for (std::size_t i = 0; i < known.size(); ++i) {
        all += (i == 0 ? "" : ", ") + known[i];
    }
    return all;
}

} // namespace lightcone::session
