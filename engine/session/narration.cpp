#include "engine/session/narration.h"

#include <fstream>
#include <utility>

namespace lightcone::session {
namespace {

constexpr std::size_t longestFile = std::size_t{1} << 20;

} // namespace

Result<Narration> Narration::beside(const std::filesystem::path& scenario,
                                    std::string_view language)
{
    auto path = scenario;
    path.replace_extension("." + std::string(language) + ".txt");
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return Narration{};
    }
    std::string text(longestFile, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return parse(text, path.string());
}

Result<Narration> Narration::parse(std::string_view text, std::string file)
{
    Narration narration;
    std::string original;
    std::size_t originalLine = 0;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const bool translation = line.starts_with("= ");
        if (translation == original.empty()) {
            return Error{translation ? "a translation follows the text that it is of"
                                     : "expected '= ' and the translation of line "
                                 + std::to_string(originalLine),
                         std::move(file), number, 1};
        }
        if (!translation) {
            original = line;
            originalLine = number;
        } else if (!narration.m_texts.emplace(std::move(original), line.substr(2)).second) {
            return Error{"this text was translated above already", std::move(file), originalLine,
                         1};
        } else {
            original.clear();
        }
    }
    if (!original.empty()) {
        return Error{"expected '= ' and a translation after the last line", std::move(file),
                     originalLine, 1};
    }
    return narration;
}

std::string Narration::operator()(std::string_view text) const
{
    const auto found = m_texts.find(text);
    return found == m_texts.end() ? std::string(text) : found->second;
}

bool Narration::knows(std::string_view text) const
{
    return m_texts.contains(text);
}

} // namespace lightcone::session
