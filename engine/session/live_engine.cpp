#include "engine/live/chance.h"
#include "engine/live/clocks.h"
#include "engine/session/checks.h"
#include "engine/session/live_talk.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <utility>

/// The thread of a live session: listens, repeats, and does what is asked.
namespace lightcone::session {
namespace {

using std::chrono::milliseconds;

constexpr auto tickTime = milliseconds(10);
constexpr auto liveSlice = milliseconds(8);
constexpr Duration liveMoment = milliseconds(250);

// One input makes a few events: enough of them stay free.
constexpr std::uint64_t mostLiveEvents = trace::Trace::mostEvents - 1'000'000;
constexpr std::size_t mostMemory = std::size_t{2} << 30;

std::vector<NodeId> idsOf(const Plan& plan)
{
    std::vector<NodeId> ids;
    for (const auto& member : plan.setup->members) {
        ids.push_back(member.id);
    }
    return ids;
}

std::vector<NodeId> serversOf(const Plan& plan)
{
    std::vector<NodeId> ids;
    for (const auto& member : plan.setup->members) {
        if (member.takesRequests) {
            ids.push_back(member.id);
        }
    }
    return ids;
}

/// Why a run can hold no more.
std::optional<std::string> whyFull(const LiveCourse& course)
{
    if (course.world().last().value >= mostLiveEvents) {
        return fmt::format("a run of {} events is full", mostLiveEvents);
    }
    if (course.vault().inMemory() + course.logInMemory() >= mostMemory) {
        return fmt::format("there is no room in {} for what happened before, and memory is not to "
                           "be filled with it",
                           course.vault().folder().string());
    }
    return std::nullopt;
}

NodeId newClient()
{
    Dice dice(live::trueChance());
    return live::drawClient(dice);
}

} // namespace

LiveSession::LiveSession(WatchedCluster cluster)
    : m_cluster(std::move(cluster))
    , m_plan(m_cluster.plan)
    , m_course(m_plan)
    , m_merge(idsOf(*m_plan), now())
    , m_client(newClient(), serversOf(*m_plan), node::ClientSettings{}, *m_plan->protocol)
{
    for (const auto& member : m_cluster.members) {
        m_talks.push_back(std::make_unique<Talk>(*this, member));
    }
    publish();
    m_thread = std::thread([this] { work(); });
}

LiveSession::~LiveSession()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_publishedMore.notify_all();
    post([this] {
        for (const auto& talk : m_talks) {
            if (auto* explorer = talk->explorer()) {
                explorer->stop();
            }
        }
        m_timer.cancel();
        // Goodbyes are written first, but not for longer than that.
        m_timer.expires_after(milliseconds(100));
        m_timer.async_wait([this](const boost::system::error_code&) { m_io.stop(); });
    });
    m_thread.join();
    m_talks.clear();
}

Duration LiveSession::now() const
{
    return live::steadyNow().time_since_epoch();
}

void LiveSession::work()
{
    tickLater();
    m_io.run();
}

void LiveSession::post(std::function<void()> what)
{
    boost::asio::post(m_io, [this, what = std::move(what)] {
        what();
        m_busy = true;
    });
}

void LiveSession::tickLater()
{
    m_timer.expires_after(tickTime);
    m_timer.async_wait([this](const boost::system::error_code& error) {
        if (error) {
            return;
        }
        tick();
        tickLater();
    });
}

void LiveSession::tick()
{
    listen();
    for (const auto& talk : m_talks) {
        talk->checkFollowed();
    }
    tickClient();
    follow();
    publish();
}

/// Repeats what has come and can be ordered.
void LiveSession::listen()
{
    if (m_full) {
        return;
    }
    const auto end = now() + liveSlice;
    for (unsigned count = 1;; ++count) {
        const auto time = now();
        auto input = m_merge.next(m_course.world(), time);
        if (!input) {
            return;
        }
        m_course.take(*input);
        if (const auto full = whyFull(m_course)) {
            m_full = true;
            for (const auto& talk : m_talks) {
                if (auto* explorer = talk->explorer()) {
                    explorer->stop();
                }
            }
            stop(fmt::format("Stopped: {}; connect again to go on", *full));
            return;
        }
        if (count % 64 == 0 && time >= end) {
            return;
        }
    }
}

/// Lets what is shown come as far as it may.
void LiveSession::follow()
{
    if (m_going.mode == Mode::Follow) {
        m_head = m_course.world().last().value;
        return;
    }
    const auto end = now() + liveSlice;
    while (m_going.mode != Mode::Stopped && now() < end && walk()) { }
}

