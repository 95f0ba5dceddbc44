#include "views/window/memory.h"

#include <QFileInfo>
#include <QStandardPaths>

namespace lightcone::window {
namespace {

constexpr int mostFiles = 10;
constexpr int mostQuestions = 20;

} // namespace

Memory::Memory(const QString& file)
    : m_settings(file.isEmpty()
                     ? QSettings(QSettings::IniFormat, QSettings::UserScope,
                                 QStringLiteral("lightcone"), QStringLiteral("lightcone"))
                           .fileName()
                     : file,
                 QSettings::IniFormat)
{
}

QByteArray Memory::geometry() const
{
    return m_settings.value(QStringLiteral("window/geometry")).toByteArray();
}

QByteArray Memory::layout() const
{
    return m_settings.value(QStringLiteral("window/layout")).toByteArray();
}

void Memory::setLayout(const QByteArray& geometry, const QByteArray& layout)
{
    m_settings.setValue(QStringLiteral("window/geometry"), geometry);
    m_settings.setValue(QStringLiteral("window/layout"), layout);
}

void Memory::forgetLayout()
{
    m_settings.remove(QStringLiteral("window/layout"));
}

theme::Mode Memory::mode() const
{
    const auto name = m_settings.value(QStringLiteral("look/theme")).toString();
    return name == QStringLiteral("light") ? theme::Mode::Light
        : name == QStringLiteral("dark")   ? theme::Mode::Dark
                                           : theme::Mode::System;
}

void Memory::setMode(theme::Mode mode)
{
    m_settings.setValue(QStringLiteral("look/theme"),
                        mode == theme::Mode::Light      ? QStringLiteral("light")
                            : mode == theme::Mode::Dark ? QStringLiteral("dark")
                                                        : QStringLiteral("system"));
}

bool Memory::reducedMotion() const
{
    return m_settings.value(QStringLiteral("look/reducedMotion"), false).toBool();
}

void Memory::setReducedMotion(bool reduced)
{
    m_settings.setValue(QStringLiteral("look/reducedMotion"), reduced);
}

QString Memory::language() const
{
    return m_settings.value(QStringLiteral("look/language")).toString();
}

void Memory::setLanguage(const QString& language)
{
    m_settings.setValue(QStringLiteral("look/language"), language);
}

QString Memory::placement(const QString& protocol) const
{
    return m_settings.value(QStringLiteral("placement/") + protocol).toString();
}

void Memory::setPlacement(const QString& protocol, const QString& placement)
{
    m_settings.setValue(QStringLiteral("placement/") + protocol, placement);
}

void Memory::push(const QString& key, const QString& entry, int most)
{
    auto list = m_settings.value(key).toStringList();
    list.removeAll(entry);
    list.prepend(entry);
    m_settings.setValue(key, QStringList(list.mid(0, most)));
}

QStringList Memory::recent() const
{
    QStringList there;
    for (const auto& path : m_settings.value(QStringLiteral("files/recent")).toStringList()) {
        if (QFileInfo::exists(path)) {
            there << path;
        }
    }
    return there;
}

void Memory::opened(const QString& path)
{
    push(QStringLiteral("files/recent"), QFileInfo(path).absoluteFilePath(), mostFiles);
}

void Memory::forgetRecent()
{
    m_settings.remove(QStringLiteral("files/recent"));
}

QStringList Memory::charts() const
{
    return m_settings.value(QStringLiteral("charts")).toStringList();
}

void Memory::setCharts(const QStringList& keys)
{
    m_settings.setValue(QStringLiteral("charts"), keys);
}

QStringList Memory::questions() const
{
    return m_settings.value(QStringLiteral("run/until")).toStringList();
}

void Memory::asked(const QString& question)
{
    push(QStringLiteral("run/until"), question, mostQuestions);
}

connecting::Remembered Memory::connection() const
{
    const auto text = [this](const char* key) {
        return m_settings.value(QStringLiteral("connect/") + QLatin1String(key)).toString();
    };
    return {
        text("file"),      text("addresses"),
        text("authority"), text("certificate"),
        text("key"),       m_settings.value(QStringLiteral("connect/fromOldest"), true).toBool()};
}

void Memory::connected(const connecting::Remembered& connection)
{
    const auto put = [this](const char* key, const QVariant& value) {
        m_settings.setValue(QStringLiteral("connect/") + QLatin1String(key), value);
    };
    put("file", connection.file);
    put("addresses", connection.addresses);
    put("authority", connection.authority);
    put("certificate", connection.certificate);
    put("key", connection.key);
    put("fromOldest", connection.fromOldest);
}

connecting::StartPlan Memory::cluster() const
{
    const auto home = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
    return {
        m_settings.value(QStringLiteral("cluster/protocol"), QStringLiteral("raft")).toString(),
        m_settings.value(QStringLiteral("cluster/nodes"), 3).toInt(),
        m_settings
            .value(QStringLiteral("cluster/directory"), home + QStringLiteral("/lightcone/cluster"))
            .toString()};
}

void Memory::started(const connecting::StartPlan& plan)
{
    m_settings.setValue(QStringLiteral("cluster/protocol"), plan.protocol);
    if (plan.nodes != 0) {
        m_settings.setValue(QStringLiteral("cluster/nodes"), plan.nodes);
    }
    m_settings.setValue(QStringLiteral("cluster/directory"), plan.directory);
}

int Memory::pace(int byDefault) const
{
    return m_settings.value(QStringLiteral("run/pace"), byDefault).toInt();
}

void Memory::setPace(int pace)
{
    m_settings.setValue(QStringLiteral("run/pace"), pace);
}

} // namespace lightcone::window
