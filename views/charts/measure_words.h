#pragma once

#include "engine/measure/comparison.h"

#include <QCoreApplication>
#include <QString>

namespace lightcone::charts {

/// How the numbers of a run, and what differs between two, are said to a person.
class MeasureWords
{
    Q_DECLARE_TR_FUNCTIONS(lightcone::charts::MeasureWords)

public:
    static QString name(const measure::Reading& reading);
    static QString value(measure::Unit unit, const std::optional<double>& value);

    /// By how much the right one differs: "+12", "÷ 21"; empty where one of them has no number.
    static QString difference(const measure::ComparedRow& row);

    /// Whether the right one is the better one: 1, the worse one: -1, or neither: 0.
    static int judge(const measure::ComparedRow& row);
};

} // namespace lightcone::charts
