#include "app/cli/cluster.h"
#include "app/cli/json_text.h"
#include "engine/describe/json.h"
#include "engine/describe/text.h"
#include "engine/describe/words.h"
#include "engine/live/clocks.h"
#include "engine/session/binding.h"

#include <boost/program_options/value_semantic.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <iostream>
#include <optional>

namespace lightcone::cli {

namespace {

/// One text out of the shell's words: a word with blanks in it stays one.
std::string joined(const std::vector<std::string>& words)
{
    if (words.size() == 1) {
        return words.front(); // "put x 1"
    }
    std::string text;
    for (const auto& word : words) {
        const auto equals = word.find('=');
        const bool hasName = equals != std::string::npos && equals != 0
            && std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                           [](unsigned char c) { return std::isalnum(c) != 0; });
        const auto value = hasName ? word.substr(equals + 1) : word;
        const bool needsQuotes = value.empty() || value.find_first_of(" \t\n") != std::string::npos;
        text += (text.empty() ? "" : " ") + (hasName ? word.substr(0, equals + 1) : "")
            + (needsQuotes ? describe::quoted(value) : value);
    }
    return text;
}

struct Asked
{
    live::Answered answered;
    Duration took{};
};

Result<Asked> ask(boost::asio::io_context& context, live::ClusterClient& cluster,
                  const node::PayloadPtr& body, NodeId only)
{
    std::optional<Asked> asked;
    const auto begin = live::steadyNow();
    cluster.submit(
        cluster.addClient(), body,
        [&](const live::Answered& answered) {
            asked = Asked{answered, live::steadyNow() - begin};
        },
        only);
    while (!asked) {
        context.run_one();
    }
    return *asked;
}

int print(const Asked& asked, const describe::NodeNames& names, bool asJson)
{
    const auto& answered = asked.answered;
    const auto by = answered.by ? names.name(answered.by) : std::string();
    const auto value = answered.body ? answered.body->describe() : describe::Value();
    const std::string word = describe::enumeratorName(describe::nameOf(answered.answer));
    if (asJson) {
        boost::json::object row{{"answer", word},
                                {"by", by},
                                {"tries", answered.tries},
                                {"nanoseconds", asked.took.count()}};
        row["reply"] = value.exists() ? describe::toJson(value, names) : boost::json::value();
        std::cout << readable(row);
    } else {
        std::cout << word << (by.empty() ? "" : " by " + by) << " in " << toText(asked.took)
                  << (value.exists() ? ": " + describe::toText(value, names) : "") << '\n';
        if (answered.answer == node::Answer::Unknown) {
            std::cerr << "lightcone-cli request: nobody answered in time: it may have happened, "
                         "may still happen, or never\n";
        }
    }
    return answered.answer == node::Answer::Done ? fine : failed;
}

} // namespace

int request(const Words& arguments)
{
    namespace options = boost::program_options;
    Options given("request");
    given.add()("node", options::value<std::string>(),
                "asks this node and no other")("json", "as JSON: an object");
    addClusterOptions(given);
    given.words("words");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto words = given.list("words");
    if (words.size() < 2) {
        return complain("request",
                        fail("expected a cluster and a request: HOST:PORT[,HOST:PORT…] put x 1"));
    }
    const auto plan = clusterOf(given, words.front());
    if (!plan) {
        return complain("request", plan.error());
    }
    boost::asio::io_context context(1);
    const auto cluster = openCluster(context, *plan);
    if (!cluster) {
        return complain("request", cluster.error());
    }
    const auto names = namesOf((*cluster)->welcome());
    const auto& protocol = (*cluster)->protocol();
    session::Piece piece;
    piece.text = joined({words.begin() + 1, words.end()});
    const auto body = session::requestOf(piece, protocol, names);
    if (!body) {
        return complain("request", Error{body.error().message, {}, 0, 0});
    }
    NodeId only{};
    if (given.has("node")) {
        const auto found = names.find(given.get<std::string>("node"));
        if (!found) {
            return complain("request",
                            fail("no member is called '" + given.get<std::string>("node") + "'"));
        }
        only = *found;
    }
    const auto asked = ask(context, **cluster, *body, only);
    return print(*asked, names, given.has("json"));
}

} // namespace lightcone::cli
