#pragma once

#include "engine/session/open.h"
#include "views/run/run_view.h"

#include <QCoreApplication>
#include <QDeadlineTimer>

#include <gtest/gtest.h>

#include <string>

namespace lightcone::testing_support {

/// Waits, with the window's events going on, until that is so; false when it takes too long.
template <class Done>
bool waitUntil(Done done)
{
    const QDeadlineTimer deadline(20'000);
    while (!done() && !deadline.hasExpired()) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    }
    return done();
}

/// Opens a scenario and performs it to its end, beyond a tenth of a second, with all that is judged
/// of it.
inline void perform(run::RunView& run, const std::string& scenario)
{
    auto opened = session::openScenario(scenario + "\nstop\n");
    ASSERT_TRUE(opened) << opened.error().text();
    run.open(std::move(*opened));
    run.session().play({session::Pace::Kind::Unbounded, 1});
    const Instant well(std::chrono::milliseconds(100));
    const auto stands = [&] { return !run.snapshot().running && run.now() > well; };
    ASSERT_TRUE(waitUntil(stands));
    ASSERT_TRUE(waitUntil([&] { return run.judged(); }));
}

/// A deposed leader of Raft answers a read out of its own memory: not linearizable.
inline const std::string staleRead = R"(
cluster raft nodes=5 seed=9 clients=2 clientTimeout=200ms clientPatience=400ms checkQuorum=false mistake=readsFromDeposedLeader
run 10ms
fire n1 election
until all(leader == n1) within 500ms
request put x 1 from c1
until replied within 1s
isolate n1
until any(role == leader and term > 1) within 1s
request put x 2 from c2 to (role == leader and term > 1)
until kind == reply and node == c2 and answer == done within 1s
request get x from c1 to n1
until replied within 1s
)";

} // namespace lightcone::testing_support
