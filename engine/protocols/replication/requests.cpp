#include "engine/protocols/replication/replication.h"

#include <utility>

// What clients ask.
namespace lightcone::protocols::replication {
namespace {

constexpr auto quorumOnly = "only strategy=quorum keeps versions: expected put, get, delete or cas";

/// A write that replaces what it was told, or, told nothing, what R nodes have.
Coordination writing(RequestId id, std::string key, std::optional<std::string> value,
                     std::optional<Clock> context)
{
    Coordination operation;
    operation.request = id;
    operation.key = std::move(key);
    operation.isRead = false;
    operation.value = std::move(value);
    operation.looksFirst = !context;
    operation.context = context.value_or(Clock{});
    return operation;
}

} // namespace

void Replication::write(const Moment& moment, RequestId id, Command command, Out& out)
{
    if (front() != self() || !isMember(self())) {
        out.redirect(id, front());
    } else if (!mayServe(moment)) {
        out.redirect(id, NodeId{});
    } else {
        accept(moment, id, std::move(command), out);
    }
}

void Replication::request(const Moment& moment, RequestId id, const kv::Put& put, Out& out)
{
    if (isQuorum()) {
        coordinate(moment, writing(id, put.key, put.value, std::nullopt), out);
    } else {
        write(moment, id, put, out);
    }
}

void Replication::request(const Moment& moment, RequestId id, const kv::Get& get, Out& out)
{
    if (isQuorum()) {
        Coordination operation;
        operation.request = id;
        operation.key = get.key;
        coordinate(moment, std::move(operation), out);
    } else {
        read(moment, id, get.key, nullptr, out);
    }
}

void Replication::request(const Moment& moment, RequestId id, const kv::Delete& removal, Out& out)
{
    if (isQuorum()) {
        coordinate(moment, writing(id, removal.key, std::nullopt, std::nullopt), out);
    } else {
        write(moment, id, removal, out);
    }
}

void Replication::request(const Moment& moment, RequestId id, const kv::Cas& swap, Out& out)
{
    if (isQuorum()) {
        out.refuse(id, "a quorum store has nobody who could compare and swap alone");
    } else {
        write(moment, id, swap, out);
    }
}

void Replication::request(const Moment& moment, RequestId id, const GetAfter& get, Out& out)
{
    if (isQuorum()) {
        request(moment, id, kv::Get{get.key}, out);
    } else {
        read(moment, id, get.key, &get, out);
    }
}

void Replication::request(const Moment& moment, RequestId id, const PutOver& put, Out& out)
{
    if (isQuorum()) {
        coordinate(moment, writing(id, put.key, put.value, put.context), out);
    } else {
        out.refuse(id, quorumOnly);
    }
}

void Replication::request(const Moment& moment, RequestId id, const DeleteOver& removal, Out& out)
{
    if (isQuorum()) {
        coordinate(moment, writing(id, removal.key, std::nullopt, removal.context), out);
    } else {
        out.refuse(id, quorumOnly);
    }
}

} // namespace lightcone::protocols::replication
