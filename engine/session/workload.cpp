#include "engine/session/workload.h"

#include "engine/session/binding.h"
#include "engine/session/nearest.h"
#include "engine/sim/settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace lightcone::session {
namespace {

constexpr double mostSkew = 10;

std::optional<double> numberOf(std::string_view text)
{
    double value{};
    const auto* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && last == end && std::isfinite(value) ? std::optional(value)
                                                                       : std::nullopt;
}

bool parts(char c)
{
    return c == ' ' || c == ',' || c == '\t' || c == '\n';
}

/// The next part of a mix; what stands in braces hangs together.
std::string_view takePart(std::string_view& rest)
{
    while (!rest.empty() && parts(rest.front())) {
        rest.remove_prefix(1);
    }
    std::size_t end = 0;
    int depth = 0;
    bool quoted = false;
    while (end < rest.size() && (depth > 0 || quoted || !parts(rest[end]))) {
        const auto c = rest[end];
        quoted = quoted != (c == '"');
        depth += quoted ? 0 : (c == '{' ? 1 : c == '}' ? -1 : 0);
        ++end;
    }
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end);
    return part;
}

Result<describe::Value> sampleOf(std::string_view words, const node::Protocol& protocol,
                                 const describe::NodeNames& names)
{
    auto body = requestOf(Piece{std::string(words)}, protocol, names);
    if (!body) {
        return fail(body.error().message);
    }
    return (*body)->describe();
}

Result<describe::Value> sampleNamed(std::string_view name, const node::Protocol& protocol,
                                    const describe::NodeNames& names)
{
    const auto& card = protocol.card();
    const auto request = std::ranges::find(card.requests, name, &node::RequestCard::name);
    if (request != card.requests.end()) {
        return sampleOf(request->sample, protocol, names);
    }
    std::vector<std::string> known;
    for (const auto& each : card.requests) {
        known.push_back(each.name);
    }
    return fail("'" + std::string(name) + "' is no request of " + card.id + ": "
                + suggestion(name, known));
}

Result<node::RequestShare> readShare(std::string_view part, const node::Protocol& protocol,
                                     const describe::NodeNames& names)
{
    const auto brace = part.rfind('}');
    const auto from = brace == std::string_view::npos ? 0 : brace;
    // put=1 is how a command line may say it.
    const auto colon = std::min(part.find_first_of(":=", from), part.size());
    const auto what = part.substr(0, colon);
    const auto weight = colon == part.size() ? 1.0 : numberOf(part.substr(colon + 1)).value_or(0);
    if (weight <= 0) {
        return fail("expected a share such as put:0.5 for '" + std::string(what) + "'");
    }
    if (what.starts_with('{') && !(what.ends_with('}') && what.size() > 2)) {
        return fail("expected a request's words in braces, such as {put x 1}, found '"
                    + std::string(what) + "'");
    }
    auto sample = what.starts_with('{') ? sampleOf(what.substr(1, what.size() - 2), protocol, names)
                                        : sampleNamed(what, protocol, names);
    if (!sample) {
        return sample.error();
    }
    return node::RequestShare{std::move(*sample), weight};
}

} // namespace

Result<std::vector<node::RequestShare>>
parseMix(std::string_view text, const node::Protocol& protocol, const describe::NodeNames& names)
{
    std::vector<node::RequestShare> mix;
    while (true) {
        const auto part = takePart(text);
        if (part.empty()) {
            break;
        }
        auto share = readShare(part, protocol, names);
        if (!share) {
            return share.error();
        }
        mix.push_back(std::move(*share));
    }
    if (mix.empty()) {
        return fail("expected requests and their shares, such as \"put:1 get:3\"");
    }
    return mix;
}

Result<std::vector<node::RequestShare>> plainMix(const node::Protocol& protocol,
                                                 const describe::NodeNames& names)
{
    const auto& card = protocol.card();
    if (card.requests.empty()) {
        return fail(card.id + " takes no requests");
    }
    return parseMix(card.requests.front().name, protocol, names);
}

Result<node::KeyChoice> parseKeyChoice(std::string_view text)
{
    std::vector<std::string_view> words;
    for (auto word = takePart(text); !word.empty(); word = takePart(text)) {
        words.push_back(word);
    }
    node::KeyChoice choice;
    const auto kind = words.empty() ? std::string_view{} : words.front();
    if (kind == "uniform" && words.size() == 1) {
        return choice;
    }
    if (kind == "zipf" && words.size() <= 2) {
        choice.kind = node::KeyChoice::Kind::Zipf;
        const auto skew = words.size() == 2 ? numberOf(words[1]) : choice.skew;
        if (skew && *skew >= 0 && *skew <= mostSkew) {
            choice.skew = *skew;
            return choice;
        }
    }
    if (kind == "hot" && (words.size() == 1 || words.size() == 3)) {
        choice.kind = node::KeyChoice::Kind::Hot;
        const auto keys = words.size() == 3 ? sim::parseChance(words[1]) : choice.hotKeys;
        const auto share = words.size() == 3 ? sim::parseChance(words[2]) : choice.hotShare;
        if (keys && share) {
            choice.hotKeys = *keys;
            choice.hotShare = *share;
            return choice;
        }
    }
    return fail("expected uniform, \"zipf 0.99\" (an exponent from 0 to 10) or \"hot 10% 90%\" (of "
                "the keys, of the requests)");
}

Result<double> parseRate(std::string_view text)
{
    auto digits = text;
    if (digits.ends_with("/s")) {
        digits.remove_suffix(2);
    }
    const auto rate = numberOf(digits);
    if (!rate || !(*rate > 0.001 && *rate <= 1e9)) {
        return fail("expected a rate such as 200/s");
    }
    return *rate;
}

} // namespace lightcone::session
