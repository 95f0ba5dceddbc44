#include "app/cli/cluster.h"

#include "engine/live/cluster_file.h"
#include "engine/live/tls.h"
#include "engine/node/catalog.h"

#include <boost/program_options/value_semantic.hpp>

#include <filesystem>
#include <optional>
#include <string_view>

namespace lightcone::cli {

describe::NodeNames namesOf(const live::Welcome& welcome)
{
    describe::NodeNames names;
    names.name = [&welcome](NodeId id) {
        for (const auto& member : welcome.members) {
            if (member.id == id) {
                return member.name;
            }
        }
        return describe::plainNames().name(id);
    };
    names.find = [&welcome](std::string_view name) -> std::optional<NodeId> {
        for (const auto& member : welcome.members) {
            if (member.name == name) {
                return member.id;
            }
        }
        return std::nullopt;
    };
    return names;
}

void addClusterOptions(Options& given)
{
    namespace options = boost::program_options;
    given.add()("cluster", options::value<std::string>(),
                "the cluster's name; others are not spoken to")(
        "protocol", options::value<std::string>(), "the protocol that the cluster must run")(
        "ca", options::value<std::string>(), "TLS: the cluster's authority, a PEM file")(
        "certificate", options::value<std::string>(), "TLS: one's own certificate, a PEM file")(
        "key", options::value<std::string>(), "TLS: the key to it, a PEM file")(
        "answer-timeout", options::value<std::string>()->default_value("500ms"),
        "how long one node may take to answer, before the next one is asked")(
        "timeout", options::value<std::string>()->default_value("5s"),
        "how long an operation may take, over all tries");
}

namespace {

/// Flags count more than a file.
Result<live::TlsPtr> tlsOf(const Options& given, live::TlsFiles files)
{
    const auto count = given.has("authority") + given.has("certificate") + given.has("key");
    if (count != 0 && count != 3) {
        return fail("expected --authority, --certificate and --key together");
    }
    if (count == 3) {
        files = {given.get<std::string>("authority"), given.get<std::string>("certificate"),
                 given.get<std::string>("key")};
    }
    return files.given() ? live::openTls(files) : Result<live::TlsPtr>(live::TlsPtr());
}

Result<std::vector<live::Address>> addressesOf(std::string_view list)
{
    std::vector<live::Address> addresses;
    while (!list.empty()) {
        const auto comma = list.find(',');
        auto address = live::parseAddress(list.substr(0, comma));
        if (!address) {
            return address.error();
        }
        addresses.push_back(std::move(*address));
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    if (addresses.empty()) {
        return fail("expected the address of a node, HOST:PORT");
    }
    return addresses;
}

bool isFile(const std::string& where)
{
    std::error_code ignored;
    return where.ends_with(".toml") || std::filesystem::is_regular_file(where, ignored);
}

} // namespace

Result<live::ClientPlan> clusterOf(const Options& given, const std::string& where)
{
    live::ClientPlan plan;
    plan.software = "lightcone-cli " LIGHTCONE_VERSION;
    plan.findProtocol = [](std::string_view id) { return node::findProtocol(id); };
    live::TlsFiles tlsFiles;
    std::string addresses = where;
    if (isFile(where)) {
        auto file = live::readClusterFile(where);
        if (!file) {
            return file.error();
        }
        plan.cluster = file->cluster;
        plan.protocol = file->protocol;
        tlsFiles = file->tls;
        addresses.clear();
        for (const auto& member : file->members) {
            addresses += (addresses.empty() ? "" : ",") + member.peer;
        }
    }
    auto known = addressesOf(addresses);
    if (!known) {
        return known.error();
    }
    plan.addresses = std::move(*known);
    if (given.has("cluster")) {
        plan.cluster = given.get<std::string>("cluster");
    }
    if (given.has("protocol")) {
        plan.protocol = given.get<std::string>("protocol");
    }
    auto tls = tlsOf(given, tlsFiles);
    if (!tls) {
        return tls.error();
    }
    plan.tls = std::move(*tls);
    const auto answer = durationOf(given, "answer-timeout");
    const auto whole = durationOf(given, "timeout");
    if (!answer || !whole) {
        return answer ? whole.error() : answer.error();
    }
    plan.settings.timeout = *answer;
    plan.settings.patience = *whole;
    return plan;
}

Result<std::unique_ptr<live::ClusterClient>> openCluster(boost::asio::io_context& context,
                                                         const live::ClientPlan& plan)
{
    auto cluster = std::make_unique<live::ClusterClient>(context.get_executor(), plan);
    std::optional<Result<void>> opened;
    cluster->open([&](const Result<void>& result) { opened = result; });
    while (!opened) {
        context.run_one();
    }
    if (!*opened) {
        return opened->error();
    }
    return cluster;
}

} // namespace lightcone::cli
