#pragma once

#include "engine/live/filesystem.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::test {

/// The real file system behind a gate: syncs of the log stand still while it is shut, are counted,
/// and fail when a test says so.
class Gate final : public live::Filesystem
{
public:
    void shut()
    {
        set([this] { m_shut = true; });
    }
    void open()
    {
        set([this] { m_shut = false; });
    }
    void failSyncs()
    {
        set([this] { m_fails = true; });
    }
    int logSyncs()
    {
        const std::lock_guard guard(m_mutex);
        return m_syncs;
    }

    Result<void> makeDirectory(const std::string& path) override
    {
        return m_real.makeDirectory(path);
    }
    Result<std::unique_ptr<live::DirectoryLock>> lock(const std::string& path) override
    {
        return m_real.lock(path);
    }
    Result<std::vector<std::string>> list(const std::string& path) override
    {
        return m_real.list(path);
    }
    Result<std::unique_ptr<live::File>> create(const std::string& path) override
    {
        return m_real.create(path);
    }
    Result<std::unique_ptr<live::File>> open(const std::string& path) override
    {
        auto file = m_real.open(path);
        if (!file) {
            return file.error();
        }
        return std::unique_ptr<live::File>(std::make_unique<GatedFile>(*this, std::move(*file)));
    }
    Result<Bytes> read(const std::string& path) override { return m_real.read(path); }
    Result<std::uint64_t> size(const std::string& path) override { return m_real.size(path); }
    Result<void> rename(const std::string& from, const std::string& to) override
    {
        return m_real.rename(from, to);
    }
    Result<void> remove(const std::string& path) override { return m_real.remove(path); }
    Result<void> syncDirectory(const std::string& path) override
    {
        return m_real.syncDirectory(path);
    }

private:
    class GatedFile final : public live::File
    {
    public:
        GatedFile(Gate& gate, std::unique_ptr<live::File> file)
            : m_gate(&gate)
            , m_file(std::move(file))
        {
        }
        Result<void> writeAt(std::uint64_t position, BytesView bytes) override
        {
            return m_file->writeAt(position, bytes);
        }
        Result<void> sync() override { return m_gate->pass() ? m_file->sync() : fail("refused"); }

    private:
        Gate* m_gate;
        std::unique_ptr<live::File> m_file;
    };

    template <class Change>
    void set(Change change)
    {
        {
            const std::lock_guard guard(m_mutex);
            change();
        }
        m_changed.notify_all();
    }

    bool pass()
    {
        std::unique_lock lock(m_mutex);
        ++m_syncs;
        m_changed.wait(lock, [this] { return !m_shut; });
        return !m_fails;
    }

    live::Filesystem& m_real = live::posixFilesystem();
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_shut = false;
    bool m_fails = false;
    int m_syncs = 0;
};

} // namespace lightcone::test
