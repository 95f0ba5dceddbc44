#pragma once

#include "engine/check/monitor.h"
#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/live/tape.h"
#include "engine/node/node.h"
#include "engine/node/protocol.h"
#include "engine/session/live_input.h"
#include "engine/session/plan.h"
#include "engine/sim/actions.h"
#include "engine/sim/conditions.h"
#include "engine/sim/network.h"
#include "engine/sim/shared.h"
#include "engine/trace/sink.h"
#include "engine/trace/state.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lightcone::session {

/// A live cluster as its explorer repeats it: every node's state machine makes the steps again that
/// its tape tells of, and from what they do come the run's events. One value: a copy is a keyframe.
/// The same inputs give the same events, whether or not anybody records them.
class LiveWorld
{
public:
    explicit LiveWorld(PlanPtr);

    /// Tells it what happened next. What of it cannot be repeated becomes a Gap.
    void take(const LiveInput&, trace::Sink*);

    [[nodiscard]] const Plan& plan() const { return *m_plan; }
    [[nodiscard]] EventId last() const { return m_last; }
    [[nodiscard]] Instant now() const { return m_now; }

    /// All members, in the plan's order. Valid until the world changes.
    [[nodiscard]] std::span<const node::Sight> sights() const { return m_sights; }
    [[nodiscard]] const checking::Monitor& monitor() const { return m_monitor; }

    /// Whether the nodes' states, as they are known here, were all so at one moment: where the tape
    /// of one is not told as far as its messages have come, invariants cannot be judged.
    [[nodiscard]] bool seesAll() const;

    /// Whether the node's tape can be followed: what comes next of it is the entry after the last.
    [[nodiscard]] bool follows(NodeId) const;
    [[nodiscard]] std::uint64_t incarnation(NodeId) const;
    [[nodiscard]] std::uint64_t entry(NodeId) const; ///< the last that was taken
    [[nodiscard]] trace::Life life(NodeId) const;

    /// Whether the message's Send is in the run, or never will be: its delivery need not wait.
    [[nodiscard]] bool needNotWait(const live::MessageName&) const;

    [[nodiscard]] trace::ClusterState state() const;
    [[nodiscard]] trace::NodeState conditionOf(NodeId) const;

    /// The state of a member as bytes, of the shape that is given back; nullptr where none is
    /// known.
    describe::ShapePtr encodeState(NodeId, Bytes& out) const;

    /// A node's state and durable disk, for a simulation that goes on from here; nullptr where it
    /// is not known.
    [[nodiscard]] const node::Node* nodeOf(NodeId) const;
    [[nodiscard]] const node::Disk* diskOf(NodeId) const;

    /// What it has handed to its disk and is not durable yet, in order.
    [[nodiscard]] std::vector<node::PayloadPtr> unwritten(NodeId) const;

    /// Its timers, and how long each still has on its own clock.
    [[nodiscard]] std::vector<std::pair<node::TimerId, Duration>> timersOf(NodeId) const;

    /// The fingerprint of a node's state, for comparing it with the real one.
    [[nodiscard]] std::uint64_t fingerprint(NodeId) const;

    [[nodiscard]] const sim::Network& network() const { return m_network; }
    [[nodiscard]] sim::DiskCondition diskConditionOf(NodeId) const; ///< what somebody made of it

private:
    struct Armed
    {
        node::TimerId id{};
        EventId cause{};
        Instant armed{};
        Instant due{};
    };

    struct Writing
    {
        node::PayloadPtr record{};
        EventId event{};
    };

    /// Something that leaves when the disk has come far enough.
    struct Outgoing
    {
        std::uint64_t barrier = 0;
        live::MessageName name{}; ///< of a message; of a reply its from is none
        NodeId to{};
        node::PayloadPtr payload{};
        node::Answer answer = node::Answer::Done;
        RequestId request{};
        EventId cause{};
    };

    struct Member
    {
        NodeId id{};
        trace::Life life = trace::Life::NotStarted;
        bool known = false; ///< its tape is followed
        sim::Shared<node::Node> node{};
        sim::Shared<node::Disk> disk{};
        Dice dice{};
        std::uint64_t incarnation = 0;
        std::uint64_t entry = 0;
        // Others were reached by what it did since: it is further than its tape has been told.
        std::pair<std::uint64_t, std::uint64_t> ahead{}; ///< its incarnation and entry then
        std::uint64_t aheadSynced = 0;
        live::HybridTime doubted{}; ///< until it tells of that time it is not as it was then
        bool reveals = false; ///< its next entry boots on a disk that is not the known one
        EventId anchor{}; ///< what goes back to before its tape goes back to this
        EventId lastStep{};
        EventId act{}; ///< what somebody did to it last
        std::vector<Armed> alarms{}; ///< sorted
        std::deque<Writing> writing{}; ///< not yet durable
        std::uint64_t written = 0;
        std::uint64_t forced = 0; ///< the last write that what is sent waits for
        std::uint64_t synced = 0;
        std::deque<Outgoing> outbox{};
        bool stopping = false;
        bool stopped = false; ///< that is how its life ended: it has told all of it
        Duration offset{}; ///< of its machine's clock
        sim::ClockCondition clock{}; ///< what somebody made of it
        sim::DiskCondition diskCondition{};
    };

