#pragma once

#include "engine/describe/facet.h"
#include "engine/picture/words.h"
#include "engine/trace/state.h"
#include "engine/trace/trace.h"

#include <QCoreApplication>
#include <QString>

namespace lightcone::run {

/// How events, states and messages are said to a person, in the language of the window. What a
/// protocol says of itself stays as it says it.
class Wording
{
    Q_DECLARE_TR_FUNCTIONS(lightcone::run::Wording)

public:
    /// What pictures say, apart from names.
    static void translate(picture::Words& words);

    /// What the engine says it is doing, in the window's language.
    static QString doing(const std::string& doing);

    static QString kind(trace::Kind kind);
    static QString life(trace::Life life);
    static QString reason(trace::DropReason reason);

    /// What the event carries, in a few words: "RequestVote 3", "put x=7", a note's text.
    static QString content(const trace::About& about, const trace::Event& event);

    /// A whole sentence: "n4 becomes leader of term 3", "n1 → n3: AppendEntries".
    static QString sentence(const trace::Trace& trace, EventId id);

    /// Why a step came about: "Vote{term 3, granted} from n5", "the election timer ran out".
    static QString because(const trace::Trace& trace, EventId step);

    /// The newest note, narration or violation at or before an event, looking back a bounded way;
    /// none when there is none near.
    static EventId newestTold(const trace::Trace& trace, EventId last);

    static QString at(Instant instant) { return QString::fromStdString(toText(instant)); }
    static QString time(Duration time) { return QString::fromStdString(toText(time)); }

    /// 1284 as "1,284", in the language of the window.
    static QString count(std::uint64_t number);

    /// How the message feels: its type's tone.
    static describe::Tone toneOf(const node::PayloadPtr& payload);

    /// The step that an event belongs to: itself, or the one that caused it on its node; none for
    /// what no step did.
    static EventId stepOf(const trace::Trace& trace, EventId id);
};

/// The text of a node::Text payload: a note, a narration, an act; empty for others.
std::string textOf(const trace::Event& event);

} // namespace lightcone::run
