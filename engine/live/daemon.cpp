#include "engine/live/daemon.h"

#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/describe/json.h"
#include "engine/live/chance.h"
#include "engine/live/clocks.h"
#include "engine/live/doors.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include <utility>

namespace lightcone::live {

namespace {

// How often explorers are told what is new: their window shows 60 pictures a second at most.
constexpr auto betweenFlushes = std::chrono::milliseconds(5);

} // namespace

/// What stays while something late may still come.
class Daemon::Inside final : public Watched, public std::enable_shared_from_this<Inside>
{
public:
    Inside(boost::asio::any_io_executor executor, DaemonPlan plan, Log log)
        : m_executor(std::move(executor))
        , m_plan(std::move(plan))
        , m_log(std::move(log))
        , m_flushing(m_executor)
        , m_control(*this)
        , m_controlDoor(m_control, m_log)
    {
    }

    Result<void> open()
    {
        auto& files = m_plan.files == nullptr ? posixFilesystem() : *m_plan.files;
        auto storage = Storage::open(m_plan.directory, *m_plan.protocol,
                                     {m_plan.cluster, m_plan.self}, m_plan.storage, files);
        if (!storage) {
            return storage.error();
        }
        if ((*storage)->notice()) {
            m_log(LogLevel::Warning, "storage repaired", {{"what", *(*storage)->notice()}});
        }
        m_incarnation = (*storage)->incarnation();
        m_outlet = std::make_unique<Gate>();
        m_host = std::make_shared<Host>(
            m_executor,
            HostPlan{m_plan.protocol, m_plan.setup, m_plan.self, trueChance(), m_plan.feed},
            std::move(*storage), *m_outlet, m_log);
        m_peerDoor = std::make_unique<PeerDoor>(m_host, m_log, [this](NodeId peer) {
            if (m_peers) {
                m_peers->hint(peer);
            }
        });
        return listen();
    }

    void begin(std::vector<MemberAddress> members)
    {
        check(!m_peers, "a node begins once");
        DoorPlate plate;
        plate.software = m_plan.software;
        plate.cluster = m_plan.cluster;
        plate.protocol = m_plan.protocol->card().id;
        plate.shapes = shapesOf(m_plan.protocol->card());
        plate.self = m_plan.self;
        plate.incarnation = m_incarnation;
        plate.members = std::move(members);
        m_members = plate.members;

        Peers::Plan plan;
        plan.hello.purpose = Purpose::Peer;
        plan.hello.software = plate.software;
        plan.hello.cluster = plate.cluster;
        plan.hello.protocol = plate.protocol;
        plan.hello.shapes = plate.shapes;
        plan.hello.from = m_plan.self;
        plan.hello.incarnation = m_incarnation;
        plan.members = plate.members;
        plan.tls = m_plan.tls;
        plan.transport = m_plan.transport;
        plan.redial = m_plan.redial;
        plan.seed = trueChance();
        m_peers = std::make_unique<Peers>(
            m_executor, std::move(plan),
            [this](NodeId peer, bool up, const std::string& why) {
                m_host->contact(peer, up, why);
            },
            m_log);
        m_outlet->peers = m_peers.get();
        m_host->onResumed = [this] { m_peerDoor->wake(); };
        m_host->start();
        m_peerDoor->hang(plate);
        m_controlDoor.hang(plate);
        m_controlDoor.onVisitor = [this] { flushSoon(); };
        m_peers->start();
        flushSoon();
    }

    void stop(const std::string& why)
    {
        if (std::exchange(m_stopped, true)) {
            return;
        }
        m_host->stop(why);
        m_peerListener.reset();
        m_controlListener.reset();
        m_control.close(why);
        m_peerDoor->closeAll(why);
        if (m_peers) {
            m_peers->stop(why);
        }
        m_flushing.cancel();
    }

    // Watched
    [[nodiscard]] const Feed& feed() const override { return m_host->feed(); }
    HybridTime tick() override { return m_host->tick(); }
    [[nodiscard]] std::int64_t wall() const override { return wallNow(); }
    [[nodiscard]] Bytes parameters() const override
    {
        Bytes out;
        describe::encode(m_plan.setup->parameters, out);
        return out;
    }
    [[nodiscard]] std::string configuration() const override;
    [[nodiscard]] bool allowsFaults() const override { return m_plan.allowFaults; }
    Result<void> disturb(const Disturbance& what, const std::string& by,
                         const std::string& line) override
    {
        return m_host->disturb(what, by, line);
    }
    Result<void> submit(RequestId request, BytesView body, Answered done) override
    {
        return m_host->askAnytime(request, body, std::move(done));
    }

    [[nodiscard]] Host& host() { return *m_host; }
    [[nodiscard]] const Listener& peerListener() const { return *m_peerListener; }
    [[nodiscard]] const Listener* controlListener() const { return m_controlListener.get(); }
    [[nodiscard]] std::size_t connections() const
    {
        return m_peerDoor->connections() + m_control.explorers();
    }

private:
    /// The host is there before its peers are.
    class Gate final : public Outlet
    {
    public:
        Peers* peers = nullptr;

