#pragma once

#include "views/run/run_view.h"
#include "views/theme/theme.h"
#include "views/window/deeds.h"

#include <QDialog>

namespace lightcone::window {

/// Every key, group by group.
class KeySheet final : public QDialog
{
    Q_OBJECT

public:
    KeySheet(const theme::Theme& theme, const Deeds& deeds, QWidget* parent);
};

/// How to ask, with the words that the open run knows.
class QuestionSheet final : public QDialog
{
    Q_OBJECT

public:
    QuestionSheet(const theme::Theme& theme, const run::RunView& run, QWidget* parent);
};

} // namespace lightcone::window
