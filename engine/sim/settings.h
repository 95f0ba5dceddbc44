#pragma once

#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/time.h"
#include "engine/node/card.h"
#include "engine/node/client.h"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::sim {

enum class LatencyKind : std::uint8_t {
    Constant, ///< always typical
    Uniform, ///< from typical to high
    Exponential, ///< typical is the mean
    LongTailed, ///< log-normal: typical is the median, sigma says how long the tail is
};
BOOST_DESCRIBE_ENUM(LatencyKind, Constant, Uniform, Exponential, LongTailed)

/// How long something takes, as a person writes it: "5ms", "1ms..5ms", "exp 3ms",
/// "long 2ms 1.2".
struct LatencyModel
{
    LatencyKind kind = LatencyKind::Constant;
    Duration typical{};
    Duration high{}; ///< of Uniform
    double sigma = 0; ///< of LongTailed

    static LatencyModel constant(Duration);
    static LatencyModel uniform(Duration low, Duration high);
    static LatencyModel exponential(Duration mean);
    static LatencyModel longTailed(Duration median, double sigma);

    [[nodiscard]] Duration draw(Dice&) const;
    friend bool operator==(const LatencyModel&, const LatencyModel&) = default;
};
BOOST_DESCRIBE_STRUCT(LatencyModel, (), (kind, typical, high, sigma))

std::string toText(const LatencyModel&);
Result<LatencyModel> parseLatency(std::string_view);

/// What a link does to the messages on it. A link keeps their order, as a TCP connection does,
/// except for those that reordering picks: these come later by up to reorderBy and may be
/// overtaken.
struct LinkModel
{
    LatencyModel latency =
        LatencyModel::uniform(std::chrono::milliseconds(1), std::chrono::milliseconds(5));
    double loss = 0; ///< probability that a message dies
    double duplicate = 0; ///< probability that a second copy comes to be
    double reorder = 0; ///< probability that a message may be overtaken
    Duration reorderBy = std::chrono::milliseconds(10);
    friend bool operator==(const LinkModel&, const LinkModel&) = default;
};
BOOST_DESCRIBE_STRUCT(LinkModel, (), (latency, loss, duplicate, reorder, reorderBy))

/// A change of some of it; what is not given stays as it was.
struct LinkChange
{
    std::optional<LatencyModel> latency{};
    std::optional<double> loss{};
    std::optional<double> duplicate{};
    std::optional<double> reorder{};
    std::optional<Duration> reorderBy{};

    [[nodiscard]] bool empty() const;
    [[nodiscard]] LinkModel appliedTo(LinkModel) const;

    /// What is given here wins.
    [[nodiscard]] LinkChange over(const LinkChange& before) const;
    friend bool operator==(const LinkChange&, const LinkChange&) = default;
};
BOOST_DESCRIBE_STRUCT(LinkChange, (), (latency, loss, duplicate, reorder, reorderBy))

/// "latency 50ms, loss 20%": what of it differs from the other; empty when nothing does.
std::string difference(const LinkModel&, const LinkModel& from);

/// The world that a cluster is put in. The members' names are what a scenario's cluster line and
/// the command line's --set take.
struct Settings
{
    std::uint64_t seed = 1;
    std::uint32_t clients = 1;
    LatencyModel latency = LinkModel{}.latency;
    double loss = 0;
    double duplicate = 0;
    double reorder = 0;
    Duration reorderBy = LinkModel{}.reorderBy;
    LatencyModel sync = LatencyModel::constant(std::chrono::microseconds(200));
    Duration flush = std::chrono::milliseconds(5);
    Duration clientTimeout = node::ClientSettings{}.timeout;
    Duration clientBackOff = node::ClientSettings{}.backOff;
    Duration clientPatience = node::ClientSettings{}.patience;
    bool retryRefused = node::ClientSettings{}.retryRefused;

    [[nodiscard]] LinkModel link() const;
    [[nodiscard]] node::ClientSettings client() const;
    friend bool operator==(const Settings&, const Settings&) = default;
};
BOOST_DESCRIBE_STRUCT(Settings, (),
                      (seed, clients, latency, loss, duplicate, reorder, reorderBy, sync, flush,
                       clientTimeout, clientBackOff, clientPatience, retryRefused))

/// One card a member of Settings, in order.
const std::vector<node::ParameterCard>& settingCards();

/// Whether Settings has a member of that name.
bool isSetting(std::string_view name);

/// Sets a member from the text that a person wrote: "latency" "1ms..5ms", "loss" "20%" or "0.2".
/// The error says what was expected, and which names there are when this one is not known.
Result<void> assign(Settings&, std::string_view name, std::string_view text);

/// The text that assign() takes to get this member's value.
std::string settingText(const Settings&, std::string_view name);

/// Reads "0.2", "20%"; from 0 to 1. Used wherever a chance is written.
Result<double> parseChance(std::string_view);
std::string chanceText(double);

} // namespace lightcone::sim
