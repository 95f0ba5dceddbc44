#include "engine/live/committer.h"

#include "engine/core/check.h"

#include <boost/asio/defer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace lightcone::live {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// A lazy write waits that long for a forced one to ride along with.
constexpr auto lazyWait = std::chrono::milliseconds(5);

/// Between two portions of a segment that is prepared: a segment takes a fraction of a second.
constexpr auto betweenPortions = std::chrono::milliseconds(5);

/// After so long a silence the log says that its end was durable.
constexpr auto silenceBeforeMark = std::chrono::milliseconds(20);

} // namespace

/// What the executor and the two threads share: one commits, the other prepares segments and writes
/// checkpoints. It lives until the last handler that was posted is gone.
class Committer::Work : public std::enable_shared_from_this<Work>
{
public:
    Work(std::unique_ptr<Storage> storage, boost::asio::any_io_executor executor, OnSynced onSynced,
         OnFailed onFailed, Duration quick)
        : m_storage(std::move(storage))
        , m_executor(std::move(executor))
        , m_quick(quick)
        , m_onSynced(std::move(onSynced))
        , m_onFailed(std::move(onFailed))
        , m_disk(m_storage->takeDisk())
    {
    }

    void start()
    {
        m_committing = std::thread([this] { commitUntilStopped(); });
        m_keeping = std::thread([this] { keepUntilStopped(); });
    }

    void stop()
    {
        handOver();
        {
            const std::lock_guard guard(m_mutex);
            m_stopping = true;
        }
        m_queued.notify_all();
        m_needed.notify_all();
        m_committing.join();
        m_keeping.join();
        m_storage.reset(); // the directory is free again
        m_over = true;
    }

    std::uint64_t write(node::PayloadPtr record, node::Sync sync)
    {
        const auto number = ++m_written;
        const bool forced = sync == node::Sync::Forced;
        if (forced) {
            m_forcedNumber = number;
        }
        m_gathered.push_back(std::move(record));
        m_gatheredForced = m_gatheredForced || forced;
        if (!std::exchange(m_gathering, true)) {
            // Behind what the steps of this turn send, which others wait for.
            boost::asio::defer(m_executor, [self = shared_from_this()] {
                boost::asio::defer(self->m_executor, [self] { self->endTurn(); });
            });
        }
        return number;
    }

    /// What the steps of one turn of the executor wrote is committed together: a read from a socket
    /// brings many requests, and the first of them is not to be synced alone.
    void endTurn()
    {
        if (m_gatheredForced && takeQuickStorage()) {
            commitHere();
        } else {
            handOver();
        }
    }

    void handOver()
    {
        m_gathering = false;
        if (m_gathered.empty()) {
            return;
        }
        bool wake = false;
        {
            const std::lock_guard guard(m_mutex);
            if (m_queue.empty()) {
                m_queue.swap(m_gathered);
            } else {
                std::move(m_gathered.begin(), m_gathered.end(), std::back_inserter(m_queue));
                m_gathered.clear();
            }
            m_forced = m_forced || m_gatheredForced;
            m_gatheredForced = false;
            wake = m_waits;
        }
        if (wake) {
            m_queued.notify_one();
        }
    }

    void setFault(const DiskFault& fault)
    {
        const std::lock_guard guard(m_mutex);
        m_fault = fault;
    }

    [[nodiscard]] const node::Disk& disk()
    {
        fold();
        return *m_disk;
    }
    [[nodiscard]] std::uint64_t written() const { return m_written; }
    [[nodiscard]] std::uint64_t synced() const { return m_synced; }
    [[nodiscard]] std::uint64_t forced() const { return m_forcedNumber; }

private:
    using Batch = std::vector<node::PayloadPtr>;

    /// Records that became durable together.
    struct Done
    {
        Batch records;
        std::optional<CheckpointPlan> checkpoint; ///< of the disk after them
    };

    struct Checkpoint
    {
        CheckpointPlan plan;
        std::unique_ptr<node::Disk> disk;
    };

    // Committing on the executor.

    /// Handing over to a thread and back costs as much as a quick disk does.
    bool takeQuickStorage()
    {
        const std::lock_guard guard(m_mutex);
        const bool disturbed =
            m_fault.full || m_fault.factor > 1 || m_fault.latency > Duration::zero();
        if (m_storageTaken || !m_queue.empty() || m_failed || disturbed || m_lastTook >= m_quick
            || m_storage->wantsCheckpoint()) {
            return false;
        }
        m_storageTaken = true;
        return true;
    }

