#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/node/card.h"
#include "engine/trace/state.h"
#include "engine/trace/state_source.h"
#include "engine/trace/trace.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::session {

using BranchId = Id<struct BranchTag, std::uint32_t>;
using StatePtr = std::shared_ptr<const trace::ClusterState>;

/// Where the events come from.
enum class Source : std::uint8_t { Simulated, Live, Recorded };

/// How fast virtual time passes while playing.
struct Pace
{
    enum class Kind : std::uint8_t {
        ByHand, ///< nothing moves until somebody picks what happens next
        Scaled, ///< factor seconds of virtual time a second
        Unbounded, ///< as fast as it goes
    };
    Kind kind = Kind::Scaled;
    double factor = 0.05;
    friend bool operator==(const Pace&, const Pace&) = default;
};

/// A line of history that is kept: the first one, and those that left it (or another) at some
/// event.
struct Branch
{
    BranchId id;
    std::string name;
    BranchId parent{}; ///< none for the first
    EventId forkedAt{}; ///< the last event that it shares with its parent
    trace::TracePtr trace{};
    std::uint64_t events = 0; ///< published so far
    Instant now{}; ///< how far its time has come
    bool whatIf = false; ///< continues a live run as a simulation
};

/// One invariant of the protocol, as judged so far on the current branch.
struct Check
{
    node::InvariantCard card;
    EventId brokenAt{}; ///< the Violation event; none while it holds
    std::string how{};
    EventId notJudgedFrom{}; ///< the Note that says so; none while it is judged
    std::string notJudged{}; ///< why
};

/// A line of the scenario that asks, expects or tells, and how it came out.
struct Lesson
{
    enum class State : std::uint8_t { Ahead, Waiting, Held, Failed, Told };
    enum class Kind : std::uint8_t { Say, Ask, Expect };
    std::size_t line = 0; ///< in the scenario's text, from 1
    std::string text;
    State state = State::Ahead;
    EventId at{};
    Kind kind = Kind::Expect; ///< of a line that could not be done, too
};

/// A question to the person before the engine shows the answer: pauses the run until answered.
struct Question
{
    std::size_t line = 0;
    std::string text;
    std::vector<std::string> choices;
};

/// A real node, as it is connected.
struct LiveNode
{
    enum class State : std::uint8_t {
        Connecting,
        Connected,
        Silent, ///< connected, but it says nothing
        Unreachable,
        Ended, ///< its process is gone
        Refused, ///< it does not let us in, or is not what it should be
    };
    NodeId id;
    std::string name;
    std::string address; ///< of its control port
    State state = State::Connecting;
    std::string why{}; ///< of the last three, one sentence
    std::string whyNoFaults{}; ///< empty: it may be disturbed
    std::string whyNoRequests{}; ///< empty: it may be asked
    Duration clockOffset{}; ///< its machine's clock ahead of this one's
    friend bool operator==(const LiveNode&, const LiveNode&) = default;
};

/// What a session is doing, taken at one moment; cheap to copy and complete: a view needs nothing
/// else to draw.
struct Snapshot
{
    Source source = Source::Simulated;
    bool running = false;
    bool finished = false; ///< nothing will ever happen by itself again
    Pace pace{};
    BranchId current{};
    std::vector<Branch> branches{};
    std::vector<Check> checks{};
    std::vector<Lesson> lessons{};
    std::vector<LiveNode> nodes{}; ///< of Source::Live
    std::optional<Question> question{};
    std::string doing{}; ///< for the status bar: "Running in virtual time", "Stopped: breakpoint …"
    std::string
        problem{}; ///< the last act that could not be done, and why; empty when there is none
    std::uint64_t revision = 0; ///< changes whenever anything else here or any branch's size does

    [[nodiscard]] const Branch& branch() const;
};

/// A long piece of work for the window: progress from 0 to 1; true from cancelled() asks it to
/// stop.
struct Progress
{
    std::function<void(double)> report = [](double) {};
    std::function<bool()> cancelled = [] { return false; };
};

/// A run being watched. All functions may be called from any one thread (the window's); none blocks
/// on the engine: acts are queued to the engine's own thread and their outcome shows in the next
/// snapshot. Callbacks are called on the engine's thread.
class Session
{
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session() = default;

    [[nodiscard]] virtual Snapshot snapshot() const = 0;

    /// The state right after an event of a branch; EventId{} is before the first. Newer calls make
    /// older ones that have not begun pointless: those answer with nullptr.
    virtual void stateAt(BranchId, EventId, std::function<void(StatePtr)> done) = 0;

    /// nothing when the person may do that here; else the reason to show on the greyed control.
    [[nodiscard]] virtual std::optional<std::string> whyNot(std::string_view line) const = 0;

    virtual void play(Pace) = 0;
    virtual void pause() = 0;

    /// Lets exactly the next `steps` things happen (deliveries, timers, lines of the scenario),
    /// then pauses.
    virtual void step(std::uint64_t steps = 1) = 0;

    /// Runs until the query holds after a step (a breakpoint), or nothing is left. The error is the
    /// query's.
    virtual Result<void> runUntil(std::string_view query) = 0;
    virtual void runFor(Duration) = 0;

    /// Does one line of the scenario language ("crash n3", "cut n1 n2", "request put x 1", "pick
    /// #812") at an event of the current branch. At its end the line is done there; earlier, a new
    /// branch begins at that event and becomes current. The error is that of the line's syntax;
    /// what cannot be done comes as Snapshot::problem.
    virtual Result<void> act(std::string_view line, EventId at) = 0;

    /// A new branch that shares all up to that event; becomes current.
    virtual void fork(EventId at, std::string name) = 0;
    virtual void switchTo(BranchId) = 0;
    virtual void rename(BranchId, std::string name) = 0;
    virtual void remove(BranchId) = 0;

    /// Takes back the last act on the current branch with all that came after it (the branch as it
    /// was stays reachable by redo).
    virtual void undo() = 0;
    virtual void redo() = 0;
    [[nodiscard]] virtual bool canUndo() const = 0;
    [[nodiscard]] virtual bool canRedo() const = 0;

    virtual void answer(std::string choice) = 0;

    /// The current branch up to its end as a scenario that replays to the identical trace; empty
    /// when the source has none.
    [[nodiscard]] virtual Result<std::string> asScenario() const = 0;

    /// The states of a branch at any event, for who goes through many; nullptr when nobody knows
    /// them. Safe to ask from any thread.
    [[nodiscard]] virtual std::shared_ptr<const trace::StateSource> states(BranchId)
    {
        return nullptr;
    }

    /// Writes the current branch as a .lightcone file on the calling thread.
    virtual Result<void> save(const std::string& path, const Progress&) = 0;
};

} // namespace lightcone::session
