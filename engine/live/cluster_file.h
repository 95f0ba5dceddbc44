#pragma once

#include "engine/core/error.h"
#include "engine/live/messages.h"
#include "engine/live/tls.h"
#include "engine/live/toml_reader.h"

#include <string>
#include <vector>

/// A cluster from outside, as `lightcone-node init` writes it for clients and explorers: where its
/// nodes are, and what to show them. The README beside this file lists the keys.
namespace lightcone::live {

struct ClusterFile
{
    std::string cluster{};
    std::string protocol{};
    std::vector<MemberAddress> members{}; ///< those without an id are numbered from 1
    TlsFiles tls{}; ///< paths as they can be opened from here
    std::string token{}; ///< what the token's file says
};

Result<ClusterFile> readClusterFile(const std::string& path);

// What the files of nodes and those of clusters have in common.
Result<std::vector<MemberAddress>> readMembers(TomlTable& root);
Result<TlsFiles> readTlsFiles(TomlTable& root, const TomlFile& file);
Result<std::string> readTokenFile(const std::string& path);

} // namespace lightcone::live
