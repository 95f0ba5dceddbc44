#pragma once

#include "engine/node/hosted.h"
#include "engine/protocols/load_balancer/choice.h"
#include "engine/protocols/load_balancer/durable.h"
#include "engine/protocols/load_balancer/plan.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace lightcone::protocols::load_balancer {

/// Which of a node's timers.
enum class Timer : std::uint8_t {
    Attempt, ///< an agent's: an attempt was not answered
    Retry, ///< its pause before the next attempt is over
    Hedge, ///< an attempt takes so long that a second one shall run beside it
    Deadline, ///< a request took too long altogether
    Upstream, ///< a balancer's: a backend did not answer
    Penalty, ///< a failure no longer counts as an open request
    Probe, ///< time for health checks
    Readmit, ///< an ejection is over
    Weigh, ///< the next of weights that are changed one by one
    Service, ///< a backend's: a request is done
    Warm, ///< it has warmed up
};
BOOST_DESCRIBE_ENUM(Timer, Attempt, Retry, Hedge, Deadline, Upstream, Penalty, Probe, Readmit,
                    Weigh, Service, Warm)

/// A node of a service behind load balancers: an agent that asks for clients, a balancer or a
/// backend, as its plan says. Its parts follow the conversations: agent.cpp; balancer.cpp (asks and
/// responses), picking.cpp (who may be asked, and who is), health.cpp (probes, ejection, slow
/// start), operators.cpp (weights, draining); backend.cpp.
class LoadBalancer
{
public:
    using Message = load_balancer::Message;
    using Request = load_balancer::Request;
    using Reply = load_balancer::Reply;
    using Write = load_balancer::Write;
    using Timer = load_balancer::Timer;
    using Parameters = load_balancer::Parameters;
    using Durable = load_balancer::Durable;
    using Out = node::Out<LoadBalancer>;
    using Moment = node::Moment;

    explicit LoadBalancer(node::Seat<LoadBalancer> seat);

    static node::Card card();
    static Result<std::vector<node::Member>> members(const Parameters& parameters);
    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr& setup);

    void onStart(const Moment& moment, const Durable& disk, Out& out);
    void onMessage(const Moment& moment, NodeId from, const Message& message, Out& out);
    void onTimer(const Moment& moment, Timer timer, std::uint64_t about, Out& out);
    void onRequest(const Moment& moment, RequestId id, const Request& request, Out& out);

    [[nodiscard]] NodeId self() const { return m_seat.self; }
    [[nodiscard]] const Parameters& parameters() const { return m_seat.parameters(); }
    [[nodiscard]] const Plan& plan() const { return *m_plan; }
    [[nodiscard]] Role role() const { return m_role; }
    [[nodiscard]] Tier tier() const { return m_plan->tierOf(self()); }

    /// When it made its last step, by its own clock.
    [[nodiscard]] Instant asOf() const { return m_asOf; }
    [[nodiscard]] std::uint64_t queue() const { return m_queue; }
    [[nodiscard]] std::uint64_t served() const { return m_served; }
    [[nodiscard]] std::uint64_t failed() const { return m_failed; }
    [[nodiscard]] std::uint64_t retries() const { return m_retries; }
    [[nodiscard]] std::uint64_t hedges() const { return m_hedges; }

    // Of an agent.
    using OpenRequests = boost::container::flat_map<std::uint64_t, Open>;
    [[nodiscard]] const OpenRequests& open() const { return m_open; }
    [[nodiscard]] const std::deque<Ended>& ended() const { return m_ended; }
    [[nodiscard]] std::uint64_t tokens() const { return m_tokens; }

    // Of a balancer.
    using Errands = boost::container::flat_map<Ticket, Errand>;
    [[nodiscard]] const PerNode<Upstream>& backends() const { return m_backends; }
    [[nodiscard]] const Errands& errands() const { return m_errands; }
    [[nodiscard]] const Configuration& configuration() const { return m_configuration; }
    [[nodiscard]] std::uint32_t weightOf(NodeId backend) const
    {
        return m_configuration.weights[m_plan->placeOf(backend)];
    }

    /// Whether the balancer may ask it at all, full or not.
    [[nodiscard]] bool admits(NodeId backend) const;

    /// How many requests may be in flight to that backend at this moment of the balancer's clock:
    /// maxInFlight, in slow start fewer.
    [[nodiscard]] std::uint32_t limitOf(const Upstream& upstream, Instant now) const;

    /// How many backends may be ejected at once.
    [[nodiscard]] std::size_t mostEjected() const;

    // Of a backend.
    using Running = boost::container::flat_map<std::uint64_t, Job>;
    [[nodiscard]] const std::deque<Job>& waiting() const { return m_waiting; }
    [[nodiscard]] const Running& running() const { return m_running; }
    [[nodiscard]] double utilisation() const { return m_utilisation; }
    [[nodiscard]] std::uint64_t boot() const { return m_boot; }

