#pragma once

#include "engine/core/error.h"
#include "engine/core/time.h"
#include "engine/live/storage.h"
#include "engine/node/effects.h"
#include "engine/node/node.h"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace lightcone::live {

/// A disk that somebody disturbs. A sync takes `factor` times as long as it does, and `latency`
/// more; a full disk fails the next one, and that is the end of the node.
struct DiskFault
{
    double factor = 1;
    Duration latency{};
    bool full = false;
};

/// A commit that takes less is waited for by the steps of a node.
constexpr Duration quickCommit = std::chrono::milliseconds(1);

/// Group commit (DeWitt et al. 1984): one sync makes durable all that was written since the last
/// one. As long as the disk is quick the executor waits for it at the end of its turn, because
/// handing over to another thread and back costs as much; else a thread of its own does it while
/// steps go on. Everything but that thread happens on the executor, which is one thread or a
/// strand: it calls write(), and there the callbacks come.
class Committer
{
public:
    /// All writes up to that number, from 1, are durable.
    using OnSynced = std::function<void(std::uint64_t upTo)>;

    /// The disk refused. Comes at most once; nothing is durable any more after the last OnSynced,
    /// and what waits for a write must never leave.
    using OnFailed = std::function<void(const Error&)>;

    Committer(std::unique_ptr<Storage> storage, boost::asio::any_io_executor executor,
              OnSynced onSynced, OnFailed onFailed, Duration quick = quickCommit);

    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// Makes durable what is queued and closes the storage. No callback comes after it.
    ~Committer();

    /// Queues a record and gives its number. A lazy one goes to disk with the next forced one or
    /// when the disk is idle.
    std::uint64_t write(node::PayloadPtr record, node::Sync sync);

    /// The fold of all writes that OnSynced has spoken of, and of the storage's earlier ones.
    [[nodiscard]] const node::Disk& disk() const;

    [[nodiscard]] std::uint64_t written() const; ///< the newest write's number
    [[nodiscard]] std::uint64_t synced() const; ///< as OnSynced said

    /// The newest forced write: what follows from it leaves when synced() has reached it.
    [[nodiscard]] std::uint64_t forced() const;

    void setFault(const DiskFault& fault);

private:
    class Work;
    std::shared_ptr<Work> m_work;
};

} // namespace lightcone::live
