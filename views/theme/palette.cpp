#include "views/theme/palette.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cmath>

namespace lightcone::theme {
namespace {

using picture::Ink;

// A lane is tinted by its epoch modulo four, strongly enough that a change is a visible edge.
constexpr double epochShare = 0.35;
constexpr std::array epochInks{Ink::Calm, Ink::Strong, Ink::Busy, Ink::Good};

double luminance(const QColor& colour)
{
    const auto linear = [](double part) {
        return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF())
        + 0.0722 * linear(colour.blueF());
}

} // namespace

QString Palette::tokenOf(Ink ink)
{
    static constexpr std::array names{"ground", "panel", "raised",   "line",   "text",
                                      "muted",  "faint", "selected", "cursor", "calm",
                                      "good",   "bad",   "strong",   "busy"};
    const auto index = static_cast<std::size_t>(ink);
    return index < names.size() ? QString::fromLatin1(names[index]) : QString();
}

Result<Palette> Palette::read(const QByteArray& json, Shade shade)
{
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(json, &error);
    if (document.isNull()) {
        return fail("The theme's tokens are no JSON: " + error.errorString().toStdString() + ".");
    }
    const QString name = shade == Shade::Dark ? QStringLiteral("dark") : QStringLiteral("light");
    const auto colours = document.object().value(name).toObject();
    Palette palette;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(Ink::Busy); ++i) {
        const auto token = tokenOf(static_cast<Ink>(i));
        const QColor colour(colours.value(token).toString());
        if (!colour.isValid()) {
            return fail("The theme's token " + (name + "." + token).toStdString()
                        + " is not a colour such as \"#5AA9FF\".");
        }
        palette.m_colours[i] = colour;
    }
    for (std::size_t i = 0; i < epochInks.size(); ++i) {
        palette.m_colours[static_cast<std::size_t>(Ink::Epoch0) + i] =
            mix(palette.colour(Ink::Ground), palette.colour(epochInks[i]), epochShare);
    }
    const auto owners = colours.value(QStringLiteral("owners")).toArray();
    for (std::size_t i = 0; i < picture::ownerInks; ++i) {
        const QColor colour(owners.at(static_cast<qsizetype>(i)).toString());
        if (!colour.isValid()) {
            return fail("The theme's token " + name.toStdString() + ".owners[" + std::to_string(i)
                        + "] is not a colour such as \"#5AA9FF\".");
        }
        palette.m_colours[static_cast<std::size_t>(Ink::Owner0) + i] = colour;
    }
    return palette;
}

QColor Palette::colour(Ink ink) const
{
    return m_colours[static_cast<std::size_t>(ink)];
}

QColor mix(const QColor& under, const QColor& over, double share)
{
    const auto part = [share](double a, double b) { return a + (b - a) * share; };
    return QColor::fromRgbF(static_cast<float>(part(under.redF(), over.redF())),
                            static_cast<float>(part(under.greenF(), over.greenF())),
                            static_cast<float>(part(under.blueF(), over.blueF())));
}

double contrast(const QColor& one, const QColor& other)
{
    const double a = luminance(one);
    const double b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

} // namespace lightcone::theme
