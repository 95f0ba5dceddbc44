#include "views/window/differences_model.h"

#include "views/charts/measure_words.h"

#include <array>
#include <iterator>

namespace lightcone::window {

using charts::MeasureWords;
using picture::Ink;
using picture::Typeface;
using theme::Type;

DifferencesModel::DifferencesModel(const theme::Theme& theme, QObject* parent)
    : QAbstractTableModel(parent)
    , m_theme(theme)
{
    connect(&theme, &theme::Theme::changed, this, [this] {
        beginResetModel();
        endResetModel();
    });
}

void DifferencesModel::setTitles(const QString& left, const QString& right)
{
    m_titles = {left, right};
    emit headerDataChanged(Qt::Horizontal, 1, 2);
}

void DifferencesModel::show(const std::vector<measure::ComparedRow>& numbers,
                            std::vector<Row> others)
{
    beginResetModel();
    m_rows.clear();
    for (const auto& row : numbers) {
        if (row.left.value == row.right) {
            continue;
        }
        m_rows.push_back({MeasureWords::name(row.left),
                          MeasureWords::value(row.left.unit, row.left.value),
                          MeasureWords::value(row.left.unit, row.right),
                          MeasureWords::difference(row), MeasureWords::judge(row)});
    }
    std::ranges::move(others, std::back_inserter(m_rows));
    endResetModel();
}

int DifferencesModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int DifferencesModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : 4;
}

QVariant DifferencesModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) {
        return {};
    }
    const auto& row = m_rows[static_cast<std::size_t>(index.row())];
    const std::array cells{&row.name, &row.left, &row.right, &row.difference};
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return *cells.at(static_cast<std::size_t>(index.column()));
    case Qt::FontRole:
        return m_theme.font(index.column() == 0 ? Typeface::Ui : Typeface::Data, Type::small);
    case Qt::ForegroundRole:
        return m_theme.colour(index.column() == 0                     ? Ink::Muted
                                  : index.column() < 3 || !row.better ? Ink::Text
                                  : row.better > 0                    ? Ink::Good
                                                                      : Ink::Bad);
    default:
        return {};
    }
}

QVariant DifferencesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case 0:
        return m_rows.empty() ? tr("Nothing differs") : tr("What differs");
    case 1:
        return m_titles[0];
    case 2:
        return m_titles[1];
    case 3:
        return tr("difference");
    default:
        return {};
    }
}

} // namespace lightcone::window
