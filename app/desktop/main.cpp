// lightcone: the window.

#include "engine/node/catalog.h"
#include "engine/session/connect.h"
#include "engine/session/library.h"
#include "engine/session/open.h"
#include "engine/session/resources.h"
#include "views/window/desktop.h"
#include "views/window/narration.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace {

using namespace lightcone;

QString resources()
{
    const auto program = QCoreApplication::applicationFilePath().toStdString();
    return QString::fromStdString(
        session::resourceFolder(program, LIGHTCONE_RESOURCE_DIR).string());
}

std::vector<library::Shelf> shelves(const QString& language)
{
    const auto folder = resources() + QStringLiteral("/scenarios");
    const auto entries = session::library(folder.toStdString());
    std::vector<library::Shelf> shelves;
    for (const auto* protocol : node::catalog()) {
        const auto& card = protocol->card();
        library::Shelf shelf{QString::fromStdString(card.family),
                             QString::fromStdString(card.title),
                             QString::fromStdString(card.summary),
                             {}};
        for (const auto& entry : entries) {
            if (entry.protocol == card.id) {
                const auto path = QString::fromStdString(entry.file.string());
                const window::Translation translation(path, language);
                shelf.items.push_back({translation.of(QString::fromStdString(entry.title)),
                                       translation.of(QString::fromStdString(entry.summary)),
                                       path});
            }
        }
        shelves.push_back(std::move(shelf));
    }
    return shelves;
}

// A scenario leaves its cluster running: for a picture it ends with its last line.
Result<std::unique_ptr<session::Session>> openToEnd(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in || !path.ends_with(".scenario")) {
        return session::openFile(path);
    }
    return session::openScenario(text + "\nstop\n", path);
}

window::Ground ground()
{
    window::Ground ground;
    ground.open = [](const std::string& path, const session::Progress&) {
        return session::openFile(path);
    };
    ground.openToEnd = openToEnd;
    ground.connect = [](const session::ConnectPlan& plan, const session::Progress& progress) {
        return session::connect(plan, progress);
    };
    for (const auto* protocol : node::catalog()) {
        const auto& card = protocol->card();
        const bool counts = std::ranges::any_of(
            card.parameters, [](const auto& each) { return each.name == "nodes"; });
        ground.offers.push_back(
            {QString::fromStdString(card.id), QString::fromStdString(card.title), counts});
    }
    ground.shelves = shelves;
    ground.version = QStringLiteral(LIGHTCONE_VERSION);
    const auto first = resources() + QStringLiteral("/scenarios/raft/the_leader_crashes.scenario");
    ground.first = QFileInfo::exists(first) ? first : QString();
    return ground;
}

// A picture needs no display, and a machine without one has no other platform.
void choosePlatform(int argc, char** argv)
{
    bool needsNone = false;
    for (int i = 1; i < argc; ++i) {
        const QByteArray word(argv[i]);
        needsNone = needsNone || word.startsWith("--picture") || word == "--help" || word == "-h"
            || word == "--version" || word == "-v";
    }
    const bool display =
        qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
    if (needsNone && !display && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
}

int wrongUse(const QString& sentence)
{
    std::fprintf(stderr, "lightcone: %s\n", sentence.toUtf8().constData());
    return 2;
}

struct Options
{
    const QCommandLineOption picture{
        QStringLiteral("picture"),
        QStringLiteral("Run FILE to its end, write the window as it then looks to OUT (.png, .pdf "
                       "or .svg), and quit. Needs no display."),
        QStringLiteral("OUT")};
    const QCommandLineOption look{QStringLiteral("theme"), QStringLiteral("light or dark."),
                                  QStringLiteral("NAME")};
    const QCommandLineOption size{QStringLiteral("size"),
                                  QStringLiteral("Of the picture, such as 1680x1050."),
                                  QStringLiteral("WxH")};
    const QCommandLineOption at{QStringLiteral("at"), QStringLiteral("The event to look at."),
                                QStringLiteral("EVENT")};
    const QCommandLineOption language{QStringLiteral("language"), QStringLiteral("en or zh_CN."),
                                      QStringLiteral("NAME")};
};

/// Empty when all is well; else what is wrong, in one sentence.
QString understand(const QCommandLineParser& parser, const Options& options, window::Wish& wish)
{
    const auto files = parser.positionalArguments();
    if (files.size() > 1) {
        return QStringLiteral("one file at a time, but %1 were given.").arg(files.size());
    }
    wish.file = files.value(0);
    wish.picture = parser.value(options.picture);
    wish.language = parser.value(options.language);
    if (!wish.language.isEmpty() && wish.language != QStringLiteral("en")
        && wish.language != QStringLiteral("zh_CN")) {
        return QStringLiteral("--language is en or zh_CN, not %1.").arg(wish.language);
    }
    if (parser.isSet(options.look)) {
        const auto name = parser.value(options.look);
        if (name != QStringLiteral("light") && name != QStringLiteral("dark")) {
            return QStringLiteral("--theme is light or dark, not %1.").arg(name);
        }
        wish.mode = name == QStringLiteral("light") ? theme::Mode::Light : theme::Mode::Dark;
    }
    if (parser.isSet(options.size)) {
        const auto parts = parser.value(options.size).split(QLatin1Char('x'));
        wish.size = QSize(parts.value(0).toInt(), parts.value(1).toInt());
        if (parts.size() != 2 || wish.size.width() < 320 || wish.size.height() < 240
            || wish.size.width() > 16384 || wish.size.height() > 16384) {
            return QStringLiteral("--size is a width and a height from 320x240 to 16384x16384, "
                                  "such as 1680x1050.");
        }
    }
    if (parser.isSet(options.at)) {
        bool number = false;
        wish.at = parser.value(options.at).toULongLong(&number);
        if (!number) {
            return QStringLiteral("--at takes an event's number.");
        }
    }
    return {};
}

} // namespace

int main(int argc, char** argv)
{
    choosePlatform(argc, argv);
    const QApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("lightcone"));
    QCoreApplication::setApplicationVersion(QStringLiteral(LIGHTCONE_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("lightcone"));

    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("An explorer for distributed protocols: watch a run, crash nodes, cut "
                       "links, step back, branch, compare."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("FILE"),
                                 QStringLiteral("A .scenario or .lightcone file to open."),
                                 QStringLiteral("[FILE]"));
    const Options options;
    parser.addOptions({options.picture, options.look, options.size, options.at, options.language});
    if (!parser.parse(QCoreApplication::arguments())) {
        return wrongUse(parser.errorText());
    }
    parser.process(application);
    window::Wish wish;
    if (const auto wrong = understand(parser, options, wish); !wrong.isEmpty()) {
        return wrongUse(wrong);
    }
    if (!wish.picture.isEmpty()) {
        // A picture looks the same whoever makes it.
        wish.settings = QStringLiteral("/nonexistent/lightcone.ini");
        wish.mode = wish.mode.value_or(theme::Mode::Dark);
        wish.language = wish.language.isEmpty() ? QStringLiteral("en") : wish.language;
    }
    window::Desktop desktop(ground(), wish);
    return desktop.run();
}
