#include "engine/session/connect.h"

#include "engine/describe/described.h"
#include "engine/live/clocks.h"
#include "engine/live/cluster_file.h"
#include "engine/live/explorer.h"
#include "engine/node/catalog.h"
#include "engine/session/live_session.h"
#include "engine/session/nearest.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <deque>
#include <utility>

namespace lightcone::session {

namespace {

using std::chrono::milliseconds;

/// What one node says of its cluster.
struct Found
{
    live::Welcome welcome;
    live::Terms terms;
};

/// Asks one address who is there.
class Scout final : public live::Watcher
{
public:
    Scout(std::string address, std::optional<Found>& found)
        : m_address(std::move(address))
        , m_found(&found)
    {
    }

    Result<live::Wish> onOpened(const live::Welcome& welcome) override
    {
        m_welcome = welcome;
        return live::Wish(live::Inspect{1, live::Topic::Configuration});
    }

    Result<void> onWord(live::Word& word) override
    {
        if (auto* terms = std::get_if<live::Terms>(&word); terms != nullptr && !*m_found) {
            m_found->emplace(Found{m_welcome, std::move(*terms)});
        }
        return {};
    }

    void onClosed(const std::string& why) override { m_why = why; }
    void onFailed(const std::string& why, bool absent, bool /*rejected*/) override
    {
        m_why = why;
        m_unwanted = !absent;
    }

    /// Somebody is there, and we do not come together: waiting changes nothing.
    [[nodiscard]] bool unwanted() const { return m_unwanted; }

