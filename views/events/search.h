#pragma once

#include "engine/core/error.h"
#include "engine/query/query.h"
#include "engine/trace/trace.h"

#include <QObject>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace lightcone::events {

/// Puts a question to every event of a trace on a thread of its own, in chunks, and goes on as the
/// trace grows. What it found is fetched by the window when it likes.
class Search final : public QObject
{
    Q_OBJECT

public:
    explicit Search(QObject* parent = nullptr);
    ~Search() override;

    /// Begins anew. `events` of the trace may be read.
    void start(const query::Query& question, const trace::TracePtr& trace, std::uint64_t events);

    /// So many events may be read now.
    void grow(std::uint64_t events);

    /// Forgets the question.
    void stop();

    /// Appends what was found since the last call to `found`; gives how many events were judged.
    std::uint64_t take(std::vector<std::uint64_t>& found);

    /// How many events are to be judged.
    [[nodiscard]] std::uint64_t wanted() const;
    [[nodiscard]] bool isRunning() const { return m_thread.joinable(); }

signals:
    /// There is more to take, or the search caught up with the trace.
    void progressed();

private:
    void work(query::Query question, trace::TracePtr trace);

    std::thread m_thread;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::vector<std::uint64_t> m_found;
    std::uint64_t m_wanted = 0;
    std::uint64_t m_judged = 0;
    bool m_stop = false;
    bool m_told = false; ///< progressed() is on its way
};

} // namespace lightcone::events
