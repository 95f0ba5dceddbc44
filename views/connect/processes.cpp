#include "views/connect/processes.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#ifdef Q_OS_LINUX
#include <csignal>
#include <sys/prctl.h>
#endif

namespace lightcone::connecting {

namespace {

constexpr int makingTime = 20'000; // milliseconds
constexpr int partingTime = 2'000;
constexpr qsizetype mostWords = 16 * 1024;

/// The child ends with this program even where that is killed. Elsewhere than on Linux it is left
/// to this program's own end.
void dieWithUs(QProcess& process)
{
#ifdef Q_OS_LINUX
    process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
#else
    (void)process;
#endif
}

} // namespace

QString nodeProgram()
{
    const auto beside = QCoreApplication::applicationDirPath();
    const auto name = QStringLiteral("lightcone-node");
    const auto found = QStandardPaths::findExecutable(name, {beside});
    return found.isEmpty() ? QStandardPaths::findExecutable(name) : found;
}

QString makeCluster(const QString& program, const QString& protocol, int nodes,
                    const QString& directory)
{
    const auto port = session::freePorts(nodes == 0 ? 50 : nodes);
    if (!port) {
        return QString::fromStdString(port.error().message);
    }
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    QStringList arguments{QStringLiteral("init"),
                          QStringLiteral("--protocol"),
                          protocol,
                          QStringLiteral("--dir"),
                          directory,
                          QStringLiteral("--base-port"),
                          QString::number(*port),
                          QStringLiteral("--allow-faults")};
    if (nodes != 0) {
        arguments << QStringLiteral("--nodes") << QString::number(nodes);
    }
    process.start(program, arguments);
    if (!process.waitForFinished(makingTime)) {
        return process.errorString();
    }
    return process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0
        ? QString()
        : QString::fromUtf8(process.readAll()).trimmed();
}

Processes::Processes(QString program, QString directory)
    : m_program(std::move(program))
    , m_directory(std::move(directory))
{
}

Processes::~Processes()
{
    for (auto& [node, child] : m_children) {
        child.process->disconnect(this);
        child.process->terminate();
    }
    for (auto& [node, child] : m_children) {
        if (child.process->state() != QProcess::NotRunning
            && !child.process->waitForFinished(partingTime)) {
            child.process->kill();
            child.process->waitForFinished(partingTime);
        }
    }
}

void Processes::startAll()
{
    for (const auto& name : QDir(m_directory).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        if (QFileInfo::exists(m_directory + QLatin1Char('/') + name
                              + QStringLiteral("/node.toml"))) {
            startNode(name);
        }
    }
}

QStringList Processes::nodes() const
{
    QStringList names;
    for (const auto& [node, child] : m_children) {
        names << node;
    }
    return names;
}

bool Processes::runs(const QString& node) const
{
    const auto found = m_children.find(node);
    return found != m_children.end() && found->second.process->state() != QProcess::NotRunning;
}

QString Processes::lastWords(const QString& node) const
{
    const auto found = m_children.find(node);
    return found == m_children.end() ? QString() : QString::fromUtf8(found->second.words);
}

void Processes::startNode(const QString& node)
{
    auto& child = m_children[node];
    if (!child.process) {
        child.process = std::make_unique<QProcess>();
        auto* process = child.process.get();
        process->setProcessChannelMode(QProcess::MergedChannels);
        dieWithUs(*process);
        connect(process, &QProcess::readyRead, this, [this, process, node] {
            auto& words = m_children[node].words;
            words = (words + process->readAll()).right(mostWords);
        });
        connect(process, &QProcess::finished, this, [this, node](int, QProcess::ExitStatus status) {
            if (!m_children[node].wasKilled) {
                emit ended(node,
                           status == QProcess::CrashExit ? tr("it was killed") : lastWords(node));
            }
        });
    }
    if (child.process->state() == QProcess::NotRunning) {
        child.words.clear();
        child.wasKilled = false;
        child.process->start(
            m_program,
            {QStringLiteral("--config"),
             m_directory + QLatin1Char('/') + node + QStringLiteral("/node.toml")});
    }
}

void Processes::kill(const std::string& node)
{
    QMetaObject::invokeMethod(
        this,
        [this, node = QString::fromStdString(node)] {
            const auto found = m_children.find(node);
            if (found != m_children.end()) {
                found->second.wasKilled = true;
                found->second.process->kill();
            }
        },
        Qt::QueuedConnection);
}

void Processes::start(const std::string& node)
{
    QMetaObject::invokeMethod(
        this, [this, node = QString::fromStdString(node)] { startNode(node); },
        Qt::QueuedConnection);
}

} // namespace lightcone::connecting