    [[nodiscard]] std::string why() const
    {
        return m_address + ": " + (m_why.empty() ? "it does not answer" : m_why);
    }

private:
    std::string m_address;
    std::string m_why;
    bool m_unwanted = false;
    live::Welcome m_welcome;
    std::optional<Found>* m_found;
};

Result<Found> findCluster(const ConnectPlan& plan, const live::TlsPtr& tls,
                          const Progress& progress)
{
    boost::asio::io_context io(1);
    std::optional<Found> found;
    std::deque<Scout> scouts;
    std::deque<live::Explorer> explorers;
    for (const auto& text : plan.addresses) {
        auto address = live::parseAddress(text);
        if (!address) {
            return address.error();
        }
        auto& scout = scouts.emplace_back(text, found);
        live::Explorer::Plan explorer;
        explorer.address = std::move(*address);
        explorer.tls = tls;
        explorer.hello = live::explorersHello(plan.software, plan.cluster, plan.token);
        explorers.emplace_back(io.get_executor(), std::move(explorer), scout).start();
    }
    if (scouts.empty()) {
        return fail("expected the address of at least one control port");
    }
    constexpr Duration slice = milliseconds(20);
    const auto hopeless = [&] { return std::ranges::all_of(scouts, &Scout::unwanted); };
    for (Duration waited{}; !found && !hopeless() && waited < plan.patience; waited += slice) {
        if (progress.cancelled()) {
            return fail("cancelled");
        }
        progress.report(static_cast<double>(waited.count())
                        / static_cast<double>(plan.patience.count()));
        io.run_for(slice);
    }
    for (auto& each : explorers) {
        each.stop();
    }
    io.run_for(milliseconds(50)); // to say goodbye
    if (found) {
        return std::move(*found);
    }
    std::string why = "no node could be reached";
    for (const auto& scout : scouts) {
        why += "; " + scout.why();
    }
    return fail(why);
}

/// The cluster line of a scenario with these parameters, as far as they differ from the defaults.
Scenario scenarioOf(const node::Card& card, const describe::Value& parameters)
{
    Scenario scenario;
    scenario.cluster.protocol = card.id;
    for (const auto& parameter : card.parameters) {
        const auto* value = parameters.find(parameter.name);
        if (value == nullptr || *value == parameter.byDefault) {
            continue;
        }
        scenario.cluster.settings.push_back({parameter.name,
                                             value->kind() == describe::ShapeKind::Text
                                                 ? value->asText()
                                                 : describe::toText(*value)});
    }
    return scenario;
}

Result<PlanPtr> planOf(const Found& found)
{
    const auto* protocol = node::findProtocol(found.welcome.protocol);
    if (protocol == nullptr) {
        return fail("its nodes run '" + found.welcome.protocol
                    + "', which this build does not know");
    }
    const auto& card = protocol->card();
    if (found.welcome.shapes != live::shapesOf(card)) {
        return fail("its nodes run another build of " + card.id + " (" + found.welcome.software
                    + "), whose steps this one cannot repeat");
    }
    describe::Value::List values;
    auto shape = std::make_shared<describe::Shape>();
    shape->kind = describe::ShapeKind::Record;
    shape->name = "Parameters";
    for (const auto& parameter : card.parameters) {
        shape->fields.push_back({parameter.name, parameter.byDefault.shape()});
        values.push_back(parameter.byDefault);
    }
    const auto defaults = protocol->setup(describe::Value::list(shape, std::move(values)));
    if (!defaults) {
        return defaults.error();
    }
    const auto parameters =
        describe::decodeValue((*defaults)->parameters.shape(), found.terms.parameters);
    if (!parameters) {
        return fail("its parameters cannot be read: " + parameters.error().message);
    }
    auto plan = prepare(scenarioOf(card, *parameters));
    if (!plan) {
        return plan;
    }
    auto live = std::make_shared<Plan>(**plan);
    live->about.origin = "live";
    live->about.scenario.clear();
    live->about.clients.clear();
    return PlanPtr(std::move(live));
}

} // namespace

Result<ConnectPlan> readConnectPlan(const std::string& path)
{
    auto file = live::readClusterFile(path);
    if (!file) {
        return file.error();
    }
    ConnectPlan plan;
    for (const auto& member : file->members) {
        plan.addresses.push_back(member.control);
    }
    plan.cluster = file->cluster;
    plan.authority = file->tls.authority;
    plan.certificate = file->tls.certificate;
    plan.key = file->tls.key;
    plan.token = file->token;
    return plan;
}

std::string wrongAddress(std::string_view address)
{
    const auto read = live::parseAddress(address);
    return read ? std::string() : read.error().message;
}

Result<std::uint16_t> freePorts(int count)
{
    using boost::asio::ip::tcp;
    constexpr int tries = 200;
    constexpr int controlAbove = 100;
    boost::asio::io_context io;
    Dice dice(static_cast<std::uint64_t>(live::wallNow()));
    for (int i = 0; i < tries; ++i) {
        const auto base =
            static_cast<int>(dice.between(std::int64_t{20'000}, std::int64_t{31'000}));
        bool free = count <= controlAbove;
        for (int port = 0; port < count && free; ++port) {
            for (const auto each : {base + port, base + controlAbove + port}) {
                tcp::acceptor acceptor(io);
                boost::system::error_code error;
                const tcp::endpoint here(boost::asio::ip::address_v4::loopback(),
                                         static_cast<std::uint16_t>(each));
                acceptor.open(here.protocol(), error);
                acceptor.set_option(tcp::acceptor::reuse_address(true), error);
                acceptor.bind(here, error);
                free = free && !error;
            }
        }
        if (free) {
            return static_cast<std::uint16_t>(base);
        }
    }
    return fail("this machine has no " + std::to_string(2 * count)
                + " free ports beside each other");
}

Result<std::unique_ptr<Session>> connect(const ConnectPlan& plan, const Progress& progress)
{
    WatchedCluster cluster;
    if (!plan.authority.empty()) {
        auto tls = live::openTls({plan.authority, plan.certificate, plan.key});
        if (!tls) {
            return tls.error();
        }
        cluster.tls = std::move(*tls);
    }
    const auto found = findCluster(plan, cluster.tls, progress);
    if (!found) {
        return found.error();
    }
    auto made = planOf(*found);
    if (!made) {
        return made.error();
    }
    cluster.plan = std::move(*made);
    cluster.name = found->welcome.cluster;
    cluster.members = found->welcome.members;
    for (const auto& member : cluster.plan->setup->members) {
        if (std::ranges::find(cluster.members, member.id, &live::MemberAddress::id)
            == cluster.members.end()) {
            return fail("the node that answered does not know where " + member.name + " is");
        }
    }
    cluster.token = plan.token;
    cluster.fromOldest = plan.fromOldest;
    cluster.keeper = plan.keeper;
    cluster.software = plan.software;
    return std::unique_ptr<Session>(std::make_unique<LiveSession>(std::move(cluster)));
}

} // namespace lightcone::session
