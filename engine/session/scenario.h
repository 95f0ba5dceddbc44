#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The language for doing: a scenario is a text, a line a verb. resources/scenarios/README.md is
/// its manual. What is here is the text understood, not yet bound to a protocol: names of nodes,
/// parameters and messages are looked up when a run is prepared.
namespace lightcone::session {

/// Where something stands in a scenario's text, both from 1.
struct Place
{
    std::size_t line = 1;
    std::size_t column = 1;
    friend bool operator==(const Place&, const Place&) = default;
};

inline Error failAt(Place place, std::string message)
{
    return fail(std::move(message), place.line, place.column);
}

/// A piece of the text that another reader looks at: a query, a request's words. Long lines are
/// joined, so each part remembers where it stood.
struct Piece
{
    struct Mark
    {
        std::size_t offset; ///< in text
        Place place;
    };
    std::string text;
    std::vector<Mark> marks{};

    /// Where the byte at that offset of the text stood.
    [[nodiscard]] Place placeOf(std::size_t offset) const;
    [[nodiscard]] Place place() const { return placeOf(0); }
    friend bool operator==(const Piece& a, const Piece& b) { return a.text == b.text; }
};

/// Who is meant: a node's name, a role ("leader"), or a query in parentheses. The first that fits
/// when the line is done; of roles, the one of the highest epoch.
struct Who
{
    Piece words; ///< of a query without its parentheses
    bool query = false;
    friend bool operator==(const Who&, const Who&) = default;
};

/// key=value
struct Setting
{
    std::string key;
    std::string value; ///< without its quotes
    Place place{};
    Place valuePlace{};
    Piece written{}; ///< the value as it stands there, with its quotes

