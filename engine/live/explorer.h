#pragma once

#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/live/control.h"
#include "engine/live/transport.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace lightcone::live {

/// Who takes what a node says on its control port.
class Watcher
{
public:
    Watcher() = default;
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    virtual ~Watcher() = default;

    /// A conversation begins. Gives what the explorer says first; an error ends it.
    virtual Result<Wish> onOpened(const Welcome&) = 0;

    /// An error ends the conversation.
    virtual Result<void> onWord(Word&) = 0;

    /// It ended. Another attempt follows.
    virtual void onClosed(const std::string& why) = 0;

    /// An attempt failed, in one sentence. absent: nobody listens there; rejected: the other side
    /// said so itself. Another attempt follows.
    virtual void onFailed(const std::string& why, bool absent, bool rejected) = 0;
};

/// The explorer's end of a node's control port: it dials, and again whenever a conversation ends,
/// sooner at first and later less often. Everything happens on the executor.
class Explorer
{
public:
    struct Plan
    {
        Address address{};
        TlsPtr tls{}; ///< none: plain text, on loopback only
        std::string nodeName{}; ///< whose certificate must be there; empty: any of the cluster
        Hello hello{}; ///< with the token, where one is asked for
        TransportSettings transport{};
        Redial::Settings redial{};
        std::uint64_t seed = 0; ///< of the jitter
    };

    /// The watcher outlives the explorer.
    Explorer(const boost::asio::any_io_executor&, Plan, Watcher&);
    Explorer(const Explorer&) = delete;
    Explorer& operator=(const Explorer&) = delete;
    ~Explorer();

    void start();

    /// Says goodbye; nothing is dialed any more, and nothing is told.
    void stop();

    /// Dials now and does not wait for its turn.
    void hurry();

    /// Ends the conversation and begins another.
    void again(const std::string& why);

    /// False when there is no conversation, or what is said finds no room.
    bool say(const Wish&);

    [[nodiscard]] bool isOpen() const;

private:
    class Inside;
    std::shared_ptr<Inside> m_inside;
};

/// The Hello of an explorer. cluster and protocol: which it must be; empty: whichever it is.
Hello explorersHello(std::string software, std::string cluster, std::string token);

} // namespace lightcone::live
