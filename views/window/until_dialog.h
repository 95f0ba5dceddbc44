#pragma once

#include "views/run/run_view.h"
#include "views/theme/theme.h"

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QStringListModel>

namespace lightcone::window {

/// Asks for a question and runs until it holds. A wrong one is marked at its column.
class UntilDialog final : public QDialog
{
    Q_OBJECT

public:
    UntilDialog(const theme::Theme& theme, run::RunView& run, const QStringList& history,
                const QString& question, QWidget* parent);

signals:
    /// The run goes on until this holds.
    void started(const QString& question);

private:
    void start();

    run::RunView& m_run;
    QComboBox* m_field;
    QLabel* m_error;
    QStringListModel m_words;
};

} // namespace lightcone::window
