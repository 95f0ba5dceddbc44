#include "app/cli/arguments.h"
#include "app/cli/load.h"
#include "engine/picture/timeline_svg.h"
#include "engine/trace/formats/format.h"

#include <boost/program_options/value_semantic.hpp>

#include <fstream>
#include <iostream>
#include <sstream>

namespace lightcone::cli {

namespace {

std::string formatNames()
{
    std::string names;
    for (const auto& format : trace::formats::formats()) {
        names += std::string(format.name) + ", ";
    }
    return names + "svg";
}

Result<void> writeSvg(std::ostream& out, const session::Recording& recording, bool light)
{
    const auto tokens = (resources() / "theme" / "tokens.json").string();
    std::ifstream in(tokens);
    std::ostringstream text;
    text << in.rdbuf();
    auto palette =
        picture::Palette::read(text.str(), light ? picture::Shade::Light : picture::Shade::Dark);
    if (!palette) {
        return Error{palette.error().message, tokens};
    }
    picture::SvgOptions options;
    options.palette = *palette;
    const auto svg = picture::timelineSvg(recording.trace, options);
    if (!svg) {
        return svg.error();
    }
    out << *svg;
    return {};
}

Result<void> writeTo(std::ostream& out, const session::Recording& recording, const Options& given)
{
    const auto name = given.get<std::string>("to");
    if (name == "svg") {
        return writeSvg(out, recording, given.has("light"));
    }
    const auto* format = trace::formats::findFormat(name);
    if (format == nullptr) {
        return fail("expected a format (" + formatNames() + "), found '" + name + "'");
    }
    trace::formats::Excerpt excerpt;
    excerpt.trace = recording.trace.get();
    excerpt.states = recording.states.get();
    auto where = whereOf(given, recording.trace);
    if (!where) {
        return where.error();
    }
    excerpt.where = std::move(*where);
    const ShownWork shown("exporting");
    excerpt.watch = {[&](double share) {
                         shown.work().report(std::to_string(static_cast<int>(share * 100)) + " %");
                     },
                     shown.work().cancelled};
    return format->write(excerpt, out);
}

} // namespace

int exportTrace(const Words& arguments)
{
    namespace options = boost::program_options;
    Options given("export");
    given.add()("to", options::value<std::string>(), ("the format: " + formatNames()).c_str())(
        "output,o", options::value<std::string>(), "the file to write; without it the terminal")(
        "where", options::value<std::string>(),
        "only events for which this question holds (not for svg)")("light",
                                                                   "svg on a light ground");
    given.word("file");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    if (!given.has("to")) {
        return complain("export", fail("expected --to FORMAT (" + formatNames() + ")"));
    }
    const auto recording = loadOne(given);
    if (!recording) {
        return complain("export", recording.error());
    }
    Result<void> written;
    if (given.has("output")) {
        const auto path = given.get<std::string>("output");
        std::ofstream out(path, std::ios::binary);
        if (!out) {
            return complain("export", Error{"the file cannot be written", path});
        }
        written = writeTo(out, *recording, given);
    } else {
        written = writeTo(std::cout, *recording, given);
    }
    return written ? statusOf(*recording) : complain("export", written.error());
}

} // namespace lightcone::cli
