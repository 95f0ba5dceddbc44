#include "engine/live/link.h"

#include "engine/core/check.h"

#include <algorithm>
#include <utility>

namespace lightcone::live {

namespace {

// So that a long reason does not make the frame that carries it too long.
constexpr std::size_t longestReason = 512;

std::string shortened(std::string_view text)
{
    std::string out(text.substr(0, longestReason));
    // What strangers say is shown in logs: no control characters.
    std::replace_if(
        out.begin(), out.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return out;
}

} // namespace

Link::Link(const LinkSettings& settings, Instant now, bool dialed)
    : m_settings(settings)
    , m_dialed(dialed)
    , m_reader(dialed ? settings.mostWelcome : settings.mostGreeting)
    , m_now(now)
    , m_phaseSince(now)
    , m_heard(now)
{
}

Link Link::dialed(const LinkSettings& settings, Instant now, const Hello& hello)
{
    Link link(settings, now, true);
    link.push(FrameKind::Hello, toBody(hello));
    return link;
}

Link Link::accepted(const LinkSettings& settings, Instant now)
{
    return {settings, now, false};
}

void Link::arrived(Instant now, std::size_t count)
{
    m_now = now;
    m_heard = now;
    m_pinged.reset();
    m_reader.arrived(count);
}

std::optional<LinkEvent> Link::next()
{
    while (m_phase == Phase::Greeting || m_phase == Phase::Open) {
        auto frame = m_reader.next();
        if (!frame) {
            if (m_phase == Phase::Greeting && !m_dialed) {
                reject(m_now, {Rejection::Malformed, frame.error().message});
            } else {
                part(m_now, frame.error().message);
            }
            break;
        }
        if (!*frame) {
            break;
        }
        if (auto event = onFrame(**frame)) {
            return event;
        }
    }
    if (m_phase == Phase::Ended && m_ended) {
        return *std::exchange(m_ended, std::nullopt);
    }
    return std::nullopt;
}

std::optional<LinkEvent> Link::onFrame(const Frame& frame)
{
    if (m_phase == Phase::Greeting) {
        return onGreeting(frame);
    }
    switch (frame.kind) {
    case FrameKind::Ping:
        // One is enough for whoever pings faster than it listens.
        if (queued() <= m_settings.mostQueued) {
            push(FrameKind::Pong, {});
        }
        return std::nullopt;
    case FrameKind::Pong:
        return std::nullopt;
    case FrameKind::Goodbye:
        end("it said: " + shortened(frame.body));
        return std::nullopt;
    case FrameKind::Hello:
    case FrameKind::Welcome:
    case FrameKind::Rejected:
        part(m_now, "expected no second greeting");
        return std::nullopt;
    default:
        return FrameCame{frame};
    }
}

std::optional<LinkEvent> Link::onGreeting(const Frame& frame)
{
    if (!m_dialed) {
        return onHello(frame);
    }
    if (frame.kind == FrameKind::Rejected) {
        const auto rejected = readRejected(frame.body);
        end(rejected ? "it refused: " + shortened(rejected->reason)
                     : "it refused, and why cannot be read: " + rejected.error().message,
            rejected ? rejected->code : Rejection::Malformed);
        return std::nullopt;
    }
    if (frame.kind == FrameKind::Goodbye) {
        end("it said: " + shortened(frame.body));
        return std::nullopt;
    }
    auto welcome = frame.kind == FrameKind::Welcome
        ? readWelcome(frame.body)
        : Result<Welcome>(fail("expected a Welcome, found a frame of another kind"));
    if (!welcome) {
        part(m_now, welcome.error().message);
        return std::nullopt;
    }
    if (welcome->version < oldestWire || welcome->version > newestWire) {
        part(m_now,
             "expected a version of the wire that was offered, found "
                 + std::to_string(welcome->version));
        return std::nullopt;
    }
    m_version = welcome->version;
    open(m_now);
    return WelcomeCame{std::move(*welcome)};
}

std::optional<LinkEvent> Link::onHello(const Frame& frame)
{
    auto hello = frame.kind == FrameKind::Hello
        ? readHello(frame.body)
        : Result<Hello>(fail("expected a Hello, found a frame of another kind"));
    if (!hello) {
        reject(m_now, {Rejection::Malformed, hello.error().message});
        return std::nullopt;
    }
    if (hello->newest < oldestWire || hello->oldest > newestWire || hello->oldest > hello->newest) {
        reject(m_now,
               {Rejection::Version,
                "it speaks versions " + std::to_string(hello->oldest) + " to "
                    + std::to_string(hello->newest) + " of the wire, this node "
                    + std::to_string(oldestWire) + " to " + std::to_string(newestWire)});
        return std::nullopt;
    }
    m_version = std::min(hello->newest, newestWire);
    m_phase = Phase::Asked;
    return HelloCame{std::move(*hello)};
}

void Link::broke(std::string why)
{
    if (m_phase == Phase::Parting) {
        // What was said before explains more than the broken socket does.
        end(std::exchange(m_ended, std::nullopt)->why);
    } else if (m_phase != Phase::Ended) {
        end(std::move(why));
    }
}

void Link::setReading(Instant now, bool reading)
{
    m_now = now;
    if (reading && !m_reading) {
        m_heard = now;
        m_pinged.reset();
    }
    m_reading = reading;
}

BytesView Link::toWrite()
{
    if (m_phase == Phase::Ended) {
        return {};
    }
    if (m_writing.empty()) {
        m_writing.swap(m_filling);
        m_at = 0;
    }
    return BytesView(m_writing).substr(m_at);
}

bool Link::written(Instant now, std::size_t count)
{
    m_now = now;
    check(count <= m_writing.size() - m_at, "no more written than there was");
    m_at += count;
    if (m_at < m_writing.size()) {
        return false;
    }
    // Keep the room, unless a burst made it big.
    constexpr std::size_t keptBytes = std::size_t{1} << 20;
    if (m_writing.capacity() > keptBytes) {
        m_writing = Bytes();
    }
    m_writing.clear();
    m_at = 0;
    if (!m_filling.empty()) {
        return false;
    }
    if (m_phase == Phase::Parting) {
        end(std::exchange(m_ended, std::nullopt)->why);
    }
    return true;
}

bool Link::send(FrameKind kind, BytesView head, BytesView rest)
{
    const auto size = frameHeadBytes + head.size() + rest.size();
    if (m_phase != Phase::Open || size > m_settings.mostFrame
        || queued() + size > m_settings.mostQueued) {
        return false;
    }
    push(kind, head, rest);
    return true;
}

void Link::welcome(Instant now, Welcome welcome)
{
    check(m_phase == Phase::Asked, "somebody to welcome");
    welcome.version = m_version;
    push(FrameKind::Welcome, toBody(welcome));
    open(now);
}

void Link::reject(Instant now, const Rejected& rejected)
{
    check(!m_dialed && (m_phase == Phase::Asked || m_phase == Phase::Greeting),
          "somebody to reject");
    Rejected told = rejected;
    told.reason = shortened(told.reason);
    push(FrameKind::Rejected, toBody(told));
    m_phase = Phase::Parting;
    m_phaseSince = now;
    m_ended = Ended{"refused: " + told.reason, {}};
}

void Link::close(Instant now, const std::string& why)
{
    if (m_phase == Phase::Open) {
        part(now, shortened(why));
    } else if (m_phase == Phase::Greeting || m_phase == Phase::Asked) {
        end(shortened(why));
    }
}

std::optional<Instant> Link::due() const
{
    switch (m_phase) {
    case Phase::Greeting:
    case Phase::Asked:
        return m_phaseSince + m_settings.greeting;
    case Phase::Parting:
        return m_phaseSince + m_settings.parting;
    case Phase::Open:
        if (!m_reading) {
            return std::nullopt;
        }
        return m_heard + (m_pinged ? m_settings.silence : m_settings.quiet);
    case Phase::Ended:
        return std::nullopt;
    }
    return std::nullopt;
}

void Link::tick(Instant now)
{
    m_now = now;
    const auto at = due();
    if (!at || now < *at) {
        return;
    }
    if (m_phase == Phase::Greeting || m_phase == Phase::Asked) {
        end("no greeting within " + toText(m_settings.greeting));
    } else if (m_phase == Phase::Parting) {
        end(std::exchange(m_ended, std::nullopt)->why);
    } else if (m_pinged) {
        end("silent for " + toText(m_settings.silence));
    } else {
        push(FrameKind::Ping, {});
        m_pinged = now;
    }
}

void Link::push(FrameKind kind, BytesView head, BytesView rest)
{
    appendFrame(kind, head, rest, m_filling);
}

void Link::open(Instant now)
{
    m_phase = Phase::Open;
    m_phaseSince = now;
    m_heard = now;
    m_reader.setMost(m_settings.mostFrame);
}

/// Ends after the last words.
void Link::part(Instant now, std::string why)
{
    push(FrameKind::Goodbye, why);
    m_phase = Phase::Parting;
    m_phaseSince = now;
    m_ended = Ended{std::move(why), {}};
}

void Link::end(std::string why, std::optional<Rejection> rejected)
{
    m_phase = Phase::Ended;
    m_ended = Ended{std::move(why), rejected};
    m_filling.clear();
}

Duration Redial::failed(Dice& dice, bool wasRejected)
{
    constexpr std::uint32_t mostDoublings = 20;
    auto wait = m_settings.refused;
    if (!wasRejected) {
        wait = std::min(m_settings.first * (std::int64_t{1} << m_failures), m_settings.most);
        m_failures = std::min(m_failures + 1, mostDoublings);
    }
    return dice.between(wait / 2, wait);
}

} // namespace lightcone::live
