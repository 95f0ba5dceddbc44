#include "engine/picture/svg.h"
#include "engine/picture/timeline_svg.h"
#include "tests/engine/picture/sample.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace lightcone::picture {
namespace {

using namespace std::chrono_literals;

std::string fileText(const std::string& path)
{
    const std::ifstream file(std::string(LIGHTCONE_SOURCE_DIR) + "/" + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Palette palette(Shade shade = Shade::Dark)
{
    return Palette::read(fileText("resources/theme/tokens.json"), shade).value();
}

/// Every element is closed in order, every attribute quoted, every & an entity; empty when so.
std::string wrongWith(const std::string& xml)
{
    std::vector<std::string> open;
    for (std::size_t i = 0; i < xml.size();) {
        if (xml[i] == '&') {
            const auto end = xml.find(';', i);
            const auto entity = end == std::string::npos ? "" : xml.substr(i, end - i + 1);
            if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;") {
                return "a bare & at " + std::to_string(i);
            }
        }
        if (xml[i] != '<') {
            ++i;
            continue;
        }
        const auto end = xml.find('>', i);
        if (end == std::string::npos) {
            return "an element without end";
        }
        const auto tag = xml.substr(i + 1, end - i - 1);
        if (std::ranges::count(tag, '"') % 2 != 0 || tag.find('<') != std::string::npos) {
            return "a broken element: " + tag;
        }
        if (tag[0] == '/') {
            if (open.empty() || open.back() != tag.substr(1)) {
                return "closed in the wrong order: " + tag;
            }
            open.pop_back();
        } else if (tag.back() != '/') {
            open.push_back(tag.substr(0, tag.find(' ')));
        }
        i = end + 1;
    }
    return open.empty() ? "" : "not closed: " + open.back();
}

std::shared_ptr<trace::Trace> smallRun()
{
    sample::Author author(2);
    const auto start1 = author.put(0ms, NodeId(1), trace::Kind::Start);
    author.is(start1, NodeId(1), sample::Role::Leader, 1);
    author.put(0ms, NodeId(2), trace::Kind::Start);
    const auto payload = node::makePayload(sample::Message(sample::Copy{1}));
    const auto send = author.put(2ms, NodeId(1), trace::Kind::Send, start1, NodeId(2), 0, payload);
    author.put(6ms, NodeId(2), trace::Kind::Deliver, send, NodeId(1), 0, payload);
    author.note(6ms, NodeId(2), EventId(4), "copies <x> & \"y\"");
    author.put(8ms, NodeId(1), trace::Kind::Crash);
    return author.trace();
}

TEST(Svg, ASmallRunIsWrittenAsItAlwaysWas)
{
    SvgOptions options;
    options.palette = palette();
    options.width = 600;
    const auto svg = timelineSvg(smallRun(), options).value();
    const std::string path = "tests/engine/picture/small_run.svg";
    if (std::getenv("LIGHTCONE_REWRITE") != nullptr) {
        std::ofstream(std::string(LIGHTCONE_SOURCE_DIR) + "/" + path) << svg;
    }
    EXPECT_EQ(svg, fileText(path)) << "LIGHTCONE_REWRITE=1 writes it anew";
}

TEST(Svg, IsWellFormedAndSaysItsColours)
{
    for (const auto shade : {Shade::Dark, Shade::Light}) {
        SvgOptions options;
        options.palette = palette(shade);
        const auto svg = timelineSvg(sample::longRun(5, 3000), options).value();
        EXPECT_EQ(wrongWith(svg), "");
        EXPECT_NE(svg.find(shade == Shade::Dark ? "#0F131A" : "#F7F8FA"), std::string::npos);
        EXPECT_NE(svg.find("n1 crashed"), std::string::npos);
    }
}

TEST(Svg, TextsAreEscaped)
{
    Drawing drawing;
    drawing.add(TextItem{{0, 0}, "a<b & \"c\"\x01"});
    const auto svg = toSvg(drawing, palette(), "<title>");
    EXPECT_EQ(wrongWith(svg), "");
    EXPECT_NE(svg.find("a&lt;b &amp; &quot;c&quot;\xEF\xBF\xBD"), std::string::npos);
    EXPECT_NE(svg.find("<title>&lt;title&gt;</title>"), std::string::npos);
}

TEST(Svg, EverySignCanBeWritten)
{
    Drawing drawing;
    for (std::size_t i = 0; i < markCount; ++i) {
        drawing.add(MarkItem{static_cast<Mark>(i), {20.0 * static_cast<double>(i), 20}});
    }
    EXPECT_EQ(wrongWith(toSvg(drawing, palette())), "");
}

TEST(Svg, AnEmptyRunAndAStretchBeyondTheEndAreErrors)
{
    SvgOptions options;
    options.palette = palette();
    const auto nothing = timelineSvg(std::make_shared<trace::Trace>(sample::about(2)), options);
    ASSERT_TRUE(nothing.has_error());
    EXPECT_EQ(nothing.error().message, "there is nothing to draw: the run has no events");
    options.first = EventId(900);
    ASSERT_TRUE(timelineSvg(smallRun(), options).has_error());
}

TEST(Palette, NamesTheTokenThatIsMissing)
{
    auto tokens = fileText("resources/theme/tokens.json");
    const auto at = tokens.find("\"busy\"");
    tokens.replace(at, 6, "\"buzy\"");
    const auto wrong = Palette::read(tokens, Shade::Dark);
    ASSERT_TRUE(wrong.has_error());
    EXPECT_NE(wrong.error().message.find("dark.busy"), std::string::npos);
    auto fewer = fileText("resources/theme/tokens.json");
    fewer.replace(fewer.find("\"#B0B7C3\""), 9, "7");
    EXPECT_NE(Palette::read(fewer, Shade::Dark).error().message.find("dark.owners[7]"),
              std::string::npos);
    EXPECT_TRUE(Palette::read("{", Shade::Dark).has_error());
    EXPECT_TRUE(Palette::read("[]", Shade::Light).has_error());
}

} // namespace
} // namespace lightcone::picture
