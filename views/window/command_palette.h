#pragma once

#include "views/theme/theme.h"

#include <QAbstractListModel>
#include <QDialog>
#include <QLineEdit>
#include <QListView>
#include <QString>

#include <functional>
#include <optional>
#include <vector>

namespace lightcone::window {

/// One thing that can be done.
struct Command
{
    QString text;
    QString group; ///< "Faults", "Library": shown muted before the text
    QString keys; ///< its shortcut, or empty
    std::function<void()> run;
};

/// How well a few typed letters fit a text, read in order with gaps; nothing when they do not.
/// Beginnings of words and runs of letters count more.
std::optional<int> fuzzyScore(const QString& typed, const QString& text);

class CommandModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { GroupRole = Qt::UserRole, KeysRole };

    explicit CommandModel(std::vector<Command> commands, QObject* parent = nullptr);

    void narrow(const QString& typed);
    [[nodiscard]] const Command& at(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<Command> m_commands;
    std::vector<std::size_t> m_shown;
};

/// Type a few letters, press Enter: everything that the window can do.
class CommandPalette final : public QDialog
{
    Q_OBJECT

public:
    CommandPalette(const theme::Theme& theme, std::vector<Command> commands, QWidget* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void run();

    CommandModel m_model;
    QLineEdit* m_field;
    QListView* m_list;
};

} // namespace lightcone::window
