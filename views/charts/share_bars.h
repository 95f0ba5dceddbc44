#pragma once

#include "views/charts/surveyor.h"
#include "views/theme/theme.h"

#include <QWidget>

namespace lightcone::charts {

/// What part of the messages and requests each node took, a bar a node; of two runs a bar each.
class ShareBars final : public QWidget
{
    Q_OBJECT

public:
    explicit ShareBars(const theme::Theme& theme, QWidget* parent = nullptr);

    /// Right may be nullptr.
    void show(const SurveyPtr& left, const SurveyPtr& right);

    /// What stands beside the bars: "n1  20 % → 24 %".
    [[nodiscard]] QStringList texts() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {180, 60}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Row
    {
        QString name;
        std::optional<double> left; ///< from 0 to 1
        std::optional<double> right;
    };
    void take(const SurveyPtr& survey, std::optional<double> Row::*side);
    [[nodiscard]] QString textOf(const Row& row) const;

    const theme::Theme& m_theme;
    std::vector<Row> m_rows;
    bool m_two = false;
};

} // namespace lightcone::charts
