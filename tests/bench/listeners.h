#pragma once

#include "engine/live/explorer.h"
#include "tests/app/node/real_cluster.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace lightcone::bench {

/// An explorer that takes all that the nodes tell, reads it, and does nothing with it: what
/// watching costs the nodes, without what it costs whoever watches.
class Listeners
{
public:
    Listeners(const std::vector<live::Address>& controls, const std::string& token)
    {
        for (std::size_t i = 0; i < controls.size(); ++i) {
            m_ears.push_back(std::make_unique<Ear>(*this));
            live::Explorer::Plan plan;
            plan.address = controls[i];
            plan.hello = live::explorersHello("bench", "", token);
            plan.hello.to = NodeId(static_cast<std::uint32_t>(i + 1));
            m_explorers.push_back(
                std::make_unique<live::Explorer>(m_io.get_executor(), plan, *m_ears.back()));
            m_explorers.back()->start();
        }
        m_thread = std::thread([this] { m_io.run(); });
    }
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;
    ~Listeners()
    {
        boost::asio::post(m_io, [this] { m_explorers.clear(); });
        m_guard.reset();
        m_thread.join();
    }

    [[nodiscard]] std::uint64_t entries() const { return m_entries; }
    [[nodiscard]] std::string whyClosed() const
    {
        const std::lock_guard lock(m_mutex);
        return m_whyClosed;
    }
    [[nodiscard]] bool areOpen() const { return m_opened == m_ears.size(); }

private:
    class Ear final : public live::Watcher
    {
    public:
        explicit Ear(Listeners& listeners)
            : m_listeners(&listeners)
        {
        }
        Result<live::Wish> onOpened(const live::Welcome&) override
        {
            ++m_listeners->m_opened;
            return live::Wish(live::Watch{});
        }
        Result<void> onWord(live::Word& word) override
        {
            if (const auto* told = std::get_if<live::Told>(&word)) {
                m_listeners->m_entries += told->stretch.count;
            }
            return {};
        }
        void onClosed(const std::string& why) override
        {
            const std::lock_guard lock(m_listeners->m_mutex);
            m_listeners->m_whyClosed += (m_listeners->m_whyClosed.empty() ? "" : "; ") + why;
        }
        void onFailed(const std::string&, bool, bool) override { }

    private:
        Listeners* m_listeners;
    };

    boost::asio::io_context m_io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_guard{
        m_io.get_executor()};
    std::atomic<std::uint64_t> m_entries{0};
    std::atomic<std::uint64_t> m_opened{0};
    mutable std::mutex m_mutex;
    std::string m_whyClosed; ///< empty: no conversation ended
    std::vector<std::unique_ptr<Ear>> m_ears;
    std::vector<std::unique_ptr<live::Explorer>> m_explorers;
    std::thread m_thread;
};

} // namespace lightcone::bench
