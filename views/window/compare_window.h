#pragma once

#include "views/charts/panel.h"
#include "views/charts/surveyor.h"
#include "views/window/compare_side.h"
#include "views/window/differences_model.h"

#include <QComboBox>
#include <QLabel>
#include <QSlider>
#include <QTableView>
#include <QToolButton>
#include <QWidget>

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace lightcone::window {

/// Two runs side by side over one axis and one cursor: their clusters, what they came to, charts
/// with the left run solid and the right one dashed, and what differs.
class CompareWindow final : public QWidget
{
    Q_OBJECT

public:
    enum class Align : std::uint8_t { Time, Event };

    CompareWindow(const theme::Theme& theme, Contender left, Contender right,
                  QWidget* parent = nullptr);
    ~CompareWindow() override;

    void setAlign(Align align);
    void lookAt(Instant moment);
    void lookAt(EventId event);

    [[nodiscard]] CompareSide& side(std::size_t which) { return *m_sides.at(which); }
    [[nodiscard]] const DifferencesModel& differences() const { return *m_model; }
    [[nodiscard]] const std::vector<charts::Panel*>& panels() const { return m_panels; }

    /// What the two runs were given differently, by name: "preVote", "seed"; one sentence.
    [[nodiscard]] QString givenDifferently() const;

    /// Whether both runs are measured and compared.
    [[nodiscard]] bool settled() const;

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    /// What takes a while to find.
    struct Found
    {
        std::optional<EventId> difference{}; ///< the first event that differs
        std::array<measure::OfStates, 2> ofStates{};
    };

    void build();
    QWidget* makeHead();
    QWidget* makeBelow();
    void order();
    void receive(std::size_t side, const charts::SurveyPtr& survey);
    void showSurveys();
    void findDifference();
    void showDifferences();
    void addNodes(std::vector<DifferencesModel::Row>& rows) const;
    void move(int place);
    void step(int by);
    void refresh();
    void layPanels();
    [[nodiscard]] std::vector<charts::Topic> topics() const;
    [[nodiscard]] Instant end() const;
    [[nodiscard]] std::uint64_t events() const;
    [[nodiscard]] std::array<QString, 2> shortTitles() const;
    [[nodiscard]] QString eventText(std::size_t side, EventId event) const;

    const theme::Theme& m_theme;
    std::array<CompareSide*, 2> m_sides{};
    std::array<std::unique_ptr<charts::Surveyor>, 2> m_surveyors;
    std::array<charts::SurveyPtr, 2> m_surveys;
    std::vector<charts::Panel*> m_panels;
    std::array<QString, 2> m_titles;
    DifferencesModel* m_model;
    QTableView* m_table = nullptr;
    QWidget* m_grid = nullptr;
    QComboBox* m_align = nullptr;
    QSlider* m_slider = nullptr;
    QToolButton* m_log = nullptr;
    QLabel* m_status = nullptr;
    QLabel* m_given = nullptr;
    Align m_alignment = Align::Time;
    Instant m_moment{};
    EventId m_event{};
    bool m_sameKind = false;
    bool m_searched = false;
    Found m_found;
    std::shared_ptr<QThread> m_search;
};

} // namespace lightcone::window
