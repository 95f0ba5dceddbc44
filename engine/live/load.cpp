#include "engine/live/load.h"

#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/describe/naming.h"
#include "engine/kv/operation.h"
#include "engine/live/clocks.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace lightcone::live {

double LoadResult::perSecond() const
{
    const auto seconds = std::chrono::duration<double>(took).count();
    return seconds > 0 ? static_cast<double>(done) / seconds : 0;
}

namespace {

/// Makes a protocol's requests out of deeds. A record's fields are set by name, so that any
/// protocol with such requests will do.
class Requests
{
public:
    static Result<Requests> of(const node::Protocol& protocol)
    {
        Requests requests;
        requests.m_protocol = &protocol;
        const auto& shape = protocol.card().request;
        for (std::size_t i = 0; i < deeds; ++i) {
            const std::string wanted = describe::nameOf(static_cast<Deed>(i));
            for (std::size_t at = 0; at < shape->fields.size(); ++at) {
                if (describe::enumeratorName(shape->fields[at].name)
                    == describe::enumeratorName(wanted)) {
                    requests.m_alternatives[i] = at;
                }
            }
        }
        return requests;
    }

    [[nodiscard]] bool knows(Deed deed) const
    {
        return m_alternatives[static_cast<std::size_t>(deed)].has_value();
    }

    [[nodiscard]] Result<node::PayloadPtr> make(const LoadOperation& operation) const
    {
        switch (operation.deed) {
        case Deed::Put:
            return request(operation.deed, kv::Put{operation.key, operation.value});
        case Deed::Get:
            return request(operation.deed, kv::Get{operation.key});
        case Deed::Delete:
            return request(operation.deed, kv::Delete{operation.key});
        case Deed::Cas:
            return request(operation.deed,
                           kv::Cas{operation.key, operation.expected, operation.value});
        }
        return fail("no such deed");
    }

private:
    template <class T>
    Result<node::PayloadPtr> request(Deed deed, const T& what) const
    {
        const auto& shape = m_protocol->card().request;
        const auto place = *m_alternatives[static_cast<std::size_t>(deed)];
        if (shape->fields[place].shape == describe::shapeOf<T>()) {
            // The very type: its bytes are the alternative's, and quicker to make.
            m_bytes.clear();
            ByteWriter writer(m_bytes);
            writer.varint(place);
            describe::encode(what, writer);
            return m_protocol->payload(node::PayloadRole::Request, BytesView(m_bytes));
        }
        return m_protocol->payload(
            node::PayloadRole::Request,
            describe::Value::alternative(shape, place, describe::toValue(what)));
    }

    const node::Protocol* m_protocol = nullptr;
    mutable Bytes m_bytes; ///< kept for its room
    std::array<std::optional<std::size_t>, deeds> m_alternatives;
};

Result<void> misfit(const LoadPlan& plan, const Requests& requests, const std::string& protocol)
{
    if (plan.clients == 0) {
        return fail("expected at least one client");
    }
    if (plan.keys == 0) {
        return fail("expected at least one key");
    }
    if (plan.lasts == Duration::zero() && plan.operations == 0) {
        return fail("expected a duration or a number of operations");
    }
    if (!(plan.rate >= 0) || !(plan.skew >= 0)) {
        return fail("expected a rate and a skew that are not negative");
    }
    std::uint64_t shares = 0;
    for (std::size_t i = 0; i < deeds; ++i) {
        shares += plan.mix[i];
        const auto deed = static_cast<Deed>(i);
        if (plan.mix[i] != 0 && !requests.knows(deed)) {
            return fail(fmt::format("{} has no request '{}'", protocol,
                                    describe::enumeratorName(describe::nameOf(deed))));
        }
    }
    if (shares == 0) {
        return fail("expected a mix with at least one operation in it");
    }
    return {};
}

} // namespace

class Load::Inside final : public std::enable_shared_from_this<Inside>
{
public:
    Inside(boost::asio::any_io_executor executor, ClusterClient& cluster, const LoadPlan& plan,
           Requests requests)
        : m_cluster(&cluster)
        , m_plan(plan)
        , m_requests(std::move(requests))
        , m_dice(plan.seed)
        , m_zipf(plan.keys, plan.skew)
        , m_pace(executor)
        , m_end(executor)
    {
        for (const auto share : plan.mix) {
            m_shares += share;
        }
        for (std::uint32_t i = 0; i < plan.clients; ++i) {
            m_clients.push_back({cluster.addClient(), 0});
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
        if (m_plan.rate > 0) {
            m_next = m_begun;
            beginDue();
        } else {
            for (std::uint32_t client = 0; client < m_plan.clients; ++client) {
                ask(client, steadyNow());
            }
        }
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
    };

    // An open loop.

    void beginDue()
    {
        const auto now = steadyNow();
        while (!m_stopping && m_next <= now) {
            ask(leastBusy(), m_next);
            const auto gap = Duration(static_cast<Duration::rep>(std::max(1.0, 1e9 / m_plan.rate)));
            m_next += m_plan.poisson ? m_dice.exponential(gap) : gap;
        }
        if (m_stopping) {
            return;
        }
        m_pace.expires_after(std::max(m_next - steadyNow(), Duration::zero()));
        m_pace.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
            if (const auto inside = self.lock(); inside && !error) {
                inside->beginDue();
            }
        });
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

