#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/live/connection.h"
#include "engine/live/control.h"
#include "engine/live/feed.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lightcone::live {

/// A node as its control port knows it. All on the host's thread, between two steps.
class Watched
{
public:
    Watched() = default;
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    virtual ~Watched() = default;

    [[nodiscard]] virtual const Feed& feed() const = 0;

    /// A hybrid time that is not before any entry's, and before all to come.
    virtual HybridTime tick() = 0;

    /// The machine's clock: nanoseconds since the Unix epoch.
    [[nodiscard]] virtual std::int64_t wall() const = 0;

    /// describe::encode() of the setup's parameters.
    [[nodiscard]] virtual Bytes parameters() const = 0;

    /// As JSON, without secrets.
    [[nodiscard]] virtual std::string configuration() const = 0;

    /// Whether its configuration lets anybody disturb it.
    [[nodiscard]] virtual bool allowsFaults() const = 0;

    /// The error is one sentence; then nothing has changed. A crash does not return.
    virtual Result<void> disturb(const Disturbance& what, const std::string& by,
                                 const std::string& line) = 0;

    using Answered = std::function<void(node::Answer, Bytes body)>;

    /// Asks the node as a client would. `done` is called at most once, on the same thread; nobody
    /// answers where the protocol never does. The error: the body is no request of the protocol.
    virtual Result<void> submit(RequestId request, BytesView body, Answered done) = 0;
};

struct ControlLimits
{
    std::size_t perFrame = std::size_t{256} << 10; ///< bytes of entries

    /// Bytes that may wait for an explorer before it is given no more for a while.
    std::size_t window = std::size_t{4} << 20;

    /// How long nothing of what waits may be taken.
    std::chrono::milliseconds patience{10'000};

    /// From one beat to the next while nothing happens.
    std::chrono::milliseconds betweenBeats{50};
};

/// What is said on a node's control port, with any number of explorers. It has no socket and no
/// clock: the host lets explorers in, and calls flush() every few milliseconds. Nobody is waited
/// for: who cannot keep up is told so and disconnected.
class ControlPort
{
public:
    using Now = std::chrono::milliseconds; ///< since any moment, never going down

    explicit ControlPort(Watched& watched, ControlLimits limits = {});
    ~ControlPort();
    ControlPort(const ControlPort&) = delete;
    ControlPort& operator=(const ControlPort&) = delete;

    /// Somebody was let in: who receives what comes over that connection. The role says what it
    /// may: observers watch, operators ask and disturb as well, others do nothing here.
    ReceiverPtr enter(const ConnectionPtr&);

    /// nothing when that role may come in at all; else why not.
    [[nodiscard]] static std::string whyNot(Role);

    /// Tells everybody what is new.
    void flush(Now);

    /// The same to nobody in particular and at once: before a clean stop.
    void close(const std::string& why);

    [[nodiscard]] std::size_t explorers() const;

private:
    class Conversation;

    Watched& m_watched;
    ControlLimits m_limits;
    std::vector<std::weak_ptr<Conversation>> m_conversations;
    Now m_now{};
};

} // namespace lightcone::live
