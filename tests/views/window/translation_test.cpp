// Nothing that a person reads is left without its Chinese.

#include "engine/session/scenario.h"
#include "views/run/wording.h"
#include "views/window/narration.h"

#include <QCoreApplication>
#include <QDirIterator>
#include <QFile>
#include <QLibraryInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTranslator>
#include <QXmlStreamReader>

#include <gtest/gtest.h>

namespace lightcone::window {
namespace {

const QString root = QStringLiteral(LIGHTCONE_SOURCE_DIR);

// Reads the sources as a translator's tool does, into a copy of what is translated so far.
TEST(Translation, EveryVisibleStringHasItsChinese)
{
    const QTemporaryDir folder;
    const auto copy = folder.filePath(QStringLiteral("lightcone_zh_CN.ts"));
    ASSERT_TRUE(QFile::copy(root + "/resources/translations/lightcone_zh_CN.ts", copy));
    QFile::setPermissions(copy, QFile::ReadOwner | QFile::WriteOwner);
    QProcess tool;
    tool.setWorkingDirectory(root);
    auto program = QLibraryInfo::path(QLibraryInfo::BinariesPath) + "/lupdate";
    if (!QFile::exists(program)) {
        program = QLibraryInfo::path(QLibraryInfo::LibraryExecutablesPath) + "/lupdate";
    }
    tool.start(program,
               {"-silent", "-locations", "none", "-I", ".", "views", "app/desktop", "-ts", copy});
    ASSERT_TRUE(tool.waitForFinished(60000)) << program.toStdString();
    ASSERT_EQ(tool.exitCode(), 0) << tool.readAllStandardError().toStdString();
    QFile file(copy);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    QXmlStreamReader xml(&file);
    QString source;
    int seen = 0;
    while (!xml.atEnd()) {
        xml.readNext();
        if (!xml.isStartElement()) {
            continue;
        }
        if (xml.name() == QStringLiteral("source")) {
            source = xml.readElementText();
        } else if (xml.name() == QStringLiteral("translation")) {
            const auto type = xml.attributes().value("type").toString();
            const auto text = xml.readElementText(QXmlStreamReader::IncludeChildElements);
            const bool gone = type == "vanished" || type == "obsolete";
            EXPECT_TRUE(gone || (type.isEmpty() && !text.trimmed().isEmpty()))
                << "not translated: " << source.toStdString();
            ++seen;
        }
    }
    EXPECT_GT(seen, 300);
}

// A name that the translators' tool could not resolve is another than the one that is asked for.
TEST(Translation, EveryContextIsAClassOrSaidByHand)
{
    QFile file(root + "/resources/translations/lightcone_zh_CN.ts");
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QStringList byHand{"Doing", "Family", "QMessageBox", "QPlatformTheme"};
    QXmlStreamReader xml(&file);
    int seen = 0;
    while (!xml.atEnd()) {
        xml.readNext();
        if (xml.isStartElement() && xml.name() == QStringLiteral("name")) {
            const auto name = xml.readElementText();
            EXPECT_TRUE(name.startsWith("lightcone::") || byHand.contains(name))
                << name.toStdString();
            ++seen;
        }
    }
    EXPECT_GT(seen, 20);
}

TEST(Translation, PicturesAndTheEngineSpeakChinese)
{
    QTranslator chinese;
    ASSERT_TRUE(chinese.load(QStringLiteral(":/translations/lightcone_zh_CN.qm")));
    QCoreApplication::installTranslator(&chinese);
    picture::Words words;
    run::Wording::translate(words);
    const picture::Words english;
    EXPECT_NE(words.crashed, english.crashed);
    EXPECT_NE(words.notStarted, english.notStarted);
    EXPECT_NE(words.clients, english.clients);
    EXPECT_NE(words.waitsFor, english.waitsFor);
    for (const auto* doing :
         {"Ready", "The scenario is over", "Recorded run", "Running at ×1/20 speed",
          "Live: 2 of 3 nodes connected", "Repeating the run: 40 %",
          "Recorded run, damaged: The file ends too early."}) {
        EXPECT_NE(run::Wording::doing(doing), QString::fromUtf8(doing)) << doing;
    }
    EXPECT_TRUE(run::Wording::doing("Live: 2 of 3 nodes connected").contains("3 个节点中的 2 个"));
    EXPECT_TRUE(run::Wording::doing("Running at ×1/20 speed").contains("×1/20"));
    QCoreApplication::removeTranslator(&chinese);
    EXPECT_EQ(run::Wording::doing("Ready"), "Ready");
    EXPECT_EQ(run::Wording::doing("Stopped: n1.term == 3"), "Stopped: n1.term == 3");
    EXPECT_EQ(run::Wording::doing("Something new"), "Something new");
}

void checkText(const Translation& translation, const std::string& file, const std::string& text)
{
    if (!text.empty()) {
        EXPECT_TRUE(translation.has(QString::fromStdString(text)))
            << file << ": not translated: " << text;
    }
}

TEST(Translation, EveryScenarioSpeaksChinese)
{
    QDirIterator files(root + "/resources/scenarios", {"*.scenario"}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const auto path = files.next();
        QFile file(path);
        ASSERT_TRUE(file.open(QIODevice::ReadOnly));
        const auto scenario = session::parseScenario(file.readAll().toStdString());
        ASSERT_TRUE(scenario) << path.toStdString() << ": " << scenario.error().text();
        const Translation translation(path, "zh_CN");
        const auto name = path.toStdString();
        checkText(translation, name, scenario->title);
        checkText(translation, name, scenario->summary);
        for (const auto& line : scenario->lines) {
            if (const auto* say = std::get_if<session::Say>(&line.doing)) {
                checkText(translation, name, say->text);
            } else if (const auto* ask = std::get_if<session::Ask>(&line.doing)) {
                checkText(translation, name, ask->text);
            }
        }
    }
}

} // namespace
} // namespace lightcone::window
