#include "views/theme/theme.h"

#include "engine/core/check.h"
#include "views/theme/icon.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QRegularExpression>
#include <QScreen>
#include <QStyleFactory>

#include <unordered_map>

namespace lightcone::theme {
namespace {

using picture::Ink;
using picture::Typeface;

QByteArray resource(const QString& path)
{
    QFile file(path);
    const bool opened = file.open(QIODevice::ReadOnly);
    check(opened, "a resource that the program carries");
    return file.readAll();
}

QStringList present(const QStringList& wanted, const QString& otherwise)
{
    const auto families = QFontDatabase::families();
    QStringList found;
    for (const auto& family : wanted) {
        if (families.contains(family)) {
            found << family;
        }
    }
    return found << otherwise;
}

// Without an override a display has 96 dots an inch; fonts take points only as fractions.
double pointsOf(double pixels)
{
    const auto* screen = QGuiApplication::primaryScreen();
    const double dpi = screen != nullptr ? screen->logicalDotsPerInchY() : 96.0;
    return pixels * 72.0 / dpi;
}

} // namespace

Theme::Theme(QObject* parent)
    : QObject(parent)
{
    const auto tokens = resource(QStringLiteral(":/theme/tokens.json"));
    for (const auto shade : {Shade::Dark, Shade::Light}) {
        auto palette = Palette::read(tokens, shade);
        check(palette.has_value(), "the theme's own tokens");
        m_palettes[static_cast<std::size_t>(shade)] = *palette;
    }
    const auto ui = QFontDatabase::systemFont(QFontDatabase::GeneralFont).family();
    const auto data = QFontDatabase::systemFont(QFontDatabase::FixedFont).family();
    const QString chinese = QStringLiteral("Noto Sans CJK SC");
    m_families[0] = present({QStringLiteral("Inter"), chinese}, ui);
    m_families[1] = present({QStringLiteral("JetBrains Mono"), chinese}, data);
    const auto window = QGuiApplication::palette().color(QPalette::Window);
    m_system = window.lightnessF() < 0.5F ? Shade::Dark : Shade::Light;
    settle();
}

void Theme::setMode(Mode mode)
{
    if (m_mode != mode) {
        m_mode = mode;
        settle();
        dress();
        emit changed();
    }
}

void Theme::setReducedMotion(bool reduced)
{
    if (m_reducedMotion != reduced) {
        m_reducedMotion = reduced;
        dress();
        emit changed();
    }
}

void Theme::settle()
{
    switch (m_mode) {
    case Mode::System:
        m_shade = m_system;
        break;
    case Mode::Dark:
        m_shade = Shade::Dark;
        break;
    case Mode::Light:
        m_shade = Shade::Light;
        break;
    }
}

QColor Theme::colour(Ink ink) const
{
    return m_palettes[static_cast<std::size_t>(m_shade)].colour(ink);
}

QColor Theme::colour(Ink ink, double opacity) const
{
    auto result = colour(ink);
    result.setAlphaF(static_cast<float>(opacity));
    return result;
}

Ink Theme::inkOf(describe::Tone tone)
{
    switch (tone) {
    case describe::Tone::Neutral:
        return Ink::Muted;
    case describe::Tone::Calm:
        return Ink::Calm;
    case describe::Tone::Strong:
        return Ink::Strong;
    case describe::Tone::Busy:
        return Ink::Busy;
    case describe::Tone::Good:
        return Ink::Good;
    case describe::Tone::Bad:
        return Ink::Bad;
    }
    return Ink::Muted;
}

QFont Theme::font(Typeface face, double pixels) const
{
    QFont font;
    font.setFamilies(m_families[face == Typeface::Data ? 1 : 0]);
    font.setPointSizeF(pointsOf(pixels));
    font.setWeight(face == Typeface::UiBold ? QFont::DemiBold : QFont::Normal);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

QIcon Theme::icon(const QString& name, Ink ink) const
{
    return tintedIcon(QStringLiteral(":/icons/") + name + QStringLiteral(".svg"), colour(ink),
                      colour(Ink::Faint));
}

QPalette Theme::qtPalette() const
{
    QPalette palette;
    const auto set = [&](QPalette::ColorRole role, Ink ink) {
        palette.setColor(role, colour(ink));
    };
    set(QPalette::Window, Ink::Panel);
    set(QPalette::WindowText, Ink::Text);
    set(QPalette::Base, Ink::Panel);
    set(QPalette::AlternateBase, Ink::Raised);
    set(QPalette::ToolTipBase, Ink::Raised);
    set(QPalette::ToolTipText, Ink::Text);
    set(QPalette::PlaceholderText, Ink::Muted);
    set(QPalette::Text, Ink::Text);
    set(QPalette::Button, Ink::Raised);
    set(QPalette::ButtonText, Ink::Text);
    set(QPalette::BrightText, Ink::Bad);
    set(QPalette::Highlight, Ink::Selected);
    set(QPalette::HighlightedText, Ink::Text);
    set(QPalette::Link, Ink::Calm);
    set(QPalette::LinkVisited, Ink::Strong);
    set(QPalette::Light, Ink::Line);
    set(QPalette::Midlight, Ink::Line);
    set(QPalette::Mid, Ink::Line);
    set(QPalette::Dark, Ink::Line);
    set(QPalette::Shadow, Ink::Ground);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, colour(Ink::Faint));
    }
    return palette;
}

