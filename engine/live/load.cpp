#include "engine/live/load.h"

#include "engine/core/check.h"
#include "engine/describe/naming.h"
#include "engine/live/clocks.h"

#include <boost/asio/defer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

namespace lightcone::live {

double LoadResult::perSecond() const
{
    const auto seconds = std::chrono::duration<double>(took).count();
    return seconds > 0 ? static_cast<double>(done) / seconds : 0;
}

namespace {

Result<void> misfit(const LoadPlan& plan)
{
    if (plan.clients == 0) {
        return fail("expected at least one client");
    }
    if (plan.lasts == Duration::zero() && plan.operations == 0) {
        return fail("expected a duration or a number of operations");
    }
    if (plan.loop != node::Loop::Closed && plan.interval <= Duration::zero()) {
        return fail("expected an open loop with a rate");
    }
    return {};
}

std::vector<LoadResult::Kind> kindsOf(const node::Protocol& protocol)
{
    std::vector<LoadResult::Kind> kinds;
    for (const auto& alternative : protocol.card().request->fields) {
        kinds.push_back({describe::enumeratorName(alternative.name)});
    }
    return kinds;
}

} // namespace

class Load::Inside final : public std::enable_shared_from_this<Inside>
{
public:
    Inside(boost::asio::any_io_executor executor, ClusterClient& cluster, const LoadPlan& plan)
        : m_cluster(&cluster)
        , m_plan(plan)
        , m_dice(plan.dice)
        , m_pace(executor)
        , m_end(executor)
    {
        m_result.kinds = kindsOf(cluster.protocol());
        for (std::uint32_t i = 0; i < plan.clients; ++i) {
            m_clients.push_back({cluster.addClient()});
        }
    }

    void start(std::function<void(const LoadResult&)> onOver)
    {
        m_onOver = std::move(onOver);
        m_begun = steadyNow();
        m_measured = m_begun + m_plan.warmUp;
        m_lastDone = m_measured;
        m_silencesBefore = m_cluster->silences();
        if (m_plan.lasts != Duration::zero()) {
            m_end.expires_after(m_plan.warmUp + m_plan.lasts);
            m_end.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
                if (const auto inside = self.lock(); inside && !error) {
                    inside->stop();
                }
            });
        }
        if (isOpen()) {
            m_next = m_begun;
        } else {
            for (std::uint32_t client = 0; client < m_plan.clients; ++client) {
                rest(client, m_plan.think ? m_begun + m_plan.think(m_dice) : m_begun);
            }
        }
        beginDue();
    }

    void stop()
    {
        if (std::exchange(m_stopping, true)) {
            return;
        }
        m_pace.cancel();
        m_end.cancel();
        m_stoppedAt = steadyNow();
        finishIfOver();
    }

    /// Nobody listens any more.
    void abandon()
    {
        m_stopping = true;
        m_abandoned = true;
        m_pace.cancel();
        m_end.cancel();
    }

    [[nodiscard]] const LoadResult& result() const { return m_result; }

    std::function<void(const LoadOperation&)> onBegun;
    std::function<void(const LoadOperation&)> onEnded;

