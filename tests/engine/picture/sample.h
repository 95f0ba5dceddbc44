#pragma once

#include "engine/describe/described.h"
#include "engine/node/effects.h"
#include "engine/picture/drawing.h"
#include "engine/trace/trace.h"

#include <algorithm>
#include <memory>
#include <string>
#include <variant>
#include <vector>

/// A made-up protocol that looks like a replicated log, and traces of it: whatever a picture shows
/// is in them, and they are the same every time.
namespace lightcone::picture::sample {

enum class Role { Follower, Candidate, Leader };
BOOST_DESCRIBE_ENUM(Role, Follower, Candidate, Leader)
constexpr auto tones(describe::Tag<Role>)
{
    return std::array{describe::EnumeratorTone{"Candidate", describe::Tone::Strong},
                      describe::EnumeratorTone{"Leader", describe::Tone::Strong}};
}

struct Put
{
    std::string key = "x";
    std::uint64_t value = 1;
};
BOOST_DESCRIBE_STRUCT(Put, (), (key, value))
constexpr auto facets(describe::Tag<Put>)
{
    return std::array{describe::FieldFacet{"key", describe::Facet::Key},
                      describe::FieldFacet{"value", describe::Facet::Content}};
}

struct Entry
{
    std::uint64_t term = 1;
    Put command{};
};
BOOST_DESCRIBE_STRUCT(Entry, (), (term, command))
constexpr auto facets(describe::Tag<Entry>)
{
    return std::array{describe::FieldFacet{"term", describe::Facet::Epoch}};
}

struct Ask
{
    std::uint64_t term = 0;
};
BOOST_DESCRIBE_STRUCT(Ask, (), (term))
constexpr auto tone(describe::Tag<Ask>)
{
    return describe::Tone::Strong;
}

struct Copy
{
    std::uint64_t term = 0;
};
BOOST_DESCRIBE_STRUCT(Copy, (), (term))
constexpr auto tone(describe::Tag<Copy>)
{
    return describe::Tone::Calm;
}

struct Copied
{
    std::uint64_t term = 0;
};
BOOST_DESCRIBE_STRUCT(Copied, (), (term))
constexpr auto tone(describe::Tag<Copied>)
{
    return describe::Tone::Busy;
}

using Message = std::variant<Ask, Copy, Copied>;
using Request = std::variant<Put>;

struct State
{
    Role role = Role::Follower;
    std::uint64_t term = 0;
    std::vector<NodeId> votes{};
    std::vector<Entry> log{};
    std::uint64_t commitIndex = 0;
};
BOOST_DESCRIBE_STRUCT(State, (), (role, term, votes, log, commitIndex))
constexpr auto facets(describe::Tag<State>)
{
    return std::array{describe::FieldFacet{"role", describe::Facet::Role},
                      describe::FieldFacet{"term", describe::Facet::Epoch},
                      describe::FieldFacet{"votes", describe::Facet::Votes},
                      describe::FieldFacet{"log", describe::Facet::Log},
                      describe::FieldFacet{"commitIndex", describe::Facet::Committed}};
}

/// Every letter as wide as the next, so that tests can reckon.
class FixedMeasure final : public TextMeasure
{
public:
    [[nodiscard]] double width(const std::string& text, Typeface, double size) const override
    {
        const auto letters =
            std::ranges::count_if(text, [](char each) { return (each & 0xC0) != 0x80; });
        return 0.6 * size * static_cast<double>(letters);
    }
};

inline trace::About about(std::uint32_t nodes)
{
    trace::About about;
    about.card.id = "sample";
    about.card.title = "Sample";
    about.card.state = describe::shapeOf<State>();
    about.card.message = describe::shapeOf<Message>();
    for (std::uint32_t i = 1; i <= nodes; ++i) {
        about.members.push_back({NodeId(i), "n" + std::to_string(i), "", 0, true, false});
    }
    about.clients = {"c1"};
    return about;
}

/// Writes events one after the other, with instants that never go back.
class Author
{
public:
    explicit Author(std::uint32_t nodes)
        : m_trace(std::make_shared<trace::Trace>(about(nodes)))
        , m_lanes(m_trace->lanes(), describe::shapeOf<State>())
    {
    }

    EventId put(Duration at, NodeId node, trace::Kind kind, EventId cause = {}, NodeId peer = {},
                std::uint8_t detail = 0, node::PayloadPtr payload = {})
    {
        m_now = std::max(m_now, Instant(at));
        trace::Event event;
        event.at = m_now;
        event.node = node;
        event.kind = kind;
        event.cause = cause;
        event.peer = peer;
        event.detail = detail;
        event.tag = payload ? payload->tag() : std::uint16_t{0};
        event.payload = std::move(payload);
        const EventId id(m_trace->size() + 1);
        m_trace->record(id, event);
        m_lanes.lived(id, node, kind);
        return id;
    }