        bool send(NodeId to, const MessageHeader& header, const node::PayloadPtr& message) override
        {
            return peers != nullptr && peers->send(to, header, message);
        }
    };

    Result<void> listen()
    {
        Listener::Plan plan;
        plan.address = m_plan.peer;
        plan.tls = m_plan.tls;
        plan.name = "peer port";
        plan.settings = m_plan.transport;
        auto peer = Listener::open(m_executor, plan, *m_peerDoor, m_log);
        if (!peer) {
            return peer.error();
        }
        m_peerListener = std::move(*peer);
        if (!m_plan.control) {
            return {};
        }
        plan.address = *m_plan.control;
        plan.name = "control port";
        plan.token = m_plan.tls ? std::string() : m_plan.token;
        auto control = Listener::open(m_executor, plan, m_controlDoor, m_log);
        if (!control) {
            return control.error();
        }
        m_controlListener = std::move(*control);
        return {};
    }

    /// Only while somebody watches.
    void flushSoon()
    {
        if (m_flushPending || m_stopped) {
            return;
        }
        m_flushPending = true;
        m_flushing.expires_after(betweenFlushes);
        m_flushing.async_wait(
            [weak = weak_from_this()](const boost::system::error_code& cancelled) {
                const auto self = weak.lock();
                if (cancelled || !self || self->m_stopped) {
                    return;
                }
                self->m_flushPending = false;
                self->m_control.flush(
                    std::chrono::duration_cast<ControlPort::Now>(steadyNow().time_since_epoch()));
                if (self->m_control.explorers() > 0) {
                    self->flushSoon();
                }
            });
    }

    boost::asio::any_io_executor m_executor;
    DaemonPlan m_plan;
    Log m_log;
    std::uint64_t m_incarnation = 0;
    std::vector<MemberAddress> m_members;
    std::unique_ptr<Gate> m_outlet;
    std::shared_ptr<Host> m_host;
    std::unique_ptr<Peers> m_peers;
    boost::asio::steady_timer m_flushing;
    ControlPort m_control;
    ControlDoor m_controlDoor;
    std::unique_ptr<PeerDoor> m_peerDoor;
    std::unique_ptr<Listener> m_peerListener;
    std::unique_ptr<Listener> m_controlListener;
    bool m_flushPending = false;
    bool m_stopped = false;
};

std::string Daemon::Inside::configuration() const
{
    boost::json::object out;
    out["software"] = m_plan.software;
    out["cluster"] = m_plan.cluster;
    out["protocol"] = m_plan.protocol->card().id;
    out["id"] = m_plan.self.value;
    out["incarnation"] = m_incarnation;
    out["parameters"] = describe::toJson(m_plan.setup->parameters);
    out["directory"] = m_plan.directory;
    out["tls"] = m_plan.tls != nullptr;
    out["allowFaults"] = m_plan.allowFaults;
    boost::json::array members;
    for (const auto& member : m_members) {
        members.push_back({{"id", member.id.value},
                           {"name", member.name},
                           {"peer", member.peer},
                           {"control", member.control}});
    }
    out["members"] = std::move(members);
    return boost::json::serialize(out);
}

Daemon::Daemon(std::shared_ptr<Inside> inside)
    : m_inside(std::move(inside))
{
}

Daemon::~Daemon()
{
    m_inside->stop("the node leaves");
}

Result<std::unique_ptr<Daemon>> Daemon::open(const boost::asio::any_io_executor& executor,
                                             DaemonPlan plan, Log log)
{
    check(plan.protocol != nullptr && plan.setup != nullptr && plan.self, "a complete plan");
    auto inside = std::make_shared<Inside>(executor, std::move(plan), std::move(log));
    if (auto opened = inside->open(); !opened) {
        return opened.error();
    }
    std::unique_ptr<Daemon> daemon(new Daemon(inside));
    auto* raw = daemon.get();
    inside->host().onFailed = [raw](const Error& error) {
        raw->stop("the disk failed");
        if (raw->onFailed) {
            raw->onFailed(error);
        }
    };
    inside->host().onCrash = [raw] {
        if (raw->onCrash) {
            raw->onCrash();
        }
    };
    return daemon;
}

Address Daemon::peerAddress() const
{
    return m_inside->peerListener().address();
}

std::optional<Address> Daemon::controlAddress() const
{
    const auto* listener = m_inside->controlListener();
    return listener == nullptr ? std::nullopt : std::optional(listener->address());
}

void Daemon::begin(std::vector<MemberAddress> members)
{
    m_inside->begin(std::move(members));
}

void Daemon::stop(const std::string& why)
{
    m_inside->stop(why);
}

Host& Daemon::host()
{
    return m_inside->host();
}

std::size_t Daemon::connections() const
{
    return m_inside->connections();
}

} // namespace lightcone::live
