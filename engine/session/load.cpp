#include "engine/session/load.h"

#include "engine/core/dice.h"
#include "engine/describe/naming.h"
#include "engine/describe/text.h"
#include "engine/session/nearest.h"
#include "engine/session/plan.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace lightcone::session {
namespace {

/// How many different requests a load has before it begins again from the first.
constexpr std::size_t bodies = 1024;

struct LoadModel
{
    struct Share
    {
        std::size_t request; ///< its place on the card
        double weight;
    };
    std::uint32_t clients = 1;
    std::optional<double> rate = 100; ///< requests a second of all clients together; none: no limit
    Duration duration{}; ///< zero: until load stop
    std::vector<Share> mix;
    std::uint64_t keys = 5;
    std::uint64_t seed = 0; ///< of its own dice, beside the run's seed
};

Error at(Place place, std::string message)
{
    return fail(std::move(message), place.line, place.column);
}

template <class T>
std::optional<T> numberOf(std::string_view text)
{
    T value{};
    const auto* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && last == end ? std::optional(value) : std::nullopt;
}

/// "put:0.5 get:0.5", or "put" alone.
Result<std::vector<LoadModel::Share>> readMix(const Setting& setting, const node::Card& card)
{
    std::vector<LoadModel::Share> mix;
    std::string_view rest = setting.value;
    while (!rest.empty()) {
        const auto blank = std::min(rest.find_first_of(" ,"), rest.size());
        const auto part = rest.substr(0, blank);
        rest.remove_prefix(std::min(blank + 1, rest.size()));
        if (part.empty()) {
            continue;
        }
        const auto colon = std::min(part.find(':'), part.size());
        const auto name = std::string(part.substr(0, colon));
        const auto request = std::ranges::find(card.requests, name, &node::RequestCard::name);
        if (request == card.requests.end()) {
            std::vector<std::string> known;
            for (const auto& each : card.requests) {
                known.push_back(each.name);
            }
            return at(setting.valuePlace,
                      "'" + name + "' is no request of " + card.id + ": "
                          + suggestion(name, known));
        }
        const auto weight =
            colon == part.size() ? std::optional(1.0) : numberOf<double>(part.substr(colon + 1));
        if (!weight || !std::isfinite(*weight) || *weight <= 0) {
            return at(setting.valuePlace, "expected a share such as put:0.5 for '" + name + "'");
        }
        mix.push_back({static_cast<std::size_t>(request - card.requests.begin()), *weight});
    }
    if (mix.empty()) {
        return at(setting.valuePlace,
                  "expected requests and their shares, such as \"put:1 get:3\"");
    }
    return mix;
}

Result<void> readSetting(const Setting& setting, const Plan& plan, LoadModel& model)
{
    const auto wrong = [&](const std::string& expected) {
        return at(setting.valuePlace,
                  "expected " + expected + " for '" + setting.key + "', found '"
                      + setting.value.substr(0, 40) + "'");
    };
    if (setting.key == "clients") {
        const auto most = plan.settings.clients;
        const auto count = numberOf<std::uint32_t>(setting.value);
        if (!count || *count < 1 || *count > most) {
            return wrong("a number of clients from 1 to " + std::to_string(most)
                         + " (the cluster line's clients=)");
        }
        model.clients = *count;
    } else if (setting.key == "rate") {
        auto text = setting.value;
        if (text.ends_with("/s")) {
            text.resize(text.size() - 2);
        }
        if (text == "max") {
            model.rate.reset();
            return {};
        }
        const auto rate = numberOf<double>(text);
        if (!rate || !(*rate > 0.001 && *rate <= 1e9)) {
            return wrong("a rate such as 200/s, or max");
        }
        model.rate = *rate;
    } else if (setting.key == "duration") {
        const auto time = parseDuration(setting.value);
        if (!time || *time <= Duration::zero()) {
            return wrong("a duration such as 2s");
        }
        model.duration = *time;
    } else if (setting.key == "mix") {
        auto mix = readMix(setting, plan.protocol->card());
        if (!mix) {
            return mix.error();
        }
        model.mix = std::move(*mix);
    } else if (setting.key == "keys") {
        const auto keys = numberOf<std::uint64_t>(setting.value);
        if (!keys || *keys < 1 || *keys > 1'000'000) {
            return wrong("a number of keys from 1 to 1000000");
        }
        model.keys = *keys;
    } else {
        const auto seed = numberOf<std::uint64_t>(setting.value);
        if (!seed) {
            return wrong("a number");
        }
        model.seed = *seed;
    }
    return {};
}

/// The request's record with its key and content filled in where they are texts or numbers.
describe::Value filled(const describe::Value& record, std::uint64_t key, std::uint64_t content)
{
    auto children = record.children();
    const auto fill = [&](describe::Facet facet, const std::string& prefix, std::uint64_t number) {
        const auto place = record.shape()->fieldWith(facet);
        if (!place) {
            return;
        }
        const auto& shape = record.shape()->fields[*place].shape;
        const auto text = shape->kind == describe::ShapeKind::Text ? prefix + std::to_string(number)
                                                                   : std::to_string(number);
        if (auto value = describe::parse(shape, text)) {
            children[*place] = std::move(*value);
        }
    };
    fill(describe::Facet::Key, "k", key);
    fill(describe::Facet::Content, "", content);
    return describe::Value::list(record.shape(), std::move(children));
}

/// A request of the load's kinds, by their shares.
std::size_t choose(const std::vector<LoadModel::Share>& mix, Dice& dice)
{
    double all = 0;
    for (const auto& share : mix) {
        all += share.weight;
    }
    auto point = dice.unit() * all;
    for (const auto& share : mix) {
        point -= share.weight;
        if (point < 0) {
            return share.request;
        }
    }
    return mix.back().request;
}

Result<node::PayloadPtr> makeBody(const LoadModel& model, const Plan& plan, std::uint64_t content,
                                  Dice& dice)
{
    const auto& card = plan.protocol->card();
    const auto& request = card.requests[choose(model.mix, dice)];
    const auto fields = filled(request.byDefault, dice.below(model.keys) + 1, content);
    const auto& alternatives = card.request->fields;
    const auto alternative = std::ranges::find_if(alternatives, [&](const auto& each) {
        return describe::enumeratorName(each.name) == request.name;
    });
    const auto index = static_cast<std::size_t>(alternative - alternatives.begin());
    return plan.protocol->payload(node::PayloadRole::Request,
                                  describe::Value::alternative(card.request, index, fields));
}

} // namespace