    // One operation.

    void ask(std::uint32_t client, Instant meant)
    {
        if (m_plan.operations != 0 && m_asked == m_plan.operations) {
            stop();
            return;
        }
        auto operation = draw(client);
        operation.number = ++m_asked;
        operation.begun = meant;
        const auto body = m_requests.make(operation);
        check(body.has_value(), "a request that was checked before");
        ++m_open;
        ++m_clients[client].open;
        if (onBegun) {
            onBegun(operation);
        }
        m_cluster->submit(m_clients[client].place, *body,
                          [self = weak_from_this(),
                           operation = std::move(operation)](const Answered& answered) mutable {
                              if (const auto inside = self.lock(); inside && !inside->m_abandoned) {
                                  operation.answered = answered;
                                  inside->ended(operation);
                              }
                          });
    }

    LoadOperation draw(std::uint32_t client)
    {
        LoadOperation operation;
        operation.client = client;
        auto share = m_dice.below(m_shares);
        std::size_t deed = 0;
        while (share >= m_plan.mix[deed]) {
            share -= m_plan.mix[deed++];
        }
        operation.deed = static_cast<Deed>(deed);
        const auto key =
            m_plan.choice == Choice::Zipf ? m_zipf.next(m_dice) : m_dice.below(m_plan.keys);
        operation.key = m_plan.keyPrefix + std::to_string(key);
        if (operation.deed == Deed::Put || operation.deed == Deed::Cas) {
            operation.value = nextValue();
        }
        if (operation.deed == Deed::Cas) {
            operation.expected = guess(key);
        }
        return operation;
    }

    /// Each once, so that who reads one knows which write it saw.
    std::string nextValue()
    {
        auto value = std::to_string(++m_values);
        if (value.size() < m_plan.valueBytes) {
            value.insert(0, m_plan.valueBytes - value.size(), 'v');
        }
        return value;
    }

    /// What some client last wrote or read there, as far as is remembered: often right, not always.
    std::optional<std::string> guess(std::uint64_t key)
    {
        const auto known = m_known.find(key % mostKnown);
        return known == m_known.end() || known->second.first != key
            ? std::nullopt
            : std::optional(known->second.second);
    }

    void remember(const LoadOperation& operation)
    {
        if (m_plan.mix[static_cast<std::size_t>(Deed::Cas)] == 0) {
            return;
        }
        const auto reply = operation.answered.body->describe();
        const auto result = describe::fromValue<kv::Result>(reply.held());
        const auto key = std::stoull(operation.key.substr(m_plan.keyPrefix.size()));
        auto value = operation.deed == Deed::Put ? std::optional(operation.value) : std::nullopt;
        if (result && result->value) {
            value = result->value;
        }
        if (value) {
            m_known[key % mostKnown] = {key, *value};
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
        const bool done = operation.answered.answer == node::Answer::Done;
        if (done) {
            remember(operation);
        }
        if (operation.begun >= m_measured) {
            count(operation, done);
        }
        if (!m_stopping && m_plan.rate == 0) {
            ask(operation.client, steadyNow());
        }
        finishIfOver();
    }

    void count(const LoadOperation& operation, bool done)
    {
        if (done) {
            auto& kind = m_result.kinds[static_cast<std::size_t>(operation.deed)];
            const auto took = operation.ended - operation.begun;
            ++kind.done;
            kind.latency.record(took);
            m_result.latency.record(took);
            ++m_result.done;
            m_result.longestGap = std::max(m_result.longestGap, operation.ended - m_lastDone);
            m_lastDone = operation.ended;
        } else if (operation.answered.answer == node::Answer::Unknown) {
            ++m_result.unknown;
        } else {
            ++m_result.refused;
            if (const auto* why = node::payloadIf<node::Refusal>(operation.answered.body.get());
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

    static constexpr std::uint64_t mostKnown = 4096;

    ClusterClient* m_cluster;
    LoadPlan m_plan;
    Requests m_requests;
    Dice m_dice;
    Zipf m_zipf;
    boost::asio::steady_timer m_pace;
    boost::asio::steady_timer m_end;
    std::function<void(const LoadResult&)> m_onOver;
    std::vector<One> m_clients;
    std::map<std::uint64_t, std::pair<std::uint64_t, std::string>> m_known;
    LoadResult m_result;
    Instant m_begun{};
    Instant m_measured{};
    Instant m_lastDone{};
    Instant m_stoppedAt{};
    Instant m_next{};
    std::uint64_t m_shares = 0;
    std::uint64_t m_values = 0;
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
    auto requests = Requests::of(cluster.protocol());
    if (!requests) {
        return requests.error();
    }
    if (const auto fits = misfit(plan, *requests, cluster.protocol().card().id); !fits) {
        return fits.error();
    }
    return std::unique_ptr<Load>(new Load(
        std::make_shared<Inside>(std::move(executor), cluster, plan, std::move(*requests))));
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
