#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The verbs of lightcone-cli, a file each. All of them end with one of these statuses.
namespace lightcone::cli {

constexpr int fine = 0;
constexpr int failed = 1; ///< an expectation did not hold, a replay differed, no order is possible
constexpr int wrong = 2; ///< wrong usage or input
constexpr int gaveUp = 3; ///< not judged within the time that was given

using Words = std::vector<std::string>;

struct Verb
{
    std::string_view name;
    std::string_view usage;
    std::string_view summary;
    int (*run)(const Words& arguments);
};

std::span<const Verb> verbs();

int protocols(const Words& arguments);
int scenarios(const Words& arguments);
int run(const Words& arguments);
int sweep(const Words& arguments);
int show(const Words& arguments);
int state(const Words& arguments);
int replay(const Words& arguments);
int exportTrace(const Words& arguments);
int stats(const Words& arguments);
int compare(const Words& arguments);
int checkHistory(const Words& arguments);
int request(const Words& arguments);
int loadCluster(const Words& arguments);

} // namespace lightcone::cli
