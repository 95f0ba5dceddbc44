#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace lightcone::session {

/// What a scenario tells, in another language: the file beside it, `<name>.<language>.txt`. Without
/// one everything stays as it was written.
class Narration
{
public:
    Narration() = default;

    /// An error names the line that is wrong; a file that is not there is none.
    static Result<Narration> beside(const std::filesystem::path& scenario,
                                    std::string_view language);
    static Result<Narration> parse(std::string_view text, std::string file = {});

    /// The translation of a text exactly as it stands in the scenario, or the text itself.
    [[nodiscard]] std::string operator()(std::string_view text) const;
    [[nodiscard]] bool knows(std::string_view text) const;

private:
    std::map<std::string, std::string, std::less<>> m_texts;
};

} // namespace lightcone::session