    EventId note(Duration at, NodeId node, EventId cause, const std::string& text)
    {
        return put(at, node, trace::Kind::Note, cause, {}, 0, node::makePayload(node::Text{text}));
    }

    void is(EventId step, NodeId node, Role role, std::uint64_t term)
    {
        m_lanes.stepped(step, node, describe::toValue(role), describe::toValue(term));
    }

    [[nodiscard]] std::shared_ptr<trace::Trace> trace() const { return m_trace; }
    [[nodiscard]] std::uint64_t size() const { return m_trace->size(); }

private:
    std::shared_ptr<trace::Trace> m_trace;
    trace::LaneRecorder m_lanes;
    Instant m_now{};
};

/// A leader that copies to its followers round after round; every so often one crashes, another
/// takes over, messages are lost, a client asks. At least `events` events.
inline std::shared_ptr<trace::Trace> longRun(std::uint32_t nodes, std::uint64_t events)
{
    using namespace std::chrono_literals;
    using trace::Kind;
    Author author(nodes);
    const auto client = clientId(1);
    std::vector<EventId> started(nodes + 1);
    for (std::uint32_t i = 1; i <= nodes; ++i) {
        started[i] = author.put(0ns, NodeId(i), Kind::Start);
        author.is(started[i], NodeId(i), Role::Follower, 1);
    }
    std::uint64_t term = 1;
    std::uint32_t leader = 1;
    std::uint32_t down = 0;
    const auto copy = node::makePayload(Message(Copy{1}));
    const auto copied = node::makePayload(Message(Copied{1}));
    const auto request = node::makePayload(Request(Put{"x", 7}));
    const auto ask = node::makePayload(Message(Ask{1}));
    auto now = Duration(5ms);
    for (std::uint64_t round = 1; author.size() < events; ++round, now += 10ms) {
        const auto tick = author.put(now, NodeId(leader), Kind::Timer, started[leader]);
        const auto asked = author.put(now, client, Kind::Request, {}, NodeId(leader), 0, request);
        std::vector<std::pair<std::uint32_t, EventId>> sends;
        for (std::uint32_t i = 1; i <= nodes; ++i) {
            if (i != leader) {
                sends.emplace_back(
                    i, author.put(now, NodeId(leader), Kind::Send, tick, NodeId(i), 0, copy));
            }
        }
        std::vector<std::pair<std::uint32_t, EventId>> answers;
        for (const auto& [to, send] : sends) {
            const auto at = now + 2ms + 300us * (to % 7);
            if (to == down || (round * 7 + to) % 41 == 0) {
                author.put(at, NodeId(leader), Kind::Drop, send, NodeId(to),
                           to == down ? std::uint8_t{2} : std::uint8_t{0}, copy);
                continue;
            }
            const auto got =
                author.put(at, NodeId(to), Kind::Deliver, send, NodeId(leader), 0, copy);
            author.put(at, NodeId(to), Kind::Write, got);
            answers.emplace_back(
                to, author.put(at, NodeId(to), Kind::Send, got, NodeId(leader), 0, copied));
        }
        for (const auto& [from, answer] : answers) {
            author.put(now + 5ms + 200us * (from % 9), NodeId(leader), Kind::Deliver, answer,
                       NodeId(from), 0, copied);
        }
        author.put(now + 8ms, client, Kind::Reply, asked, NodeId(leader), 0, request);
        if (round % 25 == 0) {
            if (down != 0) {
                started[down] = author.put(now + 8ms, NodeId(down), Kind::Restart);
            }
            author.put(now + 8ms, NodeId(leader), Kind::Crash);
            down = leader;
            leader = leader % nodes + 1;
            ++term;
            const auto out = author.put(now + 9ms, NodeId(leader), Kind::Timer, started[leader]);
            author.note(now + 9ms, NodeId(leader), out,
                        "becomes leader of term " + std::to_string(term));
            author.is(out, NodeId(leader), Role::Leader, term);
            const auto asks =
                author.put(now + 9ms, NodeId(leader), Kind::Send, out, NodeId(down), 0, ask);
            author.put(now + 9500us, NodeId(leader), Kind::Drop, asks, NodeId(down), 2, ask);
        }
    }
    return author.trace();
}

} // namespace lightcone::picture::sample
