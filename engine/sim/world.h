#pragma once

#include "engine/core/dice.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/node/client.h"
#include "engine/node/invariant.h"
#include "engine/node/protocol.h"
#include "engine/sim/actions.h"
#include "engine/sim/agenda.h"
#include "engine/sim/conditions.h"
#include "engine/sim/network.h"
#include "engine/sim/settings.h"
#include "engine/sim/shared.h"
#include "engine/sim/storage.h"
#include "engine/trace/sink.h"
#include "engine/trace/state.h"
#include "engine/trace/trace.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lightcone::sim {

/// Something that may happen next, for driving by hand.
struct Pending
{
    enum class What : std::uint8_t { Boot, Message, Timer, Sync, Client, Arrival };
    What what = What::Message;
    Instant due{};
    EventId message{}; ///< of a Message: its name
    NodeId node{}; ///< where it will happen
    NodeId from{}; ///< of a Message
    node::TimerId timer{};
    bool held = false; ///< by a rule: will not happen by itself
    bool waits = false; ///< for a paused node to be resumed
};

/// A member of a cluster that ran elsewhere, as a simulation goes on with it.
struct Survivor
{
    NodeId id;
    trace::Life life = trace::Life::NotStarted;
    std::unique_ptr<node::Node> node{}; ///< nullptr: it never started
    std::unique_ptr<node::Disk> disk{}; ///< what is durable; nullptr: nothing
    std::vector<std::pair<node::TimerId, Duration>> timers{}; ///< what is left, by its own clock
    ClockCondition clock{};
    DiskCondition diskCondition{};
    EventId lastStep{};
};

/// A simulated cluster with its network, disks, clocks and clients: one value. A copy is a
/// snapshot, a copy that runs is a branch. The same plan, seed and acts give the same events, bit
/// for bit; events are numbered whether or not anybody records them. Copies may be used on
/// different threads, one world on one thread at a time. The protocol outlives the world.
class World
{
public:
    World(const node::Protocol&, node::SetupPtr, const Settings&);

    /// Goes on from where members stood after event `last` of another run, on its network. What is
    /// not named never started; what was under way is lost, as are writes that were not durable.
    World(const node::Protocol&, node::SetupPtr, const Settings&, std::vector<Survivor>,
          const Network&, EventId last, Instant now);

    [[nodiscard]] const node::Protocol& protocol() const { return *m_plan->protocol; }
    [[nodiscard]] const node::SetupPtr& setup() const { return m_plan->setup; }
    [[nodiscard]] const Settings& settings() const { return m_plan->settings; }
    [[nodiscard]] std::vector<NodeId> clients() const;

    /// What a trace of this world is about; scenario and origin are the caller's.
    [[nodiscard]] trace::About about() const;
    [[nodiscard]] std::string nameOf(NodeId) const;

    /// How far time has come.
    [[nodiscard]] Instant instant() const { return m_instant; }

    /// The newest event; none before the first.
    [[nodiscard]] EventId last() const { return m_last; }

    /// When the next thing happens by itself; nothing when nothing ever will. What is overdue
    /// (after driving by hand) happens now.
    [[nodiscard]] std::optional<Instant> nextDue() const
    {
        return m_agenda.empty() ? std::nullopt
                                : std::optional(std::max(m_instant, m_agenda.top().at));
    }

    /// Performs the next thing that is due, with all that follows from it at once. Every one
    /// makes at least one event. False when nothing is left.
    bool step(trace::Sink*);

    /// Performs all that is due up to that instant, itself included; then it is that instant.
    void advanceTo(Instant, trace::Sink*);

    /// It is that instant, unless it was later already. What is due until then comes late.
    void waitUntil(Instant);

    /// nothing when it can be done; else why not, as one sentence.
    [[nodiscard]] std::optional<std::string> whyNot(const Action&) const;

    /// Records an Act with that text (a line of a scenario), unless the action is a Remark, and
    /// does it. The error is whyNot()'s; then nothing has changed.
    Result<void> apply(const Action&, std::string_view text, trace::Sink*);