    void commitHere()
    {
        m_gathering = false;
        m_gatheredForced = false;
        auto done = commit(std::exchange(m_gathered, {}));
        {
            const std::lock_guard guard(m_mutex);
            m_storageTaken = false;
            if (done) {
                m_done.push_back(std::move(*done));
            }
        }
        if (done) {
            finish();
        } else {
            failed(done.error());
        }
    }

    // The committing thread.

    void commitUntilStopped()
    {
        while (auto batch = nextBatch()) {
            auto done = commit(std::move(*batch));
            if (!done) {
                failed(done.error());
                return;
            }
            tell(std::move(*done));
        }
        if (const auto closed = m_storage->close(); !closed) {
            failed(closed.error());
        }
    }

    /// All that is queued, as soon as something of it is forced; nothing when it is time to end.
    std::optional<Batch> nextBatch()
    {
        std::unique_lock lock(m_mutex);
        const auto ready = [this] {
            return !m_storageTaken && (m_forced || m_stopping || m_failed);
        };
        const auto hasWork = [&] { return ready() || !m_queue.empty(); };
        m_waits = true;
        while (!ready()) {
            if (!m_queue.empty()) {
                m_queued.wait_for(lock, lazyWait, ready);
                break;
            }
            if (m_marked) {
                m_queued.wait(lock, [&] { return hasWork() || !m_marked; });
            } else if (!m_queued.wait_for(lock, silenceBeforeMark, hasWork) && isSilent()) {
                leaveMark(lock);
            }
        }
        m_waits = false;
        m_storageTaken = true;
        if (m_failed || (m_stopping && m_queue.empty())) {
            return std::nullopt;
        }
        m_forced = false;
        return std::exchange(m_queue, takeSpareBatch());
    }

    [[nodiscard]] bool isSilent() const
    {
        return !m_storageTaken && SteadyClock::now() - m_lastCommit >= silenceBeforeMark;
    }

    void leaveMark(std::unique_lock<std::mutex>& lock)
    {
        m_marked = true;
        m_storageTaken = true;
        lock.unlock();
        if (const auto marked = m_storage->mark(); !marked) {
            failed(marked.error());
        }
        lock.lock();
        m_storageTaken = false;
    }

    // Whoever holds the storage.

    Result<Done> commit(Batch batch)
    {
        const auto begin = SteadyClock::now();
        if (fault().full) {
            return fail("cannot write to " + m_storage->directory()
                        + ": the disk is full (a fault that somebody asked for)");
        }
        if (const auto done = m_storage->commit(batch); !done) {
            return done.error();
        }
        dawdle(SteadyClock::now() - begin);
        bool wasMarked = false;
        {
            const std::lock_guard guard(m_mutex);
            m_lastCommit = SteadyClock::now();
            m_lastTook = m_lastCommit - begin;
            wasMarked = std::exchange(m_marked, false);
        }
        if (wasMarked) {
            m_queued.notify_one(); // the thread may sleep until there is something to mark
        }
        std::optional<CheckpointPlan> checkpoint;
        if (m_storage->wantsCheckpoint()) {
            const auto plan = m_storage->beginCheckpoint();
            if (!plan) {
                return plan.error();
            }
            checkpoint = *plan;
        }
        if (m_storage->wantsSegment()) {
            m_needed.notify_one();
        }
        return Done{std::move(batch), checkpoint};
    }

    /// What a disturbed disk takes longer than a healthy one.
    void dawdle(Duration took)
    {
        std::unique_lock lock(m_mutex);
        const auto more = m_fault.latency
            + Duration(static_cast<std::int64_t>((std::max(m_fault.factor, 1.0) - 1)
                                                 * static_cast<double>(took.count())));
        if (more > Duration::zero()) {
            m_needed.wait_for(lock, more, [this] { return m_stopping; });
        }
    }

    DiskFault fault()
    {
        const std::lock_guard guard(m_mutex);
        return m_fault;
    }

    void tell(Done done)
    {
        bool isFirst = false;
        {
            const std::lock_guard guard(m_mutex);
            isFirst = m_done.empty();
            m_done.push_back(std::move(done));
            m_storageTaken = false;
        }
        if (isFirst) {
            boost::asio::post(m_executor, [self = shared_from_this()] { self->finish(); });
        }
    }

    void failed(const Error& error)
    {
        {
            const std::lock_guard guard(m_mutex);
            if (m_failed) {
                return;
            }
            m_failed = true;
        }
        m_queued.notify_all();
        m_needed.notify_all();
        boost::asio::post(m_executor, [self = shared_from_this(), error] {
            if (!self->m_over) {
                self->m_onFailed(error);
            }
        });
    }

    // The executor.