// The sheet is written with tokens: @panel, @calm@20 (that much per cent over the panel) and
// $12.5 for a size of type in pixels, which Qt's sheets take in fractions only as points.
QString Theme::styleSheet() const
{
    static const QRegularExpression comment(QStringLiteral("/\\*.*?\\*/"),
                                            QRegularExpression::DotMatchesEverythingOption);
    auto sheet = QString::fromUtf8(resource(QStringLiteral(":/theme/window.qss")));
    sheet.remove(comment);
    static const QRegularExpression token(
        QStringLiteral("@([a-z]+)(?:@([0-9]+))?|\\$([0-9.]*[0-9])"));
    QString result;
    qsizetype done = 0;
    for (auto each = token.globalMatch(sheet); each.hasNext();) {
        const auto match = each.next();
        result += QStringView(sheet).mid(done, match.capturedStart() - done);
        done = match.capturedEnd();
        if (match.hasCaptured(3)) {
            result +=
                QString::number(pointsOf(match.captured(3).toDouble())) + QStringLiteral("pt");
            continue;
        }
        bool known = false;
        for (int ink = 0; ink <= static_cast<int>(Ink::Busy) && !known; ++ink) {
            if (Palette::tokenOf(static_cast<Ink>(ink)) == match.captured(1)) {
                auto shown = colour(static_cast<Ink>(ink));
                if (match.hasCaptured(2)) {
                    shown = mix(colour(Ink::Panel), shown, match.captured(2).toDouble() / 100);
                }
                result += shown.name();
                known = true;
            }
        }
        check(known, "a token of the theme in window.qss");
    }
    result += QStringView(sheet).mid(done);
    return result;
}

void Theme::applyTo(QApplication& application)
{
    m_application = &application;
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    dress();
}

void Theme::dress()
{
    if (m_application == nullptr) {
        return;
    }
    QApplication::setFont(font(Typeface::Ui, Type::body));
    QApplication::setPalette(qtPalette());
    QApplication::setEffectEnabled(Qt::UI_AnimateMenu, false);
    QApplication::setEffectEnabled(Qt::UI_AnimateTooltip, !m_reducedMotion);
    m_application->setStyleSheet(styleSheet());
}

struct FontMeasure::Faces
{
    explicit Faces(const Theme& given)
    {
        for (std::size_t i = 0; i < fonts.size(); ++i) {
            fonts[i] = given.font(static_cast<Typeface>(i), Type::body);
        }
        pointsPerPixel = fonts[0].pointSizeF() / Type::body;
    }

    std::array<QFont, 3> fonts;
    double pointsPerPixel = 0.75;
    std::mutex mutex;

    struct Face
    {
        QFontMetricsF metrics;
        std::unordered_map<std::string, double> widths{}; ///< pictures repeat their words
    };
    static constexpr std::size_t mostWidths = 4096;
    std::map<std::pair<Typeface, double>, Face> faces;
};

FontMeasure::FontMeasure(const Theme& theme)
    : m_faces(std::make_unique<Faces>(theme))
{
}

FontMeasure::~FontMeasure() = default;

double FontMeasure::width(const std::string& text, Typeface face, double size) const
{
    const std::scoped_lock lock(m_faces->mutex);
    auto found = m_faces->faces.find({face, size});
    if (found == m_faces->faces.end()) {
        auto font = m_faces->fonts[static_cast<std::size_t>(face)];
        font.setPointSizeF(size * m_faces->pointsPerPixel);
        found =
            m_faces->faces.emplace(std::pair(face, size), Faces::Face{QFontMetricsF(font)}).first;
    }
    auto& [metrics, widths] = found->second;
    const auto known = widths.find(text);
    if (known != widths.end()) {
        return known->second;
    }
    if (widths.size() >= Faces::mostWidths) {
        widths.clear();
    }
    return widths[text] = metrics.horizontalAdvance(QString::fromStdString(text));
}

} // namespace lightcone::theme
