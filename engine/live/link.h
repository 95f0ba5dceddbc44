#pragma once

#include "engine/core/bytes.h"
#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/time.h"
#include "engine/live/frame.h"
#include "engine/live/messages.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

/// The life of a connection as a state machine without a socket: it is told what came, what was
/// written and what time it is, and says what to write and what happened.
namespace lightcone::live {

struct LinkSettings
{
    std::size_t mostGreeting = 1024; ///< bytes of a frame before the other side is known
    std::size_t mostWelcome = std::size_t{64} << 10; ///< of the answer to a Hello
    std::size_t mostFrame = std::size_t{32} << 20; ///< bytes of a frame afterwards
    std::size_t mostQueued = std::size_t{64} << 20; ///< bytes that wait to be written
    Duration greeting = std::chrono::seconds(5); ///< until both sides have greeted
    Duration quiet = std::chrono::seconds(2); ///< without a word before it pings
    Duration silence = std::chrono::seconds(8); ///< without a word before it gives up
    Duration parting = std::chrono::seconds(1); ///< to write the last words
};

/// Somebody dialed and says who it is: answer with welcome() or reject().
struct HelloCame
{
    Hello hello{};
};

/// The one who was dialed says who it is: the link is open.
struct WelcomeCame
{
    Welcome welcome{};
};

struct FrameCame
{
    Frame frame{};
};

/// The last event.
struct Ended
{
    std::string why{}; ///< one sentence
    std::optional<Rejection> rejected{}; ///< the other side did not let us in
};

using LinkEvent = std::variant<HelloCame, WelcomeCame, FrameCame, Ended>;

class Link
{
public:
    enum class Phase : std::uint8_t {
        Greeting,
        Asked, ///< a Hello came and is not yet answered
        Open,
        Parting, ///< the last words are being written
        Ended,
    };

    /// Bytes can flow from now on; of a link with TLS after the handshake.
    static Link dialed(const LinkSettings&, Instant now, const Hello&);
    static Link accepted(const LinkSettings&, Instant now);

    // What came.

    /// Where the next bytes that are read go.
    std::span<char> space() { return m_reader.space(); }
    void arrived(Instant now, std::size_t count);

    /// What happened, one thing at a time, until there is nothing more. A FrameCame lives until
    /// space() or the next event.
    std::optional<LinkEvent> next();

    /// The socket is gone.
    void broke(std::string why);

    /// While nobody reads, silence is nobody's fault.
    void setReading(Instant now, bool reading);

    // What leaves.

    /// What to write next; empty while there is nothing. Stays where it is until written().
    BytesView toWrite();

    /// True when nothing waits any more, after something did.
    bool written(Instant now, std::size_t count);

    [[nodiscard]] std::size_t queued() const { return m_filling.size() + m_writing.size() - m_at; }

    /// False when the link is not open or the frame does not fit into the queue: nothing is sent.
    bool send(FrameKind, BytesView head, BytesView rest);

    void welcome(Instant now, Welcome);
    void reject(Instant now, const Rejected&);

    /// Says why, and ends when that is written or the time for it is over.
    void close(Instant now, const std::string& why);

    // Time.

    /// When tick() wants to be called, at the latest; nothing after the end.
    [[nodiscard]] std::optional<Instant> due() const;
    void tick(Instant now);

    [[nodiscard]] Phase phase() const { return m_phase; }
    [[nodiscard]] std::uint32_t version() const { return m_version; }

private:
    Link(const LinkSettings&, Instant now, bool dialed);

    std::optional<LinkEvent> onFrame(const Frame&);
    std::optional<LinkEvent> onGreeting(const Frame&);
    std::optional<LinkEvent> onHello(const Frame&);
    void push(FrameKind, BytesView head, BytesView rest = {});
    void open(Instant now);
    void part(Instant now, std::string why);
    void end(std::string why, std::optional<Rejection> rejected = std::nullopt);

    LinkSettings m_settings;
    bool m_dialed;
    Phase m_phase = Phase::Greeting;
    FrameReader m_reader;
    Bytes m_filling;
    Bytes m_writing;
    std::size_t m_at = 0; ///< how much of m_writing is written
    Instant m_now;
    Instant m_phaseSince;
    Instant m_heard;
    std::optional<Instant> m_pinged;
    bool m_reading = true;
    std::uint32_t m_version = 0;
    std::optional<Ended> m_ended; ///< why it will have ended, told once
};

/// When to try again after a connection failed or ended: soon at first, then less and less often,
/// never all at once (jitter), and calmly where the other side does not want us.
class Redial
{
public:
    struct Settings
    {
        Duration first = std::chrono::milliseconds(20);
        Duration most = std::chrono::seconds(1);
        Duration refused = std::chrono::seconds(5); ///< after a Rejected
    };

    Redial() = default;
    explicit Redial(const Settings& settings)
        : m_settings(settings)
    {
    }

    /// How long to wait.
    Duration failed(Dice&, bool wasRejected);
    void succeeded() { m_failures = 0; }

private:
    Settings m_settings{};
    std::uint32_t m_failures = 0;
};

} // namespace lightcone::live
