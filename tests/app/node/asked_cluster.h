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
        return live::testing::runUntil(io, [&] { return tryToOpen(plan); });
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

private:
    bool tryToOpen(const live::ClientPlan& plan)
    {
        if (!client) {
            m_opened.reset();
            client = std::make_unique<live::ClusterClient>(io.get_executor(), plan);
            client->open([this](const Result<void>& result) { m_opened = result.has_value(); });
        }
        if (m_opened == false) {
            client.reset();
        }
        return m_opened.value_or(false);
    }

    std::optional<bool> m_opened;
};

} // namespace lightcone::test
