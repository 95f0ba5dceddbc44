#include "views/export/event_formats.h"

#include "engine/query/query.h"
#include "engine/trace/formats/format.h"

#include <fstream>
#include <memory>

namespace lightcone::exporting {
namespace {

namespace formats = trace::formats;

Result<void> writeTo(const formats::Format& format, const trace::TracePtr& trace,
                     const Choice& choice, const std::string& path,
                     const session::Progress& progress)
{
    formats::Excerpt excerpt;
    excerpt.trace = trace.get();
    excerpt.states = choice.states.get();
    excerpt.first = choice.first;
    excerpt.last = choice.last;
    excerpt.watch.report = progress.report;
    excerpt.watch.cancelled = progress.cancelled;
    if (!choice.question.empty()) {
        const auto context = query::Context::of(trace->about(), query::Scope::Events);
        const auto question = query::Query::parse(choice.question, context);
        if (!question) {
            return question.error();
        }
        // Goes through the trace in order, as the question may ask about the past; a format may
        // ask about an event more than once.
        struct Judged
        {
            query::EventFilter filter;
            std::vector<bool> answers;
        };
        auto judged = std::make_shared<Judged>(Judged{query::EventFilter(*question, trace), {}});
        excerpt.where = [judged](EventId id, const trace::Event&) {
            while (judged->answers.size() < id.value) {
                judged->answers.push_back(judged->filter.next());
            }
            return static_cast<bool>(judged->answers[id.value - 1]);
        };
    }
    std::ofstream out(path, std::ios::binary);
    if (!out) {
        return fail(path + " cannot be written.");
    }
    auto done = format.write(excerpt, out);
    out.close();
    if (done && !out) {
        return fail(path + " could not be written whole: is the disk full?");
    }
    return done;
}

} // namespace

std::vector<Format> eventFormats()
{
    std::vector<Format> list;
    for (const auto& format : formats::formats()) {
        Format entry;
        entry.title =
            QString::fromUtf8(format.name.data(), static_cast<qsizetype>(format.name.size()));
        entry.ending = QString::fromUtf8(format.extension.data(),
                                         static_cast<qsizetype>(format.extension.size()));
        entry.text =
            QString::fromUtf8(format.text.data(), static_cast<qsizetype>(format.text.size()));
        entry.write = [&format](const trace::TracePtr& trace, const Choice& choice,
                                const std::string& path, const session::Progress& progress) {
            return writeTo(format, trace, choice, path, progress);
        };
        list.push_back(std::move(entry));
    }
    return list;
}

} // namespace lightcone::exporting