private:
    struct One
    {
        std::size_t place = 0; ///< with the cluster
        std::uint64_t open = 0; ///< operations that it has begun or has in line
        Instant from{}; ///< of a closed loop: its next begins no sooner
    };

    [[nodiscard]] bool isOpen() const { return m_plan.loop != node::Loop::Closed; }

    /// Begins what is due and waits for what is next.
    void beginDue()
    {
        const auto next = isOpen() ? beginArrivals() : beginRested();
        if (m_stopping || !next) {
            return;
        }
        m_pace.expires_after(std::max(*next - steadyNow(), Duration::zero()));
        m_pace.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
            if (const auto inside = self.lock(); inside && !error) {
                inside->beginDue();
            }
        });
    }

    // An open loop.

    std::optional<Instant> beginArrivals()
    {
        const auto now = steadyNow();
        while (!m_stopping && m_next <= now) {
            ask(leastBusy(), m_next);
            m_next += m_plan.loop == node::Loop::Poisson ? m_dice.exponential(m_plan.interval)
                                                         : m_plan.interval;
        }
        return m_next;
    }

    std::uint32_t leastBusy()
    {
        // In turn, so that all take part; the next free one, where there is one.
        const auto clients = m_plan.clients;
        check(clients > 0, "a plan that was checked before");
        auto best = m_turn;
        for (std::uint32_t i = 0; i < clients && m_clients[best].open != 0; ++i) {
            const auto other = (m_turn + i) % clients;
            best = m_clients[other].open < m_clients[best].open ? other : best;
        }
        m_turn = (best + 1) % clients;
        return best;
    }

    // A closed loop.

    void rest(std::uint32_t client, Instant until) { m_resting.emplace(until, client); }

    std::optional<Instant> beginRested()
    {
        while (!m_stopping && !m_resting.empty() && m_resting.begin()->first <= steadyNow()) {
            const auto client = m_resting.begin()->second;
            m_resting.erase(m_resting.begin());
            askAgain(client);
        }
        return m_resting.empty() ? std::nullopt : std::optional(m_resting.begin()->first);
    }

    void askAgain(std::uint32_t client)
    {
        const auto now = steadyNow();
        m_clients[client].from = now + m_plan.interval;
        ask(client, now);
    }

    /// Its next operation: at once, or after a pause.
    void goOn(std::uint32_t client)
    {
        if (m_plan.interval == Duration::zero() && !m_plan.think) {
            askAgain(client);
            return;
        }
        const auto now = steadyNow();
        const auto thought = m_plan.think ? now + m_plan.think(m_dice) : now;
        rest(client, std::max(m_clients[client].from, thought));
        if (m_resting.begin()->second == client) {
            beginDue();
        }
    }

    // One operation.

    void ask(std::uint32_t client, Instant meant)
    {
        if (m_plan.operations != 0 && m_asked == m_plan.operations) {
            stop();
            return;
        }
        LoadOperation operation;
        operation.client = client;
        operation.body = nextBody();
        operation.number = ++m_asked;
        operation.begun = meant;
        ++m_result.kinds[operation.body->tag()].asked;
        ++m_open;
        ++m_clients[client].open;
        if (onBegun) {
            onBegun(operation);
        }
        auto body = operation.body;
        m_cluster->submit(m_clients[client].place, std::move(body),
                          [self = weak_from_this(),
                           operation = std::move(operation)](const Answered& answered) mutable {
                              if (const auto inside = self.lock(); inside && !inside->m_abandoned) {
                                  operation.answered = answered;
                                  inside->ended(operation);
                              }
                          });
    }

    node::PayloadPtr nextBody()
    {
        if (!std::exchange(m_preparing, true)) {
            boost::asio::defer(m_pace.get_executor(), [self = weak_from_this()] {
                if (const auto inside = self.lock()) {
                    inside->prepare();
                }
            });
        }
        if (m_prepared.empty()) {
            return m_plan.workload->body(m_asked);
        }
        auto body = std::move(m_prepared.front());
        m_prepared.pop_front();
        return body;
    }

    /// Makes the next requests while the nodes are at work on those before.
    void prepare()
    {
        m_preparing = false;
        constexpr std::uint32_t most = 256;
        const auto wanted = std::min(m_plan.clients, most);
        while (m_prepared.size() < wanted && !m_stopping) {
            m_prepared.push_back(m_plan.workload->body(m_asked + m_prepared.size()));
        }
    }

    void ended(LoadOperation& operation)
    {
        operation.ended = steadyNow();
        --m_open;
        --m_clients[operation.client].open;
        if (onEnded) {
            onEnded(operation);
        }
        if (operation.begun >= m_measured) {
            count(operation);
        }
        if (!m_stopping && !isOpen()) {
            goOn(operation.client);
        }
        finishIfOver();
    }

    void count(const LoadOperation& operation)
    {
        const auto& answered = operation.answered;
        if (answered.answer == node::Answer::Done) {
            auto& kind = m_result.kinds[operation.body->tag()];
            const auto took = operation.ended - operation.begun;
            ++kind.done;
            kind.latency.record(took);
            m_result.latency.record(took);
            ++m_result.done;
            m_result.longestGap = std::max(m_result.longestGap, operation.ended - m_lastDone);
            m_lastDone = operation.ended;
        } else if (answered.answer == node::Answer::Unknown) {
            ++m_result.unknown;
        } else {
            ++m_result.refused;
            if (const auto* why = node::payloadIf<node::Refusal>(answered.body.get());
                why != nullptr && m_result.firstRefusal.empty()) {
                m_result.firstRefusal = why->reason;
            }
        }
        m_result.took = (m_stopping ? m_stoppedAt : operation.ended) - m_measured;
        m_result.silences = m_cluster->silences() - m_silencesBefore;
    }

    void finishIfOver()
    {
        if (m_stopping && m_open == 0 && !m_abandoned) {
            m_result.took = std::max(m_stoppedAt - m_measured, Duration::zero());
            if (const auto onOver = std::exchange(m_onOver, nullptr)) {
                onOver(m_result);
            }
        }
    }

    ClusterClient* m_cluster;
    LoadPlan m_plan;
    Dice m_dice;
    boost::asio::steady_timer m_pace;
    boost::asio::steady_timer m_end;
    std::function<void(const LoadResult&)> m_onOver;
    std::vector<One> m_clients;
    std::set<std::pair<Instant, std::uint32_t>> m_resting; ///< clients between two operations
    LoadResult m_result;
    Instant m_begun{};
    Instant m_measured{};
    Instant m_lastDone{};
    Instant m_stoppedAt{};
    Instant m_next{}; ///< of an open loop
    std::deque<node::PayloadPtr> m_prepared; ///< the bodies from number m_asked on
    bool m_preparing = false;
    std::uint64_t m_asked = 0;
    std::uint64_t m_open = 0;
    std::uint64_t m_silencesBefore = 0;
    std::uint32_t m_turn = 0;
    bool m_stopping = false;
    bool m_abandoned = false;
};

Result<std::unique_ptr<Load>> Load::prepare(boost::asio::any_io_executor executor,
                                            ClusterClient& cluster, const LoadPlan& plan)
{
    check(plan.workload != nullptr, "a load of something");
    if (const auto fits = misfit(plan); !fits) {
        return fits.error();
    }
    return std::unique_ptr<Load>(
        new Load(std::make_shared<Inside>(std::move(executor), cluster, plan)));
}

Load::Load(std::shared_ptr<Inside> inside)
    : m_inside(std::move(inside))
{
}

Load::~Load()
{
    m_inside->abandon();
}

void Load::start(std::function<void(const LoadResult&)> onOver)
{
    m_inside->onBegun = onBegun;
    m_inside->onEnded = onEnded;
    m_inside->start(std::move(onOver));
}

void Load::stop()
{
    m_inside->stop();
}

const LoadResult& Load::result() const
{
    return m_inside->result();
}

} // namespace lightcone::live
