#pragma once

#include "engine/measure/comparison.h"
#include "engine/measure/gauges.h"
#include "engine/measure/plot.h"

#include <QCoreApplication>
#include <QMetaType>
#include <QString>

#include <vector>

namespace lightcone::charts {

/// What a panel is about: one of the engine's charts, how latencies are distributed, what part fell
/// on each node, or a number in the nodes' states.
struct Topic
{
    enum class Kind : std::uint8_t { Plot, Distribution, Share, Gauge };
    Kind kind = Kind::Plot;
    measure::Chart chart = measure::Chart::Latency; ///< of Plot
    measure::Gauge gauge{}; ///< of Gauge

    /// As settings remember it: "latency", "gauge/commitIndex/lag".
    [[nodiscard]] QString key() const;
    friend bool operator==(const Topic&, const Topic&) = default;
};

/// In what a topic's values are counted; parts of a whole from 0 to 1.
enum class Scale : std::uint8_t { Time, PerSecond, BytesPerSecond, Count, Part };

/// How topics and their numbers are said to a person.
class TopicWords
{
    Q_DECLARE_TR_FUNCTIONS(lightcone::charts::TopicWords)

public:
    static QString title(const Topic& topic);

    /// One sentence for a tool tip.
    static QString hint(const Topic& topic);

    /// A line's name: those of the engine in the window's language, a protocol's own as they are.
    static QString line(const Topic& topic, const std::string& name);

    static Scale scale(const Topic& topic);

    /// "12.3 ms", "811 /s": three digits are what a person compares.
    static QString value(Scale scale, double value);

    /// What an axis counts in, and how many of the base unit that is: {"ms", 1e6}.
    struct Unit
    {
        QString name;
        double size = 1;
    };
    static Unit unit(Scale scale, double most);
};

/// All topics that a protocol with such states has.
std::vector<Topic> topicsOf(const describe::ShapePtr& state);

/// Those that are open when nobody has chosen: the operations, the messages, and what the protocol
/// says is a level.
std::vector<Topic> usualTopics(const describe::ShapePtr& state);

} // namespace lightcone::charts
