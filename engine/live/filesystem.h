#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lightcone::live {

/// An open file. Positions and sizes are bytes.
class File
{
public:
    File() = default;
    virtual ~File() = default;
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    /// Writes all of it or fails. Durable after the next sync().
    virtual Result<void> writeAt(std::uint64_t position, BytesView bytes) = 0;

    /// What was written is durable, and the size as far as reading it back needs it (fdatasync).
    virtual Result<void> sync() = 0;
};

/// Held for as long as a directory is ours.
class DirectoryLock
{
public:
    DirectoryLock() = default;
    virtual ~DirectoryLock() = default;
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;
};

/// The few things that storage asks of an operating system, so that a test can make each of them
/// fail and take the power away between any two. Errors name the path and give the system's reason.
/// Safe to use on several threads.
class Filesystem
{
public:
    Filesystem() = default;
    virtual ~Filesystem() = default;
    Filesystem(const Filesystem&) = delete;
    Filesystem& operator=(const Filesystem&) = delete;

    /// The directory and those above it, where they are not there yet; for its owner's eyes only.
    virtual Result<void> makeDirectory(const std::string& path) = 0;

    /// Fails when another process, or this one, holds it.
    virtual Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) = 0;

    /// Names of what is in a directory, sorted.
    virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;

    virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0; ///< empties it
    virtual Result<std::unique_ptr<File>> open(const std::string& path) = 0;
    virtual Result<Bytes> read(const std::string& path) = 0;
    virtual Result<std::uint64_t> size(const std::string& path) = 0;
    virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<void> remove(const std::string& path) = 0;

    /// Names that were made, renamed or removed are durable.
    virtual Result<void> syncDirectory(const std::string& directory) = 0;
};

/// The operating system's own.
Filesystem& posixFilesystem();

} // namespace lightcone::live