    /// Where the byte at that offset of the value stood.
    [[nodiscard]] Place placeOf(std::size_t offset) const;
    friend bool operator==(const Setting& a, const Setting& b)
    {
        return a.key == b.key && a.value == b.value;
    }
};

// What can be done to a cluster: by a scenario, and by hand.

enum class NodeVerb : std::uint8_t { Crash, Restart, Start, Pause, Resume, Isolate };
struct OnNode
{
    NodeVerb verb;
    Who node;
    friend bool operator==(const OnNode&, const OnNode&) = default;
};

struct Cut
{
    Who from;
    Who to;
    bool oneWay = false;
    friend bool operator==(const Cut&, const Cut&) = default;
};

/// Of one node: all its links. Without ends: all links there are.
struct Heal
{
    std::optional<Who> from{};
    std::optional<Who> to{};
    bool oneWay = false;
    friend bool operator==(const Heal&, const Heal&) = default;
};

/// Nodes of different groups do not hear each other; members that are not named are one more
/// group.
struct Partition
{
    std::vector<std::vector<Who>> groups;
    friend bool operator==(const Partition&, const Partition&) = default;
};

/// How messages fare on one link, or, without ends, on all of them. Without settings: as the plan
/// says again.
struct Link
{
    std::optional<Who> from{};
    std::optional<Who> to{};
    bool oneWay = false;
    std::vector<Setting> settings{};
    friend bool operator==(const Link&, const Link&) = default;
};

enum class MessageVerb : std::uint8_t { Deliver, Drop, Duplicate, Delay, Pick };
struct OnMessage
{
    MessageVerb verb;
    EventId message{};
    Duration by{}; ///< of Delay
    friend bool operator==(const OnMessage&, const OnMessage&) = default;
};

/// A timer runs out now, or, picked by hand, is what happens next. "disk" is what the node is
/// writing, "retry" what a client waits for, "arrival" the next operation of its open loop.
struct Fire
{
    Who node;
    std::string timer;
    std::uint64_t about = 0;
    bool picked = false;
    Place timerPlace{};
    friend bool operator==(const Fire& a, const Fire& b)
    {
        return a.node == b.node && a.timer == b.timer && a.about == b.about && a.picked == b.picked;
    }
};

enum class RuleVerb : std::uint8_t { Hold, Drop, Delay, Duplicate };
struct AddRule
{
    RuleVerb verb;
    Duration by{}; ///< of Delay
    std::string type; ///< a message's name; "any" for all of them
    std::optional<Who> from{};
    std::optional<Who> to{};
    std::optional<std::uint32_t> times{};
    std::optional<double> chance{};
    std::string name{}; ///< to take it back by; empty: the run gives one
    Place typePlace{};
    friend bool operator==(const AddRule& a, const AddRule& b)
    {
        return a.verb == b.verb && a.by == b.by && a.type == b.type && a.from == b.from
            && a.to == b.to && a.times == b.times && a.chance == b.chance && a.name == b.name;
    }
};

/// What a rule held goes its way. By its name or its number, from 1; empty: all of them.
struct RemoveRule
{
    std::string name{};
    friend bool operator==(const RemoveRule&, const RemoveRule&) = default;
};

struct SetClock
{
    Who node;
    std::optional<Duration> skew{};
    std::optional<double> drift{}; ///< seconds of its clock a second
    friend bool operator==(const SetClock&, const SetClock&) = default;
};

enum class DiskState : std::uint8_t { Ok, Full, Slow, Forgets };
struct SetDisk
{
    Who node;
    DiskState state = DiskState::Ok;
    double factor = 1; ///< of Slow
    Duration latency{}; ///< of Slow: where it is not zero, instead of the factor
    std::uint32_t writes = 0; ///< of Forgets: how many of the newest a crash loses
    friend bool operator==(const SetDisk&, const SetDisk&) = default;
};

struct Request
{
    Piece words; ///< "put x 1"
    std::optional<Who> from{};
    std::optional<Who> to{};
    friend bool operator==(const Request&, const Request&) = default;
};

/// Many clients that ask again and again.
struct Load
{
    bool stop = false;
    std::vector<Setting> settings{};
    friend bool operator==(const Load&, const Load&) = default;
};

using Act = std::variant<OnNode, Cut, Heal, Partition, Link, OnMessage, Fire, AddRule, RemoveRule,
                         SetClock, SetDisk, Request, Load>;

// What only a scenario says.

struct Say
{
    std::string text;
    friend bool operator==(const Say&, const Say&) = default;
};

struct Ask
{
    std::string text;
    std::vector<std::string> choices;
    std::optional<std::string> answer{};
    friend bool operator==(const Ask&, const Ask&) = default;
};

/// The run goes on until the query holds after a step; without a query, until all requests so far
/// have been answered.
struct Until
{
    std::optional<Piece> query{};
    std::optional<Duration> within{};
    friend bool operator==(const Until&, const Until&) = default;
};

struct RunFor
{
    Duration time;
    friend bool operator==(const RunFor&, const RunFor&) = default;
};

struct Expect
{
    enum class When : std::uint8_t { Now, Always, Never, Eventually, Broken };
    When when = When::Now;
    Piece query{}; ///< of Broken: the invariant's name
    std::optional<Duration> within{};
    friend bool operator==(const Expect&, const Expect&) = default;
};

/// The run ends here, whatever lines are left.
struct Stop
{
    friend bool operator==(const Stop&, const Stop&) = default;
};

/// When a line is done, where it is not simply the next one.
struct When
{
    enum class Kind : std::uint8_t {
        At, ///< time since the run began
        After, ///< time since the line before was done
        Event, ///< when the trace has exactly that many events, and that much later
    };
    Kind kind = Kind::At;
    Duration time{};
    EventId event{};
    friend bool operator==(const When&, const When&) = default;
};

using Doing = std::variant<Act, Say, Ask, Until, RunFor, Expect, Stop>;

struct Line
{
    Place place{};
    std::size_t lastLine = 1; ///< where it ends, which differs when it goes on in others
    std::optional<When> when{};
    Doing doing{};
    friend bool operator==(const Line& a, const Line& b)
    {
        return a.when == b.when && a.doing == b.doing;
    }
};

/// What the cluster is: protocol and settings, as written.
struct Cluster
{
    std::string protocol;
    Place place{}; ///< of the protocol
    std::size_t firstLine = 1;
    std::size_t lastLine = 1;
    std::vector<Setting> settings{};
    friend bool operator==(const Cluster& a, const Cluster& b)
    {
        return a.protocol == b.protocol && a.settings == b.settings;
    }
};

struct Scenario
{
    std::string file; ///< for errors
    std::string text; ///< as it was read
    std::string title; ///< the first comment line: a question or a sentence
    std::string summary; ///< the comment lines right below it
    Cluster cluster{};
    std::vector<Line> lines{};
};

/// Reads a whole scenario. Any bytes are fine to try: what is wrong comes back as one sentence with
/// line and column.
Result<Scenario> parseScenario(std::string_view text, std::string file = {});

/// Reads one line, as a person types or a button gives it.
Result<Line> parseLine(std::string_view text);

/// The one way to write it. parse(toText(x)) == x.
std::string toText(const Line&);
std::string toText(const Doing&);
std::string toText(const Act&);
std::string toText(const Cluster&);
std::string toText(const Who&);

} // namespace lightcone::session
