#include "views/theme/theme.h"

#include <QImage>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QRegularExpression>
#include <QSignalSpy>

#include <gtest/gtest.h>

namespace lightcone::theme {
namespace {

using picture::Ink;
using picture::Typeface;

TEST(Palette, NamesTheTokenThatIsMissing)
{
    const auto palette = Palette::read(R"({"dark": {"ground": "#0F131A"}})", Shade::Dark);
    ASSERT_FALSE(palette.has_value());
    EXPECT_NE(palette.error().message.find("dark.panel"), std::string::npos);
}

TEST(Palette, SaysThatTokensAreNoJson)
{
    const auto palette = Palette::read("{", Shade::Light);
    ASSERT_FALSE(palette.has_value());
    EXPECT_NE(palette.error().message.find("no JSON"), std::string::npos);
}

TEST(Palette, MixesAsATranslucentColourWould)
{
    EXPECT_EQ(mix(QColor("#000000"), QColor("#ffffff"), 0.5).red(), 128);
    EXPECT_NEAR(contrast(QColor("#000000"), QColor("#ffffff")), 21.0, 0.01);
    EXPECT_NEAR(contrast(QColor("#123456"), QColor("#123456")), 1.0, 0.001);
}

class Themed : public testing::TestWithParam<Mode>
{
protected:
    Themed() { theme.setMode(GetParam()); }
    Theme theme;
};

// WCAG 2.1 AA: 4.5 for text, 3 for what has a shape of its own.
TEST_P(Themed, TextReadsOnEverySurface)
{
    for (const auto surface : {Ink::Ground, Ink::Panel, Ink::Raised, Ink::Selected}) {
        EXPECT_GE(contrast(theme.colour(Ink::Text), theme.colour(surface)), 4.5);
        EXPECT_GE(contrast(theme.colour(Ink::Muted), theme.colour(surface)), 4.0);
    }
    for (const auto ink : {Ink::Cursor, Ink::Calm, Ink::Good, Ink::Bad, Ink::Strong, Ink::Busy}) {
        EXPECT_GE(contrast(theme.colour(ink), theme.colour(Ink::Panel)), 3.0);
    }
}

TEST_P(Themed, EpochsDifferFromTheirNeighbours)
{
    for (int i = 0; i < 4; ++i) {
        const auto here = static_cast<Ink>(static_cast<int>(Ink::Epoch0) + i);
        const auto next = static_cast<Ink>(static_cast<int>(Ink::Epoch0) + (i + 1) % 4);
        EXPECT_NE(theme.colour(here), theme.colour(next));
        EXPECT_NE(theme.colour(here), theme.colour(Ink::Ground));
    }
}

// WCAG 2.1 AA: 3 for what has a shape of its own.
TEST_P(Themed, OwnersStandOutAndDiffer)
{
    for (std::size_t i = 0; i < picture::ownerInks; ++i) {
        const auto here = static_cast<Ink>(static_cast<std::size_t>(Ink::Owner0) + i);
        EXPECT_GE(contrast(theme.colour(here), theme.colour(Ink::Ground)), 3.0) << i;
        for (std::size_t j = 0; j < i; ++j) {
            const auto other = static_cast<Ink>(static_cast<std::size_t>(Ink::Owner0) + j);
            EXPECT_NE(theme.colour(here), theme.colour(other));
        }
    }
}

TEST_P(Themed, StyleSheetHasNoTokenLeft)
{
    const auto sheet = theme.styleSheet();
    EXPECT_FALSE(sheet.contains('@'));
    EXPECT_FALSE(sheet.contains('$'));
    EXPECT_TRUE(sheet.contains(theme.colour(Ink::Panel).name()));
}

INSTANTIATE_TEST_SUITE_P(Shades, Themed, testing::Values(Mode::Dark, Mode::Light));

TEST(Theme, SaysWhenItChanges)
{
    Theme theme;
    theme.setMode(Mode::Dark);
    const QSignalSpy spy(&theme, &Theme::changed);
    const auto before = theme.colour(Ink::Ground);
    theme.setMode(Mode::Light);
    EXPECT_EQ(spy.count(), 1);
    EXPECT_NE(theme.colour(Ink::Ground), before);
    theme.setMode(Mode::Light);
    EXPECT_EQ(spy.count(), 1);
}

TEST(Theme, OnlyTheTokensNameAColour)
{
    QFile sheet(QStringLiteral(":/theme/window.qss"));
    ASSERT_TRUE(sheet.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(sheet.readAll());
    static const QRegularExpression colour(
        QStringLiteral("#[0-9a-fA-F]{3,8}\\b|\\brgba?\\(|\\b(white|black|red|gray|grey)\\b"));
    const auto match = colour.match(text);
    EXPECT_FALSE(match.hasMatch()) << match.captured().toStdString();
}

TEST(Theme, MeasuresAsItsFontsDo)
{
    const Theme theme;
    const FontMeasure measure(theme);
    const auto narrow = measure.width("RequestVote", Typeface::Ui, 10.5);
    const auto wide = measure.width("RequestVote", Typeface::Ui, 16);
    EXPECT_GT(narrow, 20);
    EXPECT_NEAR(wide / narrow, 16 / 10.5, 0.1);
    const auto one = measure.width("i", Typeface::Data, 12.5);
    EXPECT_NEAR(measure.width("W", Typeface::Data, 12.5), one, 0.01);
}

TEST(Theme, TintsIcons)
{
    Theme theme;
    theme.setMode(Mode::Dark);
    const auto icon = theme.icon(QStringLiteral("play"), Ink::Cursor);
    ASSERT_FALSE(icon.isNull());
    const auto image = icon.pixmap(32, 32).toImage();
    bool tinted = false;
    for (int y = 0; y < image.height() && !tinted; ++y) {
        for (int x = 0; x < image.width() && !tinted; ++x) {
            tinted = image.pixelColor(x, y) == theme.colour(Ink::Cursor);
        }
    }
    EXPECT_TRUE(tinted);
    EXPECT_TRUE(theme.icon(QStringLiteral("no such icon")).isNull());
}

} // namespace
} // namespace lightcone::theme
