#include "engine/live/filesystem.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace lightcone::live {

namespace {

constexpr mode_t ownersOnly = 0700;
constexpr mode_t readAndWrite = 0600;

Error refusal(std::string what, int reason)
{
    return fail("cannot " + std::move(what) + ": " + std::generic_category().message(reason));
}

/// Retries what a signal interrupted.
template <class Call>
auto uninterrupted(Call call)
{
    auto result = call();
    while (result == -1 && errno == EINTR) {
        result = call();
    }
    return result;
}

/// Closes it when it goes.
class Descriptor
{
public:
    explicit Descriptor(int number)
        : m_number(number)
    {
    }
    Descriptor(Descriptor&& other) noexcept
        : m_number(std::exchange(other.m_number, -1))
    {
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor()
    {
        if (m_number != -1) {
            ::close(m_number);
        }
    }
    [[nodiscard]] int number() const { return m_number; }

private:
    int m_number;
};

Result<Descriptor> openFile(const std::string& path, int flags, const char* verb)
{
    const int number =
        uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, readAndWrite); });
    if (number == -1) {
        return refusal(std::string(verb) + " " + path, errno);
    }
    return Descriptor(number);
}

class PosixFile final : public File
{
public:
    PosixFile(std::string path, Descriptor descriptor)
        : m_path(std::move(path))
        , m_descriptor(std::move(descriptor))
    {
    }

    Result<void> writeAt(std::uint64_t position, BytesView bytes) override
    {
        while (!bytes.empty()) {
            const auto written = uninterrupted([&] {
                return ::pwrite(m_descriptor.number(), bytes.data(), bytes.size(),
                                static_cast<off_t>(position));
            });
            // A disk that runs full writes a part first; the next call says why.
            if (written <= 0) {
                return refusal("write " + std::to_string(bytes.size()) + " bytes at "
                                   + std::to_string(position) + " of " + m_path,
                               written == 0 ? ENOSPC : errno);
            }
            position += static_cast<std::uint64_t>(written);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }

    Result<void> sync() override
    {
#if defined(__APPLE__)
        const int done = ::fcntl(m_descriptor.number(), F_FULLFSYNC);
#else
        const int done = uninterrupted([&] { return ::fdatasync(m_descriptor.number()); });
#endif
        if (done == -1) {
            return refusal("make " + m_path + " durable", errno);
        }
        return {};
    }

private:
    std::string m_path;
    Descriptor m_descriptor;
};

class PosixLock final : public DirectoryLock
{
public:
    explicit PosixLock(Descriptor descriptor)
        : m_descriptor(std::move(descriptor))
    {
    }

private:
    Descriptor m_descriptor; ///< the lock goes with it
};

class PosixFilesystem final : public Filesystem
{
public:
    PosixFilesystem()
    {
        // A file that outgrows RLIMIT_FSIZE is an error like a full disk, not the end of the
        // process without a word.
        std::signal(SIGXFSZ, SIG_IGN);
    }

    Result<void> makeDirectory(const std::string& path) override
    {
        std::error_code problem;
        if (std::filesystem::is_directory(path, problem)) {
            return {};
        }
        const auto above = std::filesystem::absolute(path, problem).parent_path().string();
        if (above != path) {
            if (const auto made = makeDirectory(above); !made) {
                return made.error();
            }
        }
        if (::mkdir(path.c_str(), ownersOnly) == -1) {
            return refusal("make the directory " + path, errno);
        }
        // Its name is in the directory above, and must outlive a power failure like what is in it.
        return syncDirectory(above);
    }

    Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override
    {
        const auto path = directory + "/lock";
        auto file = openFile(path, O_RDWR | O_CREAT, "open");
        if (!file) {
            return file.error();
        }
        if (uninterrupted([&] { return ::flock(file->number(), LOCK_EX | LOCK_NB); }) == -1) {
            if (errno != EWOULDBLOCK) {
                return refusal("lock " + path, errno);
            }
            return fail(directory + " is in use by " + holder(file->number())
                        + ": two nodes cannot share a data directory");
        }
        const auto text = std::to_string(::getpid()) + "\n";
        if (::ftruncate(file->number(), 0) == -1
            || ::pwrite(file->number(), text.data(), text.size(), 0) == -1) {
            return refusal("write " + path, errno);
        }
        return std::unique_ptr<DirectoryLock>(std::make_unique<PosixLock>(std::move(*file)));
    }

    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        std::error_code problem;
        std::vector<std::string> names;
        std::filesystem::directory_iterator each(directory, problem);
        for (; !problem && each != std::filesystem::directory_iterator(); each.increment(problem)) {
            names.push_back(each->path().filename().string());
        }
        if (problem) {
            return refusal("list " + directory, problem.value());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    Result<std::unique_ptr<File>> create(const std::string& path) override
    {
        return opened(path, O_RDWR | O_CREAT | O_TRUNC, "create");
    }

    Result<std::unique_ptr<File>> open(const std::string& path) override
    {
        return opened(path, O_RDWR, "open");
    }

    Result<Bytes> read(const std::string& path) override
    {
        const auto file = openFile(path, O_RDONLY, "read");
        if (!file) {
            return file.error();
        }
        struct stat about = {};
        if (::fstat(file->number(), &about) == -1) {
            return refusal("read " + path, errno);
        }
        Bytes bytes(static_cast<std::size_t>(about.st_size), '\0');
        std::size_t done = 0;
        while (done < bytes.size()) {
            const auto count = uninterrupted([&] {
                return ::pread(file->number(), bytes.data() + done, bytes.size() - done,
                               static_cast<off_t>(done));
            });
            if (count == -1) {
                return refusal("read " + path + " at " + std::to_string(done), errno);
            }
            if (count == 0) {
                break; // somebody cut it meanwhile
            }
            done += static_cast<std::size_t>(count);
        }
        bytes.resize(done);
        return Result<Bytes>(boost::system::in_place_value, std::move(bytes));
    }

    Result<std::uint64_t> size(const std::string& path) override
    {
        struct stat about = {};
        if (::stat(path.c_str(), &about) == -1) {
            return refusal("look at " + path, errno);
        }
        return static_cast<std::uint64_t>(about.st_size);
    }

    Result<void> rename(const std::string& from, const std::string& to) override
    {
        if (::rename(from.c_str(), to.c_str()) == -1) {
            return refusal("rename " + from + " to " + to, errno);
        }
        return {};
    }

    Result<void> remove(const std::string& path) override
    {
        if (::unlink(path.c_str()) == -1) {
            return refusal("remove " + path, errno);
        }
        return {};
    }

    Result<void> syncDirectory(const std::string& directory) override
    {
        const auto opened = openFile(directory, O_RDONLY | O_DIRECTORY, "open");
        if (!opened) {
            return opened.error();
        }
        if (uninterrupted([&] { return ::fsync(opened->number()); }) == -1) {
            return refusal("make the names in " + directory + " durable", errno);
        }
        return {};
    }

private:
    static Result<std::unique_ptr<File>> opened(const std::string& path, int flags,
                                                const char* verb)
    {
        auto file = openFile(path, flags, verb);
        if (!file) {
            return file.error();
        }
        return std::unique_ptr<File>(std::make_unique<PosixFile>(path, std::move(*file)));
    }

    static std::string holder(int lockFile)
    {
        std::string text(16, '\0');
        const auto size = ::pread(lockFile, text.data(), text.size(), 0);
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        text = text.substr(0, text.find('\n'));
        return text.empty() ? "another process" : "process " + text;
    }
};

} // namespace

Filesystem& posixFilesystem()
{
    static PosixFilesystem files;
    return files;
}

} // namespace lightcone::live
