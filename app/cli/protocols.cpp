#include "app/cli/arguments.h"
#include "app/cli/json_text.h"
#include "engine/describe/json.h"
#include "engine/describe/text.h"
#include "engine/node/catalog.h"

#include <iostream>

namespace lightcone::cli {

namespace {

namespace json = boost::json;

json::object toJson(const node::Card& card)
{
    json::object object{
        {"id", card.id}, {"title", card.title}, {"family", card.family}, {"summary", card.summary}};
    json::array sources(card.sources.begin(), card.sources.end());
    json::array roles;
    for (const auto& role : card.roles) {
        roles.push_back(json::object{{"name", role.name}, {"text", role.text}});
    }
    json::array parameters;
    for (const auto& parameter : card.parameters) {
        json::object row{{"name", parameter.name}, {"text", parameter.text}};
        row["default"] = describe::toJson(parameter.byDefault);
        parameters.push_back(std::move(row));
    }
    json::array requests;
    for (const auto& request : card.requests) {
        requests.push_back(json::object{{"name", request.name},
                                        {"text", request.text},
                                        {"sample", request.sample},
                                        {"readOnly", request.readOnly}});
    }
    json::array invariants;
    for (const auto& invariant : card.invariants) {
        invariants.push_back(json::object{
            {"name", invariant.name}, {"text", invariant.text}, {"source", invariant.source}});
    }
    json::array mistakes;
    for (const auto& mistake : card.mistakes) {
        mistakes.push_back(json::object{
            {"name", mistake.name}, {"text", mistake.text}, {"caughtBy", mistake.caughtBy}});
    }
    object["sources"] = std::move(sources);
    object["roles"] = std::move(roles);
    object["parameters"] = std::move(parameters);
    object["requests"] = std::move(requests);
    object["invariants"] = std::move(invariants);
    object["mistakes"] = std::move(mistakes);
    return object;
}

void print(const node::Card& card)
{
    std::cout << card.id << " · " << card.title << " (" << card.family << ")\n  " << card.summary
              << '\n';
    std::cout << "  parameters\n";
    for (const auto& parameter : card.parameters) {
        std::cout << "    " << parameter.name << '=' << describe::toText(parameter.byDefault)
                  << "  " << parameter.text << '\n';
    }
    std::cout << "  requests\n";
    for (const auto& request : card.requests) {
        std::cout << "    " << request.sample << "  " << request.text << '\n';
    }
    std::cout << "  invariants\n";
    for (const auto& invariant : card.invariants) {
        std::cout << "    " << invariant.name << ": " << invariant.text << " [" << invariant.source
                  << "]\n";
    }
    std::cout << "  mistakes\n";
    for (const auto& mistake : card.mistakes) {
        std::cout << "    mistake=" << mistake.name << "  " << mistake.text
                  << " Caught by: " << mistake.caughtBy << ".\n";
    }
}

} // namespace

int protocols(const Words& arguments)
{
    Options options("protocols");
    options.add()("json",
                  "as JSON: an array of id, title, parameters, requests, invariants, mistakes");
    if (const auto status = options.parse(arguments)) {
        return *status;
    }
    if (options.has("json")) {
        json::array all;
        for (const auto* protocol : node::catalog()) {
            all.push_back(toJson(protocol->card()));
        }
        std::cout << readable(all);
        return fine;
    }
    bool first = true;
    for (const auto* protocol : node::catalog()) {
        std::cout << (first ? "" : "\n");
        print(protocol->card());
        first = false;
    }
    return fine;
}

} // namespace lightcone::cli