/// One input further; false when there is none.
bool LiveSession::walk()
{
    if (!m_walker) {
        return false;
    }
    const auto before = m_walker->world.last();
    bool moved = false;
    m_course.view().log->forEach(m_walker->inputs, [&](const LiveInput& input) {
        m_walker->world.take(input, nullptr);
        ++m_walker->inputs;
        moved = true;
        return m_walker->world.last() == before;
    });
    const auto& world = m_walker->world;
    if (m_going.until && moved && world.now() > *m_going.until) {
        stop("Paused");
        return false;
    }
    m_head = world.last().value;
    if (world.last() == before) {
        return false;
    }
    if (m_going.mode == Mode::Steps && --m_going.stepsLeft == 0) {
        stop("Paused");
    } else if (m_going.breakpoint && reachedBreakpoint()) {
        stop("Stopped: " + m_going.breakpoint->text());
    }
    return moved;
}

void LiveSession::Asked::update(const LiveWorld& world)
{
    const auto sights = world.sights();
    const auto paused = std::make_unique<bool[]>(sights.size());
    for (std::size_t i = 0; i < sights.size(); ++i) {
        paused[i] = world.life(sights[i].id) == trace::Life::Paused;
    }
    cluster.update(sights, {paused.get(), sights.size()}, world.now(), {});
}

bool LiveSession::reachedBreakpoint()
{
    m_asked.update(m_walker->world);
    const auto& query = *m_going.breakpoint;
    if (!m_going.filter) {
        return query.holds(m_asked.cluster);
    }
    bool reached = false;
    while (m_going.filter->judged() < m_head) {
        reached = m_going.filter->next(query.asksCluster() ? &m_asked.cluster : nullptr) || reached;
    }
    return reached;
}

void LiveSession::startWalking(Mode mode)
{
    m_problem.clear();
    const auto view = m_course.view();
    auto frame = view.frameAt(EventId(m_head));
    m_going = {};
    m_going.mode = mode;
    m_walker = std::move(frame);
    m_doing.clear();
}

void LiveSession::stop(std::string why)
{
    m_going = {};
    m_going.mode = Mode::Stopped;
    m_walker.reset();
    m_doing = std::move(why);
    m_busy = true;
}

std::string LiveSession::doing() const
{
    if (!m_doing.empty()) {
        return m_doing;
    }
    std::size_t connected = 0;
    for (const auto& talk : m_talks) {
        connected += talk->status().state == LiveNode::State::Connected ? 1 : 0;
    }
    const auto* what = m_going.mode == Mode::Follow ? "Live" : "Running";
    return fmt::format("{}: {} of {} nodes connected", what, connected, m_talks.size());
}

Snapshot LiveSession::describe() const
{
    Snapshot snapshot;
    snapshot.source = Source::Live;
    snapshot.running = m_going.mode != Mode::Stopped;
    snapshot.pace = Pace{Pace::Kind::Scaled, 1};
    snapshot.current = BranchId(1);
    const auto& world = m_course.world();
    const auto& trace = m_course.trace();
    Branch branch{BranchId(1), m_name, {}, {}, trace, m_head, world.now()};
    if (m_going.mode != Mode::Follow) {
        branch.now = m_head == 0 ? Instant{} : (*trace)[EventId(m_head)].at;
    }
    snapshot.branches.push_back(std::move(branch));
    for (const auto& verdict : world.monitor().verdicts()) {
        snapshot.checks.push_back(checkOf(verdict, EventId(m_head)));
    }
    for (const auto& talk : m_talks) {
        snapshot.nodes.push_back(talk->status());
    }
    snapshot.doing = doing();
    snapshot.problem = m_problem;
    return snapshot;
}

void LiveSession::publish()
{
    const bool grown = m_published && m_head != m_published->snapshot.branch().events;
    if (m_published && !m_busy && !grown) {
        return;
    }
    auto next = std::make_shared<Published>();
    next->snapshot = describe();
    next->view = m_course.view();
    const auto time = now();
    if (!m_published || time - m_momentAt > liveMoment) {
        next->moment = std::make_shared<const LiveWorld>(m_course.world());
        m_momentAt = time;
    } else {
        next->moment = m_published->moment;
    }
    m_busy = false;
    {
        const std::lock_guard lock(m_mutex);
        next->snapshot.revision = m_published ? m_published->snapshot.revision + 1 : 1;
        m_published = std::move(next);
    }
    m_publishedMore.notify_all();
}

} // namespace lightcone::session
