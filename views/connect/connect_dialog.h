#pragma once

#include "engine/session/connect.h"
#include "views/theme/theme.h"

#include <QCheckBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace lightcone::connecting {

/// What is remembered of a connection from one start to the next. No secret is.
struct Remembered
{
    QString file{}; ///< a cluster.toml
    QString addresses{};
    QString authority{};
    QString certificate{};
    QString key{};
    bool fromOldest = true;
};

/// Asks where nodes are and with what one is let in: a cluster's file that says all of it, or
/// addresses with certificates or a token.
class ConnectDialog final : public QDialog
{
    Q_OBJECT

public:
    ConnectDialog(const theme::Theme& theme, const Remembered& last, QWidget* parent = nullptr);

    [[nodiscard]] Remembered remembered() const;

    /// What is wrong with what stands there; empty when it can be tried.
    [[nodiscard]] QString wrong() const;

signals:
    void wanted(const session::ConnectPlan& plan);

private:
    void check();
    void tryIt();
    [[nodiscard]] session::ConnectPlan plan() const;
    QLineEdit* fileField(const QString& title, const QString& filter, const QString& name);
    QLineEdit* field(const QString& title, const QString& hint, const QString& name);

    QLineEdit* m_file = nullptr;
    QLineEdit* m_addresses = nullptr;
    QLineEdit* m_authority = nullptr;
    QLineEdit* m_certificate = nullptr;
    QLineEdit* m_key = nullptr;
    QLineEdit* m_token = nullptr;
    QCheckBox* m_oldest = nullptr;
    QLabel* m_error = nullptr;
    QPushButton* m_go = nullptr;
};

} // namespace lightcone::connecting
