#include "app/node/settings.h"

#include "engine/live/cluster_file.h"
#include "engine/live/toml_reader.h"
#include "engine/node/catalog.h"
#include "engine/node/parameters.h"

#include <algorithm>
#include <array>

namespace lightcone::node_program {

namespace {

using live::TomlFile;
using live::TomlTable;

constexpr std::array logLevels{"debug", "info", "warning", "error"};

template <class T>
Given given(const live::Placed<T>& placed, const std::string& file)
{
    return {placed.value, file, placed.line, placed.column};
}

Result<void> read(TomlTable& table, std::string_view key, const std::string& file,
                  std::optional<Given>& into)
{
    auto text = table.text(key);
    if (!text) {
        return text.error();
    }
    if (*text) {
        into = given(**text, file);
    }
    return {};
}

Result<void> readListen(TomlTable& root, const std::string& file, Wishes& wishes)
{
    auto listen = root.table("listen");
    if (!listen) {
        return listen.error();
    }
    for (const auto& [key, into] :
         {std::pair("peer", &wishes.peer), std::pair("control", &wishes.control)}) {
        if (auto done = read(*listen, key, file, *into); !done) {
            return done;
        }
    }
    return listen->finish();
}

Result<void> readLog(TomlTable& root, const std::string& file, Wishes& wishes)
{
    auto log = root.table("log");
    if (!log) {
        return log.error();
    }
    for (const auto& [key, into] :
         {std::pair("level", &wishes.logLevel), std::pair("format", &wishes.logFormat)}) {
        if (auto done = read(*log, key, file, *into); !done) {
            return done;
        }
    }
    return log->finish();
}

Result<void> readParameters(TomlTable& root, const std::string& file, Wishes& wishes)
{
    auto table = root.table("parameters");
    if (!table) {
        return table.error();
    }
    for (const auto& key : table->keys()) {
        auto word = table->word(key);
        if (!word) {
            return word.error();
        }
        wishes.parameters.emplace_back(key, given(**word, file));
    }
    return {};
}

Result<live::Address> addressOf(const Given& text)
{
    auto address = live::parseAddress(text.text);
    return address ? address : Result<live::Address>(text.wrong(address.error().message));
}

Result<node::SetupPtr> setupOf(const node::Protocol& protocol, const Wishes& wishes)
{
    node::Parameters parameters(protocol.card());
    for (const auto& [name, text] : wishes.parameters) {
        if (auto set = parameters.set(name, text.text); !set) {
            return text.wrong(set.error().message);
        }
    }
    auto setup = protocol.setup(parameters.value());
    if (!setup) {
        // The parameters as a whole do not fit: the first that was given is where to look.
        return wishes.parameters.empty()
            ? fail(setup.error().message)
            : wishes.parameters.front().second.wrong(setup.error().message);
    }
    return setup;
}

/// Names become ids, and every member of the setup must be there.
Result<std::vector<live::MemberAddress>> membersOf(const node::Setup& setup, const Wishes& wishes)
{
    const auto at = wishes.membersAt.value_or(Given{});
    std::vector<live::MemberAddress> out;
    for (const auto& member : setup.members) {
        const auto found =
            std::ranges::find(wishes.members, member.name, &live::MemberAddress::name);
        if (found == wishes.members.end()) {
            return at.wrong("the cluster has a member '" + member.name
                            + "', and its address is not given: [[member]] name = \"" + member.name
                            + "\" peer = \"HOST:PORT\", or --member " + member.name + "=HOST:PORT");
        }
        if (found->peer.empty()) {
            return at.wrong("member '" + member.name + "' has no peer address");
        }
        auto whole = *found;
        whole.id = member.id;
        whole.takesRequests = member.takesRequests;
        out.push_back(std::move(whole));
    }
    for (const auto& member : wishes.members) {
        if (std::ranges::find(out, member.name, &live::MemberAddress::name) == out.end()) {
            return at.wrong("'" + member.name + "' is no member: with these parameters there are "
                            + std::to_string(setup.members.size()) + ", from '"
                            + setup.members.front().name + "' to '" + setup.members.back().name
                            + "'");
        }
    }
    return out;
}

Result<void> understandLog(const Wishes& wishes, Settings& settings)
{
    if (wishes.logLevel) {
        settings.logLevel = wishes.logLevel->text;
        if (std::find(logLevels.begin(), logLevels.end(), settings.logLevel) == logLevels.end()) {
            return wishes.logLevel->wrong("expected a log level (debug, info, warning or error), "
                                          "found '"
                                          + settings.logLevel + "'");
        }
    }
    if (wishes.logFormat) {
        const auto& format = wishes.logFormat->text;
        if (format != "text" && format != "json") {
            return wishes.logFormat->wrong("expected a log format (text or json), found '" + format
                                           + "'");
        }
        settings.logFormat = format == "json" ? LogFormat::Json : LogFormat::Text;
    }
    return {};
}

/// Which member it is, and where it listens: as said, else where the others believe it to be.
Result<void> understandPlace(const Wishes& wishes, Settings& settings)
{
    if (!wishes.id) {
        return fail("which node is this? id = \"n1\" in the file, or --id n1");
    }
    const auto mine = std::ranges::find_if(settings.members, [&](const auto& member) {
        return member.name == wishes.id->text || std::to_string(member.id.value) == wishes.id->text;
    });
    if (mine == settings.members.end()) {
        return wishes.id->wrong(
            "expected one of the members as id, from '" + settings.members.front().name + "' to '"
            + settings.members.back().name + "', found '" + wishes.id->text + "'");
    }
    settings.self = mine->id;
    settings.name = mine->name;
    auto peer = addressOf(wishes.peer.value_or(Given{mine->peer}));
    if (!peer) {
        return peer.error();
    }
    settings.peer = *peer;
    if (wishes.control || !mine->control.empty()) {
        auto control = addressOf(wishes.control.value_or(Given{mine->control}));
        if (!control) {
            return control.error();
        }
        settings.control = *control;
    }
    return {};
}

/// Nobody gets in uninvited: said here, before anything is opened.
Result<void> checkSafety(const Wishes& wishes, const Settings& settings)
{
    if (settings.tls.given()) {
        return {};
    }
    const auto open = [&](const live::Address& address, const std::optional<Given>& at,
                          std::string_view what) -> Result<void> {
        if (live::isLoopback(address)) {
            return {};
        }
        return at.value_or(Given{}).wrong(
            "the " + std::string(what) + " would listen on " + address.text()
            + " without TLS, where everybody could come in: give [tls] authority, certificate and "
              "key ('lightcone-node init' makes them), or listen on 127.0.0.1");
    };
    if (auto safe = open(settings.peer, wishes.peer, "peer port"); !safe) {
        return safe;
    }
    return settings.control ? open(*settings.control, wishes.control, "control port")
                            : Result<void>();
}

} // namespace

Error Given::wrong(std::string message) const
{
    auto error = fail(std::move(message), line, column);
    error.file = file;
    return error;
}

Result<Wishes> readNodeFile(const std::string& path)
{
    auto file = TomlFile::read(path);
    if (!file) {
        return file.error();
    }
    auto root = file->root();
    Wishes wishes;
    wishes.membersAt = Given{{}, path, 0, 0};
    for (const auto& [key, into] :
         {std::pair("cluster", &wishes.cluster), std::pair("protocol", &wishes.protocol),
          std::pair("id", &wishes.id), std::pair("data", &wishes.data),
          std::pair("token_file", &wishes.tokenFile)}) {
        if (auto done = read(root, key, path, *into); !done) {
            return done.error();
        }
    }
    for (auto* each : {&wishes.data, &wishes.tokenFile}) {
        if (*each) {
            (*each)->text = file->pathOf((*each)->text);
        }
    }
    auto faults = root.flag("allow_faults");
    if (!faults) {
        return faults.error();
    }
    if (*faults) {
        wishes.allowFaults = (*faults)->value;
    }
    for (const auto read : {readListen, readLog, readParameters}) {
        if (auto done = read(root, path, wishes); !done) {
            return done.error();
        }
    }
    auto members = live::readMembers(root);
    auto tls = live::readTlsFiles(root, *file);
    if (!members || !tls) {
        return members ? tls.error() : members.error();
    }
    wishes.members = std::move(*members);
    wishes.tls = std::move(*tls);
    if (auto finished = root.finish(); !finished) {
        return finished.error();
    }
    return wishes;
}

Result<const node::Protocol*> protocolOf(const Given& name)
{
    if (const auto* protocol = node::findProtocol(name.text)) {
        return protocol;
    }
    std::string known;
    for (const auto* each : node::catalog()) {
        known += (known.empty() ? "" : ", ") + each->card().id;
    }
    return name.wrong("'" + name.text + "' is no protocol: expected one of " + known);
}

Result<Settings> understand(const Wishes& wishes)
{
    if (!wishes.protocol) {
        return fail("which protocol? protocol = \"raft\" in the file, or --protocol raft");
    }
    if (!wishes.data) {
        return fail("where is the data to be? data = \"data\" in the file, or --data DIR");
    }
    Settings settings;
    auto protocol = protocolOf(*wishes.protocol);
    if (!protocol) {
        return protocol.error();
    }
    settings.protocol = *protocol;
    auto setup = setupOf(*settings.protocol, wishes);
    if (!setup) {
        return setup.error();
    }
    settings.setup = *setup;
    auto members = membersOf(*settings.setup, wishes);
    if (!members) {
        return members.error();
    }
    settings.members = std::move(*members);
    settings.cluster = wishes.cluster ? wishes.cluster->text : settings.protocol->card().id;
    settings.directory = wishes.data->text;
    settings.tls = wishes.tls;
    settings.allowFaults = wishes.allowFaults.value_or(false);
    for (const auto understandPart : {understandPlace, understandLog}) {
        if (auto done = understandPart(wishes, settings); !done) {
            return done.error();
        }
    }
    if (wishes.tokenFile) {
        if (settings.tls.given()) {
            return wishes.tokenFile->wrong("a token stands in where there is no TLS: give one of "
                                           "the two");
        }
        auto token = live::readTokenFile(wishes.tokenFile->text);
        if (!token) {
            return token.error();
        }
        settings.token = std::move(*token);
    }
    if (auto safe = checkSafety(wishes, settings); !safe) {
        return safe.error();
    }
    return settings;
}

} // namespace lightcone::node_program