    /// All that may happen next, in the order in which it would, then what is held or waits.
    [[nodiscard]] std::vector<Pending> pending() const;

    [[nodiscard]] trace::ClusterState state() const;

    /// What state() says of a member or client, without describing its protocol's state.
    [[nodiscard]] trace::NodeState conditionOf(NodeId) const;

    /// The state of a member or client as bytes, of the shape that is given back; nullptr for one
    /// that never started.
    describe::ShapePtr encodeState(NodeId, Bytes& out) const;

    /// All members, in the plan's order. Valid until the world changes.
    [[nodiscard]] std::span<const node::Sight> sights() const { return m_sights; }

    /// The step that the last step() or apply() made, if it made one. Valid until the world
    /// changes.
    [[nodiscard]] std::optional<node::Observation> observation() const;

    /// Operations of clients that have begun or wait in line, and have not ended.
    [[nodiscard]] std::size_t openRequests() const;

private:
    struct Plan
    {
        const node::Protocol* protocol;
        node::SetupPtr setup;
        Settings settings;
        std::vector<Place> places; ///< of members, by the number of their id
    };

    struct Timer
    {
        Alarm alarm;
        Place owner = 0;
        node::TimerId id{};
        Instant armed{};
        EventId cause{};
    };

    /// What something that is said waits for.
    struct Barrier
    {
        std::uint64_t write = 0; ///< that must be durable
        node::Leaves leaves = node::Leaves::Durable;
    };

    /// Something that leaves when the disk has come far enough.
    struct Outgoing
    {
        std::uint64_t barrier = 0;
        Packet packet{};
        EventId cause{};
    };

    struct Machine
    {
        NodeId id;
        trace::Life life = trace::Life::NotStarted;
        Shared<node::Node> node{};
        Storage storage;
        Dice dice;
        Clock clock{};
        EventId lastStep{};
        std::vector<Outgoing> outbox{};
        std::vector<std::pair<node::TimerId, std::uint32_t>>
            timers{}; ///< sorted; places in m_timers
        std::vector<Due> parked{}; ///< what waits for a paused node
    };

    /// What a load asks for: those bodies in turn, or, where there is a workload, what it deals.
    struct Bodies
    {
        std::shared_ptr<const std::vector<node::PayloadPtr>> first{}; ///< none: nothing
        node::WorkloadPtr beyond{};

        [[nodiscard]] node::PayloadPtr at(std::size_t number) const
        {
            return number < first->size() || !beyond ? (*first)[number % first->size()]
                                                     : beyond->body(number - first->size());
        }
    };

    /// What keeps a client asking.
    struct Drive
    {
        Bodies bodies{}; ///< none: it is not driven
        std::size_t next = 0; ///< grows by stride
        std::size_t stride = 1;
        Duration interval{};
        Instant until{};
        EventId origin{};
        Instant from{}; ///< the next operation begins no earlier
        LatencyModel think{};
        Dice dice{};
    };

    /// An open loop: operations begin at their times, each at the first client that is free.
    struct Stream
    {
        struct Waiting
        {
            node::PayloadPtr body;
            EventId note; ///< that it waits in line
        };
        std::vector<std::size_t> callers{};
        Bodies bodies{};
        std::size_t next = 0;
        Duration interval{};
        bool poisson = false;
        Dice dice{};
        Instant until{};
        EventId origin{};
        Alarm alarm{}; ///< of the next one; off: no more arrive
        std::deque<Waiting> waiting{};
    };

    struct Caller
    {
        node::Client client;
        Alarm alarm{};
        EventId request{}; ///< the event that began the operation
        EventId cause{}; ///< of what it does next
        EventId lastSend{};
        Drive drive{};
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

    // The agenda: world.cpp
    void perform(const Due&, trace::Sink*);
    void settle();
    bool confirmTop();
    std::uint64_t nextOrder() { return ++m_order; }

