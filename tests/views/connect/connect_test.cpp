#include "views/connect/connect_dialog.h"
#include "views/connect/node_model.h"
#include "views/connect/processes.h"
#include "views/connect/start_dialog.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <gtest/gtest.h>

namespace lightcone::connecting {
namespace {

void write(const QString& path, const QByteArray& text)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(text);
}

QLineEdit& field(const QDialog& dialog, const char* name)
{
    return *dialog.findChild<QLineEdit*>(QString::fromLatin1(name));
}

QPushButton* goOf(const QDialog& dialog)
{
    for (auto* button : dialog.findChildren<QPushButton*>()) {
        if (button->isDefault()) {
            return button;
        }
    }
    return nullptr;
}

TEST(ConnectDialog, SaysWhatIsMissingBeforeItIsTried)
{
    const theme::Theme theme;
    const ConnectDialog dialog(theme, {});
    EXPECT_TRUE(dialog.wrong().contains("cluster's file"));
    EXPECT_FALSE(goOf(dialog)->isEnabled());
    field(dialog, "addresses").setText("nonsense");
    EXPECT_FALSE(dialog.wrong().isEmpty());
    field(dialog, "addresses").setText("127.0.0.1:7201, 127.0.0.1:7202");
    EXPECT_EQ(dialog.wrong(), QString());
    EXPECT_TRUE(goOf(dialog)->isEnabled());
    field(dialog, "authority").setText("/nowhere/a.pem");
    EXPECT_TRUE(dialog.wrong().contains("together"));
    field(dialog, "certificate").setText("/nowhere/c.pem");
    field(dialog, "key").setText("/nowhere/k.pem");
    EXPECT_TRUE(dialog.wrong().contains("/nowhere/a.pem"));
}

TEST(ConnectDialog, GivesWhatWasAskedForAndRemembersNoSecret)
{
    const theme::Theme theme;
    auto* dialog = new ConnectDialog(theme, {{}, "127.0.0.1:7201 127.0.0.1:7202"});
    session::ConnectPlan plan;
    Remembered remembered;
    QObject::connect(dialog, &ConnectDialog::wanted, dialog, [&](const session::ConnectPlan& got) {
        plan = got;
        remembered = dialog->remembered();
    });
    field(*dialog, "token").setText("secret");
    goOf(*dialog)->click();
    ASSERT_EQ(plan.addresses.size(), 2u);
    EXPECT_EQ(plan.addresses[1], "127.0.0.1:7202");
    EXPECT_EQ(plan.token, "secret");
    for (const auto& text : {remembered.file, remembered.addresses, remembered.authority,
                             remembered.certificate, remembered.key}) {
        EXPECT_FALSE(text.contains("secret"));
    }
}

TEST(ConnectDialog, AClustersFileSaysItAll)
{
    const QTemporaryDir folder;
    const auto path = folder.filePath("operator/cluster.toml");
    write(folder.filePath("operator/token"), "abc\n");
    write(path,
          "cluster = \"mine\"\nprotocol = \"raft\"\ntoken_file = \"token\"\n"
          "[[member]]\nname = \"n1\"\npeer = \"127.0.0.1:7101\"\n"
          "control = \"127.0.0.1:7201\"\n");
    const auto plan = session::readConnectPlan(path.toStdString());
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_EQ(plan->cluster, "mine");
    EXPECT_EQ(plan->token, "abc");
    ASSERT_EQ(plan->addresses.size(), 1u);
    const theme::Theme theme;
    const ConnectDialog dialog(theme, {path});
    EXPECT_EQ(dialog.wrong(), QString());
    EXPECT_FALSE(field(dialog, "addresses").isEnabled());
}

TEST(StartDialog, TakesAnEmptyDirectoryOrAClustersOwn)
{
    const theme::Theme theme;
    const QTemporaryDir folder;
    const std::vector<Offer> offers{{"raft", "Raft", true}, {"saga", "Saga", false}};
    const StartDialog dialog(theme, offers, {"raft", 5, folder.filePath("new")});
    EXPECT_EQ(dialog.plan().nodes, 5);
    EXPECT_EQ(dialog.plan().protocol, "raft");
    EXPECT_TRUE(goOf(dialog)->isEnabled());
    write(folder.filePath("full/letter.txt"), "x");
    field(dialog, "directory").setText(folder.filePath("full"));
    EXPECT_FALSE(goOf(dialog)->isEnabled());
    write(folder.filePath("full/operator/cluster.toml"), "x");
    field(dialog, "directory").setText(folder.filePath("full") + "/");
    EXPECT_TRUE(goOf(dialog)->isEnabled());
    const StartDialog other(theme, offers, {"saga", 3, folder.filePath("new")});
    EXPECT_EQ(other.plan().nodes, 0) << "it has no such parameter";
}

session::LiveNode nodeNamed(const char* name, session::LiveNode::State state, std::string why = {})
{
    session::LiveNode node;
    node.name = name;
    node.state = state;
    node.why = std::move(why);
    node.address = "127.0.0.1:7201";
    return node;
}

TEST(NodeModel, SaysWhoIsConnectedAndWhyNot)
{
    using State = session::LiveNode::State;
    const theme::Theme theme;
    NodeModel model(theme);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.show(
        {nodeNamed("n1", State::Connected), nodeNamed("n2", State::Refused, "wrong certificate")});
    EXPECT_EQ(model.connected(), 1);
    EXPECT_EQ(model.index(0, NodeModel::State).data().toString(), "connected");
    EXPECT_EQ(model.index(1, NodeModel::State).data().toString(), "refused");
    EXPECT_TRUE(model.index(1, 0).data(Qt::ToolTipRole).toString().contains("wrong certificate"));
    QSignalSpy changed(&model, &NodeModel::dataChanged);
    model.show({nodeNamed("n1", State::Ended), nodeNamed("n2", State::Connected)});
    EXPECT_EQ(changed.size(), 1);
    EXPECT_EQ(model.index(0, NodeModel::State).data().toString(), "not running");
    model.show({});
    EXPECT_EQ(model.rowCount(), 0);
}

TEST(Processes, AreStartedKilledAndStartedAgain)
{
    const QTemporaryDir folder;
    for (const auto* name : {"n1", "n2"}) {
        write(folder.filePath(QString::fromLatin1(name) + "/node.toml"), "");
    }
    write(folder.filePath("operator/cluster.toml"), "");
    // A program that stays until it is ended, in place of a node.
    const auto program = folder.filePath("stay");
    write(program, "#!/bin/sh\necho ready\nexec sleep 60\n");
    QFile::setPermissions(program, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    Processes processes(program, folder.path());
    QSignalSpy ended(&processes, &Processes::ended);
    processes.startAll();
    EXPECT_EQ(processes.nodes(), QStringList({"n1", "n2"})) << "an operator is no node";
    EXPECT_TRUE(
        QTest::qWaitFor([&] { return processes.lastWords("n1").contains("ready"); }, 30'000));
    EXPECT_TRUE(QTest::qWaitFor([&] { return processes.runs("n2"); }, 30'000));
    processes.kill("n1");
    EXPECT_TRUE(QTest::qWaitFor([&] { return !processes.runs("n1"); }, 30'000));
    EXPECT_EQ(ended.size(), 0) << "who killed it knows";
    EXPECT_TRUE(processes.runs("n2"));
    processes.start("n1");
    EXPECT_TRUE(QTest::qWaitFor([&] { return processes.runs("n1"); }, 30'000));
}

} // namespace
} // namespace lightcone::connecting
