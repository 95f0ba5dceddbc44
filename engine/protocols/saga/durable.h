#pragma once

#include "engine/protocols/saga/messages.h"

#include <boost/describe/class.hpp>

namespace lightcone::protocols::saga {

/// What a service keeps: its numbers, what it remembers of steps, and what it still has to tell. A
/// disk and a node change it by the same rules.
struct Shelf
{
    Data& data;
    Records& records;
    std::vector<Entry>& entries; ///< by saga and step
    std::vector<Post>& outbox; ///< by number
    std::uint64_t& transactions;

    void commit(const Commit& write) const;

    /// What the saga has changed stays.
    void settle(SagaId saga) const;

    void release(const Entry& undone) const;
    void post(const Posts& write) const;

    /// Forgets what is over everywhere: sagas of one of `origins` origins below a number.
    void prune(std::uint32_t origin, std::uint32_t origins, SagaId below) const;
};

/// nullptr where there is none.
const Entry* findEntry(const std::vector<Entry>& entries, SagaId saga, std::uint32_t step);
const Run* findRun(const std::vector<Run>& runs, SagaId saga);
Run* findRun(std::vector<Run>& runs, SagaId saga);

// How a saga's log changes what is known of it, in memory and on disk.
void perform(Run& run, const StepLogged& write);
void perform(Run& run, const SagaTurns& write);
void perform(Run& run, const SagaParks& write);
void perform(Run& run, const SagaResumes& write);
void perform(Run& run, const SagaEnds& write);
void perform(Run& run, const SagaSettled& write);

/// Adds a saga. Those of the same client that are over need not be answered any more, and are
/// forgotten.
void addRun(std::vector<Run>& runs, const Run& run);

/// What survives a crash: the saga log (Garcia-Molina and Salem 1987, §4), the services' numbers
/// and what makes their steps idempotent.
struct Durable
{
    SagaId newest = 0;
    std::vector<Run> runs{};
    Data data{}; ///< numbers that have changed since the beginning
    Records records{};
    std::vector<Entry> entries{};
    std::vector<Post> outbox{};
    std::uint64_t posts = 0; ///< the number of the newest
    std::uint64_t transactions = 0; ///< local ones so far
    std::vector<SagaId> below{}; ///< by origin: what is over everywhere

    void apply(const Write& write);
};
BOOST_DESCRIBE_STRUCT(Durable, (),
                      (newest, runs, data, records, entries, outbox, posts, transactions, below))
constexpr auto facets(Tag<Durable>)
{
    return std::array{FieldFacet{"newest", Facet::Epoch}, FieldFacet{"records", Facet::Detail},
                      FieldFacet{"entries", Facet::Detail}, FieldFacet{"below", Facet::Detail}};
}

} // namespace lightcone::protocols::saga
