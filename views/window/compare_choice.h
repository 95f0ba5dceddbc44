#pragma once

#include "views/library/library.h"
#include "views/run/run_view.h"
#include "views/theme/theme.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>

#include <vector>

namespace lightcone::window {

/// Asks what the run in the window is to be compared with: another branch of it, the same scenario
/// with other settings, a scenario of the library, or a file.
class CompareChoice final : public QDialog
{
    Q_OBJECT

public:
    struct Choice
    {
        session::BranchId branch{}; ///< where it is given; else a file
        QString path{};
        QString title{};
        QString settings{}; ///< "preVote=false seed=7": for a scenario
    };

    /// path: of the run in the window; empty when it is no file's.
    CompareChoice(const theme::Theme& theme, const run::RunView& run, const QString& path,
                  const std::vector<library::Shelf>& shelves, QWidget* parent);

    [[nodiscard]] Choice choice() const;

    /// Narrows the list to what has these words.
    void narrow(const QString& words);
    [[nodiscard]] QListWidget& list() { return *m_list; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void add(const QString& text, const QString& hint, const Choice& choice);
    void askFile();
    void refresh();
    void take();
    [[nodiscard]] bool isItself() const;

    std::vector<Choice> m_choices;
    QString m_same; ///< the scenario in the window
    QLineEdit* m_search;
    QListWidget* m_list;
    QLabel* m_settingsLabel;
    QLineEdit* m_settings;
    QDialogButtonBox* m_buttons;
};

} // namespace lightcone::window
