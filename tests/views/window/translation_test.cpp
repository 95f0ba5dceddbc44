// Nothing that a person reads is left without its Chinese.

#include "engine/session/scenario.h"
#include "views/window/narration.h"

#include <QDirIterator>
#include <QFile>
#include <QLibraryInfo>
#include <QProcess>
#include <QTemporaryDir>
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
