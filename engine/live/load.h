#pragma once

#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/histogram.h"
#include "engine/core/time.h"
#include "engine/live/client.h"
#include "engine/node/workload.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lightcone::live {

struct LoadPlan
{
    std::uint32_t clients = 16;
    Duration lasts = std::chrono::seconds(10); ///< zero: as long as `operations` take
    std::uint64_t operations = 0; ///< at most so many; 0: no limit
    Duration warmUp{}; ///< at the beginning, is not measured

    /// The latency of an operation of an open loop counts from when it was meant to begin, so that
    /// a stall is not left out (Tene, coordinated omission).
    node::Loop loop = node::Loop::Closed;
    Duration interval{}; ///< of each client of a closed loop, of all of an open one; zero: as fast
                         ///< as it is answered
    std::function<Duration(Dice&)> think{}; ///< of a closed loop, where set: before each operation,
                                            ///< after the last has ended
    Dice dice{}; ///< of think and Poisson
    node::WorkloadPtr workload{};
};

/// One operation as its client saw it.
struct LoadOperation
{
    std::uint32_t client = 0; ///< from 0
    std::uint64_t number = 0; ///< over all clients, from 1
    node::PayloadPtr body{};
    Instant begun{};
    Instant ended{};
    Answered answered{};
};

struct LoadResult
{
    struct Kind
    {
        std::string name{}; ///< as the card names the request: "put"
        Histogram latency{}; ///< of Done ones
        std::uint64_t asked = 0; ///< warming up too
        std::uint64_t done = 0;
    };
    std::vector<Kind> kinds{}; ///< by the request's tag
    Histogram latency{}; ///< of all Done ones
    std::uint64_t done = 0;
    std::uint64_t refused = 0;
    std::uint64_t unknown = 0; ///< nobody answered in time
    std::uint64_t silences = 0; ///< tries that a node did not answer
    Duration took{}; ///< what was measured
    Duration longestGap{}; ///< between two answers that were Done, over all clients
    std::string firstRefusal{};

    [[nodiscard]] double perSecond() const;
};

/// Puts a load on a cluster through a ClusterClient and measures it. Everything happens on the
/// executor.
class Load
{
public:
    /// The error: the plan makes no sense. The workload is one of the cluster's protocol.
    static Result<std::unique_ptr<Load>> prepare(boost::asio::any_io_executor, ClusterClient&,
                                                 const LoadPlan&);

    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load();

    // Called before and after each operation, where they are set; warming up too.
    std::function<void(const LoadOperation&)> onBegun;
    std::function<void(const LoadOperation&)> onEnded;

    /// Ends when the time is over, all operations have, or stop() was called, and everything under
    /// way was answered or given up.
    void start(std::function<void(const LoadResult&)> onOver);
    void stop();

    /// As far as it is.
    [[nodiscard]] const LoadResult& result() const;

private:
    class Inside;
    explicit Load(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside> m_inside;
};
} // namespace lightcone::live
