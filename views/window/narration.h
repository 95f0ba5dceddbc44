#pragma once

#include <QHash>
#include <QString>

namespace lightcone::window {

/// The texts of one scenario in another language, from the file beside it: NAME.LANGUAGE.txt. Empty
/// where there is none; resources/scenarios/README.md has the format.
class Translation
{
public:
    Translation() = default;
    Translation(const QString& scenario, const QString& language);

    /// The text itself where it has no translation.
    [[nodiscard]] QString of(const QString& text) const { return m_texts.value(text, text); }
    [[nodiscard]] bool has(const QString& text) const { return m_texts.contains(text); }

private:
    QHash<QString, QString> m_texts;
};

} // namespace lightcone::window
