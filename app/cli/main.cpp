#include "app/cli/verbs.h"

#include <algorithm>
#include <array>
#include <exception>
#include <iostream>

namespace lightcone::cli {

namespace {

constexpr std::array theVerbs{
    Verb{"protocols", "protocols [--json]",
         "Lists the protocols with what they can be asked, promise and get wrong.", &protocols},
    Verb{"scenarios", "scenarios [PROTOCOL] [--json]",
         "Lists the scenarios that come with Lightcone.", &scenarios},
    Verb{"run", "run SCENARIO… [--seed N] [--set KEY=VALUE]… [--record FILE] [--json]",
         "Runs scenarios to their end and judges what they expect.", &run},
    Verb{"sweep",
         "sweep SCENARIO --crash NODE [--down TIME] [--while QUERY]… [--end QUERY]… [--json]",
         "Runs a scenario once for each moment in which a node could crash.", &sweep},
    Verb{"show", "show FILE [--where QUERY] [--limit N] [--json]",
         "Lists the events of a trace or of a scenario's run.", &show},
    Verb{"state", "state FILE --at EVENT [--node NODE] [--json]",
         "Shows the nodes' states right after an event.", &state},
    Verb{"replay", "replay FILE [--json]",
         "Runs a recorded simulation again and compares event by event.", &replay},
    Verb{"export", "export FILE --to FORMAT [-o OUT] [--where QUERY]",
         "Writes a trace in another format.", &exportTrace},
    Verb{"stats", "stats FILE [--percentiles] [--json]",
         "Measures a run: latencies, throughput, messages, bytes, writes, unavailable time.",
         &stats},
    Verb{"compare", "compare A B [--left KEY=VALUE]… [--right KEY=VALUE]… [--json]",
         "Measures two runs side by side, and finds the first event that differs.", &compare},
    Verb{"check", "check FILE [--model register|cas-register|kv] [--timeout SECONDS] [--json]",
         "Judges whether what clients saw is linearizable: of a trace, or of a Jepsen history.",
         &checkHistory},
    Verb{"request", "request CLUSTER REQUEST… [--node NODE] [--json]",
         "Asks real nodes (HOST:PORT[,HOST:PORT…] or a cluster file) for something.", &request},
    Verb{"load", "load CLUSTER [--clients N] [--mix MIX] [--rate R/s] [--history FILE] [--json]",
         "Puts a load on real nodes and measures it.", &loadCluster},
};

void usage(std::ostream& out)
{
    out << "Usage: lightcone-cli VERB …\n\nRuns, checks and converts runs of distributed protocols "
           "without a window.\n\n";
    for (const auto& verb : theVerbs) {
        out << "  " << verb.usage << "\n      " << verb.summary << '\n';
    }
    out << "\n  VERB --help says more. Exit status: 0 fine, 1 an expectation or a replay failed or "
           "a "
           "history is not linearizable, 2 wrong usage or input, 3 gave up.\n";
}

int dispatch(const Words& words)
{
    if (words.empty()) {
        usage(std::cerr);
        return wrong;
    }
    const auto& first = words.front();
    if (first == "--help" || first == "-h") {
        usage(std::cout);
        return fine;
    }
    if (first == "--version") {
        std::cout << "lightcone-cli " LIGHTCONE_VERSION "\n";
        return fine;
    }
    const bool helps = first == "help" && words.size() == 2;
    const auto& name = helps ? words[1] : first;
    const auto* verb = std::find_if(theVerbs.begin(), theVerbs.end(),
                                    [&](const Verb& known) { return known.name == name; });
    if (verb == theVerbs.end()) {
        std::cerr << "lightcone-cli: expected a verb (";
        for (const auto& known : theVerbs) {
            std::cerr << (&known == theVerbs.data() ? "" : ", ") << known.name;
        }
        std::cerr << "), found '" << name << "'\n";
        return wrong;
    }
    return verb->run(helps ? Words{"--help"} : Words(words.begin() + 1, words.end()));
}

} // namespace

std::span<const Verb> verbs()
{
    return theVerbs;
}

} // namespace lightcone::cli

int main(int argc, char** argv)
{
    try {
        return lightcone::cli::dispatch({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "lightcone-cli: " << error.what() << '\n';
        return lightcone::cli::wrong;
    }
}
