#pragma once

#include "engine/describe/text.h"
#include "engine/describe/value.h"
#include "engine/live/client.h"
#include "engine/node/catalog.h"
#include "tests/app/node/real_cluster.h"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Real processes and clients of theirs who do not give up while processes are killed.
namespace lightcone::test {

/// A client that the cluster has let in, which may be refused while nodes start; nullptr where it
/// is not.
inline std::unique_ptr<live::ClusterClient> letIn(boost::asio::io_context& io,
                                                  const live::ClientPlan& plan)
{
    std::unique_ptr<live::ClusterClient> client;
    const auto opened = std::make_shared<std::optional<bool>>();
    const bool isIn = live::testing::runUntil(io, [&] {
        if (!client) {
            opened->reset();
            client = std::make_unique<live::ClusterClient>(io.get_executor(), plan);
            client->open([opened](const Result<void>& result) { *opened = result.has_value(); });
        }
        if (*opened == false) {
            client.reset();
        }
        return opened->value_or(false);
    });
    return isIn ? std::move(client) : nullptr;
}

class AskedCluster
{
public:
    explicit AskedCluster(std::uint32_t count, const std::string& sizes)
        : cluster(count, "--no-tls", sizes)
    {
        cluster.startAll();
    }

    /// Whether the cluster lets clients in.
    bool open()
    {
        live::ClientPlan plan;
        plan.addresses = cluster.addresses;
        plan.findProtocol = [](std::string_view id) { return node::findProtocol(id); };
        plan.settings.patience = std::chrono::seconds(60); // so that all are answered
        plan.settings.timeout = std::chrono::milliseconds(400);
        plan.settings.mostBackOff = std::chrono::milliseconds(40);
        client = letIn(io, plan);
        return client != nullptr;
    }

    [[nodiscard]] node::PayloadPtr request(const std::string& text) const
    {
        const auto& protocol = client->protocol();
        const auto value = describe::parse(protocol.card().request, text);
        return protocol.payload(node::PayloadRole::Request, *value).value();
    }

    /// What it answers; nothing when it does not, or says no.
    std::optional<describe::Value> answerTo(const std::string& text)
    {
        const auto answer = std::make_shared<std::optional<live::Answered>>();
        client->submit(client->addClient(), request(text),
                       [answer](const live::Answered& answered) { *answer = answered; });
        const bool came = live::testing::runUntil(
            io, [&] { return answer->has_value(); }, std::chrono::seconds(60));
        return came && (*answer)->answer == node::Answer::Done
            ? std::optional((*answer)->body->describe())
            : std::nullopt;
    }

    boost::asio::io_context io;
    RealCluster cluster;
    std::unique_ptr<live::ClusterClient> client;
};

} // namespace lightcone::test
