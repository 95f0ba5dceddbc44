#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace lightcone::run {

/// A thread of its own that carries out the newest order. One that still waits when a newer one
/// comes is never carried out; one of which some is left is taken up again until a newer one comes.
template <class Order>
class Worker
{
public:
    /// Carries out an order, on the worker's thread; gives whether some of it is left.
    using Work = std::function<bool(Order&)>;

    explicit Worker(Work work)
        : m_work(std::move(work))
        , m_thread([this] { run(); })
    {
    }

    ~Worker()
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_stop = true;
        }
        m_wake.notify_one();
        m_thread.join();
    }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    Worker(Worker&&) = delete;
    Worker& operator=(Worker&&) = delete;

    void order(Order order)
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_next = std::move(order);
        }
        m_wake.notify_one();
    }

    /// No order waits, is being carried out or has some left.
    [[nodiscard]] bool idle() const
    {
        const std::scoped_lock lock(m_mutex);
        return !m_busy && !m_next;
    }

    /// A newer order waits, or the end: long work may as well stop here.
    [[nodiscard]] bool isStale() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_stop || m_next;
    }

private:
    void run()
    {
        std::optional<Order> again;
        while (auto order = next(std::exchange(again, std::nullopt))) {
            if (m_work(*order)) {
                again = std::move(order);
            }
        }
    }

    /// Waits for an order; nothing at the end.
    std::optional<Order> next(std::optional<Order> again)
    {
        std::unique_lock lock(m_mutex);
        m_busy = again.has_value();
        m_wake.wait(lock, [&] { return m_stop || m_next || again; });
        if (m_stop) {
            return std::nullopt;
        }
        m_busy = true;
        return m_next ? std::exchange(m_next, std::nullopt) : std::move(again);
    }

    Work m_work;
    mutable std::mutex m_mutex; ///< guards what follows
    std::condition_variable m_wake;
    std::optional<Order> m_next;
    bool m_busy = false;
    bool m_stop = false;
    std::thread m_thread; ///< last: it uses all of the above
};

} // namespace lightcone::run
