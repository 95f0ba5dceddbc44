// What it costs to make batches of records durable: through the log of engine/live and, where
// RocksDB is installed, through its write-ahead log, in the same directory of the same run. The
// directory is made where the program is started, or in LIGHTCONE_BENCH_DIR: it should be on the
// disk that nodes use.
//
//     bench_storage --benchmark_counters_tabular=true

#include "engine/live/storage.h"
#include "tests/engine/live/notebook.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#if defined(LIGHTCONE_HAS_ROCKSDB)
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#endif

#include <stdlib.h>

namespace lightcone {
namespace {

constexpr std::size_t recordBytes = 200;

/// Gone with the benchmark.
class Directory
{
public:
    Directory()
    {
        const auto* wanted = std::getenv("LIGHTCONE_BENCH_DIR");
        std::string pattern =
            std::string(wanted != nullptr ? wanted : ".") + "/storage_bench_XXXXXX";
        const auto* made = ::mkdtemp(pattern.data());
        if (made == nullptr) {
            std::cerr << "cannot make a directory like " << pattern << '\n';
            std::exit(2);
        }
        m_path = made;
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    std::string m_path;
};

/// How long each commit took.
class Latencies
{
public:
    template <class Commit>
    void measure(const Commit& commit)
    {
        const auto begin = std::chrono::steady_clock::now();
        commit();
        m_all.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
                .count());
    }

    void report(benchmark::State& state, std::size_t batch)
    {
        std::sort(m_all.begin(), m_all.end());
        state.counters["p50_us"] = m_all[m_all.size() / 2];
        state.counters["p99_us"] = m_all[m_all.size() * 99 / 100];
        state.counters["records"] = benchmark::Counter(static_cast<double>(m_all.size() * batch),
                                                       benchmark::Counter::kIsRate);
    }

private:
    std::vector<double> m_all;
};

void ownLog(benchmark::State& state)
{
    const Directory directory;
    live::StorageLimits limits;
    limits.firstSegmentBytes = std::uint64_t{64} << 20;
    limits.segmentBytes = limits.firstSegmentBytes;
    auto storage = live::Storage::open(directory.path() + "/node", test::notebook(),
                                       {"bench", NodeId(1)}, limits);
    const auto batch = static_cast<std::size_t>(state.range(0));
    const std::vector<node::PayloadPtr> records(batch, test::line(std::string(recordBytes, 'x')));
    Latencies latencies;
    for ([[maybe_unused]] const auto& _ : state) {
        latencies.measure([&] {
            if (!(*storage)->commit(records)) {
                state.SkipWithError("a commit failed");
            }
        });
    }
    latencies.report(state, batch);
}

#if defined(LIGHTCONE_HAS_ROCKSDB)

/// As its users are told to set it up for durable writes: its log's files are used again, so that
/// it too saves the metadata.
void rocksdbLog(benchmark::State& state)
{
    const Directory directory;
    rocksdb::Options options;
    options.create_if_missing = true;
    options.recycle_log_file_num = 4;
    options.write_buffer_size = std::size_t{64} << 20;
    rocksdb::DB* opened = nullptr;
    if (!rocksdb::DB::Open(options, directory.path() + "/rocksdb", &opened).ok()) {
        state.SkipWithError("RocksDB does not open");
        return;
    }
    const std::unique_ptr<rocksdb::DB> database(opened);
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const auto batch = static_cast<std::size_t>(state.range(0));
    const std::string record(recordBytes, 'x');
    std::uint64_t number = 0;
    Latencies latencies;
    for ([[maybe_unused]] const auto& _ : state) {
        latencies.measure([&] {
            rocksdb::WriteBatch writes;
            for (std::size_t i = 0; i < batch; ++i) {
                ++number;
                std::string key;
                for (int shift = 56; shift >= 0; shift -= 8) {
                    key.push_back(static_cast<char>(number >> shift));
                }
                writes.Put(key, record);
            }
            if (!database->Write(durable, &writes).ok()) {
                state.SkipWithError("a write failed");
            }
        });
    }
    latencies.report(state, batch);
}

BENCHMARK(rocksdbLog)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->UseRealTime()->Iterations(600);

#endif

BENCHMARK(ownLog)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->UseRealTime()->Iterations(600);

} // namespace
} // namespace lightcone

BENCHMARK_MAIN();
