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
    std::uint32_t clients = 16;
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

/// What the words are read for.
struct Ground
{
    const node::Protocol& protocol;
    const describe::NodeNames& names;
    std::optional<std::uint32_t> clients{}; ///< a simulated cluster has so many and no more
};

/// Reads the settings of one line. An error is thrown and caught by whoever reads a load.
class Reader
{
public:
    Reader(const Ground& ground, const std::vector<Setting>& settings)
        : m_ground(ground)
        , m_settings(settings)
    {
        m_model.clients = ground.clients.value_or(m_model.clients);
        for (const auto& setting : settings) {
            read(setting);
        }
        judge();
        if (m_model.workload.mix.empty()) {
            auto mix = plainMix(ground.protocol, ground.names);
            if (!mix) {
                throw mix.error();
            }
            m_model.workload.mix = std::move(*mix);
        }
    }

    [[nodiscard]] const LoadModel& model() const { return m_model; }

    [[nodiscard]] node::WorkloadPtr workload(const Dice& dice, const std::string& keyPrefix) const
    {
        auto plan = m_model.workload;
        plan.dice = dice;
        plan.keyPrefix = keyPrefix;
        auto made = node::Workload::make(m_ground.protocol, std::move(plan));
        if (!made) {
            throw made.error();
        }
        return std::move(*made);
    }

    [[nodiscard]] node::Loop loop() const
    {
        return m_model.open ? m_model.arrivals.value_or(node::Loop::Poisson) : node::Loop::Closed;
    }

    /// Of one client of a closed loop, of all of an open one.
    [[nodiscard]] Duration interval(double rate) const
    {
        const auto sharers = m_model.open ? 1.0 : static_cast<double>(m_model.clients);
        return std::max(Duration(static_cast<std::int64_t>(1e9 * sharers / rate)), Duration(1));
    }

private:
    void read(const Setting& setting)
    {
        if (setting.key == "clients") {
            constexpr std::uint32_t mostReal = 100'000;
            const auto most = m_ground.clients.value_or(mostReal);
            m_model.clients = number<std::uint32_t>(
                setting, 1, most,
                "a number of clients from 1 to " + std::to_string(most)
                    + (m_ground.clients ? " (the cluster line's clients=)" : ""));
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
            auto mix = parseMix(setting.value, m_ground.protocol, m_ground.names);
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

    [[nodiscard]] Place placeOf(std::string_view key) const
    {
        return std::ranges::find(m_settings, key, &Setting::key)->place;
    }

    const Ground& m_ground;
    const std::vector<Setting>& m_settings;
    LoadModel m_model;
};

sim::Load simulated(const Reader& reader, const Dice& dice)
{
    const auto& model = reader.model();
    sim::Load load;
    for (std::uint32_t i = 1; i <= model.clients; ++i) {
        load.clients.push_back(clientId(i));
    }
    load.workload = reader.workload(dice.fork(0x10AD + model.seed), "k");
    load.lasts = model.duration;
    load.loop = reader.loop();
    load.think = model.think.value_or(sim::LatencyModel{});
    // Who thinks is not paced besides, unless asked for.
    constexpr double usual = 100;
    const bool paced = !model.unbounded && (!model.think || model.rate);
    load.interval = paced ? reader.interval(model.rate.value_or(usual)) : Duration::zero();
    load.dice = dice.fork(0x7A11 + model.seed);
    return load;
}

live::LoadPlan real(const Reader& reader, const std::string& keyPrefix)
{
    const auto& model = reader.model();
    if (model.open && !model.rate) {
        throw fail("an open loop has a rate, such as 200/s");
    }
    const Dice dice(model.seed);
    live::LoadPlan load;
    load.clients = model.clients;
    load.workload = reader.workload(dice.fork(1), keyPrefix);
    load.lasts = model.duration;
    load.loop = reader.loop();
    load.interval = model.rate ? reader.interval(*model.rate) : Duration::zero();
    if (model.think) {
        load.think = [think = *model.think](Dice& own) { return think.draw(own); };
    }
    load.dice = dice.fork(2);
    return load;
}

} // namespace

Result<sim::Action> loadOf(const Load& load, const Plan& plan)
{
    if (load.stop) {
        return sim::Action(sim::StopLoad{});
    }
    try {
        const auto names = plan.about.names();
        const Ground ground{*plan.protocol, names, plan.settings.clients};
        return sim::Action(simulated(Reader(ground, load.settings), Dice(plan.settings.seed)));
    } catch (const Error& error) {
        return error;
    }
}

Result<live::LoadPlan> liveLoadOf(const std::vector<Setting>& settings,
                                  const node::Protocol& protocol, const describe::NodeNames& names,
                                  const std::string& keyPrefix)
{
    try {
        const Ground ground{protocol, names, {}};
        return real(Reader(ground, settings), keyPrefix);
    } catch (const Error& error) {
        return fail(error.message);
    }
}

} // namespace lightcone::session
