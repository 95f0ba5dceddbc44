#pragma once

#include "views/connect/connect_dialog.h"
#include "views/connect/start_dialog.h"
#include "views/theme/theme.h"

#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QStringList>

namespace lightcone::window {

/// What the window remembers from one start to the next: where things are, how they look, what was
/// open. Nothing of it is secret.
class Memory
{
public:
    /// In the person's settings; under `file` instead where that is given (for tests).
    explicit Memory(const QString& file = {});

    [[nodiscard]] QByteArray geometry() const;
    [[nodiscard]] QByteArray layout() const;
    void setLayout(const QByteArray& geometry, const QByteArray& layout);
    void forgetLayout();

    [[nodiscard]] theme::Mode mode() const;
    void setMode(theme::Mode mode);
    [[nodiscard]] bool reducedMotion() const;
    void setReducedMotion(bool reduced);

    /// "en", "zh_CN"; empty for the system's.
    [[nodiscard]] QString language() const;
    void setLanguage(const QString& language);

    /// Newest first, at most ten; files that are gone are left out.
    [[nodiscard]] QStringList recent() const;
    void opened(const QString& path);
    void forgetRecent();

    /// Where the person put a protocol's nodes, as Topology::placement() gives it.
    [[nodiscard]] QString placement(const QString& protocol) const;
    void setPlacement(const QString& protocol, const QString& placement);

    /// The charts that are open, by their keys; empty when nobody has chosen.
    [[nodiscard]] QStringList charts() const;
    void setCharts(const QStringList& keys);

    /// Questions of "run until", newest first.
    [[nodiscard]] QStringList questions() const;
    void asked(const QString& question);

    /// Where nodes were connected to last; no secrets.
    [[nodiscard]] connecting::Remembered connection() const;
    void connected(const connecting::Remembered& connection);

    /// The real cluster that was started last.
    [[nodiscard]] connecting::StartPlan cluster() const;
    void started(const connecting::StartPlan& plan);

    /// Place of the pace on its scale.
    [[nodiscard]] int pace(int byDefault) const;
    void setPace(int pace);

private:
    void push(const QString& key, const QString& entry, int most);

    mutable QSettings m_settings;
};

} // namespace lightcone::window
