#pragma once

#include "engine/node/hosted.h"

#include <boost/describe.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// A protocol that does what it is asked to, for the tests of its host: a request names effects in
/// order, and what happens is kept as lines of its state.
namespace lightcone::test::puppet {

struct Said
{
    std::string text{};
};
BOOST_DESCRIBE_STRUCT(Said, (), (text))

struct Shouted
{
    std::string text{};
};
BOOST_DESCRIBE_STRUCT(Shouted, (), (text))

struct Kept
{
    std::string text{};
};
BOOST_DESCRIBE_STRUCT(Kept, (), (text))

/// "write a; lazy b; say 2 c; shout 3 d; urge 2 e; arm 20; reply f; answer g; redirect 2; refuse h"
struct Do
{
    std::string script{};
};
BOOST_DESCRIBE_STRUCT(Do, (), (script))

struct Fine
{
    std::string text{};
};
BOOST_DESCRIBE_STRUCT(Fine, (), (text))

enum class Timer : std::uint8_t { Once, Never };
BOOST_DESCRIBE_ENUM(Timer, Once, Never)

struct Parameters
{
    std::uint32_t nodes = 3;
};
BOOST_DESCRIBE_STRUCT(Parameters, (), (nodes))

struct Durable
{
    std::vector<std::string> kept{};
    void apply(const std::variant<Kept>& write) { kept.push_back(std::get<0>(write).text); }
};
BOOST_DESCRIBE_STRUCT(Durable, (), (kept))

class Puppet
{
public:
    using Message = std::variant<Said, Shouted>;
    using Request = std::variant<Do>;
    using Reply = Fine;
    using Write = std::variant<Kept>;
    using Timer = puppet::Timer;
    using Parameters = puppet::Parameters;
    using Durable = puppet::Durable;
    using Out = node::Out<Puppet>;

    explicit Puppet(const node::Seat<Puppet>&) { }

    static node::Card card()
    {
        node::Card card;
        card.id = "puppet";
        card.title = "Puppet";
        card.parameters = {{"nodes", "How many.", {}}};
        card.requests = {{"do", "Does it.", "do \"write a\"", {}, false}};
        return card;
    }
    static Result<std::vector<node::Member>> members(const Parameters& parameters)
    {
        std::vector<node::Member> out;
        for (std::uint32_t i = 1; i <= parameters.nodes; ++i) {
            out.push_back({NodeId(i), "n" + std::to_string(i), ""});
        }
        return out;
    }
    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr&)
    {
        return {};
    }

    void onStart(const node::Moment& moment, const Durable& durable, Out&)
    {
        heard = {"started with " + std::to_string(durable.kept.size())};
        now = moment.now;
    }
    void onMessage(const node::Moment& moment, NodeId from, const Message& message, Out& out)
    {
        now = moment.now;
        const auto text = std::visit([](const auto& each) { return each.text; }, message);
        heard.push_back("n" + std::to_string(from.value) + ": " + text);
        if (text == "echo") {
            out.send(from, Said{"echoed"});
        }
    }
    void onTimer(const node::Moment& moment, Timer, std::uint64_t about, Out& out)
    {
        now = moment.now;
        heard.push_back("timer " + std::to_string(about));
        if (about == 99) {
            out.arm(Timer::Once, Duration::zero(), 99);
        }
    }
    void onRequest(const node::Moment& moment, RequestId id, const Request& request, Out& out)
    {
        now = moment.now;
        std::string_view rest = std::get<Do>(request).script;
        while (!rest.empty()) {
            const auto end = std::min(rest.find("; "), rest.size());
            perform(id, std::string(rest.substr(0, end)), out);
            rest.remove_prefix(std::min(end + 2, rest.size()));
        }
    }

    std::vector<std::string> heard{};
    Instant now{};
    BOOST_DESCRIBE_CLASS(Puppet, (), (heard, now), (), ())

private:
    static void perform(RequestId id, const std::string& line, Out& out)
    {
        const auto blank = std::min(line.find(' '), line.size());
        const auto verb = line.substr(0, blank);
        const auto rest = line.substr(std::min(blank + 1, line.size()));
        const auto second = rest.substr(std::min(rest.find(' '), rest.size() - 1) + 1);
        const auto number = [&] { return static_cast<std::uint32_t>(std::stoul(rest)); };
        if (verb == "write") {
            out.write(Kept{rest});
        } else if (verb == "lazy") {
            out.write(Kept{rest}, node::Sync::Lazy);
        } else if (verb == "say") {
            out.send(NodeId(number()), Said{second});
        } else if (verb == "shout") {
            out.send(NodeId(number()), Shouted{second});
        } else if (verb == "urge") {
            out.send(NodeId(number()), Said{second}, node::Leaves::AtOnce);
        } else if (verb == "answer") {
            out.reply(id, Fine{rest}, node::Leaves::AtOnce);
        } else if (verb == "arm") {
            out.arm(Timer::Once, std::chrono::milliseconds(number()), number());
        } else if (verb == "reply") {
            out.reply(id, Fine{rest});
        } else if (verb == "redirect") {
            out.redirect(id, NodeId(number()));
        } else if (verb == "refuse") {
            out.refuse(id, rest);
        }
    }
};

inline const node::Protocol& protocol()
{
    static const node::Hosted<Puppet> hosted;
    return hosted;
}

} // namespace lightcone::test::puppet
