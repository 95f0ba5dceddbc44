#pragma once

#include "engine/core/error.h"
#include "engine/live/address.h"
#include "engine/live/messages.h"
#include "engine/live/tls.h"
#include "engine/node/protocol.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::node_program {

/// One thing that a person says twice: in the file, and, which counts more, as a flag.
struct Given
{
    std::string text{};
    std::string file{}; ///< empty: a flag
    std::size_t line = 0;
    std::size_t column = 0;

    [[nodiscard]] Error wrong(std::string message) const;
};

/// What a node was told, before anything of it is understood.
struct Wishes
{
    std::optional<Given> cluster{};
    std::optional<Given> protocol{};
    std::optional<Given> id{};
    std::optional<Given> data{};
    std::optional<Given> peer{};
    std::optional<Given> control{};
    std::optional<Given> tokenFile{};
    std::optional<Given> logLevel{};
    std::optional<Given> logFormat{};
    std::optional<bool> allowFaults{};
    std::vector<std::pair<std::string, Given>> parameters{};
    std::vector<live::MemberAddress> members{};
    std::optional<Given> membersAt{}; ///< where the members were given
    live::TlsFiles tls{};
};

/// Reads a node's file. Paths are meant from its folder.
Result<Wishes> readNodeFile(const std::string& path);

enum class LogFormat : unsigned char { Text, Json };

/// What a node is, understood and checked as far as that goes without opening anything.
struct Settings
{
    const node::Protocol* protocol = nullptr;
    node::SetupPtr setup{};
    NodeId self{};
    std::string name{};
    std::string cluster{};
    std::string directory{};
    live::Address peer{};
    std::optional<live::Address> control{};
    std::string token{};
    live::TlsFiles tls{};
    bool allowFaults = false;
    std::string logLevel = "info";
    LogFormat logFormat = LogFormat::Text;
    std::vector<live::MemberAddress> members{}; ///< all of the setup's, with its ids
};

Result<Settings> understand(const Wishes&);

/// The protocol of that name; the error lists those there are.
Result<const node::Protocol*> protocolOf(const Given&);

} // namespace lightcone::node_program
