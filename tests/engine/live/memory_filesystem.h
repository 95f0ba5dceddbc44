#pragma once

#include "engine/core/dice.h"
#include "engine/live/filesystem.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::test {

/// A file system in memory that loses on request what a real one may lose when the power goes, and
/// refuses any operation that a test wants refused. For one thread.
class MemoryFilesystem final : public live::Filesystem
{
public:
    static constexpr std::size_t sectorBytes = 512; ///< what a disk writes whole or not at all

    /// Makes that operation from now on fail, the next one being 1, and all after it work; a write
    /// that fails has written a part.
    void failAt(std::uint64_t operation) { m_failAt = m_operations + operation; }
    void failNever() { m_failAt = 0; }
    [[nodiscard]] std::uint64_t operations() const { return m_operations; }

    /// Of each sector that was not synced the disk has the old or the new, and of the names that
    /// were not synced a beginning of the changes. Who had locked something no longer has.
    void losePower(Dice& dice)
    {
        auto names = m_durableNames;
        auto changes = dice.below(m_changes.size() + 1);
        for (const auto& change : m_changes) {
            if (changes-- == 0) {
                break;
            }
            change.perform(names);
        }
        m_names = m_durableNames = std::move(names);
        m_changes.clear();
        m_locked.clear();
        for (const auto& [path, inode] : m_names) {
            inode->losePower(dice);
        }
    }

    /// All files with what is in them; become() makes that all there is, durable.
    using Image = std::map<std::string, Bytes>;
    [[nodiscard]] Image image() const
    {
        Image image;
        for (const auto& [path, inode] : m_names) {
            image[path] = inode->now;
        }
        return image;
    }
    void become(const Image& image)
    {
        m_names.clear();
        for (const auto& [path, bytes] : image) {
            m_names[path] = std::make_shared<Inode>(Inode{bytes, bytes});
        }
        m_durableNames = m_names;
        m_changes.clear();
        m_locked.clear();
        m_operations = 0;
        m_failAt = 0;
    }

    /// For damage by hand.
    [[nodiscard]] Bytes& bytes(const std::string& path) { return m_names.at(path)->now; }
    [[nodiscard]] std::vector<std::string> paths() const
    {
        std::vector<std::string> paths;
        for (const auto& [path, inode] : m_names) {
            paths.push_back(path);
        }
        return paths;
    }

    Result<void> makeDirectory(const std::string& path) override { return attempt("make " + path); }

    Result<std::unique_ptr<live::DirectoryLock>> lock(const std::string& directory) override
    {
        if (const auto may = attempt("lock " + directory); !may) {
            return may.error();
        }
        if (!m_locked.insert(directory).second) {
            return fail(directory + " is in use");
        }
        return std::unique_ptr<live::DirectoryLock>(std::make_unique<Lock>(*this, directory));
    }

    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        if (const auto may = attempt("list " + directory); !may) {
            return may.error();
        }
        std::vector<std::string> names;
        for (const auto& [path, inode] : m_names) {
            if (path.starts_with(directory + "/")) {
                names.push_back(path.substr(directory.size() + 1));
            }
        }
        return names;
    }

    Result<std::unique_ptr<live::File>> create(const std::string& path) override
    {
        if (const auto may = attempt("create " + path); !may) {
            return may.error();
        }
        change({{}, path, std::make_shared<Inode>()});
        return opened(path);
    }

    Result<std::unique_ptr<live::File>> open(const std::string& path) override
    {
        if (const auto may = attemptOn(path, "open"); !may) {
            return may.error();
        }
        return opened(path);
    }

    Result<Bytes> read(const std::string& path) override
    {
        if (const auto may = attemptOn(path, "read"); !may) {
            return may.error();
        }
        return Result<Bytes>(boost::system::in_place_value, m_names.at(path)->now);
    }

    Result<std::uint64_t> size(const std::string& path) override
    {
        if (const auto may = attemptOn(path, "look at"); !may) {
            return may.error();
        }
        return m_names.at(path)->now.size();
    }

    Result<void> rename(const std::string& from, const std::string& to) override
    {
        if (const auto may = attemptOn(from, "rename"); !may) {
            return may.error();
        }
        change({from, to, m_names.at(from)});
        return {};
    }

    Result<void> remove(const std::string& path) override
    {
        if (const auto may = attemptOn(path, "remove"); !may) {
            return may.error();
        }
        change({path, {}, nullptr});
        return {};
    }

    Result<void> syncDirectory(const std::string& directory) override
    {
        if (const auto may = attempt("sync " + directory); !may) {
            return may.error();
        }
        m_durableNames = m_names;
        m_changes.clear();
        return {};
    }

