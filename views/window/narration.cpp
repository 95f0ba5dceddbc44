#include "views/window/narration.h"

#include <QFile>
#include <QFileInfo>

namespace lightcone::window {

Translation::Translation(const QString& scenario, const QString& language)
{
    const QFileInfo info(scenario);
    QFile file(info.path() + QLatin1Char('/') + info.completeBaseName() + QLatin1Char('.')
               + language + QStringLiteral(".txt"));
    if (!file.open(QIODevice::ReadOnly)) {
        return;
    }
    QString text;
    for (const auto& each : QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'))) {
        const auto line = each.trimmed();
        if (line.isEmpty() || line.startsWith(QLatin1Char('#'))) {
            continue;
        }
        if (line.startsWith(QStringLiteral("= "))) {
            m_texts.insert(text, line.mid(2));
        } else {
            text = line;
        }
    }
}

} // namespace lightcone::window