    // Members: world_members.cpp
    template <class Handler>
    void makeStep(Place, EventId event, bool boots, trace::Sink*, Handler);
    void stepOnMessage(Place, EventId event, NodeId from, const node::Payload&, trace::Sink*);
    void stepOnRequest(Place, EventId event, RequestId, const node::Payload&, trace::Sink*);
    void boot(Place, EventId cause, trace::Sink*);
    void crash(Place, trace::CrashReason, EventId cause, trace::Sink*);
    void pause(Place, EventId cause, trace::Sink*);
    void resume(Place, EventId cause, trace::Sink*);
    void performEffects(Place, EventId step, trace::Sink*);
    [[nodiscard]] std::uint64_t barrierOf(const Machine&) const;
    void performSend(Place, Packet, EventId step, Barrier, trace::Sink*);
    bool performWrite(Place, const node::Write&, EventId step, trace::Sink*);
    void planSync(Place);
    void finishSync(Place, trace::Sink*);
    void arm(Place, node::TimerId, Duration after, EventId cause);
    void disarm(Place, node::TimerId);
    void fireTimer(std::uint32_t timer, trace::Sink*);
    void setClock(const SetClock&, EventId cause, trace::Sink*);
    [[nodiscard]] std::uint32_t takeTimerSlot();
    [[nodiscard]] std::optional<std::uint32_t> findTimer(NodeId, node::TimerId) const;

    // Messages and clients: world_messages.cpp
    EventId leave(Packet, EventId cause, trace::Sink*);
    void launch(Packet);
    void schedule(std::uint32_t slot, Instant due);
    void deliver(std::uint32_t slot, trace::Sink*);
    void drop(std::uint32_t slot, trace::DropReason, trace::Sink*);
    void duplicate(const Packet&, trace::Sink*);
    Packet take(std::uint32_t slot);
    void release(std::uint32_t rule);
    void wakeClient(std::size_t caller, trace::Sink*);
    void performClient(std::size_t caller, trace::Sink*);
    void performClientEffects(std::size_t caller, trace::Sink*);
    std::optional<Instant> driveClient(Caller&);
    bool serveWaiting(std::size_t caller);
    void planArrival(std::size_t stream, Instant since);
    void arrive(std::size_t stream, trace::Sink*);
    [[nodiscard]] std::optional<std::size_t> freeCaller(const Stream&) const;
    [[nodiscard]] std::optional<std::size_t> findStream(NodeId client) const;
    [[nodiscard]] std::optional<std::uint32_t> findPacket(EventId name) const;

    // Acts: world_acts.h
    struct Checking;
    struct Doing;

    [[nodiscard]] trace::NodeState conditionOf(const Machine&) const;
    [[nodiscard]] std::optional<Place> findPlace(NodeId) const;
    [[nodiscard]] Place placeOf(NodeId) const;
    [[nodiscard]] NodeId idOf(Place) const;
    [[nodiscard]] bool isMember(Place place) const { return place < m_machines.size(); }
    [[nodiscard]] Place placeCount() const;

    std::shared_ptr<const Plan> m_plan;
    Instant m_instant{};
    EventId m_last{};
    std::uint64_t m_order = 0;
    Agenda m_agenda;
    std::vector<Machine> m_machines;
    std::vector<Caller> m_callers;
    std::vector<Stream> m_streams;
    Network m_network;
    std::vector<Packet> m_packets;
    std::vector<std::uint32_t> m_freePackets;
    std::vector<Timer> m_timers;
    std::vector<std::uint32_t> m_freeTimers;
    std::vector<node::Sight> m_sights;

    // The step that was made last, and buffers that are used again and again.
    struct Step
    {
        EventId event{};
        Place place = 0;
        bool boots = false;
        Instant at{};
    };
    std::optional<Step> m_step;
    node::Effects m_effects;
    node::Client::Effects m_clientEffects;
};

} // namespace lightcone::sim