private:
    struct Inode
    {
        Bytes now;
        Bytes durable;

        void losePower(Dice& dice)
        {
            if (now == durable) {
                return;
            }
            // The size is as it was or as it is: metadata and data go their own ways.
            auto kept = durable;
            if (now.size() > durable.size() && dice.chance(0.5)) {
                kept.resize(now.size(), '\0');
            }
            for (std::size_t at = 0; at < kept.size() && at < now.size(); at += sectorBytes) {
                const auto size = std::min({sectorBytes, kept.size() - at, now.size() - at});
                if (dice.chance(0.5)) {
                    kept.replace(at, size, now, at, size);
                }
            }
            now = durable = std::move(kept);
        }
    };
    using Names = std::map<std::string, std::shared_ptr<Inode>>;

    struct Change
    {
        std::string from; ///< that name goes, where there is one
        std::string to; ///< and that one comes
        std::shared_ptr<Inode> inode;

        void perform(Names& names) const
        {
            names.erase(from);
            if (!to.empty()) {
                names[to] = inode;
            }
        }
    };

    class Lock final : public live::DirectoryLock
    {
    public:
        Lock(MemoryFilesystem& files, std::string directory)
            : m_files(&files)
            , m_directory(std::move(directory))
        {
        }
        ~Lock() override { m_files->m_locked.erase(m_directory); }

    private:
        MemoryFilesystem* m_files;
        std::string m_directory;
    };

    class OpenFile final : public live::File
    {
    public:
        OpenFile(MemoryFilesystem& files, std::string path, std::shared_ptr<Inode> inode)
            : m_files(&files)
            , m_path(std::move(path))
            , m_inode(std::move(inode))
        {
        }

        Result<void> writeAt(std::uint64_t position, BytesView bytes) override
        {
            const auto may = m_files->attempt("write " + m_path);
            const auto size = may ? bytes.size() : bytes.size() / 2;
            auto& now = m_inode->now;
            now.resize(std::max<std::size_t>(now.size(), position + size), '\0');
            now.replace(position, size, bytes.substr(0, size));
            return may;
        }

        Result<void> sync() override
        {
            const auto may = m_files->attempt("sync " + m_path);
            if (may) {
                m_inode->durable = m_inode->now;
            }
            return may;
        }

    private:
        MemoryFilesystem* m_files;
        std::string m_path;
        std::shared_ptr<Inode> m_inode;
    };

    Result<void> attempt(const std::string& what)
    {
        if (++m_operations == m_failAt) {
            return fail("cannot " + what + ": the test refuses it");
        }
        return {};
    }

    Result<void> attemptOn(const std::string& path, const std::string& verb)
    {
        if (m_names.find(path) == m_names.end()) {
            return fail("cannot " + verb + " " + path + ": there is no such file");
        }
        return attempt(verb + " " + path);
    }

    void change(Change change)
    {
        change.perform(m_names);
        m_changes.push_back(std::move(change));
    }

    Result<std::unique_ptr<live::File>> opened(const std::string& path)
    {
        return std::unique_ptr<live::File>(
            std::make_unique<OpenFile>(*this, path, m_names.at(path)));
    }

    Names m_names;
    Names m_durableNames;
    std::vector<Change> m_changes; ///< of names, since they were last synced
    std::set<std::string> m_locked;
    std::uint64_t m_operations = 0;
    std::uint64_t m_failAt = 0;
};

} // namespace lightcone::test