    void finish()
    {
        std::vector<Done> done;
        {
            const std::lock_guard guard(m_mutex);
            done.swap(m_done);
        }
        // Those that were told of may have been finished with a commit on the executor.
        if (m_over || done.empty()) {
            return;
        }
        for (auto& each : done) {
            m_synced += each.records.size();
            m_unfolded.push_back(std::move(each.records));
            if (each.checkpoint) {
                fold();
                hand({*each.checkpoint, m_disk->clone()});
            }
        }
        m_onSynced(m_synced);
        // What was waited for leaves first.
        boost::asio::defer(m_executor, [self = shared_from_this()] { self->fold(); });
    }

    /// The disk as it is known here comes to what is durable.
    void fold()
    {
        for (auto& records : std::exchange(m_unfolded, {})) {
            for (const auto& record : records) {
                m_disk->apply(*record);
            }
            giveBack(std::move(records));
        }
    }

    void hand(Checkpoint checkpoint)
    {
        {
            const std::lock_guard guard(m_mutex);
            m_checkpoint = std::move(checkpoint);
        }
        m_needed.notify_all();
    }

    /// A batch's memory is used again by one of the next.
    void giveBack(Batch batch)
    {
        batch.clear();
        const std::lock_guard guard(m_mutex);
        m_spareBatch = std::move(batch);
    }

    Batch takeSpareBatch() { return std::exchange(m_spareBatch, {}); }

    // The keeping thread.

    void keepUntilStopped()
    {
        while (true) {
            std::optional<Checkpoint> checkpoint;
            {
                std::unique_lock lock(m_mutex);
                m_needed.wait(lock, [this] {
                    return m_stopping || m_failed || m_checkpoint || m_storage->wantsSegment();
                });
                if (m_stopping || m_failed) {
                    return;
                }
                checkpoint = std::exchange(m_checkpoint, std::nullopt);
            }
            const auto done = checkpoint
                ? m_storage->writeCheckpoint(checkpoint->plan, *checkpoint->disk)
                : m_storage->prepareSegment([this] { return pauseBetweenPortions(); });
            if (!done) {
                failed(done.error());
                return;
            }
        }
    }

    /// Commits go first. False when it is time to end.
    bool pauseBetweenPortions()
    {
        std::unique_lock lock(m_mutex);
        return !m_needed.wait_for(lock, betweenPortions, [this] { return m_stopping || m_failed; });
    }

    std::unique_ptr<Storage> m_storage;
    boost::asio::any_io_executor m_executor;
    const Duration m_quick; ///< a commit that took less is waited for on the executor
    OnSynced m_onSynced;
    OnFailed m_onFailed;

    // The executor's own.
    std::unique_ptr<node::Disk> m_disk;
    std::uint64_t m_written = 0;
    std::uint64_t m_synced = 0;
    std::uint64_t m_forcedNumber = 0;
    std::vector<Batch> m_unfolded; ///< durable, and not in m_disk yet
    Batch m_gathered; ///< in this turn
    bool m_gatheredForced = false;
    bool m_gathering = false;
    bool m_over = false;

    std::mutex m_mutex; ///< guards all that follows
    std::condition_variable m_queued;
    std::condition_variable m_needed;
    Batch m_queue;
    Batch m_spareBatch;
    bool m_forced = false; ///< something in the queue is
    bool m_waits = false; ///< the committing thread does
    bool m_storageTaken = false; ///< somebody writes to the log
    bool m_marked = true; ///< a new log is its own mark
    SteadyClock::time_point m_lastCommit{};
    Duration m_lastTook = Duration::max(); ///< of that commit; nobody knows the disk yet
    std::vector<Done> m_done;
    std::optional<Checkpoint> m_checkpoint;
    DiskFault m_fault;
    bool m_stopping = false;
    bool m_failed = false;

    std::thread m_committing;
    std::thread m_keeping;
};

Committer::Committer(std::unique_ptr<Storage> storage, boost::asio::any_io_executor executor,
                     OnSynced onSynced, OnFailed onFailed, Duration quick)
    : m_work(std::make_shared<Work>(std::move(storage), std::move(executor), std::move(onSynced),
                                    std::move(onFailed), quick))
{
    m_work->start();
}

Committer::~Committer()
{
    m_work->stop();
}

std::uint64_t Committer::write(node::PayloadPtr record, node::Sync sync)
{
    return m_work->write(std::move(record), sync);
}

const node::Disk& Committer::disk() const
{
    return m_work->disk();
}

std::uint64_t Committer::written() const
{
    return m_work->written();
}

std::uint64_t Committer::synced() const
{
    return m_work->synced();
}

std::uint64_t Committer::forced() const
{
    return m_work->forced();
}

void Committer::setFault(const DiskFault& fault)
{
    m_work->setFault(fault);
}

} // namespace lightcone::live
