#include "views/run/wording.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <array>

namespace lightcone::run {

namespace {

/// What the engine says of itself, with %1 for what it fills in.
constexpr std::array sentences{
    QT_TRANSLATE_NOOP("Doing", "Ready"),
    QT_TRANSLATE_NOOP("Doing", "Paused"),
    QT_TRANSLATE_NOOP("Doing", "Running"),
    QT_TRANSLATE_NOOP("Doing", "Running in virtual time"),
    QT_TRANSLATE_NOOP("Doing", "Running as fast as it goes"),
    QT_TRANSLATE_NOOP("Doing", "Running at %1 speed"),
    QT_TRANSLATE_NOOP("Doing", "Running: %1 of %2 nodes connected"),
    QT_TRANSLATE_NOOP("Doing", "Live: %1 of %2 nodes connected"),
    QT_TRANSLATE_NOOP("Doing", "Nothing is left to happen"),
    QT_TRANSLATE_NOOP("Doing", "Waiting for an answer"),
    QT_TRANSLATE_NOOP("Doing", "By hand: pick what happens next"),
    QT_TRANSLATE_NOOP("Doing", "Paused: what happens meanwhile is recorded"),
    QT_TRANSLATE_NOOP("Doing", "The scenario is over"),
    QT_TRANSLATE_NOOP("Doing", "The scenario is over: something failed"),
    QT_TRANSLATE_NOOP("Doing", "Recorded run"),
    QT_TRANSLATE_NOOP("Doing", "Recorded run, damaged: %1"),
    QT_TRANSLATE_NOOP("Doing", "Repeating the run: %1 %"),
    QT_TRANSLATE_NOOP("Doing", "Stopped: %1"),
};

} // namespace

QString Wording::doing(const std::string& doing)
{
    const auto text = QString::fromStdString(doing);
    for (const auto* sentence : sentences) {
        auto pattern = QRegularExpression::escape(QLatin1String(sentence));
        pattern.replace(QStringLiteral("\\%1"), QStringLiteral("(.+)"));
        pattern.replace(QStringLiteral("\\%2"), QStringLiteral("(.+)"));
        const QRegularExpression whole(QRegularExpression::anchoredPattern(pattern));
        const auto match = whole.match(text);
        if (!match.hasMatch()) {
            continue;
        }
        auto translated = QCoreApplication::translate("Doing", sentence);
        for (int i = 1; i <= match.lastCapturedIndex(); ++i) {
            translated.replace(QStringLiteral("%%1").arg(i), match.captured(i));
        }
        return translated;
    }
    return text;
}

} // namespace lightcone::run
