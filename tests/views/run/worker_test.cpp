#include "views/run/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

namespace lightcone::run {
namespace {

/// Waits until that holds; false when it never does.
template <class Holds>
bool soon(Holds holds)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

TEST(Worker, CarriesOutTheNewestOfTheOrdersThatWait)
{
    std::promise<void> begun;
    std::promise<void> go;
    std::vector<int> done;
    Worker<int> worker([&, wait = go.get_future().share()](int& order) {
        if (order == 1) {
            begun.set_value();
            wait.wait();
        }
        done.push_back(order);
        return false;
    });
    EXPECT_TRUE(worker.idle());
    worker.order(1);
    begun.get_future().wait();
    EXPECT_FALSE(worker.isStale());
    worker.order(2);
    worker.order(3);
    EXPECT_TRUE(worker.isStale());
    EXPECT_FALSE(worker.idle());
    go.set_value();
    ASSERT_TRUE(soon([&] { return worker.idle(); }));
    EXPECT_EQ(done, (std::vector<int>{1, 3}));
}

TEST(Worker, TakesUpAgainWhatIsLeftUntilANewerOrderComes)
{
    std::atomic<int> rounds = 0;
    std::atomic<bool> second = false;
    Worker<int> worker([&](int& order) {
        if (order < 0) {
            second = true;
            return false;
        }
        ++order; // the same one, as far as it is
        rounds = order;
        return true;
    });
    worker.order(0);
    ASSERT_TRUE(soon([&] { return rounds > 3; }));
    EXPECT_FALSE(worker.idle());
    worker.order(-1);
    ASSERT_TRUE(soon([&] { return worker.idle(); }));
    EXPECT_TRUE(second);
}

TEST(Worker, EndsThoughSomeIsLeft)
{
    std::atomic<int> rounds = 0;
    Worker<int> worker([&](int& /*order*/) {
        ++rounds;
        return true;
    });
    worker.order(1);
    ASSERT_TRUE(soon([&] { return rounds > 0; }));
    // Its end does not wait for ever.
}

} // namespace
} // namespace lightcone::run
