#pragma once

#include "engine/describe/text.h"
#include "engine/describe/value.h"

#include <QAbstractItemModel>

#include <memory>
#include <optional>
#include <vector>

namespace lightcone::inspector {

/// A value as a tree: a row a field, an element, an entry, with the text it has now and the one it
/// had before. Rows of a container come into being when somebody looks into it; a new value changes
/// the rows that are there instead of making new ones, so what is open stays open.
class FieldModel final : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { Name, Now, Before, ColumnCount };
    enum Role {
        ChangedRole = Qt::UserRole, ///< bool
        PathRole, ///< as Value::findPath takes it, with every step
        HiddenRole, ///< of the row that stands for entries left out: how many
        LogRole, ///< bool: a list that is worth being open
    };

    /// Of a container with more elements this many are shown, the newest; a row says how many more
    /// there are and brings them.
    static constexpr int window = 40;

    explicit FieldModel(QObject* parent = nullptr);

    /// `before` equal to `now` means that nothing changed; one that does not exist is not compared.
    void show(describe::Value now, describe::Value before, describe::NodeNames names);

    /// Shows that many more of the elements that a HiddenRole row stands for.
    void reveal(const QModelIndex& index);

    [[nodiscard]] QModelIndex index(int row, int column,
                                    const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& child) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] bool hasChildren(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    struct Row
    {
        Row* parent = nullptr;
        int place = 0;
        QString name;
        QString step; ///< of the path; empty where a child adds none
        const describe::Value* now = nullptr; ///< into m_now; nullptr where it went away
        const describe::Value* before = nullptr; ///< into m_before
        bool changed = false;
        describe::Facet facet = describe::Facet::None;
        std::uint64_t firstNumber = 0; ///< of a log: the number of its first entry
        int shown = window;
        std::uint64_t hidden = 0; ///< of the row that stands for what is left out
        bool made = false; ///< whether its children exist
        std::vector<std::unique_ptr<Row>> children;
    };

    /// What a child of a row is to be.
    struct Part;

    [[nodiscard]] Row* rowOf(const QModelIndex& index) const;
    [[nodiscard]] QModelIndex indexOf(const Row& row, int column = 0) const;
    [[nodiscard]] static bool opens(const Row& row);
    [[nodiscard]] std::vector<Part> partsOf(const Row& row) const;
    void make(Row& row) const;
    void update(Row& row);
    [[nodiscard]] QString text(const describe::Value* value, const Row& row) const;

    describe::Value m_now;
    describe::Value m_before;
    describe::NodeNames m_names = describe::plainNames();
    std::unique_ptr<Row> m_root;
};

} // namespace lightcone::inspector
