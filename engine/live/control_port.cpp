#include "engine/live/control_port.h"

#include "engine/core/check.h"
#include "engine/describe/described.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <utility>

namespace lightcone::live {

namespace {

/// States on their way to one explorer: each is a copy of the whole.
constexpr std::size_t mostInspected = 2;

} // namespace

/// With one explorer. Outlives the port only as an empty shell: a late answer finds nobody.
class ControlPort::Conversation final : public Receiver,
                                        public std::enable_shared_from_this<Conversation>
{
public:
    Conversation(Watched& watched, const ControlLimits& limits, ConnectionPtr connection)
        : m_watched(&watched)
        , m_limits(limits)
        , m_connection(std::move(connection))
    {
    }

    Result<void> onFrame(FrameKind kind, BytesView body) override
    {
        if (!open()) {
            return {};
        }
        greet();
        if (kind != FrameKind::Control) {
            return fail(fmt::format("expected a Control frame on the control port, not kind {}",
                                    static_cast<unsigned>(kind)));
        }
        auto wish = readWish(body);
        if (!wish) {
            return wish.error();
        }
        return std::visit([this](auto& said) { return hear(said); }, *wish);
    }

    void onDrained() override { sayPieces(); }

    void onClosed(const std::string& /*why*/) override { m_connection.reset(); }

    [[nodiscard]] bool open() const { return m_connection != nullptr; }

    void flush(Now now)
    {
        if (!open()) {
            return;
        }
        greet();
        const auto waiting = m_connection->queued();
        if (waiting < m_waiting || waiting == 0 || m_waiting == 0) {
            m_movedAt = now;
        }
        m_waiting = waiting;
        if (waiting != 0 && now - m_movedAt > m_limits.patience) {
            end(fmt::format("too slow: of {} bytes nothing was taken for {} ms", waiting,
                            (now - m_movedAt).count()));
            return;
        }
        sayPieces();
        if (!m_watching || !m_checkpoints.empty()) {
            return;
        }
        if (tellNews()) {
            m_beatAt = now;
        } else if (open() && (now - m_beatAt >= m_limits.betweenBeats || !m_beaten)) {
            m_beatAt = now;
            m_beaten = true;
            beat();
        }
    }

    void end(const std::string& why)
    {
        if (open()) {
            std::exchange(m_connection, nullptr)->close(why);
        }
    }

    void forgetNode()
    {
        m_watched = nullptr;
        m_connection.reset();
    }

private:
    /// The first thing said. Not before the connection may be used.
    void greet()
    {
        if (std::exchange(m_greeted, true)) {
            return;
        }
        Terms terms;
        terms.parameters = m_watched->parameters();
        terms.whyNoFaults = whyNoFaults();
        terms.whyNoRequests = whyNoRequests();
        say(terms);
    }

    Result<void> hear(const Watch& watch)
    {
        if (m_watching) {
            return fail("a conversation watches once: open another to watch from elsewhere");
        }
        m_watching = true;
        const auto& feed = m_watched->feed();
        const bool same = watch.incarnation == feed.incarnation();
        if (watch.from == From::After && same && watch.entry <= feed.last()
            && watch.entry + 1 >= feed.oldest()) {
            m_next = watch.entry + 1;
            return {};
        }
        auto checkpoint = watch.from == From::Now ? feed.checkpoint() : feed.oldestCheckpoint();
        if (watch.from == From::After) {
            sayMissing(watch, checkpoint);
        }
        m_next = checkpoint.entry + 1;
        sayCheckpoint(0, checkpoint);
        return {};
    }

    /// Nothing is missing where the node was born again and everything since is here.
    void sayMissing(const Watch& watch, const Checkpoint& checkpoint)
    {
        const auto& feed = m_watched->feed();
        Missing missing{
            watch.incarnation, watch.entry + 1, watch.incarnation != feed.incarnation(), {}};
        if (watch.incarnation == feed.incarnation()) {
            missing.why = watch.entry > feed.last()
                ? fmt::format("entry {} is not yet known here: the newest is {}", watch.entry,
                              feed.last())
                : fmt::format("entries {} to {} are forgotten", watch.entry + 1, checkpoint.entry);
        } else if (checkpoint.entry == 0 && watch.incarnation + 1 == feed.incarnation()) {
            missing.why = "the node was started again; what it did last before that was not told";
        } else {
            missing.why = fmt::format("the node was started again, and what it did before entry {} "
                                      "of boot {} is forgotten",
                                      checkpoint.entry + 1, feed.incarnation());
        }
        say(missing);
    }

    Result<void> hear(const Inspect& inspect)
    {
        if (inspect.topic == Topic::State && m_checkpoints.size() >= mostInspected) {
            say(Denied{inspect.id, "the states that were asked for before are still on their way"});
        } else if (inspect.topic == Topic::State) {
            sayCheckpoint(inspect.id, m_watched->feed().checkpoint());
        } else {
            say(Said{inspect.id, m_watched->configuration()});
        }
        return {};
    }

    Result<void> hear(Submit& submit)
    {
        if (const auto why = whyNoRequests(); !why.empty()) {
            say(Denied{submit.id, why});
            return {};
        }
        if (!isClient(submit.request.client) || submit.request.sequence == 0) {
            say(Denied{submit.id, "expected a request of a client with a sequence from 1 on"});
            return {};
        }
        auto answered = [self = weak_from_this(), id = submit.id](node::Answer answer, Bytes body) {
            if (const auto conversation = self.lock()) {
                conversation->say(Replied{id, answer, std::move(body)});
            }
        };
        if (auto done = m_watched->submit(submit.request, submit.body, answered); !done) {
            say(Denied{submit.id, done.error().message});
        }
        return {};
    }

    Result<void> hear(const Disturb& disturb)
    {
        if (const auto why = whyNoFaults(); !why.empty()) {
            say(Denied{disturb.id, why});
            return {};
        }
        const auto by = m_connection->visitor().name;
        if (auto done = m_watched->disturb(disturb.what, by, disturb.line); !done) {
            say(Denied{disturb.id, done.error().message});
        } else {
            say(Obeyed{disturb.id});
        }
        return {};
    }

    [[nodiscard]] std::string whyNoRequests() const
    {
        return m_connection->visitor().role == Role::Operator
            ? std::string()
            : "an observer only watches: requests are an operator's";
    }

    [[nodiscard]] std::string whyNoFaults() const
    {
        if (m_connection->visitor().role != Role::Operator) {
            return "an observer only watches: to disturb a node takes an operator's certificate";
        }
        return m_watched->allowsFaults()
            ? std::string()
            : "this node's configuration does not allow faults: allow_faults is false";
    }

    /// True when something was new.
    bool tellNews()
    {
        const auto& feed = m_watched->feed();
        bool news = false;
        while (open() && m_next <= feed.last()) {
            if (m_next < feed.oldest()) {
                end(fmt::format("too slow: entry {} is forgotten before it could be told, the "
                                "oldest that is kept is {}",
                                m_next, feed.oldest()));
                return true;
            }
            if (m_connection->queued() >= m_limits.window) {
                return true; // it is told more when it has taken some of this
            }
            Told told{feed.read(m_next, m_limits.perFrame)};
            m_next += told.stretch.count;
            news = true;
            say(told);
        }
        return news;
    }

    void beat() { say(Beat{m_watched->tick(), m_watched->feed().last(), m_watched->wall()}); }

    void sayCheckpoint(std::uint64_t id, const Checkpoint& checkpoint)
    {
        m_checkpoints.push_back({id, describe::toBytes(checkpoint), 0});
        sayPieces();
    }

    /// As much of the checkpoints as there is room for.
    void sayPieces()
    {
        while (open() && !m_checkpoints.empty() && m_connection->queued() < m_limits.window) {
            auto& [id, bytes, begin] = m_checkpoints.front();
            const auto size = std::min(mostPieceBytes, bytes.size() - begin);
            const bool last = begin + size == bytes.size();
            const Piece piece{id, last, bytes.substr(begin, size)};
            begin += size;
            if (last) {
                m_checkpoints.pop_front();
            }
            say(piece);
        }
    }

    void say(const Word& word)
    {
        if (open() && !m_connection->send(FrameKind::Control, toBody(word))) {
            end(fmt::format("too slow: {} bytes wait to be taken, and no more is kept",
                            m_connection->queued()));
        }
    }

    Watched* m_watched;
    ControlLimits m_limits;
    ConnectionPtr m_connection;
    struct Sending
    {
        std::uint64_t id = 0;
        Bytes bytes;
        std::size_t begin = 0;
    };

    bool m_greeted = false;
    bool m_watching = false;
    std::deque<Sending> m_checkpoints;
    std::uint64_t m_next = 0; ///< the entry to be told next
    std::size_t m_waiting = 0; ///< bytes, at the last flush
    Now m_movedAt{};
    Now m_beatAt{};
    bool m_beaten = false;
};

ControlPort::ControlPort(Watched& watched, ControlLimits limits)
    : m_watched(watched)
    , m_limits(limits)
{
}

ControlPort::~ControlPort()
{
    for (const auto& each : m_conversations) {
        if (const auto conversation = each.lock()) {
            conversation->end("the node is gone");
            conversation->forgetNode();
        }
    }
}

std::string ControlPort::whyNot(Role role)
{
    return role == Role::Observer || role == Role::Operator
        ? std::string()
        : "the control port is for observers and operators: this certificate is for another role";
}

ReceiverPtr ControlPort::enter(const ConnectionPtr& connection)
{
    check(whyNot(connection->visitor().role).empty(), "a visitor who may come in");
    auto conversation = std::make_shared<Conversation>(m_watched, m_limits, connection);
    m_conversations.push_back(conversation);
    return conversation;
}

void ControlPort::flush(Now now)
{
    for (const auto& each : m_conversations) {
        if (const auto conversation = each.lock()) {
            conversation->flush(now);
        }
    }
    std::erase_if(m_conversations, [](const auto& each) {
        const auto conversation = each.lock();
        return !conversation || !conversation->open();
    });
    m_now = now;
}

void ControlPort::close(const std::string& why)
{
    flush(m_now);
    for (const auto& each : m_conversations) {
        if (const auto conversation = each.lock()) {
            conversation->end(why);
        }
    }
    m_conversations.clear();
}

std::size_t ControlPort::explorers() const
{
    return static_cast<std::size_t>(std::ranges::count_if(m_conversations, [](const auto& each) {
        const auto conversation = each.lock();
        return conversation && conversation->open();
    }));
}

} // namespace lightcone::live
