#include "app/cli/arguments.h"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>

#include <algorithm>
#include <iostream>

namespace lightcone::cli {

namespace options = boost::program_options;

Options::Options(std::string_view verb)
    : m_verb(verb)
{
    m_named.add_options()("help,h", "show this and end");
}

void Options::word(const std::string& name)
{
    m_words.add_options()(name.c_str(), options::value<std::vector<std::string>>());
    m_positions.add(name.c_str(), 1);
}

void Options::words(const std::string& name)
{
    m_words.add_options()(name.c_str(), options::value<std::vector<std::string>>());
    m_positions.add(name.c_str(), -1);
}

std::optional<int> Options::parse(const Words& arguments)
{
    const auto all = verbs();
    const auto verb = std::find_if(all.begin(), all.end(),
                                   [&](const Verb& known) { return known.name == m_verb; });
    try {
        options::options_description everything;
        everything.add(m_named).add(m_words);
        options::store(options::command_line_parser(arguments)
                           .options(everything)
                           .positional(m_positions)
                           .run(),
                       m_given);
        options::notify(m_given);
    } catch (const options::error& error) {
        return complain(m_verb,
                        fail(std::string(error.what()) + " (usage: lightcone-cli "
                             + std::string(verb->usage) + ")"));
    }
    if (has("help")) {
        std::cout << "Usage: lightcone-cli " << verb->usage << "\n"
                  << verb->summary << "\n\n"
                  << m_named;
        return fine;
    }
    return std::nullopt;
}

std::vector<std::string> Options::list(const std::string& name) const
{
    return has(name) ? m_given[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

Result<Duration> durationOf(const Options& given, const std::string& option)
{
    const auto duration = parseDuration(given.get<std::string>(option));
    if (!duration) {
        return fail("--" + option + ": " + duration.error().message);
    }
    if (*duration < Duration::zero()) {
        return fail("--" + option + ": expected a duration that is not negative");
    }
    return *duration;
}

int complain(std::string_view verb, const Error& error)
{
    std::cerr << "lightcone-cli " << verb << ": " << error.text() << '\n';
    return wrong;
}

} // namespace lightcone::cli
