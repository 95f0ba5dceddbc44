#include "engine/live/explorer.h"

#include <utility>

namespace lightcone::live {

Hello explorersHello(std::string software, std::string cluster, std::string token)
{
    Hello hello;
    hello.purpose = Purpose::Control;
    hello.software = std::move(software);
    hello.cluster = std::move(cluster);
    hello.token = std::move(token);
    return hello;
}

class Explorer::Inside final : public Receiver, public std::enable_shared_from_this<Inside>
{
public:
    Inside(const boost::asio::any_io_executor& executor, Plan plan, Watcher& watcher)
        : m_executor(executor)
        , m_plan(std::move(plan))
        , m_watcher(&watcher)
        , m_redial(m_plan.redial)
        , m_dice(m_plan.seed)
        , m_timer(executor)
    {
    }

    void dial()
    {
        Dial::Plan plan{m_plan.address, m_plan.tls, m_plan.nodeName, m_plan.hello,
                        m_plan.transport};
        m_dialing = Dial::start(
            m_executor, std::move(plan),
            [weak = weak_from_this()](const ConnectionPtr& connection,
                                      const Welcome& welcome) -> ReceiverPtr {
                const auto self = weak.lock();
                return self && self->opened(connection, welcome) ? self : nullptr;
            },
            [weak = weak_from_this()](const std::string& why, std::optional<Rejection> rejected) {
                if (const auto self = weak.lock(); self && self->m_watcher != nullptr) {
                    self->m_watcher->onFailed(why, why == nobodyListens, rejected.has_value());
                    self->later(rejected.has_value());
                }
            });
    }

    void stop()
    {
        m_watcher = nullptr;
        m_timer.cancel();
        m_dialing.reset();
        if (const auto connection = std::exchange(m_connection, nullptr)) {
            connection->close("the explorer goes");
        }
    }

    void hurry()
    {
        if (!m_connection && m_timer.cancel() > 0) {
            m_redial.succeeded();
            dial();
        }
    }

    void again(const std::string& why)
    {
        if (m_connection) {
            m_connection->close(why);
        }
    }

    bool say(const Wish& wish)
    {
        return m_connection && m_connection->send(FrameKind::Control, toBody(wish));
    }

    [[nodiscard]] bool isOpen() const { return m_connection != nullptr; }

    Result<void> onFrame(FrameKind kind, BytesView body) override
    {
        if (m_watcher == nullptr) {
            return {};
        }
        if (kind != FrameKind::Control) {
            return fail("expected Control frames on a control port");
        }
        auto word = readWord(body);
        if (!word) {
            return word.error();
        }
        // The first frame is a node's Terms: from then on the connection may be used.
        if (m_first) {
            if (!say(*std::exchange(m_first, std::nullopt))) {
                return fail("the explorer's first word found no room");
            }
        }
        return m_watcher->onWord(*word);
    }

    void onClosed(const std::string& why) override
    {
        m_connection.reset();
        m_first.reset();
        if (m_watcher != nullptr) {
            m_watcher->onClosed(why);
            later(false);
        }
    }

private:
    bool opened(const ConnectionPtr& connection, const Welcome& welcome)
    {
        if (m_watcher == nullptr) {
            return false;
        }
        m_redial.succeeded();
        auto first = m_watcher->onOpened(welcome);
        if (!first) {
            m_watcher->onFailed(first.error().message, false, true);
            later(true);
            return false;
        }
        m_connection = connection;
        m_first = std::move(*first);
        return true;
    }

    void later(bool wasRejected)
    {
        if (m_watcher == nullptr) {
            return;
        }
        m_timer.expires_after(m_redial.failed(m_dice, wasRejected));
        m_timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
            const auto self = weak.lock();
            if (!error && self && self->m_watcher != nullptr) {
                self->dial();
            }
        });
    }

    boost::asio::any_io_executor m_executor;
    Plan m_plan;
    Watcher* m_watcher; ///< nullptr: stopped
    Redial m_redial;
    Dice m_dice;
    boost::asio::steady_timer m_timer;
    std::unique_ptr<Dial> m_dialing;
    ConnectionPtr m_connection;
    std::optional<Wish> m_first;
};

Explorer::Explorer(const boost::asio::any_io_executor& executor, Plan plan, Watcher& watcher)
    : m_inside(std::make_shared<Inside>(executor, std::move(plan), watcher))
{
}

Explorer::~Explorer()
{
    m_inside->stop();
}

void Explorer::start()
{
    m_inside->dial();
}

void Explorer::stop()
{
    m_inside->stop();
}

void Explorer::hurry()
{
    m_inside->hurry();
}

void Explorer::again(const std::string& why)
{
    m_inside->again(why);
}

bool Explorer::say(const Wish& wish)
{
    return m_inside->say(wish);
}

bool Explorer::isOpen() const
{
    return m_inside->isOpen();
}

} // namespace lightcone::live
