#include "engine/session/open.h"
#include "views/export/event_formats.h"
#include "views/export/export_dialog.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::exporting {
namespace {

using testing::HasSubstr;

/// A real run, and the dialog over it.
class ExportTest : public testing::Test
{
protected:
    void SetUp() override
    {
        ASSERT_TRUE(folder.isValid());
        auto opened = session::openScenario("cluster raft nodes=3 seed=7\n"
                                            "until count(role == leader) == 1\n"
                                            "request put x 1\n"
                                            "until replied\n"
                                            "stop\n",
                                            "short.scenario");
        ASSERT_TRUE(opened) << opened.error().text();
        run.open(std::move(*opened));
        run.session().play({session::Pace::Kind::Unbounded, 1});
        ASSERT_TRUE(soon([this] { return !run.snapshot().running && run.events() > 20; }));
        cursor.setBranch(run.snapshot().current);
        cursor.setEvent(EventId(10), (*run.trace())[EventId(10)].at);
        View view{QStringLiteral("Timeline"), [] {
                      picture::Drawing drawing;
                      drawing.width = 40;
                      drawing.height = 30;
                      drawing.add(picture::RectItem{{0, 0, 40, 30}, 0, {picture::Ink::Bad}});
                      return drawing;
                  }};
        dialog = std::make_unique<ExportDialog>(theme, cursor, run, std::vector{std::move(view)},
                                                eventFormats(), std::nullopt, nullptr);
        dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        dialog->show();
    }

    static bool soon(const std::function<bool()>& holds)
    {
        const QDeadlineTimer deadline(10'000);
        while (!holds() && !deadline.hasExpired()) {
            QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
        }
        return holds();
    }

    /// The combo box that offers it, set to it.
    void choose(const QString& text) const
    {
        for (auto* box : dialog->findChildren<QComboBox*>()) {
            const auto place = box->findText(text, Qt::MatchStartsWith);
            if (place >= 0) {
                box->setCurrentIndex(place);
                return;
            }
        }
        FAIL() << "nobody offers " << text.toStdString();
    }

    void filter(const QString& text) const
    {
        for (auto* line : dialog->findChildren<QLineEdit*>()) {
            if (line->placeholderText().contains(QStringLiteral("kind"))) {
                line->setText(text);
            }
        }
    }

    /// Presses Export and gives what then stands in the file.
    QByteArray written(const QString& name)
    {
        const auto path = folder.filePath(name);
        const auto edits = dialog->findChildren<QLineEdit*>();
        edits.back()->setText(path);
        EXPECT_TRUE(soon([this] { return writeButton()->isEnabled(); }));
        writeButton()->click();
        EXPECT_TRUE(soon([this] { return writeButton()->isEnabled(); }));
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    [[nodiscard]] QPushButton* writeButton() const
    {
        for (auto* button : dialog->findChildren<QPushButton*>()) {
            if (button->isDefault()) {
                return button;
            }
        }
        return nullptr;
    }

    [[nodiscard]] std::string complaint() const
    {
        for (const auto* label : dialog->findChildren<QLabel*>()) {
            if (label->property("kind") == QStringLiteral("bad")) {
                return label->text().toStdString();
            }
        }
        return {};
    }

    QTemporaryDir folder;
    theme::Theme theme;
    theme::Cursor cursor;
    run::RunView run;
    std::unique_ptr<ExportDialog> dialog;
};

TEST_F(ExportTest, WritesEveryEventOfTheRun)
{
    choose(QStringLiteral("Events: csv"));
    const auto lines = written(QStringLiteral("run.csv")).count('\n');
    EXPECT_EQ(static_cast<std::uint64_t>(lines), run.events() + 1);
}

TEST_F(ExportTest, WritesOnlyWhatTheFilterAsksFor)
{
    choose(QStringLiteral("Events: csv"));
    filter(QStringLiteral("kind == send"));
    std::uint64_t sends = 0;
    for (std::uint64_t number = 1; number <= run.events(); ++number) {
        sends += (*run.trace())[EventId(number)].kind == trace::Kind::Send ? 1 : 0;
    }
    ASSERT_GT(sends, 0);
    EXPECT_EQ(static_cast<std::uint64_t>(written(QStringLiteral("some.csv")).count('\n')),
              sends + 1);
}

TEST_F(ExportTest, ChromesTraceHasTheCurvesOfTheStates)
{
    choose(QStringLiteral("Events: chrome"));
    EXPECT_THAT(written(QStringLiteral("run.json")).toStdString(), HasSubstr("\"ph\":\"C\""));
}

TEST_F(ExportTest, SaysWhereAFilterIsWrong)
{
    choose(QStringLiteral("Events: json"));
    filter(QStringLiteral("(kind == send"));
    EXPECT_EQ(written(QStringLiteral("none.json")), QByteArray());
    EXPECT_THAT(complaint(), HasSubstr("column 14"));
}

TEST_F(ExportTest, SaysWhichFileCannotBeWritten)
{
    choose(QStringLiteral("Events: json"));
    written(QStringLiteral("no/such/folder.json"));
    EXPECT_TRUE(soon([this] { return !complaint().empty(); }));
    EXPECT_THAT(complaint(), HasSubstr("no/such/folder.json"));
}

TEST_F(ExportTest, WritesAPictureOfAView)
{
    choose(QStringLiteral("Timeline as SVG"));
    EXPECT_THAT(written(QStringLiteral("view.svg")).toStdString(), HasSubstr("<svg"));
    choose(QStringLiteral("Timeline as PNG"));
    const auto image = QImage::fromData(written(QStringLiteral("view.png")));
    ASSERT_FALSE(image.isNull());
    EXPECT_EQ(image.width() * 30, image.height() * 40);
    EXPECT_EQ(image.pixelColor(image.width() / 2, image.height() / 2),
              theme.colour(picture::Ink::Bad));
}

} // namespace
} // namespace lightcone::exporting
