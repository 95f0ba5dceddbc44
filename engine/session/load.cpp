#include "engine/session/load.h"

#include "engine/core/dice.h"
#include "engine/session/plan.h"
#include "engine/session/workload.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace lightcone::session {
namespace {

/// A load line as far as it has been read.
struct LoadModel
{
    std::uint32_t clients = 1;
    bool open = false;
    std::optional<double> rate{}; ///< requests a second of all clients together
    bool unbounded = false; ///< rate=max
    std::optional<sim::Loop> arrivals{};
    std::optional<sim::LatencyModel> think{};
    Duration duration{}; ///< zero: until load stop
    node::WorkloadPlan workload{};
    std::uint64_t seed = 0; ///< of its own dice, beside the run's seed
};

template <class T>
std::optional<T> numberOf(std::string_view text, T least, T most)
{
    T value{};
    const auto* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    const bool good = error == std::errc{} && last == end && value >= least && value <= most;
    return good ? std::optional(value) : std::nullopt;
}

/// Reads the settings of one line. An error is thrown and caught in loadOf().
class Reader
{
public:
    Reader(const Plan& plan, const std::vector<Setting>& settings)
        : m_plan(plan)
        , m_settings(settings)
    {
        m_model.clients = plan.settings.clients;
        for (const auto& setting : settings) {
            read(setting);
        }
        judge();
    }

    sim::Load finished()
    {
        const auto& protocol = *m_plan.protocol;
        auto& workload = m_model.workload;
        if (workload.mix.empty()) {
            auto mix = plainMix(protocol, m_plan.about.names());
            if (!mix) {
                throw mix.error();
            }
            workload.mix = std::move(*mix);
        }
        workload.dice = Dice(m_plan.settings.seed).fork(0x10AD + m_model.seed);
        auto made = node::Workload::make(protocol, std::move(workload));
        if (!made) {
            throw made.error();
        }
        sim::Load load;
        for (std::uint32_t i = 1; i <= m_model.clients; ++i) {
            load.clients.push_back(clientId(i));
        }
        load.workload = std::move(*made);
        load.lasts = m_model.duration;
        load.loop =
            m_model.open ? m_model.arrivals.value_or(sim::Loop::Poisson) : sim::Loop::Closed;
        load.interval = interval();
        load.think = m_model.think.value_or(sim::LatencyModel{});
        load.dice = Dice(m_plan.settings.seed).fork(0x7A11 + m_model.seed);
        return load;
    }

private:
    void read(const Setting& setting)
    {
        if (setting.key == "clients") {
            const auto most = m_plan.settings.clients;
            m_model.clients =
                number<std::uint32_t>(setting, 1, most,
                                      "a number of clients from 1 to " + std::to_string(most)
                                          + " (the cluster line's clients=)");
        } else if (setting.key == "loop") {
            m_model.open = setting.value == "open";
            if (!m_model.open && setting.value != "closed") {
                wrong(setting, "open or closed");
            }
        } else if (setting.key == "rate") {
            readRate(setting);
        } else if (setting.key == "arrivals") {
            m_model.arrivals = setting.value == "even" ? sim::Loop::Even : sim::Loop::Poisson;
            if (setting.value != "even" && setting.value != "poisson") {
                wrong(setting, "poisson or even");
            }
        } else if (setting.key == "duration") {
            const auto time = parseDuration(setting.value);
            if (!time || *time <= Duration::zero()) {
                wrong(setting, "a duration such as 2s");
            }
            m_model.duration = *time;
        } else {
            readWhat(setting);
        }
    }

    [[noreturn]] static void wrong(const Setting& setting, const std::string& expected)
    {
        throw failAt(setting.valuePlace,
                     "expected " + expected + " for '" + setting.key + "', found '"
                         + setting.value.substr(0, 40) + "'");
    }

    template <class T>
    static T number(const Setting& setting, T least, T most, const std::string& expected)
    {
        const auto value = numberOf<T>(setting.value, least, most);
        if (!value) {
            wrong(setting, expected);
        }
        return *value;
    }

    void readRate(const Setting& setting)
    {
        m_model.unbounded = setting.value == "max";
        m_model.rate.reset();
        if (m_model.unbounded) {
            return;
        }
        const auto rate = parseRate(setting.value);
        if (!rate) {
            wrong(setting, "a rate such as 200/s, or max");
        }
        m_model.rate = *rate;
    }

    /// Which requests, about which keys.
    void readWhat(const Setting& setting)
    {
        auto& workload = m_model.workload;
        const auto take = [&](auto parsed, auto& into) {
            if (!parsed) {
                throw failAt(setting.valuePlace, setting.key + ": " + parsed.error().message);
            }
            into = std::move(*parsed);
        };
        if (setting.key == "mix") {
            auto mix = parseMix(setting.value, *m_plan.protocol, m_plan.about.names());
            if (!mix) {
                throw failAt(setting.valuePlace, mix.error().message);
            }
            workload.mix = std::move(*mix);
        } else if (setting.key == "think") {
            m_model.think.emplace();
            take(sim::parseLatency(setting.value), *m_model.think);
        } else if (setting.key == "distribution") {
            take(parseKeyChoice(setting.value), workload.choice);
        } else if (setting.key == "keys") {
            workload.keys = number<std::uint64_t>(setting, 1, 1'000'000'000,
                                                  "a number of keys from 1 to 1000000000");
        } else if (setting.key == "length") {
            workload.length =
                number<std::size_t>(setting, 0, 1U << 20, "a number of characters up to 1048576");
        } else {
            m_model.seed = number<std::uint64_t>(setting, 0, UINT64_MAX, "a number");
        }
    }

    /// What does not go together.
    void judge() const
    {
        if (m_model.open && m_model.unbounded) {
            throw failAt(
                placeOf("rate"),
                "an open loop has a rate such as rate=200/s: what is as fast as it is answered "
                "is a closed one");
        }
        if (m_model.open && m_model.think) {
            throw failAt(placeOf("think"),
                         "who thinks after an answer waits for it: think= belongs to loop=closed");
        }
        if (!m_model.open && m_model.arrivals) {
            throw failAt(placeOf("arrivals"), "arrivals= belongs to loop=open");
        }
    }

    /// Of one client of a closed loop, of all of an open one. Who thinks is not paced besides,
    /// unless asked for.
    [[nodiscard]] Duration interval() const
    {
        constexpr double usual = 100;
        if (m_model.unbounded || (m_model.think && !m_model.rate)) {
            return Duration::zero();
        }
        const auto sharers = m_model.open ? 1.0 : static_cast<double>(m_model.clients);
        const auto each = 1e9 * sharers / m_model.rate.value_or(usual);
        return std::max(Duration(static_cast<std::int64_t>(each)), Duration(1));
    }

    [[nodiscard]] Place placeOf(std::string_view key) const
    {
        return std::ranges::find(m_settings, key, &Setting::key)->place;
    }

    const Plan& m_plan;
    const std::vector<Setting>& m_settings;
    LoadModel m_model;
};

} // namespace

Result<sim::Action> loadOf(const Load& load, const Plan& plan)
{
    if (load.stop) {
        return sim::Action(sim::StopLoad{});
    }
    try {
        return sim::Action(Reader(plan, load.settings).finished());
    } catch (const Error& error) {
        return error;
    }
}

} // namespace lightcone::session