Result<sim::Action> loadOf(const Load& load, const Plan& plan)
{
    if (load.stop) {
        return sim::Action(sim::StopLoad{});
    }
    LoadModel model;
    model.clients = plan.settings.clients;
    for (const auto& setting : load.settings) {
        if (auto done = readSetting(setting, plan, model); !done) {
            return done.error();
        }
    }
    if (plan.protocol->card().requests.empty()) {
        return fail(plan.protocol->card().id + " takes no requests");
    }
    if (model.mix.empty()) {
        model.mix.push_back({0, 1});
    }
    sim::Load action;
    for (std::uint32_t i = 1; i <= model.clients; ++i) {
        action.clients.push_back(clientId(i));
    }
    if (model.rate) {
        const auto each = 1e9 * static_cast<double>(model.clients) / *model.rate;
        action.interval = std::max(Duration(static_cast<std::int64_t>(each)), Duration(1));
    }
    action.lasts = model.duration;
    auto dice = Dice(plan.settings.seed).fork(0x10AD + model.seed);
    for (std::size_t i = 0; i < bodies; ++i) {
        auto body = makeBody(model, plan, i + 1, dice);
        if (!body) {
            return body.error();
        }
        action.bodies.push_back(std::move(*body));
    }
    return sim::Action(std::move(action));
}

} // namespace lightcone::session
