#pragma once

#include "engine/core/error.h"
#include "engine/live/filesystem.h"
#include "engine/live/log_format.h"
#include "engine/node/node.h"
#include "engine/node/protocol.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::live {

/// What a data directory says when it is read from its newest checkpoint to the end of its log.
struct Recovered
{
    std::unique_ptr<node::Disk> disk{};
    std::uint64_t incarnation = 0; ///< of the last boot; 0 for a new directory
    std::uint64_t nextSegment = 1;
    std::uint64_t nextRecord = 1;
    std::string last{}; ///< the newest segment's name; empty where there is none
    std::optional<std::string> notice{}; ///< what of the log's end does not count
    std::vector<std::string> unfinished{}; ///< what a crash left of files that were being made
    std::vector<std::string> read{}; ///< files that the next checkpoint makes superfluous
    std::vector<std::string> spares{};
};

/// Reads it and changes nothing. Fails rather than forget: a record that was durable once and
/// cannot be read now, a segment or a checkpoint that is missing, another node's files.
Result<Recovered> recover(Filesystem& files, const std::string& directory,
                          const node::Protocol& protocol, const Owner& owner);

/// The shapes of a protocol's disk and writes, as a checkpoint carries them.
struct StoredShapes
{
    describe::ShapePtr disk;
    describe::ShapePtr write;
};
StoredShapes shapesOf(const node::Protocol& protocol);

} // namespace lightcone::live
