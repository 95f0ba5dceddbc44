#pragma once

#include "views/charts/surveyor.h"

#include <QAbstractTableModel>
#include <QVariant>

#include <vector>

namespace lightcone::charts {

/// The numbers of a chart as a table: instants down, lines across. Of two runs the lines of the
/// right one come after those of the left.
class PlotModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    /// Right may be nullptr.
    void show(const Topic& topic, const SurveyPtr& left, const SurveyPtr& right);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;

    /// Of Qt::DisplayRole a text for a person, of Qt::EditRole the number itself.
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

    /// As RFC 4180 wants it, with a header line that names the units.
    [[nodiscard]] QString csv() const;

private:
    enum class Look : std::uint8_t { Time, Value, Latency, Percent, Word };
    struct Column
    {
        QString title;
        Look look = Look::Value;
        std::vector<QVariant> cells{};
    };

    [[nodiscard]] QString unitOf(int column) const;
    void addLines(const Figure& figure, const Survey& survey, const QString& side);
    void addDistribution(const Figure& figure, const QString& side);
    void addShares(const Figure& figure, const trace::About& about, const QString& side);

    Scale m_scale = Scale::Count;
    std::vector<Column> m_columns;
};

} // namespace lightcone::charts
