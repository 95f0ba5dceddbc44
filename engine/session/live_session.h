#pragma once

#include "engine/live/explorer.h"
#include "engine/node/client.h"
#include "engine/query/cluster.h"
#include "engine/query/query.h"
#include "engine/session/connect.h"
#include "engine/session/live_course.h"
#include "engine/session/live_deeds.h"
#include "engine/session/live_ear.h"
#include "engine/session/live_merge.h"
#include "engine/session/plan.h"
#include "engine/session/session.h"
#include "engine/session/simulated_session.h"
#include "engine/session/state_desk.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace lightcone::session {

/// What one node of a cluster said of it: enough to watch all of it.
struct WatchedCluster
{
    PlanPtr plan{};
    std::string name{};
    std::vector<live::MemberAddress> members{};
    live::TlsPtr tls{};
    std::string token{};
    bool fromOldest = true;
    std::shared_ptr<Keeper> keeper{};
    std::string software{};
};

/// Real nodes being watched. One thread of its own listens to them, repeats what they did and does
/// what is asked; a second one finds states. The newest event is followed while it runs; paused, it
/// goes on listening and shows what was.
class LiveSession final : public Session
{
public:
    explicit LiveSession(WatchedCluster);
    ~LiveSession() override;

    [[nodiscard]] Snapshot snapshot() const override;
    void stateAt(BranchId, EventId, std::function<void(StatePtr)> done) override;
    [[nodiscard]] std::optional<std::string> whyNot(std::string_view line) const override;

    void play(Pace) override;
    void pause() override;
    void step(std::uint64_t steps) override;
    Result<void> runUntil(std::string_view query) override;
    void runFor(Duration) override;

    Result<void> act(std::string_view line, EventId at) override;
    void fork(EventId at, std::string name) override;
    void switchTo(BranchId) override;
    void rename(BranchId, std::string name) override;
    void remove(BranchId) override;
    void undo() override;
    void redo() override;
    [[nodiscard]] bool canUndo() const override;
    [[nodiscard]] bool canRedo() const override;
    void answer(std::string choice) override;

    [[nodiscard]] Result<std::string> asScenario() const override;
    [[nodiscard]] std::shared_ptr<const trace::StateSource> states(BranchId) override;
    Result<void> save(const std::string& path, const Progress&) override;

private:
    class Talk;

    /// How far what is shown goes.
    enum class Mode : std::uint8_t { Follow, Stopped, Steps, Until };
    struct Going
    {
        Mode mode = Mode::Follow;
        std::uint64_t stepsLeft = 0;
        std::optional<Instant> until{};
        std::optional<query::Query> breakpoint{};
        std::optional<query::EventFilter> filter{};
    };

    struct Published
    {
        Snapshot snapshot{};
        LiveView view{};
        std::shared_ptr<const LiveWorld> moment{}; ///< a little while ago
    };

    /// A cluster as questions see it.
    struct Asked
    {
        query::RunningCluster cluster;
        void update(const LiveWorld&);
    };

    // The session's thread: live_engine.cpp
    void work();
    void post(std::function<void()>);
    void tick();
    void tickLater();
    void listen();
    void follow();
    bool walk();
    bool reachedBreakpoint();
    void startWalking(Mode);
    void stop(std::string why);
    void publish();
    [[nodiscard]] Snapshot describe() const;
    [[nodiscard]] std::string doing() const;
    [[nodiscard]] Duration now() const;
    [[nodiscard]] LiveView currentView() const;

    // Simulations that go on from here: live_what_if.cpp
    struct WhatIf
    {
        BranchId first; ///< what its own first branch is called here
        EventId at;
        std::shared_ptr<SimulatedSession> session;
    };
    std::shared_ptr<SimulatedSession> simulated() const;
    [[nodiscard]] Snapshot withSimulations(Snapshot) const;
    [[nodiscard]] std::optional<std::pair<std::shared_ptr<SimulatedSession>, BranchId>>
        simulationOf(BranchId) const;
    Result<std::shared_ptr<SimulatedSession>> simulateFrom(EventId, const std::string& name);

    // What a person does: live_doing.cpp
    void perform(const PlannedLine&);
    Result<LiveDeed> deedOf(const PlannedLine&, const LiveWorld&) const;
    [[nodiscard]] std::optional<std::string> whyNot(const LiveDeed&, const Snapshot&,
                                                    const LiveWorld&) const;
    void performRequest(const LiveDeed&, const std::string& line);
    void performDisturb(LiveDeed, const std::string& line);
    void performCrash(const LiveDeed&, const std::string& line);
    void performRestart(const LiveDeed&, const std::string& line);
    void clientEffects(node::Client::Effects&);
    void tickClient();
    bool answers(NodeId from, const live::Word&);
    void complain(const std::string& line, const std::string& why);
    Talk* talkTo(NodeId);
    [[nodiscard]] const LiveNode* nodeOf(NodeId, const Snapshot&) const;

    WatchedCluster m_cluster;
    PlanPtr m_plan;

    // The session's thread alone:
    boost::asio::io_context m_io{1};
    boost::asio::steady_timer m_timer{m_io};
    LiveCourse m_course;
    LiveMerge m_merge;
    std::vector<std::unique_ptr<Talk>> m_talks;
    Going m_going;
    std::uint64_t m_head = 0; ///< events that are shown
    std::unique_ptr<LiveFrame> m_walker; ///< where what is shown goes on from, while it is behind
    Asked m_asked;
    std::string m_doing;
    std::string m_problem;
    std::string m_name = "live";
    bool m_busy = true;
    bool m_full = false; ///< the trace holds no more
    Duration m_momentAt{};
    node::Client m_client;
    std::uint64_t m_ids = 0;
    struct Pending
    {
        std::string line;
        NodeId node{}; ///< who was told
        RequestId request{}; ///< of a request
    };
    std::map<std::uint64_t, Pending> m_pending; ///< what was asked of nodes, by the id of it
    std::vector<std::string> m_ruleNames;

    // Shared:
    mutable std::mutex m_mutex;
    std::condition_variable m_publishedMore;
    std::shared_ptr<const Published> m_published;
    mutable std::uint64_t m_seenEvents = 0;
    bool m_quit = false;
    std::vector<WhatIf> m_whatIfs;
    std::shared_ptr<SimulatedSession> m_current; ///< none: the live run is looked at
    std::uint64_t m_turns = 0; ///< changes whenever the two above do
    std::uint32_t m_begun = 0; ///< simulations so far

    StateDesk m_desk;
    std::thread m_thread; ///< last: it uses the rest
};

} // namespace lightcone::session