    struct Flight
    {
        EventId send{};
        NodeId to{};
        node::PayloadPtr payload{};
        Instant sent{};
    };

    struct Operation
    {
        EventId request{}; ///< none: only the act is known
        EventId act{};
    };

    struct Recent
    {
        std::string line;
        EventId act{};
        Instant at{};
    };

    template <class Make>
    EventId record(trace::Sink* sink, Make make)
    {
        ++m_last.value;
        if (sink != nullptr) {
            sink->record(m_last, make());
        }
        return m_last;
    }

    // What is told: live_world.cpp
    void take(Member&, const Joined&, trace::Sink*);
    void take(Member&, const Happened&, trace::Sink*);
    void take(Member&, const Missed&, trace::Sink*);
    void take(Member&, const Gone&, trace::Sink*);
    void take(Member&, const Heard&, trace::Sink*);
    Result<void> restore(Member&, const live::Checkpoint&);
    void lose(Member&, const std::string& why, trace::Sink*);
    void crash(Member&, trace::Sink*);
    EventId note(NodeId, EventId cause, std::string text, trace::Sink*);

    // Entries of a tape, and what steps do: live_steps.cpp
    Result<void> happen(Member&, const live::Booted&, trace::Sink*);
    Result<void> happen(Member&, const live::Delivered&, trace::Sink*);
    Result<void> happen(Member&, const live::Fired&, trace::Sink*);
    Result<void> happen(Member&, const live::Asked&, trace::Sink*);
    Result<void> happen(Member&, const live::Synced&, trace::Sink*);
    Result<void> happen(Member&, const live::Dropped&, trace::Sink*);
    Result<void> happen(Member&, const live::Contact&, trace::Sink*);
    Result<void> happen(Member&, const live::Disturbed&, trace::Sink*);
    Result<void> happen(Member&, const live::Turned&, trace::Sink*);
    template <class Handler>
    void makeStep(Member&, EventId event, bool boots, trace::Sink*, Handler);
    void performEffects(Member&, EventId step, trace::Sink*);
    void post(Member&, Outgoing, node::Leaves, trace::Sink*);
    void leave(Member&, const Outgoing&, trace::Sink*);
    void release(Member&, trace::Sink*);

    /// The message leaves although its node has not said that it may.
    void letLeave(const live::MessageName&, trace::Sink*);
    void arm(Member&, node::TimerId, Duration after, EventId cause);
    void judge(Member&, EventId event, bool boots, trace::Sink*);
    EventId arrived(NodeId from, const live::MessageName&, NodeId to, const node::PayloadPtr&,
                    trace::Sink*);
    void forgetFlights(NodeId to, trace::Sink*);
    static bool isBehind(const Member&);
    void isAhead(Member&, const live::MessageName&);
    void reveal(const live::HybridTime& at);
    void caughtUp(const Member&, bool wasBehind, trace::Sink*);
    [[nodiscard]] bool isUsed(const node::Disk&) const;
    void suspend(const Member&, std::string_view why, trace::Sink*);

    // Clients: live_steps.cpp
    EventId operationOf(NodeId at, RequestId, const node::PayloadPtr&, trace::Sink*);
    void answered(const Outgoing&, NodeId by, trace::Sink*);

    // What people do: live_acts.cpp
    void take(const Acted&, trace::Sink*);
    void take(const GaveUp&, trace::Sink*);
    EventId actOf(const std::string& line, trace::Sink*);
    void consequences(const std::string& line, EventId act, trace::Sink*);
    struct Doing;

    [[nodiscard]] Member* find(NodeId);
    [[nodiscard]] const Member* find(NodeId) const;
    [[nodiscard]] sim::Place placeOf(NodeId) const;

    PlanPtr m_plan;
    EventId m_last{};
    Instant m_now{};
    std::vector<Member> m_members;
    std::vector<node::Sight> m_sights;
    checking::Monitor m_monitor;
    sim::Network m_network;
    std::map<live::MessageName, Flight> m_flights;
    std::map<live::MessageName, EventId> m_copied; ///< delivered while a rule makes copies
    std::set<live::MessageName> m_early; ///< arrived before their sending was told
    std::map<RequestId, Operation> m_operations; ///< that have begun and not ended
    std::map<NodeId, std::uint32_t> m_finished; ///< by client: its newest operation that ended
    std::vector<Recent> m_acts; ///< of the last seconds
    Instant m_entryNow{}; ///< of the entry that is being taken
    bool m_past = false; ///< of the input that is being taken
    std::vector<NodeId> m_untold; ///< likewise
    live::HybridTime m_latest{}; ///< of all entries
    node::Effects m_effects;
};

} // namespace lightcone::session
