#pragma once

#include "views/run/run_view.h"
#include "views/theme/cursor.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

namespace lightcone::window {

/// Playing and stepping, whichever is meant: at the end of a run the engine goes on; before it the
/// cursor moves through what was recorded, at the same pace, until it gets there.
class Transport final : public QObject
{
    Q_OBJECT

public:
    Transport(theme::Cursor& cursor, run::RunView& run, QObject* parent = nullptr);

    /// Paces on a scale from 1/1000 to as fast as it goes.
    static constexpr int paceCount = 14;
    static constexpr int defaultPace = 5; ///< ×1/20
    static session::Pace paceAt(int place);
    static QString paceText(int place);

    [[nodiscard]] int pace() const { return m_pace; }
    void setPace(int place);

    [[nodiscard]] bool isByHand() const { return m_byHand; }
    void setByHand(bool byHand);

    /// Whether time passes now, in the engine or for the cursor.
    [[nodiscard]] bool isPlaying() const;
    [[nodiscard]] bool atEnd() const;

    /// At the end of a live run, where nobody sets the pace.
    [[nodiscard]] bool followsRealNodes() const;

    /// Why there is nothing more to play; empty when there is.
    [[nodiscard]] QString whyNotPlay() const;

    /// Why nothing can be asked of the cluster; empty when something can.
    [[nodiscard]] QString whyNotRequest() const;

    void playPause();
    void play();
    void pause();
    void stepForward();
    void stepBack();
    void toStart();
    void toEnd();
    void goTo(EventId event);

    /// The selected node's next or previous event.
    void nextOfNode();
    void previousOfNode();

signals:
    /// Playing, pace or by hand is another.
    void changed();

private:
    void follow();
    void tick();
    [[nodiscard]] session::Pace wanted() const;
    [[nodiscard]] EventId lastBy(Instant instant) const;

    theme::Cursor& m_cursor;
    run::RunView& m_run;
    int m_pace = defaultPace;
    bool m_byHand = false;
    bool m_acted = false; ///< what an act makes has not been seen yet
    bool m_wasRunning = false;
    QTimer m_replay;
    QElapsedTimer m_since;
};

} // namespace lightcone::window
