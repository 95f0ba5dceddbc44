#include "app/node/init.h"

#include "app/node/settings.h"
#include "engine/describe/described.h"
#include "engine/live/certificates.h"
#include "engine/node/parameters.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace lightcone::node_program {

namespace {

namespace fs = std::filesystem;

// Between a node's peer port and its control port.
constexpr std::uint16_t controlOffset = 100;

/// "text" as TOML writes it.
std::string tomlText(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + '"';
}

enum class Secrecy : unsigned char { Open, Secret };

Result<void> write(const fs::path& path, const std::string& text, Secrecy secrecy)
{
    const auto failed = [&](const char* what) {
        auto error = fail(std::string(what) + ": " + std::strerror(errno));
        error.file = path.string();
        return error;
    };
    // Secret from its first byte on.
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                            secrecy == Secrecy::Secret ? 0600 : 0644);
    if (file < 0) {
        return failed("cannot make the file");
    }
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto written = ::write(file, rest.data(), rest.size());
        if (written < 0) {
            const auto error = failed("cannot write the file");
            ::close(file);
            return error;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::close(file) != 0) {
        return failed("cannot write the file");
    }
    return {};
}

std::string newToken()
{
    std::array<unsigned char, 24> bytes{};
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    std::string out;
    for (const auto byte : bytes) {
        out += fmt::format("{:02x}", byte);
    }
    return out;
}

/// Writes one cluster.
class Maker
{
public:
    Maker(const NewCluster& wanted, const node::Card& card, const node::Setup& setup)
        : m_wanted(wanted)
        , m_card(card)
        , m_setup(setup)
        , m_root(wanted.directory)
    {
    }

    Result<std::vector<std::string>> make()
    {
        if (auto free = checkFree(); !free) {
            return free.error();
        }
        if (auto placed = placeMembers(); !placed) {
            return placed.error();
        }
        if (auto begun = m_wanted.tls ? makeAuthority() : makeToken(); !begun) {
            return begun.error();
        }
        for (const auto& member : m_members) {
            if (auto made = makeNode(member); !made) {
                return made.error();
            }
        }
        for (const auto role : {live::Role::Client, live::Role::Observer, live::Role::Operator}) {
            if (!m_wanted.tls && role != live::Role::Operator) {
                continue; // without certificates all are the same
            }
            if (auto made = makeVisitor(role); !made) {
                return made.error();
            }
        }
        return m_said;
    }

private:
    Result<void> checkFree()
    {
        std::error_code error;
        if (fs::exists(m_root, error) && !fs::is_empty(m_root, error)) {
            auto found = fail("expected a directory that is not there yet, or an empty one");
            found.file = m_root.string();
            return found;
        }
        return makeFolder(m_root);
    }

    static Result<void> makeFolder(const fs::path& path)
    {
        std::error_code error;
        fs::create_directories(path, error);
        if (!error) {
            fs::permissions(path, fs::perms::owner_all, error);
        }
        if (error) {
            auto failed = fail("cannot make the directory: " + error.message());
            failed.file = path.string();
            return failed;
        }
        return {};
    }

    Result<void> placeMembers()
    {
        const auto count = m_setup.members.size();
        constexpr std::size_t highestPort = 65535;
        if (m_wanted.basePort + controlOffset + count > highestPort
            || (m_wanted.basePort == 0 || count > controlOffset)) {
            return fail("expected a base port from 1 on that leaves room for "
                        + std::to_string(count) + " nodes below 65536, found "
                        + std::to_string(m_wanted.basePort));
        }
        for (std::size_t i = 0; i < count; ++i) {
            const auto& member = m_setup.members[i];
            const auto host = m_wanted.hosts.empty()
                ? std::string("127.0.0.1")
                : m_wanted.hosts[std::min(i, m_wanted.hosts.size() - 1)];
            const auto port = static_cast<std::uint16_t>(m_wanted.basePort + i + 1);
            const live::Address peer{host, port};
            const live::Address control{host, static_cast<std::uint16_t>(port + controlOffset)};
            for (const auto& address : {peer, control}) {
                if (auto read = live::parseAddress(address.text()); !read) {
                    return read.error();
                }
            }
            if (!m_wanted.tls && !live::isLoopback(peer)) {
                return fail("without TLS a cluster stays on this machine: '" + host
                            + "' is beyond loopback");
            }
            m_members.push_back(
                {member.id, member.name, peer.text(), control.text(), member.takesRequests});
            m_hosts.push_back(host);
        }
        return {};
    }

    Result<void> makeAuthority()
    {
        auto authority = live::makeAuthority(m_wanted.name);
        if (!authority) {
            return authority.error();
        }
        m_authority = std::move(*authority);
        const auto folder = m_root / "authority";
        if (auto made = makeFolder(folder); !made) {
            return made;
        }
        if (auto written = write(folder / "authority.pem", m_authority.certificate, Secrecy::Open);
            !written) {
            return written;
        }
        say("authority", "the key that certificates are made with: keep it at home");
        return write(folder / "authority.key", m_authority.key, Secrecy::Secret);
    }

    Result<void> makeToken()
    {
        m_token = newToken();
        return {};
    }

