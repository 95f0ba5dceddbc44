#include "engine/live/cluster_file.h"

#include "engine/live/address.h"

#include <algorithm>
#include <fstream>
#include <utility>

namespace lightcone::live {

namespace {

constexpr std::size_t longestToken = 256;

/// An Error could be made of a text too: this says which is meant.
Result<std::string> found(std::string text)
{
    return {boost::system::in_place_value, std::move(text)};
}

Result<std::string> addressIn(TomlTable& table, std::string_view key)
{
    auto text = table.text(key);
    if (!text) {
        return text.error();
    }
    if (!*text) {
        return found({});
    }
    if (auto address = parseAddress((*text)->value); !address) {
        return table.wrong(**text, std::string(key) + ": " + address.error().message);
    }
    return found((*text)->value);
}

} // namespace

Result<std::vector<MemberAddress>> readMembers(TomlTable& root)
{
    auto tables = root.tables("member");
    if (!tables) {
        return tables.error();
    }
    std::vector<MemberAddress> members;
    for (auto& table : *tables) {
        MemberAddress member;
        member.id = NodeId(static_cast<std::uint32_t>(members.size() + 1));
        auto name = table.text("name");
        if (!name) {
            return name.error();
        }
        if (!*name || (*name)->value.empty()) {
            return table.wrong("a member needs a name: name = \"n1\"");
        }
        member.name = (*name)->value;
        if (std::ranges::find(members, member.name, &MemberAddress::name) != members.end()) {
            return table.wrong(**name, "there are two members '" + member.name + "'");
        }
        auto peer = addressIn(table, "peer");
        auto control = addressIn(table, "control");
        if (!peer || !control) {
            return peer ? control.error() : peer.error();
        }
        member.peer = *peer;
        member.control = *control;
        if (member.peer.empty() && member.control.empty()) {
            return table.wrong("member '" + member.name
                               + "' needs an address: peer = \"127.0.0.1:7101\"");
        }
        if (auto finished = table.finish(); !finished) {
            return finished.error();
        }
        members.push_back(std::move(member));
    }
    return members;
}

Result<TlsFiles> readTlsFiles(TomlTable& root, const TomlFile& file)
{
    auto table = root.table("tls");
    if (!table) {
        return table.error();
    }
    TlsFiles files;
    for (const auto& [key, into] :
         {std::pair("authority", &files.authority), std::pair("certificate", &files.certificate),
          std::pair("key", &files.key)}) {
        auto text = table->text(key);
        if (!text) {
            return text.error();
        }
        if (*text) {
            *into = file.pathOf((*text)->value);
        }
    }
    const bool any = !files.authority.empty() || !files.certificate.empty() || !files.key.empty();
    if (any && (files.authority.empty() || files.certificate.empty() || files.key.empty())) {
        return table->wrong("[tls] needs authority, certificate and key together");
    }
    if (auto finished = table->finish(); !finished) {
        return finished.error();
    }
    return files;
}

Result<std::string> readTokenFile(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    std::string token(longestToken + 1, '\0');
    if (in) {
        in.read(token.data(), static_cast<std::streamsize>(token.size()));
        token.resize(static_cast<std::size_t>(in.gcount()));
    }
    auto error = fail(in || in.eof() ? "" : "cannot read the token");
    error.file = path;
    if (!error.message.empty()) {
        return error;
    }
    const auto end = token.find_last_not_of(" \t\r\n");
    token.resize(end == std::string::npos ? 0 : end + 1);
    if (token.empty() || token.size() > longestToken) {
        error.message = "expected a token of 1 to 256 bytes";
        return error;
    }
    return found(std::move(token));
}

Result<ClusterFile> readClusterFile(const std::string& path)
{
    auto file = TomlFile::read(path);
    if (!file) {
        return file.error();
    }
    auto root = file->root();
    ClusterFile out;
    for (const auto& [key, into] :
         {std::pair("cluster", &out.cluster), std::pair("protocol", &out.protocol)}) {
        auto text = root.text(key);
        if (!text) {
            return text.error();
        }
        if (*text) {
            *into = (*text)->value;
        }
    }
    auto token = root.text("token_file");
    if (!token) {
        return token.error();
    }
    if (*token) {
        auto read = readTokenFile(file->pathOf((*token)->value));
        if (!read) {
            return read.error();
        }
        out.token = std::move(*read);
    }
    auto members = readMembers(root);
    if (!members) {
        return members.error();
    }
    out.members = std::move(*members);
    if (out.members.empty()) {
        return root.wrong("expected the cluster's nodes, each as a [[member]]");
    }
    auto tls = readTlsFiles(root, *file);
    if (!tls) {
        return tls.error();
    }
    out.tls = std::move(*tls);
    if (auto finished = root.finish(); !finished) {
        return finished.error();
    }
    return out;
}

} // namespace lightcone::live
