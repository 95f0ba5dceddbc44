#pragma once

#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"

#include <QFrame>
#include <QLabel>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWidget>

#include <functional>
#include <vector>

namespace lightcone::window {

/// What stands above the topology: what is being watched, and the newest thing that was noted.
class Headline final : public QWidget
{
    Q_OBJECT

public:
    Headline(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
             QWidget* parent = nullptr);

private:
    void refresh();

    theme::Cursor& m_cursor;
    run::RunView& m_run;
    QLabel* m_title;
    QLabel* m_told;
};

/// The scenario's voice: what it says when the run reaches it, and what it asks.
class Narration final : public QFrame
{
    Q_OBJECT

public:
    /// Gives a narration in the window's language, or the text itself where it has none.
    using Translate = std::function<QString(const QString&)>;

    Narration(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
              QWidget* parent = nullptr);

    void setTranslate(Translate translate);
    void refresh();

signals:
    /// A question was answered: whoever had the keyboard before may have it back.
    void answered();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showTold();
    void ask(const session::Question& question);
    void layChoices();
    void go(int step);

    theme::Cursor& m_cursor;
    run::RunView& m_run;
    Translate m_translate;
    QLabel* m_text;
    QLabel* m_place;
    QToolButton* m_previous;
    QToolButton* m_next;
    QToolButton* m_close;
    QWidget* m_choices;
    std::vector<EventId> m_told;
    std::size_t m_shown = 0;
    std::size_t m_asked = 0; ///< line of the question whose choices are shown
    EventId m_closed{}; ///< what the person has put away
};

/// One sentence about what could not be done, or was; goes away by itself or by a click.
class ProblemLine final : public QFrame
{
    Q_OBJECT

public:
    explicit ProblemLine(const theme::Theme& theme, QWidget* parent = nullptr);
    void say(const QString& sentence);
    void tellDone(const QString& sentence);

private:
    void put(const QString& sentence, const QString& kind);

    QLabel* m_text;
    QTimer m_away;
};

} // namespace lightcone::window
