#pragma once

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace lightcone::node_program::testing {

inline std::string contentsOf(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// A child process whose output goes into a file. It dies with the test.
class Process
{
public:
    Process(const std::vector<std::string>& words, std::filesystem::path output)
        : m_output(std::move(output))
    {
        std::vector<char*> arguments;
        for (const auto& word : words) {
            arguments.push_back(const_cast<char*>(word.c_str()));
        }
        arguments.push_back(nullptr);
        const int out = ::open(m_output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        m_id = ::fork();
        if (m_id == 0) {
#ifdef __linux__
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
            ::dup2(out, STDOUT_FILENO);
            ::dup2(out, STDERR_FILENO);
            ::execv(arguments.front(), arguments.data());
            ::_exit(127);
        }
        ::close(out);
        if (m_id < 0) {
            throw std::runtime_error("cannot start " + words.front());
        }
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process()
    {
        if (m_id > 0 && !m_status) {
            ::kill(m_id, SIGKILL);
            ::waitpid(m_id, nullptr, 0);
        }
    }

    [[nodiscard]] pid_t id() const
    {
        return m_id;
    }

    void send(int signal) const
    {
        ::kill(m_id, signal);
    }

    /// The status as waitpid() gives it; nothing when it still runs.
    std::optional<int> poll()
    {
        int status = 0;
        if (!m_status && ::waitpid(m_id, &status, WNOHANG) == m_id) {
            m_status = status;
        }
        return m_status;
    }

    /// The same, but waits for the end as long as the deadline allows.
    std::optional<int> wait(std::chrono::milliseconds deadline = std::chrono::seconds(30))
    {
        const auto end = std::chrono::steady_clock::now() + deadline;
        while (!poll() && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return m_status;
    }

    [[nodiscard]] std::string output() const
    {
        return contentsOf(m_output);
    }

private:
    std::filesystem::path m_output;
    pid_t m_id = -1;
    std::optional<int> m_status;
};

} // namespace lightcone::node_program::testing