private:
    // agent.cpp
    void startAgent();
    void request(const Moment&, RequestId, const Fetch&, Out&);
    bool redirectHome(RequestId, Out&);
    bool answerAgain(RequestId, Out&);
    void attempt(const Moment&, std::uint64_t serial, Out&);
    [[nodiscard]] NodeId pickBalancer(const Moment&, const Open&);
    void onMessage(const Moment&, NodeId, const Relay&, Out&);
    void attemptFailed(const Moment&, std::uint64_t serial, std::string_view why, Out&);
    void onAttemptTimeout(const Moment&, std::uint64_t about, Out&);
    void hedge(const Moment&, std::uint64_t serial, Out&);
    void finish(std::uint64_t serial, NodeId backend, Out&);
    void report(std::uint64_t serial, std::string_view why, Out&);
    [[nodiscard]] Duration pauseBefore(std::uint32_t retry, Dice&) const;
    bool takeToken();

    // balancer.cpp
    void startBalancer(const Moment&, const Durable&, Out&);
    void onMessage(const Moment&, NodeId, const Ask&, Out&);
    void onMessage(const Moment&, NodeId, const Response&, Out&);
    void onMessage(const Moment&, NodeId, const Cancel&, Out&);
    void onUpstreamTimeout(const Moment&, Ticket, Out&);
    void settle(const Moment&, Errands::const_iterator place, Outcome, Out&);
    void penalise(const Moment&, const Errand&, Ticket, Out&);

    // picking.cpp
    [[nodiscard]] NodeId pick(const Moment&, NodeId agent, const Ask&);
    [[nodiscard]] std::vector<Candidate> candidates(const Moment&, NodeId agent) const;
    [[nodiscard]] std::vector<Candidate> ofNearestRegion(const Moment&, NodeId agent,
                                                         std::vector<Candidate>) const;
    void leaveOutAvoided(const Ask&, std::vector<Candidate>&) const;
    void thinOutSlowStarters(const Moment&, std::vector<Candidate>&) const;
    void leaveOutCostly(std::vector<Candidate>&) const;
    [[nodiscard]] double costOf(const Upstream&, Instant now) const;
    [[nodiscard]] const MaglevTable& maglev();
    void countPick(NodeId backend);

    // health.cpp
    void probe(const Moment&, Out&);
    void onMessage(const Moment&, NodeId, const ProbeAnswer&, Out&);
    void judgeProbe(const Moment&, NodeId backend, bool passed, Out&);
    void heed(const Moment&, NodeId backend, const Report&, Out&);
    void judgeOutcome(const Moment&, NodeId backend, Outcome, Duration took, Out&);
    void measure(const Moment&, Upstream&, Outcome, Duration took);
    void considerEjection(const Moment&, NodeId backend, Out&);
    void readmit(const Moment&, NodeId backend, Out&);
    void changeStanding(const Moment&, NodeId backend, Out&);
    void startSlowly(const Moment&, Upstream&) const;
    void endSlowStarts(const Moment&);
    [[nodiscard]] double rampOf(const Upstream&, Instant now) const;
    [[nodiscard]] double fading(const Upstream&, Instant now) const;
    [[nodiscard]] Duration decayed(const Upstream&, Instant now) const;

    // operators.cpp
    void request(const Moment&, RequestId, const Weigh&, Out&);
    void request(const Moment&, RequestId, const Drain&, Out&);
    void request(const Moment&, RequestId, const Undrain&, Out&);
    void request(const Moment&, RequestId, const Slow&, Out&);
    void request(const Moment&, RequestId, const Fail&, Out&);
    [[nodiscard]] bool isFor(Tier, RequestId, Out&) const;
    [[nodiscard]] bool isBackend(NodeId, RequestId, Out&) const;
    void change(const Moment&, Configuration, Out&);
    void weighNext(const Moment&, Out&);
    void tellPeers(Out&);
    void onMessage(const Moment&, NodeId, const Configure&, Out&);
    void onMessage(const Moment&, NodeId, const Configured&, Out&);
    [[nodiscard]] std::uint64_t nextVersion() const;

    // backend.cpp
    void startBackend(const Moment&, const Durable&, Out&);
    void onMessage(const Moment&, NodeId, const Forward&, Out&);
    void onMessage(const Moment&, NodeId, const Withdraw&, Out&);
    void onMessage(const Moment&, NodeId, const Probe&, Out&);
    void serve(const Moment&, const Job&, Out&);
    void onServed(const Moment&, std::uint64_t serial, Out&);
    void respond(const Job&, Outcome, Out&);
    [[nodiscard]] double coldness(Instant now) const;
    [[nodiscard]] Report reportNow() const;
    void meter(Instant now);

    void countQueue();
    [[nodiscard]] bool makes(Mistake mistake) const { return parameters().mistake == mistake; }

    node::Seat<LoadBalancer> m_seat;
    std::shared_ptr<const Plan> m_plan;

    Role m_role = Role::Agent;
    std::uint64_t m_queue = 0; ///< requests at this node that are not answered
    double m_utilisation = 0; ///< of a backend, from 0 to 1
    std::uint64_t m_served = 0;
    std::uint64_t m_failed = 0;
    std::uint64_t m_retries = 0; ///< of an agent
    std::uint64_t m_hedges = 0; ///< of an agent
    std::uint64_t m_ejections = 0; ///< by a balancer
    Instant m_asOf{};
    std::uint64_t m_boot = 0;
    std::uint64_t m_serial = 0; ///< what was numbered last: open requests, tickets, jobs

    OpenRequests m_open{};
    std::deque<Ended> m_ended{};
    std::uint64_t m_tokens = 0; ///< thousandths of a retry
    NodeSet m_strays{}; ///< clients of other agents that were sent home once
    PerNode<Instant> m_silent{}; ///< balancers that did not answer, and since when
    NodeId m_lastBalancer{};

    Configuration m_configuration{};
    PerNode<Upstream> m_backends{};
    Errands m_errands{};
    Turn m_turn{};
    std::uint64_t m_round = 0; ///< of probes
    PerNode<std::uint64_t> m_known{}; ///< the version that each other balancer has
    std::vector<std::uint32_t> m_weightsToCome{}; ///< by the mistake

    std::deque<Job> m_waiting{};
    Running m_running{};
    double m_slow = 1; ///< how many times as long a request takes
    double m_failing = 0; ///< which share of requests fails
    Instant m_startedAt{};
    Instant m_meteredAt{}; ///< up to here utilisation is reckoned

    // Follows from the backends that are up; kept because it is dear to make.
    std::shared_ptr<const std::pair<std::vector<NodeId>, MaglevTable>> m_maglev;

    BOOST_DESCRIBE_CLASS(LoadBalancer, (), (), (),
                         (m_role, m_queue, m_utilisation, m_served, m_failed, m_retries, m_hedges,
                          m_ejections, m_asOf, m_boot, m_serial, m_open, m_ended, m_tokens,
                          m_strays, m_silent, m_lastBalancer, m_configuration, m_backends,
                          m_errands, m_turn, m_round, m_known, m_weightsToCome, m_waiting,
                          m_running, m_slow, m_failing, m_startedAt, m_meteredAt))
};

