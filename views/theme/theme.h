#pragma once

#include "engine/describe/facet.h"
#include "engine/picture/drawing.h"
#include "views/theme/palette.h"

#include <QFont>
#include <QIcon>
#include <QObject>
#include <QPalette>
#include <QString>

#include <array>
#include <map>
#include <memory>
#include <mutex>

class QApplication;

namespace lightcone::theme {

/// What the person chose.
enum class Mode : std::uint8_t { System, Dark, Light };

/// Sizes of type in pixels, smallest to largest.
struct Type
{
    static constexpr double tiny = 10.5;
    static constexpr double small = 11.5;
    static constexpr double body = 12.5;
    static constexpr double large = 14;
    static constexpr double title = 16;
};

/// Distances in pixels.
struct Space
{
    static constexpr int tight = 4;
    static constexpr int small = 8;
    static constexpr int medium = 12;
    static constexpr int wide = 16;
    static constexpr int section = 24;
};

/// How everything looks: colours by meaning, fonts, icons, the style sheet. One object, handed to
/// every view; changed() asks them to draw anew.
class Theme final : public QObject
{
    Q_OBJECT

public:
    explicit Theme(QObject* parent = nullptr);

    [[nodiscard]] Mode mode() const { return m_mode; }
    void setMode(Mode mode);

    /// The shade that the mode comes to just now.
    [[nodiscard]] Shade shade() const { return m_shade; }

    /// Nothing moves that need not: no sliding pills, no fading.
    [[nodiscard]] bool reducedMotion() const { return m_reducedMotion; }
    void setReducedMotion(bool reduced);

    [[nodiscard]] QColor colour(picture::Ink ink) const;
    [[nodiscard]] QColor colour(picture::Ink ink, double opacity) const;
    [[nodiscard]] static picture::Ink inkOf(describe::Tone tone);

    /// A typeface at a size in pixels, with a Chinese face behind the Latin one.
    [[nodiscard]] QFont font(picture::Typeface face, double pixels) const;

    /// resources/icons/NAME.svg in that ink, crisp at any scale; greyed when disabled. An empty
    /// icon when there is none of that name.
    [[nodiscard]] QIcon icon(const QString& name, picture::Ink ink = picture::Ink::Text) const;

    [[nodiscard]] QPalette qtPalette() const;
    [[nodiscard]] QString styleSheet() const;

    /// Sets style, palette, font and style sheet of the whole program, now and at every change.
    void applyTo(QApplication& application);

signals:
    void changed();

private:
    void settle();
    void dress();

    Mode m_mode = Mode::System;
    Shade m_shade = Shade::Dark;
    Shade m_system = Shade::Dark;
    bool m_reducedMotion = false;
    std::array<Palette, 2> m_palettes;
    std::array<QStringList, 2> m_families; ///< of the interface, of data
    QApplication* m_application = nullptr;
};

/// Measures with the theme's own fonts. Safe on any thread.
class FontMeasure final : public picture::TextMeasure
{
public:
    explicit FontMeasure(const Theme& theme);
    ~FontMeasure() override;
    [[nodiscard]] double width(const std::string& text, picture::Typeface face,
                               double size) const override;

private:
    struct Faces;
    std::unique_ptr<Faces> m_faces;
};

} // namespace lightcone::theme
