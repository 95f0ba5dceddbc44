#pragma once

#include "engine/measure/comparison.h"
#include "views/theme/theme.h"

#include <QAbstractTableModel>
#include <QString>

#include <vector>

namespace lightcone::window {

/// What differs between two runs: a row a number, and the first event that is another. What is
/// alike is left out.
class DifferencesModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    struct Row
    {
        QString name;
        QString left;
        QString right;
        QString difference;
        int better = 0; ///< the right one: 1, the worse one: -1
    };

    explicit DifferencesModel(const theme::Theme& theme, QObject* parent = nullptr);

    void setTitles(const QString& left, const QString& right);

    /// The numbers, then rows of other kinds below them.
    void show(const std::vector<measure::ComparedRow>& numbers, std::vector<Row> others);

    [[nodiscard]] const std::vector<Row>& rows() const { return m_rows; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    const theme::Theme& m_theme;
    std::array<QString, 2> m_titles;
    std::vector<Row> m_rows;
};

} // namespace lightcone::window