    Result<void> makeNode(const live::MemberAddress& member)
    {
        const auto folder = m_root / member.name;
        const auto place = static_cast<std::size_t>(&member - m_members.data());
        if (auto shown =
                makeProof(folder, {member.name, live::Role::Peer, m_wanted.name, {m_hosts[place]}});
            !shown) {
            return shown;
        }
        say(member.name, fmt::format("peer port {}, control port {}", member.peer, member.control));
        std::string text = fmt::format("# Node {} of cluster {}. Start it with: lightcone-node "
                                       "--config {}\n",
                                       member.name, m_wanted.name, (folder / "node.toml").string());
        text += head();
        text += fmt::format("id = {}\ndata = \"data\"\nallow_faults = {}\n", tomlText(member.name),
                            m_wanted.allowFaults);
        text += proof();
        text += parameters();
        return write(folder / "node.toml", text + members(), Secrecy::Open);
    }

    Result<void> makeVisitor(live::Role role)
    {
        const auto name = describe::nameOf(role);
        const auto folder = m_root / name;
        if (auto shown = makeProof(folder, {name, role, m_wanted.name, {}}); !shown) {
            return shown;
        }
        const auto* what = role == live::Role::Client ? "may ask"
            : role == live::Role::Observer            ? "may watch"
                                                      : "may watch, ask and, where nodes allow "
                                                        "it, disturb";
        say(name, what);
        const auto text =
            fmt::format("# Where cluster {} is, for somebody who {}.\n", m_wanted.name, what)
            + head() + proof();
        return write(folder / "cluster.toml", text + members(), Secrecy::Open);
    }

    /// A certificate of its own, or the token.
    Result<void> makeProof(const fs::path& folder, const live::Subject& subject)
    {
        if (auto made = makeFolder(folder); !made) {
            return made;
        }
        if (!m_wanted.tls) {
            return write(folder / "token", m_token + "\n", Secrecy::Secret);
        }
        auto credentials = live::certify(m_authority, subject);
        if (!credentials) {
            return credentials.error();
        }
        for (const auto& [name, text, secrecy] :
             {std::tuple("authority.pem", &m_authority.certificate, Secrecy::Open),
              std::tuple("certificate.pem", &credentials->certificate, Secrecy::Open),
              std::tuple("key.pem", &credentials->key, Secrecy::Secret)}) {
            if (auto written = write(folder / name, *text, secrecy); !written) {
                return written;
            }
        }
        return {};
    }

    [[nodiscard]] std::string head() const
    {
        return fmt::format("cluster = {}\nprotocol = {}\n", tomlText(m_wanted.name),
                           tomlText(m_card.id));
    }

    [[nodiscard]] std::string proof() const
    {
        return m_wanted.tls ? "\n[tls]\nauthority = \"authority.pem\"\ncertificate = "
                              "\"certificate.pem\"\nkey = \"key.pem\"\n"
                            : "token_file = \"token\"\n";
    }

    [[nodiscard]] std::string parameters() const
    {
        std::string text = "\n[parameters]\n";
        for (const auto& [name, value] : m_wanted.parameters) {
            text += fmt::format("{} = {}\n", name, tomlText(value));
        }
        return text;
    }

    [[nodiscard]] std::string members() const
    {
        std::string text;
        for (const auto& member : m_members) {
            text +=
                fmt::format("\n[[member]]\nname = {}\npeer = {}\ncontrol = {}\n",
                            tomlText(member.name), tomlText(member.peer), tomlText(member.control));
        }
        return text;
    }

    void say(const std::string& folder, std::string_view what)
    {
        m_said.push_back(fmt::format("{}  {}", (m_root / folder).string(), what));
    }

    const NewCluster& m_wanted;
    const node::Card& m_card;
    const node::Setup& m_setup;
    fs::path m_root;
    std::vector<live::MemberAddress> m_members;
    std::vector<std::string> m_hosts;
    live::Credentials m_authority;
    std::string m_token;
    std::vector<std::string> m_said;
};

} // namespace

Result<std::vector<std::string>> makeCluster(const NewCluster& asked)
{
    auto wanted = asked;
    auto protocol = protocolOf({wanted.protocol});
    if (!protocol) {
        return protocol.error();
    }
    const auto& card = (*protocol)->card();
    if (wanted.name.empty()) {
        wanted.name = card.id;
    }
    if (wanted.nodes != 0) {
        wanted.parameters.emplace_back("nodes", std::to_string(wanted.nodes));
    }
    for (const auto& parameter : card.parameters) {
        const bool isGiven = std::ranges::find(wanted.parameters, parameter.name,
                                               [](const auto& each) { return each.first; })
            != wanted.parameters.end();
        if (!parameter.live.empty() && !isGiven) {
            wanted.parameters.emplace_back(parameter.name, parameter.live);
        }
    }
    node::Parameters parameters(card);
    for (const auto& [name, value] : wanted.parameters) {
        if (auto set = parameters.set(name, value); !set) {
            return set.error();
        }
    }
    auto setup = (*protocol)->setup(parameters.value());
    if (!setup) {
        return setup.error();
    }
    return Maker(wanted, card, **setup).make();
}

} // namespace lightcone::node_program
