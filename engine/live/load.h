#pragma once

#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/histogram.h"
#include "engine/core/time.h"
#include "engine/core/zipf.h"
#include "engine/live/client.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::live {

/// What clients of a key-value store do.
enum class Deed : std::uint8_t { Put, Get, Delete, Cas };
BOOST_DESCRIBE_ENUM(Deed, Put, Get, Delete, Cas)
constexpr std::size_t deeds = 4;

/// Which key is next.
enum class Choice : std::uint8_t {
    Uniform, ///< each as often as any other
    Zipf, ///< the i-th proportional to 1 / i^skew: a few keys get most of the load
};
BOOST_DESCRIBE_ENUM(Choice, Uniform, Zipf)

struct LoadPlan
{
    std::uint32_t clients = 16;
    Duration lasts = std::chrono::seconds(10); ///< zero: as long as `operations` take
    std::uint64_t operations = 0; ///< at most so many; 0: no limit
    Duration warmUp{}; ///< at the beginning, is not measured

    /// Zero: a closed loop, each client asks again as soon as it was answered. Else an open loop:
    /// so many operations a second begin whatever becomes of them, and their latency counts from
    /// when they were meant to begin, so that a stall is not left out (Tene, coordinated omission).
    double rate = 0;
    bool poisson = false; ///< of an open loop: at random instants, not at equal distances

    std::array<std::uint32_t, deeds> mix{1, 0, 0, 0}; ///< shares, by Deed
    std::uint64_t keys = 1000;
    std::string keyPrefix = "key";
    Choice choice = Choice::Uniform;
    double skew = 0.99; ///< of Zipf
    std::size_t valueBytes = 16; ///< at least as many as the number in it needs
    std::uint64_t seed = 1;
};

/// One operation as its client saw it.
struct LoadOperation
{
    std::uint32_t client = 0; ///< from 0
    std::uint64_t number = 0; ///< over all clients, from 1
    Deed deed = Deed::Put;
    std::string key{};
    std::string value{}; ///< of Put, and what a Cas wants to write
    std::optional<std::string> expected{}; ///< of Cas; none: that the key is absent
    Instant begun{};
    Instant ended{};
    Answered answered{};
};

struct LoadResult
{
    struct Kind
    {
        Histogram latency{}; ///< of Done ones
        std::uint64_t done = 0;
    };
    std::array<Kind, deeds> kinds{}; ///< by Deed
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
    /// The error: the protocol has no such requests, or the plan makes no sense.
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