constexpr auto facets(Tag<LoadBalancer>)
{
    return std::array{
        FieldFacet{"role", Facet::Role},           FieldFacet{"queue", Facet::Level},
        FieldFacet{"utilisation", Facet::Level},   FieldFacet{"failed", Facet::Badge},
        FieldFacet{"hedges", Facet::Badge},        FieldFacet{"retries", Facet::Badge},
        FieldFacet{"ejections", Facet::Badge},     FieldFacet{"asOf", Facet::Detail},
        FieldFacet{"boot", Facet::Detail},         FieldFacet{"serial", Facet::Detail},
        FieldFacet{"ended", Facet::Detail},        FieldFacet{"tokens", Facet::Detail},
        FieldFacet{"strays", Facet::Detail},       FieldFacet{"silent", Facet::Detail},
        FieldFacet{"lastBalancer", Facet::Detail}, FieldFacet{"errands", Facet::Detail},
        FieldFacet{"turn", Facet::Detail},         FieldFacet{"round", Facet::Detail},
        FieldFacet{"known", Facet::Detail},        FieldFacet{"weightsToCome", Facet::Detail},
        FieldFacet{"startedAt", Facet::Detail},    FieldFacet{"meteredAt", Facet::Detail}};
}

} // namespace lightcone::protocols::load_balancer

// Instantiated once, in protocol.cpp: they carry everything that is derived from the field lists.
namespace lightcone::node {
extern template class TypedPayload<protocols::load_balancer::Message>;
extern template class TypedPayload<protocols::load_balancer::Request>;
extern template class TypedPayload<protocols::load_balancer::Reply>;
extern template class TypedPayload<protocols::load_balancer::Write>;
} // namespace lightcone::node
