#pragma once

#include "app/cli/verbs.h"
#include "engine/core/error.h"
#include "engine/core/time.h"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::cli {

/// The options of one verb. --help is among them already.
class Options
{
public:
    explicit Options(std::string_view verb);

    boost::program_options::options_description_easy_init add() { return m_named.add_options(); }

    /// A word without a dash in front: the next one, or, with all, every further one.
    void word(const std::string& name);
    void words(const std::string& name);

    /// What was given; a status where the program is to end at once (help was asked for, or the
    /// usage is wrong: that was said).
    std::optional<int> parse(const Words& arguments);

    [[nodiscard]] bool has(const std::string& name) const { return m_given.count(name) != 0; }

    template <class T>
    [[nodiscard]] T get(const std::string& name) const
    {
        return m_given[name].as<T>();
    }

    [[nodiscard]] std::vector<std::string> list(const std::string& name) const;

private:
    std::string m_verb;
    boost::program_options::options_description m_named{"Options"};
    boost::program_options::options_description m_words;
    boost::program_options::positional_options_description m_positions;
    boost::program_options::variables_map m_given;
};

/// As scenarios take it: "5s". The error names the option.
Result<Duration> durationOf(const Options&, const std::string& option);

/// Says on stderr what is wrong and gives the status for it.
int complain(std::string_view verb, const Error& error);

} // namespace lightcone::cli
