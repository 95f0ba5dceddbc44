#pragma once

#include "engine/session/connect.h"

#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>

#include <map>
#include <memory>

namespace lightcone::connecting {

/// The processes of a cluster on this machine. They end with this object, and with the program,
/// however that ends. Lives on the window's thread; what a session asks of it comes from another.
class Processes final : public QObject, public session::Keeper
{
    Q_OBJECT

public:
    /// program: lightcone-node. directory: as its `init` made it.
    Processes(QString program, QString directory);
    ~Processes() override;

    /// Starts all nodes whose configuration is there.
    void startAll();

    [[nodiscard]] QStringList nodes() const;
    [[nodiscard]] bool runs(const QString& node) const;

    /// What a node said last, for who wonders why it ended.
    [[nodiscard]] QString lastWords(const QString& node) const;

    void kill(const std::string& node) override;
    void start(const std::string& node) override;

signals:
    void ended(const QString& node, const QString& why);

private:
    struct Child
    {
        std::unique_ptr<QProcess> process;
        QByteArray words;
        bool wasKilled = false; ///< by a person's wish: nobody needs to be told
    };

    void startNode(const QString& node);

    QString m_program;
    QString m_directory;
    std::map<QString, Child> m_children;
};

/// Has `lightcone-node init` make a cluster's files. Gives why not, or nothing.
QString makeCluster(const QString& program, const QString& protocol, int nodes,
                    const QString& directory);

/// Where lightcone-node is: beside this program or on the path; empty when it is not.
QString nodeProgram();

} // namespace lightcone::connecting
